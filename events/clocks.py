"""The family `clock.*`: deadlines of an issue as facts in its log, so that a replay reads no calendar."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from events.envelope import Envelope
from events.fields import (
    DaysKind,
    DeadlineSource,
    Document,
    Instant,
    Payload,
    RowId,
    Slug,
    TableVersion,
    TextRef,
    UuidSubject,
)

ClockName = Literal["approve", "acknowledge", "first_answer", "arbitrate", "promise", "confirm"]
"""`arbitrate`: the provincial office names the lead of a returned escalation; `promise`: a body's own day."""


ClockMark = Literal["reminder", "warning"]
"""Marks at shares of a clock's time, before its end, at which the holder is notified."""


class ClockStart(Payload):
    """A deadline charged to a holder, with the calendar and the source that gave it.

    `remind_at` and `warn_at` are when the shares of its time are used up at which the holder is told.
    """

    clock_id: UUID
    escalation_id: UUID | None = None
    clock: ClockName
    holder_body: Slug
    started_at: Instant
    due_at: Instant
    remind_at: Instant | None = None
    warn_at: Instant | None = None
    days: Annotated[int, Field(ge=0, le=400)]
    days_kind: DaysKind
    deadline_source: DeadlineSource
    calendar_version: Annotated[str, Field(max_length=40)]


class ClockBreach(Payload):
    """The due instant of a running clock went by."""

    clock_id: UUID
    due_at: Instant


class ClockShare(Payload):
    """A share of a running clock's time is used up; the holder is told, and nothing else follows from it."""

    clock_id: UUID
    mark: ClockMark
    reached_at: Instant


class ClockPause(Payload):
    """Why clocks of one escalation stand still, by which row of the table, and with which paper.

    Who pauses may add words and, where the row asks for it, an official document.
    """

    escalation_id: UUID
    clock_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=10)]
    pause_reason: Slug
    row_id: RowId
    table_version: TableVersion
    note: TextRef | None = None
    document: Document | None = None


class ClockResumption(Payload):
    """What was waited for is there; `pause_id` is the id of the event that paused."""

    escalation_id: UUID
    pause_id: UUID
    note: TextRef | None = None


class ClockReschedule(Payload):
    """When a clock that was paused is due now: what was left of its time is left still."""

    clock_id: UUID
    due_at: Instant
    remind_at: Instant | None = None
    warn_at: Instant | None = None
    left_minutes: Annotated[int, Field(ge=0, le=10_000_000)]
    calendar_version: Annotated[str, Field(max_length=40)]


class ClockEvent(Envelope):
    """An event about one clock; `subject` and partition key are the issue's id."""

    subject: UuidSubject


class ClockStarted(ClockEvent):
    """A holder's deadline begins to run; version 2 adds when its holder is told before it is over."""

    type: Literal["clock.started"] = "clock.started"
    dataschema: Literal["urn:liencap:clock.started:2"] = "urn:liencap:clock.started:2"
    data: ClockStart

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Read version 1, which has no instant for a reminder or a warning."""
        return data


class ClockBreached(ClockEvent):
    """A deadline went by unmet."""

    type: Literal["clock.breached"] = "clock.breached"
    dataschema: Literal["urn:liencap:clock.breached:1"] = "urn:liencap:clock.breached:1"
    data: ClockBreach


class ClockReached(ClockEvent):
    """A share of a deadline's time is used up."""

    type: Literal["clock.reached"] = "clock.reached"
    dataschema: Literal["urn:liencap:clock.reached:1"] = "urn:liencap:clock.reached:1"
    data: ClockShare


class ClockPaused(ClockEvent):
    """Somebody who may do so stops clocks, for a reason of the table."""

    type: Literal["clock.paused"] = "clock.paused"
    dataschema: Literal["urn:liencap:clock.paused:1"] = "urn:liencap:clock.paused:1"
    data: ClockPause


class ClockResumed(ClockEvent):
    """Somebody says that the reason of a pause is over."""

    type: Literal["clock.resumed"] = "clock.resumed"
    dataschema: Literal["urn:liencap:clock.resumed:1"] = "urn:liencap:clock.resumed:1"
    data: ClockResumption


class ClockRescheduled(ClockEvent):
    """A clock runs again, with what was left of its time."""

    type: Literal["clock.rescheduled"] = "clock.rescheduled"
    dataschema: Literal["urn:liencap:clock.rescheduled:1"] = "urn:liencap:clock.rescheduled:1"
    data: ClockReschedule


CLOCK_EVENTS: tuple[type[ClockEvent], ...] = (
    ClockStarted,
    ClockReached,
    ClockBreached,
    ClockPaused,
    ClockResumed,
    ClockRescheduled,
)
