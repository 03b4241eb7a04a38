"""Deliver again: append records of a log once more, as a producer does after a lost acknowledgement."""

from __future__ import annotations

from collections.abc import Callable

from events.log import EventLog, Message, Record
from events.topics import TRUTH_TOPICS
from tests.chaos.verdict import records_of

PAGE = 2_000


def append_again(log: EventLog, chosen: Callable[[Record], bool] = lambda _: True) -> int:
    """Append the chosen records of every topic of truth once more; return how many."""
    total = 0
    for topic in TRUTH_TOPICS:
        records = [record for record in records_of(log, topic.name) if chosen(record)]
        for start in range(0, len(records), PAGE):
            some = records[start : start + PAGE]
            log.append(topic.name, [Message(one.key, one.value, one.headers) for one in some])
        total += len(records)
    return total
