"""The clocks of an issue: which it should have, when one is met, and when its due instant went by.

Clocks run on the instants at which steps were recorded, so an answer that was recorded in time and arrived late
takes a breach back. An edit never starts a clock anew; a dispute opens another round with a clock of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid5

from msgspec.structs import replace

from events.clocks import ClockBreached, ClockName, ClockStarted
from events.envelope import Envelope
from reporting.escalations import Reason
from reporting.issue_state import Escalation, IssueClock, IssueState, Round
from reporting.turns import CONFIRMABLE, waits_for_resources


@dataclass(frozen=True, slots=True)
class Wanted:
    """A clock that an issue should have; its id follows from the escalation and the part of it that is waited for."""

    clock: ClockName
    part: str
    escalation: Escalation
    holder_body: str
    started_at: dt.datetime
    promised_on: dt.date | None = None

    @property
    def id(self) -> UUID:
        """Return the id of the clock."""
        return uuid5(self.escalation.id, self.part)


def wanted(state: IssueState) -> Iterator[Wanted]:
    """Name every clock that the steps in turn call for, whether it runs already or not."""
    if not state.is_open:
        return
    for one in state.escalations:
        # While an answer of the problem stands, no body owes a step of its own.
        yield from (
            found for found in _wanted(state, one) if state.undecided is None or found.clock == "confirm"
        )


def _wanted(state: IssueState, one: Escalation) -> Iterator[Wanted]:
    if one.state == "proposed":
        yield Wanted("approve", "approve", one, one.from_body, one.proposed_at)
    elif one.state == "sent" and one.sent_at is not None:
        yield Wanted("acknowledge", "acknowledge", one, one.lead_body, one.sent_at)
    if one.state in {"sent", "acknowledged", "accepted"}:
        part = f"first_answer:{len(one.rounds)}"
        yield Wanted("first_answer", part, one, one.lead_body, one.rounds[-1].asked_at)
    if one.awaits_office_since is not None:
        yield Wanted("arbitrate", "arbitrate", one, state.office_body, one.awaits_office_since)
    elif one.answer is not None and one.state == "answered":
        number = f"{len(one.rounds)}.{len(one.rounds[-1].answered_ats)}"
        if waits_for_resources(one):
            promised_on = one.answer.expected_on
            yield Wanted("promise", f"promise:{number}", one, one.lead_body, one.answer.at, promised_on)
        elif one.parent_id is None and one.answer.kind in CONFIRMABLE:
            yield Wanted("confirm", f"confirm:{number}", one, one.from_body, one.answer.at)


def step(state: IssueState, event: Envelope) -> IssueState | Reason:
    """Start a clock, or note that its due instant went by."""
    if isinstance(event, ClockStarted):
        return _start(state, event)
    if isinstance(event, ClockBreached):
        return _breach(state, event)
    return "illegal_transition"


def _start(state: IssueState, event: ClockStarted) -> IssueState | Reason:
    said = event.data
    one = state.escalation(said.escalation_id) if said.escalation_id else None
    part = _part_of(one, said.clock, said.clock_id) if one else None
    if one is None or part is None or state.clock(said.clock_id) is not None:
        return "illegal_transition"
    started = IssueClock(
        id=said.clock_id,
        escalation_id=one.id,
        clock=said.clock,
        holder_body=said.holder_body,
        started_at=said.started_at,
        due_at=said.due_at,
        days=said.days,
        days_kind=said.days_kind,
        deadline_source=said.deadline_source,
        calendar_version=said.calendar_version,
        part=part,
    )
    return replace(state, clocks=(*state.clocks, started))


def _part_of(one: Escalation, clock: ClockName, clock_id: UUID) -> str | None:
    """Find the part that a clock waits for from its id, for a clock may arrive after the step it waits for."""
    parts: list[str] = [clock]
    for number, found in enumerate(one.rounds, start=1):
        parts.append(f"{clock}:{number}")
        parts += [f"{clock}:{number}.{answer}" for answer in range(1, len(found.answered_ats) + 1)]
    return next((part for part in parts if uuid5(one.id, part) == clock_id), None)


def _breach(state: IssueState, event: ClockBreached) -> IssueState | Reason:
    clock = state.clock(event.data.clock_id)
    if clock is None or clock.state != "running" or event.data.due_at != clock.due_at:
        return "illegal_transition"
    breached = replace(clock, state="breached")
    return replace(state, clocks=tuple(breached if one.id == clock.id else one for one in state.clocks))


def settle(state: IssueState) -> tuple[IssueClock, ...]:
    """Return the clocks with those stopped whose step was taken, or is no longer owed."""
    if all(clock.stopped_at is not None for clock in state.clocks):
        return state.clocks
    return tuple(_settled(state, clock) if clock.stopped_at is None else clock for clock in state.clocks)


def _settled(state: IssueState, clock: IssueClock) -> IssueClock:
    one = state.escalation(clock.escalation_id) if clock.escalation_id else None
    if one is None:
        return clock
    taken_at = _taken_at(clock, one)
    if taken_at is not None:
        return replace(clock, state="met" if taken_at <= clock.due_at else "breached", stopped_at=taken_at)
    shared = state.undecided
    if shared is not None and shared.answer is not None and clock.clock != "confirm":
        at = shared.answer.at
        met = "met" if at <= clock.due_at else "breached"
        return replace(clock, state=met, stopped_at=at, met_by=shared.joined_by)
    over_at = _over_at(state, clock, one)
    if over_at is None:
        return clock
    return replace(clock, state="breached" if over_at > clock.due_at else "stopped", stopped_at=over_at)


def _taken_at(clock: IssueClock, one: Escalation) -> dt.datetime | None:
    """Return when the step was recorded that the clock waits for."""
    if clock.clock == "approve":
        return one.approved_at
    if clock.clock == "acknowledge":
        return one.acknowledged_at
    if clock.clock == "arbitrate":
        return one.office_named_at
    found, answer = _round_of(clock, one)
    if clock.clock == "confirm":
        return found.decided_at
    # The first answer ends the first wait; the one after the n-th ends the promise that the n-th made.
    return found.answered_ats[answer] if len(found.answered_ats) > answer else None


def _over_at(state: IssueState, clock: IssueClock, one: Escalation) -> dt.datetime | None:
    """Return when nobody owed the step any more, though nobody took it."""
    if one.ended_at is not None and clock.clock != "arbitrate":
        return one.ended_at
    if clock.clock == "promise" and (disputed_at := _round_of(clock, one)[0].decided_at) is not None:
        return disputed_at
    return state.ended_at


def _round_of(clock: IssueClock, one: Escalation) -> tuple[Round, int]:
    number, _, answer = clock.part.partition(":")[2].partition(".")
    return one.rounds[int(number) - 1], int(answer or 0)
