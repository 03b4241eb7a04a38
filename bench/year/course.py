"""The course of a provincial year: what happens to 166 communes, and who takes which step when, in order of time."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from year.people import (
    OFFICE,
    PROVINCE,
    TEXT_HASH,
    Choice,
    choose,
    envelope,
    event_of,
    next_instant,
    office_hour,
    words_of,
)

from events.fields import TextRef
from events.issues import IssueReport, IssueReported, report_event_id
from events.problems import CommonAnswer, Opening, ProblemAnswered, ProblemOpened
from reporting.dated.bodies import territory_of
from reporting.dated.calendar import LOCAL, local_day
from reporting.problems.grouping import candidates
from services.access.actors import Actor
from services.errors import ServiceError

if TYPE_CHECKING:
    from year.engine import Engine

    from reporting.dated.units import Unit
    from reporting.issues.state import IssueState

NAMES = UUID("7b0c1a52-6b8e-4a7e-9a39-0f6d0c6d2025")
FIRST, LAST = dt.date(2025, 7, 1), dt.date(2026, 6, 30)
LOOKS_AT = (dt.time(10, 0), dt.time(16, 30))
OUTAGES, POWER_FAULTS, RECURRING = 14, 60, 60
OUTAGE_KINDS = ("one_stop_system_error", "lgsp_outage", "dvcqg_sync_error", "online_payment_failure")
RECURRING_KINDS = (
    *("mobile_dead_spot", "land_db_not_connected", "newborn_personal_id", "ministry_system_error"),
    *("vneid_household_mismatch", "esign_not_issued", "procedure_not_published", "social_benefit_delay"),
)
SEVERITIES = ("low", "medium", "high", "urgent")


class Year:
    """Draws the year from a seed and lives it; `done` counts what the people did."""

    def __init__(self, engine: Engine, seed: str, issue_count: int) -> None:
        self.engine = engine
        self.done: Counter[str] = Counter()
        self.problem_ids: list[UUID] = []
        self._rng = random.Random(seed)
        self._seed = seed
        self._turn = itertools.count()
        self._ahead: list[tuple[dt.datetime, int, Callable[[dt.datetime], None]]] = []
        tables = engine.tables
        self._calendar = tables.calendar
        self._communes = sorted(tables.units.communes_of(PROVINCE), key=_place)
        self._kinds = _kinds_with_weights(engine)
        days = [FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
        self._days = [day for day in days if self._calendar.is_working(day)]
        self._draw(issue_count)
        self.ends_at = dt.datetime.combine(LAST, dt.time(23, 59), LOCAL).astimezone(dt.UTC)

    def live(self, tell: Callable[[str], None]) -> None:
        """Let everything happen in its order until the year is over."""
        month = 0
        while self._ahead and self._ahead[0][0] <= self.ends_at:
            now, _, happen = heapq.heappop(self._ahead)
            if now.month != month:
                month = now.month
                tell(f"{now:%Y-%m}: {self.done['reported']:,} reported, {self.engine.log.count:,} events")
            happen(now)

    def _at(self, when: dt.datetime, happen: Callable[[dt.datetime], None]) -> None:
        heapq.heappush(self._ahead, (when, next(self._turn), happen))

    # What happens

    def _draw(self, issue_count: int) -> None:
        scale = issue_count / 20_000
        before = self.done["drawn"]
        for _ in range(max(1, round(OUTAGES * scale))):
            self._draw_outage()
        for _ in range(max(1, round(POWER_FAULTS * scale))):
            self._draw_power_fault()
        for _ in range(max(1, round(RECURRING * scale))):
            self._draw_recurring()
        while self.done["drawn"] - before < issue_count:
            kind = self._rng.choices(*self._kinds)[0]
            self._report_at(
                self._morning(self._rng.choice(self._days)), self._rng.choice(self._communes), kind
            )
        for day, at in itertools.product(self._days, LOOKS_AT):
            self._at(dt.datetime.combine(day, at, LOCAL).astimezone(dt.UTC), self._look)

    def _draw_outage(self) -> None:
        """A system of the whole province is down for hours: a third of the communes say so, the office joins them."""
        rng, kind = self._rng, self._rng.choice(OUTAGE_KINDS)
        began = self._morning(rng.choice(self._days))
        for unit in rng.sample(self._communes, rng.randint(35, 75)):
            self._report_at(began + dt.timedelta(minutes=rng.expovariate(1 / 70)), unit, kind)
        self._at(began + dt.timedelta(hours=rng.uniform(2, 5)), lambda now: self._open_problem(kind, now))

    def _draw_recurring(self) -> None:
        """One cause shows in many communes over weeks, until somebody sees that it is one."""
        rng, kind = self._rng, self._rng.choice(RECURRING_KINDS)
        start = rng.randrange(len(self._days) - 30)
        for unit in rng.sample(self._communes, rng.randint(8, 30)):
            self._report_at(self._morning(self._days[start + rng.randrange(25)]), unit, kind)
        opened = self._morning(self._days[start + rng.randint(8, 25)])
        self._at(opened, lambda now: self._open_problem(kind, now))

    def _draw_power_fault(self) -> None:
        """The power fails in some neighbouring communes: one says it, the others tell what no longer works."""
        rng = self._rng
        first = rng.randrange(len(self._communes) - 10)
        area = self._communes[first : first + rng.randint(3, 10)]
        began = self._morning(rng.choice(self._days))
        issue_id = self._report_at(began, area[0], "power_unstable")
        codes = tuple(unit.code for unit in area)
        follow = ("mobile_dead_spot", "no_fixed_internet", "one_stop_system_error", "dvcqg_sync_error")
        for unit in area[1:]:
            for kind in rng.sample(follow, rng.randint(1, 3)):
                self._report_at(began + dt.timedelta(minutes=rng.uniform(5, 400)), unit, kind)
        confirmed = began + dt.timedelta(hours=rng.uniform(0.5, 4))
        self._at(confirmed, lambda now: self._confirm_fault(issue_id, codes, began, now))

    def _morning(self, day: dt.date) -> dt.datetime:
        at = dt.datetime.combine(day, dt.time(7, 30), LOCAL)
        return (at + dt.timedelta(minutes=self._rng.randint(0, 480))).astimezone(dt.UTC)

    def _report_at(self, when: dt.datetime, unit: Unit, kind: str) -> UUID:
        self.done["drawn"] += 1
        issue_id = uuid5(NAMES, f"{self._seed}:{self.done['drawn']}")
        self._at(when, lambda now: self._report(issue_id, unit.code, kind, now))
        return issue_id

    # What people do

    def _report(self, issue_id: UUID, unit_code: str, kind: str, now: dt.datetime) -> None:
        rng = self._rng
        report = IssueReport(
            unit_code=unit_code,
            kind=kind,
            severity=rng.choices(SEVERITIES, (2, 5, 3, 0.3))[0],  # type: ignore[arg-type]
            occurred_at=now - dt.timedelta(minutes=rng.expovariate(1 / 90)),
            people_affected=rng.randint(0, 600),
            cases_blocked=rng.choice((0, 0, 0, 1, 2, 3, 6)),
            cases_overdue=int(rng.random() < 0.03),
            place_type="village",
            tried_step="own_means",
        )
        actor = Actor("commune_officer", unit_code, f"{unit_code}.ubnd")
        said = envelope(actor, issue_id, report_event_id(issue_id), now)
        if rng.random() < 0.03:
            # Kept on a device without a connection, or on one whose clock is wrong by a year.
            said["time"] = now - dt.timedelta(days=rng.choice((1, 2, 5, 366)))
        event = IssueReported(data=report, **said)
        self.done["reported"] += self.engine.emit(event).accepted
        if rng.random() < 0.02:
            self.done["sent twice"] += self.engine.emit(event).accepted
        self._again(issue_id, now)

    def _again(self, issue_id: UUID, now: dt.datetime, least: float = 0) -> None:
        state = self.engine.state(issue_id)
        if state.is_open:
            at = next_instant(state, now, self._calendar, self._rng)
            if least:
                at = max(at, office_hour(now, least, self._calendar, self._rng))
            self._at(at, lambda then: self._turn_to(issue_id, then))

    def _turn_to(self, issue_id: UUID, now: dt.datetime) -> None:
        """Somebody turns to an issue and takes one of the steps that the rules allow, or finds nothing to do yet."""
        state, rng = self.engine.state(issue_id), self._rng
        waits = state.joined is not None and state.joined.answer is None and rng.random() < 0.7
        if state.active_fault or state.suppressions or waits:
            self._again(issue_id, now, 1)
            return
        promised = state.root.answer if state.root is not None else None
        promised_on = promised.expected_on if promised is not None and state.state == "answered" else None
        if promised_on is not None and promised_on > local_day(now) and rng.random() < 0.8:
            self._again(issue_id, now, 10)
            return
        choice = choose(state, now, self.engine.tables, rng)
        if choice is None:
            self._again(issue_id, now, 5)
            return
        self._take(state, choice, words_of(choice, now, rng), now)
        self._again(issue_id, now)

    def _take(self, state: IssueState, choice: Choice, sent: dict[str, Any], now: dt.datetime) -> bool:
        """Take a step; now and then a second person takes one that rests on the same version, and comes too late."""
        event_id = uuid5(state.id, f"{choice.act}:{now.isoformat()}")
        try:
            event = event_of(state, choice, sent, event_id, now, self.engine.tables)
        except ServiceError as error:
            self.done[f"not sent: {error.slug}"] += 1
            return False
        accepted = self.engine.emit(event).accepted
        self.done[choice.act if accepted else f"refused: {choice.act}"] += 1
        if accepted and self._rng.random() < 0.01:
            late = event.model_copy(update={"id": uuid5(event_id, "second")})
            self.done["second on one item"] += 1
            self.done["second, refused"] += not self.engine.emit(late).accepted
        return accepted

    def _confirm_fault(
        self, issue_id: UUID, codes: tuple[str, ...], began: dt.datetime, now: dt.datetime
    ) -> None:
        state = self.engine.state(issue_id)
        if not state.is_open or state.root is None:
            return
        sent = {"units": codes, "began_at": began.isoformat()}
        if self._take(state, Choice("confirm_fault", OFFICE, state.root), sent, now):
            lasts = dt.timedelta(hours=self._rng.lognormvariate(2.5, 0.9))
            self._at(now + lasts, lambda then: self._clear_fault(issue_id, then))

    def _clear_fault(self, issue_id: UUID, now: dt.datetime) -> None:
        state = self.engine.state(issue_id)
        if state.active_fault is not None:
            self._take(state, Choice("clear_fault", OFFICE, state.root), {}, now)

    def _open_problem(self, kind: str, now: dt.datetime) -> None:
        """The office sees one cause, opens a problem, and joins what the product suggests."""
        leads = [
            one.verdict.lead_body
            for one in self.engine.issues.states()
            if one.report.kind == kind and one.is_open and one.verdict is not None
        ]
        lead = next((one for one in leads if one and territory_of(one) == PROVINCE), None)
        if lead is None:
            return
        problem_id = uuid5(NAMES, f"{self._seed}:problem:{kind}:{now.isoformat()}")
        opening = Opening(
            scope=PROVINCE,
            kind=kind,
            lead_body=lead,
            title=TextRef(id=uuid5(problem_id, "title"), sha256=TEXT_HASH),
        )
        said = envelope(OFFICE, problem_id, uuid5(problem_id, "opened"), now)
        self.engine.emit(ProblemOpened(data=opening, **said))
        self.problem_ids.append(problem_id)
        self._join(problem_id, now)
        rng, quick = self._rng, kind in OUTAGE_KINDS
        answered = office_hour(now, rng.uniform(0.2, 2) if quick else rng.uniform(3, 40), self._calendar, rng)
        self._at(answered - (answered - now) / 3, lambda then: self._join(problem_id, then))
        self._at(answered, lambda then: self._answer(problem_id, then))

    def _join(self, problem_id: UUID, now: dt.datetime) -> None:
        problem = self.engine.problems.held[problem_id].state
        anchors = [
            (self.engine.state(one.issue_id).reported_at, one.unit_code) for one in problem.members
        ] or [(now, "")]
        found = candidates(
            problem.kind, anchors, self.engine.issues.states(), self.engine.tables.grouping, local_day(now)
        )
        for one in found:
            if one.issue.report.kind != problem.kind or self._rng.random() < 0.1:
                continue
            sent = {"problem": problem_id, "found_by": one.found_by}
            if self._take(one.issue, Choice("join", OFFICE, None), sent, now) and self._rng.random() < 0.02:
                other = self.engine.state(one.issue.id)
                undo = {"problem": problem_id, "reason": "Nguyên nhân khác"}
                self._take(other, Choice("unjoin", OFFICE, None), undo, now + dt.timedelta(minutes=1))

    def _answer(self, problem_id: UUID, now: dt.datetime) -> None:
        problem = self.engine.problems.held[problem_id].state
        actor = Actor("department_officer", PROVINCE, problem.lead_body)
        said = envelope(actor, problem_id, uuid5(problem_id, "answered"), now)
        answer = CommonAnswer(answer_kind="solved" if self._rng.random() < 0.8 else "guidance")
        self.done["problems answered"] += self.engine.emit(ProblemAnswered(data=answer, **said)).accepted

    def _look(self, now: dt.datetime) -> None:
        self.engine.look(now)


def _place(unit: Unit) -> tuple[float, float]:
    """Put communes beside their neighbours, in strips from south to north."""
    return (round((unit.lat or 0) * 5) / 5, unit.lon or 0)


def _kinds_with_weights(engine: Engine) -> tuple[list[str], list[float]]:
    kinds = sorted({row.kind.key for row in engine.tables.competence.rows()})
    common = {
        "staff_shortage",
        "equipment_lack",
        "digital_illiteracy",
        "transport_distance",
        *RECURRING_KINDS,
    }
    return kinds, [4.0 if kind in common else 1.0 for kind in kinds]
