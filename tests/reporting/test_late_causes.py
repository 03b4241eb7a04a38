"""Causes of lateness: dated rows, and a count by cause that is never more or less than what the form counts as late."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given

from reporting.dated.late_causes import parse_late_causes
from reporting.errors import TableError
from reporting.forms.causes import late_by_cause
from reporting.forms.placing import line_of
from reporting.forms.situations import situation_of
from tests.histories import randoms
from tests.reporting.stories import tables
from tests.reporting.test_forms import (
    FORM,
    FROM,
    INSIDE,
    TO,
    any_rules,
    case,
    rules_of,
    situations,
    some_cases,
    windows,
)

HEAD = "cause,name_vi,name_en,source,confidence,valid_from,valid_to\n"


def test_each_shipped_cause_says_whence_it_is_and_how_sure_that_is() -> None:
    found = tables().late_causes.on(dt.date(2026, 11, 30))
    assert len(found) >= 5
    assert all(one.source and one.confidence == "low" and one.name("vi") != one.name("en") for one in found)


def test_a_cause_may_be_named_while_its_row_holds_and_keeps_its_name_after_that() -> None:
    causes = parse_late_causes(HEAD + "old,Cũ,Old,Quy ước,low,2020-01-01,2026-01-01\n")
    assert [causes.holds("old", dt.date(year, 6, 1)) for year in (2019, 2025, 2026)] == [False, True, False]
    assert causes.names("vi") == {"old": "Cũ"}
    assert causes.in_order(["unknown_now", "old"]) == ["old", "unknown_now"]


def test_a_key_that_could_be_a_name_is_refused_with_its_line() -> None:
    with pytest.raises(TableError) as refused:
        parse_late_causes(HEAD + "Nguyễn Văn A,Cũ,Old,Quy ước,low,2020-01-01,\n")
    assert "cause" in str(refused.value)


def test_only_what_ended_past_its_due_day_in_the_window_carries_its_cause() -> None:
    late = case(9, closed_on=dt.date(2026, 11, 5), close_kind="finished", late_cause="other_body")
    early = case(9, closed_on=INSIDE, close_kind="finished", late_cause="other_body")
    found = [situation_of(one, FROM, TO) for one in (late, early, case(4, late_cause="other_body"))]
    assert [one and one.late_cause for one in found] == ["other_body", "", ""]
    counted = [(one, 1) for one in found if one is not None]
    assert late_by_cause(counted, FORM.honest) == {"other_body": 1}


@given(r=randoms, chosen=any_rules)
def test_by_cause_is_the_column_of_late_ones_by_any_rule_that_a_table_can_state(
    r: random.Random, chosen: dict[str, str]
) -> None:
    window, _ = windows(r)
    rules = rules_of(chosen)
    named = [one._replace(late_cause=r.choice(("", "other_body", "disaster"))) for _, one in some_cases(r)]
    counted = situations(named, window)
    bare = situations([one._replace(late_cause="") for one in named], window)
    causes = late_by_cause(counted, rules)
    assert sum(causes.values()) == line_of(counted, rules).counts.get("resolved_late", 0)
    # Naming a cause moves no number of the form.
    assert line_of(counted, rules).counts == line_of(bare, rules).counts
