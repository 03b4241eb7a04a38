from __future__ import annotations

import datetime as dt

import pytest

from services.language.formats import Formats
from services.language.labels import Lang


@pytest.mark.parametrize(
    ("value", "lang", "written"),
    [
        (1234.5, "vi", "1.234,5"),
        (1234.5, "en", "1,234.5"),
        (1_000_000, "vi", "1.000.000"),
        (0, "vi", "0"),
        (7.0, "en", "7"),
    ],
)
def test_a_number_is_written_as_the_language_does(value: float, lang: Lang, written: str) -> None:
    assert Formats(lang).number(value) == written


def test_a_share_is_written_with_one_decimal() -> None:
    assert Formats().percent(0.975) == "97,5%"
    assert Formats("en").percent(1) == "100.0%"


def test_an_instant_is_written_in_local_time() -> None:
    assert Formats().moment(dt.datetime(2026, 11, 23, 1, 5, tzinfo=dt.UTC)) == "23/11/2026 08:05"
    assert Formats("en").moment(dt.datetime(2026, 11, 23, 18, 0, tzinfo=dt.UTC)) == "2026-11-24 01:00"


def test_the_day_of_an_instant_is_the_local_one() -> None:
    assert Formats().day(dt.datetime(2026, 11, 23, 18, 0, tzinfo=dt.UTC)) == "24/11/2026"
    assert Formats().day(dt.date(2026, 11, 23)) == "23/11/2026"


def test_days_name_their_kind() -> None:
    assert Formats().days(3) == "3 ngày làm việc"
    assert Formats().days(15, kind="calendar") == "15 ngày"
    assert Formats("en").days(1) == "1 working day"
    assert Formats("en").days(2, kind="calendar") == "2 days"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(5, "vừa xong"), (420, "7 phút trước"), (3 * 3600, "3 giờ trước"), (26 * 3600, "22/11/2026 06:00")],
)
def test_the_recent_past_is_said_in_words(seconds: int, written: str) -> None:
    now = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)
    assert Formats().ago(now - dt.timedelta(seconds=seconds), now) == written


@pytest.mark.parametrize(
    ("days", "vi", "en"),
    [(0, "hôm nay", "today"), (1, "còn 1 ngày", "1 day left"), (-5, "quá 5 ngày", "5 days over")],
)
def test_a_deadline_is_said_from_today(days: int, vi: str, en: str) -> None:
    assert Formats().until(days) == vi
    assert Formats("en").until(days) == en


def test_the_year_is_said_only_where_it_is_another() -> None:
    today = dt.date(2026, 11, 30)
    assert Formats().short_day(dt.date(2026, 11, 5), today) == "05/11"
    assert Formats("en").short_day(dt.date(2026, 11, 5), today) == "5 Nov"
    assert Formats().short_day(dt.date(2027, 1, 5), today) == "05/01/2027"
