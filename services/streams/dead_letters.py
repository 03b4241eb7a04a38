"""List, show and replay dead letters; the command line and the pages call this.

A replay appends the raw bytes to the topic they came from, under their own key, and then a mark to the dead letters.
If the process dies between the two, the next replay sends them once more: steps take an event twice without harm.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from events.log import EventLog, Message, Position, Record
from events.topics import DEAD_LETTER_TOPICS, TRUTH_TOPICS, topic_named
from services.errors import NotFound
from services.streams.set_aside import ORIGINAL_HEADER

_REPLAYED = "replayed_number"
"""The header that makes a record of the dead letters a mark: the number of the letter that was sent again."""
_PAGE = 1_000
_SHOWN_BYTES = 4_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record that was set aside.

    Attributes:
        number: its place in the dead letters of its topic; `show` and `replay` take it.
        position: where the record lay in its topic.
        epoch: of which log.
        reason: the slug of the error; `message` and `field` say what exactly.
        group: the consumer group that could not take it.
        times: how often it was set aside at this position; a crash repeats it.
        replayed_at: when it was sent again.
    """

    number: int
    position: Position
    epoch: int
    reason: str
    message: str
    field: str | None
    group: str
    first_seen_at: dt.datetime
    key: str
    value: bytes
    original_headers: dict[str, str]
    times: int = 1
    replayed_at: dt.datetime | None = None

    def line(self) -> str:
        """Return the letter in one line: number, position, reason."""
        replayed = "" if self.replayed_at is None else f"  [sent again {self.replayed_at:%Y-%m-%d %H:%M}Z]"
        where = f"{self.position.topic}/{self.position.partition}@{self.position.offset}"
        return f"{self.number:>6}  {where:<24} {self.reason:<22} {self.message}{replayed}"

    def text(self) -> str:
        """Return everything that is known of the letter, its bytes last."""
        shown = self.value[:_SHOWN_BYTES].decode(errors="backslashreplace")
        rest = len(self.value) - _SHOWN_BYTES
        lines = {
            "number": self.number,
            "topic": self.position.topic,
            "partition": self.position.partition,
            "offset": self.position.offset,
            "epoch": self.epoch,
            "group": self.group,
            "reason": self.reason,
            "message": self.message,
            "field": self.field or "-",
            "first seen": self.first_seen_at.isoformat(),
            "set aside": f"{self.times} times",
            "sent again": "-" if self.replayed_at is None else self.replayed_at.isoformat(),
            "key": self.key,
            "bytes": len(self.value),
        }
        head = "\n".join(f"{name:<12}{value}" for name, value in lines.items())
        return f"{head}\n\n{shown}" + (f"\n… {rest} bytes more" if rest > 0 else "")


def listing(log: EventLog, topic: str | None = None) -> list[DeadLetter]:
    """Return the dead letters of one topic or of all, each once, in the order in which they were first set aside.

    Args:
        log: the log that holds them.
        topic: a topic or its dead letters (`cases` or `cases-dlq`); none means every topic.

    Raises:
        UnknownTopic: there is no such topic.
    """
    names = [t.name for t in TRUTH_TOPICS] if topic is None else [_truth_topic(topic)]
    return [letter for name in names for letter in _letters_of(log, name).values()]


def show(log: EventLog, topic: str, number: int) -> DeadLetter:
    """Return one dead letter.

    Raises:
        UnknownTopic: there is no such topic.
        NotFound: it has no dead letter of this number.
    """
    return _numbered(_letters_of(log, _truth_topic(topic)), topic, number)


def replay(
    log: EventLog,
    topic: str,
    numbers: Collection[int] | None = None,
    *,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> int:
    """Send dead letters to their topic again, each position once; those sent before are left out.

    Args:
        log: the log that holds them.
        topic: the topic or its dead letters.
        numbers: which ones; none means all.
        clock: tells the instant that the marks carry.

    Returns:
        How many were sent.

    Raises:
        UnknownTopic: there is no such topic.
        NotFound: it has no dead letter of one of these numbers; nothing was sent.
    """
    name = _truth_topic(topic)
    letters = _letters_of(log, name)
    chosen = (
        letters.values() if numbers is None else [_numbered(letters, topic, n) for n in sorted(set(numbers))]
    )
    waiting = [letter for letter in chosen if letter.replayed_at is None]
    for letter in waiting:
        log.append(name, [Message(letter.key, letter.value, letter.original_headers)])
        mark = {_REPLAYED: str(letter.number), "replayed_at": clock().isoformat()}
        log.append(topic_named(name).dead_letters, [Message(letter.key, b"", mark)])
    return len(waiting)


def refused_positions(log: EventLog, topic: str) -> frozenset[Position]:
    """Return where in this log records were set aside: the audit counts these positions as accounted for."""
    letters = _letters_of(log, _truth_topic(topic)).values()
    return frozenset(letter.position for letter in letters if letter.epoch == log.epoch)


def _truth_topic(name: str) -> str:
    topic = topic_named(name)
    if topic in DEAD_LETTER_TOPICS:
        return name.removesuffix("-dlq")
    return topic.name


def _letters_of(log: EventLog, topic: str) -> dict[int, DeadLetter]:
    """Read the dead letters of one topic; a position that stands there twice keeps its first number."""
    letters: dict[int, DeadLetter] = {}
    numbers: dict[tuple[int, Position], int] = {}
    for record in _records(log, topic_named(topic).dead_letters):
        replayed = record.headers.get(_REPLAYED)
        if replayed is not None:
            at = dt.datetime.fromisoformat(record.headers["replayed_at"])
            letters[int(replayed)] = replace(letters[int(replayed)], replayed_at=at)
            continue
        letter = _letter(record)
        first = numbers.setdefault((letter.epoch, letter.position), letter.number)
        if first == letter.number:
            letters[first] = letter
        else:
            letters[first] = replace(letters[first], times=letters[first].times + 1)
    return letters


def _records(log: EventLog, letters_topic: str) -> Iterator[Record]:
    """Yield a dead-letter topic whole; it has one partition, so its offsets number the letters."""
    start = 0
    while records := log.read(letters_topic, 0, start, _PAGE):
        yield from records
        start = records[-1].position.offset + 1


def _letter(record: Record) -> DeadLetter:
    headers = record.headers
    return DeadLetter(
        number=record.position.offset,
        position=Position(headers["topic"], int(headers["partition"]), int(headers["offset"])),
        epoch=int(headers["epoch"]),
        reason=headers["reason"],
        message=headers["message"],
        field=headers["field"] or None,
        group=headers["group"],
        first_seen_at=dt.datetime.fromisoformat(headers["first_seen_at"]),
        key=record.key,
        value=record.value,
        original_headers={
            name.removeprefix(ORIGINAL_HEADER): value
            for name, value in headers.items()
            if name.startswith(ORIGINAL_HEADER)
        },
    )


def _numbered(letters: dict[int, DeadLetter], topic: str, number: int) -> DeadLetter:
    try:
        return letters[number]
    except KeyError:
        raise NotFound(f"{topic} has no dead letter {number}; see the list", field="number") from None
