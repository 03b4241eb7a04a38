"""Pauses of clocks: which are allowed, how long they last, and how the time left is kept.

A clock keeps every pause with its reason. Pauses of several reasons may overlap. After the last one has
ended, `clock.rescheduled` gives the new due instant and the clock runs again, because the fold reads no
calendar.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from typing import Literal
from uuid import UUID

from msgspec.structs import replace

from reporting.dated.bodies import territory_of
from reporting.dated.calendar import local_day
from reporting.dated.pause_reasons import UPSTREAM_FAULT, Pauser, PauseReason, PauseReasons
from reporting.issues.clock import IssueClock, Pause
from reporting.issues.permissions import OFFICE_ROLES
from reporting.issues.state import Escalation, IssueState, Suppression

Span = tuple[dt.datetime, dt.datetime]


def reasons_for(
    state: IssueState, one: Escalation, who: Iterable[Pauser], reasons: PauseReasons, at: dt.datetime
) -> tuple[PauseReason, ...]:
    """Return the reasons for which somebody may pause clocks of an escalation at an instant."""
    found = {row.reason: row for each in who for row in reasons.open_to(each, local_day(at))}
    return tuple(row for row in found.values() if stoppable(state, one, row, at))


def pausers_of(
    role: str | None, unit_code: str | None, body: str | None, behalf: str | None, one: Escalation
) -> Iterator[Pauser]:
    """Yield the relations by which an actor may give a reason: lead body, provincial office, or both.

    Args:
        body: the actor's body; a role without a body acts for every body of its unit.
        behalf: the body for which the actor records.
    """
    speaks_for_all = body is None and unit_code == territory_of(one.lead_body)
    if speaks_for_all or one.lead_body in {body, behalf}:
        yield "lead"
    if role in OFFICE_ROLES:
        yield "office"


def covered(state: IssueState, one: Escalation, row: PauseReason) -> tuple[IssueClock, ...]:
    """Return the clocks of an escalation that are not over and that a reason covers."""
    return tuple(clock for clock in unstopped(state, one) if clock.clock in row.clocks)


def stoppable(
    state: IssueState, one: Escalation, row: PauseReason, at: dt.datetime
) -> tuple[IssueClock, ...]:
    """Return the covered clocks that a pause would stop: neither run out nor paused for this reason."""
    return tuple(
        clock
        for clock in covered(state, one, row)
        if may_stand_still(clock, at)
        and not any(each.reason == row.reason and each.to_at is None for each in clock.pauses)
    )


def may_stand_still(clock: IssueClock, at: dt.datetime) -> bool:
    """Return whether a pause from an instant on can stop a clock: one that is over or ran out stays so."""
    return clock.stopped_at is None and (at <= clock.due_at or clock.paused_since is not None)


def unstopped(state: IssueState, one: Escalation) -> tuple[IssueClock, ...]:
    """Return the clocks of an escalation that run, stand still or ran out."""
    return tuple(clock for clock in state.clocks if clock.stopped_at is None and is_of(state, clock, one))


def is_of(state: IssueState, clock: IssueClock, one: Escalation) -> bool:
    """Return whether a clock is an escalation's; the clock of a problem's answer is the latest one's."""
    if clock.escalation_id is None:
        return state.root is not None and state.root.id == one.id
    return clock.escalation_id == one.id


def open_pauses(state: IssueState, one: Escalation) -> tuple[Pause, ...]:
    """Return the open pauses of an escalation's clocks that a person gave, each once."""
    suppressed = {each.pause_id for each in state.suppressions}
    found = {
        pause.id: pause
        for clock in unstopped(state, one)
        for pause in clock.pauses
        if pause.to_at is None and pause.id not in suppressed
    }
    return tuple(found.values())


def paused(clock: IssueClock, pause: Pause) -> IssueClock | None:
    """Return the clock with a pause; None where it is over, or was over when the pause was recorded.

    A pause that was recorded in time and arrives after the breach was noted takes the breach back.
    """
    if not may_stand_still(clock, pause.from_at):
        return None
    began_at = max(pause.from_at, clock.started_at, *_ends_before(clock))
    since = began_at if clock.paused_since is None else min(clock.paused_since, began_at)
    kept = (*clock.pauses, replace(pause, from_at=began_at))
    return replace(clock, state="paused", pauses=kept, paused_since=since)


def ended(clock: IssueClock, pause_id: UUID, at: dt.datetime) -> IssueClock:
    """End one pause of a clock; the clock resumes when `clock.rescheduled` gives the new due instant."""
    kept = tuple(
        replace(one, to_at=max(at, one.from_at)) if one.id == pause_id and one.to_at is None else one
        for one in clock.pauses
    )
    return replace(clock, pauses=kept)


def settled(clock: IssueClock, state: Literal["met", "stopped"], at: dt.datetime) -> IssueClock:
    """Stop a clock for good, as breached if its time had run out; a pause that lasted ends with it."""
    kept = tuple(
        one if one.to_at is not None else replace(one, to_at=max(at, one.from_at)) for one in clock.pauses
    )
    return replace(clock, state=state if in_time(clock, at) else "breached", stopped_at=at, pauses=kept)


def run_on(clock: IssueClock, suppressions: Iterable[Suppression]) -> IssueClock:
    """Let a stopped clock run on from its state at the stop; a due instant that went by stays past.

    Pauses that lasted then last on, except for a fault elsewhere that was cleared since.

    Args:
        clock: a clock that `settled` stopped.
        suppressions: the faults elsewhere that last now.
    """
    if clock.state == "breached":
        return replace(clock, stopped_at=None)
    last = {each.pause_id: each for each in suppressions}
    kept = tuple(
        replace(one, to_at=None) if _was_cut(clock, one) and _lasts(one, last) else one
        for one in clock.pauses
    )
    state = "running" if clock.paused_since is None else "paused"
    again = replace(clock, state=state, stopped_at=None, pauses=kept)
    for each in last.values():
        if each.pause_id not in {one.id for one in kept}:
            again = paused(again, pause_of(each)) or again
    return again


def pause_of(suppression: Suppression) -> Pause:
    """Return the pause that a suppression puts on the clocks."""
    return Pause(id=suppression.pause_id, reason=UPSTREAM_FAULT, from_at=suppression.since)


def _was_cut(clock: IssueClock, pause: Pause) -> bool:
    """Return whether a pause ended only because the clock was stopped."""
    return clock.stopped_at is not None and pause.to_at == max(clock.stopped_at, pause.from_at)


def _lasts(pause: Pause, suppressions: Collection[UUID]) -> bool:
    return pause.reason != UPSTREAM_FAULT or pause.id in suppressions


def in_time(clock: IssueClock, at: dt.datetime) -> bool:
    """Return whether a step was taken before the clock ran out; a paused clock does not run out."""
    return at <= clock.due_at or (clock.paused_since is not None and at >= clock.paused_since)


def spans_since(clock: IssueClock, since: dt.datetime) -> tuple[Span, ...]:
    """Return the ended pauses that began at an instant or later, joined where they touch, in order."""
    found = ((one.from_at, one.to_at) for one in clock.pauses if one.to_at is not None)
    return joined(span for span in found if span[0] >= since)


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order and apart: spans that overlap or touch become one."""
    found: list[Span] = []
    for began_at, ended_at in sorted(spans):
        if found and began_at <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ended_at))
        else:
            found.append((began_at, ended_at))
    return tuple(found)


def _ends_before(clock: IssueClock) -> Iterable[dt.datetime]:
    """Yield the ends of pauses counted already: a late pause must not count their time twice."""
    for one in clock.pauses:
        if one.to_at is not None and (clock.paused_since is None or one.from_at < clock.paused_since):
            yield one.to_at
