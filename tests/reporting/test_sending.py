"""To whom a unit sends the report of a period, and by which day: the receiver changed on 10 January 2026."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.dated.sending import Regime, Sending, parse_report_sending
from reporting.errors import TableError
from tests.reporting.stories import tables
from tests.reporting.tables import altered

TABLES = tables()
BAT_MOT, THANH_HOA = "15607", "38"


def sent(unit_code: str, key: str, regime: Regime = "procedure_control") -> Sending:
    found = TABLES.sending.of(regime, TABLES.units.get(unit_code), TABLES.periods.named(key))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("key", "receiver"),
    [
        ("2025", "van_phong_chinh_phu"),
        ("2025-12", "van_phong_chinh_phu"),
        ("2026-01", "bo_tu_phap"),
        ("2026-q1", "bo_tu_phap"),
        ("2026-m9", "bo_tu_phap"),
    ],
)
def test_the_province_sends_to_the_body_that_controls_procedures_when_the_period_is_over(
    key: str, receiver: str
) -> None:
    assert sent(THANH_HOA, key).receiver == receiver


def test_a_commune_sends_to_its_own_province() -> None:
    assert sent(BAT_MOT, "2026-q4").receiver == "38.ubnd"
    assert sent(BAT_MOT, "2026-q4", "difficulties").receiver == "38.ubnd"


def test_working_days_leave_out_the_days_off_and_calendar_days_move_to_the_next_office_day() -> None:
    # The 14th of November 2026 is a Saturday; the 20th of June 2027 a Sunday.
    assert sent(BAT_MOT, "2026-11").due_on == dt.date(2026, 11, 17)
    assert sent(THANH_HOA, "2026-11").due_on == dt.date(2026, 11, 20)
    assert sent(THANH_HOA, "2027-h1").due_on == dt.date(2027, 6, 21)


@settings(max_examples=30)
@given(
    st.dates(dt.date(2022, 1, 1), dt.date(2090, 1, 1)),
    st.sampled_from([BAT_MOT, THANH_HOA]),
)
def test_every_report_is_due_on_an_office_day_after_its_period(on: dt.date, unit_code: str) -> None:
    for period in TABLES.periods.holding(on):
        sending = sent(unit_code, period.key)
        assert sending.due_on > period.last_on
        assert TABLES.calendar.is_working(sending.due_on)
        assert not sending.is_late(sending.due_on)
        assert sending.is_late(sending.due_on + dt.timedelta(days=1))
        assert sending.deadline_source == "default"


def test_what_no_rule_asks_for_is_not_sent() -> None:
    period = TABLES.periods.named("2026-11")
    assert TABLES.sending.of("difficulties", TABLES.units.get(THANH_HOA), period) is None


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("receiver", "bo_khong_co"),
        ("days", "0"),
        ("days_kind", "office"),
        ("level", "nation"),
        ("regime", "x"),
    ],
)
def test_a_wrong_row_is_named(column: str, cell: str) -> None:
    with pytest.raises(TableError, match=f"line 2, column {column}"):
        parse_report_sending(altered("report_sending.csv", 2, column, cell), TABLES.bodies, TABLES.calendar)
