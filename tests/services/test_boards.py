"""Boards through the real pages: a number, the list behind it and every export are one; who may ask; what is refused."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import itertools
import re
import statistics
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from dashboards.answer import answered
from dashboards.catalogue import all_boards
from dashboards.definitions.cases import COMMUNES
from dashboards.panel import Panel
from reporting.cases.metrics import METRICS
from reporting.dated.calendar import local_day
from reporting.dated.units import parse_units
from reporting.privacy import suppressed
from reporting.silence import WITHOUT_FIGURES
from services.access.policy import MAY
from services.access.tokens import unit_level
from services.acting.visible import issue_bodies
from services.boot.pages import build_whole
from services.language.formats import LOCAL
from services.warehouse.client import Warehouse
from services.web.boards.asked import Asked
from services.web.boards.links import Links
from services.web.boards.reading import Answer, Coverage
from services.web.boards.tiles import TileMaker, end_of_steps, step_of
from services.web.boards.wording import Wording
from services.web.boards.workbook import as_workbook
from services.web.figures.windows import Window
from tests.databases import Databases
from tests.reporting.tables import shipped
from tests.services import world as who
from tests.services.test_numbers_and_rows import fill, rows_behind
from tests.services.world import BAT_MOT, VAN_XUAN, World, open_world

pytestmark = pytest.mark.warehouse

Person = tuple[str, ...]
SCOPES: tuple[tuple[Person, str], ...] = (
    (who.MINISTRY, "vn"),
    (who.MINISTRY, "38"),
    (who.REVIEWER, "38"),
    (who.REVIEWER, BAT_MOT),
    (who.DEPARTMENT, "38"),
    (who.OFFICER, BAT_MOT),
)
BESIDE = {(who.MINISTRY, "38"), (who.REVIEWER, BAT_MOT), (who.DEPARTMENT, "38")}
"""Scopes that show what another shows, with its questions to the engine; they are compared without filters."""
UNITS = {"province": "38", "nation": "vn", "commune": BAT_MOT}
PANELS: list[Panel] = [
    panel
    for panel in {panel.name: panel for board in all_boards() for panel in board.panels}.values()
    if panel.see == "rollups.read"
]
"""Panels of figures; those of the installation itself: test_operators_board.py."""
CHOICES: dict[str, tuple[str, ...]] = {
    "field": ("", "ho_tich"),
    "channel": ("", "counter"),
    "kind": ("", "mobile_dead_spot"),
}
_CELL = re.compile(r'data-column="(\w+)" data-v="([^"]*)"')


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[World]:
    """An installation whose cases, difficulties and feeds are random; tests add to it."""
    fresh = databases.fresh()
    with closing(fresh), open_world(tmp_path_factory.mktemp("boards"), fresh, demo=True) as world:
        fill(world, 2)  # a test must find something when it runs alone
        yield world


@pytest.fixture(autouse=True)
def own_language(request: pytest.FixtureRequest) -> Iterator[None]:
    """A language that one test chooses is not that of the next."""
    yield
    if "filled" in request.fixturenames:
        request.getfixturevalue("filled").forget_cookies()


def panel_url(panel: str, ending: str, **query: str) -> str:
    kept = "&".join(f"{name}={value}" for name, value in query.items() if value)
    return f"/bang/so/{panel}.{ending}?{kept}"


def read(world: World, person: Person, panel: str, **query: str) -> dict[str, Any]:
    answer = world.as_(*person).get(panel_url(panel, "json", **query))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def read_csv(world: World, person: Person, panel: str, **query: str) -> list[dict[str, str]]:
    answer = world.as_(*person).get(panel_url(panel, "csv", **query))
    assert answer.status_code == 200, answer.text
    assert answer.text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    # Each line says the same of all.
    assert len({(row.pop("as_of"), row.pop("filters")) for row in rows}) <= 1
    return rows


def combinations(panel: Panel, today: dt.date) -> Iterator[dict[str, str]]:
    """Every filter of a panel with and without a choice, as far as it takes them together."""
    windows: list[dict[str, str]] = [{}]
    if "from" in panel.takes:
        windows.append({"from": str(today - dt.timedelta(days=6)), "to": str(today)})
    names = [name for name in CHOICES if name in panel.takes]
    for window, chosen in itertools.product(windows, itertools.product(*(CHOICES[name] for name in names))):
        query = dict(window)
        query.update((name, value) for name, value in zip(names, chosen, strict=True) if value)
        if len([name for name in query if name in panel.narrowed]) <= 1:
            yield query


def as_text(value: object) -> str:
    if isinstance(value, dict):
        return ";".join(f"{name}={sign}" for name, sign in value.items())
    return "" if value is None else str(value)


def same_instant(value: str) -> str:
    return value.replace("+00:00", "Z") if re.match(r"\d{4}-\d\d-\d\dT", value) else value


def cells_of(page: str, panel: str) -> list[dict[str, str]]:
    """The rows of a panel on a page, as exports have them; the row of the sum first, where there is one."""
    section = page.partition(f'data-panel="{panel}"')[2].partition("</section>")[0]
    if "<ul hidden>" in section:
        return [dict(_CELL.findall(section.partition("<ul hidden>")[2]))]
    return [
        dict(_CELL.findall(row))
        for row in re.findall(r'<tr (?:data-key|class="is-total").*?</tr>', section, re.DOTALL)
    ]


class Remembering(Warehouse):
    """Asks the engine each question once, while the log and the clock stand still."""

    def __init__(self, own: Warehouse) -> None:
        super().__init__(own.dsn, database=own.database)
        self._answers: dict[str, list[dict[str, Any]]] = {}

    def query(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """Return what was answered before, or ask."""
        question = f"{name} {sorted(params.items())}"
        if question not in self._answers:
            self._answers[question] = super().query(name, **params)
        return self._answers[question]


@contextmanager
def standing_still(world: World, warehouse: Warehouse, at: dt.datetime) -> Iterator[World]:
    """The same installation at one instant, before this reader of its engine."""
    parts = replace(world.parts, warehouse=warehouse, clock=lambda: at)
    app = build_whole(parts)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield replace(world, parts=parts, app=app, client=client, _clients={})


@pytest.mark.slow
def test_a_number_its_page_and_its_exports_are_one(filled: World, seed: int) -> None:
    """For every panel, scope, filter and language at one position of the log: no difference.

    Without filters the engine is asked anew for each language, beside the one answer that pages and exports share, so
    that an order that changes from one answer to the next is found.
    """
    fill(filled, seed)
    engine, at = filled.parts.warehouse, filled.clock()
    with (
        closing(Remembering(engine)) as remembering,
        standing_still(filled, engine, at) as asking,
        standing_still(filled, remembering, at) as still,
    ):
        every_number_is_one(asking, still)


def every_number_is_one(asking: World, still: World) -> None:
    today, compared = local_day(still.clock()), set()
    pages: dict[tuple[Person, str], str] = {}
    for panel, (person, unit) in itertools.product(PANELS, SCOPES):
        if unit_level(unit) not in panel.levels:
            continue
        for number, query in enumerate(combinations(panel, today)):
            if number and (person, unit) in BESIDE:
                break
            lang, other = ("vi", "en") if number % 2 else ("en", "vi")
            answer = read(still, person, panel.name, unit=unit, lang=lang, **query)
            if not number:
                world = still if (person, unit) in BESIDE else asking
                anew = [read(world, person, panel.name, unit=unit, lang=one) for one in (lang, other)]
                assert [figures(one) for one in anew] == [figures(answer)] * 2
            exported(still, person, panel, answer, {"unit": unit, "lang": lang, **query})
            shown(still, person, panel, answer, {"unit": unit, "lang": other, **query}, pages)
            compared.add(panel.name)
    assert compared == {panel.name for panel in PANELS}


def figures(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in row.items() if name != "name" and not name.endswith("_name")}
        for row in [*answer["rows"], answer["total"]]
    ]


def exported(
    world: World, person: Person, panel: Panel, answer: dict[str, Any], query: dict[str, str]
) -> None:
    """The lines of the CSV and of the workbook are those of the JSON, and their sum is the total."""
    rows = answer["rows"]
    assert plain(read_csv(world, person, panel.name, **query)) == plain(rows)
    assert_workbook(read_workbook(world, person, panel.name, **query)[0], rows)
    if panel.picture == "heat" or any("suppressed" in row["signs"].values() for row in rows):
        return
    for column in panel.columns:
        if column.measure == "count" and column.has_sum:
            known = [row[column.name] for row in rows if row[column.name] is not None]
            assert sum(known) == (answer["total"][column.name] or 0), (panel.name, column.name, query)


def read_workbook(world: World, person: Person, panel: str, **query: str) -> list[list[list[Any]]]:
    """The sheets of a workbook, read by a library that the product does not write it with."""
    answer = world.as_(*person).get(panel_url(panel, "xlsx", **query))
    assert answer.status_code == 200, answer.text
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return [book.get_sheet_by_index(number).to_python() for number in range(len(book.sheet_names))]


def assert_workbook(lines: list[list[Any]], rows: list[dict[str, Any]]) -> None:
    """Cell by cell: a number is a number, an instant a local time, a text itself, a missing figure an empty cell."""
    assert len(lines) == len(rows) + 1
    for found, row in zip(lines[1:], rows, strict=True):
        for cell, value in zip(found, row.values(), strict=True):
            if isinstance(value, int | float):
                assert cell == pytest.approx(value, rel=1e-12, abs=0), row
            elif isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
                local = dt.datetime.fromisoformat(value).astimezone(LOCAL).replace(tzinfo=None)
                assert abs(cell - local) <= dt.timedelta(milliseconds=1), row
            elif isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                assert dt.date(cell.year, cell.month, cell.day) == dt.date.fromisoformat(value), row
            else:
                assert cell == as_text(value), row


def plain(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{name: same_instant(as_text(value)) for name, value in row.items()} for row in rows]


def shown(
    world: World,
    person: Person,
    panel: Panel,
    answer: dict[str, Any],
    query: dict[str, str],
    pages: dict[tuple[Person, str], str],
) -> None:
    """What the page of a board holds is what the exports hold."""
    level = unit_level(query["unit"])
    of_unit = [one for one in all_boards() if level in one.levels and one.see == panel.see]
    board = next((one for one in of_unit if panel in one.at(unit_level(query["unit"])).panels), None)
    if board is None or panel.picture == "heat":
        return
    url = f"/bang/{board.name}?" + "&".join(f"{name}={value}" for name, value in query.items())
    if (person, url) not in pages:
        page = world.as_(*person).get(url, headers={"accept": "text/html"})
        assert page.status_code == 200, page.text
        pages[person, url] = page.text
    cells, rows, total = cells_of(pages[person, url], panel.name), answer["rows"], answer["total"]
    if panel.picture in {"cards", "sheet"}:
        rows = [total]
    elif len(rows) > 1 and len(cells) > len(rows):
        without = {column.name for column in panel.columns if not column.has_sum}
        rows = [{name: None if name in without else value for name, value in total.items()}, *rows]
    assert len(cells) == len(rows), (panel.name, query)
    for found, row in zip(cells, rows, strict=True):
        expected = {name: same_instant(as_text(row[name])) for name in found}
        assert {name: same_instant(value) for name, value in found.items()} == expected, (panel.name, query)


def test_the_figures_of_boards_are_those_of_the_interface(filled: World) -> None:
    fill(filled, 7)
    for person, unit in SCOPES:
        load = read(filled, person, "tai", unit=unit)
        window = {name: load["filters"][name] for name in ("from", "to")}
        path = f"/api/v1/units/{unit}/rollups"
        total = filled.as_(*person).get(path, params=window).json()["total"]
        for name in ("received", "resolved", "open", "overdue"):
            assert (load["total"][name] or 0) == total[name], (unit, name)
    nation = read(filled, who.MINISTRY, "cac-tinh", unit="vn")
    province = read(filled, who.REVIEWER, "cac-xa", unit="38")
    [thanh_hoa] = [row for row in nation["rows"] if row["province_code"] == "38"]
    for name in ("received", "resolved", "open", "overdue"):
        assert thanh_hoa[name] == province["total"][name] == read(filled, who.REVIEWER, "tai")["total"][name]
    assert len(province["rows"]) == 166
    assert len(nation["rows"]) == 34


def test_a_number_of_the_road_opens_exactly_its_rows(filled: World) -> None:
    fill(filled, 11)
    client, followed = filled.as_(*who.REVIEWER), 0
    for query in ("", "?kind=mobile_dead_spot", f"?unit={BAT_MOT}", "?from={since}&to={today}"):
        today = local_day(filled.clock())
        asked = query.format(since=today - dt.timedelta(days=29), today=today)
        page = client.get(f"/bang/duong-di{asked}", headers={"accept": "text/html"}).text
        for value, href in re.findall(r'data-v="(\d+)"[^>]*><a href="([^"]+)"', page):
            assert rows_behind(client, html.unescape(href)) == int(value), (asked, href)
            followed += 1
    assert followed >= 8


def test_what_waits_is_what_the_lists_of_the_office_hold(filled: World) -> None:
    total = read(filled, who.REVIEWER, "cho-tra-loi")["total"]
    client = filled.as_(*who.REVIEWER)
    for column, tab in (
        ("waiting_count", "open"),
        ("unassigned_count", "unassigned"),
        ("returned_count", "returned"),
        ("confirming_count", "confirming"),
        ("answered_count", "answered"),
    ):
        assert rows_behind(client, f"/tinh?tab={tab}") == total[column], column


def test_the_levels_add_up_to_what_is_open(filled: World) -> None:
    total = read(filled, who.REVIEWER, "theo-cap")["total"]
    open_issues = filled.parts.issue_table.list(units=("38",), open_only=True, limit=5_000)
    assert total["open_count"] == len(open_issues)
    assert total["week_count"] + total["month_count"] + total["longer_count"] == total["open_count"]
    assert total["oldest_days"] is None


def test_communes_that_are_silent_are_those_of_the_list(filled: World) -> None:
    found = read(filled, who.REVIEWER, "im-lang")
    assert len(found["rows"]) == rows_behind(filled.as_(*who.REVIEWER), "/tinh/tong-quan?state=silent")
    assert {row["kind"] for row in found["rows"]} <= set(WITHOUT_FIGURES)


def test_the_cells_of_the_heat_map_are_the_lines_of_its_export(filled: World) -> None:
    found = read(filled, who.MINISTRY, "loai-theo-tinh")
    page = filled.as_(*who.MINISTRY).get("/bang/ca-nuoc", headers={"accept": "text/html"}).text
    section = page.partition('data-panel="loai-theo-tinh"')[2].partition("</section>")[0]
    cells = re.findall(r'<td [^>]*data-v="([^"]*)"', section)
    drawn = [row for row in found["rows"] if "not_reported" not in row["signs"].values()]
    assert drawn
    assert sorted(cells) == sorted(as_text(row["unit_share"]) for row in drawn)
    signs = {row["province_code"]: row["signs"] for row in found["rows"]}
    assert signs["38"] == {}
    assert set(signs["01"].values()) == {"not_reported"}


_TILE = re.compile(
    r'<li class="is-column-(\d+) is-row-(\d+)" data-tile="(\w+)"(?: data-v="([^"]*)")?>'
    r'<(a|span) class="lc-tile([^"]*)"(?: href="([^"]*)")?'
)


def tiles_of(page: str, panel: str) -> dict[str, tuple[tuple[int, int], str, str, str]]:
    """The tiles of a panel: key → its place, its value, its classes, its address."""
    section = page.partition(f'data-panel="{panel}"')[2].partition("</section>")[0]
    return {
        key: ((int(column), int(row)), value, classes, html.unescape(href))
        for column, row, key, value, _, classes, href in _TILE.findall(section)
    }


def test_the_map_of_the_nation_has_every_province_once_with_the_figure_of_its_row(filled: World) -> None:
    fill(filled, 5)
    query = "unit=vn&kind=mobile_dead_spot&from=2026-11-20&lang=vi"
    page = filled.as_(*who.MINISTRY).get(f"/bang/ca-nuoc?{query}", headers={"accept": "text/html"}).text
    tiles = tiles_of(page, "cac-tinh")
    rows = read(filled, who.MINISTRY, "cac-tinh", **{"from": "2026-11-20"})["rows"]
    assert set(tiles) == {row["province_code"] for row in rows} | {"20333", "22736"}
    assert len({place for place, *_ in tiles.values()}) == 36
    for row in rows:
        _, value, classes, href = tiles[row["province_code"]]
        assert value == as_text(row["overdue_share"])
        assert ("is-step-" in classes) == (row["overdue_share"] is not None)
        assert ("is-not_reported" in classes) == (row["signs"].get("overdue_share") == "not_reported")
        kept = f"from=2026-11-20&kind=mobile_dead_spot&unit={row['province_code']}"
        assert sorted(href.partition("?")[2].split("&")) == sorted(kept.split("&"))
        assert href.startswith("/bang/tinh?")
    for island, province in (("20333", "48"), ("22736", "56")):
        assert tiles[island][3] == tiles[province][3]
        assert tiles[island][1] == "", "an archipelago has no figure of its own beside its province's"
    assert "Hoàng Sa thuộc Đà Nẵng" in page
    reading = [place[::-1] for place, *_ in tiles.values()]
    assert reading == sorted(reading), "keys go as eyes do"


def test_the_map_of_a_province_has_every_commune_once_and_leads_to_it(filled: World) -> None:
    page = filled.as_(*who.REVIEWER).get("/bang/tinh", headers={"accept": "text/html"}).text
    tiles = tiles_of(page, "cac-xa")
    rows = read(filled, who.REVIEWER, "cac-xa")["rows"]
    assert {key: value for key, (_, value, *_) in tiles.items()} == {
        row["unit_code"]: as_text(row["overdue_share"]) for row in rows
    }
    assert len({place for place, *_ in tiles.values()}) == len(tiles) == 166
    assert f"unit={BAT_MOT}" in tiles[BAT_MOT][3]
    page = (
        filled.as_(*who.REVIEWER)
        .get("/bang/tinh?from=2026-11-20&field=ho_tich", headers={"accept": "text/html"})
        .text
    )
    href = tiles_of(page, "cac-xa")[BAT_MOT][3]
    assert "from=2026-11-20" in href
    assert "field=ho_tich" in href
    assert filled.as_(*who.REVIEWER).get(href).status_code == 200


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_steps_of_a_map_rise_with_the_figure_and_the_largest_has_the_last(figures: list[float]) -> None:
    end = end_of_steps(figures)
    steps = [step_of(figure, end) for figure in sorted(figures)]
    assert steps == sorted(steps)
    assert steps[0] >= 1
    assert steps[-1] == (7 if max(figures) else 1)
    assert step_of(None, end) == 0


def test_one_outlier_does_not_make_all_others_look_alike() -> None:
    figures = [number / 200 for number in range(20)] + [1.0]
    assert {step_of(figure, end_of_steps(figures)) for figure in figures} == set(range(1, 8))


def test_a_map_without_places_says_that_it_has_none(shared_world: World) -> None:
    units = re.sub(
        r"^(\d{5},.*?,38),[\d.]+,[\d.]+,true,", r"\1,,,false,", shipped("units.csv"), flags=re.MULTILINE
    )
    table = parse_units(units, shipped("succession.csv"))
    assert table.get(BAT_MOT).lat is None
    parts = replace(shared_world.parts, tables=replace(shared_world.parts.tables, units=table))
    rows = [
        {**dict.fromkeys((metric.key for metric in METRICS), 1), "unit_code": unit.code}
        for unit in table.communes_of("38")
    ]
    asked = Asked("38", Window(dt.date(2026, 11, 1), dt.date(2026, 11, 30)))
    answer = Answer(COMMUNES, asked, answered(COMMUNES, rows), None, Coverage(0, 166))
    links = Links("office", "38", dt.date(2026, 11, 30), asked)
    for lang in ("vi", "en"):
        found = TileMaker(answer, Wording(parts, lang), links).map()
        assert found is not None
        assert found.caption == "ordered"
        names = [tile.name for tile in found.tiles]
        assert names == sorted(names)
        assert len({(tile.column, tile.row) for tile in found.tiles}) == 166


def test_small_counts_of_a_sensitive_field_are_kept_back_and_say_so(filled: World) -> None:
    rows = [
        {
            "MaHoSo": f"K-{n}",
            "MaTTHC": "1.001776",
            "NgayTiepNhan": str(local_day(filled.clock())),
            "TrangThai": 2,
            "LinhVuc": "bao_tro_xa_hoi",
            "KenhThucHien": 1,
        }
        for n in range(3)
    ]
    assert (
        filled.as_(*who.OFFICER)
        .post(f"/api/v1/communes/{BAT_MOT}/cases/sync", json={"rows": rows})
        .status_code
        == 200
    )
    filled.settle()
    asked = {"field": "bao_tro_xa_hoi"}
    assert read(filled, who.OFFICER, "tai", **asked)["total"]["received"] == 3
    kept = read(filled, who.MINISTRY, "tai", **asked)["total"]
    assert (kept["received"], kept["signs"]["received"]) == (None, "suppressed")
    page = (
        filled.as_(*who.MINISTRY)
        .get("/bang/ca-nuoc?field=bao_tro_xa_hoi", headers={"accept": "text/html"})
        .text
    )
    assert "∗" in page
    for reader, expected in ((who.OFFICER, (3, None)), (who.DEPARTMENT, (None, "suppressed"))):
        fields = read(filled, reader, "ton-theo-linh-vuc", unit=BAT_MOT)["rows"]
        [row] = [row for row in fields if row["field_code"] == "bao_tro_xa_hoi"]
        assert (row["received"], row["signs"].get("received")) == expected
    for panel, unit, key in (
        ("linh-vuc", "vn", "bao_tro_xa_hoi"),
        ("khong-han", "38", "bao_tro_xa_hoi"),
        ("tung-thu-tuc", "38", "1.001776"),
    ):
        [row] = [row for row in read(filled, who.MINISTRY, panel, unit=unit)["rows"] if key in row.values()]
        assert row["signs"]["received"] == "suppressed", panel
    [row] = [row for row in read(filled, who.OFFICER, "tung-thu-tuc")["rows"] if "1.001776" in row.values()]
    assert row["received"] == 3


def test_a_small_count_of_a_sensitive_field_does_not_follow_from_those_that_add_up_with_it(
    filled: World,
) -> None:
    rows = [
        {
            "MaHoSo": f"T-{n}",
            "MaTTHC": "1.001776",
            "NgayTiepNhan": str(local_day(filled.clock())),
            "TrangThai": 2,
            "LinhVuc": "bao_tro_xa_hoi",
            "KenhThucHien": 2,
            "HoTroNopHoSo": "0" if n < 6 else "1",
        }
        for n in range(8)
    ]
    sent = filled.as_(*who.OFFICER).post(f"/api/v1/communes/{BAT_MOT}/cases/sync", json={"rows": rows})
    assert sent.status_code == 200
    filled.settle()
    for panel, asked in (
        ("tu-nop-linh-vuc", {}),
        ("tu-nop-tuan", {"field": "bao_tro_xa_hoi"}),
        ("tu-nop-xa", {"field": "bao_tro_xa_hoi"}),
    ):
        found = read(filled, who.MINISTRY, panel, unit="38", **asked)["rows"]
        [row] = [one for one in found if one.get("field_code", "bao_tro_xa_hoi") == "bao_tro_xa_hoi"]
        told = ("told_count", "alone_count", "counter_count", "other_unit_count", "home_count", "alone_share")
        assert {row[name] for name in told} == {None}, panel


def test_no_panel_tells_a_reader_above_a_small_count_of_a_sensitive_field(filled: World) -> None:
    """Whatever counts cases by field, or can be narrowed to one, keeps small counts back: of all panels there are."""
    fill(filled, 5)
    by_field = [
        panel
        for panel in PANELS
        if "province" in panel.levels and (panel.sensitive or "field" in panel.takes)
    ]
    assert len(by_field) >= 7
    for panel in by_field:
        query = {"field": "bao_tro_xa_hoi"} if "field" in panel.takes else {}
        found = read(filled, who.DEPARTMENT, panel.name, unit="38", **query)
        counts = [one.name for one in panel.columns if one.measure == "count"]
        for row in [*found["rows"], found["total"]] if query else found["rows"]:
            if query or row.get(panel.sensitive) == "bao_tro_xa_hoi":
                assert not [name for name in counts if suppressed(row[name] or 0)], (panel.name, row)


def test_a_board_shows_the_panels_of_the_level_and_no_others(shared_world: World) -> None:
    for person, unit in ((who.OFFICER, BAT_MOT), (who.REVIEWER, "38"), (who.MINISTRY, "vn")):
        for name in ("thu-tuc", "chat-luong"):
            page = shared_world.as_(*person).get(f"/bang/{name}", headers={"accept": "text/html"}).text
            shown = re.findall(r'data-panel="([\w-]+)"', page)
            [board] = [one.at(unit_level(unit)) for one in all_boards() if one.name == name]
            assert shown == [panel.name for panel in board.panels]
            asked = page.partition("<ul><li>")[2]
            assert set(re.findall(r'href="#([\w-]+)"', asked)) <= set(shown)


def test_an_export_says_what_it_means_and_how_new_it_is(filled: World) -> None:
    found = filled.as_(*who.MINISTRY).get(panel_url("loai-theo-tinh", "metadata.json", lang="en")).json()
    assert found["version"] == 2
    assert found["query"] == "open_kinds_by_province"
    assert found["thresholds"][0]["key"] == "spread_provinces"
    assert found["signs"]["not_reported"] == "no data"
    assert found["coverage"]["whole"] > 3_000
    assert found["as_of"] is not None
    file = filled.as_(*who.REVIEWER).get(panel_url("cac-xa", "csv"))
    assert file.headers["content-type"].startswith("text/csv")
    assert "cac-xa_38_" in file.headers["content-disposition"]
    [line, *_] = csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff")))
    known = filled.as_(*who.REVIEWER).get(panel_url("cac-xa", "metadata.json")).json()
    assert same_instant(line["as_of"]) == same_instant(known["as_of"])
    chosen = "".join(f";{name}={value}" for name, value in known["filters"].items())
    assert line["filters"] == f"unit=38{chosen}"


def test_a_workbook_says_in_words_what_its_figures_are_and_where_they_come_from(filled: World) -> None:
    fill(filled, 3)
    asked = {"unit": "38", "from": str(local_day(filled.clock()) - dt.timedelta(days=6)), "lang": "vi"}
    lines, about = read_workbook(filled, who.REVIEWER, "cac-xa", **asked)
    assert_workbook(lines, read(filled, who.REVIEWER, "cac-xa", **asked)["rows"])
    assert lines[0][:3] == ["Mã (unit_code)", "Đơn vị", "Đang giải quyết"]
    assert "Phường Hạc Thành" in {row[1] for row in lines}
    said = {row[0]: row[1] for row in about}
    assert said["Phạm vi"] == "Tỉnh Thanh Hóa (38)"
    assert said["Bộ lọc: from"] == dt.date.fromisoformat(asked["from"])
    assert isinstance(said["Số liệu đến"], dt.datetime)
    file = filled.as_(*who.REVIEWER).get(panel_url("cac-xa", "xlsx"))
    assert "cac-xa_38_" in file.headers["content-disposition"]


@given(st.text(alphabet="=+-@\t'\"|!ăđẦ1A(:", min_size=1, max_size=12))
def test_no_text_in_a_workbook_becomes_a_formula(shared_world: World, written: str) -> None:
    rows = [{**dict.fromkeys((metric.key for metric in METRICS), 1), "unit_code": written}]
    window = Window(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    answer = Answer(COMMUNES, Asked("38", window), answered(COMMUNES, rows), None, Coverage(0, 166))
    file = as_workbook(answer, Wording(shared_world.parts, "vi"), shared_world.clock())
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/"):
                assert b"<f>" not in parts.read(name)
                assert b"<hyperlink" not in parts.read(name)
    read_back = CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python()
    assert read_back[1][0] == written


def test_data_time_is_that_of_what_has_landed_and_nothing_is_not_now(world: World) -> None:
    for panel in PANELS:
        unit = next(of for level, of in UNITS.items() if level in panel.levels)
        found = read(world, who.MINISTRY, panel.name, unit=unit)
        assert found["as_of"] is None, panel.name
        assert found["coverage"]["reported"] == 0
    assert read(world, who.REVIEWER, "cac-xa")["rows"][0]["signs"]["open"] == "not_reported"
    page = world.as_(*who.REVIEWER).get("/bang/tinh", headers={"accept": "text/html"}).text
    assert "Chưa có số liệu" in page


@pytest.mark.parametrize(
    ("person", "unit", "status"),
    [
        (who.OFFICER, "38", 403),
        (who.OFFICER, VAN_XUAN, 403),
        (who.REVIEWER, "01", 403),
        (who.REVIEWER, "vn", 403),
        (who.DEPARTMENT, "01", 403),
        (who.REVIEWER, "99", 404),
        (who.MINISTRY, "01", 200),
        (who.REVIEWER, VAN_XUAN, 200),
    ],
)
def test_a_scope_comes_from_who_asks(shared_world: World, person: Person, unit: str, status: int) -> None:
    for panel, ending in itertools.product(
        ("tai", "theo-cap", "cho-tra-loi"), ("json", "csv", "xlsx", "metadata.json")
    ):
        assert shared_world.as_(*person).get(panel_url(panel, ending, unit=unit)).status_code == status
    assert shared_world.as_(*person).get(f"/bang/duong-di?unit={unit}").status_code == status


@pytest.mark.parametrize(
    ("panel", "query", "field"),
    [
        ("tai", "from=2026-13-01", "from"),
        ("tai", "from=yesterday", "from"),
        ("tai", "from=2026-11-30&to=2026-11-01", "from"),
        ("tai", "from=2020-01-01&to=2026-11-01", "from"),
        ("tai", "to=0001-01-01", "to"),
        ("tai", "field=nonsense", "field"),
        ("tai", "channel=pigeon", "channel"),
        ("tai", "field=ho_tich&channel=counter", "channel"),
        ("tai", "kind=mobile_dead_spot", "kind"),
        ("theo-cap", "kind=nonsense", "kind"),
        ("theo-cap", "from=2026-11-01", "from"),
        ("im-lang", "field=ho_tich", "field"),
        ("cac-xa", "form=2026-11-01", "form"),
        ("cac-tinh", "", "unit"),
    ],
)
def test_a_wrong_filter_is_refused_by_name_and_never_left_out(
    shared_world: World, panel: str, query: str, field: str
) -> None:
    for ending in ("json", "csv", "xlsx", "metadata.json"):
        answer = shared_world.as_(*who.REVIEWER).get(f"/bang/so/{panel}.{ending}?{query}")
        assert answer.status_code == 422, answer.text
        assert answer.json()["field"] == field


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/units/38/silence?from=2024-12-01&to=2024-12-10",
        "/bang/so/ngay-im-lang.json?unit=38&to=2024-12-31",
        "/bang/so/ngay-im-lang.json?unit=38&from=2024-12-20&to=2025-01-10",
        f"/bang/so/so-lieu-cua-xa.json?unit={BAT_MOT}&from=2024-12-20&to=2025-01-10",
    ],
)
def test_a_day_before_the_first_row_of_a_rule_is_refused_by_name(shared_world: World, path: str) -> None:
    answer = shared_world.as_(*who.REVIEWER).get(path)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == "to"


@pytest.mark.parametrize("board", ["chat-luong?unit=38", "tinh?unit=38", f"to-xa?unit={BAT_MOT}"])
def test_a_board_before_the_first_row_of_a_rule_has_its_other_panels_and_names_the_one_without(
    shared_world: World, board: str
) -> None:
    client = shared_world.as_(*who.REVIEWER)
    page = client.get(f"/bang/{board}&to=2024-12-31", headers={"accept": "text/html"})
    assert page.status_code == 200, page.text
    titles = dict(re.findall(r'<h2 class="lc-part" id="([\w-]+)-title">(.*?)</h2>', page.text))
    without = {name for name, title in titles.items() if "chưa có dòng nào áp dụng" in title}
    refused = {
        name
        for name in titles
        for query in [{"unit": board.rpartition("=")[2], "to": "2024-12-31"}]
        if "to" in panel_of(name).takes and client.get(panel_url(name, "json", **query)).status_code == 422
    }
    assert (without, bool(set(titles) - without)) == (refused, True)


def panel_of(name: str) -> Panel:
    return next(panel for panel in PANELS if panel.name == name)


def test_a_window_before_the_first_row_of_a_rule_is_nothing_to_compare(shared_world: World) -> None:
    window = f"unit={BAT_MOT}&from=2025-01-01&to=2025-01-10"
    answer = shared_world.as_(*who.REVIEWER).get(f"/bang/so/so-lieu-cua-xa.json?{window}")
    assert answer.status_code == 200, answer.text
    (sheet,) = answer.json()["rows"]
    assert sheet["day_count"] == 10
    assert sheet["day_count_before"] is None
    assert shared_world.as_(*who.REVIEWER).get(f"/bang/to-xa?{window}").status_code == 200


def test_an_unknown_panel_or_board_is_not_found(shared_world: World) -> None:
    client = shared_world.as_(*who.REVIEWER)
    assert [
        client.get(url).status_code for url in ("/bang/so/none.json", "/bang/none", "/bang/so/none.csv")
    ] == [404] * 3
    assert client.get("/bang/ca-nuoc").status_code == 422


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(
    ("person", "own"),
    [(who.MINISTRY, "ca-nuoc"), (who.REVIEWER, "tinh"), (who.OFFICER, "to-xa"), (who.AUDITOR, "duong-ong")],
)
def test_everybody_sees_the_boards_of_their_level(
    shared_world: World, person: Person, own: str, lang: str
) -> None:
    client, level = shared_world.as_(*person), unit_level(person[1])
    boards = {one.name for one in all_boards() if level in one.levels and person[0] in MAY[one.see]}
    assert own in boards
    page = client.get(f"/bang?lang={lang}", headers={"accept": "text/html"}).text
    assert set(re.findall(r'<h2[^>]*><a [^>]*href="/bang/([\w-]+)"', page)) == boards
    for board in boards:
        shown = client.get(f"/bang/{board}?lang={lang}", headers={"accept": "text/html"})
        assert shown.status_code == 200, shown.text
        assert f'<html lang="{lang}"' in shown.text
        assert shown.text.count("<h1>") == 1


def test_a_filter_that_nobody_filled_in_is_none(shared_world: World) -> None:
    page = shared_world.as_(*who.REVIEWER).get("/bang/tinh?unit=38&from=&to=&field=&channel=&kind=")
    assert page.status_code == 200


def test_the_way_leads_up_only_to_what_the_reader_may_open(filled: World) -> None:
    page = (
        filled.as_(*who.REVIEWER).get(f"/bang/duong-di?unit={BAT_MOT}", headers={"accept": "text/html"}).text
    )
    assert "/bang/tinh?unit=38" in page
    assert "/bang/ca-nuoc" not in page
    page = filled.as_(*who.MINISTRY).get("/bang/tinh?unit=38", headers={"accept": "text/html"}).text
    assert "/bang/ca-nuoc?unit=vn" in page
    assert f"/bang/to-xa?unit={BAT_MOT}" in page
    assert "/tinh?tab=" not in page


def test_the_register_of_places_has_the_rows_that_are_counted_and_no_row_that_may_not_be_read(
    filled: World,
) -> None:
    fill(filled, 23)
    for unit in ("38", BAT_MOT):
        rows = read(filled, who.REVIEWER, "so-noi-thieu", unit=unit)["rows"]
        kinds = read(filled, who.REVIEWER, "noi-thieu", unit=unit)
        for stands in ("open", "answered", "confirmed", "ended"):
            assert [row["stands"] for row in rows].count(stands) == kinds["total"][f"{stands}_count"], stands
        assert len(kinds["rows"]) == 4
    units = read(filled, who.REVIEWER, "noi-thieu-theo-don-vi")
    assert units["total"]["open_count"] == read(filled, who.REVIEWER, "noi-thieu")["total"]["open_count"]
    nation = read(filled, who.MINISTRY, "noi-thieu-theo-don-vi", unit="vn")
    assert [row["group_code"] for row in nation["rows"]] == ["38"]
    readable = {
        str(issue.id)
        for issue in filled.parts.issue_table.list(units=("38",), limit=5_000)
        if "38.so_khcn" in issue_bodies(issue)
    }
    shown = {row["issue_id"] for row in read(filled, who.DEPARTMENT, "so-noi-thieu")["rows"]}
    every = {row["issue_id"] for row in read(filled, who.REVIEWER, "so-noi-thieu")["rows"]}
    assert shown == every & readable


def test_a_board_offers_the_kinds_that_its_panels_hold_and_the_sheet_of_a_meeting_its_period_alone(
    shared_world: World,
) -> None:
    client, headers = shared_world.as_(*who.OFFICER), {"accept": "text/html"}
    offered = {
        board: re.findall(r'<option value="([a-z]\w+)"', client.get(f"/bang/{board}", headers=headers).text)
        for board in ("lom-song", "to-xa")
    }
    kinds = [row["kind"] for row in read(shared_world, who.OFFICER, "noi-thieu")["rows"]]
    assert (sorted(offered["lom-song"]), offered["to-xa"]) == (sorted(kinds), [])


def test_a_number_of_signal_and_power_and_of_the_sheet_opens_exactly_its_rows(filled: World) -> None:
    fill(filled, 29)
    for number, gap in enumerate(("no_signal", "no_signal", "no_grid_power")):
        village = {"unit_code": BAT_MOT, "department": "38.so_khcn", "village": f"Bản {number}", "gap": gap}
        promise = {"promiser": "38.viettel", "promised_on": str(local_day(filled.clock()))} if number else {}
        sent = filled.as_(*who.DEPARTMENT).post("/api/v1/promises", json={**village, **promise})
        assert sent.status_code == 202, sent.text
    filled.settle()
    followed: set[str] = set()
    for person, board in (
        (who.REVIEWER, "lom-song"),
        (who.DEPARTMENT, "lom-song"),
        (who.OFFICER, "lom-song"),
        (who.OFFICER, "to-xa"),
    ):
        client = filled.as_(*person)
        page = client.get(f"/bang/{board}", headers={"accept": "text/html"}).text
        for value, href in re.findall(r'data-v="(\d+)"[^>]*><a href="([^"]+)"', page):
            assert rows_behind(client, html.unescape(href)) == int(value), (person, href)
            followed.add(html.unescape(href).partition("?")[0])
        for href in re.findall(r'<th scope="row"><a href="([^"]+)"', page)[:3]:
            assert client.get(html.unescape(href)).status_code == 200, href
    assert {"/thon-lom", "/xa/kho-khan"} <= followed


def test_a_commune_is_compared_with_the_median_of_those_with_figures_and_never_with_a_few(
    filled: World,
) -> None:
    today = local_day(filled.clock())
    communes = [one.code for one in who.tables().units.communes_of("38")][-5:]
    known: list[float] = []
    for received, unit in enumerate(communes, start=1):
        sheet = read(filled, who.REVIEWER, "nam-so", unit=BAT_MOT)["total"]
        if len(known) < 5:
            assert sheet["received_median"] is None
        rows = [
            {"MaHoSo": f"M-{unit}-{n}", "MaTTHC": "1.001193", "NgayTiepNhan": str(today), "TrangThai": 2}
            for n in range(received)
        ]
        sent = filled.as_("commune_officer", unit).post(
            f"/api/v1/communes/{unit}/cases/sync", json={"rows": rows}
        )
        assert sent.status_code == 200, sent.text
        filled.settle()
        of_province = read(filled, who.REVIEWER, "cac-xa")["rows"]
        known = [row["received"] for row in of_province if row["received"] is not None]
    assert len(known) >= 5
    sheet = read(filled, who.REVIEWER, "nam-so", unit=BAT_MOT)
    assert sheet["total"]["received_median"] == statistics.median(known)
    shown = filled.as_(*who.REVIEWER).get(f"/bang/to-xa?unit={BAT_MOT}", headers={"accept": "text/html"})
    assert f"Trung vị {len(known)} xã, phường" in shown.text


def test_the_log_itself_measures_how_late_a_report_arrives(filled: World) -> None:
    before = read(filled, who.OFFICER, "do-tre")["total"]
    for days in (0, 2, 40):
        filled.report(written_at=(filled.clock() - dt.timedelta(days=days)).isoformat())
    after = read(filled, who.OFFICER, "do-tre")
    for name, more in (("report_count", 2), ("hour_count", 1), ("day_count", 1), ("off_count", 1)):
        assert (after["total"][name] or 0) - (before[name] or 0) == more, name
    [row] = after["rows"]
    assert row["group_code"] == BAT_MOT
    assert row["median_minutes"] >= 0
    assert len(filled.report(unit_code=VAN_XUAN)) > 0
    of_province = read(filled, who.REVIEWER, "do-tre")["rows"]
    assert [row["group_code"] for row in of_province] == [BAT_MOT, ""]
    assert of_province[-1]["name"] == "Các đơn vị không có báo cáo chậm"


def test_a_commune_finds_the_boards_and_its_sheet_and_nobody_else_its_neighbour(shared_world: World) -> None:
    home = shared_world.as_(*who.OFFICER).get("/xa", headers={"accept": "text/html"}).text
    assert 'href="/bang"' in home
    assert 'href="/bang/to-xa"' in home
    for person, unit, status in (
        (who.CHAIR, BAT_MOT, 200),
        (who.CHAIR, VAN_XUAN, 403),
        (who.REVIEWER, VAN_XUAN, 200),
        (who.REVIEWER, "00004", 403),
        (who.REVIEWER, "38", 422),
    ):
        assert shared_world.as_(*person).get(f"/bang/to-xa?unit={unit}").status_code == status
