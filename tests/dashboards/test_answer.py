from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.answer import answered
from dashboards.definitions.cases import COMMUNES, LOAD, PROVINCES
from dashboards.definitions.difficulties import KINDS, WAITING
from dashboards.definitions.fields import FIELDS
from dashboards.definitions.procedures import PAUSES
from dashboards.panel import Panel
from reporting.cases.metrics import METRICS
from services.web.boards.wording import Wording
from services.web.shell.parts import ViewParts
from tests.services.world import labels, tables

KEYS = [metric.key for metric in METRICS]
counts = st.fixed_dictionaries({key: st.integers(0, 30) for key in KEYS})


def communes(found: list[dict[str, int]]) -> list[dict[str, object]]:
    return [{"unit_code": f"{number:05}", **row} for number, row in enumerate(found)]


@given(st.lists(counts, max_size=8))
def test_the_sum_is_that_of_the_lines_with_figures(found: list[dict[str, int]]) -> None:
    answer = answered(COMMUNES, communes(found))
    for name in ("open", "overdue", "received", "resolved"):
        figures = [figure for line in answer.lines if (figure := line.number(name)) is not None]
        assert (answer.whole.number(name) or 0) == sum(figures)


@given(st.lists(counts, max_size=8))
def test_a_share_of_the_whole_is_that_of_its_sums_and_never_a_sum_of_shares(
    found: list[dict[str, int]],
) -> None:
    answer = answered(COMMUNES, communes(found))
    late = sum(row["resolved_late"] for row in found)
    finished = late + sum(row["resolved_early"] + row["resolved_on_time"] for row in found)
    share = answer.whole.cells["late_share"]
    if finished and answer.whole.number("open") is not None:
        assert share.value == late / finished or share.sign is None
    assert 0 <= (share.value if isinstance(share.value, float) else 0) <= 1


def test_a_unit_without_figures_is_no_nought_and_comes_last() -> None:
    nothing, something = dict.fromkeys(KEYS, 0), {**dict.fromkeys(KEYS, 0), "open": 1, "received": 1}
    answer = answered(COMMUNES, communes([nothing, something]))
    assert [line.key for line in answer.lines] == ["00001", "00000"]
    assert {cell.sign for cell in answer.lines[1].cells.values()} == {"not_reported"}
    assert answer.lines[0].cells["overdue"].value == 0
    assert answer.lines[0].cells["late_share"].sign == "not_applicable"


def test_what_was_nought_before_is_compared_and_what_was_unknown_is_not() -> None:
    now = {**dict.fromkeys(KEYS, 0), "reporting_unit_count": 1, "open": 3, "received": 3}
    nothing = {**dict.fromkeys(KEYS, 0), "reporting_unit_count": 0}
    known = {**nothing, "carried_over": 1}
    for before, expected in (([known], 0), ([nothing], None)):
        rows = [{"province_code": "38", **row} for row in before]
        [line] = answered(PROVINCES, [{"province_code": "38", **now}], rows).lines
        assert line.cells["open"].before == expected


def test_a_small_unit_is_not_called_worse_by_chance() -> None:
    row = {**dict.fromkeys(KEYS, 0), "open": 1}
    large = {**row, "resolved_on_time": 950, "resolved_late": 50}
    small = {**row, "resolved_on_time": 9, "resolved_late": 1}
    really = {**row, "resolved_on_time": 100, "resolved_late": 100}
    answer = answered(COMMUNES, communes([large, small, really]))
    differs = {line.key: line.cells["late_differs"].value for line in answer.lines}
    assert differs["00001"] == "same"
    assert differs["00002"] == "above"


def test_a_count_that_is_kept_back_hides_its_sum_and_no_other_comparison() -> None:
    nothing = {**dict.fromkeys(KEYS, 0), "received": 100, "resolved": 100}
    good = {"field_code": "a", **nothing, "resolved_on_time": 100}
    slow = {"field_code": "b", **nothing, "resolved_on_time": 40, "resolved_late": 60}
    small = {"field_code": "c", **nothing, "resolved_on_time": 96, "resolved_late": None}
    answer = answered(FIELDS, [good, slow, small])
    assert answer.whole.cells["on_time_share"].sign == "suppressed"
    lines = {line.key: line.cells for line in answer.lines}
    assert [lines[key]["on_time_differs"].value for key in "ab"] == ["above", "below"]
    ends = ("on_time_share", "on_time_share_low", "on_time_share_high", "on_time_differs")
    assert {lines["c"][name].sign for name in ends} == {"suppressed"}


def test_a_field_without_cases_is_nought() -> None:
    row = {"field_code": "a", **dict.fromkeys(KEYS, 0)}
    [line] = answered(FIELDS, [row]).lines
    assert (line.cells["received"].value, line.cells["on_time_share"].sign) == (0, "not_applicable")


@pytest.mark.parametrize(
    ("case_count", "pause_count", "said"),
    [
        (0, 0, "There are no figures yet"),
        (9, 0, "No case had to pause in the period"),
        (9, None, "Small figures are kept back: see each row"),
        (9, 7, "{paused} pauses, most of them for: {most} ({count}); {on} have not ended"),
    ],
)
def test_a_sentence_tells_nought_from_no_figures_and_from_figures_kept_back(
    case_count: int, pause_count: int | None, said: str
) -> None:
    needed = {key for column in PAUSES.columns for key in column.needs}
    row = {**dict.fromkeys(needed, 0), "reason": "fee", "case_count": case_count, "pause_count": pause_count}
    assert PAUSES.said(answered(PAUSES, [row])).words.en == said


@pytest.mark.parametrize(
    ("open_counts", "said"),
    [
        ([3, 2, 2], "Xã Bát Mọt tồn nhiều nhất (3); "),
        ([2, 2, 2], "Xã Bát Mọt (ngang với 2 dòng khác) tồn nhiều nhất (2); "),
    ],
)
def test_a_sentence_that_names_the_first_says_how_many_are_level_with_it(
    open_counts: list[int], said: str
) -> None:
    rows = [
        {"unit_code": unit, **dict.fromkeys(KEYS, 0), "received": 3, "open": count}
        for unit, count in zip(("15607", "15622", "15628"), open_counts, strict=True)
    ]
    words = Wording(cast("ViewParts", SimpleNamespace(labels=labels(), tables=tables())), "vi")
    assert words.finding(COMMUNES, COMMUNES.said(answered(COMMUNES, rows))).startswith(said)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([3, 0], "3 khó khăn chờ trả lời, đều ở Sở Nội vụ tỉnh Thanh Hóa; lâu nhất 9 ngày"),
        (
            [3, 1],
            "4 khó khăn chờ trả lời, nhiều nhất và lâu nhất ở Sở Nội vụ tỉnh Thanh Hóa: 3 khó khăn, 9 ngày",
        ),
    ],
)
def test_where_one_has_all_the_sentence_does_not_say_its_name_and_number_twice(
    counts: list[int], said: str
) -> None:
    needed = dict.fromkeys((key for column in WAITING.columns for key in column.needs), 0)
    rows = [
        {**needed, "lead_body": body, "waiting_count": count, "oldest_days": 9 if count > 1 else None}
        for body, count in zip(("38.so_noi_vu", "38.so_tai_chinh"), counts, strict=True)
    ]
    words = Wording(cast("ViewParts", SimpleNamespace(labels=labels(), tables=tables())), "vi")
    assert words.finding(WAITING, WAITING.said(answered(WAITING, rows))) == said


def test_no_caption_of_a_panel_says_its_unit_twice() -> None:
    assert (COMMUNES.titled("vi"), LOAD.titled("vi")) == ("Hồ sơ theo xã", "Khối lượng hồ sơ")
    assert PAUSES.titled("vi") == f"{PAUSES.title.vi}, {PAUSES.unit.vi}"


def kinds_of(*counts: tuple[str, str, int]) -> str:
    """The sentence of the kinds by province, of (kind, province, communes that have it)."""
    rows = [
        {"kind": kind, "province_code": province, "commune_count": 10, "is_reporting": True}
        | {"unit_count": count, "open_count": count}
        for kind, province, count in counts
    ]
    silent = {"kind": "mobile_dead_spot", "province_code": "01", "commune_count": 10, "is_reporting": False}
    found = answered(KINDS, [*rows, {**silent, "unit_count": 0, "open_count": 0}])
    words = Wording(cast("ViewParts", SimpleNamespace(labels=labels(), tables=tables())), "en")
    return words.finding(KINDS, KINDS.said(found))


def test_where_one_province_has_figures_the_widest_kind_is_that_of_most_communes() -> None:
    said = kinds_of(("mobile_dead_spot", "38", 2), ("power_unstable", "38", 5))
    assert said.startswith("One province alone has figures, ")
    assert said.endswith("open in 5 communes")
    other = kinds_of(
        ("mobile_dead_spot", "38", 2), ("mobile_dead_spot", "40", 1), ("power_unstable", "38", 5)
    )
    assert other.endswith("open in 2 provinces")


def test_a_province_is_not_said_to_have_kept_its_share_where_there_is_no_period_before() -> None:
    shares = {"resolved": 4, "open": 3, "received": 5}
    row = {"province_code": "38", **dict.fromkeys(needs_of(PROVINCES), 0), **shares, "resolved_on_time": 4}
    before = {**row, "resolved_on_time": 3, "resolved_late": 1}
    said = [PROVINCES.said(answered(PROVINCES, [row], old)).words.en for old in (None, [], [before])]
    assert ["no period before" in one for one in said] == [True, True, False]


def needs_of(panel: Panel) -> set[str]:
    return {key for column in panel.columns for key in column.needs} | set(KEYS)
