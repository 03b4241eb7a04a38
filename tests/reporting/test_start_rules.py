from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.fields import FIRST_DAY, LAST_DAY
from reporting.dated.start_rules import EVERY, parse_start_rules
from reporting.errors import TableError
from tests.reporting.stories import tables
from tests.reporting.tables import lines, shipped

HEADER = "code,rule,source,confidence,valid_from,valid_to"
RULE = "next_working_day_is_day_1"


def table(*spans: tuple[str, str]) -> str:
    return "\n".join([HEADER, *(f"*,{RULE},a convention,low,{start},{end}" for start, end in spans)])


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
