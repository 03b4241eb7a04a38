"""Land a part of the log once more, outside any consumer group: into the warehouse in use, or into one beside it.

Records go through the same idempotent steps as in a worker. Nothing is emitted: the steps that land emit no events,
and issues are folded from their facts. Unreadable records are counted and shown; they are dead letters already.
"""

from __future__ import annotations

import datetime as dt
import time
from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from events.errors import UnknownTopic
from events.log import EventLog, Record
from events.runs import values_of
from events.topics import TRUTH_TOPICS, Topic
from reporting.dated.calendar import LOCAL
from services.boot.system import Echo
from services.consuming.delivery import Backoff
from services.consuming.letters import GivenUp, letters_of
from services.consuming.step import Delivered, reading
from services.errors import BadInput, NotReady
from services.maintenance.audit import landed_of
from services.streams.land import Land, LandBackfill, LandCases

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

Bound = int | dt.datetime | None
"""An offset, the instant at which a record was appended, or None for the end of the log."""

SHOWN = 10
ATTEMPTS = 8
"""Attempts at a batch while the engine does not answer, with pauses of up to half a minute."""
_TOLD_EVERY = 200_000


@dataclass(slots=True)
class Replayed:
    """The result for one partition: offsets from `start` to before `stop`, all of `epoch`."""

    topic: str
    partition: int
    epoch: int
    start: int
    stop: int
    read_count: int = 0
    refused: array[int] = field(default_factory=lambda: array("Q"))
    given_up: tuple[GivenUp, ...] = ()
    missing_count: int = 0
    unread_given_up_count: int = 0

    @property
    def unread_count(self) -> int:
        """Return how many positions the log did not return and nobody gave up."""
        return self.stop - self.start - self.read_count - self.unread_given_up_count

    @property
    def ok(self) -> bool:
        """Return whether every readable record of the range has a fact, except given-up positions."""
        return not self.missing_count and not self.unread_count

    def line(self) -> str:
        """Return the result as one line."""
        unread = f", {self.unread_count:,} positions that the log did not give" if self.unread_count else ""
        verdict = f", MISSING {self.missing_count:,}" if self.missing_count else ""
        return (
            f"epoch {self.epoch} {self.topic}/{self.partition}: offsets {self.start:,} to {self.stop:,},"
            f" {self.read_count:,} read, {len(self.refused):,} unreadable{unread}{verdict}"
        )


def replay(
    log: EventLog,
    warehouse: Warehouse,
    topics: Collection[Topic],
    echo: Echo,
    *,
    start: Bound = None,
    stop: Bound = None,
    pause: Callable[[float], None] = time.sleep,
) -> list[Replayed]:
    """Land a range of some topics, partition by partition, and check that every record has its fact.

    Memory is bounded by a batch. Records appended meanwhile are not in the range, unless `stop` includes them.

    Args:
        log: the log to read.
        warehouse: the target; its tables are of this release.
        topics: topics of TRUTH_TOPICS.
        echo: takes one line of progress.
        start: the first offset, the same in each partition, or the earliest instant of appending.
        stop: the offset, or the instant, before which the range ends.
        pause: waits this many seconds while the engine does not answer.

    Raises:
        LogUnavailable: the log does not answer.
        NotReady: the engine does not answer for long.
    """
    done = []
    for topic in topics:
        step = _step_of(topic)(warehouse, epoch=log.epoch)
        begins, given_up = log.first_positions(topic.name), letters_of(log, topic.name).given_up.values()
        for partition, end in sorted(log.end_positions(topic.name).items()):
            held = range(begins[partition], end)
            first = _offset(log, topic, partition, 0 if start is None else start, held)
            last = _offset(log, topic, partition, end if stop is None else stop, held)
            if first < last:
                one = Replayed(topic.name, partition, log.epoch, first, last)
                one.given_up = tuple(each for each in given_up if _lies_in(each, one))
                _land(log, step, one, echo, pause, max(first, begins[partition]))
                done.append(one)
    for one in done:
        one.missing_count = _missing(warehouse, one)
        echo(one.line())
        for each in one.given_up:
            echo(each.line())
    return done


def _step_of(topic: Topic) -> type[Land]:
    return next(step for step in (LandCases, LandBackfill, Land) if topic.name in step.topics)


def _lies_in(given_up: GivenUp, one: Replayed) -> bool:
    at = given_up.position
    return (given_up.epoch, at.partition) == (one.epoch, one.partition) and one.start <= at.offset < one.stop


def _offset(log: EventLog, topic: Topic, partition: int, bound: int | dt.datetime, held: range) -> int:
    """Return the offset of a bound; for an instant, that of the first record appended then or later.

    A log whose producers had different clocks is not quite ordered by instant; use offsets there.
    """
    if isinstance(bound, int):
        return min(bound, held.stop)
    low, high = held.start, held.stop
    while low < high:
        middle = (low + high) // 2
        found = log.read(topic.name, partition, middle, 1)
        if found and found[0].appended_at < bound:
            low = middle + 1
        else:
            high = middle
    return low


def _land(
    log: EventLog, step: Land, one: Replayed, echo: Echo, pause: Callable[[float], None], start: int
) -> None:
    """Read the range, from the first retained record on, and pass it to the step."""
    started, shown_count = time.monotonic(), 0
    unread = {each.position.offset for each in one.given_up}
    for records in _records(log, one, step.max_records, start):
        if unread:
            unread.difference_update(record.position.offset for record in records)
        read = reading(step.read, values_of(records))
        _persist(step, read.delivered(records), pause)
        for at, error in sorted(read.errors.items()):
            position = records[at].position
            one.refused.append(position.offset)
            if len(one.refused) <= SHOWN:
                where = f"{position.topic}/{position.partition}@{position.offset}"
                echo(f"  {where} {error.slug}: {error.message}")
        one.read_count += len(records)
        if one.read_count - shown_count >= _TOLD_EVERY:
            shown_count = one.read_count
            echo(f"{one.topic}/{one.partition}: {shown_count:,} read")
    one.unread_given_up_count = len(unread)
    seconds = max(time.monotonic() - started, 0.001)
    echo(f"{one.topic}/{one.partition}: {one.read_count:,} read, {one.read_count / seconds:,.0f} a second")


def _records(log: EventLog, one: Replayed, limit: int, at: int) -> Iterator[list[Record]]:
    while at < one.stop:
        records = log.read(one.topic, one.partition, at, min(limit, one.stop - at))
        records = [record for record in records if record.position.offset < one.stop]
        if not records:
            return
        yield records
        at = records[-1].position.offset + 1


def _persist(step: Land, part: Sequence[Delivered], pause: Callable[[float], None]) -> None:
    backoff = Backoff()
    if not part:
        return None
    for attempt in range(ATTEMPTS):
        try:
            return step.handle(part)
        except NotReady:
            if attempt == ATTEMPTS - 1:
                raise
        pause(backoff.seconds(attempt))
    return None


def _missing(warehouse: Warehouse, one: Replayed) -> int:
    """Return how many readable records of the range have no fact."""
    place = (one.epoch, one.topic, one.partition)
    landed, misread = landed_of(warehouse, place, one.refused, start=one.start, stop=one.stop)
    return one.read_count - len(one.refused) - (landed - misread)


def bound_of(text: str | None, name: str) -> Bound:
    """Read an offset or an instant (ISO 8601; Viet Nam's time without a zone).

    Raises:
        BadInput: the text is neither; the error names the option.
    """
    if text is None:
        return None
    if text.isdecimal():
        return int(text)
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"--{name} {text!r} is neither an offset nor an instant such as 2026-03-01T07:30", field=name
        ) from None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=LOCAL)


def topics_named(names: Collection[str]) -> list[Topic]:
    """Return the landed topics of these names.

    Raises:
        UnknownTopic: one of them is not a landed topic.
    """
    known = {topic.name: topic for topic in TRUTH_TOPICS}
    for name in names:
        if name not in known:
            raise UnknownTopic(
                f"{name!r} is no topic that is landed; known are {', '.join(known)}", field="topic"
            )
    return [known[name] for name in names]
