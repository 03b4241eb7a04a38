"""The filing of a period: who confirms, accepts, closes and opens it again, and what a later count has otherwise."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.envelope import Envelope
from events.periods import (
    Acceptance,
    Closure,
    Confirmation,
    FiledLine,
    PeriodAccepted,
    PeriodClosed,
    PeriodConfirmed,
    PeriodReopenAsked,
    PeriodReopened,
    PeriodWishWithdrawn,
    Reopening,
    ReopeningWish,
    WishWithdrawal,
    filing_id,
    person_id,
)
from reporting.filings.figures import FILED, CaseCount, LaterEvent, differences, explain, total_of
from reporting.filings.register import Filing, fold, fold_all

BAT_MOT, KEY = "15607", "2026-11"
SUBJECT = filing_id(BAT_MOT, KEY)
AFTER = dt.datetime(2026, 11, 16, 3, tzinfo=dt.UTC)
OF: dict[str, Any] = {"unit_code": BAT_MOT, "period": KEY}
CHAIR, REVIEWER, LEADER = (
    ("commune_chair", BAT_MOT),
    ("province_reviewer", "38"),
    ("province_leader", "38"),
)


def line(**counts: int) -> FiledLine:
    return FiledLine(field_code="ho_tich", channel="counter", **counts)


def figures(*lines: FiledLine) -> dict[str, Any]:
    window = {"first_on": dt.date(2026, 10, 15), "last_on": dt.date(2026, 11, 14)}
    return {**window, "nothing_occurred": not lines, "epoch": 1, "positions": (), "lines": lines}


def said(
    kind: Any, payload: Any, number: int, who: tuple[str, str], person: str = "", **said: Any
) -> Envelope:
    at = said.pop("at", AFTER + dt.timedelta(minutes=number))
    source = said.pop("source", f"/vn/38/{BAT_MOT}")
    event: Envelope = kind(
        id=uuid5(SUBJECT, str(number)),
        source=source,
        subject=str(SUBJECT),
        time=at,
        recorded_at=at,
        partition_key=str(SUBJECT),
        actor_role=who[0],
        actor_unit=who[1],
        data=payload(**{**OF, "person": person_id(who[1], person or who[0]), **said}),
    )
    return event


def confirmed(number: int = 1, who: tuple[str, str] = CHAIR, *lines: FiledLine, **more: Any) -> Envelope:
    return said(
        PeriodConfirmed, Confirmation, number, who, **figures(*(lines or (line(received=2),))), **more
    )


def accepted(of: Envelope, number: int = 2, who: tuple[str, str] = REVIEWER) -> Envelope:
    return said(PeriodAccepted, Acceptance, number, who, confirmed_id=of.id)


def closed(of: Envelope, number: int = 3, who: tuple[str, str] = LEADER) -> Envelope:
    return said(PeriodClosed, Closure, number, who, confirmed_id=of.id)


def asked(number: int = 4, who: tuple[str, str] = REVIEWER, person: str = "") -> Envelope:
    return said(PeriodReopenAsked, ReopeningWish, number, who, person, reason_code="late_data")


def reopened(of: Envelope, number: int = 5, who: tuple[str, str] = LEADER, person: str = "") -> Envelope:
    return said(PeriodReopened, Reopening, number, who, person, asked_id=of.id)


def taken_back(of: Envelope, number: int = 5, who: tuple[str, str] = REVIEWER, person: str = "") -> Envelope:
    return said(PeriodWishWithdrawn, WishWithdrawal, number, who, person, asked_id=of.id)


def told(*events: Envelope) -> tuple[Filing, list[str | None]]:
    filing: Filing | None = None
    refusals: list[str | None] = []
    for event in events:
        filing, refused = fold(filing, event)
        refusals.append(refused)
    assert filing is not None
    return filing, refusals


def test_a_period_is_confirmed_accepted_closed_and_opened_again_by_two() -> None:
    first, wish = confirmed(), asked()
    filing, refusals = told(first, accepted(first), closed(first), wish, reopened(wish))
    assert refusals == [None] * 5
    assert filing.state == "reopened"
    assert filing.filed is not None
    assert filing.filed.figures == first.data
    assert [step.type for step in filing.steps] == [
        "period.confirmed", "period.accepted", "period.closed", "period.reopen_asked", "period.reopened",
    ]  # fmt: skip
    assert {step.person for step in filing.steps} == {
        person_id(BAT_MOT, "commune_chair"), person_id("38", "province_reviewer"), person_id("38", "province_leader"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "event",
    [
        confirmed(who=("commune_officer", BAT_MOT)),
        confirmed(who=("commune_chair", "15622")),
        confirmed(who=("province_leader", "38")),
        confirmed(source="/vn/38/15622"),
    ],
)
def test_a_commune_confirms_only_its_own_and_by_its_chair(event: Envelope) -> None:
    assert fold(None, event) == (None, "actor_not_entitled")


@pytest.mark.parametrize(
    "event",
    [
        accepted(confirmed(), who=("province_reviewer", "01")),
        accepted(confirmed(), who=CHAIR),
        accepted(confirmed(), who=("department_leader", "38")),
    ],
)
def test_only_its_own_province_accepts(event: Envelope) -> None:
    filing, refusals = told(confirmed(), event)
    assert (filing.state, refusals[1]) == ("confirmed", "actor_not_entitled")


def test_a_period_that_is_not_over_cannot_be_confirmed() -> None:
    on_the_last_day = dt.datetime(2026, 11, 14, 16, 59, tzinfo=dt.UTC)  # 23:59 there
    assert fold(None, confirmed(at=on_the_last_day)) == (None, "not_over")
    assert fold(None, confirmed(at=on_the_last_day + dt.timedelta(minutes=1)))[1] is None


def test_what_was_accepted_is_what_was_confirmed_last() -> None:
    first, second = confirmed(), confirmed(2, CHAIR, line(received=3))
    filing, refusals = told(first, second, accepted(first, 3), accepted(second, 4), closed(first, 5))
    assert refusals == [None, None, "other_figures", None, "other_figures"]
    assert filing.filed is None


def test_whoever_asks_does_not_open_and_a_closed_period_is_not_confirmed_again() -> None:
    first, wish = confirmed(), asked(4, LEADER, "Hoa")
    filing, refusals = told(
        first, accepted(first), closed(first), wish, reopened(wish, 5, LEADER, "Hoa"), confirmed(6)
    )
    assert refusals[4:] == ["same_person", "not_in_turn"]
    opened, refused = fold(filing, reopened(wish, 7, LEADER, "Lan"))
    assert refused is None
    assert opened is not None
    assert opened.state == "reopened"


def test_only_whoever_asked_takes_the_wish_back_and_the_period_stays_closed() -> None:
    first, wish = confirmed(), asked(4, LEADER, "Hoa")
    filing, refusals = told(
        first,
        accepted(first),
        closed(first),
        wish,
        taken_back(wish, 5, LEADER, "Lan"),
        taken_back(wish, 6, LEADER, "Hoa"),
        reopened(wish, 7, LEADER, "Lan"),
        asked(8, LEADER, "Lan"),
    )
    assert refusals[4:] == ["other_person", None, "not_in_turn", None]
    assert filing.state == "reopen_asked"


def test_what_was_filed_first_stays_beside_what_was_filed_again() -> None:
    first, wish, second = confirmed(), asked(), confirmed(6, CHAIR, line(received=3))
    filing, refusals = told(
        first,
        accepted(first),
        closed(first),
        wish,
        reopened(wish),
        second,
        accepted(second, 7),
        closed(second, 8),
    )
    assert refusals == [None] * 8
    assert [one.figures.lines[0].received for one in filing.closed] == [2, 3]


_STORY = st.lists(
    st.tuples(
        st.sampled_from(["confirm", "accept", "close", "ask", "open", "back"]),
        st.sampled_from([CHAIR, REVIEWER, LEADER, ("commune_chair", "15622"), ("province_leader", "01")]),
        st.sampled_from(["Hoa", "Lan"]),
        st.integers(0, 3),
    ),
    max_size=25,
)


def _made(what: str, number: int, who: tuple[str, str], person: str, about: int, of: Any) -> Any:
    match what:
        case "confirm":
            return confirmed(number, who, line(received=about + 1))
        case "accept":
            return accepted(of, number, who)
        case "close":
            return closed(of, number, who)
        case "ask":
            return asked(number, who, person)
        case "back":
            return taken_back(of, number, who, person)
        case _:
            return reopened(of, number, who, person)


@given(_STORY)
def test_filed_figures_never_change_and_two_persons_stand_behind_every_reopening(story: list[Any]) -> None:
    events: list[Any] = []
    filing: Filing | None = None
    for number, (what, who, person, about) in enumerate(story, start=1):
        of: Any = events[-1 - about] if about < len(events) else confirmed(99)
        made = _made(what, number, who, person, about, of)
        before = filing.closed if filing is not None else ()
        filing, refused = fold(filing, made)
        events.append(made)
        after = filing.closed if filing is not None else ()
        assert after[: len(before)] == before
        assert refused is None or after == before
    if filing is None:
        return
    steps = filing.steps
    for wish, grant in pairwise(steps):
        if grant.type == "period.reopened":
            assert wish.type == "period.reopen_asked"
            assert wish.person != grant.person
    # A log that delivers everything twice tells the same.
    assert fold_all([*events, *events]) == [filing]


_LINES = st.dictionaries(
    st.tuples(st.sampled_from(["ho_tich", "dat_dai"]), st.sampled_from(["counter", "online"])),
    st.dictionaries(st.sampled_from(FILED), st.integers(1, 9), min_size=1, max_size=4),
    max_size=4,
).map(lambda held: [FiledLine(field_code=a, channel=b, **counts) for (a, b), counts in held.items()])  # type: ignore[arg-type]  # drawn


@given(_LINES, _LINES)
def test_the_differences_are_exactly_what_lies_between_two_counts(
    filed: list[FiledLine], now: list[FiledLine]
) -> None:
    found = differences(filed, now)
    before, after = total_of(filed), total_of(now)
    for key in FILED:
        assert sum(one.now - one.filed for one in found if one.number == key) == after[key] - before[key]
    assert all(one.now != one.filed for one in found)
    assert differences(filed, filed) == []


def test_each_difference_names_its_cases_and_what_changed_them() -> None:
    found = differences([line(received=2, open=2)], [line(received=3, open=1, resolved=2)])
    before = [CaseCount(key, "ho_tich", "counter", {"received": 1, "open": 1}) for key in ("a", "b")]
    after = [
        CaseCount("a", "ho_tich", "counter", {"received": 1, "resolved": 1}),
        CaseCount("b", "ho_tich", "counter", {"received": 1, "open": 1}),
        CaseCount("c", "ho_tich", "counter", {"received": 1, "resolved": 1}),
    ]
    ids = [str(UUID(int=number)) for number in range(3)]
    later = [
        LaterEvent(ids[0], "a", "case.corrected", "typing_error"),
        LaterEvent(ids[1], "b", "case.processing_started", ""),
        LaterEvent(ids[2], "c", "case.result_ready", ""),
    ]
    explained = {one.difference.number: one for one in explain(found, before, after, later)}
    assert explained["received"].causes == (("late_data", 1),)
    assert explained["received"].event_ids == (ids[2],)
    assert explained["open"].causes == (("correction", 1),)
    assert explained["resolved"].causes == (("correction", 1), ("late_data", 1))
    assert (explained["resolved"].case_count, explained["resolved"].event_ids) == (2, (ids[0], ids[2]))


def test_what_no_case_and_no_event_accounts_for_is_said_to_be_unexplained() -> None:
    found = differences([line(received=2)], [line(received=5)])
    moved = [CaseCount(key, "ho_tich", "counter", {"received": 1}) for key in ("a", "b")]
    aside = LaterEvent(str(UUID(int=1)), "a", "case.corrected", "", was_set_aside=True)
    (one,) = explain(found, [], moved, [aside])
    # Of three more one landed later, one has no event, and one has no case.
    assert one.causes == (("landed_later", 1), ("unexplained", 2))
