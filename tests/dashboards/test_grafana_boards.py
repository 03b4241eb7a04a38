"""The dashboards of Grafana: built from the definitions to the byte, within Grafana's schema and our rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dashboards.catalogue import all_boards, panel_named
from dashboards.columns import count
from dashboards.grafana.alerts import RUNBOOKS
from dashboards.grafana.asking import CannotAskError, NamedSql, rows_of
from dashboards.grafana.drawable import not_drawn
from dashboards.grafana.fields import by_name
from dashboards.grafana.model import Dashboard, Drawn, FieldConfig, Place, Target, as_json
from dashboards.grafana.rules import faults_of
from dashboards.panel import Panel
from dashboards.vocabulary import Text
from services.grafana.files import BOARDS, FOLDER, RULES, built, dashboards, faults, write
from services.grafana.schema import what_is_lost
from services.warehouse.named_queries import named_query

ONE = next(one for one in dashboards() if {"timeseries", "table"} <= {panel.type for panel in one.panels})
SERIES = next(panel for panel in ONE.panels if panel.type == "timeseries")


def test_the_committed_dashboards_are_those_of_the_definitions() -> None:
    assert faults() == []
    names = {path.stem for path in (FOLDER / BOARDS).glob("*.json")}
    assert names == {board.name for board in all_boards()}


def test_a_rule_brings_its_runbook_along_and_nothing_that_grafana_would_fill_in() -> None:
    [group] = json.loads(built()[RULES])["groups"]
    texts = {rule["uid"]: rule["annotations"]["runbook"] for rule in group["rules"]}
    runbooks = {path.stem: path for path in (FOLDER.parents[1] / RUNBOOKS).glob("*.md")}
    assert texts == {uid: path.read_text(encoding="utf-8").strip() for uid, path in runbooks.items()}
    # A file of provisioning has its `$` filled from the environment, an annotation its `{{`.
    assert not any("$" in json.dumps(rule) or "{{" in json.dumps(rule) for rule in group["rules"])


def test_building_again_changes_nothing(tmp_path: Path) -> None:
    assert sorted(write(tmp_path)) == sorted(built())
    assert write(tmp_path) == []
    assert faults(tmp_path) == []


def test_a_file_that_somebody_edited_is_named_and_written_again(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "boards/old.json").write_text("{}")
    export = {"kind": "Dashboard", "spec": {"elements": {}}}
    (tmp_path / "boards/ca-nuoc.json").write_text(json.dumps(export))
    found = "\n".join(faults(tmp_path))
    assert "old.json is not what the definitions give" in found
    assert "ca-nuoc.json is an export of Grafana 13" in found
    assert sorted(write(tmp_path)) == ["boards/ca-nuoc.json", "boards/old.json"]
    assert faults(tmp_path) == []


def test_grafanas_schema_keeps_all_of_every_dashboard() -> None:
    assert what_is_lost(dashboards()) == []


def test_the_schema_notices_what_it_does_not_know() -> None:
    shown = {**ONE.panels[0].field_config.defaults, "colour": "red"}
    panel = replace(ONE.panels[0], field_config=FieldConfig(shown))
    [lost] = what_is_lost([replace(ONE, panels=(panel,))])
    assert lost.endswith("/panels/0/fieldConfig/defaults/colour")


def with_panel(panel: Drawn, **changes: object) -> Dashboard:
    return replace(ONE, panels=(replace(panel, **changes),))  # type: ignore[arg-type]


def with_sql(sql: str) -> Dashboard:
    return with_panel(SERIES, targets=(Target(sql, format=0),))


TIMED = "SELECT day AS time, {} FROM t ORDER BY time"
BREAKS: dict[str, Callable[[], Dashboard]] = {
    "two panels have one id": lambda: replace(ONE, panels=(ONE.panels[0], replace(ONE.panels[1], id=1))),
    "lies over": lambda: replace(
        ONE, panels=(ONE.panels[0], replace(ONE.panels[1], grid_pos=ONE.panels[0].grid_pos))
    ),
    "lies outside the grid": lambda: with_panel(SERIES, grid_pos=Place(20, 0, 8, 4)),
    "an uid has up to": lambda: replace(ONE, uid="cả nước"),
    "it has no panel": lambda: replace(ONE, panels=()),
    "which no variable declares": lambda: with_sql(TIMED.format("${colour:singlequote}")),
    "two variables have one name": lambda: replace(
        ONE, templating={"list": (*ONE.templating["list"], ONE.templating["list"][0])}
    ),
    "which stands behind them": lambda: replace(ONE, templating={"list": ONE.templating["list"][::-1]}),
    "not in both languages": lambda: with_panel(SERIES, description="Hồ sơ"),
    "a panel of words asks nothing": lambda: with_panel(SERIES, type="text"),
    "it has no words": lambda: with_panel(SERIES, type="text", options={"content": " "}),
    "it has no query": lambda: with_panel(SERIES, targets=()),
    "does not say how a missing figure": lambda: with_panel(SERIES, field_config=FieldConfig({})),
    "a column has no unit": lambda: with_panel(
        SERIES,
        field_config=FieldConfig(SERIES.field_config.defaults, (by_name("open", displayName="Đang mở"),)),
    ),
    "nobody expands": lambda: with_sql(TIMED.format("$__timeShift(x)")),
    "take for a variable": lambda: with_sql(TIMED.format("match(x, '$me')")),
    "have format 0": lambda: with_panel(SERIES, type="table"),
    "begins with its time": lambda: with_sql("SELECT 1 AS n, day AS t FROM t ORDER BY time"),
    "in the order of its time": lambda: with_sql("SELECT day AS time, 1 FROM t"),
}


@pytest.mark.parametrize("sentence", BREAKS)
def test_each_rule_notices_what_breaks_it(sentence: str) -> None:
    assert any(sentence in fault for fault in faults_of(BREAKS[sentence]()))


def test_a_panel_that_cannot_be_drawn_is_named_on_its_board_with_the_reason() -> None:
    load = panel_named("tai")
    assert load is not None
    assert not_drawn(load, named_query) is None
    silent = replace(count("x", Text("một", "one")), sql="")
    refused = {
        "nobody has said in SQL what these columns hold: x": replace(load, columns=(silent,)),
        "which rows have figures": replace(load, is_reported=bool),
        "small counts of sensitive fields": replace(load, sensitive="field_code"),
        "no vocabulary of the warehouse names its rows: procedure": replace(load, names="procedure"),
        "may not read: case_events": replace(load, query="figures_as_of"),
    }
    for reason, panel in refused.items():
        assert reason in said_of(panel, named_query)
    assert "no variable for: since" in said_of(load, lambda _: "SELECT {since:UInt64} AS received")
    folded = replace(load, narrowed={"field": ("figures_as_of", "field_code")})
    assert "may not read: case_events" in said_of(folded, named_query), "what a filter would ask counts too"


def said_of(panel: Panel, sql_of: NamedSql) -> str:
    reason = not_drawn(panel, sql_of)
    assert reason is not None
    return reason.en


def test_a_parameter_without_a_variable_is_refused() -> None:
    load = panel_named("tai")
    assert load is not None
    with pytest.raises(CannotAskError, match="asks for colour"):
        rows_of(load, lambda _: "SELECT 1 AS received WHERE {colour:String} = ''")


def test_only_what_json_knows_is_written() -> None:
    with pytest.raises(TypeError, match="has no form in JSON"):
        as_json(replace(ONE, time={"from": object()}))  # type: ignore[dict-item]


@pytest.mark.parametrize("name", ["cho-tra-loi", "tra-loi-xac-nhan"])
def test_hand_offs_are_counted_without_the_state_that_the_role_may_not_read(name: str) -> None:
    panel = panel_named(name)
    assert panel is not None
    assert not_drawn(panel, named_query) is None
