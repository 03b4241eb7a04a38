"""Build the rows of `case_events`, `case_states` and `cases_current` from case events, column by column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import attrgetter
from typing import Any, NamedTuple, cast

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from events.cases import CaseDates, CaseEvent, CaseState
from events.fields import Payload
from reporting.tables import CASE_EVENTS, CASE_STATES, CASES_CURRENT
from services.consuming.step import Delivered
from services.warehouse.arrow import POSITION, Columns, arrow_schema, filled, table_of

Keys = frozenset[tuple[str, "dt.date"]]
"""Touched keys of roll-ups: (unit, day)."""


class Touched(NamedTuple):
    """The keys on which events of cases may count.

    Attributes:
        changed: those on which a state differs from the former state that its event names, if it names one.
        unchanged: the others. They hold what the former state had, if that state has landed; it has not where its
            event was set aside or lost, or is still on its way through another topic.
    """

    changed: Keys
    unchanged: Keys


# Column of `case_events` → attribute of the envelope; the other columns are attributes of the state.
_ENVELOPE = {
    "event_id": "id",
    "event_type": "type",
    "source": "source",
    "case_key": "subject",
    "occurred_at": "time",
    "recorded_at": "recorded_at",
    "actor_role": "actor_role",
    "actor_unit": "actor_unit",
}
_PAUSES = {"pause_reasons": "reason", "pause_from": "from_on", "pause_to": "to_on"}
_RETRACTED = "case.retracted"
_OPTIONAL = ("received_on", "refused_on", "due_on", "closed_on", "close_kind", "returned_on")
_DAY_BITS = 16


@dataclass(frozen=True, slots=True)
class CaseRows:
    """Events of cases in columns.

    Attributes:
        stated: the states of the events, in the columns of `case_events`; without positions and `previous`.
        former: the earlier states that some events carry as `previous`.
        teller: for each former state, the row of `stated` that carries it.
    """

    stated: pa.Table
    former: pa.Table
    teller: pa.Array

    @classmethod
    def of_events(cls, events: Sequence[CaseEvent]) -> CaseRows:
        """Build columns from events that were read as models."""
        envelope = _attributes(CaseEvent, events)
        state = _attributes(CaseState, [event.data for event in events])
        told = [(at, was) for at, was in enumerate(state["previous"]) if was is not None]
        columns = {
            **state,
            **{column: envelope[name] for column, name in _ENVELOPE.items()},
            **_pauses_of(state["pauses"]),
            "event_id": [event_id.bytes for event_id in envelope["id"]],
        }
        former = _attributes(CaseDates, [was for _, was in told]) if told else {}
        if told:
            former |= _pauses_of(former["pauses"])
        return cls(
            _table(_stated(), columns),
            _table(_former(), former),
            pa.array([at for at, _ in told], pa.int64()),
        )

    @classmethod
    def of_columns(cls, columns: Columns) -> CaseRows:
        """Build rows from checked columns (services/streams/contract_columns.py)."""
        state = columns["data"].columns
        former = state["previous"]
        envelope = {column: columns[name] for column, name in _ENVELOPE.items()}
        return cls(
            _table(_stated(), {**state, **envelope, **_spans_of(state["pauses"], len(columns["id"]))}),
            _table(_former(), {**former.columns, **_spans_of(former.columns["pauses"], len(former.row))}),
            former.row,
        )

    def and_then(self, others: CaseRows) -> CaseRows:
        """Return these rows followed by the others."""
        moved = pc.add(others.teller, self.stated.num_rows)
        return CaseRows(
            pa.concat_tables([self.stated, others.stated]).combine_chunks(),
            pa.concat_tables([self.former, others.former]).combine_chunks(),
            pa.concat_arrays([self.teller, moved]),
        )


@dataclass(frozen=True, slots=True)
class Lines:
    """Events of cases in columns, with their positions in the log."""

    rows: CaseRows
    positions: pa.Table

    @classmethod
    def of(cls, batch: Sequence[Delivered]) -> Lines:
        """Build columns from delivered events."""
        places = [delivered.record.position for delivered in batch]
        columns = {name: [getattr(place, name) for place in places] for name in POSITION}
        shape = pa.schema([arrow_schema(CASE_EVENTS).field(name) for name in POSITION])
        return cls(
            CaseRows.of_events([cast("CaseEvent", delivered.event) for delivered in batch]),
            pa.table(columns, schema=shape),
        )

    def and_then(self, others: Lines) -> Lines:
        """Return these lines followed by the others."""
        places = pa.concat_tables([self.positions, others.positions]).combine_chunks()
        return Lines(self.rows.and_then(others.rows), places)


def fact_rows(lines: Lines, epoch: int) -> pa.Table:
    """Return the rows of `case_events`, one per event."""
    stated = lines.rows.stated
    columns = {name: stated[name] for name in stated.schema.names}
    columns |= {name: lines.positions[name] for name in POSITION}
    columns["epoch"] = pa.repeat(pa.scalar(epoch, pa.uint16()), stated.num_rows)
    columns["previous"] = _previous(lines.rows)
    return table_of(CASE_EVENTS, columns)


def state_rows(rows: CaseRows) -> pa.Table:
    """Return the rows of `case_states`: the state of each event, and the former states that some carry.

    The state of a case that was taken back is a former one: it only takes back.
    """
    own = ("case_key", "seq", "former")
    shape = arrow_schema(CASE_STATES)
    placed = [name for name in shape.names if name not in own]
    states = rows.stated.select(["case_key", "seq", *placed])
    before = rows.stated.select(["case_key", "seq"]).take(rows.teller)
    for name in placed:
        before = before.append_column(name, rows.former[name])
    gone = pc.equal(rows.stated["event_type"], _RETRACTED)
    before = before.append_column("former", pa.repeat(pa.scalar(value=True), before.num_rows))
    both = (states.append_column("former", gone), before)
    return pa.concat_tables([some.select(shape.names) for some in both]).combine_chunks()


def current_rows(rows: CaseRows) -> pa.Table:
    """Return the rows of `cases_current`: the latest state of each case in the batch."""
    stated = rows.stated
    order = pc.sort_indices(stated["seq"])
    keyed = pa.table({"case_key": stated["case_key"].take(order), "at": order})
    latest = keyed.group_by("case_key", use_threads=False).aggregate([("at", "last")])
    return stated.select([name for name, _ in CASES_CURRENT.written]).take(latest["at_last"])


def touched_keys(states: pa.Table) -> Keys:
    """Return the (unit, day) keys on which rows of `case_states` may count: never too few, some too many.

    These are the days on which a mark is possible.
    """
    return _keys_of(states, [(rows, days) for _, rows, days in _days_of(states)])


def touched_by(rows: CaseRows, states: pa.Table) -> Touched:
    """Return the keys on which events may count, apart by whether anything changes there.

    Args:
        rows: the events.
        states: their `state_rows`.
    """
    changed, whole = [], []
    alike = _alike(rows)
    for name, places, days in _days_of(states):
        same = alike[name] if places is None else alike[name].take(places)
        changed.append((places, pc.if_else(same, None, days)))
        whole.append((places, days))
    found = _keys_of(states, changed)
    return Touched(found, _keys_of(states, whole) - found)


def _keys_of(states: pa.Table, found: Sequence[tuple[pa.Array | None, pa.Array]]) -> Keys:
    """Return each (unit, day) once, from (rows, days) as `_days_of` returns them; a null is no day."""
    units = states["unit_code"].combine_chunks().dictionary_encode()
    base = pc.shift_left(units.indices.cast(pa.int64()), _DAY_BITS)
    keys = pa.chunked_array(
        [pc.add(base if rows is None else base.take(rows), days).drop_null() for rows, days in found]
    ).unique()
    at_unit = units.dictionary.take(pc.shift_right(keys, _DAY_BITS)).to_pylist()
    day = pc.bit_wise_and(keys, (1 << _DAY_BITS) - 1).cast(pa.int32()).cast(pa.date32()).to_pylist()
    return frozenset(zip(at_unit, day, strict=True))


def _days_of(states: pa.Table) -> list[tuple[str, pa.Array | None, pa.Array]]:
    """Return (what, rows, days since 1970); where rows is None the days are those of all states in order."""

    def days(values: Any) -> Any:
        return values.cast(pa.int32()).cast(pa.int64())

    said = {
        name: days(states[name].combine_chunks())
        for name in ("submitted_on", *_OPTIONAL)
        if name != "close_kind"
    }
    first = pc.max_element_wise(pc.add(said["due_on"], 1), said["received_on"], skip_nulls=False)
    in_time = pc.fill_null(pc.less(said["closed_on"], first), fill_value=False)
    found = [(name, None, values) for name, values in said.items() if name != "due_on"]
    found.append(("overdue", None, pc.if_else(in_time, None, first)))
    for name in ("pause_from", "pause_to"):
        spans = states[name].combine_chunks()
        rows, ends = pc.list_parent_indices(spans), days(spans.flatten())
        found.append(("pauses", rows, ends))
        if name == "pause_to":
            found.append(("pauses", rows, pc.add(ends, 1)))
    return found


def _alike(rows: CaseRows) -> dict[str, pa.Array]:
    """Return, for each kind of day of `_days_of`, in which rows of `state_rows` its marks are those of the other state.

    The marks of a kind of day follow from some columns; where these agree, so do the marks. States with pauses count as
    different: their days move together.
    """
    before, after = rows.former, rows.stated.take(rows.teller)

    def agree(name: str) -> Any:
        one, other = before[name].combine_chunks(), after[name].combine_chunks()
        both_missing = pc.and_(pc.is_null(one), pc.is_null(other))
        return pc.or_(both_missing, pc.fill_null(pc.equal(one, other), fill_value=False))

    def all_agree(*names: str) -> Any:
        return reduce(pc.and_, (agree(name) for name in names))

    def rests(some: pa.Table) -> Any:
        return pc.greater(pc.list_value_length(some["pause_from"].combine_chunks()), 0)

    group = all_agree("unit_code", "field_code", "channel")
    course = reduce(
        pc.and_,
        (
            group,
            all_agree("received_on", "due_on", "closed_on", "close_kind"),
            pc.invert(pc.or_(rests(before), rests(after))),
        ),
    )
    found = {
        name: pc.and_(group, agree(name))
        for name in ("submitted_on", "received_on", "refused_on", "returned_on")
    }
    found |= dict.fromkeys(("closed_on", "overdue", "pauses"), course)
    at = pc.index_in(pa.arange(0, rows.stated.num_rows), value_set=rows.teller)
    return {
        name: pa.concat_arrays([pc.fill_null(same.take(at), fill_value=False), same])
        for name, same in found.items()
    }


def _previous(rows: CaseRows) -> pa.Array:
    """Return the column `previous` of `case_events`: the former state as JSON, or null."""
    former, text = rows.former, pa.string()
    if not former.num_rows:
        return pa.repeat(pa.scalar("", text), rows.stated.num_rows)

    def said(name: str) -> Any:
        values = former[name].combine_chunks().cast(text)
        return pc.binary_join_element_wise(f'"{name}":"', values, '"', "")

    named = ("unit_code", "field_code", "channel", "submitted_on")
    pieces = [said(name) for name in (*named, *_OPTIONAL)]
    whole = pc.binary_join_element_wise(*pieces, _pauses_said(former), ",", null_handling="skip")
    whole = pc.binary_join_element_wise("{", whole, "}", "")
    at = pc.index_in(pa.arange(0, rows.stated.num_rows), value_set=rows.teller)
    return pc.fill_null(whole.take(at), "")


def _pauses_said(former: pa.Table) -> pa.Array:
    """Return the pauses of former states as a fragment of JSON, null where there is none."""
    lengths = pc.list_value_length(former["pause_from"].combine_chunks())
    if not pc.any(pc.greater(lengths, 0)).as_py():
        return pa.nulls(former.num_rows, pa.string())
    said = []
    for spans in former.select(list(_PAUSES)).to_pylist():
        pauses = [
            {"reason": reason, "from_on": start, **({} if end is None else {"to_on": end})}
            for reason, start, end in zip(*(spans[name] for name in _PAUSES), strict=True)
        ]
        said.append(f'"pauses":{orjson.dumps(pauses).decode()}' if pauses else None)
    return pa.array(said, pa.string())


@cache
def _stated() -> pa.Schema:
    left_out = {*POSITION, "epoch", "previous"}
    return pa.schema([one for one in arrow_schema(CASE_EVENTS) if one.name not in left_out])


@cache
def _former() -> pa.Schema:
    names = ("unit_code", "field_code", "channel", "submitted_on", *_OPTIONAL, *_PAUSES)
    return pa.schema([arrow_schema(CASE_EVENTS).field(name) for name in names])


def _table(shape: pa.Schema, columns: Columns) -> pa.Table:
    """Build a table of a shape; without columns an empty one. A missing value that cannot be null is empty text."""
    if not columns:
        return shape.empty_table()
    kinds = dict(CASE_EVENTS.columns)
    made = [filled(columns[field.name], field.type, kinds[field.name]) for field in shape]
    return pa.table(made, schema=shape)


def _attributes(kind: type[Payload], models: Sequence[Payload]) -> dict[str, Sequence[Any]]:
    """Return every attribute of a kind of model for many of them: {attribute: values}."""
    names = tuple(kind.model_fields)
    return dict(zip(names, zip(*map(attrgetter(*names), models), strict=True), strict=True))


def _pauses_of(pauses: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Return the columns of the pauses of many states, as parallel lists."""
    return {
        column: [[getattr(pause, name) for pause in spans] if spans else () for spans in pauses]
        for column, name in _PAUSES.items()
    }


def _spans_of(pauses: Any, count: int) -> dict[str, pa.ListArray]:
    """Return the columns of the pauses, built from a part of checked columns."""
    # How many pauses begin before each state; the rows ascend.
    offsets = pc.search_sorted(pauses.row, pa.arange(0, count + 1)).cast(pa.int32())
    return {
        column: pa.ListArray.from_arrays(offsets, pauses.columns[name]) for column, name in _PAUSES.items()
    }
