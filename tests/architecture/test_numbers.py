"""Every number has one name and one formula, and docs/numbers.md says both as the code has them."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from dashboards.panel import Panel
from dashboards.vocabulary import Text
from scripts.named_numbers import (
    Named,
    digest,
    everything,
    of_files,
    of_metrics,
    of_panel,
    of_panels,
    of_roles,
    twins,
    version_of,
)
from scripts.number_table import PAGE, page
from services.web.figures.five_numbers import FORMULAS


def panel_named(name: str) -> Panel:
    return next(panel for panel in of_panels() if panel.name == name)


def test_the_page_of_numbers_is_as_the_definitions_have_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run `python scripts/number_table.py` and look at what it changed"
    )


def test_no_name_of_a_number_stands_for_two_formulas() -> None:
    assert twins(everything()) == []


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_second_formula_under_a_known_name_is_found_in_either_language(lang: Literal["vi", "en"]) -> None:
    overdue = next(one for one in of_metrics() if one.key == "overdue")
    other = Named("a panel", "late_count", "Tên khác", "Another name", "", "late_count of cases", "cases")
    planted = replace(other, vi=overdue.vi.upper()) if lang == "vi" else replace(other, en=overdue.en.upper())
    (told,) = twins([*of_metrics(), planted])
    assert f"({lang}) is overdue of reporting/cases/metrics.py" in told
    assert "late_count of a panel" in told


def test_the_same_formula_may_stand_under_one_name_in_many_places() -> None:
    assert twins([*of_metrics(), *(replace(one, where="elsewhere") for one in of_metrics())]) == []


def test_a_column_of_one_name_means_another_number_where_a_panel_counts_another_thing() -> None:
    panel = panel_named("tam-dung")
    elsewhere = replace(panel, name="elsewhere", unit=Text("nơi", "places"))
    assert twins([*of_panel(panel), *of_panel(panel)]) == []
    assert any("pause_count of places" in told for told in twins([*of_panel(panel), *of_panel(elsewhere)]))


def test_each_number_has_names_and_a_formula_in_words() -> None:
    found = [*everything(), *of_files()]
    assert [one for one in found if not (one.vi and one.en and one.formula and one.unit)] == []


def test_each_number_of_a_role_is_a_metric_a_view_or_has_its_formula() -> None:
    keys = {one.key: one.formula for numbers in of_roles().values() for one in numbers}
    assert [key for key, formula in keys.items() if formula.startswith("`")] == [], (
        "give it a row of FORMULAS"
    )
    assert FORMULAS.keys() <= keys.keys()


def test_the_version_of_a_query_changes_with_what_it_counts_and_not_with_what_it_says() -> None:
    counted = "SELECT count() AS one\nFROM case_marks"
    assert version_of(f"-- Cases.\n{counted}") == version_of(counted.replace("\n", "  "))
    assert version_of(counted) != version_of(counted.replace("count()", "uniqExact(case_key)"))
    assert all(digest(panel.query) for panel in of_panels() if panel.query)
    assert digest("no_such_query") == ""
