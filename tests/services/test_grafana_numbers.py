"""The boards of Grafana hold the numbers of the product: each target, expanded as the plug-in does, on the engine."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import math
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest

from dashboards.catalogue import all_boards
from dashboards.grafana.alerts import ALERTS, RUNBOOKS
from dashboards.grafana.asking import days_of, narrowing_of, options_of, rows_of, standing_of, watched_of
from dashboards.grafana.drawable import not_drawn
from dashboards.grafana.drawing import dashboard_of
from dashboards.panel import Column, Panel
from dashboards.vocabulary import FILTERS
from events.envelope import Role
from reporting.dated.calendar import LOCAL, local_day
from services.access.actors import Actor
from services.access.tokens import unit_level
from services.warehouse.access import Grants
from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate
from services.warehouse.named_queries import named_query
from services.warehouse.vocabularies import write_vocabularies
from services.web.boards.asked import Asked
from services.web.boards.exports import as_json
from services.web.boards.reading import BoardReader
from services.web.boards.wording import Wording
from services.web.figures.windows import Window
from tests.clickhouse_front.process import FrontProcess
from tests.clickhouse_front.protocol import USERS
from tests.dashboards.plugin import expanded
from tests.services import world as who
from tests.services.test_boards import PANELS, Person, read
from tests.services.test_clickhouse_access import policies
from tests.services.test_numbers_and_rows import fill
from tests.services.world import BAT_MOT, World, labels, open_world, tables

pytestmark = pytest.mark.warehouse

ROOT = Path(__file__).resolve().parents[2]

SCOPES: tuple[tuple[Person, str], ...] = ((who.MINISTRY, "vn"), (who.REVIEWER, "38"), (who.OFFICER, BAT_MOT))
DRAWN = [panel for panel in PANELS if not_drawn(panel, named_query) is None]
PROVINCES = ("01", "38", "40")
FIELD = "ho_tich"
_TABLE = re.compile(r"TABLE id: (\d+), .*?table_name: (?!system\.)\w+\.(\w+)")
_COLUMN = re.compile(r"COLUMN id: \d+, column_name: ([\w.]+), .*?source_id: (\d+)")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, warehouse_dsn: str) -> Iterator[World]:
    """An installation whose cases, difficulties and feeds are random, and whose names are written."""
    fresh = Warehouse(warehouse_dsn, database="grafana_world")
    migrate(fresh)
    write_vocabularies(fresh, tables(), labels())
    with closing(fresh), open_world(tmp_path_factory.mktemp("grafana"), fresh, demo=True) as world:
        yield world


@dataclass(frozen=True)
class Choice:
    """What a reader chose beside his scope: so many days back, one kind, field, channel, or all where it is empty."""

    back: int = 29
    kind: str = ""
    field: str = ""
    channel: str = ""

    def window(self, today: dt.date) -> tuple[dt.date, dt.date]:
        return today - dt.timedelta(days=self.back), today


def choices_of(panel: Panel) -> Iterator[Choice]:
    """Every choice of a panel; what it does not take changes nothing that it asks, and is asked once."""
    backs = (29, 6, 0) if "from" in panel.takes else (29,)
    kinds = ("", "mobile_dead_spot") if "kind" in panel.takes else ("",)
    fields = ("", FIELD) if "field" in panel.takes else ("",)
    channels = ("", "counter") if "channel" in panel.takes else ("",)
    for back, kind, code, channel in itertools.product(backs, kinds, fields, channels):
        if not (code and channel and {"field", "channel"} <= panel.narrowed.keys()):
            yield Choice(back, kind, code, channel)


def chosen(unit: str, choice: Choice | None = None) -> dict[str, Any]:
    """What the variables of Grafana hold: the communes of a unit, one kind, field and channel, or all."""
    units, choice = tables().units, choice or Choice()
    provinces = [one.code for one in units.provinces()] if unit == "vn" else [units.province_of(unit)]
    communes = [one.code for code in provinces for one in units.communes_of(code)]
    if unit_level(unit) == "commune":
        communes = [unit]
    narrowed = {name: getattr(choice, name) or "all" for name in ("kind", "field", "channel")}
    return {"province": provinces, "commune": communes, "product": "http://localhost", **narrowed}


def asked(world: World, sql: str, unit: str, choice: Choice | None = None) -> list[dict[str, Any]]:
    """The rows of a target as Grafana gets them, for the time range that a choice means."""
    choice = choice or Choice()
    window = choice.window(local_day(world.clock()))
    first = dt.datetime.combine(window[0], dt.time(), LOCAL)
    last = dt.datetime.combine(window[1], dt.time(23, 59, 59), LOCAL)
    return world.parts.warehouse.rows(expanded(sql, chosen(unit, choice), first, last))


def agrees(column: Column, value: Any, shown: Any, sign: str | None, *, can_lack: bool) -> bool:
    """Whether a value of Grafana says what a cell of the product says: the figure, or the sign in its place."""
    if sign == "not_applicable":
        if column.measure in {"moment", "day"}:
            return value is None
        return (
            bool(value == "–") if isinstance(value, str) else isinstance(value, float) and math.isnan(value)
        )
    if sign == "not_reported":
        return (can_lack or column.missing == sign) and (value is None or value == "…")
    if isinstance(value, dt.datetime):
        at = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return bool(at == dt.datetime.fromisoformat(shown))
    if isinstance(value, str | dt.date):
        return bool(str(value) == shown)
    return value is not None and bool(math.isclose(value, shown, rel_tol=1e-12, abs_tol=1e-12))


def test_every_number_is_that_of_the_product(filled: World, seed: int) -> None:
    """For every panel: the same lines in the same order, the same figures and signs, from each scope once."""
    fill(filled, seed)
    for panel in DRAWN:
        scope = next(one for one in SCOPES[::-1] if unit_level(one[1]) in panel.levels)
        reading = Reading(filled, scope)
        reading.compare(panel, Choice())
        if panel.narrowed:  # a filter that another query answers is another text here
            reading.compare(panel, list(choices_of(panel))[-1])


@pytest.mark.slow
def test_every_number_is_that_of_the_product_with_every_choice(filled: World, seed: int) -> None:
    fill(filled, seed)
    for scope in SCOPES:
        reading = Reading(filled, scope)
        for panel in DRAWN:
            if unit_level(scope[1]) in panel.levels:
                for choice in choices_of(panel):
                    reading.compare(panel, choice)


class Reading:
    """Compares panels for one reader and one scope; what several panels ask alike is asked once, on either side."""

    def __init__(self, world: World, scope: tuple[Person, str]) -> None:
        self._world, (person, self._unit) = world, scope
        role, unit_code, *body = person
        self._reader = BoardReader(world.parts, Actor(cast("Role", role), unit_code, *body))
        self._words = Wording(world.parts, "vi")
        self._standings: dict[tuple[str, Choice], dict[str, Any]] = {}

    def compare(self, panel: Panel, choice: Choice) -> None:
        """Compare lines, figures, signs, data time and coverage: those of the exports, and those of the target."""
        window = Window(*choice.window(local_day(self._world.clock())))
        named = frozenset(name for name in FILTERS if getattr(choice, name, ""))
        asked_of = Asked(self._unit, window, choice.field, choice.channel, choice.kind, named)
        answer = json.loads(as_json(self._reader.answer(panel, asked_of), self._words))
        rows = asked(self._world, rows_of(panel, named_query), self._unit, choice)
        where = (panel.name, self._unit, choice)
        if panel.names != "whole":
            keys = [panel.key, *([panel.across] if panel.across else [])]
            got = [[row[key] for key in keys] for row in rows]
            assert got == [[row[key] for key in keys] for row in answer["rows"]], where
            assert [row["name"] for row in rows] == [row["name"] for row in answer["rows"]], where
        for row, shown in zip(rows, answer["rows"], strict=True):
            for column in panel.columns:
                sign, can_lack = shown["signs"].get(column.name), bool(panel.reported_sql)
                same = agrees(column, row[column.name], shown[column.name], sign, can_lack=can_lack)
                assert same, (*where, column.name, row, shown)
        standing = self._standing(panel, choice)
        assert standing["whole"] == answer["coverage"]["whole"], where
        assert standing["reported"] == answer["coverage"]["reported"], where
        known = answer["as_of"] and dt.datetime.fromisoformat(answer["as_of"])
        assert (standing["as_of"] and standing["as_of"].replace(tzinfo=dt.UTC)) == known, where

    def _standing(self, panel: Panel, choice: Choice) -> dict[str, Any]:
        sql = standing_of(panel, named_query)
        key = (sql, Choice(choice.back))  # it asks for no kind, field or channel: `expanded` would leave them
        if key not in self._standings:
            [self._standings[key]] = asked(self._world, sql, self._unit, key[1])
        return self._standings[key]


def test_a_sensitive_field_is_not_offered_and_written_into_the_address_it_has_no_figures(
    filled: World,
) -> None:
    fill(filled, 11)
    now = filled.clock()
    offered = {row["code"] for row in filled.parts.warehouse.rows(narrowing_of("field", "all"))}
    procedures = tables().procedures
    known = {code: procedures.is_sensitive(code) for code in procedures.fields("vi")}
    assert any(known.values())
    assert offered == {"all", *(code for code, is_sensitive in known.items() if not is_sensitive)}
    for code in (next(code for code, is_sensitive in known.items() if is_sensitive), "khong_co"):
        load = rows_of(next(one for one in DRAWN if one.name == "tai"), named_query)
        assert asked(filled, load, "38", Choice(field=code)) == []
    first = filled.parts.warehouse.rows(expanded(narrowing_of("kind", "Mọi loại"), chosen("38"), now, now))[0]
    assert first["code"] == "all", "what is chosen at first is everything"


def test_a_series_ends_with_the_figures_of_its_panel(filled: World) -> None:
    fill(filled, 11)
    today = local_day(filled.clock())
    window = Choice().window(today)
    for panel in (one for one in DRAWN if one.series):
        days = asked(filled, days_of(panel, named_query), "38")
        told = [day["time"].replace(tzinfo=dt.UTC).astimezone(LOCAL).date() for day in days]
        assert told == [window[0] + dt.timedelta(days=back) for back in range(30)]
        total = read(filled, who.REVIEWER, panel.name, unit="38")["total"]
        assert days[-1]["open"] == total["open"]
        assert sum(day["received"] for day in days) == total["received"]
        for name in panel.narrowed:
            narrowed = Choice(**{name: {"field": FIELD, "channel": "counter"}[name]})  # type: ignore[arg-type]
            assert asked(filled, days_of(panel, named_query), "38", narrowed) == [], name


def test_choices_are_the_units_and_kinds_of_the_tables(filled: World) -> None:
    def options(sql: str) -> list[tuple[str, str]]:
        sql = expanded(sql, {"province": ["38"]}, filled.clock(), filled.clock())
        return [(row["code"], row["name_vi"]) for row in filled.parts.warehouse.rows(sql)]

    units = tables().units
    assert {code for code, _ in options(options_of("unit", "province"))} == {
        one.code for one in units.provinces()
    }
    communes = dict(options(options_of("unit", "commune", within="province")))
    assert communes == {one.code: one.full_name for one in units.communes_of("38")}
    assert dict(options(options_of("kind")))["mobile_dead_spot"]


def test_names_are_written_once_and_follow_their_tables(filled: World) -> None:
    assert write_vocabularies(filled.parts.warehouse, tables(), labels()) == 0


def granted(role: str) -> dict[str, set[str]]:
    """Return the columns of each table that a role may read; an empty set stands for all of them."""
    found: dict[str, set[str]] = {}
    for sql in Grants("liencap", {"38": [BAT_MOT]}).statements():
        if sql.startswith("GRANT SELECT") and f"`liencap_{role}_role`" in sql:
            columns = re.match(r"GRANT SELECT\(([^)]*)\)", sql)
            table = sql.split("`liencap`.`")[1].split("`")[0]
            found[table] = set(columns[1].split(", ")) if columns else set()
    return found


def read_by(world: World, sql: str) -> Iterator[tuple[str, str]]:
    """Yield table and column of everything that a statement reads, as the engine resolves it."""
    explained = world.parts.warehouse.rows(f"EXPLAIN QUERY TREE run_passes = 1 {sql}")
    tree = "\n".join(str(next(iter(row.values()))) for row in explained)
    read_tables = dict(_TABLE.findall(tree))
    assert read_tables
    for column, source in _COLUMN.findall(tree):
        if source in read_tables:
            yield read_tables[source], column


@pytest.mark.parametrize("role", ["dashboards", "dashboards_38"])
def test_no_board_reads_what_its_user_may_not(filled: World, role: str) -> None:
    may = granted(role)
    now = filled.clock()
    seen: set[str] = set()
    for board in all_boards():
        drawn = dashboard_of(board, named_query)
        texts = [target.raw_sql for panel in drawn.panels for target in panel.targets]
        texts += [one.query for one in drawn.templating["list"] if one.type == "query"]
        for text in texts:
            for table, column in read_by(filled, expanded(text, chosen("38"), now, now)):
                assert table in may, table
                assert not may[table] or column in may[table], (table, column)
                seen |= {table} if may[table] else set()
    assert seen == {"issues_current", "case_events"}


def test_a_board_leaves_out_no_panel_in_silence() -> None:
    for board in all_boards():
        drawn = dashboard_of(board, named_query)
        titles = [panel.title for panel in drawn.panels]
        for panel in board.panels:
            reason = not_drawn(panel, named_query)
            assert (panel.title.vi in titles) is (reason is None)
            if reason is not None:
                [words] = [one for one in drawn.panels if one.type == "text"]
                said = str(words.options["content"])
                assert f"/bang/{board.name}" in said
                assert f"#{panel.name})" in said
                assert reason.vi in said
                assert reason.en in said
                assert panel.name in drawn.description


def test_every_alert_asks_for_one_number_and_has_a_runbook(filled: World) -> None:
    fill(filled, 5)
    told = {
        alert.uid: filled.parts.warehouse.rows(watched_of(alert.query, alert.value, named_query))
        for alert in ALERTS
    }
    assert all(list(row) == ["value"] for [row] in told.values())
    values = {uid: rows[0]["value"] for uid, rows in told.items()}
    levels = read(filled, who.MINISTRY, "theo-cap", unit="vn")["rows"]
    [ministry] = [row for row in levels if row["level"] == "ministry"]
    assert values["liencap-overdue-at-ministries"] == ministry["overdue_count"]
    kinds = [row["kind"] for row in read(filled, who.REVIEWER, "im-lang", unit="38")["rows"]]
    assert values["liencap-silent-communes"] == kinds.count("source_broken")
    load = read(filled, who.MINISTRY, "tai", unit="vn")["total"]
    assert values["liencap-backlog-above-capacity"] == pytest.approx(load["open"] / max(load["resolved"], 1))
    assert 0 <= values["liencap-stale-data"] < 24 * 60
    assert values["liencap-dead-letters-growing"] == 0
    for alert in ALERTS:
        text = (ROOT / RUNBOOKS / f"{alert.uid}.md").read_text(encoding="utf-8")
        assert text.startswith(f"# {alert.title.en}\n")


def test_no_alert_reads_what_its_user_may_not(filled: World) -> None:
    may = granted("dashboards")
    for alert in ALERTS:
        for table, column in read_by(filled, watched_of(alert.query, alert.value, named_query)):
            assert table in may, table
            assert not may[table] or column in may[table], (table, column)


def rows_under_policies(world: World, sql: str, province: str) -> list[tuple[Any, ...]]:
    """Run a statement under the row policies of a province's user, in the form that the engine in process knows."""
    units = {code: [one.code for one in tables().units.communes_of(code)] for code in PROVINCES}
    warehouse = world.parts.warehouse
    filters = {
        f"{warehouse.database}.{table}": condition
        for table, condition in policies(Grants("liencap", units), f"dashboards_{province}").items()
    }
    written = ", ".join(f"{_quoted(table)}: {_quoted(condition)}" for table, condition in filters.items())
    # Who reads may set nothing: the writer asks.
    with warehouse.lent("writer") as client:
        answer = client.query(f"{sql} SETTINGS additional_table_filters = {{{written}}}")
    return [tuple(row) for row in answer.result_rows]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "\\'") + "'"


def test_the_user_of_a_province_sees_its_rows_alone_whatever_is_chosen(filled: World) -> None:
    """Who chooses all communes of the nation sees what the communes of his province give, and no other choices."""
    fill(filled, 3)
    now = filled.clock()
    everything = chosen("vn")
    for province in PROVINCES:
        own = {one.code for one in tables().units.communes_of(province)}
        sql = expanded(options_of("unit", "commune", within="province"), everything, now, now)
        assert {row[0] for row in rows_under_policies(filled, sql, province)} == own
        of_province = [one for one in DRAWN if "province" in one.levels]
        for panel in of_province if province == "38" else of_province[:2]:
            text = rows_of(panel, named_query)
            limited = rows_under_policies(filled, expanded(text, everything, now, now), province)
            alone = filled.parts.warehouse.rows(expanded(text, chosen(province), now, now))
            # By repr: a share of nothing is `nan`, which is like no other.
            assert repr(limited) == repr([tuple(row.values()) for row in alone]), (panel.name, province)


FRONT = "grafana_front"


@pytest.fixture(scope="module")
def served(front: FrontProcess) -> FrontProcess:
    """A warehouse behind HTTP, with figures and difficulties of two communes of each of three provinces."""
    today = dt.datetime.now(LOCAL).date()
    with closing(Warehouse(front.dsn, database=FRONT)) as fresh:
        migrate(fresh)
        write_vocabularies(fresh, tables(), labels())
        communes = [(code, one) for code in PROVINCES for one in two_of(code)]
        figures = [f"('{one}', '{today}', 1, 7, 7)" for _, one in communes]
        issues = [f"(generateUUIDv4(), '{one}', '{code}', '{{}}', 1)" for code, one in communes]
        for into, rows in (
            ("rollups_daily (unit_code, day, version, submitted, opened)", figures),
            ("issues_current (issue_id, unit_code, province_code, body, row_version)", issues),
        ):
            fresh.command(" ".join(("INSERT INTO", into, "VALUES", ", ".join(rows))))
    return front


def two_of(province: str) -> list[str]:
    return [one.code for one in tables().units.communes_of(province)][:2]


def reading_as(front: FrontProcess, user: str) -> httpx2.Client:
    who_reads = {"user": user, "password": USERS[user].password, "database": FRONT}
    return httpx2.Client(base_url=front.dsn, params=who_reads, timeout=60)


@pytest.mark.slow
def test_a_user_who_may_only_read_runs_every_query_over_http_and_makes_nothing(served: FrontProcess) -> None:
    now = dt.datetime.now(dt.UTC)
    with reading_as(served, "dashboards") as client:
        for board in all_boards():
            for panel in (one for one in dashboard_of(board, named_query).panels if one.targets):
                sql = expanded(panel.targets[0].raw_sql, chosen("38"), now, now)
                answer = client.post("/", content=f"{sql} FORMAT JSON")
                assert answer.status_code == 200, answer.text
                assert all(row["type"] for row in answer.json()["meta"])
        refused = client.post("/", content="CREATE TABLE t (n UInt8) ENGINE = Memory")
        assert (refused.status_code, "READONLY" in refused.text) == (403, True)


@pytest.mark.slow
@pytest.mark.parametrize("province", PROVINCES)
def test_the_user_of_each_of_three_provinces_sees_its_rows_alone_over_http(
    served: FrontProcess, province: str
) -> None:
    now = dt.datetime.now(dt.UTC)
    [communes] = [one for one in DRAWN if one.name == "cac-xa"]
    with reading_as(served, f"dashboards_{province}") as client:

        def seen(sql: str) -> list[list[Any]]:
            answer = client.post("/", content=f"{sql} FORMAT JSONCompact")
            assert answer.status_code == 200, answer.text
            return list(answer.json()["data"])

        for sql in (
            "SELECT unit_code FROM rollups_daily FINAL",
            "SELECT unit_code FROM issues_current FINAL",
        ):
            assert sorted(seen(sql)) == [[one] for one in two_of(province)]
        names = seen(expanded(options_of("unit", "commune", within="province"), chosen("vn"), now, now))
        assert {code for code, _ in names} == {one.code for one in tables().units.communes_of(province)}
        shown = seen(expanded(rows_of(communes, named_query), chosen("vn"), now, now))
        at = [communes.key, "name", *(one.name for one in communes.columns)].index("received")
        assert sorted([row[0], int(row[at])] for row in shown if row[at] is not None) == [
            [one, 7] for one in two_of(province)
        ]
        refused = client.post("/", content="SELECT 1 SETTINGS additional_table_filters = {}")
        assert (refused.status_code, "READONLY" in refused.text) == (403, True)
