"""Read the dead letters of a topic: set-aside records, replays, given-up positions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from events.log import EventLog, Message, Position, Record
from events.topics import topic_named
from services.consuming.set_aside import ORIGINAL_HEADER, SHA256, SIZE

_REPLAYED = "replayed_number"
"""Header of a replay's mark among the dead letters: the number of the replayed letter."""
_GIVEN_UP = "given_up_at"
"""Header of the mark of a given-up position: the instant."""
_PAGE = 1_000
_SHOWN_BYTES = 4_000
_MOST_EPOCHS, _MOST_OFFSETS = 2**16, 2**63
"""Bounds of the warehouse's columns; a header beyond them is foreign."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record that was set aside.

    Attributes:
        number: its number among the dead letters of its topic, for `show` and `replay`.
        position: position of the record in its topic.
        epoch: the log of the position.
        reason: the slug of the error; `message` and `field` are its details.
        group: the consumer group that could not take it.
        size: size of the record in bytes; where `sha256` is given, `value` holds only the first ones.
        times: how often it was set aside at this position; more than once after a crash.
        replayed_at: when it was replayed.
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
    size: int
    sha256: str | None = None
    times: int = 1
    replayed_at: dt.datetime | None = None

    @property
    def whole(self) -> bool:
        """Return whether the letter has all bytes of the record."""
        return self.sha256 is None

    def line(self) -> str:
        """Return the letter as one line: number, position, reason."""
        replayed = "" if self.replayed_at is None else f"  [sent again {self.replayed_at:%Y-%m-%d %H:%M}Z]"
        where = f"{self.position.topic}/{self.position.partition}@{self.position.offset}"
        return f"{self.number:>6}  {where:<24} {self.reason:<22} {self.message}{replayed}"

    def text(self) -> str:
        """Return all fields of the letter as text, its bytes last."""
        shown = self.value[:_SHOWN_BYTES].decode(errors="backslashreplace")
        rest = self.size - min(len(self.value), _SHOWN_BYTES)
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
            "bytes": self.size if self.whole else f"{self.size}, of which {len(self.value)} are kept here",
            "sha256": self.sha256 or "-",
        }
        head = "\n".join(f"{name:<12}{value}" for name, value in lines.items())
        return f"{head}\n\n{shown}" + (f"\n… {rest} bytes more" if rest > 0 else "")


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A position that an operator gave up: its record will not land, and no check reports it as missing.

    Attributes:
        epoch: the log of the position.
        by: the operator.
        because: the reason, in the operator's words.
    """

    position: Position
    epoch: int
    by: str
    at: dt.datetime
    because: str

    def line(self) -> str:
        """Return the position, the operator and the reason as one line."""
        at = self.position
        where = f"epoch {self.epoch} {at.topic}/{at.partition}@{at.offset}"
        return f"given up: {where} by {self.by}, {self.at:%Y-%m-%d %H:%M}Z: {self.because}"


@dataclass(slots=True)
class Letters:
    """The contents of the dead letters of one topic.

    Attributes:
        by_number: each position once, under its first number, in the order in which it was first set aside.
        given_up: positions that an operator gave up, each once.
        foreign_count: number of records that are neither a letter nor a mark; they are ignored.
    """

    by_number: dict[int, DeadLetter] = field(default_factory=dict)
    given_up: dict[tuple[int, Position], GivenUp] = field(default_factory=dict)
    foreign_count: int = 0


def letters_of(log: EventLog, topic: str) -> Letters:
    """Read the dead letters of one topic, from the first retained one.

    Raises:
        LogUnavailable: the log does not answer.
    """
    found = Letters()
    numbers: dict[tuple[int, Position], int] = {}
    for record in _records(log, topic_named(topic).dead_letters):
        try:
            _note(found, numbers, record, topic)
        except (KeyError, ValueError, OverflowError):
            found.foreign_count += 1
    return found


def letters_from(log: EventLog, topic: str, start: int) -> Iterator[tuple[list[DeadLetter], int]]:
    """Yield the letters of one topic page by page from a number on, each page with the number after its last record.

    Marks and foreign records are left out, and a record that was set aside twice comes twice.

    Raises:
        LogUnavailable: the log does not answer.
    """
    name = topic_named(topic).dead_letters
    start = max(start, log.first_positions(name)[0])
    while records := log.read(name, 0, start, _PAGE):
        start = records[-1].position.offset + 1
        yield [letter for record in records if (letter := _letter_or_none(record, topic))], start


def _letter_or_none(record: Record, topic: str) -> DeadLetter | None:
    try:
        return _letter(record, topic)
    except (KeyError, ValueError, OverflowError):
        return None


def replay_mark(letter: DeadLetter, at: dt.datetime) -> Message:
    """Return the mark of a replayed letter."""
    return Message(letter.key, b"", {_REPLAYED: str(letter.number), "replayed_at": at.isoformat()})


def skip_mark(one: GivenUp) -> Message:
    """Return the mark of a given-up position."""
    at = one.position
    headers = {
        "topic": at.topic,
        "partition": str(at.partition),
        "offset": str(at.offset),
        "epoch": str(one.epoch),
    }
    said = {_GIVEN_UP: one.at.isoformat(), "given_up_by": one.by, "given_up_because": one.because}
    return Message("given up", b"", headers | said)


def _note(found: Letters, numbers: dict[tuple[int, Position], int], record: Record, topic: str) -> None:
    headers, letters = record.headers, found.by_number
    if _REPLAYED in headers:
        number, at = int(headers[_REPLAYED]), _instant(headers["replayed_at"])
        if number in letters:  # else the letter itself is deleted
            letters[number] = replace(letters[number], replayed_at=at)
    elif _GIVEN_UP in headers:
        position, epoch = _place(headers, topic)
        mark = GivenUp(
            position, epoch, headers["given_up_by"], _instant(headers[_GIVEN_UP]), headers["given_up_because"]
        )
        found.given_up.setdefault((epoch, position), mark)
    else:
        letter = _letter(record, topic)
        first = numbers.setdefault((letter.epoch, letter.position), letter.number)
        if first == letter.number:
            letters[first] = letter
        else:
            letters[first] = replace(letters[first], times=letters[first].times + 1)


def _records(log: EventLog, letters_topic: str) -> Iterator[Record]:
    """Yield the records of a dead-letter topic; it has one partition, so its offsets number the letters."""
    start = log.first_positions(letters_topic)[0]
    while records := log.read(letters_topic, 0, start, _PAGE):
        yield from records
        start = records[-1].position.offset + 1


def _letter(record: Record, topic: str) -> DeadLetter:
    headers = record.headers
    position, epoch = _place(headers, topic)
    return DeadLetter(
        number=record.position.offset,
        position=position,
        epoch=epoch,
        reason=headers["reason"],
        message=headers["message"],
        field=headers["field"] or None,
        group=headers["group"],
        first_seen_at=_instant(headers["first_seen_at"]),
        key=record.key,
        value=record.value,
        original_headers={
            name.removeprefix(ORIGINAL_HEADER): value
            for name, value in headers.items()
            if name.startswith(ORIGINAL_HEADER)
        },
        size=int(headers.get(SIZE, len(record.value))),
        sha256=headers.get(SHA256),
    )


def _place(headers: Mapping[str, str], topic: str) -> tuple[Position, int]:
    """Return the position and epoch in a mark's headers, checked against this topic and the bounds of a log.

    Raises:
        KeyError: a header is missing.
        ValueError: the position is impossible.
    """
    position = Position(headers["topic"], int(headers["partition"]), int(headers["offset"]))
    epoch = int(headers["epoch"])
    partitions = topic_named(topic).partitions
    inside = 0 <= position.partition < partitions and 0 <= position.offset < _MOST_OFFSETS
    if position.topic != topic or not inside or not 0 < epoch < _MOST_EPOCHS:
        raise ValueError("no place of this topic")
    return position, epoch


def _instant(text: str) -> dt.datetime:
    instant = dt.datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant without its zone")
    return instant
