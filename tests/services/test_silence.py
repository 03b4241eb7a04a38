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
from services.web.figures.silence import days_asked, outage_kinds, silence_now, silent_days, without_figures
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


def landed(warehouse: Warehouse, when: dt.datetime, *beats: SourceHeartbeat) -> None:
    """Land heartbeats at an instant of the story."""
    _land(warehouse, *beats)
    warehouse.command(
        "ALTER TABLE source_events UPDATE landed_at = {when:DateTime64(3, 'UTC')}"
        " WHERE event_id IN {ids:Array(UUID)} SETTINGS mutations_sync = 1",
        when=when,
        ids=[beat.id for beat in beats],
    )


def kind_now(warehouse: Warehouse, unit: str, when: dt.datetime) -> tuple[str, str]:
    (found,) = silence_now(warehouse, tables(), (unit,), when)
    return found.kind, found.basis


def kind_of(warehouse: Warehouse, unit: str, day: dt.date) -> tuple[str, str]:
    """Return the kind of a day that is over, on the day after."""
    after = at(day + dt.timedelta(days=1), 7)
    (found,) = silent_days(warehouse, tables(), (unit,), Window(day, day), after)
    return found.silence.kind, found.silence.basis


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
    beats += [heartbeat(at(dt.date(2025, 10, 9), 17), QUIET), heartbeat(at(MONDAY, 7), BAT_MOT)]
    landed(warehouse, at(TUESDAY, 9), stuck())
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
    today = {**expected, STUCK: "source_broken"}  # what it counted has left, and it was not heard since
    assert {one.unit_code: one.kind for one in silence_now(warehouse, tables(), COMMUNES, now)} == today
    unknown = without_figures(warehouse, tables(), COMMUNES, now)
    assert unknown is not None
    assert sorted(unknown) == sorted({*expected} - {ZERO, BUSY})

    days = silent_days(warehouse, tables(), COMMUNES, WEEK, now)
    assert len(days) == len({(one.unit_code, one.day) for one in days}) == 8 * len(COMMUNES)
    made = {(one.unit_code, one.day): one.silence for one in days}
    for unit, kind in expected.items():
        assert (made[unit, MONDAY].kind, made[unit, TUESDAY].kind) == (kind, today[unit])
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


def test_an_outbox_was_stuck_until_its_heartbeat_landed_and_never_after_it(warehouse: Warehouse) -> None:
    counted(warehouse, STUCK, dt.date(2025, 10, 1))
    landed(warehouse, at(TUESDAY, 9), stuck())
    assert kind_now(warehouse, STUCK, at(TUESDAY, 10)) == ("true_zero", "heard_that_day")
    _land(warehouse, heartbeat(at(TUESDAY, 16), STUCK))
    assert kind_of(warehouse, STUCK, MONDAY) == ("stuck_outbox", "letters_wait")
    assert kind_of(warehouse, STUCK, TUESDAY) == ("true_zero", "heard_that_day")


def test_a_heartbeat_that_lands_again_is_not_believed_beyond_the_next_one(warehouse: Warehouse) -> None:
    counted(warehouse, STUCK, dt.date(2025, 10, 1))
    wednesday = TUESDAY + dt.timedelta(days=1)
    landed(warehouse, at(dt.date(2026, 11, 30), 9), stuck(), heartbeat(at(TUESDAY, 16), STUCK))
    assert kind_of(warehouse, STUCK, MONDAY) == ("stuck_outbox", "letters_wait")
    assert kind_of(warehouse, STUCK, TUESDAY) == ("true_zero", "heard_that_day")
    assert kind_of(warehouse, STUCK, wednesday)[0] != "stuck_outbox"


def test_a_commune_with_a_confirmed_fault_is_of_one_kind_today_and_tomorrow(warehouse: Warehouse) -> None:
    log, power = FakeLog(), Story("power_unstable", name="heard all day", at=at(MONDAY, 8))
    power.confirm_fault(POWER, units=(BAT_MOT,))
    log.add(*power.log)
    decided(warehouse, log)
    counted(warehouse, BAT_MOT, dt.date(2025, 10, 1))
    _land(warehouse, heartbeat(at(MONDAY, 15), BAT_MOT))
    assert kind_now(warehouse, BAT_MOT, at(MONDAY, 16)) == ("known_outage", "in_outage")
    assert kind_of(warehouse, BAT_MOT, MONDAY) == ("known_outage", "in_outage")


def test_a_month_of_noughts_is_no_source_of_cases(warehouse: Warehouse) -> None:
    warehouse.command(
        "INSERT INTO rollups_monthly (unit_code, month, version) SELECT {unit:String}, toDate('2025-10-01'), 1",
        unit=ZERO,
    )
    _land(warehouse, heartbeat(at(MONDAY, 15), ZERO))
    assert kind_now(warehouse, ZERO, at(MONDAY, 16)) == ("not_reported", "no_figures_ever")
    assert kind_of(warehouse, ZERO, MONDAY) == ("not_reported", "no_figures_ever")


def test_quiet_hours_of_a_day_count_from_when_the_fault_was_mended(warehouse: Warehouse) -> None:
    friday = dt.date(2025, 10, 17)
    saturday = friday + dt.timedelta(days=1)
    log, power = FakeLog(), Story("power_unstable", name="mended on a Friday", at=at(TUESDAY, 8))
    power.confirm_fault(POWER, units=(BAT_MOT,))
    power.now = at(friday, 16)
    power.clear_fault(POWER)
    log.add(*power.log)
    decided(warehouse, log)
    counted(warehouse, BAT_MOT, dt.date(2025, 10, 1))
    _land(warehouse, heartbeat(at(MONDAY, 15), BAT_MOT))
    Watch(warehouse, log, tables()).tick(at(saturday, 12))
    _land(warehouse, *log.events(SOURCES.name))
    assert kind_now(warehouse, BAT_MOT, at(saturday, 12))[0] != "source_broken"
    assert kind_of(warehouse, BAT_MOT, saturday) == ("true_zero", "day_off")
    assert kind_of(warehouse, BAT_MOT, saturday + dt.timedelta(days=2)) == ("source_broken", "quiet")


def test_days_without_a_sign_are_local_days(warehouse: Warehouse) -> None:
    _land(warehouse, heartbeat(at(MONDAY, 20), ZERO))
    (silent,) = warehouse.query(
        "silent_feeds",
        units=[ZERO],
        provinces=["38"],
        at=at(TUESDAY, 6),
        outage_kinds=outage_kinds(tables(), TUESDAY),
    )
    assert silent["quiet_days"] == 1
