"""Rows under conditions: the row that decides, its wording, and cells that stand for every possible case."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.competence.conditions import (
    CHOICES,
    MEASURES,
    SEVERITIES,
    Conditions,
    Range,
    cells_of,
)
from reporting.competence.words import conditions_in_words
from reporting.errors import TableError
from tests.reporting.competence_tables import BEYOND, decided, facts, row, table_of
from tests.reporting.stories import tables

SHIPPED = tables().competence
HALF_A_BILLION = 500_000_000


def test_a_commune_that_lacks_computers_for_little_money_decides_itself_and_for_much_it_proposes() -> None:
    little = decided(SHIPPED, kind="equipment_lack", amount_dong=HALF_A_BILLION - 1)
    much = decided(SHIPPED, kind="equipment_lack", amount_dong=HALF_A_BILLION)
    assert (little.level, little.lane, little.lead_body) == ("commune", "guidance", "15607.ubnd")
    assert (much.level, much.lane, much.lead_body) == ("province", "proposal", "38.so_tai_chinh")
    assert much.row_id == "equipment_lack.large_amount@2025-07-01"
    assert "Phân định này áp dụng khi kinh phí cần có từ 500.000.000 đồng." in much.explanation_vi
    assert "This holds where the money needed is at least 500,000,000 đồng." in much.explanation_en


def test_an_amount_that_nobody_stated_meets_no_condition_on_amounts() -> None:
    assert decided(SHIPPED, kind="equipment_lack").row_id == "equipment_lack@2025-07-01"


def test_a_commune_that_has_already_moved_its_own_staff_goes_to_the_province() -> None:
    before = decided(SHIPPED, kind="workload_imbalance", tried_step="guidance_asked")
    after = decided(SHIPPED, kind="workload_imbalance", tried_step="own_means")
    assert (before.level, after.level) == ("commune", "province")
    assert "đã tự xử lý bằng nguồn lực tại chỗ" in after.explanation_vi


def test_people_cases_and_type_of_place_each_decide_too() -> None:
    table = table_of(
        row(),
        row("many_people", people_affected_from="100", people_affected_below="1000", **BEYOND),
        row("blocking", cases_blocked_from="5", **BEYOND),
        row("at_school", place_types="school;health_station", **BEYOND),
    )
    variants: dict[str, dict[str, Any]] = {
        "": {"people_affected": 99, "cases_blocked": 4, "place_type": "village"},
        ".many_people": {"people_affected": 100, "cases_blocked": 0},
        ".blocking": {"people_affected": 1000, "cases_blocked": 5},
        ".at_school": {"place_type": "health_station"},
    }
    for suffix, stated in variants.items():
        assert decided(table, **stated).row_id == f"equipment_lack{suffix}@2025-07-01"


def test_the_more_particular_row_decides_wherever_it_stands_in_the_file() -> None:
    general, narrow = row(), row("large", amount_dong_from="10", **BEYOND)
    narrower = row("large_school", amount_dong_from="10", place_types="school", **BEYOND)
    for order in ((general, narrow, narrower), (narrower, narrow, general), (narrow, general, narrower)):
        verdict = decided(table_of(*order), amount_dong=11, place_type="school")
        assert verdict.row_id == "equipment_lack.large_school@2025-07-01"


def test_facts_that_no_row_takes_are_a_finding_and_never_a_guess() -> None:
    table = table_of(row("large", amount_dong_from="10", valid_to="2027-03-01", **BEYOND))
    verdict = decided(table, amount_dong=9)
    assert (verdict.finding, verdict.lead_body) == ("row_missing", "38.vp_ubnd")
    assert verdict.facts is not None
    assert verdict.facts.amount_dong == 9


def test_a_verdict_keeps_the_facts_the_row_its_version_and_the_document_that_approved_it() -> None:
    first = decided(table_of(row()), amount_dong=7)
    assert first.facts == facts(amount_dong=7)
    assert first.approved_by == "Quyết định 12/QĐ-UBND ngày 05/01/2026"
    assert "Phân định này được phê duyệt tại: Quyết định 12/QĐ-UBND ngày 05/01/2026." in first.explanation_vi
    changed = decided(table_of(row(response_days="10")), amount_dong=7)
    assert changed.row_id == first.row_id
    assert changed.row_version != first.row_version


def test_an_enterprise_leads_support_and_somebody_else_decides() -> None:
    verdict = decided(SHIPPED, kind="power_unstable")
    assert (verdict.lead_body, verdict.deciding_body) == ("38.dien_luc", "38.so_cong_thuong")
    assert verdict.ministry_body == "bo_cong_thuong"
    assert "Doanh nghiệp khắc phục, cam kết thời gian: " in verdict.explanation_vi


def test_every_row_says_who_decides_who_proposes_and_who_helps() -> None:
    bodies = tables().bodies
    for one in SHIPPED.rows():
        parts = {
            level: [seat.part for seat in getattr(one, level)]
            for level in ("commune", "province", "ministry")
        }
        promising = [seat for seat in (*one.province, *one.ministry) if seat.part == "promise"]
        assert all(bodies.get(seat.key.format(province="38")).promises_only for seat in promising)
        assert "decide" in parts["province"] or not one.beyond_commune, one.id
        assert ("decide" in parts["commune"]) is not one.beyond_commune, one.id
        proposes = one.beyond_commune and one.kind.lane == "proposal"
        assert [seat.key for seat in one.commune if seat.part == "propose"] == ["{commune}.ubnd"] * proposes
        if "decide" not in parts["ministry"]:
            assert one.ministry == ()


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"amount_dong_from": "10"}, "variant"),
        ({"variant": "x", "amount_dong_from": "ten"}, "amount_dong_from"),
        ({"variant": "x", "amount_dong_from": "10", "amount_dong_below": "10"}, "amount_dong_below"),
        ({"variant": "x", "place_types": "moon"}, "place_types"),
        ({"variant": "x", "tried_steps": "prayer"}, "tried_steps"),
        (BEYOND | {"province_bodies": "{province}.viettel"}, "province_bodies"),
        ({"province_bodies": "{province}.viettel:decide"}, "province_bodies"),
        ({"province_bodies": "{province}.so_khcn:rule"}, "province_bodies"),
    ],
)
def test_a_condition_or_a_part_that_cannot_be_is_refused_by_its_place(
    cells: dict[str, str], column: str
) -> None:
    with pytest.raises(TableError, match=f"competence.csv line 2, column {column}"):
        table_of(row(**cells))


ranges = st.builds(
    lambda low, width: Range(low, None if width is None else low + width),
    st.integers(0, 6),
    st.none() | st.integers(1, 4),
)


@st.composite
def conditions(draw: st.DrawFn) -> Conditions:
    """Draw the conditions of a row."""
    measures = draw(st.lists(st.sampled_from(MEASURES), unique=True, max_size=2))
    choices = draw(st.lists(st.sampled_from(sorted(CHOICES)), unique=True, max_size=1))
    return Conditions(
        draw(st.sampled_from(SEVERITIES)),
        tuple((name, draw(ranges)) for name in measures),
        tuple(
            (name, frozenset(draw(st.lists(st.sampled_from(CHOICES[name]), min_size=1, max_size=3))))
            for name in choices
        ),
    )


small_facts = st.builds(
    lambda severity, numbers, place, tried: facts(
        severity=severity, place_type=place, tried_step=tried, **dict(zip(MEASURES, numbers, strict=True))
    ),
    st.sampled_from(SEVERITIES),
    st.tuples(*(st.none() | st.integers(0, 12) for _ in MEASURES)),
    st.none() | st.sampled_from(CHOICES["place_type"]),
    st.none() | st.sampled_from(CHOICES["tried_step"]),
)


# Three rows can cut the facts into thousands of cells; each is tried, however busy the machine is.
@settings(deadline=None)
@given(st.lists(conditions(), min_size=1, max_size=3), small_facts)
def test_any_facts_get_the_same_answers_as_one_of_the_cells(rows: list[Conditions], one: Any) -> None:
    answers = [row.hold(one) for row in rows]
    cells = [facts(**cell) for cell in cells_of(rows)]
    assert answers in [[row.hold(cell) for row in rows] for cell in cells]


@given(conditions(), conditions(), small_facts)
def test_what_covers_another_takes_everything_that_the_other_takes(
    wide: Conditions, narrow: Conditions, one: Any
) -> None:
    if wide.cover(narrow) and narrow.hold(one):
        assert wide.hold(one)


@given(conditions())
def test_every_condition_is_said_in_both_languages(one: Conditions) -> None:
    vietnamese, english = conditions_in_words(one)
    told = one != Conditions()
    assert (bool(vietnamese), bool(english)) == (told, told)
    assert "  " not in vietnamese + english


def test_a_day_before_the_row_begins_is_a_finding() -> None:
    verdict = decided(table_of(row()), on=dt.date(2025, 6, 30))
    assert verdict.finding == "row_missing"
