"""Data that do not agree hold a case up from a day to a day, and the latest of them stands in its state."""

from __future__ import annotations

import datetime as dt

import pytest

from events.cases import CaseState
from reporting.cases.advance import advance
from reporting.cases.source_row import CaseRow, Moment
from reporting.dated.calendar import local_day
from reporting.errors import RuleError
from tests.reporting.test_cases import NOW, RULES, on, receipt, received, row, step

DAYS_TO_THE_20TH = (dt.date(2026, 7, 20) - local_day(NOW)).days


def stands(state: CaseState) -> tuple[str | None, str | None, object, object]:
    """Return data, body, and the days of the month from and to."""
    first, last = state.mismatch_from_on, state.mismatch_to_on
    return state.mismatch, state.mismatch_body, first and first.day, last and last.day


def begun(**more: object) -> CaseState:
    said: dict[str, object] = {
        "mismatch": "population",
        "mismatch_body": "38.cong_an",
        "mismatch_from": on(15),
    }
    return step(received(), row(2, **{**said, **more}), 3).state


def test_it_begins_with_the_row_that_names_it_and_a_repetition_changes_nothing() -> None:
    state = begun()
    assert stands(state) == ("population", "38.cong_an", 15, None)
    assert state.reason_code == "later_step"
    assert state.previous is None, "no figure of the case moves"
    again = step(state, row(2, mismatch="population", mismatch_body="bhxh_vn"), 4).state
    assert stands(again) == ("population", "bhxh_vn", 15, None)


def test_it_ends_when_the_data_agree_on_the_day_stated_or_that_of_receipt() -> None:
    assert stands(step(begun(), row(2, mismatch_to=on(16)), 4).state)[2:] == (15, 16)
    ended = step(begun(), row(2, mismatch="agrees"), 6).state
    assert ended.mismatch_to_on is not None
    assert ended.mismatch_to_on >= dt.date(2026, 7, 16)
    later = step(
        ended, row(2, mismatch="population", mismatch_from=Moment(ended.mismatch_to_on + dt.timedelta(1))), 40
    )
    assert later.state.mismatch_to_on is None, "another one of the same data"


def test_other_data_are_another_mismatch_and_one_taken_back_never_was() -> None:
    assert stands(step(begun(), row(2, mismatch="land", mismatch_from=on(16)), 4).state) == (
        "land",
        None,
        16,
        None,
    )
    never = step(begun(), row(2, taken_back=frozenset({"mismatch"})), 4).state
    assert (stands(never), never.reason_code) == ((None, None, None, None), "step_taken_back")


def over() -> CaseState:
    return step(begun(), row(2, mismatch_to=on(17)), 4).state


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (row(2, adds_only=True, mismatch="population"), ("population", None, 20, None)),
        (row(2, adds_only=True, mismatch="population", mismatch_from=on(18)), ("population", None, 18, None)),
        (row(2, mismatch="population", mismatch_from=on(17)), ("population", None, 17, None)),
        (row(2, mismatch="population", mismatch_body="bhxh_vn"), ("population", "bhxh_vn", 20, None)),
    ],
)
def test_data_named_after_the_end_begin_another_mismatch(
    said: CaseRow, found: tuple[str | None, str | None, object, object]
) -> None:
    state = step(over(), said, DAYS_TO_THE_20TH).state
    assert stands(state) == found
    assert advance(state, said, receipt(DAYS_TO_THE_20TH), RULES) is None, "a repetition begins none"


@pytest.mark.parametrize(
    ("said", "snapshot"),
    [
        (row(2, mismatch="population"), False),
        (row(2, mismatch="population", mismatch_body="38.cong_an"), False),
        (row(2, mismatch="population", mismatch_from=on(15)), False),
        (row(2, adds_only=True, mismatch="population"), True),
        (row(2, mismatch="population", mismatch_to=on(17)), False),
    ],
)
def test_a_daily_row_that_repeats_what_it_always_stated_begins_none(said: CaseRow, snapshot: bool) -> None:
    assert advance(over(), said, receipt(DAYS_TO_THE_20TH, snapshot=snapshot), RULES) is None


def newer(data: str = "population") -> CaseState:
    """Return a case whose first mismatch ended on the 17th, and of which a person noted another on the 18th."""
    return step(over(), row(2, adds_only=True, mismatch=data, mismatch_from=on(18)), 5).state


OLD_ROWS = (
    row(2, mismatch="population", mismatch_body="38.cong_an", mismatch_from=on(15)),
    row(2, mismatch="population", mismatch_from=on(15), mismatch_to=on(17)),
    row(2, mismatch="agrees", mismatch_to=on(17)),
)


@pytest.mark.parametrize("said", OLD_ROWS)
@pytest.mark.parametrize("data", ["population", "land"])
def test_a_daily_row_that_repeats_an_old_day_moves_no_newer_mismatch(said: CaseRow, data: str) -> None:
    assert advance(newer(data), said, receipt(DAYS_TO_THE_20TH), RULES) is None
    ended = step(newer(data), row(2, mismatch=data, mismatch_to=on(19)), 6).state
    assert stands(ended) == (data, None, 18, 19)
    assert advance(ended, said, receipt(DAYS_TO_THE_20TH), RULES) is None
    closed = step(newer(data), row(9, finished=on(19), status=on(19)), 6).state
    assert stands(closed) == (data, None, 18, 19)


def test_a_day_after_the_earlier_end_still_corrects_the_newer_one() -> None:
    corrected = step(newer(), row(2, mismatch="population", mismatch_from=on(19)), 6).state
    assert stands(corrected) == ("population", None, 19, None)
    never = step(newer(), row(2, taken_back=frozenset({"mismatch"})), 6).state
    assert stands(never) == (None, None, None, None)
    assert advance(never, OLD_ROWS[0], receipt(DAYS_TO_THE_20TH), RULES) is None
    third = step(newer(), row(2, mismatch="land", mismatch_from=on(20)), DAYS_TO_THE_20TH).state
    assert stands(third) == ("land", None, 20, None)
    assert advance(third, OLD_ROWS[0], receipt(DAYS_TO_THE_20TH), RULES) is None


def test_an_end_that_only_the_closing_had_set_goes_with_it_and_a_stated_one_stays() -> None:
    withdrawn = row(7, status=on(18))
    assert stands(step(begun(), withdrawn, 5).state)[2:] == (15, 18)
    assert stands(step(step(begun(), withdrawn, 5).state, row(4, status=on(20)), 7).state)[2:] == (15, None)
    assert stands(step(step(over(), withdrawn, 5).state, row(4, status=on(20)), 7).state)[2:] == (15, 17)
    finished = step(begun(), row(9, finished=on(18), status=on(18)), 5).state
    assert stands(step(finished, row(9, finished=on(17), status=on(17)), 6).state)[2:] == (15, 17)


def test_a_case_that_has_ended_waits_for_nothing_anew() -> None:
    done = step(begun(), row(9, finished=on(17), status=on(17)), 5).state
    note = row(9, adds_only=True, mismatch="population")
    assert advance(done, note, receipt(DAYS_TO_THE_20TH), RULES) is None
    owner = row(9, adds_only=True, mismatch="population", mismatch_body="bhxh_vn")
    assert stands(step(done, owner, DAYS_TO_THE_20TH).state) == ("population", "bhxh_vn", 15, 17)


def test_the_end_of_the_case_ends_it() -> None:
    done = step(begun(), row(9, finished=on(17), status=on(17)), 5).state
    assert stands(done) == ("population", "38.cong_an", 15, 17)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (row(2, mismatch="land", mismatch_from=on(1)), "NgaySaiLech"),
        (row(2, mismatch="land", mismatch_from=on(16), mismatch_to=on(15)), "NgayHetSaiLech"),
        (row(2, mismatch="land", mismatch_from=on(31)), "NgaySaiLech"),
        (row(2, mismatch_body="38.cong_an"), "SaiLechDuLieu"),
    ],
)
def test_days_out_of_order_and_a_body_without_data_are_named(said: CaseRow, field: str) -> None:
    with pytest.raises(RuleError) as refused:
        step(received(), said, 5)
    assert refused.value.field == field


def test_what_was_entered_twice_is_stated_beside_and_taken_back() -> None:
    twice = step(received(), row(2, entered_twice="civil_status"), 3).state
    assert (twice.entered_twice, twice.mismatch) == ("civil_status", None)
    assert step(twice, row(2, taken_back=frozenset({"entered_twice"})), 4).state.entered_twice is None
