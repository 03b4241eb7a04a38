"""Nights and days off are not silence."""

from __future__ import annotations

import datetime as dt

import pytest

from reporting.dated.working_time import is_silent
from tests.reporting.stories import tables

TIME = tables().working_time
POLICY = tables().competence.silence(dt.date(2025, 10, 13))


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """Return a local instant of October 2025."""
    return dt.datetime(2025, 10, day, hour, minute, tzinfo=dt.timezone(dt.timedelta(hours=7))).astimezone(
        dt.UTC
    )


@pytest.mark.parametrize(
    ("last_seen", "now", "silent"),
    [
        (at(13, 8), at(13, 12), False),
        (at(13, 8), at(13, 12, 1), True),
        (at(13, 16, 30), at(14, 7, 30), False),  # over night
        (at(13, 16, 30), at(14, 10, 30), False),
        (at(13, 16, 30), at(14, 10, 31), True),
        (at(17, 16), at(20, 9), False),  # over the weekend
        (at(17, 16), at(20, 10, 1), True),
        (at(1, 8), at(31, 8), True),
        (at(14, 8), at(13, 8), False),  # heard in the future: clocks differ
    ],
)
def test_only_office_hours_count(last_seen: dt.datetime, now: dt.datetime, silent: bool) -> None:
    assert is_silent(last_seen, now, TIME, POLICY) is silent
