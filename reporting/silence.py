"""When a source counts as silent: working hours without a sign of life, nights and days off not counted."""

from __future__ import annotations

import datetime as dt

from reporting.calendar import WorkingCalendar, local_day
from reporting.clock_policies import SilencePolicy


def is_silent(
    last_seen_at: dt.datetime, now: dt.datetime, calendar: WorkingCalendar, policy: SilencePolicy
) -> bool:
    """Tell whether offices have worked longer than the policy allows since a source was last heard."""
    allowed = dt.timedelta(hours=policy.hours)
    return (
        now - last_seen_at > allowed and office_time(last_seen_at, now, calendar, policy, allowed) > allowed
    )


def office_time(
    start: dt.datetime,
    end: dt.datetime,
    calendar: WorkingCalendar,
    policy: SilencePolicy,
    enough: dt.timedelta = dt.timedelta.max,
) -> dt.timedelta:
    """Add up the office hours between two instants; stops counting once there is more than `enough`."""
    length = dt.timedelta(hours=policy.office_day_hours)
    total = dt.timedelta()
    day, last = local_day(start), local_day(end)
    while day <= last and total <= enough:
        if calendar.is_working(day):
            closes_at = calendar.day_end(day)
            total += max(min(end, closes_at) - max(start, closes_at - length), dt.timedelta())
        day += dt.timedelta(days=1)
    return total
