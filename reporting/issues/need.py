"""What an item of work needs, and when: its group in a list, and its place within the group.

One rule for every list, count and mark: near is what is due by the end of the next working day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from reporting.dated.calendar import WorkingCalendar, local_day
from reporting.issues.clock import IssueClock
from reporting.issues.state import LIVE, Escalation, IssueState
from reporting.keyset import Key, instant_key

Need = Literal["past", "today", "next", "later", "elsewhere", "stopped", "done"]
"""In the order of a list: past its time, due today, due on the next working day, with time left, somebody else's
move, its clock stands, nobody's move."""

NEEDS: tuple[Need, ...] = get_args(Need)
_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)
_GRAVITY = {"urgent": 0, "high": 1, "medium": 2, "low": 3}


@dataclass(frozen=True, slots=True)
class Item:
    """An item of work: an issue by itself, or one of its hand-offs."""

    issue: IssueState
    hand_off: Escalation | None = None

    @property
    def id(self) -> str:
        """Return the id by which lists know the item: of the hand-off, or of the issue."""
        return str(self.issue.id if self.hand_off is None else self.hand_off.id)

    @property
    def is_ended(self) -> bool:
        """Return whether nobody has a step to take any more."""
        if not self.issue.is_open:
            return True
        one = self.hand_off
        if one is None or one.state in LIVE or one.awaits_office_since is not None:
            return False
        if one.state == "answered":
            return self.clock is None
        return one.state != "returned" or one.replaced_by is not None

    @property
    def clock(self) -> IssueClock | None:
        """Return the open deadline that comes first."""
        return open_clock(self.issue, self.hand_off)

    @property
    def since(self) -> dt.datetime:
        """Return since when the item waits: since it was sent, or since the report."""
        one = self.hand_off
        if one is None:
            return self.issue.reported_at
        return one.sent_at or one.proposed_at


@dataclass(frozen=True, slots=True)
class Today:
    """A day as deadlines are seen from it; built by `today_of`."""

    now: dt.datetime
    on: dt.date
    next_on: dt.date


def today_of(now: dt.datetime, calendar: WorkingCalendar) -> Today:
    """Return the day of an instant, and the working day after it."""
    on = local_day(now)
    return Today(now, on, calendar.add_working_days(on, 1))


def open_clock(issue: IssueState, one: Escalation | None) -> IssueClock | None:
    """Return the open deadline that comes first, of one hand-off or of the whole issue."""
    wanted = (
        clock
        for clock in issue.clocks
        if clock.state in {"running", "paused", "breached"}
        and clock.stopped_at is None
        and (one is None or clock.escalation_id == one.id)
    )
    return min(wanted, key=lambda clock: clock.due_at, default=None)


def is_past(clock: IssueClock, now: dt.datetime) -> bool:
    """Return whether an open deadline went by; one that stands still has not."""
    return clock.state == "breached" or (clock.state == "running" and now > clock.due_at)


def is_near(clock: IssueClock, today: Today) -> bool:
    """Return whether an open deadline ends today or on the next working day."""
    running = clock.state == "running" and not is_past(clock, today.now)
    return running and local_day(clock.due_at) <= today.next_on


def need_of(item: Item, ours: frozenset[str] | None, today: Today) -> Need:
    """Return the group of an item.

    Args:
        ours: the bodies whose steps the reader looks after; None stands for all.
    """
    clock = item.clock
    if clock is None:
        return "done" if item.is_ended else "later" if _is_ours(item.issue.holder_body, ours) else "elsewhere"
    if clock.state == "paused":
        return "stopped"
    return "past" if is_past(clock, today.now) else _ahead(clock, ours, today)


def _ahead(clock: IssueClock, ours: frozenset[str] | None, today: Today) -> Need:
    if not _is_ours(clock.holder_body, ours):
        return "elsewhere"
    if not is_near(clock, today):
        return "later"
    return "today" if local_day(clock.due_at) <= today.on else "next"


def by_need(items: Iterable[Item], ours: frozenset[str] | None, today: Today) -> list[tuple[Need, Item]]:
    """Return items with their groups: groups in order, then the gravest, the first due, the oldest."""
    found = [(need_of(item, ours, today), item) for item in items]
    return sorted(found, key=lambda pair: place_of(*pair))


def place_of(need: Need, item: Item) -> Key:
    """Return the place of an item in a list by need; no other item has the same."""
    clock = item.clock
    due_at = clock.due_at if clock is not None else _NEVER
    return (
        NEEDS.index(need),
        gravity(item.issue),
        instant_key(due_at),
        instant_key(item.since),
        item.id,
    )


def gravity(issue: IssueState) -> int:
    """Return the rank of an issue's severity, the gravest first."""
    return _GRAVITY[issue.report.severity]


def _is_ours(body: str | None, ours: frozenset[str] | None) -> bool:
    return ours is None or body in ours
