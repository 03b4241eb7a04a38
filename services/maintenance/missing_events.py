"""Timed events that are missing: breaches of deadlines past due, missed promises."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from events.topics import ISSUES
from reporting.dated.calendar import local_day
from reporting.promises.register import Spot
from services.streams.decide import Decide
from services.warehouse.promise_table import PromiseTable

if TYPE_CHECKING:
    from events.log import EventLog
    from services.warehouse.client import Warehouse

WATCH_TAKES_MINUTES = 10
"""The watch runs every 30 seconds and emits for at most 5,000 clocks each time."""


def watched_until(warehouse: Warehouse, log: EventLog) -> dt.datetime | None:
    """Return the instant before which every timed event should be folded; None where it is unknown.

    It is unknown where nothing landed for long enough, and while issues wait to be folded.
    """
    done = log.committed(Decide.group, ISSUES.name)
    if any(done.get(lane, 0) < end for lane, end in log.end_positions(ISSUES.name).items()):
        return None
    [row] = warehouse.query("audit_watched", minutes=WATCH_TAKES_MINUTES)
    found: dt.datetime | None = row["watched_until"]
    return found


def missing_events(warehouse: Warehouse, until: dt.datetime, limit: int) -> dict[str, tuple[str, ...]]:
    """Return the clocks and promises that lack an event due by an instant: check → ids."""
    clocks = warehouse.query("audit_overdue", watched_until=until, limit=limit)
    spots = PromiseTable(warehouse).within("/vn")
    missed = [line for spot in spots if (line := _missed(spot, until)) is not None]
    return {
        "audit_overdue": tuple(
            f"issue {row['issue_id']} of {row['unit_code']}: clock {row['clock_id']} {row['what']}"
            f" at {row['at']:%Y-%m-%d %H:%M:%S} UTC and still runs, no event was emitted"
            for row in clocks
        ),
        "audit_missed": tuple(missed[:limit]),
    }


def _missed(spot: Spot, until: dt.datetime) -> str | None:
    held = spot.promise
    if held is None or held.made_at >= until or not spot.is_missed_unsaid(local_day(until)):
        return None
    return f"promise entry {spot.id} of {spot.unit_code}: {held.promised_on} went by and no event was emitted"
