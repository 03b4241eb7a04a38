"""The register of promises: who may record which event, how a promise slips, and what alone closes an entry."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.fields import TextRef
from events.promises import (
    Commitment,
    Lapse,
    Listing,
    Measurement,
    PromiseAskedAgain,
    PromiseEvent,
    PromiseListed,
    PromiseMade,
    PromiseMeasured,
    PromiseMissed,
    PromiseStruck,
    Recheck,
    Striking,
    spot_id,
)
from reporting.promises.notices import notices_of_promise
from reporting.promises.register import Spot, fold, fold_all

BAN_VIN = spot_id("15607", "ban vin", "no_signal")
DEPARTMENT = {"actor_role": "department_officer", "actor_unit": "38", "actor_body": "38.so_khcn"}
OFFICER = {"actor_role": "commune_officer", "actor_unit": "15607"}
OFFICE = {"actor_role": "province_reviewer", "actor_unit": "38", "on_behalf_of": "38.so_khcn"}
WATCH = {"actor_role": "system", "actor_unit": "vn"}
FIRST = dt.datetime(2026, 3, 2, 3, 0, tzinfo=dt.UTC)
JUNE, SEPTEMBER = dt.date(2026, 6, 30), dt.date(2026, 9, 30)
RECHECK_DAYS = 30


def event_by(
    kind: type[PromiseEvent], data: Any, actor: dict[str, Any], *, at: dt.datetime = FIRST, name: str = ""
) -> PromiseEvent:
    return kind.model_validate(
        {
            "id": uuid5(BAN_VIN, f"{kind.__name__}{data}{actor}{at}{name}"),
            "source": "/vn/38/15607",
            "subject": str(BAN_VIN),
            "partition_key": str(BAN_VIN),
            "time": at,
            "recorded_at": at,
            "data": data,
            "type": kind.model_fields["type"].default,
            "dataschema": kind.model_fields["dataschema"].default,
            **actor,
        }
    )


def listed(actor: dict[str, Any] = DEPARTMENT, households: int | None = None) -> PromiseEvent:
    village = TextRef(id=UUID(int=1), sha256="0" * 64)
    listing = Listing(
        unit_code="15607",
        gap="no_signal",
        department="38.so_khcn",
        village=village,
        household_count=households,
    )
    return event_by(PromiseListed, listing, actor)


def promised(on: dt.date, actor: dict[str, Any] = DEPARTMENT, promiser: str = "38.viettel") -> PromiseEvent:
    return event_by(PromiseMade, Commitment(promiser=promiser, promised_on=on), actor)


def measured(on: dt.date, actor: dict[str, Any] = OFFICER, *, works: bool) -> PromiseEvent:
    at = dt.datetime.combine(max(on, FIRST.date()), dt.time(5), dt.UTC)
    return event_by(PromiseMeasured, Measurement(measured_on=on, works=works), actor, at=at)


def missed(promise: PromiseEvent, actor: dict[str, Any] = WATCH) -> PromiseEvent:
    assert isinstance(promise, PromiseMade)
    day = promise.data.promised_on
    lapse = Lapse(promise_id=promise.id, promiser=promise.data.promiser, promised_on=day)
    at = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(1), dt.UTC)
    return event_by(PromiseMissed, lapse, actor, at=at)


def asked_again(closed_on: dt.date, actor: dict[str, Any] = WATCH) -> PromiseEvent:
    row = {"row_id": "promise_recheck@2025-01-01", "table_version": "1"}
    at = dt.datetime.combine(closed_on + dt.timedelta(days=RECHECK_DAYS), dt.time(1), dt.UTC)
    return event_by(
        PromiseAskedAgain, Recheck(closed_on=closed_on, recheck_days=RECHECK_DAYS, **row), actor, at=at
    )


def whole_story() -> list[PromiseEvent]:
    """Tell of one village all that can be told: promised, missed, moved, closed, asked about, open again."""
    first = promised(JUNE)
    return [
        listed(),
        first,
        missed(first),
        promised(SEPTEMBER),
        measured(dt.date(2026, 7, 10), works=True),
        asked_again(dt.date(2026, 7, 10)),
        measured(dt.date(2026, 8, 15), DEPARTMENT, works=False),
        measured(dt.date(2026, 8, 20), DEPARTMENT, works=False),
        measured(dt.date(2026, 8, 25), works=True),
    ]


def notified(events: list[PromiseEvent]) -> list[tuple[str, str]]:
    spot = register(*events)
    return [(one.template, one.recipient.body) for event in events for one in notices_of_promise(event, spot)]


def register(*events: PromiseEvent) -> Spot:
    (spot,) = fold_all(events)
    return spot


def test_a_village_without_a_promise_is_open_and_slips_by_nothing() -> None:
    spot = register(listed())
    assert (spot.state(JUNE), spot.slipped_days(JUNE)) == ("open", 0)


def test_a_promise_is_late_from_the_day_after_and_no_waiting_for_the_operator_stops_it() -> None:
    spot = register(listed(), promised(JUNE))
    assert [spot.state(JUNE), spot.slipped_days(JUNE)] == ["promised", 0]
    assert [spot.state(JUNE + dt.timedelta(days=1)), spot.slipped_days(JUNE + dt.timedelta(days=45))] == [
        "late",
        45,
    ]


def test_a_promise_that_is_moved_keeps_the_first_day_and_shows_how_far_it_slipped() -> None:
    spot = register(listed(), promised(JUNE), promised(SEPTEMBER))
    assert [one.promised_on for one in spot.promises] == [JUNE, SEPTEMBER]
    assert (spot.state(JUNE + dt.timedelta(days=1)), spot.slipped_days(JUNE)) == ("promised", 92)


def test_the_same_promise_again_is_no_new_promise() -> None:
    again = promised(JUNE).model_copy(update={"id": UUID(int=9)})
    assert len(register(listed(), promised(JUNE), again).promises) == 1


@pytest.mark.parametrize(("actor", "closes"), [(OFFICER, True), (DEPARTMENT, True)])
def test_a_measurement_of_the_commune_or_of_the_department_closes(
    actor: dict[str, Any], closes: object
) -> None:
    spot = register(listed(), promised(JUNE), measured(dt.date(2026, 7, 10), actor, works=True))
    assert (spot.state(SEPTEMBER) == "closed") is closes
    assert spot.slipped_days(SEPTEMBER) == 10


@pytest.mark.parametrize(
    "actor",
    [
        {"actor_role": "commune_officer", "actor_unit": "15622"},
        {"actor_role": "department_officer", "actor_unit": "38", "actor_body": "38.viettel"},
        {"actor_role": "department_officer", "actor_unit": "38", "actor_body": "38.so_cong_thuong"},
        {"actor_role": "province_reviewer", "actor_unit": "38", "actor_body": "38.vp_ubnd"},
    ],
)
def test_nobody_else_closes_not_even_the_enterprise_that_promised(actor: dict[str, Any]) -> None:
    spot = register(listed(), promised(JUNE), measured(dt.date(2026, 7, 10), actor, works=True))
    assert spot.closed_on is None
    assert fold(spot, measured(JUNE, actor, works=True))[1] == "actor_not_entitled"


def test_a_promise_whose_day_has_come_does_not_close_by_itself() -> None:
    spot = register(listed(), promised(JUNE))
    assert spot.state(dt.date(2030, 1, 1)) == "late"


def test_it_is_asked_again_thirty_days_after_it_was_closed_until_somebody_measures() -> None:
    closed = dt.date(2026, 7, 10)
    spot = register(listed(), measured(closed, works=True))
    assert not spot.is_to_be_asked_again(closed + dt.timedelta(days=29), RECHECK_DAYS)
    assert spot.is_to_be_asked_again(closed + dt.timedelta(days=30), RECHECK_DAYS)
    held = register(
        listed(), measured(closed, works=True), measured(closed + dt.timedelta(days=31), works=True)
    )
    assert not held.is_to_be_asked_again(closed + dt.timedelta(days=60), RECHECK_DAYS)
    assert held.closed_on == closed


def test_a_question_about_an_older_closing_leaves_the_newer_one_to_be_asked_about() -> None:
    closed, again = dt.date(2026, 7, 10), dt.date(2026, 8, 9)
    spot = register(
        listed(),
        measured(closed, works=True),
        measured(dt.date(2026, 8, 8), works=False),
        measured(again, works=True),
    )
    assert fold(spot, asked_again(closed)) == (spot, "not_due")
    assert spot.is_unasked(again + dt.timedelta(days=RECHECK_DAYS), RECHECK_DAYS)
    asked, refused = fold(spot, asked_again(again))
    assert (refused, asked and asked.is_unasked(SEPTEMBER, RECHECK_DAYS)) == (None, False)


def test_a_measurement_that_fails_again_opens_it_again() -> None:
    spot = register(
        listed(), promised(JUNE), measured(JUNE, works=True), measured(dt.date(2026, 8, 15), works=False)
    )
    assert (spot.closed_on, spot.state(SEPTEMBER)) == (None, "late")


def test_a_measurement_in_the_future_is_refused() -> None:
    wrong = event_by(PromiseMeasured, Measurement(measured_on=SEPTEMBER, works=True), OFFICER)
    assert fold(register(listed()), wrong)[1] == "measured_in_future"


def test_the_office_records_for_a_department_only_on_its_behalf() -> None:
    office = {"actor_role": "province_reviewer", "actor_unit": "38"}
    assert fold(None, listed(office))[1] == "actor_not_entitled"
    assert fold(None, listed({**office, "on_behalf_of": "38.so_khcn"}))[1] is None


def test_a_department_of_another_province_lists_nothing() -> None:
    other = {"actor_role": "department_officer", "actor_unit": "40", "actor_body": "40.so_khcn"}
    assert fold(None, listed(other)) == (None, "actor_not_entitled")


def test_a_struck_entry_takes_nothing_until_it_is_listed_again() -> None:
    struck = event_by(PromiseStruck, Striking(reason_code="listed_twice"), DEPARTMENT)
    spot = register(listed(), struck)
    assert (spot.state(JUNE), fold(spot, promised(JUNE))[1]) == ("struck", "struck")
    assert register(listed(), struck, listed(households=40)).state(JUNE) == "open"


def test_what_was_never_listed_cannot_be_promised() -> None:
    assert fold(None, promised(JUNE)) == (None, "not_listed")
    assert fold_all([promised(JUNE)]) == []


@given(
    st.permutations([dt.date(2026, 7, day) for day in (1, 5, 9, 13)]),
    st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_measurements_that_come_late_or_twice_close_on_the_same_day(
    order: list[dt.date], results: list[bool]
) -> None:
    works = dict(zip(sorted(order), results, strict=True))
    events = [measured(day, works=works[day]) for day in order]
    assert (
        register(listed(), *events, *events).closed_on
        == register(listed(), *(measured(day, works=works[day]) for day in sorted(order))).closed_on
    )


def test_each_change_is_told_to_whoever_it_concerns_and_not_to_whoever_said_it() -> None:
    assert notified(whole_story()) == [
        ("promise_made", "15607.ubnd"),
        ("promise_missed", "15607.ubnd"),
        ("promise_missed", "38.so_khcn"),
        ("promise_moved", "15607.ubnd"),
        ("promise_closed", "38.so_khcn"),
        ("promise_asked_again", "15607.ubnd"),
        ("promise_asked_again", "38.so_khcn"),
        ("promise_reopened", "15607.ubnd"),
        ("promise_closed", "38.so_khcn"),
    ]


def test_what_the_office_records_for_a_department_is_told_to_the_department() -> None:
    assert notified([listed(OFFICE), promised(JUNE, OFFICE)]) == [
        ("promise_made", "15607.ubnd"),
        ("promise_made", "38.so_khcn"),
    ]


def test_a_notice_names_the_gap_and_the_entry_and_never_the_village() -> None:
    (notice,) = notices_of_promise(promised(JUNE), register(listed(), promised(JUNE)))
    assert (notice.unit_code, notice.detail, notice.spot_id) == ("15607", "no_signal", BAN_VIN)
    assert (notice.issue_id, notice.kind, notice.urgent) == (None, None, False)


def test_years_later_a_replay_tells_the_same_to_the_same_whatever_was_listed_since() -> None:
    events = whole_story()
    then = {
        event.id: notices_of_promise(event, register(*events[: number + 1]))
        for number, event in enumerate(events)
    }
    taken_over = listed().model_copy(update={"id": UUID(int=7), "actor_body": "38.so_cong_thuong"})
    listing = taken_over.data.model_copy(update={"department": "38.so_cong_thuong"})
    spot = register(*events, taken_over.model_copy(update={"data": listing}))
    assert spot.department == "38.so_cong_thuong"
    assert {event.id: notices_of_promise(event, spot) for event in events} == then


def test_a_day_that_went_by_is_said_once_and_of_the_promise_that_holds_alone() -> None:
    first = promised(JUNE)
    late = JUNE + dt.timedelta(days=1)
    spot = register(listed(), first)
    assert (spot.is_missed_unsaid(JUNE), spot.is_missed_unsaid(late)) == (False, True)
    said_once = register(listed(), first, missed(first))
    assert not said_once.is_missed_unsaid(late)
    assert fold(said_once, missed(first))[1] == "not_due"
    moved = register(listed(), first, promised(SEPTEMBER))
    assert fold(moved, missed(first))[1] == "not_due"
    assert moved.is_missed_unsaid(SEPTEMBER + dt.timedelta(days=1))


def test_what_was_measured_meanwhile_makes_the_word_of_the_watch_void() -> None:
    first = promised(JUNE)
    closed = register(listed(), first, measured(JUNE, works=True))
    assert fold(closed, missed(first))[1] == "not_due"
    assert fold(register(listed(), first), asked_again(JUNE))[1] == "not_due"


@pytest.mark.parametrize("actor", [DEPARTMENT, OFFICER, OFFICE])
def test_only_the_product_says_what_time_brings(actor: dict[str, Any]) -> None:
    first = promised(JUNE)
    assert fold(register(listed(), first), missed(first, actor))[1] == "actor_not_entitled"
    closed = register(listed(), measured(JUNE, works=True))
    assert fold(closed, asked_again(JUNE, actor))[1] == "actor_not_entitled"


def test_it_is_asked_once_for_each_time_that_it_was_closed() -> None:
    closed = dt.date(2026, 7, 10)
    later = closed + dt.timedelta(days=90)
    spot = register(listed(), measured(closed, works=True))
    assert spot.is_unasked(closed + dt.timedelta(days=30), RECHECK_DAYS)
    asked = [listed(), measured(closed, works=True), asked_again(closed)]
    assert not register(*asked).is_unasked(later, RECHECK_DAYS)
    assert register(*asked).is_to_be_asked_again(
        later, RECHECK_DAYS
    )  # it stands in the list until somebody measures
    failed = measured(dt.date(2026, 8, 15), works=False)
    mended = measured(dt.date(2026, 8, 20), works=True)
    assert register(*asked, failed, mended).is_unasked(later, RECHECK_DAYS)
