"""The protocol of a stream step: what turns batches of events into rows or further events, whatever carries them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from events.envelope import Envelope
from events.log import Record
from services.errors import ServiceError

MAX_RECORDS = 1_000
"""Records per batch for a step that does not say `max_records` itself."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """One event and the record that carried it."""

    record: Record
    event: Envelope


class Unlandable(ServiceError):  # noqa: N818 -- the tree reads as nouns
    """One record of a batch can never be landed; the runtime sets it aside and hands the others over again."""

    slug = "unlandable"

    def __init__(self, record: Record, reason: str, *, field: str | None = None) -> None:
        super().__init__(reason, field=field)
        self.record = record


class Step(Protocol):
    """Work of one consumer group.

    The runtime gives each topic of a step a thread of its own, so `handle` is called by several threads at once
    when `topics` has several; batches of one topic come one after another. Delivery is at least once and a batch may
    be handed over again whole or in part, so the effect must not depend on how often that happens.
    A step may also have `max_records: int`, the most records that it takes in one batch.
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
            Unlandable: one record can never be landed; it is set aside, the rest comes again.
            ContractError: some record breaks the contract; it is searched for by halving the batch, then set aside.
            Exception: anything else counts as a passing fault; the same batch comes again after a pause.
        """
        ...
