"""The watch over faults, on real rows: what depends is suspended, late reports are excused, recovery releases all."""

from __future__ import annotations

import datetime as dt

import pytest

from events.faults import IssueReleased, IssueSuppressed
from events.sources import SourceExcused, SourceSilent
from events.topics import SOURCES
from reporting.issues.state import IssueState
from services.streams.watch import Watch
from services.warehouse.client import Warehouse
from services.web.figures.silence import silence_now
from tests.reporting.stories import BAT_MOT, Story, tables
from tests.reporting.test_faults import POWER
from tests.services.issue_log import FakeLog
from tests.services.test_watch import _land, decided, heartbeat

pytestmark = pytest.mark.warehouse
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


def state_of(warehouse: Warehouse, log: FakeLog, story: Story) -> IssueState:
    return decided(warehouse, log)[story.id]


@pytest.mark.slow
def test_a_confirmed_fault_suspends_what_depends_on_it_and_recovery_releases_it(warehouse: Warehouse) -> None:
    log = FakeLog()
    power = Story("power_unstable", name="power")
    began_at = power.now
    before = Story("mobile_dead_spot", name="dead for months", at=began_at - HOUR)
    spot = Story("mobile_dead_spot", name="no signal since", at=began_at + MINUTE)
    line = Story("no_fixed_internet", name="no line since", at=began_at + MINUTE)
    other = Story("staff_shortage", name="another matter", at=began_at + MINUTE)
    power.confirm_fault(POWER, began_at=began_at)
    log.add(*(event for story in (power, before, spot, line, other) for event in story.log))
    decided(warehouse, log)
    now = power.now + 30 * MINUTE

    assert Watch(warehouse, log, tables()).tick(now) == 2
    assert {event.subject for event in log.events() if isinstance(event, IssueSuppressed)} == {
        str(spot.id),
        str(line.id),
    }
    assert state_of(warehouse, log, spot).shown_state == "suppressed"
    assert state_of(warehouse, log, before).shown_state == "received"
    assert {clock.state for clock in state_of(warehouse, log, line).clocks} == {"paused"}
    assert Watch(warehouse, log, tables()).tick(now + MINUTE) == 0  # a new watch after a restart

    late = Story("no_fixed_internet", name="reported while it lasts", at=now)
    log.add(*late.log)
    decided(warehouse, log)
    assert Watch(warehouse, log, tables()).tick(now + 2 * MINUTE) == 1

    power.now = now + 5 * HOUR
    power.clear_fault(POWER)
    log.add(power.log[-1])
    decided(warehouse, log)
    assert Watch(warehouse, log, tables()).tick(power.now + 30 * MINUTE) == 3
    released = [event for event in log.events() if isinstance(event, IssueReleased)]
    assert {event.data.until for event in released} == {power.now}
    after = state_of(warehouse, log, spot)
    assert after.shown_state == "received"
    assert {clock.state for clock in after.clocks if clock.stopped_at is None} == {"running"}
    assert Watch(warehouse, log, tables()).tick(power.now + 31 * MINUTE) == 0


def test_a_commune_without_power_owes_no_figures_until_it_has_power_again(warehouse: Warehouse) -> None:
    log = FakeLog()
    power = Story("power_unstable", name="no power, no figures")
    _land(warehouse, heartbeat(power.now - MINUTE))
    power.confirm_fault(POWER, units=("38",))
    log.add(*power.log)
    decided(warehouse, log)
    watch = Watch(warehouse, log, tables())
    now = power.now + 6 * HOUR
    watch.tick(now)
    (excused,) = log.events(SOURCES.name)
    assert isinstance(excused, SourceExcused)
    assert (excused.data.unit_code, excused.data.fault_issue_id) == (BAT_MOT, power.id)
    _land(warehouse, excused)
    (feed,) = silence_now(warehouse, tables(), [BAT_MOT], now)
    assert (feed.kind, feed.basis) == ("known_outage", "in_outage")
    Watch(warehouse, log, tables()).tick(now + MINUTE)
    assert len(log.events(SOURCES.name)) == 1

    power.now = now
    power.clear_fault(POWER)
    log.add(power.log[-1])
    decided(warehouse, log)
    Watch(warehouse, log, tables()).tick(power.now + HOUR)
    assert len(log.events(SOURCES.name)) == 1  # the time counts from the recovery
    Watch(warehouse, log, tables()).tick(power.now + 24 * HOUR)
    silent = log.events(SOURCES.name)[-1]
    assert isinstance(silent, SourceSilent)


def test_a_feed_that_was_silent_before_the_fault_was_confirmed_is_excused_too(warehouse: Warehouse) -> None:
    log = FakeLog()
    power = Story("power_unstable", name="said too early")
    _land(warehouse, heartbeat(power.now))
    Watch(warehouse, log, tables()).tick(power.now + 6 * HOUR)
    _land(warehouse, *log.events(SOURCES.name))
    power.now += 6 * HOUR
    power.confirm_fault(POWER)
    log.add(*power.log)
    decided(warehouse, log)
    Watch(warehouse, log, tables()).tick(power.now + HOUR)
    assert [type(event) for event in log.events(SOURCES.name)] == [SourceSilent, SourceExcused]
