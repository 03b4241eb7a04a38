"""Drive a simulated province day by day through the intake of real users, with a clock of its own."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from events.errors import LienCapError
from reporting.dated.bodies import NATION
from reporting.dated.calendar import LOCAL
from reporting.dated.procedures import Procedure
from reporting.issues.state import IssueState
from services.access.actors import Actor
from services.acting.act_inputs import ESCALATION_INPUTS, ISSUE_INPUTS
from services.acting.issue_acts import act_on_escalation, act_on_issue
from services.consuming.progress import settle
from services.intake.issue_input import IssueInput
from services.simulate.cases import CaseWorld, Sending, draw_day
from services.simulate.dead_spots import fill_register, follow_promises
from services.simulate.difficulties import draw_difficulties
from services.simulate.officials import Move, moves_of
from services.simulate.profiles import Profile, profile_of
from services.simulate.shared_causes import share_causes

if TYPE_CHECKING:
    from services.boot.system import Echo, System
    from services.web.shell.parts import Parts

SETTLE_SECONDS = 120.0
LATEST_HOUR = 17
SAY_EVERY_DAYS = 10
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


class Province:
    """One province's communes at work."""

    def __init__(self, system: System, province_code: str, seed: str) -> None:
        side = system.intake_side
        self._system = system
        self._seed = seed
        self._units = side.tables.units
        self._code = province_code
        self._clock = SimulatedClock(side.clock())
        self._parts: Parts = dataclasses.replace(system.parts, clock=self._clock, wait_seconds=0.0)
        self.profiles = [profile_of(unit, seed) for unit in self._units.communes_of(province_code)]
        self._world = CaseWorld(
            side.tables.calendar, _by_field(side.tables.procedures.all(side.clock().date())), "H56"
        )
        self._waiting: dict[str, list[Sending]] = defaultdict(list)
        self._offline_until: dict[str, dt.datetime] = {}
        self.case_count = 0
        self.issue_count = 0
        self.refused: list[str] = []

    def arrive(
        self, profile: Profile, day: dt.date, *, exactly: int | None = None, accepted_only: bool = False
    ) -> None:
        """Draw the cases that arrive at a counter on a day."""
        self._waiting[profile.unit_code] += draw_day(
            self._world, profile, day, self._seed, exactly=exactly, accepted_only=accepted_only
        )

    def work(self, day: dt.date, until: dt.datetime) -> None:
        """Simulate one day: counters work and send, officers report, officials act; none after `until`."""
        closing = min(dt.datetime.combine(day, dt.time(LATEST_HOUR), LOCAL), until)
        for profile in self.profiles:
            self.arrive(profile, day)
        if self._world.calendar.is_working(day):
            self._report(day, closing)
            self._settle()
            self._share(day, closing)
            self._settle()
            self._act(closing)
        # For days long ago, a counter sends every few days; the figures depend on the rows alone.
        if (until - closing).days < DAILY_FOR_DAYS or day.toordinal() % RARE_DAYS == 0:
            self.send_all(closing)
            self._settle()

    def fill_register(self, day: dt.date) -> None:
        """List the department's villages without signal, power or a line on a day."""
        fill_register(self._parts, self.profiles, self._code, day, self._seed)

    def send_all(self, now: dt.datetime) -> None:
        """Synchronise the rows so far of every counter that has a connection."""
        rng = random.Random(f"{self._seed}:lines:{now.date()}")
        for profile in self.profiles:
            code = profile.unit_code
            if rng.random() < profile.offline_per_day:
                self._offline_until[code] = now + dt.timedelta(hours=rng.choice((3, 8, 24, 48, 72)))
            if self._offline_until.get(code, now) <= now:
                self._send(code, now)

    def _send(self, code: str, now: dt.datetime) -> None:
        ready = sorted((each for each in self._waiting[code] if each.at <= now), key=lambda each: each.at)
        self._waiting[code] = [each for each in self._waiting[code] if each.at > now]
        actor = Actor("commune_officer", code, f"{code}.ubnd", f"simulated-{code}")
        results = self._parts.intake.sync_cases(
            code, [each.row for each in ready], actor=actor, now=now.astimezone(dt.UTC)
        )
        self.case_count += sum(result.outcome == "created" for result in results)
        self.refused += [f"{code}: {result.reason}" for result in results if result.outcome == "rejected"]

    def _report(self, day: dt.date, closing: dt.datetime) -> None:
        for difficulty in draw_difficulties(self.profiles, day, self._seed):
            if difficulty.at > closing:
                continue
            self._clock.now = difficulty.at.astimezone(dt.UTC)
            actor = Actor(
                "commune_officer", difficulty.unit_code, f"{difficulty.unit_code}.ubnd", "simulated"
            )
            report = IssueInput.model_validate(difficulty.body)
            with self._trying():
                self._parts.intake.report_issue(
                    difficulty.unit_code, report, actor=actor, now=self._clock.now
                )
            self.issue_count += 1

    def _share(self, day: dt.date, closing: dt.datetime) -> None:
        self._clock.now = closing.astimezone(dt.UTC)
        with self._trying():
            share_causes(self._parts, self._code, self._open_issues(), day)
        if day.weekday() == MONDAY:
            with self._trying():
                follow_promises(self._parts, self._code, day, self._seed)

    def _open_issues(self) -> list[IssueState]:
        return [each for each in self._parts.issue_table.every() if each.is_open]

    def _act(self, closing: dt.datetime) -> None:
        self._clock.now = closing.astimezone(dt.UTC)
        for state in self._open_issues():
            for move in moves_of(state, self._parts.tables, self._clock.now, self._seed):
                with self._trying():
                    self._take(move)

    def _take(self, move: Move) -> None:
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

    def _settle(self) -> None:
        """Wait until the streams have caught up, so that the next act sees the one before."""
        self._parts.relay.publish_all()
        settle(self._system.runtime, SETTLE_SECONDS)


def simulate_province(
    system: System, province_code: str, start: dt.date, days: int, seed: str, *, echo: Echo
) -> Province:
    """Simulate this many days from `start` on, but nothing after the present instant.

    Returns:
        The province, with counts of cases and issues, and the steps that were refused.

    Raises:
        UnknownUnit: no province has that code.
        KeptElsewhere: the store keeps other provinces, or nothing of the ministries, which act here too.
    """
    system.intake_side.tables.units.get(province_code)
    for unit_code in (province_code, NATION):
        system.intake_side.intake.must_keep(unit_code)
    province = Province(system, province_code, seed)
    now = system.intake_side.clock()
    province.fill_register(start)
    for number in range(days):
        day = start + dt.timedelta(days=number)
        if dt.datetime.combine(day, dt.time(8), LOCAL) > now:
            break
        province.work(day, now)
        if (number + 1) % SAY_EVERY_DAYS == 0 or number == days - 1:
            echo(
                f"liencap: simulated {number + 1} of {days} days, {province.case_count:,} cases, {province.issue_count:,} difficulties"
            )
    return province


def _by_field(procedures: Sequence[Procedure]) -> dict[str, Sequence[Procedure]]:
    found: dict[str, list[Procedure]] = defaultdict(list)
    for procedure in procedures:
        found[procedure.field_code].append(procedure)
    return dict[str, Sequence[Procedure]](found)
