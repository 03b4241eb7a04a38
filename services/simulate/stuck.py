"""Choose the commune of a simulated province whose outbox is stuck: it gives signs of life, and its records wait."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass

from reporting.dated.calendar import LOCAL, WorkingCalendar, local_day
from services.simulate.profiles import BAT_MOT, Profile
from services.store.outbox import OutboxStats

STUCK_WORKING_DAYS = 3
LEAST_COMMUNES = 20
"""Of fewer communes none is taken out: each stands for many."""
_WAITING = (6, 40)


@dataclass(frozen=True, slots=True)
class StuckOutbox:
    """A commune and the span at the end of a simulation in which nothing of it leaves but signs of life."""

    unit_code: str
    first_on: dt.date
    last_on: dt.date
    depth: int

    def holds(self, unit_code: str, day: dt.date) -> bool:
        """Return whether the records of a commune are stuck on a day."""
        return unit_code == self.unit_code and self.first_on <= day <= self.last_on

    def waiting(self) -> OutboxStats:
        """Return what its heartbeats state: how many records wait, the oldest since the first morning."""
        began = dt.datetime.combine(self.first_on, dt.time(8), LOCAL).astimezone(dt.UTC)
        return OutboxStats(self.depth, began, 0)


def stuck_of(
    profiles: Sequence[Profile], until: dt.datetime, calendar: WorkingCalendar, seed: str
) -> StuckOutbox | None:
    """Return the stuck outbox of a province; None where it has few communes."""
    if len(profiles) < LEAST_COMMUNES:
        return None
    rng = random.Random(f"{seed}:stuck")
    quiet = sorted(each.unit_code for each in profiles if each.unit_code != BAT_MOT and not each.remote)
    last_on, first_on, worked = local_day(until), local_day(until), 0
    while worked < STUCK_WORKING_DAYS:
        first_on -= dt.timedelta(days=1)
        worked += calendar.is_working(first_on)
    return StuckOutbox(rng.choice(quiet), first_on, last_on, rng.randint(*_WAITING)) if quiet else None
