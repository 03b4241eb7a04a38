"""Set aside what cannot be read or landed: into the topic's dead letters, with its reason and where it lay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from events.errors import LienCapError
from events.log import EventLog, Message, Record
from events.topics import topic_named

REASON_CHARACTERS = 600
ORIGINAL_HEADER = "original."
"""Prefix under which the headers of the record itself travel."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A record and what is wrong with it."""

    record: Record
    fault: LienCapError


def set_aside(log: EventLog, refused: Sequence[Refused], *, group: str, seen_at: dt.datetime) -> None:
    """Append refused records of one topic to its dead letters: raw bytes, with reason and position as headers.

    Called before the position is committed: a crash between the two leaves a dead letter twice, never not at all.

    Raises:
        LogUnavailable: a passing fault; call again.
    """
    by_topic: dict[str, list[Message]] = {}
    for one in refused:
        letters = topic_named(one.record.position.topic).dead_letters
        by_topic.setdefault(letters, []).append(_letter(one, log.epoch, group, seen_at))
    for letters, messages in by_topic.items():
        log.append(letters, messages)


def _letter(refused: Refused, epoch: int, group: str, seen_at: dt.datetime) -> Message:
    record, fault = refused.record, refused.fault
    headers = {ORIGINAL_HEADER + name: value for name, value in record.headers.items()}
    headers |= {
        "topic": record.position.topic,
        "partition": str(record.position.partition),
        "offset": str(record.position.offset),
        "epoch": str(epoch),
        "reason": fault.slug,
        "message": fault.message[:REASON_CHARACTERS],
        "field": fault.field or "",
        "group": group,
        "first_seen_at": seen_at.isoformat(),
        "appended_at": record.appended_at.isoformat(),
    }
    return Message(record.key, record.value, headers)
