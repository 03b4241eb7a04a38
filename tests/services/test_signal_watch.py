"""The watch over thresholds, on real rows: recurrence, spread, duration; each signal raised once."""

from __future__ import annotations

import datetime as dt

import pytest

from events.envelope import Envelope
from events.issues import IssueReport, IssueReported
from events.signals import SignalRaised
from services.streams.watch import Watch
from services.warehouse.client import Warehouse
from tests.reporting.stories import MORNING, Story, tables
from tests.services.issue_log import FakeLog
from tests.services.test_watch import decided

pytestmark = pytest.mark.warehouse
DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)


def report(unit_code: str, province_code: str, kind: str, number: int = 0) -> Envelope:
    """Report a difficulty of any commune."""
    story = Story(kind, name=f"{unit_code} {kind} {number}", at=MORNING + number * MINUTE)
    reported = story.log[0]
    assert isinstance(reported, IssueReported)
    return reported.model_copy(
        update={
            "source": f"/vn/{province_code}/{unit_code}",
            "actor_unit": unit_code,
            "data": IssueReport(unit_code=unit_code, kind=kind, severity="high"),
        }
    )


def raised_signals(log: FakeLog) -> list[tuple[str, str, int]]:
    return sorted(
        (event.data.trigger, event.data.unit_code, event.data.measured_count)
        for event in log.events()
        if isinstance(event, SignalRaised)
    )


def looked(warehouse: Warehouse, log: FakeLog, now: dt.datetime) -> list[tuple[str, str, int]]:
    """Let the watch look, fold what it says, look again with a new watch, and return all signals."""
    decided(warehouse, log)
    for _ in range(2):
        Watch(warehouse, log, tables()).tick(now)
        decided(warehouse, log)
    return raised_signals(log)


def test_the_third_time_in_thirty_days_is_said_once_and_the_fourth_changes_nothing(
    warehouse: Warehouse,
) -> None:
    log = FakeLog()
    log.add(*(report("15607", "38", "digital_illiteracy", number) for number in range(2)))
    assert looked(warehouse, log, MORNING + DAY) == []
    log.add(report("15607", "38", "digital_illiteracy", 2))
    assert looked(warehouse, log, MORNING + DAY) == [("recurrence", "15607", 3)]
    log.add(report("15607", "38", "digital_illiteracy", 3))
    assert looked(warehouse, log, MORNING + DAY) == [("recurrence", "15607", 3)]


def test_what_lies_longer_back_is_no_recurrence(warehouse: Warehouse) -> None:
    log = FakeLog()
    log.add(*(report("15607", "38", "digital_illiteracy", number) for number in range(3)))
    assert looked(warehouse, log, MORNING + 31 * DAY) == []


def test_a_tenth_of_the_communes_of_a_province_is_said_for_the_province(warehouse: Warehouse) -> None:
    log, communes = FakeLog(), tables().units.communes_of("38")
    few = -(-len(communes) // 10)
    log.add(*(report(unit.code, "38", "digital_illiteracy") for unit in communes[: few - 1]))
    assert looked(warehouse, log, MORNING + DAY) == []
    log.add(report(communes[few].code, "38", "digital_illiteracy"))
    assert looked(warehouse, log, MORNING + DAY) == [("spread_in_province", "38", few * 100 // len(communes))]


def test_five_provinces_are_said_for_the_nation(warehouse: Warehouse) -> None:
    log, units = FakeLog(), tables().units
    for province in units.provinces()[:5]:
        log.add(report(units.communes_of(province.code)[0].code, province.code, "digital_illiteracy"))
    assert looked(warehouse, log, MORNING + DAY) == [("spread_over_provinces", "vn", 5)]


def test_an_outage_is_said_again_when_it_goes_higher_and_no_level_moves(warehouse: Warehouse) -> None:
    log = FakeLog()
    log.add(report("15607", "38", "lgsp_outage"))
    assert looked(warehouse, log, MORNING + 40 * MINUTE) == [("outage_office", "15607", 35)]
    (before,) = decided(warehouse, log).values()
    assert [name for name, _, _ in looked(warehouse, log, MORNING + 5 * 60 * MINUTE)] == [
        "outage_leader",
        "outage_office",
    ]
    (after,) = decided(warehouse, log).values()
    assert (after.level, after.holder_body, after.escalations) == (
        before.level,
        before.holder_body,
        before.escalations,
    )
