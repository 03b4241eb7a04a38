"""The protocol of a stream step, which turns batches of events into rows or further events, on any runtime."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from events.codec import decode
from events.envelope import Envelope
from events.errors import ContractError
from events.log import Record

MAX_RECORDS = 1_000
"""Records per batch for a step without `max_records`."""


class Delivered(NamedTuple):
    """One event and its record; the type of the event depends on the step's `read`."""

    record: Record
    event: Any


def subject_id(delivered: Delivered) -> UUID | None:
    """Return the subject of an event, if it is a UUID."""
    try:
        return UUID(delivered.event.subject)
    except ValueError:
        return None


class Reading(Protocol):
    """The reading of a batch of records."""

    @property
    def errors(self) -> Mapping[int, ContractError]:
        """Return the indexes of the records that are no events, with their errors."""
        ...

    def delivered(self, records: Sequence[Record]) -> Sequence[Delivered]:
        """Return the events of these records (all that were read, or the first ones), without those with errors.

        A step that knows the class of this sequence may use its columns; to others it is a sequence of events.
        """
        ...


Read = Callable[[Sequence[bytes]], Reading | Sequence[Envelope | ContractError]]
"""Turns the bytes of many records into a step's input, or into the error of each record that is no event."""


class OneByOne:
    """Events read one by one."""

    def __init__(self, read: Sequence[Envelope | ContractError]) -> None:
        self._read = read
        self.errors = {at: event for at, event in enumerate(read) if isinstance(event, ContractError)}

    def delivered(self, records: Sequence[Record]) -> Sequence[Delivered]:
        """Return the events of these records (all that were read, or the first ones), without those with errors."""
        pairs = zip(records, self._read, strict=False)
        return [Delivered(r, event) for at, (r, event) in enumerate(pairs) if at not in self.errors]


def reading(read: Read, values: Sequence[bytes]) -> Reading:
    """Read many records with the step's reader."""
    found = read(values)
    return OneByOne(found) if isinstance(found, Sequence) else found


def read_events(values: Sequence[bytes]) -> list[Envelope | ContractError]:
    """Read events one by one with the codec, for a step without a `read` of its own."""
    return [_decoded(value) for value in values]


def _decoded(value: bytes) -> Envelope | ContractError:
    try:
        return decode(value)
    except ContractError as error:
        return error


class StreamStep(Protocol):
    """Work of one consumer group.

    The runtime runs each topic of a step in a thread of its own, so several threads call `handle` at once when
    `topics` has several; batches of one topic are sequential. Delivery is at least once, and a batch may be delivered
    again whole or in part, so `handle` must be idempotent. A step may also have `max_records: int`, the largest batch
    that it takes, and `read: Read`, the reader of its records' bytes.
    """

    @property
    def group(self) -> str:
        """Return the name of the consumer group, after the step."""
        ...

    @property
    def topics(self) -> tuple[str, ...]:
        """Return the topics that the step reads."""
        ...

    @property
    def sets_aside(self) -> bool:
        """Return whether this group sets unreadable records aside; one group per topic does, the others skip them."""
        ...

    def handle(self, batch: Sequence[Delivered]) -> None:
        """Make the batch durable before returning.

        Raises:
            Exception: any error counts as passing; the same batch is delivered again after a pause. No record is at fault
                here: one that breaks the contract was refused when it was read.
        """
        ...
