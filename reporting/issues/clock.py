"""One clock of an issue: its start, its due instant, and every time in which it stood still."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from events.clocks import ClockMark, ClockName
from events.fields import DaysKind, DeadlineSource, Document, TextRef


class Pause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A time in which a clock stood still.

    Attributes:
        id: of the event that paused the clock, or that suppressed the issue.
        to_at: None while the reason lasts.
    """

    id: UUID
    reason: str
    from_at: dt.datetime
    to_at: dt.datetime | None = None
    note: TextRef | None = None
    document: Document | None = None


class IssueClock(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A deadline charged to a holder.

    Attributes:
        state: running, paused, met, breached (the due instant went by) or stopped (nobody owes the step any
            more).
        due_at: while the clock is paused, the due instant from before the pause.
        said: the highest mark of its time at which the holder was notified.
        pauses: every time in which the clock stood still; they may overlap, because each has its own reason.
        paused_since: start of the unbroken pause that lasts now, or lasted when the clock was stopped.
        part: the step that the clock waits for: its name, with the round and the number of the answer where
            they matter.
        stopped_at: when the step was taken, or was no longer owed.
        met_by: the membership whose problem was answered instead of the step; unjoining lets the clock run
            on.
        joined_by: the membership whose problem's answer must be confirmed, for a clock of no escalation.
    """

    id: UUID
    clock: ClockName
    holder_body: str
    started_at: dt.datetime
    due_at: dt.datetime
    days: int
    days_kind: DaysKind
    deadline_source: DeadlineSource
    calendar_version: str
    escalation_id: UUID | None = None
    part: str = ""
    state: str = "running"
    remind_at: dt.datetime | None = None
    warn_at: dt.datetime | None = None
    said: ClockMark | None = None
    pauses: tuple[Pause, ...] = ()
    paused_since: dt.datetime | None = None
    stopped_at: dt.datetime | None = None
    met_by: UUID | None = None
    joined_by: UUID | None = None

    @property
    def is_reminder(self) -> bool:
        """Return whether the due instant is only a reminder mark: no law, regulation or document set it."""
        return self.deadline_source == "default"

    @property
    def awaits_reschedule(self) -> bool:
        """Return whether every pause has ended and no `clock.rescheduled` has given a new due instant."""
        return self.state == "paused" and all(one.to_at is not None for one in self.pauses)
