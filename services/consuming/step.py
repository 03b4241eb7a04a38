"""The protocol of a stream step: what turns batches of events into rows or further events, whatever carries them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from events.codec import decode
from events.envelope import Envelope
from events.errors import ContractError
from events.log import Record

MAX_RECORDS = 1_000
"""Records per batch for a step that does not say `max_records` itself."""


class Delivered(NamedTuple):
    """One event and the record that carried it; what the event is, the step's `read` says."""

    record: Record
    event: Any


def subject_id(delivered: Delivered) -> UUID | None:
    """Return what an event is about, where that is a UUID."""
    try:
        return UUID(delivered.event.subject)
    except ValueError:
        return None


class Reading(Protocol):
    """What the bytes of many records were read as, all at once."""

    @property
    def errors(self) -> Mapping[int, ContractError]:
        """Return the places of the records that are no events, and why not."""
        ...

    def delivered(self, records: Sequence[Record]) -> Sequence[Delivered]:
        """Return the events of the records that were read, or of the first of them, without those at fault.

        A step that knows the class of this sequence may take its columns; it is a sequence of events all the same.
        """
        ...


Read = Callable[[Sequence[bytes]], Reading | Sequence[Envelope | ContractError]]
"""Turn the bytes of many records into what a step takes, or into the fault of each record that is no event."""


class OneByOne:
    """Events that were read one by one."""

    def __init__(self, read: Sequence[Envelope | ContractError]) -> None:
        self._read = read
        self.errors = {at: event for at, event in enumerate(read) if isinstance(event, ContractError)}

    def delivered(self, records: Sequence[Record]) -> Sequence[Delivered]:
        """Return the events of the records that were read, or of the first of them, without those at fault."""
        pairs = zip(records, self._read, strict=False)
        return [Delivered(r, event) for at, (r, event) in enumerate(pairs) if at not in self.errors]


def reading(read: Read, values: Sequence[bytes]) -> Reading:
    """Read the bytes of many records, whichever way a step wants them read."""
    found = read(values)
    return OneByOne(found) if isinstance(found, Sequence) else found


def read_events(values: Sequence[bytes]) -> list[Envelope | ContractError]:
    """Read events one by one with the codec, for a step that does not say `read` itself."""
    return [_decoded(value) for value in values]


def _decoded(value: bytes) -> Envelope | ContractError:
    try:
        return decode(value)
    except ContractError as error:
        return error


class StreamStep(Protocol):
    """Work of one consumer group.

    The runtime gives each topic of a step a thread of its own, so `handle` is called by several threads at once
    when `topics` has several; batches of one topic come one after another. Delivery is at least once and a batch may
    be handed over again whole or in part, so the effect must not depend on how often that happens.
    A step may also have `max_records: int`, the most records that it takes in one batch, and `read: Read`, how it
    wants the bytes of its records read.
    """

    @property
    def group(self) -> str:
        """Name the consumer group, after the step."""
        ...

    @property
    def topics(self) -> tuple[str, ...]:
        """Name the topics that the step reads."""
        ...

    @property
    def sets_aside(self) -> bool:
        """Tell whether this group sets unreadable records aside; one group per topic does, the others skip them."""
        ...

    def handle(self, batch: Sequence[Delivered]) -> None:
        """Make the batch durable before returning.

        Raises:
            Exception: counts as a passing fault; the same batch comes again after a pause. No record is at fault
                here: one that breaks the contract was refused when it was read.
        """
        ...
