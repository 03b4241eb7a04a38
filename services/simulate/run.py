"""Drive a simulated province day by day through the intake of real users, with a clock of its own."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from events.errors import LienCapError
from reporting.dated.bodies import NATION
from reporting.dated.calendar import LOCAL, local_day
from reporting.dated.procedures import Procedure
from reporting.issues.state import IssueState
from services.access.actors import Actor
from services.acting.act_inputs import ESCALATION_INPUTS, ISSUE_INPUTS
from services.acting.issue_acts import act_on_escalation, act_on_issue
from services.consuming.progress import settle
from services.errors import SetupError
from services.intake.issue_input import IssueInput
from services.simulate.cases import CaseWorld
from services.simulate.counters import Counters, Ready, unsent
from services.simulate.dead_spots import fill_register, follow_promises
from services.simulate.difficulties import Difficulty, draw_difficulties
from services.simulate.journal import Journal, NoJournal, Step, opened
from services.simulate.officials import Move, has_moved, moves_of
from services.simulate.profiles import ProfilesOf, profiles_of
from services.simulate.shared_causes import share_causes
from services.store.simulations import Simulation
from services.streams.watch import Scope, Watch

if TYPE_CHECKING:
    from services.boot.system import Echo, System
    from services.web.shell.parts import Parts

SETTLE_SECONDS = 120.0
CLOSES_AT = dt.time(17)
LOOKED_AT = dt.time(17, 30)
"""When the watch looks at a simulated day: the office has closed, and what fell due at its end is past."""

OPENS_AT = dt.time(8)
SAY_EVERY_DAYS = 10
DAILY_FOR_DAYS = 14
RARE_DAYS = 4
MONDAY = 0
_DAY = dt.timedelta(days=1)


class SimulatedClock:
    """The simulated instant; set forward by the driver, read by everything that records."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        """Return the simulated instant."""
        return self.now


class Takes(Protocol):
    """Takes the steps of a simulation one after another."""

    def take(self, step: Step) -> None:
        """Take the next step, unless it was taken before."""
        ...


class Province:
    """One province's communes at work.

    Args:
        system: the installation in which it works.
        province_code: which province.
        seed: the same seed draws the same work.
        journal: takes the steps of each day; by default each is taken once and forgotten.
        profiles: draws how the communes work; by default all of them, as in a demo.
    """

    def __init__(
        self,
        system: System,
        province_code: str,
        seed: str,
        journal: Takes | None = None,
        *,
        profiles: ProfilesOf = profiles_of,
    ) -> None:
        side = system.intake_side
        self._system = system
        self._seed = seed
        self._journal = journal or NoJournal()
        self._code = province_code
        self._clock = SimulatedClock(side.clock())
        self._parts: Parts = dataclasses.replace(system.parts, clock=self._clock, wait_seconds=0.0)
        self.profiles = profiles(side.tables.units.communes_of(province_code), seed)
        self._world = CaseWorld(
            side.tables.calendar,
            _by_field(side.tables.procedures.all(side.clock().date())),
            "H56",
            tuple(profile.unit_code for profile in self.profiles),
        )
        self.counters = Counters(self._world, province_code, seed)
        scope = Scope(only=frozenset((province_code,)))
        self._watch = Watch(system.parts.warehouse, side.log, side.tables, scope=lambda: scope)
        self.case_count = 0
        self.issue_count = 0
        self.refused: list[str] = []

    def work(self, day: dt.date, until: dt.datetime) -> None:
        """Simulate one day: counters work and send, officers report, officials act; none after `until`."""
        closing = min(dt.datetime.combine(day, CLOSES_AT, LOCAL), until)
        for profile in self.profiles:
            self.counters.arrive(profile, day)
        works = self._world.calendar.is_working(day)
        reported = [each for each in self._drawn(day) if each.at <= closing] if works else []
        if works:
            self._take(lambda _again: self._report(reported))
            self._take(lambda _again: self._share(day, closing))
            self._take(lambda again: self._act(closing, again=again))
        codes = self.counters.on_line(self.profiles, closing)
        # For days long ago, a counter sends every few days; the figures depend on the rows alone.
        sends = (until - closing).days < DAILY_FOR_DAYS or day.toordinal() % RARE_DAYS == 0
        ready = self.counters.take_ready(codes, closing) if sends else {}
        if works or ready:
            active = [(each.unit_code, each.at) for each in reported]
            active += [(code, closing) for code in codes] if works else []
            self._take(lambda again: self._close(ready, active, closing, again=again))

    def look(self, at: dt.datetime) -> None:
        """Let the watch emit the events that are due at an instant."""
        if self._watch.tick(at.astimezone(dt.UTC)):
            self.settle()

    def look_once(self, at: dt.datetime) -> Step:
        """Return a look of the watch as a step of the journal."""
        return lambda _again: self.look(at)

    def fill_register(self, day: dt.date) -> None:
        """List the department's villages without signal, power or a line on a day."""
        self._take(lambda _again: fill_register(self._parts, self.profiles, self._code, day, self._seed))

    def send_all(self, now: dt.datetime) -> None:
        """Synchronise the rows so far of every counter that has a connection."""
        ready = self.counters.take_ready(self.counters.on_line(self.profiles, now), now)
        self._take(lambda again: self._send(ready, now, again=again))

    def settle(self) -> None:
        """Wait until the streams have caught up, so that the next step sees the one before."""
        self._parts.relay.publish_all()
        settle(self._system.runtime, SETTLE_SECONDS)

    def _take(self, step: Step) -> None:
        self._journal.take(step)

    def _drawn(self, day: dt.date) -> list[Difficulty]:
        return list(draw_difficulties(self.profiles, day, self._seed))

    def _close(
        self, ready: Ready, active: Sequence[tuple[str, dt.datetime]], closing: dt.datetime, *, again: bool
    ) -> None:
        """Send what is ready, emit the heartbeats of the day, and let the streams catch up."""
        self._send(ready, closing, again=again)
        heartbeats = self._system.intake_side.heartbeats
        for code, at in active:
            heartbeats.mark_active(code, at.astimezone(dt.UTC))
        heartbeats.beat()
        self.settle()

    def _send(self, ready: Ready, now: dt.datetime, *, again: bool) -> None:
        left = unsent(self._parts.store, ready, now) if again else ready
        created, refused = self.counters.send(self._parts.intake, left, now)
        self.case_count += created
        self.refused += refused

    def _report(self, reported: Sequence[Difficulty]) -> None:
        for difficulty in reported:
            self._clock.now = difficulty.at.astimezone(dt.UTC)
            code = difficulty.unit_code
            actor = Actor("commune_officer", code, f"{code}.ubnd", "simulated")
            report = IssueInput.model_validate(difficulty.body)
            with self._trying():
                self._parts.intake.report_issue(code, report, actor=actor, now=self._clock.now)
            self.issue_count += 1
        if reported:
            self.settle()

    def _share(self, day: dt.date, closing: dt.datetime) -> None:
        self._clock.now = closing.astimezone(dt.UTC)
        taken = 0
        with self._trying():
            taken += share_causes(self._parts, self._code, self._open_issues(), day)
        if day.weekday() == MONDAY:
            with self._trying():
                taken += follow_promises(self._parts, self._code, day, self._seed)
        if taken:
            self.settle()

    def _open_issues(self) -> list[IssueState]:
        return [each for each in self._parts.issue_table.every() if each.is_open]

    def _act(self, closing: dt.datetime, *, again: bool = False) -> None:
        now = self._clock.now = closing.astimezone(dt.UTC)
        for state in self._open_issues():
            if again and has_moved(state, now):
                continue
            for move in moves_of(state, self._parts.tables, now, self._seed):
                with self._trying():
                    self._move(move)

    def _move(self, move: Move) -> None:
        if move.escalation_id is None:
            sent = ISSUE_INPUTS[move.act].model_validate(move.sent)
            act_on_issue(self._parts, move.actor, move.issue_id, sent, key=move.key)
        else:
            step = ESCALATION_INPUTS[move.act].model_validate(move.sent)
            act_on_escalation(self._parts, move.actor, move.escalation_id, step, key=move.key)

    @contextmanager
    def _trying(self) -> Iterator[None]:
        try:
            yield
        except LienCapError as error:
            self.refused.append(f"{type(error).__name__}: {error.message}")


def simulate_province(
    system: System,
    province_code: str,
    start: dt.date,
    days: int,
    seed: str,
    *,
    echo: Echo,
    profiles: ProfilesOf = profiles_of,
) -> Province:
    """Simulate this many days from `start` on, but nothing after the present instant.

    A simulation of the province that was interrupted is gone on with instead, from where it stood.

    Returns:
        The province, with counts of cases and issues, and the steps that were refused.

    Raises:
        UnknownUnit: no province has that code.
        KeptElsewhere: the store keeps other provinces, or nothing of the ministries, which act here too.
        SetupError: several processes share the log, and the store is not the one that all of them ask.
    """
    with opened_simulation(system, province_code, start, days, seed) as journal:
        province = simulate_days(system, journal, echo=echo, profiles=profiles)
        reach_present(system, province, journal)
        journal.end()
    return province


@contextmanager
def opened_simulation(
    system: System, province_code: str, start: dt.date, days: int, seed: str
) -> Iterator[Journal]:
    """Begin a simulation or go on with one; errors as for `simulate_province`."""
    side = system.intake_side
    side.tables.units.get(province_code)
    for unit_code in (province_code, NATION):
        side.intake.must_keep(unit_code)
    settings, now = side.settings, side.clock()
    if settings.kafka_servers is not None and settings.provinces:
        raise SetupError(
            "a simulation notes in the store how far it is, and every worker must ask that store: simulate where one "
            "store keeps every province (without LIENCAP_PROVINCES)"
        )
    wanted = Simulation(province_code, seed, start, days, until=now, present=now)
    with opened(side.store, wanted) as journal:
        if journal.resumed:
            system.parts.relay.publish_all()
            settle(system.runtime, SETTLE_SECONDS)
        yield journal


def simulate_days(
    system: System, journal: Journal, *, echo: Echo, profiles: ProfilesOf = profiles_of
) -> Province:
    """Simulate the days of a simulation; after each working day the watch looks."""
    wanted = journal.simulation
    if journal.resumed:
        echo(f"liencap: going on with the simulation of {wanted.province_code} that was interrupted")
    province = Province(system, wanted.province_code, wanted.seed, journal, profiles=profiles)
    province.fill_register(wanted.start)
    for number in range(wanted.days):
        day = wanted.start + number * _DAY
        if dt.datetime.combine(day, OPENS_AT, LOCAL) > wanted.until:
            break
        province.work(day, wanted.until)
        for at in _looks(system, _midnight(day), min(_midnight(day + _DAY), wanted.until)):
            journal.take(province.look_once(at))
        if (number + 1) % SAY_EVERY_DAYS == 0 or number == wanted.days - 1:
            echo(
                f"liencap: simulated {number + 1} of {wanted.days} days, {province.case_count:,} cases, {province.issue_count:,} difficulties"
            )
    return province


def reach_present(system: System, province: Province, journal: Journal) -> None:
    """Let the time pass in which nobody works any more: from the last simulated day to the present instant."""
    wanted, present = journal.simulation, system.intake_side.clock()
    journal.reach(present)
    worked_until = min(_midnight(wanted.start + wanted.days * _DAY), wanted.until)
    for at in _looks(system, worked_until, present):
        province.look(at)
    province.look(present)
    province.settle()


def _looks(system: System, after: dt.datetime, until: dt.datetime) -> Iterator[dt.datetime]:
    """Yield the instants in a span at which the watch looks: the end of each working day."""
    day = local_day(after)
    while (at := dt.datetime.combine(day, LOOKED_AT, LOCAL)) <= until:
        if at > after and system.intake_side.tables.calendar.is_working(day):
            yield at
        day += _DAY


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, LOCAL)


def _by_field(procedures: Sequence[Procedure]) -> dict[str, Sequence[Procedure]]:
    found: dict[str, list[Procedure]] = defaultdict(list)
    for procedure in procedures:
        found[procedure.field_code].append(procedure)
    return dict[str, Sequence[Procedure]](found)
