"""One simulated province at work through the intake of real users, with a clock of its own."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from events.errors import LienCapError
from reporting.dated.calendar import LOCAL, local_day
from reporting.dated.procedures import Procedure
from reporting.issues.state import IssueState
from services.access.actors import Actor
from services.acting.act_inputs import ESCALATION_INPUTS, ISSUE_INPUTS
from services.acting.issue_acts import act_on_escalation, act_on_issue
from services.consuming.progress import settle
from services.intake.issue_input import IssueInput
from services.simulate.cases import CaseWorld, is_open
from services.simulate.counters import Counters, Ready, Wanted, every_case, unsent
from services.simulate.customs import HOME, Customs
from services.simulate.dead_spots import fill_register, follow_promises
from services.simulate.difficulties import Difficulty
from services.simulate.journal import NoJournal, Step
from services.simulate.lessons import hold_lessons
from services.simulate.officials import Move, has_moved, moves_of
from services.simulate.resting import RestingIssues
from services.simulate.shared_causes import share_causes
from services.simulate.stuck import StuckOutbox, stuck_of
from services.streams.watch import Scope, Watch

if TYPE_CHECKING:
    from services.boot.system import System
    from services.web.shell.parts import Parts

SETTLE_SECONDS = 120.0
CLOSES_AT = dt.time(17)
DAILY_FOR_DAYS = 14
RARE_DAYS = 4
MONDAY = 0


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
        customs: how its communes and officials work; by default as in Thanh Hóa, all of them.
    """

    def __init__(
        self,
        system: System,
        province_code: str,
        seed: str,
        journal: Takes | None = None,
        *,
        customs: Customs = HOME,
    ) -> None:
        side = system.intake_side
        self._system = system
        self._seed = seed
        self._journal = journal or NoJournal()
        self._code = province_code
        self._clock = SimulatedClock(side.clock())
        self._resting = RestingIssues(
            system.parts.warehouse, province_code, epoch=system.parts.issue_table.epoch
        )
        self._parts: Parts = dataclasses.replace(
            system.parts, clock=self._clock, wait_seconds=0.0, issue_table=self._resting
        )
        self._customs = customs
        self.profiles = customs.profiles(side.tables.units.communes_of(province_code), seed)
        self._world = CaseWorld(
            side.tables.calendar,
            _by_field(side.tables.procedures.all(side.clock().date())),
            customs.agency,
            tuple(profile.unit_code for profile in self.profiles),
            tuple(one.cause for one in side.tables.late_causes.on(side.clock().date())),
            province_code,
        )
        self.counters = Counters(self._world, province_code, seed)
        self._lines: dict[dt.date, list[str]] = {}
        self._stuck: StuckOutbox | None = None
        scope = Scope(only=frozenset((province_code,)))
        self._watch = Watch(system.parts.warehouse, side.log, side.tables, scope=lambda: scope)
        self.case_count = 0
        self.issue_count = 0
        self.refused: list[str] = []

    def work(self, day: dt.date, until: dt.datetime) -> None:
        """Simulate one day with all that belongs to it; nothing after `until`."""
        self.live(day, until)
        self.receive(day)
        self.send(day, until)

    def get_stuck(self, until: dt.datetime) -> None:
        """Let the outbox of one commune be stuck from some days before the end of a simulation on."""
        self._stuck = stuck_of(self.profiles, until, self._world.calendar, self._seed)

    def live(self, day: dt.date, until: dt.datetime) -> None:
        """Let officials act, officers report and feeds give signs of life on a day; none after `until`."""
        closing = _closing(day, until)
        works = self._world.calendar.is_working(day)
        reported = [each for each in self._drawn(day) if each.at <= closing] if works else []
        self.note_lines(day, until)
        if is_open(self._world, day):
            active = [(code, closing) for code in self._lines[day]]
            self._take(lambda again: self._live(day, closing, reported, active, again=again))

    def note_lines(self, day: dt.date, until: dt.datetime) -> None:
        """Note which counters have a line when a day ends; day after day, because a line may be gone for days."""
        self._lines[day] = self.counters.on_line(self.profiles, _closing(day, until))

    def receive(self, day: dt.date, wanted: Wanted = every_case) -> None:
        """Let the cases of a day arrive at the counters, of those that are wanted."""
        for profile in self.profiles:
            self.counters.arrive(profile, day, wanted=wanted)

    def send(self, day: dt.date, until: dt.datetime, *, everything: bool = False) -> None:
        """Let the counters that had a line when a day ended send what they have ready; none after `until`.

        Args:
            everything: also on a day on which a counter would not bother to send.
        """
        closing = _closing(day, until)
        # For days long ago, a counter sends every few days; the figures depend on the rows alone.
        sends = everything or (until - closing).days < DAILY_FOR_DAYS or day.toordinal() % RARE_DAYS == 0
        if sends and is_open(self._world, day):
            leaving = [code for code in self._lines.get(day, ()) if not self._is_stuck(code, day)]
            ready = self.counters.take_ready(leaving, closing)
            self._take(lambda again: self._send(ready, closing, again=again))

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

    def publish(self) -> None:
        """Let what was recorded leave for the log now."""
        self._parts.relay.publish_all()

    def settle(self) -> None:
        """Wait until the streams have caught up, so that the next step sees the one before."""
        self._resting.forget()
        self.publish()
        settle(self._system.runtime, SETTLE_SECONDS)

    def _take(self, step: Step) -> None:
        self._journal.take(step)

    def _drawn(self, day: dt.date) -> list[Difficulty]:
        return list(self._customs.difficulties(self.profiles, day, self._seed))

    def _live(
        self,
        day: dt.date,
        closing: dt.datetime,
        reported: Sequence[Difficulty],
        active: Sequence[tuple[str, dt.datetime]],
        *,
        again: bool,
    ) -> None:
        """Act by what stood when the day began, then report; all of it leaves at once, and the streams take it as one."""
        with self._parts.relay.holding():
            if self._world.calendar.is_working(day):
                standing = [each for each in self._open_issues() if local_day(each.reported_at) < day]
                moved = self._act(standing, closing, again=again)
                self._share(day, [each for each in standing if each.id not in moved])
            for difficulty in reported:
                self._report(difficulty)
            if self._world.calendar.is_working(day):
                with self._trying():
                    hold_lessons(self._parts, self.profiles, day, self._seed)
            for code, at in active:
                self._mark_active(code, at)
            self._system.intake_side.heartbeats.beat()
        self.settle()

    def _mark_active(self, code: str, at: dt.datetime) -> None:
        waiting = (
            self._stuck.waiting() if self._stuck is not None and self._is_stuck(code, local_day(at)) else None
        )
        self._system.intake_side.heartbeats.mark_active(code, at.astimezone(dt.UTC), waiting=waiting)

    def _is_stuck(self, code: str, day: dt.date) -> bool:
        return self._stuck is not None and self._stuck.holds(code, day)

    def _send(self, ready: Ready, now: dt.datetime, *, again: bool) -> None:
        left = unsent(self._parts.store, ready, now) if again else ready
        created, refused = self.counters.send(self._parts.intake, left, now)
        self.case_count += created
        self.refused += refused

    def _report(self, difficulty: Difficulty) -> None:
        self._clock.now = difficulty.at.astimezone(dt.UTC)
        code = difficulty.unit_code
        actor = Actor("commune_officer", code, f"{code}.ubnd", "simulated")
        report = IssueInput.model_validate(difficulty.body)
        with self._trying():
            self._parts.intake.report_issue(code, report, actor=actor, now=self._clock.now)
        self.issue_count += 1

    def _share(self, day: dt.date, states: Sequence[IssueState]) -> None:
        with self._trying():
            share_causes(self._parts, self._code, states, day)
        if day.weekday() == MONDAY:
            with self._trying():
                follow_promises(self._parts, self._code, day, self._seed)

    def _open_issues(self) -> list[IssueState]:
        return [each for each in self._resting.read() if each.is_open]

    def _act(
        self, standing: Sequence[IssueState], closing: dt.datetime, *, again: bool = False
    ) -> frozenset[UUID]:
        """Let officials go through what lies with them; return the issues on which one took a step at this instant.

        The caller holds the relay, so that no state moves on before all have acted.
        """
        now = self._clock.now = closing.astimezone(dt.UTC)
        moved: set[UUID] = set()
        for state in standing:
            if again and has_moved(state, now):
                moved.add(state.id)
                continue
            for move in moves_of(state, self._parts.tables, now, self._seed, self._customs.chances):
                moved.add(state.id)
                with self._trying():
                    self._move(move)
        return frozenset(moved)

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


def _closing(day: dt.date, until: dt.datetime) -> dt.datetime:
    return min(dt.datetime.combine(day, CLOSES_AT, LOCAL), until)


def _by_field(procedures: Sequence[Procedure]) -> dict[str, Sequence[Procedure]]:
    found: dict[str, list[Procedure]] = defaultdict(list)
    for procedure in procedures:
        found[procedure.field_code].append(procedure)
    return dict[str, Sequence[Procedure]](found)
