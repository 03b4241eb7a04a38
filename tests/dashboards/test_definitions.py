"""Definitions of panels and boards: each is said once, in both languages, and its query holds what it names."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import get_args

import pytest

from dashboards.catalogue import all_boards, board_named, panel_named
from dashboards.lines import Answered, Cell, Finding, Line
from dashboards.panel import Board, Column, Panel
from dashboards.vocabulary import Text
from reporting.dated.thresholds import ThresholdKey, parse_thresholds
from services.access.policy import MAY
from services.warehouse.client import Warehouse
from services.warehouse.named_queries import named_query, query_names
from tests.reporting.tables import shipped

ROOT = Path(__file__).resolve().parents[2]
PANELS: list[Panel] = list({panel.name: panel for board in all_boards() for panel in board.panels}.values())
ASKED = {
    "units": ["15607"],
    "provinces": ["38"],
    "from": dt.date(2026, 11, 1),
    "to": dt.date(2026, 11, 30),
    "at": dt.datetime(2026, 11, 30, tzinfo=dt.UTC),
    "kind": "",
    "field": "",
    "channel": "",
    "procedures": ["1.001193"],
    "unknown_field": "khac",
    "working_days": list(range(1, 13_500)),
    "groups": ["38"],
    "days": [dt.date(2026, 11, 30)],
    "quiet_before": [dt.datetime(2026, 11, 30, tzinfo=dt.UTC)],
    "days_off": [],
    "days_off_since": [],
    "newborn_procedures": ["2.000986"],
    "newborn_within": [3],
    "newborn_verified": [5],
    "newborn_off": [],
    "newborn_begins": [],
    "today": dt.date(2026, 11, 30),
    "outage_kinds": ["power_unstable"],
    **dict.fromkeys(get_args(ThresholdKey), 1),
}
by_name = pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)


def queries_of(panel: Panel) -> dict[str, tuple[str, ...]]:
    """Each query of a panel, with the parameters that it is asked with."""
    if panel.reading is not None:
        return {}
    if panel.computed is not None:  # its rows are tested where they are computed (test_workload.py)
        return {panel.watermark: ("units",)}
    own = [panel.query, *(query for query, _ in panel.narrowed.values()), *filter(None, [panel.series])]
    peers = {panel.peers: panel.asks} if panel.peers else {}
    return {**dict.fromkeys(own, panel.asks), **peers, panel.watermark: ("units",)}


def ends_of(panel: Panel) -> set[str]:
    return {end for column in panel.columns for end in column.interval or ()}


@pytest.mark.warehouse
@by_name
def test_every_query_of_a_panel_has_the_columns_that_it_names(
    panel: Panel, warehouse_module: Warehouse
) -> None:
    needed = {key for column in panel.columns for key in column.needs}
    named = {panel.key} - {"scope"} | ({panel.across, panel.sensitive} - {""})
    for query, asks in queries_of(panel).items():
        assert query in query_names()
        found = warehouse_module.rows(
            f"DESCRIBE ({named_query(query)})", **{name: ASKED[name] for name in asks}
        )
        columns = {row["name"] for row in found}
        if query == panel.watermark:
            assert {"as_of", "is_known"} <= columns
            continue
        if query == panel.peers:
            shown = {column.name for column in panel.columns if column.name not in ends_of(panel)}
            assert sorted({*shown, "peer_count"} - columns) == []
            continue
        if panel.facts is not None:  # its rows are tested where they are folded (test_villages.py)
            assert columns == {"spot_id", "body"}
            continue
        assert set(panel.refs) | ({panel.named} if panel.named else set()) <= columns
        assert not panel.is_of_issues or {"unit_code", "bodies"} <= columns
        assert sorted(needed - columns) == [], query
        if query == panel.query:
            assert sorted(named - columns) == [], query
        narrowed = {column for other, column in panel.narrowed.values() if other == query}
        assert narrowed <= columns


@by_name
def test_a_panel_speaks_both_languages_and_its_findings_fill_their_places(panel: Panel) -> None:
    texts = [panel.title, panel.description, panel.question, panel.unit]
    texts += [column.title for column in panel.columns]
    texts += [words for column in panel.columns for words in column.words.values()]
    texts += [act.words for act in panel.act]
    texts += panel.rows.values()
    assert bool(panel.rows) or panel.names != "said"
    for text in texts:
        assert text.vi.strip()
        assert text.en.strip()
    assert panel.description.vi != panel.description.en


@by_name
def test_a_panel_names_only_what_there_is(panel: Panel) -> None:
    names = [column.name for column in panel.columns]
    assert len(set(names)) == len(names)
    assert panel.orders in {"", *names}
    assert ends_of(panel) <= set(names)
    assert (panel.tile in names) == (panel.picture == "tiles")
    assert panel.picture != "tiles" or panel.names == "unit", "a tile is a unit"
    assert set(panel.narrowed) <= set(panel.takes)
    assert set(panel.takes) <= {*panel.asks, *panel.narrowed}
    named = {key for other in PANELS if other.query == panel.query for key in other.thresholds}
    assert set(panel.asks) & set(get_args(ThresholdKey)) <= named
    assert panel.see in MAY
    sources = [bool(panel.query), panel.reading is not None, panel.computed is not None]
    assert sources.count(True) == 1, "one source of rows"
    assert (panel.reading is None) == bool(panel.watermark)
    table = parse_thresholds(shipped("thresholds.csv"))
    assert all(table.get(key, dt.date(2026, 11, 30)).source for key in panel.thresholds)


@by_name
def test_what_may_not_be_added_up_has_no_stacked_picture_and_no_sum(panel: Panel) -> None:
    for column in panel.columns:
        if column.measure in {"days", "moment", "word"}:
            assert not column.has_sum, column.name
    if any(column.measure != "count" for column in panel.columns):
        assert not panel.is_additive


@by_name
def test_places_by_what_they_lack_are_never_added_up(panel: Panel) -> None:
    """A commune waits at many bodies and has many kinds of difficulty: a sum would count it at each."""
    # One row, or each place has a row of its own, or is of one kind alone.
    if panel.key == "scope" or panel.names == "unit" or panel.name == "loai-im-lang":
        return
    counted = {"unit_count", "place_count", "late_place_count", "commune_count"}
    added = [column for column in panel.columns if column.has_sum and counted & set(column.needs)]
    assert [column.name for column in added if column.measure in {"count", "share"}] == []


def test_no_select_stands_outside_the_named_queries() -> None:
    places = [
        ROOT / "dashboards",
        ROOT / "services" / "web" / "boards",
        ROOT / "services" / "web" / "templates" / "boards",
    ]
    for path in (path for place in places for path in place.rglob("*") if path.suffix in {".py", ".html"}):
        if path.parent.name == "grafana":
            continue  # it puts named queries into a frame that binds their parameters, and defines no figure
        assert not re.search(r"\bSELECT\b", path.read_text(encoding="utf-8")), path


def test_no_title_of_a_panel_is_said_a_second_time() -> None:
    everywhere = {
        path: path.read_text(encoding="utf-8")
        for folder in ("dashboards", "services")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".toml"}
    }
    for panel in PANELS:
        for title in (panel.title.vi, panel.title.en):
            said = [path for path, text in everywhere.items() if f'"{title}"' in text]
            assert len(said) == 1, (title, said)
            assert said[0].parent == ROOT / "dashboards" / "definitions"


@pytest.mark.parametrize("found", all_boards(), ids=lambda board: board.name)
def test_a_board_answers_eight_questions_with_panels_of_its_own(found: Board) -> None:
    assert board_named(found.name) is found
    assert len(found.questions) >= 8
    own = {panel.name for panel in found.panels}
    assert {name for one in found.questions for name in one.panels} <= own
    for level in found.levels:
        there = found.at(level)
        assert len(there.panels) > 1, level
        assert all(one.panels for one in there.questions)
        assert {name for one in there.questions for name in one.panels} == {one.name for one in there.panels}
    assert all(set(found.levels) & set(panel.levels) for panel in found.panels)
    may = {role for role in MAY[found.see] if all(role in MAY[panel.see] for panel in found.panels)}
    assert may == set(MAY[found.see]), "who sees the board sees its panels"
    page = (ROOT / "docs" / "dashboards.md").read_text(encoding="utf-8")
    for one in found.questions:
        assert one.words.en in page, "docs/dashboards.md lacks a question of the board"
        assert all(f"`{name}`" in page for name in one.panels)


def test_a_name_has_one_meaning_and_an_unknown_one_has_none() -> None:
    named = [panel for board in all_boards() for panel in board.panels]
    assert all(panel_named(panel.name) is panel for panel in named)
    assert panel_named("no-such-panel") is None


def test_a_text_is_chosen_by_language() -> None:
    assert Text("tỉnh", "province").of("en") == "province"
    assert Text("tỉnh", "province").of("vi") == "tỉnh"


def alike(column: Column) -> Cell:
    """A cell that every row has; the word makes it one of those that a sentence may single out."""
    if column.measure == "word":
        return Cell("below")
    return Cell(dt.datetime(2026, 11, 30, tzinfo=dt.UTC) if column.measure in {"moment", "day"} else 12)


@pytest.mark.parametrize("found", all_boards(), ids=lambda board: board.name)
def test_no_two_panels_of_a_board_have_one_sentence(found: Board) -> None:
    """A head that another panel has says nothing of its own; one that names a row of its own does."""
    said: dict[str, list[str]] = {}
    for panel in found.panels:
        sentence = sentence_of_two(panel)
        if not sentence.ties:
            said.setdefault(sentence.words.vi, []).append(panel.name)
    assert [names for names in said.values() if len(names) > 1] == []


def keys_of_two(panel: Panel) -> list[str]:
    return ["signal", "power"] if panel.names == "supply" else [*panel.rows, *"xy"][:2]


def sentence_of_two(panel: Panel) -> Finding:
    """The sentence of a panel about two rows that are alike."""
    cells = {column.name: alike(column) for column in panel.columns}
    return panel.said(Answered(tuple(Line(key, cells) for key in keys_of_two(panel)), Line("", cells)))


@by_name
def test_a_sentence_that_names_one_of_two_rows_that_are_alike_says_that_the_other_is_level(
    panel: Panel,
) -> None:
    keys, found = keys_of_two(panel), sentence_of_two(panel)
    named = {name for name, (_, value) in found.values.items() if value in keys}
    assert {name: found.ties.get(name) for name in named} == dict.fromkeys(named, 1)
