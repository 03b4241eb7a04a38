from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.fields import FIRST_DAY, LAST_DAY, DaysKind
from reporting.dated.calendar import LOCAL, StartRule
from reporting.dated.start_rules import EVERY, parse_start_rules
from reporting.errors import TableError
from tests.reporting.stories import tables
from tests.reporting.tables import lines, shipped

HEADER = "code,reception,rule,source,confidence,valid_from,valid_to"
AFTER_HOURS = "*,after_hours,counts_that_day,a convention,low,1990-01-01,"
RULE = "next_working_day_is_day_1"


def table(*spans: tuple[str, str]) -> str:
    days_off = (f"*,day_off,{RULE},a convention,low,{start},{end}" for start, end in spans)
    return "\n".join([HEADER, *days_off, AFTER_HOURS])


@given(day=st.dates(FIRST_DAY, LAST_DAY), code=st.sampled_from(["1.001193", "2.000986", "9.999999"]))
def test_every_procedure_has_a_rule_on_every_day(day: dt.date, code: str) -> None:
    assert parse_start_rules(shipped("start_rules.csv")).of(code, day).code in {code, EVERY}


@pytest.mark.parametrize(
    "spans",
    [
        (("2017-01-01", ""),),
        (("1990-01-01", "2026-01-01"),),
        (("1990-01-01", "2026-01-01"), ("2026-01-02", "")),
    ],
    ids=["a late beginning", "an end", "a gap"],
)
def test_a_day_without_a_rule_refuses_the_table(spans: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(TableError, match=r"start_rules.csv.*\*") as refused:
        parse_start_rules(table(*spans))
    assert refused.value.field in {"valid_from", "valid_to"}


def test_rows_that_follow_each_other_cover_every_day_in_any_order() -> None:
    rules = parse_start_rules(table(("2026-01-01", ""), ("1990-01-01", "2026-01-01")))
    assert rules.of("1.001193", FIRST_DAY).validity.valid_to == dt.date(2026, 1, 1)
    assert rules.of("1.001193", LAST_DAY).validity.valid_to is None


def test_each_procedure_of_the_newborns_has_a_row_of_its_own() -> None:
    own = {line["code"] for line in lines("start_rules.csv")}
    assert {one.procedure for one in tables().newborn_limits.on(dt.date(2026, 7, 4))} <= own


SATURDAY_MORNING = dt.datetime(2026, 10, 3, 9, tzinfo=LOCAL)
TUESDAY_EVENING = dt.datetime(2026, 10, 6, 20, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("received_at", "kind", "day_off", "after_hours", "due_on"),
    [
        (SATURDAY_MORNING, "working", "received_next_working_day", "counts_that_day", "2026-10-08"),
        (SATURDAY_MORNING, "working", "counts_that_day", "received_next_working_day", "2026-10-07"),
        (SATURDAY_MORNING, "working", "next_working_day_is_day_1", "counts_that_day", "2026-10-07"),
        (SATURDAY_MORNING, "calendar", "counts_that_day", "counts_that_day", "2026-10-06"),
        (SATURDAY_MORNING, "calendar", "next_working_day_is_day_1", "counts_that_day", "2026-10-07"),
        (TUESDAY_EVENING, "working", "counts_that_day", "counts_that_day", "2026-10-09"),
        (TUESDAY_EVENING, "working", "counts_that_day", "received_next_working_day", "2026-10-12"),
        (
            TUESDAY_EVENING.replace(hour=16),
            "working",
            "counts_that_day",
            "received_next_working_day",
            "2026-10-09",
        ),
    ],
)
def test_a_reception_outside_office_hours_counts_as_its_rule_says(
    received_at: dt.datetime, kind: DaysKind, day_off: StartRule, after_hours: StartRule, due_on: str
) -> None:
    due = tables().calendar.due(received_at, 3, days_kind=kind, start_rule=day_off, after_hours=after_hours)
    assert str(due.due_on) == due_on


def test_a_day_on_which_nothing_is_said_of_receptions_after_hours_refuses_the_table() -> None:
    text = table(("1990-01-01", "")).replace(AFTER_HOURS, "")
    with pytest.raises(TableError, match="after_hours"):
        parse_start_rules(text)


def test_the_next_working_day_is_day_one_of_no_reception_after_hours() -> None:
    with pytest.raises(TableError, match="after hours"):
        parse_start_rules(table(("1990-01-01", "")).replace("counts_that_day", RULE))


def test_both_readings_in_force_have_a_source_and_low_confidence() -> None:
    held = tables().start_rules.on(dt.date(2026, 11, 30))
    assert {(row.reception, row.confidence) for row in held} == {("day_off", "low"), ("after_hours", "low")}
    assert all(row.source for row in held)
