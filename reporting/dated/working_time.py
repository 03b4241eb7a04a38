"""Office time between two instants, and the instant at which a span of it ends; no nights, no days off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from events.fields import DaysKind
from reporting.dated.calendar import WorkingCalendar, local_day
from reporting.dated.clock_policies import SilencePolicy

_NOTHING = dt.timedelta()
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """A calendar with the length of its office day (clock_policies.csv, `office_day`)."""

    calendar: WorkingCalendar
    office_day: dt.timedelta

    def between(self, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
        """Return the office time between two instants; zero where `end` comes first.

        Raises:
            OutsideCalendar: a day lies before 1990 or after 2099.
        """
        if end <= start:
            return _NOTHING
        first, last = local_day(start), local_day(end)
        if first == last:
            return self._within(first, start, end)
        whole = self.calendar.working_days_between(first, last - _DAY)
        return self._within(first, start, end) + whole * self.office_day + self._within(last, start, end)

    def after(self, start: dt.datetime, span: dt.timedelta) -> dt.datetime:
        """Return the first instant at which that much office time has passed since `start`.

        `between(start, after(start, span)) == span` for any span of 0 or more.

        Raises:
            OutsideCalendar: as for `between`.
        """
        if span <= _NOTHING:
            return start
        first = local_day(start)
        today = self._within(first, start, start + _DAY)
        if span <= today:
            return max(start, self._opens_at(first)) + span
        whole, part = divmod(span - today, self.office_day)
        if not part:
            whole, part = whole - 1, self.office_day
        return self._opens_at(self.calendar.add_working_days(first, whole + 1)) + part

    def share(
        self, start: dt.datetime, due: dt.datetime, percent: int, days_kind: DaysKind
    ) -> dt.datetime | None:
        """Return when a share of a deadline is used up; None where the deadline has no length."""
        if days_kind == "calendar":
            return start + (due - start) * percent / 100 if due > start else None
        whole = self.between(start, due)
        return self.after(start, whole * percent / 100) if whole else None

    def put_off(
        self,
        due: dt.datetime,
        pauses: Iterable[tuple[dt.datetime, dt.datetime]],
        days_kind: DaysKind,
    ) -> dt.datetime:
        """Put an instant off by pauses: the time left at the start of each pause is left again at its end.

        Calendar days that would then end on a day off end with the next office day (Civil Code 2015 art. 148).

        Args:
            due: the instant; a pause that began after it changes nothing.
            pauses: (from, to), in order and apart.
            days_kind: whether the time left is office time or all time.
        """
        for began_at, ended_at in pauses:
            if began_at > due:
                continue
            if days_kind == "working":
                due = self.after(ended_at, self.between(began_at, due))
            else:
                due = self._on_an_office_day(ended_at + (due - began_at))
        return due

    def quiet_before(self, end: dt.datetime, policy: SilencePolicy) -> dt.datetime:
        """Return the instant before which a last sign of life is silence at `end`.

        `is_silent(seen, end, self, policy) == (seen < self.quiet_before(end, policy))`.
        """
        left = dt.timedelta(hours=policy.hours)
        day = local_day(end)
        while True:
            worked = self._within(day, self._opens_at(day), end)
            if worked > left:
                return min(end, self.calendar.day_end(day)) - left
            left -= worked
            day -= _DAY

    def _on_an_office_day(self, instant: dt.datetime) -> dt.datetime:
        day = local_day(instant)
        if self.calendar.is_working(day):
            return instant
        return self.calendar.day_end(self.calendar.add_working_days(day, 1))

    def _opens_at(self, day: dt.date) -> dt.datetime:
        return self.calendar.day_end(day) - self.office_day

    def _within(self, day: dt.date, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
        if not self.calendar.is_working(day):
            return _NOTHING
        closes_at = self.calendar.day_end(day)
        return max(min(end, closes_at) - max(start, closes_at - self.office_day), _NOTHING)


def is_silent(
    last_seen_at: dt.datetime, now: dt.datetime, working_time: WorkingTime, policy: SilencePolicy
) -> bool:
    """Return whether offices have worked longer than the policy allows since a source's last sign of life."""
    return working_time.between(last_seen_at, now) > dt.timedelta(hours=policy.hours)
