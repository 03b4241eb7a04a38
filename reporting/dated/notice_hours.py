"""Dated hours of notices: office hours by the working calendar, and the hour of the daily digest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reporting.dated.calendar import LOCAL, WorkingCalendar, local_day
from reporting.dated.csv_rows import Row, Validity, check_apart, rows, table_error

_TABLE = "notice_hours.csv"
_COLUMNS = ("opens_at", "digest_at", "source", "confidence", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class NoticeHours:
    """Hours of one working day, local time; the working calendar gives the end of the office day.

    Attributes:
        opens_at: notices wait before this time, and after the end of the office day.
        digest_at: time of the daily digest.
    """

    opens_at: dt.time
    digest_at: dt.time
    source: str
    confidence: str
    validity: Validity


class NoticeHoursTable:
    """All rows; built by `parse_notice_hours`."""

    def __init__(self, hours: Sequence[NoticeHours]) -> None:
        self._hours = tuple(hours)

    def on(self, day: dt.date) -> NoticeHours:
        """Return the hours that hold on a local day; before the first row, the first row's."""
        return next((row for row in self._hours if row.validity.holds_on(day)), self._hours[0])

    def leaves_at(
        self, at: dt.datetime, calendar: WorkingCalendar, *, urgent: bool = False, daily: bool = False
    ) -> dt.datetime:
        """Return the instant (UTC) at which a notice that arises at an instant may be sent.

        Args:
            urgent: send at once, by day and night.
            daily: wait for the next digest.

        Raises:
            OutsideCalendar: the day lies before 1990 or after 2099.
        """
        if urgent:
            return at
        day = local_day(at)
        if calendar.is_working(day):
            hours = self.on(day)
            begins_at = _instant(day, hours.digest_at if daily else hours.opens_at)
            if at <= begins_at:
                return begins_at
            if not daily and at < calendar.day_end(day):
                return at
        following = calendar.add_working_days(day, 1)
        hours = self.on(following)
        return _instant(following, hours.digest_at if daily else hours.opens_at)


def parse_notice_hours(notice_hours_csv: str) -> NoticeHoursTable:
    """Read the table.

    Raises:
        TableError: names file, line and column.
    """
    found = [(_hours(row), row) for row in rows(_TABLE, notice_hours_csv, _COLUMNS)]
    if not found:
        raise table_error(_TABLE, 1, "opens_at", "there must be at least one row")
    check_apart(("hours", hours.validity, row) for hours, row in found)
    return NoticeHoursTable(
        sorted((hours for hours, _ in found), key=lambda hours: hours.validity.valid_from)
    )


def _hours(row: Row) -> NoticeHours:
    return NoticeHours(
        opens_at=row.time("opens_at"),
        digest_at=row.time("digest_at"),
        source=row.text("source"),
        confidence=row.confidence(),
        validity=row.validity(),
    )


def _instant(day: dt.date, at: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, at, LOCAL).astimezone(dt.UTC)
