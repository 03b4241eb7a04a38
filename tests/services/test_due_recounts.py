"""Roll-ups that are counted apart from their batch are counted in the end, whoever dies and whatever was lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest

from events.cases import CaseEvent
from services.consuming.in_threads import Runtime
from services.consuming.step import Delivered
from services.log.sqlite import SqliteLog
from services.maintenance.audit import audit
from services.streams.due_recounts import DueRecounts
from services.streams.land import LandCases
from services.streams.tally import Tally
from services.warehouse.client import Warehouse
from tests.histories import arrivals, case_event, case_key, dates_of, random_history, seeded, state
from tests.rollup_counts import counts_of
from tests.services.test_land import Counts, arrived, daily_counts, empty, expected_counts

pytestmark = [pytest.mark.warehouse, pytest.mark.over_http]
DAY = dt.date(2026, 2, 9)
STEPS = ("tally_days", "note", "tally_months")


class Died(Exception):
    pass


def counting(warehouse: Warehouse, today: dt.date = DAY, dies_at: str = "") -> Tally:
    """Return a tally that leaves to later what may wait, as a process of its own would have it."""

    def die(step: str) -> None:
        if step == dies_at:
            raise Died

    return Tally(warehouse, later=DueRecounts(warehouse), today=lambda: today, between=die)


def monthly(warehouse: Warehouse) -> dict[str, int]:
    rows = warehouse.rows("SELECT month, sum(opened) AS n FROM rollups_monthly FINAL GROUP BY month")
    return {f"{row['month']:%Y-%m}": row["n"] for row in rows}


def all_monthly(warehouse: Warehouse) -> Counts:
    rows = warehouse.rows("SELECT * FROM rollups_monthly FINAL")
    return {(row["unit_code"], row["month"]): counts for row in rows if (counts := counts_of(row))}


def summed(counts: Counts) -> Counts:
    """Sum days to months."""
    found: Counts = {}
    for (unit, day), names in counts.items():
        month = found.setdefault((unit, day.replace(day=1)), {})
        for name, n in names.items():
            month[name] = month.get(name, 0) + n
    return found


def received(number: int, day: dt.date) -> CaseEvent:
    return case_event(state(1, received_on=day), case_key(number))


def test_a_month_that_is_over_is_counted_with_its_batch_and_the_running_one_later(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    tally = counting(warehouse)
    LandCases(warehouse, tally=tally).handle(arrived(received(1, DAY), received(2, dt.date(2026, 1, 30))))
    assert monthly(warehouse) == {"2026-01": 1}
    log = SqliteLog(tmp_path / "log.db")
    report = audit(warehouse, log)
    assert report.due_count == 1
    assert not report.findings["audit_months"], "what is about to be counted is not wrong"
    assert "roll-ups that a worker is about to count: 1" in report.lines()
    warehouse.command(
        "INSERT INTO rollups_monthly (unit_code, month, version) VALUES ('15607', '2026-01-01', 18446744073709551615)"
    )
    found = audit(warehouse, log).findings["audit_months"]
    assert found, "another month that is wrong is found all the same"
    assert all(line.startswith("15607 2026-01-01") for line in found)
    assert tally.recount_due() == 1
    assert monthly(warehouse) == {"2026-01": 0, "2026-02": 1}
    assert tally.recount_due() == 0
    assert audit(warehouse, log).due_count == 0
    log.close()


def test_what_one_worker_left_another_counts(warehouse: Warehouse) -> None:
    LandCases(warehouse, tally=counting(warehouse)).handle(arrived(received(1, DAY)))
    other = counting(warehouse)
    assert other.recount_due() == 1
    LandCases(warehouse, tally=counting(warehouse)).handle(arrived(received(2, DAY)))
    assert other.recount_due() == 1
    assert monthly(warehouse) == {"2026-02": 2}


def test_a_day_that_was_counted_after_its_month_makes_the_month_due_again(warehouse: Warehouse) -> None:
    """The count of the month began after the first note and before the second day was there."""
    due = DueRecounts(warehouse)
    due.note([], [(DAY.replace(day=1), "15607")])
    at = warehouse.clock()
    LandCases(warehouse, tally=counting(warehouse)).handle(arrived(received(1, DAY)))
    due.mark([], [(DAY.replace(day=1), "15607")], at=at)
    assert counting(warehouse).recount_due() == 1
    assert monthly(warehouse) == {"2026-02": 1}


@pytest.mark.parametrize("dies_at", ["tally_days", "tally_months", "mark"])
def test_a_death_while_counting_what_is_due_leaves_it_due(warehouse: Warehouse, dies_at: str) -> None:
    first = state(1, received_on=DAY)
    after = state(2, dates_of(first), received_on=DAY, returned_on=DAY + dt.timedelta(days=1))
    LandCases(warehouse, tally=counting(warehouse)).handle(arrived(case_event(after, case_key(1))))
    with pytest.raises(Died):
        counting(warehouse, dies_at=dies_at).recount_due()
    assert counting(warehouse).recount_due() == 2
    assert monthly(warehouse) == {"2026-02": 1}
    assert daily_counts(warehouse) == expected_counts([case_event(after, case_key(1))])


def lost_between() -> tuple[list[CaseEvent], CaseEvent]:
    """Return the first and the last event of a case, and the one between them that was set aside: it closed the case."""
    first = state(1, received_on=DAY)
    closed = {"received_on": DAY, "closed_on": DAY + dt.timedelta(days=3), "close_kind": "finished"}
    second = state(2, dates_of(first), **closed)
    third = state(3, dates_of(second), **closed, returned_on=DAY + dt.timedelta(days=4))
    told = [case_event(one, case_key(1)) for one in (first, second, third)]
    return [told[0], told[2]], told[1]


def test_what_an_event_that_was_set_aside_had_changed_is_counted_all_the_same(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """The last event says that the closing is nothing new; nobody counted it."""
    landed, set_aside = lost_between()
    tally = counting(warehouse)
    step = LandCases(warehouse, tally=tally)
    for number, event in enumerate(landed):
        step.handle(arrived(event, start=number))
    tally.recount_due()
    assert daily_counts(warehouse) == expected_counts(landed)
    assert all_monthly(warehouse) == summed(expected_counts(landed))
    log = SqliteLog(tmp_path / "log.db")
    assert not any(audit(warehouse, log).findings.values())
    log.close()
    step.handle(arrived(set_aside, start=2))
    tally.recount_due()
    assert daily_counts(warehouse) == expected_counts(landed)


def lossy(seed: int) -> tuple[list[CaseEvent], list[CaseEvent]]:
    """Return a history, and the same without some events."""
    r = seeded(700 + seed)
    history = random_history(r, cases=8)
    return history, [event for event in history if r.random() < 0.75]


def counts_of_marks(warehouse: Warehouse) -> Counts:
    """Count every day anew from the marks."""
    Tally(warehouse).recount_days("SELECT DISTINCT day, unit_code FROM case_marks")
    return daily_counts(warehouse)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.slow
def test_whatever_was_lost_the_roll_ups_are_those_of_the_marks(
    warehouse_module: Warehouse, seed: int
) -> None:
    """Any order, repeats, several workers, deaths anywhere: in the end nothing is left uncounted."""
    warehouse = warehouse_module
    empty(warehouse)
    r = seeded(seed)
    history, left = lossy(seed)
    today = r.choice((DAY, dt.date(2026, 1, 25), dt.date(2026, 11, 30)))
    for batch in arrivals(r, left):
        if r.random() < 0.4:
            _land_and_die(warehouse, batch, today, r.choice(STEPS))
        LandCases(warehouse, tally=counting(warehouse, today)).handle(batch)
        if r.random() < 0.3:
            counting(warehouse, today).recount_due()
    counting(warehouse, today).recount_due()
    found, months = daily_counts(warehouse), all_monthly(warehouse)
    assert found == counts_of_marks(warehouse)
    assert months == summed(found)
    if left == history:
        assert found == expected_counts(history)


def _land_and_die(warehouse: Warehouse, batch: Sequence[Delivered], today: dt.date, dies_at: str) -> None:
    try:
        LandCases(warehouse, tally=counting(warehouse, today, dies_at)).handle(batch)
    except Died:
        return


def test_all_is_counted_before_a_runtime_says_that_it_is_idle(
    tmp_path: Path, warehouse_module: Warehouse
) -> None:
    empty(warehouse_module)
    log = SqliteLog(tmp_path / "log.db")
    tally = counting(warehouse_module)
    runtime = Runtime(log, [])
    runtime.before_idle(tally.recount_due)
    LandCases(warehouse_module, tally=tally).handle(arrived(received(1, DAY)))
    assert monthly(warehouse_module) == {}
    assert runtime.wait_idle(1.0)
    assert monthly(warehouse_module) == {"2026-02": 1}
    log.close()
