"""Build the rows of facts from delivered events of issues, problems and registers, and of sources, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from events.codec import encode
from events.sources import SourceExcused, SourceHeartbeat, SourceRecovered, SourceSilent
from reporting.table import Table
from reporting.tables import (
    ISSUE_EVENTS,
    LESSON_EVENTS,
    PERIOD_EVENTS,
    PROBLEM_EVENTS,
    PROMISE_EVENTS,
    SOURCE_EVENTS,
    SOURCE_STATES,
)
from services.consuming.step import Delivered
from services.warehouse.arrow import POSITION, table_of

# Column → attribute of the envelope or the position, where the names differ.
_ENVELOPE = {
    "event_type": "type",
    "source": "source",
    "occurred_at": "time",
    "recorded_at": "recorded_at",
    "actor_role": "actor_role",
    "actor_unit": "actor_unit",
    "actor_body": "actor_body",
    "on_behalf_of": "on_behalf_of",
}


def _envelopes(batch: Sequence[Delivered], table: Table, epoch: int) -> dict[str, list[Any]]:
    """Return the columns of every fact: identity, envelope, position."""
    names = {column for column, _ in table.written}
    events = [delivered.event for delivered in batch]
    return {
        **{
            column: [getattr(event, name) for event in events]
            for column, name in _ENVELOPE.items()
            if column in names
        },
        **_places(batch, epoch),
        "event_id": [event.id.bytes for event in events],
    }


def _places(batch: Sequence[Delivered], epoch: int) -> dict[str, list[Any]]:
    """Return the columns of the events' positions in the log."""
    places = [delivered.record.position for delivered in batch]
    columns = {name: [getattr(place, name) for place in places] for name in POSITION}
    return columns | {"epoch": [epoch] * len(batch)}


def issue_event_rows(batch: Sequence[Delivered], epoch: int) -> pa.Table:
    """Return the rows of `issue_events`: the envelope's columns, and the whole event as JSON."""
    return _subject_rows(batch, ISSUE_EVENTS, "issue_id", epoch)


def problem_event_rows(batch: Sequence[Delivered], epoch: int) -> pa.Table:
    """Return the rows of `problem_events`, as for issues."""
    return _subject_rows(batch, PROBLEM_EVENTS, "problem_id", epoch)


def promise_event_rows(batch: Sequence[Delivered], epoch: int) -> pa.Table:
    """Return the rows of `promise_events`, as for issues."""
    return _subject_rows(batch, PROMISE_EVENTS, "spot_id", epoch)


def period_event_rows(batch: Sequence[Delivered], epoch: int) -> pa.Table:
    """Return the rows of `period_events`, as for issues."""
    return _subject_rows(batch, PERIOD_EVENTS, "filing_id", epoch)


def lesson_event_rows(batch: Sequence[Delivered], epoch: int) -> pa.Table:
    """Return the rows of `lesson_events`, as for issues."""
    return _subject_rows(batch, LESSON_EVENTS, "lesson_id", epoch)


def _subject_rows(batch: Sequence[Delivered], table: Table, subject: str, epoch: int) -> pa.Table:
    columns = _envelopes(batch, table, epoch)
    causes = [delivered.event.causation_id for delivered in batch]
    columns[subject] = [UUID(delivered.event.subject).bytes for delivered in batch]
    columns["causation_id"] = [None if cause is None else cause.bytes for cause in causes]
    columns["body"] = [encode(delivered.event).decode() for delivered in batch]
    return table_of(table, columns)


def source_event_rows(batch: Sequence[Delivered], epoch: int) -> pa.Table:
    """Return the rows of `source_events`: heartbeats, silences, recoveries."""
    said = [delivered.event for delivered in batch]
    beats = [event if isinstance(event, SourceHeartbeat) else None for event in said]
    words = [cast("SourceSilent | SourceRecovered | SourceExcused", event).data for event in said]
    columns = _envelopes(batch, SOURCE_EVENTS, epoch) | {
        "unit_code": [word.unit_code for word in words],
        "last_seen_at": [
            beat.recorded_at if beat else word.last_seen_at for beat, word in zip(beats, words, strict=True)
        ],
        "outbox_count": [beat.data.outbox_count if beat else 0 for beat in beats],
        "oldest_unsent_at": [beat.data.oldest_unsent_at if beat else None for beat in beats],
        "case_seq": [beat.data.case_seq if beat else 0 for beat in beats],
        "release": [beat.data.release if beat else "" for beat in beats],
    }
    return table_of(SOURCE_EVENTS, columns)


def source_state_rows(events: pa.Table) -> pa.Table:
    """Return the rows of `source_states` for rows of `source_events`; the version is the instant of receipt."""
    beats = pc.equal(events["event_type"], "source.heartbeat")
    version = pc.cast(pc.cast(events["recorded_at"], pa.int64()), pa.uint64())
    own = {
        "aspect": pc.if_else(beats, "heartbeat", "silence").combine_chunks(),
        "version": version.combine_chunks(),
    }
    shared = {name: events[name].combine_chunks() for name, _ in SOURCE_STATES.written if name not in own}
    return table_of(SOURCE_STATES, own | shared)
