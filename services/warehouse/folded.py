"""A folded state with the position up to which it is folded, and the version of its row."""

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
"""The columns of a row by name."""

_EPOCH_SHIFT, _OFFSET_SHIFT = 48, 8
LAST_GENERATION = 255


@dataclass(frozen=True, slots=True)
class LatestStates(Generic[State]):
    """A state, and the position up to which it is folded; `epoch` is set where that position is of an earlier log.

    `generation` counts corrections of the row from the facts; later folds keep it.
    """

    state: State
    position: Position
    epoch: int | None = None
    generation: int = 0

    def place(self, epoch: int) -> Columns:
        """Return the columns of the row's position in the log; `epoch` is today's."""
        of, position = epoch if self.epoch is None else self.epoch, self.position
        return {
            "topic": position.topic,
            "partition": position.partition,
            "offset": position.offset,
            "epoch": of,
            "row_version": row_version(of, position.offset, self.generation),
        }


def row_version(epoch: int, offset: int, generation: int) -> int:
    """Return a row's version: a higher epoch wins, then a higher offset, then a higher generation.

    16 bits of epoch, 40 of offset, 8 of generation. Earlier releases wrote no generation (`epoch << 48 | offset`):
    such a row loses to every row written since at its offset or a later one.
    """
    return epoch << _EPOCH_SHIFT | offset << _OFFSET_SHIFT | min(generation, LAST_GENERATION)


def generation_of(version: int, epoch: int, offset: int) -> int:
    """Return the generation in a version; 0 for one of an earlier release."""
    return min(max(version - row_version(epoch, offset, 0), 0), LAST_GENERATION)


def read_back(state: State, row: Raw) -> LatestStates[State]:
    """Return the state of a row, with the row's position in the log."""
    position = Position(row["topic"], row["partition"], row["offset"])
    generation = generation_of(row["row_version"], row["epoch"], row["offset"])
    return LatestStates(state, position, row["epoch"], generation)


def written(columns: Columns) -> Columns:
    """Return columns as the engine takes them: identifiers as bytes."""
    return {name: _written(value) for name, value in columns.items()}


def _written(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.bytes
    return [_written(each) for each in value] if isinstance(value, list) else value


STANDS_AT = ("topic", "partition", "offset", "epoch", "row_version")
"""The columns of a row's position."""


def latest_rows(table: str, key: str) -> str:
    """Return the statement that reads the latest row of each subject in its parameter `ids`."""
    latest = ", ".join(f"argMax(t.{name}, t.row_version) AS {name}" for name in ("body", *STANDS_AT[:-1]))
    return (
        f"SELECT t.{key} AS {key}, {latest}, max(t.row_version) AS row_version FROM {table} AS t"
        f" WHERE t.{key} IN {{ids:Array(UUID)}} GROUP BY t.{key}"
    )
