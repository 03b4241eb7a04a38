"""List, show, replay and give up dead letters; the command line calls this.

A replay appends the raw bytes to their original topic, under their own key, and then a mark to the dead letters.
After a crash between the two the next replay appends them again: steps handle a repeated event without harm.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Sequence

from events.log import EventLog, Message, Position
from events.topics import DEAD_LETTER_TOPICS, TRUTH_TOPICS, topic_named
from services.consuming.letters import DeadLetter, GivenUp, Letters, letters_of, replay_mark, skip_mark
from services.errors import BadInput, NotFound

BECAUSE_CHARACTERS = 600
_POSITION = re.compile(r"([a-z-]+)/([0-9]{1,5})/([0-9]{1,18})(?:/([0-9]{1,5}))?")


def listing(log: EventLog, topic: str | None = None) -> list[DeadLetter]:
    """Return the dead letters of one topic or of all, each once, in the order in which they were first set aside.

    Args:
        log: the log that holds them.
        topic: a topic or its dead letters (`cases` or `cases-dlq`); None means every topic.

    Raises:
        UnknownTopic: no such topic.
    """
    return [letter for letters in survey(log, topic) for letter in letters.by_number.values()]


def survey(log: EventLog, topic: str | None = None) -> list[Letters]:
    """Return the contents of the dead letters of one topic or of all: letters, given-up positions, foreign records.

    Raises:
        UnknownTopic: no such topic.
    """
    names = [t.name for t in TRUTH_TOPICS] if topic is None else [_truth_topic(topic)]
    return [letters_of(log, name) for name in names]


def show(log: EventLog, topic: str, number: int) -> DeadLetter:
    """Return one dead letter.

    Raises:
        UnknownTopic: no such topic.
        NotFound: the topic has no dead letter of this number.
    """
    return _numbered(letters_of(log, _truth_topic(topic)).by_number, topic, number)


def replay(
    log: EventLog,
    topic: str,
    numbers: Collection[int] | None = None,
    *,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> int:
    """Append dead letters to their topic again, each position once; those replayed before are skipped.

    Without `numbers`, letters that exceed the topic's size limit are skipped too.

    Args:
        log: the log that holds them.
        topic: the topic or its dead letters.
        numbers: numbers of the letters; None means all.
        clock: returns the instant of the marks.

    Returns:
        How many were appended.

    Raises:
        UnknownTopic: no such topic.
        NotFound: no dead letter has one of these numbers; nothing was appended.
        BadInput: one of these letters is too large; nothing was appended.
    """
    name = _truth_topic(topic)
    letters = letters_of(log, name).by_number
    chosen = (
        letters.values() if numbers is None else [_numbered(letters, topic, n) for n in sorted(set(numbers))]
    )
    waiting = [letter for letter in chosen if letter.replayed_at is None]
    large = [letter for letter in waiting if not _can_be_sent(letter)]
    if large and numbers is not None:
        raise BadInput(
            f"dead letter {large[0].number} of {name} has {large[0].size} bytes, and {name} takes "
            f"{topic_named(name).max_event_bytes}: nothing was sent; ask who sent it for something smaller",
            field="number",
        )
    sent = [letter for letter in waiting if _can_be_sent(letter)]
    for letter in sent:
        log.append(name, [Message(letter.key, letter.value, letter.original_headers)])
        log.append(topic_named(name).dead_letters, [replay_mark(letter, clock())])
    return len(sent)


def skip(
    log: EventLog, positions: Sequence[str], because: str, *, by: str, clock: Callable[[], dt.datetime]
) -> list[GivenUp]:
    """Give up positions, durably: audit, replay and doctor count them as accounted for, and list them.

    Args:
        log: the log whose dead letters hold the marks.
        positions: each as TOPIC/PARTITION/OFFSET, with /EPOCH for an earlier log.
        because: the reason.
        by: the operator.
        clock: returns the instant of the marks.

    Returns:
        The positions that were not given up before.

    Raises:
        BadInput: the log has no such position, or the reason is missing; nothing was appended.
        UnknownTopic: no such topic; nothing was appended.
    """
    reason = because.strip()[:BECAUSE_CHARACTERS]
    if not reason:
        raise BadInput("say why, in a few words: --reason", field="reason")
    wanted = [GivenUp(*_position_of(log, text), by, clock(), reason) for text in positions]
    known = {topic: letters_of(log, topic).given_up for topic in {one.position.topic for one in wanted}}
    fresh = {(one.epoch, one.position): one for one in wanted}
    fresh = {place: one for place, one in fresh.items() if place not in known[one.position.topic]}
    for one in fresh.values():
        log.append(topic_named(one.position.topic).dead_letters, [skip_mark(one)])
    return list(fresh.values())


def _position_of(log: EventLog, text: str) -> tuple[Position, int]:
    found = _POSITION.fullmatch(text)
    if found is None:
        raise BadInput(
            f"{text!r} is no position: write TOPIC/PARTITION/OFFSET, as in issues/6/1204", field="position"
        )
    topic, partition, offset = topic_named(found[1]).name, int(found[2]), int(found[3])
    if topic_named(topic) in DEAD_LETTER_TOPICS:
        # Offsets there number letters: the same offset of the topic itself is another record, and may have landed.
        raise BadInput(
            f"{text!r} is a dead letter, and is accounted for; name the position that `dlq show` tells of it",
            field="position",
        )
    epoch = log.epoch if found[4] is None else int(found[4])
    ends = log.end_positions(topic)
    if (
        partition not in ends
        or not 0 < epoch <= log.epoch
        or (epoch == log.epoch and offset >= ends[partition])
    ):
        raise BadInput(f"{text}: the log of epoch {epoch} has no such position", field="position")
    return Position(topic, partition, offset), epoch


def _can_be_sent(letter: DeadLetter) -> bool:
    return letter.whole and letter.size <= topic_named(letter.position.topic).max_event_bytes


def refused_positions(log: EventLog, topic: str) -> frozenset[Position]:
    """Return the positions of this log that were set aside, which the audit counts as accounted for."""
    letters = letters_of(log, _truth_topic(topic)).by_number.values()
    return frozenset(letter.position for letter in letters if letter.epoch == log.epoch)


def _truth_topic(name: str) -> str:
    topic = topic_named(name)
    if topic in DEAD_LETTER_TOPICS:
        return name.removesuffix("-dlq")
    return topic.name


def _numbered(letters: dict[int, DeadLetter], topic: str, number: int) -> DeadLetter:
    try:
        return letters[number]
    except KeyError:
        raise NotFound(f"{topic} has no dead letter {number}; see the list", field="number") from None
