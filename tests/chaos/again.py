"""Deliver again: append records of a log once more, as a producer does after a lost acknowledgement."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from events.errors import LogError
from events.log import EventLog, Message, Record
from events.topics import TRUTH_TOPICS
from tests.chaos.verdict import records_of
from tests.journeys.installation import eventually

PAGE = 2_000
PATIENCE = 240.0


def append_again(log: EventLog, chosen: Callable[[Record], bool] = lambda _: True) -> int:
    """Append the chosen records of every topic of truth once more; return how many."""
    total = 0
    for topic in TRUTH_TOPICS:
        records = [record for record in records_of(log, topic.name) if chosen(record)]
        for start in range(0, len(records), PAGE):
            some = records[start : start + PAGE]
            append_until_taken(log, topic.name, [Message(one.key, one.value, one.headers) for one in some])
        total += len(records)
    return total


def append_until_taken(log: EventLog, topic: str, messages: list[Message]) -> None:
    """Append, and append again what the log did not take in its time, as a relay does; it may then lie there twice."""
    eventually(partial(_taken, log, topic, messages), PATIENCE)


def _taken(log: EventLog, topic: str, messages: list[Message]) -> bool:
    try:
        return bool(log.append(topic, messages))
    except LogError:
        return False
