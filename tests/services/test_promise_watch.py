"""Timed events of the register of promises: emitted once, whoever watches, and notified to the bodies concerned."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from events.envelope import Envelope
from events.log import Position, Record
from events.promises import PromiseAskedAgain, PromiseMissed
from events.topics import PROMISES
from services.consuming.step import Delivered
from services.streams.land import Land
from services.streams.watch import Watch
from services.warehouse.client import Warehouse
from services.warehouse.promise_table import PromiseTable
from tests.reporting.stories import tables
from tests.reporting.test_promises import BAN_VIN, JUNE, SEPTEMBER, listed, measured, promised
from tests.services.issue_log import APPENDED_AT, FakeLog
from tests.services.world import CHAIR, DEPARTMENT, OFFICER, World

pytestmark = pytest.mark.warehouse
DAY = dt.timedelta(days=1)


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(5), dt.UTC)


def land(warehouse: Warehouse, *events: Envelope, at: int = 0) -> None:
    Land(warehouse).handle(
        [
            Delivered(
                Record(Position(PROMISES.name, 0, at + n), one.partition_key, b"", {}, APPENDED_AT), one
            )
            for n, one in enumerate(events)
        ]
    )


def emitted(log: FakeLog) -> list[Envelope]:
    return log.events(PROMISES.name)


def test_a_promised_day_that_went_by_is_said_once_whoever_watches(warehouse: Warehouse) -> None:
    log = FakeLog()
    watch = Watch(warehouse, log, tables())
    first = promised(JUNE)
    land(warehouse, listed(), first)
    assert watch.tick(noon(JUNE)) == 0
    assert watch.tick(noon(JUNE + DAY)) == 1
    assert watch.tick(noon(JUNE + DAY)) == 0  # before it has landed
    (missed,) = emitted(log)
    assert isinstance(missed, PromiseMissed)
    assert (missed.data.promise_id, missed.data.promised_on) == (first.id, JUNE)
    assert missed.time == dt.datetime(2026, 6, 30, 17, tzinfo=dt.UTC)  # midnight of the day after, local
    # Another that takes over before it has landed says the same event, which counts once.
    other = FakeLog()
    assert Watch(warehouse, other, tables()).tick(noon(JUNE + 2 * DAY)) == 1
    assert emitted(other)[0].id == missed.id
    land(warehouse, missed, *emitted(other), at=2)
    for late in (watch, Watch(warehouse, log, tables())):
        assert late.tick(noon(SEPTEMBER)) == 0
    spot = PromiseTable(warehouse).load([BAN_VIN])[BAN_VIN]
    assert [turn.change for turn in spot.turns] == ["made", "missed"]


def test_a_closed_entry_is_asked_about_again_by_the_row_of_the_day(warehouse: Warehouse) -> None:
    log, closed = FakeLog(), dt.date(2026, 7, 10)
    watch = Watch(warehouse, log, tables())
    land(warehouse, listed(), promised(JUNE), measured(dt.date(2026, 6, 20), works=False))
    land(warehouse, measured(closed, works=True), at=3)
    assert watch.tick(noon(closed + 29 * DAY)) == 0
    assert watch.tick(noon(closed + 30 * DAY)) == 1
    (asked,) = emitted(log)
    assert isinstance(asked, PromiseAskedAgain)
    assert (asked.data.closed_on, asked.data.recheck_days) == (closed, 30)
    assert asked.data.row_id == "promise_recheck@2025-01-01"
    assert asked.data.table_version == tables().thresholds.version
    land(warehouse, asked, at=4)
    assert watch.tick(noon(closed + 90 * DAY)) == 0


def test_a_log_that_was_away_hears_it_at_the_next_look(warehouse: Warehouse) -> None:
    log = FakeLog()
    watch = Watch(warehouse, log, tables())
    land(warehouse, listed(), promised(JUNE))
    log.fails = 1
    with pytest.raises(ConnectionError):
        watch.tick(noon(JUNE + DAY))
    assert watch.tick(noon(JUNE + DAY)) == 1


@pytest.mark.slow
def test_the_commune_and_the_department_find_it_under_their_bell_with_the_way_to_the_entry(
    world: World,
) -> None:
    department, officer = world.as_(*DEPARTMENT), world.as_(*OFFICER)
    yesterday = (world.clock() - DAY).date()
    village: dict[str, Any] = {
        "department": "38.so_khcn",
        "unit_code": "15607",
        "village": "Bản Vịn",
        "gap": "no_signal",
        "promiser": "38.viettel",
        "promised_on": (yesterday - 40 * DAY).isoformat(),
    }
    spot = department.post("/api/v1/promises", json=village).json()["spot_id"]
    world.settle()
    watch = Watch(world.parts.warehouse, world.log, world.parts.tables)
    assert watch.tick(world.clock()) == 1
    world.settle()
    works = {"measured_on": (yesterday - 35 * DAY).isoformat(), "works": True}
    assert officer.post(f"/api/v1/promises/{spot}/measurements", json=works).status_code == 202
    world.settle()
    assert watch.tick(world.clock()) == 1
    world.settle()
    missed, asked, closed, made = (
        "Quá ngày cam kết khắc phục: Trắng sóng",
        "Đến kỳ kiểm tra lại, đề nghị đo kiểm: Trắng sóng",
        "Đã đo kiểm đạt, kết thúc theo dõi: Trắng sóng",
        "Đã có ngày cam kết khắc phục: Trắng sóng",
    )
    html = {"accept": "text/html"}
    for who, expected in ((CHAIR, {made, missed, asked}), (DEPARTMENT, {missed, closed, asked})):
        page = world.as_(*who).get("/thong-bao", headers=html).text
        assert {words for words in (missed, asked, closed, made) if words in page} == expected
        assert "Bản Vịn" in page
        notice = page.split("/thong-bao/xem/")[1].split('"')[0]
        led = world.as_(*who).get(f"/thong-bao/xem/{notice}", headers=html, follow_redirects=False)
        assert led.headers["location"] == f"/thon-lom/{spot}"
