"""Rules over the pages of all boards: what is drawn is what the table says, a filter that is cleared leaves nothing, weight."""

from __future__ import annotations

import gzip
import html
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from dashboards.catalogue import all_boards
from dashboards.panel import Board
from services.access.tokens import unit_level
from tests.services import world as who
from tests.services.world import BAT_MOT, World

pytestmark = pytest.mark.warehouse

Person = tuple[str, ...]
MOST_BYTES = 900_000
CHOICES = {"field": "ho_tich", "channel": "counter", "kind": "mobile_dead_spot", "from": "2026-11-20"}
_ASSET = re.compile(r"""(?:href|src)="(/static/[^"#]+)""")
_LINKED = re.compile(r"url\((?![\"']?data:)([^)]+)\)")
_CELL = re.compile(r'<td data-column="(\w+)" data-v="([^"]*)"[^>]*>(.*?)</td>', re.DOTALL)


def reader(board: Board) -> tuple[Person, str]:
    """Who reads a board here: a province where it has provinces, for its rows are the most."""
    known = {
        "province": (who.REVIEWER, "38"),
        "nation": (who.MINISTRY, "vn"),
        "commune": (who.OFFICER, BAT_MOT),
    }
    person, unit = next(known[level] for level in known if level in board.levels)
    return (who.AUDITOR if board.see == "operations.read" else person), unit


BOARDS = [pytest.param(board, *reader(board), id=board.name) for board in all_boards()]


def page_of(world: World, person: Person, board: Board, query: str) -> str:
    shown = world.as_(*person).get(f"/bang/{board.name}?{query}", headers={"accept": "text/html"})
    assert shown.status_code == 200, shown.text
    return shown.text


def sections(page: str) -> Iterator[tuple[str, str]]:
    for part in page.split("<section ")[1:]:
        if (name := re.search(r'data-panel="([\w-]+)"', part)) is not None:
            yield name[1], part.partition("</section>")[0]


@pytest.mark.slow
@pytest.mark.parametrize(("board", "person", "unit"), BOARDS)
def test_what_is_drawn_is_what_the_table_says(
    filled_world: World, board: Board, person: Person, unit: str
) -> None:
    """Bars, intervals, coloured cells and tiles, each against the figure of its cell, and that against the interface."""
    page = page_of(filled_world, person, board, f"unit={unit}&lang=vi")
    panels = {one.name: one for one in board.panels}
    for name, section in sections(page):
        panel = panels[name]
        if panel.see == "operations.read":  # it is of the moment: asked twice it differs
            continue
        rows = filled_world.as_(*person).get(f"/bang/so/{name}.json?unit={unit}&lang=vi").json()["rows"]
        if panel.picture == "heat":
            cells = re.findall(r'<td data-across="(\w+)" data-v="([^"]*)"', section)
            reported = [row for row in rows if set(row["signs"].values()) != {"not_reported"}]
            figures = [(row[panel.across], text_of(row[panel.columns[0].name])) for row in reported]
            assert sorted(cells) == sorted(figures), name
            continue
        if panel.picture not in {"bars", "tiles"}:  # figures in words, and nothing drawn but small lines
            continue
        bar = panel.orders or panel.columns[0].name
        most = max((row[bar] for row in rows if isinstance(row[bar], int | float)), default=0)
        drawn = re.findall(r'<tr data-key="[^"]*">(.*?)</tr>', section, re.DOTALL)
        assert len(drawn) == len(rows), name
        for line, row in zip(drawn, rows, strict=True):
            width = re.search(r'class="lc-bar-part" width="([\d.]+)"', line.partition("</th>")[0])
            figure = row[bar] if isinstance(row[bar], int | float) else None
            expected = None if figure is None or not most else round(100 * figure / most, 1)
            assert (None if width is None else float(width[1])) == expected, (name, row["name"])
            for column, value, inside in _CELL.findall(line):
                assert value == text_of(row[column]) or "T" in value, (name, column)
                ends = next(one for one in panel.columns if one.name == column).interval
                if ends is None or (found := re.search(r'class="lc-bar-part" x="([\d.]+)"', inside)) is None:
                    continue
                assert float(found[1]) == round(100 * row[ends[0]], 1), (name, column)


def text_of(value: object) -> str:
    return "" if value is None else str(value)


@pytest.mark.slow
@pytest.mark.parametrize(("board", "person", "unit"), BOARDS)
def test_a_filter_that_is_cleared_leaves_nothing_behind(
    filled_world: World, board: Board, person: Person, unit: str
) -> None:
    """Each filter that the form of a board offers is kept by its links, and its own way back is the page without it."""
    found = board.at(unit_level(unit))
    offered = {str(name) for panel in found.panels for name in panel.takes} & set(CHOICES)
    chosen = {name: CHOICES[name] for name in sorted(offered - ({"kind"} if found.is_sheet else set()))}
    plain = words_of(page_of(filled_world, person, board, f"unit={unit}"))
    page = page_of(filled_world, person, board, urlencode({"unit": unit, **chosen}))
    for name, value in chosen.items():
        kept = rf'name="{name}"[^>]*value="{value}"|<option value="{value}" selected'
        assert re.search(kept, page), name
    addresses = [html.unescape(one) for one in re.findall(r'href="(/bang/[\w-]+\?[^"]*)"', page)]
    assert any(all(f"{name}={value}" in one for name, value in chosen.items()) for one in addresses)
    assert not chosen or f"/bang/{board.name}?unit={unit}" in addresses, "the way back to no choice"
    if board.see != "operations.read":  # what runs is of the moment: asked twice it differs
        assert words_of(page_of(filled_world, person, board, f"unit={unit}")) == plain


def words_of(page: str) -> str:
    """Return the head, choices and figures of a page, without what is of the moment."""
    main = re.sub(r"<svg.*?</svg>", "", page.partition("<main")[2].partition("</main>")[0], flags=re.DOTALL)
    return re.sub(r"\d\d/\d\d/\d{4} \d\d:\d\d", "", main)


@pytest.mark.slow
@pytest.mark.parametrize(("board", "person", "unit"), BOARDS)
def test_a_board_with_all_that_it_loads_is_light(
    filled_world: World, board: Board, person: Person, unit: str
) -> None:
    """At most 900 KB compressed, with typefaces, styles and scripts, of which a second page loads none again."""
    client = filled_world.as_(*person)
    page = page_of(filled_world, person, board, f"unit={unit}")
    weight = len(gzip.compress(page.encode()))
    known, asked = set[str](), [html.unescape(one) for one in _ASSET.findall(page)]
    while asked:
        address = asked.pop().partition("?")[0]
        if address in known:
            continue
        known.add(address)
        answer = client.get(address)
        assert answer.status_code == 200, address
        weight += len(
            answer.content if address.endswith((".woff2", ".png")) else gzip.compress(answer.content)
        )
        if address.endswith(".css"):
            asked += [f"/static/{one.strip(chr(34))}" for one in _LINKED.findall(answer.text)]
    assert known
    assert weight <= MOST_BYTES, weight
