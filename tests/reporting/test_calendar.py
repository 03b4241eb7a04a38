from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.fields import FIRST_DAY, LAST_DAY, DaysKind
from reporting.dated.calendar import LOCAL, WorkingCalendar, build_calendar, local_day
from reporting.errors import OutsideCalendar, TableError
from tests.reporting.tables import altered, lines, shipped

TABLE = "calendar_overrides.csv"
CALENDAR = build_calendar(shipped(TABLE))
THREE_PM = dt.time(15)
days = st.dates(dt.date(1990, 1, 1), dt.date(2096, 12, 31))
instants = st.datetimes(
    dt.datetime.fromisoformat("1990-01-02"),
    dt.datetime.fromisoformat("2097-12-31"),
    timezones=st.just(dt.UTC),
)
cutoffs = st.none() | st.times()


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_the_first_months_of_the_two_tiers_had_74_working_days() -> None:
    assert CALENDAR.working_days_between(day("2025-06-30"), day("2025-10-14")) == 74


@pytest.mark.parametrize(
    ("on", "working"),
    [
        ("2025-04-26", True),  # Saturday worked for 2 May
        ("2025-05-02", False),
        ("2025-09-01", False),
        ("2026-01-02", False),  # swapped with the Saturday
        ("2026-01-10", True),
        ("2026-02-16", False),
        ("2026-04-27", False),  # Monday after a Sunday holiday
        ("2026-08-22", True),
        ("2026-08-31", False),
        ("2026-11-23", True),
        ("2026-11-24", False),
        ("2026-11-22", False),
        ("2027-05-03", False),
    ],
)
def test_holidays_and_worked_saturdays_are_known(on: str, working: bool) -> None:
    assert CALENDAR.is_working(day(on)) is working


def test_the_nth_working_day_passes_over_the_lunar_new_year() -> None:
    assert CALENDAR.add_working_days(day("2026-02-13"), 5) == day("2026-02-27")
    assert CALENDAR.working_days_between(day("2026-01-31"), day("2026-02-28")) == 15
    assert CALENDAR.add_working_days(day("2026-02-14"), 0) == day("2026-02-14")
    assert CALENDAR.add_working_days(day("2025-12-31"), 1) == day("2026-01-05")


def test_what_is_only_proposed_changes_nothing_but_is_known() -> None:
    assert not CALENDAR.is_working(day("2027-02-04"))
    assert CALENDAR.is_working(day("2027-02-11"))
    assert {row.day for row in CALENDAR.proposals()} >= {
        day("2027-02-04"),
        day("2027-02-11"),
        day("2027-02-12"),
    }
    line = next(n for n, row in enumerate(lines(TABLE), 2) if row["day"] == "2027-02-11")
    decided = build_calendar(altered(TABLE, line, "status", "decided"))
    assert not decided.is_working(day("2027-02-11"))


@pytest.mark.parametrize(
    ("received", "due_on"),
    [
        ("2026-11-23T08:00", "2026-11-23"),
        ("2026-11-23T15:00", "2026-11-23"),
        ("2026-11-23T15:00:01", "2026-11-25"),  # the 24th is a holiday
        ("2026-08-21T15:30", "2026-08-22"),  # a worked Saturday
        ("2026-11-21T16:00", "2026-11-23"),  # on a Saturday the hour does not matter
    ],
)
def test_same_day_procedures_follow_the_rule_of_three_pm(received: str, due_on: str) -> None:
    due = CALENDAR.due(at(received), 0, cutoff=THREE_PM)
    assert due.due_on == day(due_on)
    assert due.due_at == at(f"{due_on}T17:00")
    assert due.calendar_version == CALENDAR.version


def test_without_a_cutoff_the_same_day_lasts_until_the_office_closes() -> None:
    assert CALENDAR.due(at("2026-11-23T16:59"), 0).due_on == day("2026-11-23")
    assert CALENDAR.due(at("2026-11-23T17:01"), 0).due_on == day("2026-11-25")
    assert CALENDAR.due(at("2026-11-23T17:01"), 0, cutoff=dt.time(23)).due_on == day("2026-11-25")


@pytest.mark.parametrize(
    ("received", "count", "kind", "due_on"),
    [
        ("2026-11-23T09:00", 3, "working", "2026-11-27"),  # day of receipt and the holiday are not counted
        ("2026-11-23T23:30", 3, "working", "2026-11-27"),
        ("2026-11-22T09:00", 3, "working", "2026-11-27"),  # received on a Sunday: as on Monday
        ("2026-11-23T09:00", 3, "calendar", "2026-11-26"),
        ("2026-11-23T09:00", 30, "calendar", "2026-12-23"),
        ("2026-11-23T09:00", 5, "calendar", "2026-11-30"),  # ends on a Saturday
        (
            "2026-10-25T09:00",
            29,
            "calendar",
            "2026-11-25",
        ),  # Sunday to Monday, ends on the holiday of the 24th
    ],
)
def test_days_are_counted_from_the_day_after_receipt(
    received: str, count: int, kind: DaysKind, due_on: str
) -> None:
    assert CALENDAR.due(at(received), count, days_kind=kind).due_on == day(due_on)


def test_the_day_of_receipt_is_the_local_one() -> None:
    late_in_utc = dt.datetime(2026, 11, 22, 18, 30, tzinfo=dt.UTC)
    assert local_day(late_in_utc) == day("2026-11-23")
    assert CALENDAR.due(late_in_utc, 1).due_on == day("2026-11-25")
    assert local_day(dt.datetime(2026, 11, 23, 1, tzinfo=ZoneInfo("Asia/Tokyo"))) == day("2026-11-22")
    assert CALENDAR.day_end(day("2026-11-23")) == dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)


def test_office_hours_change_from_a_day_on() -> None:
    later = shipped(TABLE) + "2026-12-01,office_hours,16:30,decided,Winter hours,Decision,2026-11-20,high\n"
    calendar = build_calendar(later)
    assert calendar.day_end(day("2026-11-30")) == at("2026-11-30T17:00")
    assert calendar.day_end(day("2026-12-01")) == at("2026-12-01T16:30")


def test_naive_instants_and_negative_days_are_mistakes_of_the_caller() -> None:
    naive = dt.datetime(2026, 11, 23, 9)  # noqa: DTZ001 -- the point of the test
    for call in (lambda: CALENDAR.due(naive, 1), lambda: local_day(naive)):
        with pytest.raises(ValueError, match="has no zone"):
            call()
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.due(at("2026-11-23T09:00"), -1)
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_working_days(day("2026-11-23"), -1)


def test_the_calendar_ends_where_the_contract_ends() -> None:
    assert CALENDAR.is_working(FIRST_DAY) is False
    assert isinstance(CALENDAR.is_working(LAST_DAY), bool)
    for call in (
        lambda: CALENDAR.is_working(day("1989-12-31")),
        lambda: CALENDAR.is_working(day("2100-01-01")),
        lambda: CALENDAR.add_working_days(LAST_DAY, 1),
        lambda: CALENDAR.working_days_between(day("1989-12-31"), FIRST_DAY),
        lambda: CALENDAR.day_end(day("2100-01-01")),
        lambda: CALENDAR.due(at("2099-12-30T09:00"), 400, days_kind="calendar"),
        lambda: CALENDAR.due(at("2099-12-30T09:00"), 10**9, days_kind="calendar"),
    ):
        with pytest.raises(OutsideCalendar, match="outside the calendar"):
            call()


@given(days, st.integers(1, 600))
@settings(max_examples=300, deadline=None)
def test_adding_and_counting_undo_each_other(start: dt.date, count: int) -> None:
    end = CALENDAR.add_working_days(start, count)
    assert CALENDAR.is_working(end)
    assert end > start
    assert CALENDAR.working_days_between(start, end) == count
    assert CALENDAR.working_days_between(end, start) == -count
    assert CALENDAR.working_days_between(start, end - dt.timedelta(days=1)) == count - 1


@given(days, days, st.integers(0, 100), st.integers(0, 100))
@settings(max_examples=300, deadline=None)
def test_later_starts_and_more_days_never_end_earlier(
    one: dt.date, other: dt.date, few: int, more: int
) -> None:
    first, second = sorted((one, other))
    assert CALENDAR.add_working_days(first, few) <= CALENDAR.add_working_days(second, few)
    assert (CALENDAR.add_working_days(one, few) < CALENDAR.add_working_days(one, few + more)) == (more > 0)


@given(days, days, days)
@settings(max_examples=300, deadline=None)
def test_counts_add_up_over_a_day_between(one: dt.date, two: dt.date, three: dt.date) -> None:
    between = CALENDAR.working_days_between
    assert between(one, two) + between(two, three) == between(one, three)


@given(days)
@settings(max_examples=200, deadline=None)
def test_a_day_works_exactly_when_it_counts(on: dt.date) -> None:
    eve = on - dt.timedelta(days=1) if on > FIRST_DAY else on
    assert CALENDAR.working_days_between(eve, on) == int(CALENDAR.is_working(on) and eve != on)


@given(instants, st.integers(0, 300), st.sampled_from(["working", "calendar"]), cutoffs)
@settings(max_examples=500, deadline=None)
def test_nothing_is_due_before_it_was_received(
    received_at: dt.datetime, count: int, kind: DaysKind, cutoff: dt.time | None
) -> None:
    due = CALENDAR.due(received_at, count, days_kind=kind, cutoff=cutoff)
    assert due.due_at >= received_at
    assert due.due_on >= local_day(received_at) + dt.timedelta(days=min(count, 1))
    assert CALENDAR.is_working(due.due_on)
    assert due.due_at == CALENDAR.day_end(due.due_on)


@given(
    instants, st.integers(0, 100), st.sampled_from(["working", "calendar"]), cutoffs, st.integers(0, 10**7)
)
@settings(max_examples=300, deadline=None)
def test_what_comes_later_is_never_due_earlier(
    received_at: dt.datetime, count: int, kind: DaysKind, cutoff: dt.time | None, seconds: int
) -> None:
    later = received_at + dt.timedelta(seconds=seconds)
    first = CALENDAR.due(received_at, count, days_kind=kind, cutoff=cutoff)
    assert first.due_at <= CALENDAR.due(later, count, days_kind=kind, cutoff=cutoff).due_at
    more = CALENDAR.due(received_at, count + 1, days_kind=kind, cutoff=cutoff)
    assert first.due_at <= more.due_at


@pytest.mark.parametrize(
    ("column", "cell"), [("day", "2026-01-05"), ("kind", "work"), ("reason", "Other"), ("confidence", "high")]
)
def test_a_changed_override_makes_another_version(column: str, cell: str) -> None:
    assert build_calendar(altered(TABLE, 3, column, cell)).version != CALENDAR.version


def test_the_version_stays_while_the_rows_stay() -> None:
    head, *rest = shipped(TABLE).splitlines()
    assert build_calendar("\n".join([head, *reversed(rest)])).version == CALENDAR.version
    assert len(CALENDAR.version) <= 40


@pytest.mark.parametrize(
    ("line", "column", "cell"),
    [
        (3, "day", "02/01/2026"),
        (3, "day", "1985-01-01"),
        (3, "kind", "holiday"),
        (3, "office_ends_at", "17:00"),
        (2, "office_ends_at", ""),
        (2, "office_ends_at", "5pm"),
        (3, "status", "rumour"),
        (3, "reason", ""),
        (3, "source", ""),
        (3, "decided_on", "soon"),
        (3, "confidence", "sure"),
    ],
)
def test_a_broken_override_is_named(line: int, column: str, cell: str) -> None:
    with pytest.raises(TableError, match=rf"^calendar_overrides\.csv line {line}, column {column}: "):
        build_calendar(altered(TABLE, line, column, cell))


def test_two_decisions_about_one_day_are_refused() -> None:
    with pytest.raises(TableError, match=r"line 4, column day: 2026-01-02 is already decided on line 3"):
        build_calendar(altered(TABLE, 4, "day", "2026-01-02"))


def test_a_table_without_office_hours_from_the_first_day_is_refused() -> None:
    with pytest.raises(TableError, match="no decided office hours hold on 1990-01-01"):
        build_calendar(altered(TABLE, 2, "day", "1990-01-02"))


def test_calendars_share_nothing() -> None:
    one, other = (WorkingCalendar(CALENDAR.overrides, "v", lambda _: ((), ())) for _ in range(2))
    one.is_working(day("2026-01-01"))
    assert not other._years


@given(last=st.dates(dt.date(1990, 1, 1), dt.date(2040, 12, 31)), back=st.integers(0, 20_000))
def test_the_counts_through_each_day_give_the_working_days_between_two(last: dt.date, back: int) -> None:
    through = CALENDAR.working_days_through(last)
    start = max(last - dt.timedelta(days=back), dt.date(1990, 1, 1))
    first = dt.date(1990, 1, 1)
    counted = through[-1] - through[(start - first).days]
    assert len(through) == (last - first).days + 1
    assert counted == CALENDAR.working_days_between(start, last)
