"""The envelope of the events that the product itself emits: their feed, subject and id."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID, uuid5

from reporting.dated.bodies import NATION


def envelope(
    source: str,
    subject: UUID | str,
    event_id: UUID,
    at: dt.datetime,
    *,
    cause: UUID | None = None,
    recorded_at: dt.datetime | None = None,
) -> dict[str, Any]:
    """Return the members of the envelope; `event_id` is derived, so an event emitted twice counts once.

    Args:
        source: the feed, see `feed`.
        subject: the id of the issue, problem or spot.
        event_id: the id of the event.
        at: the instant of the fact.
        cause: the event from which this one follows, if any.
        recorded_at: the instant of emission, where it differs from `at`.
    """
    return {
        "id": event_id,
        "source": source,
        "subject": str(subject),
        "partition_key": str(subject),
        "time": at,
        "recorded_at": recorded_at or at,
        "causation_id": cause,
        "actor_role": "system",
        "actor_unit": NATION,
    }


def feed(step: str, province_code: str, unit_code: str) -> str:
    """Return the feed of a processor for one commune."""
    return f"/vn/{province_code}/{unit_code}/{step}"


def signal_id(issue_id: UUID, trigger: str) -> UUID:
    """Return the id of a signal: one per trigger and issue, whichever processor emits it first."""
    return uuid5(issue_id, f"signal.raised:{trigger}")
