"""Turn delivered events into the rows of the warehouse, column by column."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from events.cases import CaseDates, CaseEvent, CaseState
from events.codec import encode
from events.sources import SourceHeartbeat, SourceRecovered, SourceSilent
from reporting.marks import dated_marks, ended_marks
from reporting.tables import (
    CASE_EVENTS,
    CASE_MARKS,
    CASES_CURRENT,
    ISSUE_EVENTS,
    SOURCE_EVENTS,
    SOURCE_STATES,
    Table,
)
from services.streams.step import Delivered, Unlandable

if TYPE_CHECKING:
    import datetime as dt

    import pyarrow as pa

Keys = frozenset[tuple[str, "dt.date"]]
"""Touched keys of roll-ups: (unit, day)."""

# Which attribute of the envelope or of the position fills a column, where it is not the state's own of that name.
_ENVELOPE = {
    "event_type": "type",
    "source": "source",
    "case_key": "subject",
    "occurred_at": "time",
    "recorded_at": "recorded_at",
    "actor_role": "actor_role",
    "actor_unit": "actor_unit",
    "actor_body": "actor_body",
    "on_behalf_of": "on_behalf_of",
}
_PLACE = ("topic", "partition", "offset")
# What a former place takes from the event that tells its end.
_TOLD_ONCE = ("case_key", "seq")


@cache
def arrow_schema(table: Table) -> pa.Schema:
    """Return the Arrow schema of the columns that writers fill."""
    import pyarrow as pa  # noqa: PLC0415 -- heavy, loaded by the first batch

    return pa.schema([(name, _arrow_type(pa, kind)) for name, kind in table.written])


def _arrow_type(pa: Any, kind: str) -> Any:
    for wrapper in ("Nullable(", "LowCardinality("):
        kind = kind.removeprefix(wrapper)
    if kind.startswith("Array("):
        return pa.list_(_arrow_type(pa, kind.removeprefix("Array(")))
    if kind.startswith("Map("):
        return pa.map_(pa.string(), pa.int64())
    return {
        "String": pa.string(),
        "UUID": pa.binary(16),
        "Date": pa.date32(),
        "DateTime64": pa.timestamp("us", "UTC"),
        "Bool": pa.bool_(),
        "UInt8": pa.uint8(),
        "UInt16": pa.uint16(),
        "UInt32": pa.uint32(),
        "UInt64": pa.uint64(),
        "Int64": pa.int64(),
    }[kind.split("(")[0].rstrip(")")]


def _table(table: Table, columns: dict[str, Any]) -> pa.Table:
    """Build an Arrow table of a declared table's shape; a missing code is the empty string."""
    import pyarrow as pa  # noqa: PLC0415 -- heavy, loaded by the first batch
    import pyarrow.compute as pc  # noqa: PLC0415 -- likewise

    arrays = []
    kinds = dict(table.written)
    for field in arrow_schema(table):
        given = columns[field.name]
        made = given if isinstance(given, pa.Array | pa.ChunkedArray) else pa.array(given, field.type)
        if made.null_count and not kinds[field.name].startswith("Nullable("):
            made = pc.fill_null(made, "")
        arrays.append(made)
    return pa.table(arrays, schema=arrow_schema(table))


def _spread(models: Iterable[Any], names: Mapping[str, str]) -> dict[str, Sequence[Any]]:
    """Read the same attributes of many models at once, as columns: {column: attribute} gives {column: values}.

    It looks into the models' dicts, because an attribute of a pydantic model costs five times as much.
    """
    found = zip(*map(itemgetter(*names.values()), map(vars, models)), strict=True)
    return dict(zip(names, found, strict=True))


def _envelopes(batch: Sequence[Delivered], table: Table, epoch: int) -> dict[str, Any]:
    """Return the columns that every fact has: identity, envelope, position."""
    names = {column for column, _ in table.written}
    events = [delivered.event for delivered in batch]
    places = [delivered.record.position for delivered in batch]
    return {
        **_spread(events, {column: name for column, name in _ENVELOPE.items() if column in names}),
        **{name: list(map(attrgetter(name), places)) for name in _PLACE},
        "event_id": [event_id.bytes for event_id in _spread(events, {"id": "id", "type": "type"})["id"]],
        "epoch": itertools.repeat(epoch, len(batch)),
    }


def case_event_rows(batch: Sequence[Delivered], epoch: int) -> pa.Table:
    """Return the rows of `case_events`: one per delivered case event."""
    states = [cast("CaseEvent", delivered.event).data for delivered in batch]
    columns = _envelopes(batch, CASE_EVENTS, epoch)
    own = ["pauses", *(n for n, _ in CASE_EVENTS.written if n not in columns and not n.startswith("pause_"))]
    columns |= _spread(states, {name: name for name in [*own, "pause_known"]})
    pauses = columns.pop("pauses")
    columns["pause_reasons"] = [[p.reason for p in spans] if spans else () for spans in pauses]
    columns["pause_from"] = [[p.from_on for p in spans] if spans else () for spans in pauses]
    columns["pause_to"] = [[p.to_on for p in spans] if spans else () for spans in pauses]
    columns["previous"] = ["" if was is None else was.model_dump_json() for was in columns["previous"]]
    return _table(CASE_EVENTS, columns)


def case_state_rows(events: pa.Table) -> pa.Table:
    """Return the rows of `cases_current` for a table of `case_events`: the latest state of each case in it."""
    import pyarrow.compute as pc  # noqa: PLC0415 -- heavy, loaded by the first batch

    latest: dict[str, tuple[int, int]] = {}
    for at, (key, seq) in enumerate(
        zip(events["case_key"].to_pylist(), events["seq"].to_pylist(), strict=True)
    ):
        if key not in latest or latest[key][0] < seq:
            latest[key] = (seq, at)
    names = [name for name, _ in CASES_CURRENT.written]
    return events.select(names).take(pc.cast([at for _, at in latest.values()], "int64"))


def mark_rows(case_keys: Sequence[str], states: Sequence[CaseState]) -> tuple[pa.Table, Keys]:
    """Return the rows of `case_marks` that these states of these cases write, and the (unit, day) keys they touch.

    The same rows as `reporting.marks.rows_of`, built column by column (a test compares the two).
    """
    days: list[dt.date] = []
    marks: list[str] = []
    origin: list[int] = []
    touched: set[tuple[str, dt.date]] = set()
    placed: list[CaseDates] = list(states)
    owner: list[int] = list(range(len(states)))
    for at, state in enumerate(states):
        said = vars(state)
        held = dated_marks(state)
        unit = said["unit_code"]
        for day, name in held:
            days.append(day)
            marks.append(name)
            touched.add((unit, day))
        origin.extend([at] * len(held))
        was = said["previous"]
        if was is not None and (ended := ended_marks(was, state, held)):
            origin.extend([len(placed)] * len(ended))
            placed.append(was)
            owner.append(at)
            for day, name in ended:
                days.append(day)
                marks.append(name)
                touched.add((was.unit_code, day))
    columns = {
        "case_key": case_keys,
        "seq": [state.seq for state in states],
        "unit_code": [case.unit_code for case in placed],
        "field_code": [case.field_code for case in placed],
        "channel": [case.channel for case in placed],
    }
    return _mark_table(columns, owner, (days, marks, origin)), frozenset(touched)


def _mark_table(
    columns: Mapping[str, Sequence[Any]],
    owner: Sequence[int],
    found: tuple[list[dt.date], list[str], list[int]],
) -> pa.Table:
    """Spread what a state says once over the rows of its marks.

    `owner` maps each place (a state, or after them a former one) to the event that told it.
    """
    import pyarrow as pa  # noqa: PLC0415 -- heavy, loaded by the first batch
    import pyarrow.compute as pc  # noqa: PLC0415 -- likewise

    days, marks, origin = found
    shape = arrow_schema(CASE_MARKS)
    rows = pa.array(origin, pa.int64())
    by_event = pa.array(owner, pa.int64()).take(rows)
    spread: dict[str, Any] = {
        name: pa.array(values, shape.field(name).type).take(by_event if name in _TOLD_ONCE else rows)
        for name, values in columns.items()
    }
    former = pc.greater_equal(rows, len(columns["case_key"]))
    return _table(CASE_MARKS, spread | {"day": days, "mark": marks, "gone": pc.cast(former, pa.uint8())})


def issue_event_rows(batch: Sequence[Delivered], epoch: int) -> pa.Table:
    """Return the rows of `issue_events`: the envelope's columns, and the whole event as JSON.

    Raises:
        Unlandable: an event about an issue, an escalation or a clock whose subject is no issue's id.
    """
    columns = _envelopes(batch, ISSUE_EVENTS, epoch)
    causes = [delivered.event.causation_id for delivered in batch]
    columns["issue_id"] = [_issue_id(delivered) for delivered in batch]
    columns["causation_id"] = [None if cause is None else cause.bytes for cause in causes]
    columns["body"] = [encode(delivered.event).decode() for delivered in batch]
    return _table(ISSUE_EVENTS, columns)


def _issue_id(delivered: Delivered) -> bytes:
    try:
        return UUID(delivered.event.subject).bytes
    except ValueError:
        raise Unlandable(
            delivered.record, "the subject of this event must be a UUID", field="subject"
        ) from None


def source_event_rows(batch: Sequence[Delivered], epoch: int) -> pa.Table:
    """Return the rows of `source_events`: heartbeats, and words about silence."""
    said = [delivered.event for delivered in batch]
    beats = [event if isinstance(event, SourceHeartbeat) else None for event in said]
    words = [cast("SourceSilent | SourceRecovered", event).data for event in said]
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
    return _table(SOURCE_EVENTS, columns)


def source_state_rows(events: pa.Table) -> pa.Table:
    """Return the rows of `source_states` for a table of `source_events`: the version is the instant of receipt."""
    import pyarrow as pa  # noqa: PLC0415 -- heavy, loaded by the first batch
    import pyarrow.compute as pc  # noqa: PLC0415 -- likewise

    beats = pc.equal(events["event_type"], "source.heartbeat")
    version = pc.cast(pc.cast(events["recorded_at"], pa.int64()), pa.uint64())
    own = {
        "aspect": pc.if_else(beats, "heartbeat", "silence").combine_chunks(),
        "version": version.combine_chunks(),
    }
    shared = {name: events[name].combine_chunks() for name, _ in SOURCE_STATES.written if name not in own}
    return _table(SOURCE_STATES, own | shared)
