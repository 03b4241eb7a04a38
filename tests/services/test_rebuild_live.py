"""Rebuild while writers land: stopped before any of their statements, let go at any step of the rebuild."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from events.cases import CaseEvent
from services.log.sqlite import SqliteLog
from services.maintenance.audit import audit
from services.maintenance.rebuild import rebuild
from services.streams.land import LandCases
from services.streams.tally import Tally
from services.warehouse.client import Warehouse
from tests.histories import case_event, case_key, dates_of, random_history, seeded, state
from tests.services.test_land import arrived, daily_counts, expected_counts, heartbeat, source_arrived

pytestmark = pytest.mark.warehouse
DAY = dt.date(2026, 2, 2)
WAIT = 60.0
STATEMENTS = ("case_events", "case_marks", "cases_current", "tally_days", "tally_months")
BY_THE_VIEW = ("case_events", "case_states", "cases_current", "tally_days", "tally_months")
"""What a large batch runs instead."""
STEPS = ("build", "catch up", "exchange", "follow", "drop", "after")


def quiet(_line: str) -> None:
    pass


class Stopping:
    """A warehouse whose writer waits before one of its statements until it is let go."""

    def __init__(self, warehouse: Warehouse, before: str) -> None:
        self._warehouse = warehouse
        self._before = before
        self.arrived = threading.Event()
        self.go = threading.Event()

    def insert(self, table: str, rows: Any) -> None:
        self.come(table)
        self._warehouse.insert(table, rows)

    def come(self, statement: str) -> None:
        if statement == self._before:
            self.arrived.set()
            assert self.go.wait(WAIT)


class Writer:
    """One `land` in a thread of its own, with one case that is corrected from day to day."""

    def __init__(self, warehouse: Warehouse, before: str, history: list[CaseEvent], start: int) -> None:
        self._stopping = Stopping(warehouse, before)
        tally = Tally(warehouse, between=self._stopping.come)
        step = LandCases(cast("Warehouse", self._stopping), tally=tally)
        self._thread = threading.Thread(target=step.handle, args=(arrived(*history, start=start),))
        self._thread.start()
        assert self._stopping.arrived.wait(WAIT)

    def let_go(self) -> None:
        self._stopping.go.set()
        self._thread.join(WAIT)
        assert not self._thread.is_alive()


def grown(number: int) -> list[CaseEvent]:
    """Return a case received on DAY and, by a second event, a day later."""
    first = state(1, received_on=DAY)
    second = state(2, dates_of(first), received_on=DAY + dt.timedelta(days=1))
    return [case_event(one, case_key(1_000 + number)) for one in (first, second)]


def spoil(warehouse: Warehouse) -> None:
    """Put something wrong into every table that follows from cases; it would win over anything that is landed."""
    warehouse.command(
        "INSERT INTO case_marks (day, unit_code, case_key, marks, field_code, channel, version, gone)"
        " SELECT '2026-02-05', '15607', 'nobody', 2, 'civil', 'counter', 19, 0"
    )
    warehouse.command("INSERT INTO cases_current (case_key, unit_code, seq) VALUES ('nobody', '15607', 9)")
    for table, date in (("rollups_daily", "day"), ("rollups_monthly", "month")):
        warehouse.command(
            f"INSERT INTO {table} (unit_code, {date}, version, opened, groups.field_code, groups.channel, groups.opened)"  # noqa: S608 -- fixed names
            f" VALUES ('15607', '2026-02-01', 18446744073709551615, 7, ['civil'], ['counter'], [7])"
        )


def assert_in_order(warehouse: Warehouse, tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log.db")
    findings = audit(warehouse, log).findings
    log.close()
    assert not any(findings.values()), findings


@pytest.mark.parametrize("statements", [STATEMENTS, BY_THE_VIEW], ids=["small", "large"])
@pytest.mark.parametrize(
    ("begun", "let_go"),
    [
        ("before", "follow"),
        ("before", "after"),
        ("build", "exchange"),
        ("catch up", "exchange"),
        ("exchange", "exchange"),
        ("exchange", "follow"),
        ("exchange", "after"),
        ("follow", "after"),
    ],
)
@pytest.mark.slow
def test_nothing_that_lands_meanwhile_is_missing(
    warehouse: Warehouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    begun: str,
    let_go: str,
    statements: tuple[str, ...],
) -> None:
    if statements is BY_THE_VIEW:
        monkeypatch.setattr("services.streams.land._WORTH_THE_VIEW", 0)
    history = random_history(seeded(40), cases=12)
    LandCases(warehouse).handle(arrived(*history))
    spoil(warehouse)
    writers: list[Writer] = []

    def between(step: str) -> None:
        if step == begun:
            for number, statement in enumerate(statements):
                # One event is landed whole beforehand where the writer brings the correction.
                first, second = grown(number)
                LandCases(warehouse).handle(arrived(first, start=2_000 + number))
                writers.append(Writer(warehouse, statement, [second], start=1_000 + number))
                history.extend((first, second))
        if step == let_go:
            for writer in writers:
                writer.let_go()

    between("before")
    assert rebuild(warehouse, quiet, between=between)
    between("after")
    assert len(writers) == len(statements)
    assert daily_counts(warehouse) == expected_counts(history)
    assert_in_order(warehouse, tmp_path)


@pytest.mark.slow
def test_a_rebuild_beside_writers_that_never_rest_ends_and_misses_nothing(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    history = random_history(seeded(41), cases=60)
    spoil(warehouse)
    done = threading.Event()

    def write() -> None:
        step = LandCases(warehouse)
        for number in range(0, len(history), 8):
            step.handle(arrived(*history[number : number + 8], start=number))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    rounds = 0
    while not done.is_set() or not rounds:
        assert rebuild(warehouse, quiet)
        rounds += 1
    writer.join(WAIT)
    assert daily_counts(warehouse) == expected_counts(history)
    assert_in_order(warehouse, tmp_path)


class Died(Exception):
    pass


@pytest.mark.parametrize("at", STEPS[:-1])
@pytest.mark.slow
def test_a_rebuild_that_dies_is_cleaned_up_and_made_again_by_the_next(
    warehouse: Warehouse, tmp_path: Path, at: str
) -> None:
    history = random_history(seeded(42), cases=6)
    LandCases(warehouse).handle(arrived(*history))
    spoil(warehouse)
    before = daily_counts(warehouse)

    def die(step: str) -> None:
        if step == at:
            raise Died

    with pytest.raises(Died):
        rebuild(warehouse, quiet, between=die)
    exchanged = STEPS.index(at) > STEPS.index("exchange")
    assert daily_counts(warehouse) == (expected_counts(history) if exchanged else before)
    assert len(beside(warehouse)) == 1
    rebuild(warehouse, quiet)
    assert beside(warehouse) == []
    assert daily_counts(warehouse) == expected_counts(history)
    assert_in_order(warehouse, tmp_path)


@pytest.mark.slow
def test_a_second_rebuild_stops_the_first_before_it_could_exchange(warehouse: Warehouse) -> None:
    history = random_history(seeded(43), cases=6)
    LandCases(warehouse).handle(arrived(*history))

    def overtake(step: str) -> None:
        if step == "exchange":
            rebuild(warehouse, quiet)

    with pytest.raises(Exception, match=r"UNKNOWN_(TABLE|DATABASE)"):
        rebuild(warehouse, quiet, between=overtake)
    assert daily_counts(warehouse) == expected_counts(history)


def test_words_of_sources_that_come_meanwhile_are_there(warehouse: Warehouse) -> None:
    def between(step: str) -> None:
        if step == "exchange":
            LandCases(warehouse).handle([source_arrived(heartbeat(3), 0)])

    rebuild(warehouse, quiet, between=between)
    assert warehouse.rows("SELECT count() AS n FROM sources_current") == [{"n": 1}]


def beside(warehouse: Warehouse) -> list[str]:
    begun = f"^{warehouse.database}_rebuild"
    rows = warehouse.rows("SELECT name FROM system.databases WHERE match(name, {begun:String})", begun=begun)
    return [row["name"] for row in rows]
