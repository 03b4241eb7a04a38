"""Follow-up events of an issue: the verdict, hand-off, signals, clocks or end that its state lacks.

Ids are derived from the cause (UUIDv5) and the instants are the cause's own. So an event that is emitted
again, at any later time, is the same event and changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid5

from events.clocks import ClockReschedule, ClockRescheduled, ClockStart, ClockStarted
from events.envelope import Envelope
from events.escalations import EscalationProposed, EscalationReferred, Proposal, Referral
from events.fields import Level
from events.issues import Closing, IssueClosed, IssueCompetenceAssessed
from events.signals import Signal, SignalRaised
from reporting.competence.table import CompetenceTable, facts_of
from reporting.dated.bodies import NATION, territory_of
from reporting.dated.calendar import WorkingCalendar, local_day
from reporting.dated.thresholds import Thresholds
from reporting.dated.working_time import WorkingTime
from reporting.issues import product_envelope
from reporting.issues.amending import hand_off_of
from reporting.issues.clock import IssueClock
from reporting.issues.clocks import Wanted, taken_up, wanted
from reporting.issues.fold import fold
from reporting.issues.pauses import spans_since
from reporting.issues.state import Escalation, IssueState, Joined
from reporting.issues.triggers import cause_of, of_report
from reporting.issues.turns import awaits_hand_off, lead_by_table

LONGEST_DAYS = 400
"""The most days that a clock can name (events/clocks.py)."""


@dataclass(frozen=True, slots=True)
class FollowUpTables:
    """The dated tables of follow-ups."""

    competence: CompetenceTable
    calendar: WorkingCalendar
    thresholds: Thresholds

    @property
    def working_time(self) -> WorkingTime:
        """Return the rule that counts office time."""
        return WorkingTime(self.calendar, self.competence.office_day)


def owed(state: IssueState, tables: FollowUpTables) -> list[Envelope]:
    """Return every follow-up that the issue lacks, in order, each with its own follow-ups.

    An event that was folded before, even if it was refused, is not returned again: once the result is folded,
    nothing is owed.
    """
    found: list[Envelope] = []
    known = set(state.applied)
    ahead: IssueState = state
    while fresh := [event for event in lacking(ahead, tables) if (event.id, event.type) not in known]:
        for event in fresh:
            known.add((event.id, event.type))
            found.append(event)
            ahead = fold(ahead, event).state or ahead
    return found


def lacking(state: IssueState, tables: FollowUpTables) -> Iterator[Envelope]:
    """Yield what the issue lacks as it stands, without what that brings about in its turn."""
    if state.state == "confirmed":
        yield _closing(state, "confirmed")
        return
    if not state.is_open:
        return
    if state.verdict is None or state.reassess is not None:
        yield _assessment(state, tables)
    elif state.lane == "outside":
        yield _closing(state, "outside")
    elif awaits_hand_off(state):
        yield from _hand_off(state)
    yield from _signals(state, tables)
    yield from _clocks(state, tables)


def _signals(state: IssueState, tables: FollowUpTables) -> Iterator[Envelope]:
    known = {one.said.trigger for one in state.signals}
    for said in of_report(state, tables.thresholds):
        if said.trigger not in known:
            yield _signal(state, said)


def _clocks(state: IssueState, tables: FollowUpTables) -> Iterator[Envelope]:
    for clock in wanted(state):
        if state.clock(clock.id) is None:
            yield _clock(state, clock, tables)
    for each in state.clocks:
        if each.awaits_reschedule:
            yield _reschedule(state, each, tables)


def _signal(state: IssueState, said: Signal) -> Envelope:
    cause = cause_of(state, said.trigger)
    event_id = product_envelope.signal_id(state.id, said.trigger)
    return SignalRaised(data=said, **_envelope(state, event_id, cause.id, cause.recorded_at))


def _assessment(state: IssueState, tables: FollowUpTables) -> Envelope:
    report = state.report
    cause = next((act for act in state.acts if act.id == state.reassess), state.acts[0])
    facts = facts_of(report, local_day(cause.recorded_at))
    verdict = tables.competence.assess_at(facts, report.unit_code, state.province_code)
    event_id = uuid5(cause.id, "issue.competence_assessed")
    return IssueCompetenceAssessed(data=verdict, **_envelope(state, event_id, cause.id, cause.recorded_at))


def _hand_off(state: IssueState) -> Iterator[Envelope]:
    """Yield a proposal where an official document is needed, else a referral to the supporting body."""
    verdict, cause, lead = state.verdict, state.assessed_by, lead_by_table(state)
    if verdict is None or cause is None or lead is None:
        return
    at = next(act.recorded_at for act in state.acts if act.id == cause)
    escalation_id = hand_off_of(cause)
    if state.lane == "proposal":
        yield EscalationProposed(
            data=Proposal(
                escalation_id=escalation_id,
                from_body=state.own_body,
                lead_body=lead,
                level="province",
                trigger="competence",
                basis=verdict.basis,
            ),
            **_envelope(state, uuid5(cause, "escalation.proposed"), cause, at),
        )
    else:
        yield EscalationReferred(
            data=Referral(
                escalation_id=escalation_id,
                from_body=state.own_body,
                lead_body=lead,
                level="province",
                basis=verdict.basis,
            ),
            **_envelope(state, uuid5(cause, "escalation.referred"), cause, at),
        )


def _clock(state: IssueState, clock: Wanted, tables: FollowUpTables) -> Envelope:
    before = taken_up(state, clock)
    start = ClockStart(
        clock_id=clock.id,
        escalation_id=clock.escalation.id if clock.escalation is not None else None,
        clock=clock.clock,
        holder_body=clock.holder_body,
        **(_anew(state, clock, tables) if before is None else _as_before(before)),
    )
    return ClockStarted(
        data=start, **_envelope(state, uuid5(clock.id, "clock.started"), None, clock.started_at)
    )


def _anew(state: IssueState, clock: Wanted, tables: FollowUpTables) -> dict[str, Any]:
    """Return the time of a clock that begins with its step."""
    lasts = _as_promised(clock, tables) if clock.promised_on else _by_table(state, clock, tables)
    return {
        "started_at": clock.started_at,
        "calendar_version": tables.calendar.version,
        "remind_at": _share("remind_share", clock.started_at, lasts, tables),
        "warn_at": _share("warn_share", clock.started_at, lasts, tables),
        **lasts,
    }


def _as_before(before: IssueClock) -> dict[str, Any]:
    """Return the time of a clock that goes on where a correction had ended it."""
    names = (
        "started_at",
        "due_at",
        "days",
        "days_kind",
        "deadline_source",
        "calendar_version",
        "remind_at",
        "warn_at",
    )
    return {name: getattr(before, name) for name in names}


def _share(
    key: Literal["remind_share", "warn_share"],
    started_at: dt.datetime,
    lasts: dict[str, Any],
    tables: FollowUpTables,
) -> dt.datetime | None:
    percent = tables.thresholds.get(key, local_day(started_at)).value
    return tables.working_time.share(started_at, lasts["due_at"], percent, lasts["days_kind"])


def _reschedule(state: IssueState, clock: IssueClock, tables: FollowUpTables) -> Envelope:
    """Return the new due instant of a clock that stood still, with the time left; its marks move likewise."""
    since = clock.paused_since or clock.started_at
    spans, time = spans_since(clock, since), tables.working_time

    def put_off(instant: dt.datetime | None) -> dt.datetime | None:
        return None if instant is None else time.put_off(instant, spans, clock.days_kind)

    due_at, at = time.put_off(clock.due_at, spans, clock.days_kind), max(to for _, to in spans)
    left = time.between(at, due_at) if clock.days_kind == "working" else max(due_at - at, dt.timedelta())
    said = ClockReschedule(
        clock_id=clock.id,
        due_at=due_at,
        remind_at=put_off(clock.remind_at),
        warn_at=put_off(clock.warn_at),
        left_minutes=int(left.total_seconds() // 60),
        calendar_version=tables.calendar.version,
    )
    event_id = uuid5(clock.id, f"clock.rescheduled:{len(clock.pauses)}")
    return ClockRescheduled(data=said, **_envelope(state, event_id, None, at))


def _as_promised(clock: Wanted, tables: FollowUpTables) -> dict[str, Any]:
    """Return the deadline that the body promised; one in an official document is more than a reminder."""
    answer, on = clock.owner.answer, clock.promised_on or local_day(clock.started_at)
    ahead = (on - local_day(clock.started_at)).days
    return {
        "due_at": tables.calendar.day_end(on),
        "days": min(max(ahead, 0), LONGEST_DAYS),
        "days_kind": "calendar",
        "deadline_source": "document" if answer is not None and answer.document is not None else "default",
    }


def _by_table(state: IssueState, clock: Wanted, tables: FollowUpTables) -> dict[str, Any]:
    """Return the deadline by the row of competence where it binds this body, else by the policy."""
    one, verdict = clock.escalation, state.verdict
    days: int | None = None
    if clock.clock == "first_answer" and verdict is not None and one is not None and _row_binds(one, state):
        days, days_kind, source = verdict.response_days, verdict.days_kind, verdict.deadline_source
    if days is None:
        on = local_day(clock.started_at)
        policy = tables.competence.policy(clock.clock, state.lane or "", _level_of(clock.owner), on)
        days, days_kind, source = policy.days, policy.days_kind, policy.deadline_source
    due = tables.calendar.due(clock.started_at, days, days_kind=days_kind)
    return {"due_at": due.due_at, "days": days, "days_kind": days_kind, "deadline_source": source}


def _level_of(owner: Escalation | Joined) -> Level:
    if isinstance(owner, Escalation):
        return owner.level
    return "ministry" if owner.body is not None and territory_of(owner.body) == NATION else "province"


def _row_binds(one: Escalation, state: IssueState) -> bool:
    """Return whether the row's days bind this body: a law that binds the commune does not bind its guide."""
    verdict = state.verdict
    if verdict is None or one.level != "province":
        return False
    return one.lead_body == verdict.lead_body or verdict.deadline_source == "default"


def _closing(state: IssueState, reason: Any) -> Envelope:
    last = next(act for act in reversed(state.acts) if act.refused is None)
    event_id = uuid5(state.id, f"issue.closed:{reason}")
    return IssueClosed(
        data=Closing(reason_code=reason), **_envelope(state, event_id, last.id, last.recorded_at)
    )


def _envelope(state: IssueState, event_id: UUID, cause: UUID | None, at: dt.datetime) -> dict[str, Any]:
    feed = product_envelope.feed("decide", state.province_code, state.unit_code)
    return product_envelope.envelope(feed, state.id, event_id, at, cause=cause)
