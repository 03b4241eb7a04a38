"""What a province files upward: the sum of what it accepted, and nothing of what it did not."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from events.envelope import Envelope
from events.periods import (
    FiledLine,
    PeriodSumClosed,
    PeriodSummed,
    SumClosure,
    SumConfirmation,
    SummedPart,
    filing_id,
    person_id,
)
from reporting.filings.figures import FILED, total_of
from reporting.filings.sums import SumFiling, fold_sum, fold_sums, moved_since, sum_of_lines
from tests.reporting.test_filings import AFTER, KEY, LEADER, REVIEWER, figures, line

PROVINCE = "38"
SUBJECT = filing_id(PROVINCE, KEY)


def said(kind: Any, payload: Any, number: int, who: tuple[str, str], person: str, **said: Any) -> Any:
    return kind(
        id=uuid5(SUBJECT, str(number)),
        source=said.pop("source", "/vn/38"),
        subject=str(SUBJECT),
        time=AFTER,
        recorded_at=AFTER,
        partition_key=str(SUBJECT),
        actor_role=who[0],
        actor_unit=who[1],
        data=payload(province_code=PROVINCE, period=KEY, person=person_id(PROVINCE, person), **said),
    )


def part(unit_code: str, number: int = 1) -> SummedPart:
    return SummedPart(unit_code=unit_code, confirmed_id=UUID(int=number))


def summed(number: int, who: tuple[str, str] = REVIEWER, person: str = "Hoa", **more: Any) -> Any:
    window = {key: value for key, value in figures().items() if key in {"first_on", "last_on"}}
    what = {
        "receiver": "bo_tu_phap",
        "due_on": AFTER.date(),
        "parts": (part("15607"),),
        "missing": ("15622",),
    }
    return said(
        PeriodSummed,
        SumConfirmation,
        number,
        who,
        person,
        **window,
        **what,
        lines=(line(received=2),),
        **more,
    )


def closed(of: Any, number: int, who: tuple[str, str] = LEADER, person: str = "Lan") -> Any:
    return said(PeriodSumClosed, SumClosure, number, who, person, summed_id=of.id)


def told(*events: Envelope) -> tuple[SumFiling | None, list[str | None]]:
    filing: SumFiling | None = None
    refusals: list[str | None] = []
    for event in events:
        filing, refused = fold_sum(filing, event)
        refusals.append(refused)
    assert fold_sums([*events, *events[:1]]) == filing
    return filing, refusals


def test_a_sum_is_confirmed_and_closed_by_its_own_province() -> None:
    first = summed(1)
    filing, refusals = told(
        summed(9, ("province_reviewer", "01")),
        closed(first, 8),
        first,
        closed(first, 2, REVIEWER),
        closed(first, 3),
    )
    assert refusals == ["actor_not_entitled", "not_in_turn", None, "actor_not_entitled", None]
    assert filing is not None
    assert filing.filed is not None
    assert filing.filed.figures == first.data


def test_what_was_closed_is_filed_again_only_with_a_reason_and_by_two_persons() -> None:
    first, again = summed(1), summed(4, LEADER, "Lan", reason_code="late_data")
    filing, refusals = told(
        first,
        closed(first, 2),
        summed(3),
        again,
        closed(first, 5),
        closed(again, 6),
        closed(again, 7, person="Hoa"),
    )
    assert refusals == [None, None, "no_reason", None, "other_figures", "same_person", None]
    assert filing is not None
    assert [one.id for one in filing.closed] == [first.id, again.id]


_LINES = st.lists(
    st.builds(
        FiledLine,
        field_code=st.sampled_from(["ho_tich", "dat_dai"]),
        channel=st.sampled_from(["counter", "online"]),
        **{key: st.integers(0, 5) for key in ("received", "open", "overdue")},
    ),
    max_size=12,
)


@given(_LINES)
def test_a_sum_is_the_sum_of_its_lines_number_by_number_with_one_line_for_each_place(
    lines: list[FiledLine],
) -> None:
    found = sum_of_lines(lines)
    assert total_of(found) == total_of(lines)
    places = [(one.field_code, one.channel) for one in found]
    assert places == sorted(set(places))
    assert all(any(getattr(one, key) for key in FILED) for one in found)


def test_a_commune_that_is_accepted_later_filed_anew_or_opened_again_is_named() -> None:
    filed = summed(1).data
    assert moved_since(filed, [part("15607")]) == []
    assert moved_since(filed, [part("15607", 2), part("15622")]) == [
        ("15607", "changed"),
        ("15622", "joined"),
    ]
    assert moved_since(filed, []) == [("15607", "left")]
