"""A folded state beside the record that it was folded up to, and the version that its row gets from there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from events.log import Position

if TYPE_CHECKING:
    from services.warehouse.client import Raw

State = TypeVar("State")

Cell = str | bytes | int | dt.date | dt.datetime | UUID | None
Columns = dict[str, Cell | Sequence[Cell] | Sequence[Sequence[str]]]
"""What the columns of a row show, by their names."""

_EPOCH_SHIFT, _OFFSET_SHIFT = 48, 8
LAST_GENERATION = 255


@dataclass(frozen=True, slots=True)
class LatestStates(Generic[State]):
    """A state, and the record that it was folded up to; `epoch` where that record is of another log than today's.

    `generation` counts how often the row was corrected from the facts; who folds on keeps it.
    """

    state: State
    position: Position
    epoch: int | None = None
    generation: int = 0

    def place(self, epoch: int) -> Columns:
        """Return the columns that say where in the log the row stands; `epoch` is today's."""
        of, position = epoch if self.epoch is None else self.epoch, self.position
        return {
            "topic": position.topic,
            "partition": position.partition,
            "offset": position.offset,
            "epoch": of,
            "row_version": row_version(of, position.offset, self.generation),
        }


def row_version(epoch: int, offset: int, generation: int) -> int:
    """Return a row's version: a new log always wins, within one the later record does, at one record the correction.

    Epoch in 16 bits, offset in 40, generation in 8. The releases before wrote the offset without a generation
    behind it (`epoch << 48 | offset`): such a row loses to every row written since at its record or a later one.
    """
    return epoch << _EPOCH_SHIFT | offset << _OFFSET_SHIFT | min(generation, LAST_GENERATION)


def generation_of(version: int, epoch: int, offset: int) -> int:
    """Return the generation that is in a version; 0 in one of the releases before."""
    return min(max(version - row_version(epoch, offset, 0), 0), LAST_GENERATION)


def read_back(state: State, row: Raw) -> LatestStates[State]:
    """Return what a row holds: its state, as it was read, and where it stands in the log."""
    position = Position(row["topic"], row["partition"], row["offset"])
    generation = generation_of(row["row_version"], row["epoch"], row["offset"])
    return LatestStates(state, position, row["epoch"], generation)


def written(columns: Columns) -> Columns:
    """Return columns as they are given to the engine, which takes identifiers as bytes."""
    return {name: _written(value) for name, value in columns.items()}


def _written(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.bytes
    return [_written(each) for each in value] if isinstance(value, list) else value


STANDS_AT = ("topic", "partition", "offset", "epoch", "row_version")
"""The columns that tell where a row stands."""


def latest_rows(table: str, key: str) -> str:
    """Return the statement that reads the latest row of each of some subjects; its parameter is `ids`."""
    latest = ", ".join(f"argMax(t.{name}, t.row_version) AS {name}" for name in ("body", *STANDS_AT[:-1]))
    return (
        f"SELECT t.{key} AS {key}, {latest}, max(t.row_version) AS row_version FROM {table} AS t"
        f" WHERE t.{key} IN {{ids:Array(UUID)}} GROUP BY t.{key}"
    )
