"""The family `source.*`: sign of life of a commune's feed, and its silence."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from events.envelope import Envelope
from events.fields import CommuneCode, Count, Instant, Payload


class Heartbeat(Payload):
    """How a commune's feed is doing; version 2 adds the age of the oldest unsent event."""

    unit_code: CommuneCode
    outbox_count: Count
    oldest_unsent_at: Instant | None = None
    case_seq: Annotated[int, Field(ge=0)] = 0
    release: Annotated[str, Field(max_length=40)]


class Silence(Payload):
    """Nothing was heard of a feed since `last_seen_at`."""

    unit_code: CommuneCode
    last_seen_at: Instant


class Excuse(Silence):
    """Nothing was heard, and a confirmed fault on which the feed depends says why."""

    fault_id: UUID
    fault_issue_id: UUID


class SourceEvent(Envelope):
    """An event about a commune's feed; `subject` and partition key are the unit."""


class SourceHeartbeat(SourceEvent):
    """The feed of a commune is alive."""

    type: Literal["source.heartbeat"] = "source.heartbeat"
    dataschema: Literal["urn:liencap:source.heartbeat:2"] = "urn:liencap:source.heartbeat:2"
    data: Heartbeat

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Read version 1, which names the outbox depth `outbox_depth` and has no age."""
        return {("outbox_count" if name == "outbox_depth" else name): value for name, value in data.items()}


class SourceSilent(SourceEvent):
    """The feed of a commune has gone quiet."""

    type: Literal["source.silent"] = "source.silent"
    dataschema: Literal["urn:liencap:source.silent:1"] = "urn:liencap:source.silent:1"
    data: Silence


class SourceRecovered(SourceEvent):
    """A quiet feed is heard again."""

    type: Literal["source.recovered"] = "source.recovered"
    dataschema: Literal["urn:liencap:source.recovered:1"] = "urn:liencap:source.recovered:1"
    data: Silence


class SourceExcused(SourceEvent):
    """The feed of a commune is quiet because of a confirmed fault elsewhere."""

    type: Literal["source.excused"] = "source.excused"
    dataschema: Literal["urn:liencap:source.excused:1"] = "urn:liencap:source.excused:1"
    data: Excuse


SOURCE_EVENTS: tuple[type[SourceEvent], ...] = (
    SourceHeartbeat,
    SourceSilent,
    SourceRecovered,
    SourceExcused,
)
