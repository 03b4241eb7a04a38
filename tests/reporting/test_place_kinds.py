"""A kind that is about a place needs a place: dated data, required at intake and never of an event."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.codec import decode, encode
from reporting.dated.place_kinds import parse_place_kinds
from reporting.errors import TableError
from reporting.issues.fold import fold_all
from tests.reporting.stories import Story, tables
from tests.reporting.tables import lines

HEADER = "kind,confidence,source,valid_from,valid_to\n"
KINDS = {"mobile_dead_spot", "power_unstable"}
FIRST, LAST = dt.date(2026, 3, 1), dt.date(2026, 4, 30)
ROW = "mobile_dead_spot,high,Quy ước,2026-03-01,2026-05-01\n"


@given(st.dates(dt.date(2025, 1, 1), dt.date(2027, 12, 31)))
def test_a_place_is_asked_for_on_the_days_of_a_row_alone(day: dt.date) -> None:
    table = parse_place_kinds(HEADER + ROW, KINDS)
    assert table.on(day) == (frozenset({"mobile_dead_spot"}) if FIRST <= day <= LAST else frozenset())


@pytest.mark.parametrize(
    ("text", "column"),
    [
        (HEADER + ROW.replace("mobile_dead_spot", "third_vice_chair"), "kind"),
        (HEADER + ROW.replace("high", "sure"), "confidence"),
        (HEADER + ROW.replace("Quy ước", ""), "source"),
        (HEADER + ROW + ROW, "valid_from"),
        (HEADER + ROW.replace("2026-05-01", "2026-03-01"), "valid_to"),
        ("kind,source\n", "confidence"),
        ("", "kind"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_by_its_column(text: str, column: str) -> None:
    with pytest.raises(TableError) as refused:
        parse_place_kinds(text, KINDS)
    assert refused.value.field == column


def test_another_content_is_another_version() -> None:
    versions = {parse_place_kinds(text, KINDS).version for text in (HEADER, HEADER + ROW)}
    assert len(versions) == 2


def test_of_what_takes_no_text_no_place_is_asked() -> None:
    outside = {row["key"] for row in lines("competence.csv") if row["lane"] == "outside"}
    assert outside
    assert not outside & tables().place_kinds.on(dt.date(2026, 11, 30))


@pytest.mark.parametrize("kind", [row["kind"] for row in lines("place_kinds.csv")])
def test_a_report_from_before_that_names_no_place_folds_as_ever(kind: str) -> None:
    story = Story(kind)
    state = fold_all(decode(encode(event)) for event in story.log)
    assert state == story.state
    assert state.report.place is None
    assert state.is_open
