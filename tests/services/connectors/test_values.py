from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.connectors.values import moment, pattern_of, truth, whole_number

FORMS = ("dd/mm/yyyy hh:mm:ss", "dd/mm/yyyy hh:mm", "dd/mm/yyyy")
ZONE = "Asia/Ho_Chi_Minh"
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31))
INSTANTS = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2099, 12, 31))  # noqa: DTZ001 -- wall clocks


@settings(max_examples=200, deadline=None)
@given(DAYS)
def test_every_day_is_read_back_from_each_way_of_writing_it(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    for text in (
        f"{day:%d/%m/%Y}",
        f"{day.day}/{day.month}/{day.year}",
        day.isoformat(),
        str(serial),
        f"{serial}.0",
    ):
        assert moment(text, FORMS, ZONE) == day
    assert moment(f"{day:%Y%m%d}", ("yyyymmdd",), ZONE) == day


@settings(max_examples=200, deadline=None)
@given(INSTANTS)
def test_every_instant_is_read_back_to_what_its_form_holds(wall: dt.datetime) -> None:
    local = wall.replace(tzinfo=dt.timezone(dt.timedelta(hours=7)), microsecond=0)
    assert moment(f"{wall:%d/%m/%Y %H:%M:%S}", FORMS, ZONE) == local
    assert moment(f"{wall:%d/%m/%Y  %H:%M}", FORMS, ZONE) == local.replace(second=0)
    assert moment(wall.isoformat(" ", "seconds"), FORMS, ZONE) == local
    assert moment(local.isoformat(), FORMS, ZONE) == local
    serial = (wall.replace(microsecond=0) - dt.datetime(1899, 12, 30)).total_seconds() / 86400  # noqa: DTZ001 -- as above
    if not serial.is_integer():
        assert moment(f"{serial:.10f}", FORMS, ZONE) == local


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_no_text_makes_the_date_reader_fall(text: str) -> None:
    found = moment(text, FORMS, ZONE)
    assert found is None or 1990 <= found.year <= 2099


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2026",
        "13/13/2026",
        "00/01/2026",
        "1/1/26",
        "2026-02-30",
        "01/01/1890",
        "01/01/2150",
        "25/12/2026 24:61",
        "999999",
        "12345",
        "0912345678",
        "٠١/٠١/٢٠٢٦",
        "2026-01-01T99:00",
        "",
        "tháng 3",
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert moment(text, FORMS, ZONE) is None


def test_a_serial_day_is_a_day_only_where_the_mapping_allows_it() -> None:
    assert moment("46348", FORMS, ZONE) == dt.date(2026, 11, 22)
    assert moment("46348.5", FORMS, ZONE) == dt.datetime(2026, 11, 22, 5, tzinfo=dt.UTC)
    assert moment("46348", FORMS, ZONE, excel_serial=False) is None


def test_a_two_digit_year_needs_its_own_form() -> None:
    assert moment("1/2/26", ("d/m/yy",), ZONE) == dt.date(2026, 2, 1)


@pytest.mark.parametrize("form", ["dd/mm", "dd/mm/yyyy qq", "mm/mm/yyyy", "yyyyy/mm/dd", "%d/%m/%Y", "hh:mm"])
def test_a_date_form_that_cannot_work_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match="date form"):
        pattern_of(form)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 999_999_999_999), st.sampled_from([".", ",", " "]))
def test_whole_numbers_are_read_with_and_without_thousands(number: int, mark: str) -> None:
    assert whole_number(str(number)) == number
    assert whole_number(f"{number:,}".replace(",", mark)) == number


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=20))
def test_no_text_makes_the_number_reader_fall(text: str) -> None:
    found = whole_number(text)
    assert found is None or found >= 0


@pytest.mark.parametrize("text", ["", "-3", "1.5", "12,34", "1.234,567", "1e9", "٣", "3 hồ sơ"])
def test_what_is_no_whole_number_is_none(text: str) -> None:
    assert whole_number(text) is None


def test_yes_and_no_are_read_and_nothing_else() -> None:
    assert (truth("qua han"), truth("trong han"), truth("x"), truth("co the")) == (True, False, True, None)
