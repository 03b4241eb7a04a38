"""Read case events by the thousand into columns; what is not plainly an event goes through the exact reader.

Plain is what a release writes: ASCII without escapes, one JSON object, every value in the form of
services/streams/contract_columns.py. Arrow reads and checks it outside the interpreter's lock. Whatever else there is
comes to `events.bulk.read_lines`, which takes it after all or says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, overload

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json

from events.bulk import CaseLine, read_lines, readable
from events.envelope import Envelope
from events.errors import ContractError
from events.log import Record
from events.runs import runs_of, values_of
from services.consuming.step import Delivered, OneByOne, Reading
from services.streams.case_rows import CaseRows, Lines
from services.streams.contract_columns import Faults, case_event_shape, checked

_NOT_PLAIN = (b"\\", b"null")
_WORTH_COLUMNS = 200
"""A batch of fewer records is read line by line: columns cost some milliseconds before the first of them."""


def read_cases(values: Sequence[bytes], *, worth_columns: int = _WORTH_COLUMNS) -> Reading:
    """Read what `read_lines` reads, refuse what it refuses, and keep in columns what is plainly an event."""
    if len(values) < worth_columns:
        return OneByOne(read_lines(values))
    places, rows = _in_columns(values)
    if rows is None:
        return OneByOne(read_lines(values))
    others: dict[int, CaseLine | Envelope | ContractError] = {}
    if len(places) < len(values):
        taken = set(places)
        left = [at for at in range(len(values)) if at not in taken]
        others = dict(zip(left, read_lines([values[at] for at in left]), strict=True))
    return _Columns(len(values), places, rows, others)


class _Columns:
    """A reading of which most is in columns."""

    def __init__(
        self,
        count: int,
        places: Sequence[int],
        rows: CaseRows,
        others: Mapping[int, CaseLine | Envelope | ContractError],
    ) -> None:
        self._count = count
        self._places = places
        self._rows = rows
        self._others = others
        self.faults = {at: one for at, one in others.items() if isinstance(one, ContractError)}

    def delivered(self, records: Sequence[Record]) -> Sequence[Delivered]:
        """Return the events without those at fault, in columns unless only the first of them are asked for."""
        if len(records) < self._count:
            return _one_by_one(records)
        others = {at: one for at, one in self._others.items() if not isinstance(one, ContractError)}
        return DeliveredColumns(records, self._places, self._rows, others)


class DeliveredColumns(Sequence[Delivered]):
    """Delivered events that a bulk step takes in columns; whoever takes them one by one gets them read anew."""

    def __init__(
        self,
        records: Sequence[Record],
        places: Sequence[int],
        rows: CaseRows,
        others: Mapping[int, CaseLine | Envelope],
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
        """Return the events of cases with their positions: the columns first, then what was read line by line."""
        columns = _positions(self._records)
        if len(self._places) < len(self._records):
            columns = columns.take(pa.array(self._places, pa.int64()))
        lines = Lines(self._rows, columns)
        unusual = [
            Delivered(self._records[at], one) for at, one in self._others.items() if isinstance(one, CaseLine)
        ]
        return lines if not unusual else lines.and_then(Lines.of(unusual))

    def others(self) -> list[Delivered]:
        """Return the events of other families."""
        found = self._others.items()
        return [Delivered(self._records[at], one) for at, one in found if not isinstance(one, CaseLine)]


def _one_by_one(records: Sequence[Record]) -> Sequence[Delivered]:
    return OneByOne(read_lines(values_of(records))).delivered(records)


def _positions(records: Sequence[Record]) -> pa.Table:
    """Return the columns that tell where each record lies."""
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


def _in_columns(values: Sequence[bytes]) -> tuple[Sequence[int], CaseRows | None]:
    """Return the places of the records that are plainly events, and their rows; None where there is none."""
    places: Sequence[int] = range(len(values))
    joined = b"\n".join(values)
    if not _plain(joined, len(values)):
        places = _plain_places(values, joined)
        joined = b"\n".join([values[at] for at in places])
    read = _parsed(joined, len(places))
    if read is None and (found := _parsed(joined, len(places), foreign_fields=True)) is not None:
        kept = pc.indices_nonzero(pc.invert(_have_foreign_fields(found, _struct())))
        places = [places[at] for at in kept.to_pylist()]
        read = found.take(kept).cast(_struct()) if places else None
    elif read is None:
        # Some are no JSON of this shape; which, the line reader tells sooner than halving would.
        places = [places[at] for at in readable([values[at] for at in places])]
        read = _parsed(b"\n".join([values[at] for at in places]), len(places))
    while read is not None:
        faults = Faults()
        columns = checked(case_event_shape(), read, faults)
        if not faults.found:
            return places, CaseRows.of_columns(columns)
        wrong = set(pa.concat_arrays(faults.found).to_pylist())
        kept = [at for at in range(len(places)) if at not in wrong]
        places = [places[at] for at in kept]
        read = read.take(pa.array(kept, pa.int64())) if kept else None
    return (), None


def _plain(text: bytes, lines: int) -> bool:
    """Tell whether so many lines are ASCII without escapes, and each begins and ends as an object.

    Then no line is a part of another's object. A `null` can stand where the contract allows none; the columns could
    not tell it from nothing.
    """
    return (
        text.isascii()
        and not any(mark in text for mark in _NOT_PLAIN)
        and text.startswith(b"{")
        and text.endswith(b"}")
        and text.count(b"\n") == text.count(b"}\n{") == lines - 1
    )


def _plain_places(values: Sequence[bytes], joined: bytes) -> Sequence[int]:
    """Return the places of the records that are plain by themselves; what is nowhere is looked for only once."""
    ascii_only, marks = joined.isascii(), [mark for mark in _NOT_PLAIN if mark in joined]
    return [
        at
        for at, value in enumerate(values)
        if value[:1] == b"{"
        and value[-1:] == b"}"
        and b"\n" not in value
        and (ascii_only or value.isascii())
        and not (marks and any(mark in value for mark in marks))
    ]


@cache
def _struct() -> pa.StructType:
    return case_event_shape().arrow()


def _have_foreign_fields(found: Any, wanted: pa.StructType) -> Any:
    """Tell of each row whether it has a field that is not wanted; of lists that have one, whether it has such a list."""
    foreign = pa.repeat(pa.scalar(value=False), len(found))
    for part, values in zip(found.type, found.flatten(), strict=True):
        at = wanted.get_field_index(part.name)
        if at < 0 or not (part.type == wanted.field(at).type or pa.types.is_struct(part.type)):
            foreign = pc.or_(foreign, values.is_valid())
        elif pa.types.is_struct(part.type):
            foreign = pc.or_(foreign, _have_foreign_fields(values, wanted.field(at).type))
    return foreign


def _parsed(text: bytes, count: int, *, foreign_fields: bool = False) -> Any:
    """Return as many rows as there are lines, or None when some line is not one object of the expected shape.

    Args:
        foreign_fields: take fields that the contract does not have, behind those that it has.
    """
    if not count:
        return None
    try:
        table = json.read_json(
            pa.BufferReader(text),
            read_options=json.ReadOptions(use_threads=False, block_size=max(len(text) + 1, 1)),
            parse_options=json.ParseOptions(
                explicit_schema=pa.schema(list(_struct())),
                unexpected_field_behavior="infer" if foreign_fields else "error",
            ),
        )
    except pa.ArrowInvalid:
        return None
    rows = table.to_struct_array().combine_chunks()
    return rows if len(rows) == count else None
