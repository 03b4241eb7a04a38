"""The clocks of an issue: which clocks it needs, when a clock is met, and when its due instant went by.

A clock runs on the instants at which steps were recorded, so an answer recorded in time that arrived late
takes a breach back. An edit never restarts a clock. A dispute opens another round with a clock of its own. A
pause keeps the time that is left (reporting/issues/pauses.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from msgspec.structs import replace

from events.clocks import (
    ClockBreached,
    ClockName,
    ClockPaused,
    ClockReached,
    ClockRescheduled,
    ClockResumed,
    ClockStarted,
)
from events.envelope import Envelope
from reporting.issues import pauses
from reporting.issues.clock import IssueClock, Pause
from reporting.issues.escalations import Reason
from reporting.issues.permissions import STANDING, may
from reporting.issues.state import Escalation, IssueState, Joined, Round
from reporting.issues.turns import CONFIRMABLE, waits_for_resources


@dataclass(frozen=True, slots=True)
class Wanted:
    """A clock that an issue needs; its id follows from its owner and the awaited part.

    Attributes:
        owner: the escalation, or the membership whose problem was answered.
    """

    clock: ClockName
    part: str
    owner: Escalation | Joined
    holder_body: str
    started_at: dt.datetime
    promised_on: dt.date | None = None

    @property
    def id(self) -> UUID:
        """Return the id of the clock."""
        return uuid5(self.owner.id if isinstance(self.owner, Escalation) else self.owner.joined_by, self.part)

    @property
    def escalation(self) -> Escalation | None:
        """Return the owner if it is an escalation."""
        return self.owner if isinstance(self.owner, Escalation) else None


def wanted(state: IssueState) -> Iterator[Wanted]:
    """Yield every clock that the current steps need, whether it runs already or not."""
    if not state.is_open:
        return
    shared = state.undecided
    if shared is not None and shared.answer is not None and shared.answer.kind in CONFIRMABLE:
        yield Wanted("confirm", f"confirm:{shared.number}", shared, state.own_body, shared.answer.at)
    for one in state.escalations:
        # While an answer of the problem stands, no body owes a step of its own.
        yield from (found for found in _wanted(state, one) if shared is None or found.clock == "confirm")


def taken_up(state: IssueState, clock: Wanted) -> IssueClock | None:
    """Return the clock whose time a clock takes up: the same body had the matter by the same road before.

    A correction ended that hand-off, and its step was not taken (docs/decisions/0072). Of several clocks the one that
    is due first counts.
    """
    one = clock.escalation
    if one is None or one.trigger != "competence":
        return None
    road = (one.lead_body, one.formal)
    ended = {
        each.id: each
        for each in state.escalations
        if each.replaced_by is not None
        and each.state == "withdrawn"
        and (each.lead_body, each.formal) == road
    }
    left = (
        each
        for each in state.clocks
        if each.escalation_id in ended
        and each.part == clock.part
        and _taken_at(each, ended[each.escalation_id]) is None
    )
    return min(left, key=lambda each: each.due_at, default=None)


def _wanted(state: IssueState, one: Escalation) -> Iterator[Wanted]:
    if one.state in {"proposed", "in_correction"}:
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
    """Apply a clock event: start, breach, reach a mark, pause, resume or reschedule a clock."""
    if isinstance(event, ClockPaused | ClockResumed):
        one = state.escalation(event.data.escalation_id)
        if one is None:
            return "illegal_transition"
        if not may(state, event, STANDING[event.type], one):
            return "actor_not_entitled"
        return _pause(state, event, one) if isinstance(event, ClockPaused) else _resume(state, event, one)
    if not may(state, event, STANDING[event.type], None):
        return "actor_not_entitled"
    return _STEPS[event.type](state, event)


def _start(state: IssueState, event: ClockStarted) -> IssueState | Reason:
    said = event.data
    owned = _of_escalation(state, event) if said.escalation_id else _of_member(state, event)
    if owned is None or state.clock(said.clock_id) is not None:
        return "illegal_transition"
    started = IssueClock(
        id=said.clock_id,
        clock=said.clock,
        holder_body=said.holder_body,
        started_at=said.started_at,
        due_at=said.due_at,
        days=said.days,
        days_kind=said.days_kind,
        deadline_source=said.deadline_source,
        calendar_version=said.calendar_version,
        remind_at=said.remind_at,
        warn_at=said.warn_at,
        **owned,
    )
    for each in state.suppressions:
        started = pauses.paused(started, pauses.pause_of(each)) or started
    return replace(state, clocks=(*state.clocks, started))


def _of_escalation(state: IssueState, event: ClockStarted) -> dict[str, Any] | None:
    one = state.escalation(event.data.escalation_id) if event.data.escalation_id else None
    part = _part_of(one, event.data.clock, event.data.clock_id) if one else None
    return None if one is None or part is None else {"escalation_id": one.id, "part": part}


def _of_member(state: IssueState, event: ClockStarted) -> dict[str, Any] | None:
    """Return the membership and the part that a clock waits for, found from its id; None where none fits."""
    return next(
        (
            {"joined_by": one.joined_by, "part": part}
            for one in state.memberships
            for part in (f"{event.data.clock}:{number}" for number in range(1, one.number + 1))
            if uuid5(one.joined_by, part) == event.data.clock_id
        ),
        None,
    )


def _part_of(one: Escalation, clock: ClockName, clock_id: UUID) -> str | None:
    """Return the part that a clock waits for, found from its id: a clock may arrive after its step."""
    parts: list[str] = [clock]
    for number, found in enumerate(one.rounds, start=1):
        parts.append(f"{clock}:{number}")
        parts += [f"{clock}:{number}.{answer}" for answer in range(1, len(found.answered_ats) + 1)]
    return next((part for part in parts if uuid5(one.id, part) == clock_id), None)


def _breach(state: IssueState, event: ClockBreached) -> IssueState | Reason:
    clock = state.clock(event.data.clock_id)
    if clock is None or clock.state != "running" or event.data.due_at != clock.due_at:
        return "illegal_transition"
    return _with(state, replace(clock, state="breached"))


def _reach(state: IssueState, event: ClockReached) -> IssueState | Reason:
    """Note that the holder is notified; after a warning no reminder is accepted."""
    clock, said = state.clock(event.data.clock_id), event.data
    if clock is None or clock.state != "running":
        return "illegal_transition"
    expected = clock.remind_at if said.mark == "reminder" else clock.warn_at
    if said.reached_at != expected or clock.said in {said.mark, "warning"}:
        return "illegal_transition"
    return _with(state, replace(clock, said=said.mark))


def _pause(state: IssueState, event: ClockPaused, one: Escalation) -> IssueState | Reason:
    said = event.data
    changed = state
    for clock_id in said.clock_ids:
        clock = state.clock(clock_id)
        if clock is None or not pauses.is_of(state, clock, one):
            return "illegal_transition"
        pause = Pause(
            id=event.id,
            reason=said.pause_reason,
            from_at=event.recorded_at,
            note=said.note,
            document=said.document,
        )
        still = pauses.paused(clock, pause)
        if still is None or any(each.reason == pause.reason and each.to_at is None for each in clock.pauses):
            return "illegal_transition"
        changed = _with(changed, still)
    return changed


def _resume(state: IssueState, event: ClockResumed, one: Escalation) -> IssueState | Reason:
    if event.data.pause_id not in {pause.id for pause in pauses.open_pauses(state, one)}:
        return "illegal_transition"
    return end_pause(state, event.data.pause_id, event.recorded_at)


def end_pause(state: IssueState, pause_id: UUID, at: dt.datetime) -> IssueState:
    """End one pause on every clock that has it."""
    changed = tuple(
        clock if clock.stopped_at is not None else pauses.ended(clock, pause_id, at) for clock in state.clocks
    )
    return replace(state, clocks=changed)


def suspend(state: IssueState, pause: Pause) -> IssueState:
    """Pause every clock that has not run out."""
    return replace(state, clocks=tuple(pauses.paused(clock, pause) or clock for clock in state.clocks))


def _reschedule(state: IssueState, event: ClockRescheduled) -> IssueState | Reason:
    clock, said = state.clock(event.data.clock_id), event.data
    if clock is None or not clock.awaits_reschedule:
        return "illegal_transition"
    runs = replace(
        clock,
        state="running",
        paused_since=None,
        due_at=said.due_at,
        remind_at=said.remind_at,
        warn_at=said.warn_at,
        calendar_version=said.calendar_version,
    )
    return _with(state, runs)


def _with(state: IssueState, clock: IssueClock) -> IssueState:
    return replace(state, clocks=tuple(clock if one.id == clock.id else one for one in state.clocks))


_STEPS: dict[str, Callable[[IssueState, Any], IssueState | Reason]] = {
    "clock.started": _start,
    "clock.reached": _reach,
    "clock.breached": _breach,
    "clock.rescheduled": _reschedule,
}

TYPES: tuple[str, ...] = (*_STEPS, "clock.paused", "clock.resumed")
"""The types of event that are folded here."""


def settle(state: IssueState) -> tuple[IssueClock, ...]:
    """Return the clocks; those whose step was taken or is no longer owed are stopped."""
    if all(clock.stopped_at is not None for clock in state.clocks):
        return state.clocks
    return tuple(_settled(state, clock) if clock.stopped_at is None else clock for clock in state.clocks)


def _settled(state: IssueState, clock: IssueClock) -> IssueClock:
    if clock.joined_by is not None:
        return _settled_of_member(state, clock)
    one = state.escalation(clock.escalation_id) if clock.escalation_id else None
    if one is None:
        return clock
    taken_at = _taken_at(clock, one)
    if taken_at is not None:
        return pauses.settled(clock, "met", taken_at)
    shared = state.undecided
    if shared is not None and shared.answer is not None and clock.clock != "confirm":
        return replace(pauses.settled(clock, "met", shared.answer.at), met_by=shared.joined_by)
    over_at = _over_at(state, clock, one)
    return clock if over_at is None else pauses.settled(clock, "stopped", over_at)


def _settled_of_member(state: IssueState, clock: IssueClock) -> IssueClock:
    """Stop the clock of a problem's answer: met by a decision, or ended by a newer answer, unjoining, end."""
    one = next(found for found in state.memberships if found.joined_by == clock.joined_by)
    is_latest = clock.part.endswith(f":{one.number}")
    if is_latest and one.decided_at is not None:
        return pauses.settled(clock, "met", one.decided_at)
    replaced_at = None if is_latest or one.answer is None else one.answer.at
    over_at = replaced_at or one.ended_at or state.ended_at
    return clock if over_at is None else pauses.settled(clock, "stopped", over_at)


def _taken_at(clock: IssueClock, one: Escalation) -> dt.datetime | None:
    """Return when the step that the clock waits for was recorded."""
    if clock.clock == "approve":
        return one.approved_at
    if clock.clock == "acknowledge":
        return one.acknowledged_at
    if clock.clock == "arbitrate":
        return one.office_named_at
    found, answer = _round_of(clock, one)
    if clock.clock == "confirm":
        return found.decided_at
    # The first answer ends the first wait; the answer after the n-th ends the promise that the n-th made.
    return found.answered_ats[answer] if len(found.answered_ats) > answer else None


def _over_at(state: IssueState, clock: IssueClock, one: Escalation) -> dt.datetime | None:
    """Return when the step was no longer owed, though nobody took it."""
    if one.ended_at is not None and clock.clock != "arbitrate":
        return one.ended_at
    if clock.clock == "promise" and (disputed_at := _round_of(clock, one)[0].decided_at) is not None:
        return disputed_at
    return state.ended_at


def _round_of(clock: IssueClock, one: Escalation) -> tuple[Round, int]:
    number, _, answer = clock.part.partition(":")[2].partition(".")
    return one.rounds[int(number) - 1], int(answer or 0)
