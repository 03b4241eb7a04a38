from __future__ import annotations

import importlib.resources
import re

import pytest

from reporting.cases.marks import MARKS
from reporting.cases.metrics import METRICS
from services.warehouse.named_queries import named_query, query_names, written_out
from services.web.figures.schemas import Counts

QUERIES = importlib.resources.files("reporting") / "queries"
FROM_THE_OTHER_SIDE = "audit_recount"
"""States the rule of marks a second time, on purpose: what it is to find would otherwise be in it too."""

MEDIANS = "commune_medians"
"""Takes the medians of figures that the definitions compute, and so names them a second time, in the order of a sheet."""


def text_of(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", query_names())
def test_nothing_that_a_query_leaves_to_the_definitions_stays_unsaid(name: str) -> None:
    for braces in re.findall(r"\{[^}]*\}", re.sub(r"--[^\n]*", "", named_query(name))):
        assert re.fullmatch(r"\{\w+:\S[^{}]*\}", braces), braces


@pytest.mark.parametrize("name", sorted({*query_names()} - {FROM_THE_OTHER_SIDE, MEDIANS}))
def test_no_query_lists_the_marks_itself(name: str) -> None:
    assert len(set(re.findall(r"\w+", text_of(name))) & set(MARKS)) <= 2


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in query_names()
        if name != MEDIANS and re.search(r"\{metrics( by day)?\}", text_of(name))
    ],
)
def test_a_query_that_shows_figures_has_a_column_for_every_metric_in_their_order(name: str) -> None:
    keys = [metric.key for metric in METRICS]
    columns = [key for key in re.findall(r" AS (\w+)", named_query(name)) if key in keys]
    assert columns[: len(METRICS)] == keys


def test_an_answer_has_a_field_for_every_metric_in_their_order() -> None:
    assert list(Counts.model_fields) == [metric.key for metric in METRICS]


def test_what_is_said_of_each_mark_is_said_once_for_each_with_its_bit() -> None:
    said = written_out("SELECT {marks: sum(n[$bit + 1]) AS $mark}, {units:Array(String)}")
    assert said.startswith("SELECT sum(n[0 + 1]) AS submitted, sum(n[1 + 1]) AS opened, ")
    last = len(MARKS) - 1
    assert said.endswith(f", sum(n[{last} + 1]) AS {MARKS[last]}, {{units:Array(String)}}")
    assert said.count(" AS ") == len(MARKS)
