"""The family `clock.*`: deadlines of an issue as facts in its log, so that a replay reads no calendar."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from events.envelope import Envelope
from events.fields import DaysKind, DeadlineSource, Instant, Payload, Slug

ClockName = Literal["approve", "acknowledge", "first_answer", "arbitrate", "promise", "confirm"]
"""`arbitrate`: the provincial office names the lead of what was returned; `promise`: the day a body gave itself."""


class ClockStart(Payload):
    """A deadline charged to a holder, with the calendar and the source that gave it."""

    clock_id: UUID
    escalation_id: UUID | None = None
    clock: ClockName
    holder_body: Slug
    started_at: Instant
    due_at: Instant
    days: Annotated[int, Field(ge=0, le=400)]
    days_kind: DaysKind
    deadline_source: DeadlineSource
    calendar_version: Annotated[str, Field(max_length=40)]


class ClockBreach(Payload):
    """The due instant of a running clock went by."""

    clock_id: UUID
    due_at: Instant


class ClockEvent(Envelope):
    """An event about one clock; `subject` and partition key are the issue's id."""


class ClockStarted(ClockEvent):
    """A holder's deadline begins to run."""

    type: Literal["clock.started"] = "clock.started"
    dataschema: Literal["urn:liencap:clock.started:1"] = "urn:liencap:clock.started:1"
    data: ClockStart


class ClockBreached(ClockEvent):
    """A deadline went by unmet."""

    type: Literal["clock.breached"] = "clock.breached"
    dataschema: Literal["urn:liencap:clock.breached:1"] = "urn:liencap:clock.breached:1"
    data: ClockBreach


CLOCK_EVENTS: tuple[type[ClockEvent], ...] = (
    ClockStarted,
    ClockBreached,
)
