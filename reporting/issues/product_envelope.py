"""The envelope of what the product itself says: from which feed, about what, under which id."""

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
    """Return the members of the envelope; ids follow from what is said, so that saying it again counts once.

    Args:
        source: the feed, see `feed`.
        subject: what it is about.
        event_id: of the event.
        at: when it is so.
        cause: the event that it follows from, if one is.
        recorded_at: when it is said, where that is not the same.
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
    """Name the feed of a step for one commune."""
    return f"/vn/{province_code}/{unit_code}/{step}"


def signal_id(issue_id: UUID, trigger: str) -> UUID:
    """Return the id of a signal: one of a kind for an issue, whichever step sees it first."""
    return uuid5(issue_id, f"signal.raised:{trigger}")
