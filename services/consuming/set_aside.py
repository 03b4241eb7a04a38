"""Set aside unreadable records: append them to the topic's dead letters, with reason and position."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from events.errors import ContractError, EventTooLarge
from events.log import EventLog, Message, Record
from events.topics import topic_named

REASON_CHARACTERS = 600
ORIGINAL_HEADER = "original."
"""Prefix under which the headers of the record itself travel."""

SIZE, SHA256 = "size", "sha256"
"""Headers of a letter that has only the first bytes of its record."""
KEPT_BYTES = 4_000
KEY_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A record and its error."""

    record: Record
    error: ContractError


def set_aside(log: EventLog, refused: Sequence[RefusedRecord], *, group: str, seen_at: dt.datetime) -> None:
    """Append refused records of one topic to its dead letters: raw bytes, with reason and position as headers.

    A record over the size limit of the dead letters is shortened to its first bytes and the hash of all.

    Called before the position is committed: after a crash between the two a dead letter appears twice, never not at all.

    Raises:
        LogUnavailable: a passing error; call again.
    """
    by_topic: dict[str, list[RefusedRecord]] = {}
    for one in refused:
        by_topic.setdefault(topic_named(one.record.position.topic).dead_letters, []).append(one)
    for letters, some in by_topic.items():
        about = partial(_headers, epoch=log.epoch, group=group, seen_at=seen_at)
        try:
            log.append(letters, [_whole(one, about(one)) for one in some])
        except EventTooLarge:
            for one in some:  # the broker does not name the record
                _append_one(log, letters, one, about(one))


def _append_one(log: EventLog, letters: str, one: RefusedRecord, headers: dict[str, str]) -> None:
    """Append a letter; shortened where the dead letters refuse it too, because no record may block its topic."""
    try:
        log.append(letters, [_whole(one, headers)])
    except EventTooLarge:
        log.append(letters, [_in_short(one, headers)])


def _headers(refused: RefusedRecord, *, epoch: int, group: str, seen_at: dt.datetime) -> dict[str, str]:
    record, error = refused.record, refused.error
    return {
        "topic": record.position.topic,
        "partition": str(record.position.partition),
        "offset": str(record.position.offset),
        "epoch": str(epoch),
        "reason": error.slug,
        "message": error.message[:REASON_CHARACTERS],
        "field": (error.field or "")[:REASON_CHARACTERS],
        "group": group,
        "first_seen_at": seen_at.isoformat(),
        "appended_at": record.appended_at.isoformat(),
    }


def _whole(refused: RefusedRecord, headers: dict[str, str]) -> Message:
    record = refused.record
    original = {ORIGINAL_HEADER + name: value for name, value in record.headers.items()}
    return Message(record.key, record.value, original | headers)


def _in_short(refused: RefusedRecord, headers: dict[str, str]) -> Message:
    """Return a shortened letter: first bytes and hash; the record itself is at its position."""
    record = refused.record
    digest = hashlib.sha256(record.value).hexdigest()
    kept = {SIZE: str(len(record.value)), SHA256: digest}
    return Message(record.key[:KEY_CHARACTERS], record.value[:KEPT_BYTES], headers | kept)
