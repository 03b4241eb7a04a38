"""The clock of a simulation: what time brings about in a simulated past is recorded in it, however often the process dies."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import Connection, select

from events.codec import decode
from events.envelope import Envelope
from events.signals import SignalRaised
from events.topics import CASES, CASES_BACKFILL, ISSUES, PROMISES, SOURCES
from reporting.dated.calendar import LOCAL
from reporting.dated.units import Unit
from services.boot.catch_up import CatchUp
from services.boot.steps import watch_time
from services.boot.system import System
from services.consuming.in_threads import Runtime
from services.dated_tables import DatedTables
from services.errors import SetupError
from services.intake.heartbeats import Heartbeats
from services.settings import Settings
from services.simulate.counters import Wanted, every_case, lasting_to
from services.simulate.customs import Customs
from services.simulate.journal import opened
from services.simulate.officials import CHANCE
from services.simulate.profiles import Profile, profile_of
from services.simulate.province import Province
from services.simulate.run import send_earlier_cases, simulate_province
from services.store.notice_tables import NOTICES
from services.store.simulations import Simulation, end_simulation, note_simulation, simulated_until
from services.store.store import Store
from services.warehouse.client import Warehouse
from services.web.figures.figures import rollups
from services.web.figures.windows import Window
from tests.services.test_land import empty
from tests.services.world import BAT_MOT, VAN_XUAN, Clock, World, open_world, tables
from tests.stores import empty_store

pytestmark = pytest.mark.warehouse

PROVINCE = "38"
NOW = dt.datetime(2026, 11, 27, 10, 0, tzinfo=LOCAL).astimezone(dt.UTC)
START, DAYS = dt.date(2026, 11, 17), 11
LATER_START = dt.date(2026, 11, 23)
EARLY_DEATHS = 3
TOPICS = (CASES, CASES_BACKFILL, ISSUES, PROMISES, SOURCES)


class LookedAt:
    """The streams of a world, in which the live watch looks with the machine's clock whenever they have caught up."""

    leads = True

    def __init__(self, streams: Runtime) -> None:
        self._streams = streams
        self.timers = self
        self._jobs: list[Callable[[], object]] = []
        self.health = streams.health

    def every(self, _seconds: float, job: Callable[[], object], _name: str) -> None:
        self._jobs.append(job)

    def look(self) -> int:
        """Run the jobs that look for what is due; return how many events they emitted."""
        return sum(cast("int", job()) for job in self._jobs)

    def wait_idle(self, timeout: float) -> bool:
        done = self._streams.wait_idle(timeout)
        self.look()
        return done


def system_of(world: World) -> System:
    """Put a world together as the simulation wants it, beside a live watch."""
    parts, runtime = world.parts, LookedAt(world.runtime)
    side = SimpleNamespace(
        settings=Settings(),
        tables=parts.tables,
        clock=world.clock,
        intake=parts.intake,
        store=parts.store,
        log=world.log,
        heartbeats=Heartbeats(parts.store, parts.tables.units, world.clock, waiting=parts.relay.waiting),
    )
    after_loss = CatchUp(world.log, parts.issue_table, parts.problem_table, parts.tables)
    watch_time(
        cast("Any", runtime), world.log, parts.tables, parts.warehouse, world.clock, parts.store, after_loss
    )
    return cast("System", SimpleNamespace(intake_side=side, parts=parts, runtime=runtime))


def few_and_busy(units: Sequence[Unit], seed: str) -> list[Profile]:
    """Return six communes with few cases, many difficulties, and a bad line."""
    drawn = [profile_of(unit, seed) for unit in units[:4]]
    drawn += [profile_of(unit, seed) for unit in units if unit.code in {BAT_MOT, VAN_XUAN}]
    return [
        replace(each, daily_cases=1.5, offline_per_day=0.3, difficulty_per_day=0.35, remote=True)
        for each in drawn
    ]


def simulated(
    world: World, start: dt.date = START, echo: Callable[[str], None] = lambda _line: None
) -> Province:
    return simulate_province(
        system_of(world),
        PROVINCE,
        start,
        DAYS,
        "clock",
        echo=echo,
        customs=Customs(few_and_busy, chances={**CHANCE, "accept": 0.1, "return": 0.5}),
    )


@pytest.fixture
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the machine's clock stand."""
    monkeypatch.setattr(Clock, "__call__", lambda _self: NOW)


def events_of(world: World) -> list[Envelope]:
    """Return what is in the log, without signs of life, which repeat."""
    return [
        event
        for topic in TOPICS
        for partition, end in world.log.end_positions(topic.name).items()
        for record in world.log.read(topic.name, partition, 0, end)
        if (event := decode(record.value)).type != "source.heartbeat"
    ]


def instant_of(event: Envelope, reported_at: dict[str, dt.datetime], known: DatedTables) -> dt.datetime:
    """Return when an event came about: a signal when its issue was reported or had lasted for so long."""
    if not isinstance(event, SignalRaised):
        return event.time
    at, said = reported_at[event.subject], event.data
    if not said.trigger.startswith("outage"):
        return at
    return known.working_time.after(at, dt.timedelta(minutes=said.threshold_count))


@pytest.mark.usefixtures("standing_clock")
def test_no_clock_and_no_signal_of_a_simulated_past_is_recorded_over_a_working_day_late(
    tmp_path: Path, warehouse: Warehouse
) -> None:
    said: list[str] = []
    with open_world(tmp_path, warehouse) as world:
        province = simulated(world, echo=said.append)
        events = events_of(world)
        with world.parts.store.read() as conn:
            noted = conn.execute(select(NOTICES.c.noted_at, NOTICES.c.occurred_at)).all()
        assert simulated_until(world.parts.store) == {}
    reported_at = {event.subject: event.recorded_at for event in events if event.type == "issue.reported"}
    told = [event for event in events if event.type.startswith(("clock.", "signal."))]
    kinds = {event.type for event in told}
    assert {"clock.breached", "clock.reached", "clock.started", "signal.raised"} <= kinds
    late = {
        (event.type, event.time, event.recorded_at)
        for event in told
        if tables().working_time.between(instant_of(event, reported_at, tables()), event.recorded_at)
        > tables().working_time.office_day
    }
    assert late == set()
    assert {"escalation.returned", "escalation.answered"} <= {event.type for event in events}
    assert province.refused == []
    assert {event.type for event in events} > {"source.silent", "source.recovered"}
    assert noted
    assert all(row.noted_at == row.occurred_at <= NOW for row in noted)
    # Who waits for the pages is told of the cases too, which take longer than the difficulties.
    ways = [
        "simulated 10 of 11 days",
        "simulated 11 of 11",
        "sent the cases of 10 of 11",
        "sent the cases of 11 of 11",
    ]
    assert [way for way, line in zip(ways, said, strict=False) if way in line] == ways


class DiedError(Exception):
    """The process is gone."""


@dataclass
class Deaths:
    """Lets the simulation die before one of its transactions, again and again."""

    rng: random.Random
    left: int = 0
    count: int = 0

    def draw(self) -> None:
        """Draw before which transaction the next death comes: the first few early, so that they do come."""
        self.left = self.rng.randint(1, 60 if self.count >= EARLY_DEATHS else 12)

    def before(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self.left -= 1
            if self.left == 0:
                self.count += 1
                raise DiedError


def facts(events: list[Envelope]) -> dict[UUID, Envelope]:
    found: dict[UUID, Envelope] = {}
    for event in events:
        assert found.setdefault(event.id, event) == event, "one id, two contents"
    return found


@pytest.mark.slow
@pytest.mark.usefixtures("standing_clock")
def test_a_simulation_that_dies_again_and_again_ends_in_the_same_facts(
    tmp_path: Path, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    (tmp_path / "whole").mkdir()
    with open_world(tmp_path / "whole", warehouse) as world:
        simulated(world, LATER_START)
        wanted, issues = facts(events_of(world)), states(world)
        notices = notices_of(world)
    empty(warehouse)
    (tmp_path / "torn").mkdir()
    shutil.copytree(tmp_path / "whole" / "keys", tmp_path / "torn" / "keys")
    deaths = Deaths(random.Random(seed))
    with open_world(tmp_path / "torn", warehouse) as world:
        _let_die(deaths, monkeypatch)
        while True:
            deaths.draw()
            try:
                simulated(world, LATER_START)
            except DiedError:
                assert PROVINCE in simulated_until(world.parts.store)
                continue
            break
        deaths.left = 0
        assert deaths.count >= EARLY_DEATHS
        found = facts(events_of(world))
        assert found == wanted
        assert states(world) == issues
        assert notices_of(world) == notices
        assert simulated_until(world.parts.store) == {}


def _let_die(deaths: Deaths, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = Store.begin

    @contextmanager
    def dying(store: Store) -> Iterator[Connection]:
        deaths.before()
        with begin(store) as conn:
            yield conn

    monkeypatch.setattr(Store, "begin", dying)


def states(world: World) -> dict[UUID, Any]:
    return {state.id: state for state in world.parts.issue_table.every()}


def notices_of(world: World) -> set[tuple[Any, ...]]:
    with world.parts.store.read() as conn:
        return {(row.id, row.noted_at) for row in conn.execute(select(NOTICES.c.id, NOTICES.c.noted_at))}


@pytest.mark.usefixtures("standing_clock")
def test_the_live_watch_leaves_a_province_alone_until_its_simulation_has_ended(world: World) -> None:
    system, clock = system_of(world), world.clock
    store = world.parts.store
    world.report(kind="mobile_dead_spot")
    later = clock() + dt.timedelta(days=60)
    look = cast("LookedAt", system.runtime).look
    simulation = Simulation(PROVINCE, "s", START, DAYS, until=NOW, present=NOW)
    note_simulation(store, simulation)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Clock, "__call__", lambda _self: later)
        assert look() == 0
        note_simulation(store, Simulation("40", "s", START, DAYS, until=NOW, present=NOW))
        end_simulation(store, simulation)
        said = look()
    assert isinstance(said, int)
    assert said > 0


def figures_of(world: World, first: dt.date, last: dt.date) -> object:
    window = Window(first, last)
    return rollups(world.parts, PROVINCE, window, "day")


@pytest.mark.slow
@pytest.mark.usefixtures("standing_clock")
def test_cases_that_were_over_come_later_and_move_nothing_from_then_on(world: World) -> None:
    system, customs = system_of(world), Customs(few_and_busy)
    wanted = Simulation(PROVINCE, "clock", START, DAYS, until=NOW, present=NOW)
    days = [START + dt.timedelta(n) for n in range(DAYS)]
    midnight = dt.datetime.combine(LATER_START, dt.time.min, LOCAL)

    def send(which: Wanted) -> int:
        province = Province(system, PROVINCE, "clock", customs=customs)
        for day in days:
            province.note_lines(day, NOW)
            province.receive(day, which)
            province.send(day, NOW)
        province.settle()
        return province.case_count

    lasting = send(lasting_to(midnight))
    stood = figures_of(world, LATER_START, days[-1])
    with opened(world.parts.store, replace(wanted, cases_only=True)) as journal:
        assert simulated_until(world.parts.store) == {}, "the watch waits for no case"
        earlier = send_earlier_cases(system, journal, LATER_START, customs=customs)
        journal.end()
    assert min(lasting, earlier) > 0
    assert figures_of(world, LATER_START, days[-1]) == stood
    assert send(every_case) == 0, "all of them were there"


def test_a_simulation_that_is_stopped_before_a_step_goes_on_with_it(tmp_path: Path) -> None:
    wanted = Simulation(PROVINCE, "s", START, DAYS, until=NOW, present=NOW)
    taken: list[int] = []

    def stop_at_third() -> None:
        if len(taken) == 2:
            raise DiedError

    with closing(Store(empty_store(tmp_path / "store.db"))) as store:
        for before_each in (stop_at_third, lambda: None):
            with suppress(DiedError), opened(store, wanted, before_each=before_each) as journal:
                for _ in range(4):
                    journal.take(lambda _again: taken.append(len(taken)))
                journal.end()
        assert simulated_until(store) == {}
    assert taken == [0, 1, 2, 3]


def test_a_second_process_does_not_simulate_what_another_one_simulates(world: World) -> None:
    store = world.parts.store
    wanted = Simulation(PROVINCE, "s", START, DAYS, until=NOW, present=NOW)
    with (
        opened(store, wanted),
        pytest.raises(SetupError, match="another process simulates province 38"),
        opened(store, wanted),
    ):
        pass
