"""Dead letters in the warehouse: copied from the log, each once, and back after the engine lost them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboards.grafana.alerts import ALERTS
from dashboards.grafana.asking import watched_of
from events.errors import MalformedEvent
from events.log import Message
from services.boot.steps import copy_letters
from services.consuming.dead_letters import replay
from services.consuming.in_threads import Runtime
from services.consuming.set_aside import RefusedRecord, set_aside
from services.log.sqlite import SqliteLog
from services.streams.letter_rows import LetterRows
from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate
from services.warehouse.named_queries import named_query

pytestmark = pytest.mark.warehouse

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
KEPT = "SELECT * FROM dead_letters FINAL ORDER BY topic, epoch, partition, offset, number"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    opened = SqliteLog(tmp_path / "log.db")
    yield opened
    opened.close()


def refuse(log: SqliteLog, topic: str, at: dt.datetime, *, times: int = 1) -> None:
    [position] = log.append(topic, [Message("somebody's key", b"somebody's words")])
    [record] = log.read(topic, position.partition, position.offset, 1)
    for again in range(times):
        fault = RefusedRecord(record, MalformedEvent("somebody's words"))
        set_aside(log, [fault], group="land", seen_at=at + dt.timedelta(minutes=again))


def lately(warehouse: Warehouse, at: dt.datetime) -> list[dict[str, Any]]:
    return warehouse.query("dead_letters_lately", at=at)


def test_each_letter_is_copied_once_with_its_place_and_reason_and_nothing_that_names_anybody(
    log: SqliteLog, warehouse: Warehouse
) -> None:
    migrate(warehouse)
    rows = LetterRows(log, warehouse)
    assert rows.copy() == 0
    refuse(log, "cases", NOW)
    refuse(log, "issues", NOW)
    assert rows.copy() == 2
    replay(log, "cases")  # its mark is no letter
    log.append("cases-dlq", [Message("x", b"not ours", {"topic": "cases"})])
    refuse(log, "cases", NOW)
    assert rows.copy() == 1
    assert rows.copy() == 0
    found = warehouse.rows(KEPT)
    assert [(row["topic"], row["reason"], row["consumer_group"]) for row in found] == [
        ("cases", "malformed-event", "land"),
        ("cases", "malformed-event", "land"),
        ("issues", "malformed-event", "land"),
    ]
    assert "somebody" not in str(found)
    assert LetterRows(log, warehouse).copy() == 3, "who leads next copies all once more"
    assert warehouse.rows(KEPT) == found
    warehouse.command("TRUNCATE TABLE dead_letters")
    LetterRows(log, warehouse).copy()
    assert warehouse.rows(KEPT) == found, "the log has them still"


def test_what_was_set_aside_lately_raises_the_alert_until_half_an_hour_is_over(
    log: SqliteLog, warehouse: Warehouse
) -> None:
    migrate(warehouse)
    rows = LetterRows(log, warehouse)
    refuse(log, "cases", NOW, times=2)  # as after a crash
    refuse(log, "issues", NOW)
    rows.copy()
    said = {(row["topic"], row["letter_count"]) for row in lately(warehouse, NOW + dt.timedelta(minutes=20))}
    assert said == {("cases", 1), ("issues", 1)}
    assert lately(warehouse, NOW + dt.timedelta(minutes=31)) == []
    [alert] = [one for one in ALERTS if one.uid == "liencap-dead-letters-growing"]
    sql = watched_of(alert.query, alert.value, named_query)
    assert warehouse.rows(sql) == [{"value": 0}]
    refuse(log, "cases", dt.datetime.now(dt.UTC))
    rows.copy()
    [[value]] = [row.values() for row in warehouse.rows(sql)]
    assert value > alert.above


def test_the_process_that_leads_copies_them_from_time_to_time(log: SqliteLog, warehouse: Warehouse) -> None:
    migrate(warehouse)
    refuse(log, "issues", NOW)
    runtime = Runtime(log, [])
    copy_letters(runtime, log, warehouse)
    [timer] = runtime.timers.states()
    assert timer.job() == 1
    assert [row["topic"] for row in warehouse.rows(KEPT)] == ["issues"]
