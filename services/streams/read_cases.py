"""Read case events by the thousand into columns; a record that is not plain is read by the contract's models.

A plain record is one as a release writes it: ASCII without escapes, one JSON object, every value in the form of
services/streams/contract_columns.py. Arrow reads and checks it outside the interpreter's lock. Any other record goes
to `events.codec.decode`, which reads it or raises its error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, overload

import pyarrow as pa
from pyarrow import json

from events.cases import CaseEvent
from events.envelope import Envelope
from events.errors import ContractError
from events.log import Record
from events.runs import runs_of, values_of
from services.consuming.step import Delivered, OneByOne, Reading, read_events
from services.streams.case_rows import CaseRows, Lines
from services.streams.contract_columns import Errors, case_event_shape, checked, completed

_ODD: tuple[Callable[[bytes], bool], ...] = (
    lambda text: not text.isascii(),
    lambda text: b"\\" in text,
    # Found, or not, in half the time from the end: events hold more `l`s than `n`s, and `in` looks for the last letter.
    lambda text: text.rfind(b"null") >= 0,
)
"""A member that no plain record has. In columns a `null` equals an absent value, and the contract may forbid it."""
_WORTH_COLUMNS = 200
"""A batch of fewer records is read one by one: columns cost some milliseconds before the first of them."""
_IN_VAIN = 4
"""Bound of repeated readings, in batches, while records that Arrow refuses are searched for."""


def read_cases(values: Sequence[bytes], *, worth_columns: int = _WORTH_COLUMNS) -> Reading:
    """Same result as `read_events`, but plain events are parsed into Arrow columns."""
    if len(values) < worth_columns:
        return OneByOne(read_events(values))
    places, rows = _in_columns(values, worth_columns)
    if rows is None:
        return OneByOne(read_events(values))
    others: dict[int, Envelope | ContractError] = {}
    if len(places) < len(values):
        taken = set(places)
        left = [at for at in range(len(values)) if at not in taken]
        others = dict(zip(left, read_events([values[at] for at in left]), strict=True))
    return _Columns(len(values), places, rows, others)


class _Columns:
    """A reading with most events in columns."""

    def __init__(
        self,
        count: int,
        places: Sequence[int],
        rows: CaseRows,
        others: Mapping[int, Envelope | ContractError],
    ) -> None:
        self._count = count
        self._places = places
        self._rows = rows
        self._others = others
        self.errors = {at: one for at, one in others.items() if isinstance(one, ContractError)}

    def delivered(self, records: Sequence[Record]) -> Sequence[Delivered]:
        """Return the events without those with errors, in columns unless only the first ones are requested."""
        if len(records) < self._count:
            return _one_by_one(records)
        others = {at: one for at, one in self._others.items() if not isinstance(one, ContractError)}
        return DeliveredColumns(records, self._places, self._rows, others)


class DeliveredColumns(Sequence[Delivered]):
    """Delivered events that a bulk step takes in columns; iterating reads them one by one again."""

    def __init__(
        self,
        records: Sequence[Record],
        places: Sequence[int],
        rows: CaseRows,
        others: Mapping[int, Envelope],
    ) -> None:
        self._records = records
        self._places = places
        self._rows = rows
        self._others = others
        self._events: Sequence[Delivered] | None = None

    def __len__(self) -> int:
        return len(self._places) + len(self._others)

    @overload
    def __getitem__(self, at: int) -> Delivered: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Delivered]: ...

    def __getitem__(self, at: int | slice) -> Delivered | Sequence[Delivered]:
        if self._events is None:
            self._events = _one_by_one(self._records)
        return self._events[at]

    def cases(self) -> Lines:
        """Return the events of cases with their positions: the columns first, then the events read one by one."""
        columns = _positions(self._records)
        if len(self._places) < len(self._records):
            columns = columns.take(pa.array(self._places, pa.int64()))
        lines = Lines(self._rows, columns)
        unusual = [
            Delivered(self._records[at], one)
            for at, one in self._others.items()
            if isinstance(one, CaseEvent)
        ]
        return lines if not unusual else lines.and_then(Lines.of(unusual))

    def others(self) -> list[Delivered]:
        """Return the events of other families."""
        found = self._others.items()
        return [Delivered(self._records[at], one) for at, one in found if not isinstance(one, CaseEvent)]


def _one_by_one(records: Sequence[Record]) -> Sequence[Delivered]:
    return OneByOne(read_events(values_of(records))).delivered(records)


def _positions(records: Sequence[Record]) -> pa.Table:
    """Return the columns of the records' positions."""
    shape = pa.schema([("topic", pa.string()), ("partition", pa.uint16()), ("offset", pa.uint64())])
    return pa.concat_tables(
        pa.table(
            [
                pa.repeat(pa.scalar(run.topic, pa.string()), len(run.offsets)),
                pa.repeat(pa.scalar(run.partition, pa.uint16()), len(run.offsets)),
                pa.array(run.offsets, pa.uint64()),
            ],
            schema=shape,
        )
        for run in runs_of(records)
    ).combine_chunks()


def _in_columns(values: Sequence[bytes], worth_columns: int) -> tuple[Sequence[int], CaseRows | None]:
    """Return the indexes of the plain records, and their rows; None where there is none."""
    joined = b"\n".join(values)
    places = _plain_places(values, joined)
    if len(places) < len(values):
        joined = b"\n".join([values[at] for at in places])
    read = _parsed(joined, len(places))
    if read is None:
        places, read = _parsed_in_parts(values, places, worth_columns)
    while read is not None:
        errors = Errors()
        columns = checked(case_event_shape(), read, errors)
        if not errors.found:
            return places, CaseRows.of_columns(completed(columns))
        wrong = set(pa.concat_arrays(errors.found).to_pylist())
        kept = [at for at in range(len(places)) if at not in wrong]
        places = [places[at] for at in kept]
        read = read.take(pa.array(kept, pa.int64())) if kept else None
    return (), None


def _plain_places(values: Sequence[bytes], joined: bytes) -> Sequence[int]:
    """Return the indexes of the plain records: each is one line that begins and ends as an object.

    Then no record is a part of another's object. What the whole does not hold is not looked for in each.
    """
    there = [odd for odd in _ODD if odd(joined)]
    places = [
        at
        for at, value in enumerate(values)
        if value[:1] == b"{" and value[-1:] == b"}" and b"\n" not in value
    ]
    return [at for at in places if not any(odd(values[at]) for odd in there)] if there else places


@cache
def _struct() -> pa.StructType:
    return case_event_shape().arrow()


def _parsed_in_parts(
    values: Sequence[bytes], places: Sequence[int], worth_columns: int
) -> tuple[Sequence[int], Any]:
    """Return the indexes and rows that Arrow can read where it refuses the whole: of halves, and halves of halves.

    It stops at parts too small for columns, and at _IN_VAIN: however many records are wrong, finding them costs at most
    a few readings of the batch.
    """
    kept: list[int] = []
    read = []
    in_vain = len(places)
    parts = _halves(places)
    while parts:
        part = parts.pop()
        rows = _parsed(b"\n".join([values[at] for at in part]), len(part))
        if rows is not None:
            kept += part
            read.append(rows)
            continue
        in_vain += len(part)
        if len(part) > worth_columns and in_vain < _IN_VAIN * len(places):
            parts += _halves(part)
    return kept, pa.concat_arrays(read) if read else None


def _halves(places: Sequence[int]) -> list[Sequence[int]]:
    """Return the second half and the first, which is popped next from the end of a list."""
    middle = len(places) // 2
    return [places[middle:], places[:middle]]


def _parsed(text: bytes, count: int) -> Any:
    """Return one row per line, or None when a line is not one object of the expected shape."""
    if not count:
        return None
    try:
        table = json.read_json(
            pa.BufferReader(text),
            read_options=json.ReadOptions(use_threads=False, block_size=max(len(text) + 1, 1)),
            parse_options=json.ParseOptions(
                explicit_schema=pa.schema(list(_struct())),
                unexpected_field_behavior="error",
            ),
        )
    except pa.ArrowInvalid:
        return None
    rows = table.to_struct_array().combine_chunks()
    return rows if len(rows) == count else None
