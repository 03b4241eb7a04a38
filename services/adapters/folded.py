"""A folded state beside the record that it was folded up to, and the version that its row gets from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from events.log import Position

State = TypeVar("State")

OFFSET_BITS = 48
"""A row's version is its log's epoch, then its offset: a new log always wins, within one the later record does."""


@dataclass(frozen=True, slots=True)
class Folded(Generic[State]):
    """A state, and the record that it was folded up to; `epoch` where that record is of another log than today's."""

    state: State
    position: Position
    epoch: int | None = None

    def place(self, epoch: int) -> dict[str, Any]:
        """Return the columns that say where in the log the row stands; `epoch` is today's."""
        of, position = epoch if self.epoch is None else self.epoch, self.position
        return {
            "topic": position.topic,
            "partition": position.partition,
            "offset": position.offset,
            "epoch": of,
            "row_version": of << OFFSET_BITS | position.offset,
        }
