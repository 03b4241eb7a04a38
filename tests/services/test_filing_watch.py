"""Reminders of a period: once before the sending day and once after it, to those who have not confirmed."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.envelope import Envelope
from events.log import Message, Position, Record
from events.periods import PeriodReminded, PeriodSumReminded, filing_id
from events.topics import PERIODS
from reporting.dated.sending import Sending
from reporting.filings.register import fold
from reporting.filings.reminders import LATE_FOR_DAYS, mark_on, notices_of_period
from reporting.filings.sums import fold_sum
from reporting.notice import Recipient
from services.consuming.step import Delivered
from services.log.sqlite import SqliteLog
from services.streams.land import Land, LandCases, has_landed
from services.streams.watch import Watch
from services.warehouse.client import Warehouse
from tests.histories import case_event, case_key, state
from tests.reporting.stories import tables
from tests.reporting.test_filing_sums import closed, summed
from tests.reporting.test_filings import confirmed
from tests.services.issue_log import APPENDED_AT, FakeLog
from tests.services.test_land import arrived
from tests.services.test_promise_watch import noon

BAT_MOT, NEIGHBOUR, KEY = "15607", "15622", "2026-11"
TABLES = tables()
DAY = dt.timedelta(days=1)
DUE = dt.date(2026, 11, 17)
"""The second working day after the 14th, a Saturday."""


def sending(unit_code: str = BAT_MOT, key: str = KEY) -> Sending:
    found = TABLES.sending.of("procedure_control", TABLES.units.get(unit_code), TABLES.periods.named(key))
    assert found is not None
    return found


def land(warehouse: Warehouse, *events: Envelope, at: int = 0) -> None:
    Land(warehouse).handle(
        [
            Delivered(Record(Position(PERIODS.name, 0, at + n), one.partition_key, b"", {}, APPENDED_AT), one)
            for n, one in enumerate(events)
        ]
    )


def reminders(log: FakeLog) -> list[Any]:
    return [one for one in log.events(PERIODS.name) if isinstance(one, PeriodReminded)]


def sum_reminders(log: FakeLog) -> list[Any]:
    return [one for one in log.events(PERIODS.name) if isinstance(one, PeriodSumReminded)]


@given(day=st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)), lead=st.integers(0, 5))
@settings(max_examples=60)
def test_nobody_is_reminded_on_a_day_off_nor_before_the_period_is_over_nor_for_ever(
    day: dt.date, lead: int
) -> None:
    for period in TABLES.periods.latest_ended(day):
        found = sending(key=period.key)
        mark = mark_on(day, found, TABLES.calendar, lead)
        between = TABLES.calendar.working_days_between
        if mark is not None:
            assert TABLES.calendar.is_working(day)
            assert day > period.last_on
        assert (mark == "before") is (
            TABLES.calendar.is_working(day)
            and period.last_on < day <= found.due_on
            and between(day, found.due_on) <= lead
        )
        assert (mark == "after") is (
            TABLES.calendar.is_working(day)
            and day > found.due_on
            and between(found.due_on, day) <= LATE_FOR_DAYS
        )


@pytest.mark.warehouse
def test_who_has_not_confirmed_is_reminded_once_before_the_day_and_once_after_it(
    warehouse: Warehouse,
) -> None:
    log = FakeLog()
    received = [
        case_event(state(1, unit_code=unit, received_on=dt.date(2026, 10, 20)), case_key(n))
        for n, unit in enumerate((BAT_MOT, NEIGHBOUR), start=1)
    ]
    LandCases(warehouse).handle(arrived(*received))
    watch = Watch(warehouse, log, TABLES)
    assert watch.tick(noon(DUE - 2 * DAY)) == 0  # a Sunday
    assert watch.tick(noon(DUE - DAY)) == 1
    assert watch.tick(noon(DUE - DAY)) == 0  # before it has landed
    (before,) = reminders(log)
    assert (before.data.mark, before.data.due_on, before.data.unit_codes) == (
        "before",
        DUE,
        (BAT_MOT, NEIGHBOUR),
    )
    assert before.subject == str(filing_id("38", KEY))
    assert fold(None, before) == (None, None)

    # It is said once, also by a watcher that took over, and whoever confirmed is not reminded again.
    land(warehouse, before, confirmed(at=noon(DUE)))
    for one in (watch, Watch(warehouse, log, TABLES)):
        assert one.tick(noon(DUE)) == 0
    assert watch.tick(noon(DUE + DAY)) == 1
    after = reminders(log)[-1]
    assert (after.data.mark, after.data.unit_codes) == ("after", (NEIGHBOUR,))
    land(warehouse, after, at=2)
    later = FakeLog()
    Watch(warehouse, later, TABLES).tick(noon(DUE + 2 * DAY))
    assert reminders(later) == []

    told = [(one.template, one.recipient.body, one.detail) for one in notices_of_period(after)]
    assert told == [
        ("filing_passed", f"{NEIGHBOUR}.ubnd", KEY),
        ("filings_missing", "38.vp_ubnd", f"{KEY} 1"),
    ]
    assert notices_of_period(before)[0].recipient.roles == ("commune_chair", "commune_officer")


@pytest.mark.warehouse
def test_a_province_is_reminded_of_its_own_sending_day_until_it_has_closed_its_sum(
    warehouse: Warehouse,
) -> None:
    log = FakeLog()
    received = case_event(state(1, unit_code=BAT_MOT, received_on=dt.date(2026, 10, 20)), case_key(1))
    LandCases(warehouse).handle(arrived(received))
    land(warehouse, confirmed(at=noon(DUE - DAY)))
    own = TABLES.sending.of("procedure_control", TABLES.units.get("38"), TABLES.periods.named(KEY))
    assert own is not None
    assert own.due_on > DUE
    watch = Watch(warehouse, log, TABLES)
    for day in (DUE, own.due_on - DAY, own.due_on):
        watch.tick(noon(day))
    (before,) = sum_reminders(log)
    assert (before.data.mark, before.data.due_on, before.data.receiver) == (
        "before",
        own.due_on,
        own.receiver,
    )
    assert (before.subject, fold_sum(None, before)) == (str(filing_id("38", KEY)), (None, None))
    assert [(one.template, one.recipient) for one in notices_of_period(before)] == [
        ("sum_wanted", Recipient("38.vp_ubnd", ("province_reviewer", "province_leader")))
    ]

    land(warehouse, before, at=1)
    after_it = TABLES.calendar.add_working_days(own.due_on, 1)
    assert Watch(warehouse, log, TABLES).tick(noon(after_it)) == 1
    after = sum_reminders(log)[-1]
    assert after.data.mark == "after"
    assert notices_of_period(after)[0].template == "sum_passed"

    # Whoever closed the sum is reminded no more, and a sum that is only confirmed is not sent.
    other = FakeLog()
    sent = summed(1)
    land(warehouse, sent, at=2)
    assert Watch(warehouse, other, TABLES).tick(noon(after_it)) == 1
    land(warehouse, closed(sent, 2), at=3)
    assert Watch(warehouse, FakeLog(), TABLES).tick(noon(after_it)) == 0


@pytest.mark.warehouse
def test_nobody_is_reminded_while_confirmations_lie_in_the_log_that_have_not_landed(
    warehouse: Warehouse,
) -> None:
    log, landed = FakeLog(), set[str]()
    event = case_event(state(1, unit_code=BAT_MOT, received_on=dt.date(2026, 10, 20)), case_key(1))
    LandCases(warehouse).handle(arrived(event))
    watch = Watch(warehouse, log, TABLES, has_landed=landed.__contains__)
    assert watch.tick(noon(DUE + DAY)) == 0
    land(warehouse, confirmed(at=noon(DUE)))
    landed.add(PERIODS.name)
    assert watch.tick(noon(DUE + DAY)) == 0
    assert Watch(warehouse, log, TABLES, has_landed=landed.__contains__).tick(noon(DUE + DAY)) == 0
    assert reminders(log) == []


def test_a_topic_has_landed_when_its_reader_is_past_every_record_of_it(tmp_path: Path) -> None:
    with closing(SqliteLog(tmp_path / "log.db")) as log:
        assert has_landed(log, PERIODS.name)
        log.append(PERIODS.name, [Message("a", b"{}")])
        assert not has_landed(log, PERIODS.name)
        with closing(log.open_consumer(Land.group, [PERIODS.name])) as consumer:
            consumer.commit(consumer.poll(10, 5.0))
        assert has_landed(log, PERIODS.name)


@pytest.mark.warehouse
def test_where_no_figures_ever_came_nobody_is_reminded(warehouse: Warehouse) -> None:
    log = FakeLog()
    assert Watch(warehouse, log, TABLES).tick(noon(DUE)) == 0
    assert reminders(log) == []
