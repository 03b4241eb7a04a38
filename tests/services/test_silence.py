"""Silence on real rows: each kind arises, on the running day and on days that are over, and adds up."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import get_args

import pytest

from events.sources import SourceHeartbeat
from events.topics import SOURCES
from reporting.dated.calendar import LOCAL
from reporting.silence import SilenceKind
from services.streams.watch import Watch
from services.warehouse.client import Warehouse
from services.web.figures.silence import days_asked, silence_now, silent_days, without_figures
from services.web.figures.windows import Window
from tests.reporting.stories import BAT_MOT, Story, tables
from tests.reporting.test_faults import POWER
from tests.services.issue_log import FakeLog
from tests.services.test_watch import _land, decided, heartbeat

pytestmark = pytest.mark.warehouse
ZERO, QUIET, NEVER, STUCK, BUSY = "15610", "15622", "15628", "15634", "15643"
COMMUNES = (ZERO, QUIET, NEVER, STUCK, BAT_MOT, BUSY)
SUNDAY, MONDAY, TUESDAY = (dt.date(2025, 10, day) for day in (12, 13, 14))
WEEK = Window(dt.date(2025, 10, 7), TUESDAY)


def at(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), LOCAL).astimezone(dt.UTC)


def counted(warehouse: Warehouse, unit: str, day: dt.date) -> None:
    for told in (
        "rollups_daily (unit_code, day, version, opened) SELECT {unit:String}, {day:Date}, 1, 1",
        "rollups_monthly (unit_code, month, version, opened) SELECT {unit:String}, toStartOfMonth({day:Date}), 1, 1",
    ):
        warehouse.command(f"INSERT INTO {told}", unit=unit, day=day)


def stuck() -> SourceHeartbeat:
    beat = heartbeat(at(TUESDAY, 8), STUCK)
    said = {"outbox_count": 5, "oldest_unsent_at": at(MONDAY, 9)}
    return beat.model_copy(update={"data": beat.data.model_copy(update=said)})


def test_each_kind_arises_and_each_day_of_a_commune_is_of_exactly_one(warehouse: Warehouse) -> None:
    log, power, now = FakeLog(), Story("power_unstable", name="no power, no figures"), at(TUESDAY, 15)
    power.confirm_fault(POWER, units=(BAT_MOT,))
    log.add(*power.log)
    decided(warehouse, log)
    for unit in COMMUNES:
        counted(warehouse, unit, dt.date(2025, 10, 1))
    counted(warehouse, BUSY, MONDAY)
    counted(warehouse, BUSY, TUESDAY)
    week = [WEEK.first_on + dt.timedelta(days=number) for number in range(8) if number not in (4, 5)]
    beats = [heartbeat(at(day, 15 if day == TUESDAY else 17), unit) for day in week for unit in (ZERO, BUSY)]
    beats += [heartbeat(at(dt.date(2025, 10, 9), 17), QUIET), heartbeat(at(MONDAY, 7), BAT_MOT), stuck()]
    _land(warehouse, *beats)
    Watch(warehouse, log, tables()).tick(now)
    _land(warehouse, *log.events(SOURCES.name))

    expected = {
        ZERO: "true_zero",
        QUIET: "source_broken",
        NEVER: "not_reported",
        STUCK: "stuck_outbox",
        BAT_MOT: "known_outage",
        BUSY: "reported",
    }
    assert {one.unit_code: one.kind for one in silence_now(warehouse, tables(), COMMUNES, now)} == expected
    unknown = without_figures(warehouse, tables(), COMMUNES, now)
    assert unknown is not None
    assert sorted(unknown) == sorted({*expected} - {ZERO, BUSY})

    days = silent_days(warehouse, tables(), COMMUNES, WEEK, now)
    assert len(days) == len({(one.unit_code, one.day) for one in days}) == 8 * len(COMMUNES)
    made = {(one.unit_code, one.day): one.silence for one in days}
    for unit, kind in expected.items():
        assert (made[unit, MONDAY].kind, made[unit, TUESDAY].kind) == (kind, kind)
    assert made[ZERO, SUNDAY].basis == "day_off"
    assert made[QUIET, SUNDAY].kind == "source_broken"
    assert made[QUIET, dt.date(2025, 10, 9)].kind == "true_zero"

    over = Counter((one.unit_code, one.silence.kind) for one in days if one.day < TUESDAY)
    rows = warehouse.query(
        "silent_days_by_unit",
        units=list(COMMUNES),
        provinces=["38"] * len(COMMUNES),
        letters_stuck=60,
        **days_asked(tables(), WEEK, now),
    )
    for row in rows:
        assert {kind: row[kind] for kind in get_args(SilenceKind)} == {
            kind: over[row["unit_code"], kind] for kind in get_args(SilenceKind)
        }
        assert sum(row[kind] for kind in get_args(SilenceKind)) == row["day_count"] == 7
