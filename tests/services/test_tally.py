from __future__ import annotations

import datetime as dt
import threading
import time

import pytest

from reporting.tables import ROLLUPS_DAILY
from services.consuming.step import Delivered
from services.streams.case_rows import CaseRows, state_rows
from services.streams.land import Land
from services.streams.tally import Tally
from services.warehouse.arrow import arrow_schema
from services.warehouse.client import Warehouse
from services.warehouse.named_queries import named_query
from tests.histories import UNITS, arrivals, case_event, case_key, random_history, seeded, state
from tests.services.test_land import arrived, daily_counts, empty, expected_counts

pytestmark = [pytest.mark.warehouse, pytest.mark.over_http]
DAY = dt.date(2026, 2, 2)
KEY = ("15607", DAY)
WAIT = 20.0


def land_marks(warehouse: Warehouse, *numbers: int) -> None:
    """Write the marks of some cases received on DAY, and count nothing."""
    events = [case_event(state(1, received_on=DAY), case_key(n)) for n in numbers]
    warehouse.insert("case_states", state_rows(CaseRows.of_events(events)))


def opened(warehouse: Warehouse) -> tuple[int, int]:
    """Return what the day and its month say was opened."""
    daily = warehouse.rows("SELECT sum(opened) AS n FROM rollups_daily FINAL")[0]["n"]
    monthly = warehouse.rows("SELECT sum(opened) AS n FROM rollups_monthly FINAL")[0]["n"]
    return daily, monthly


class Stopped:
    """A writer in a thread of its own that waits before the statement of a given name until it is let go."""

    def __init__(self, warehouse: Warehouse, before: str) -> None:
        self._before = before
        self._arrived = threading.Event()
        self._go = threading.Event()
        self._tally = Tally(warehouse, between=self._between)
        self._thread = threading.Thread(target=self._tally.recount, args=([KEY],))
        self._thread.start()
        assert self._arrived.wait(WAIT)

    def _between(self, step: str) -> None:
        if step == self._before:
            self._arrived.set()
            assert self._go.wait(WAIT)

    def let_go(self) -> None:
        self._go.set()
        self._thread.join(WAIT)
        assert not self._thread.is_alive()


@pytest.mark.parametrize("before", ["tally_days", "tally_months"])
def test_a_writer_that_paused_after_reading_the_clock_does_no_harm(warehouse: Warehouse, before: str) -> None:
    land_marks(warehouse, 1)
    slow = Stopped(warehouse, before)
    land_marks(warehouse, 2)
    Tally(warehouse).recount([KEY])
    slow.let_go()
    assert opened(warehouse) == (2, 2)


def test_the_count_of_a_writer_that_paused_between_reading_and_writing_loses(warehouse: Warehouse) -> None:
    """The one order in which an older count is written last: it carries the older clock."""
    import pyarrow as pa  # noqa: PLC0415 -- heavy

    land_marks(warehouse, 1)
    version = warehouse.clock()
    stale = warehouse.rows(named_query("tally_days"), version=version, days=[DAY], units=["15607"])
    land_marks(warehouse, 2)
    Tally(warehouse).recount([KEY])
    warehouse.insert("rollups_daily", pa.Table.from_pylist(stale, schema=arrow_schema(ROLLUPS_DAILY)))
    assert stale[0]["opened"] == 1
    assert opened(warehouse) == (2, 2)


def test_a_version_taken_after_the_count_would_be_wrong(warehouse: Warehouse) -> None:
    """Show that the test above can fail: the same order with the clock read at writing time loses a case."""
    import pyarrow as pa  # noqa: PLC0415 -- heavy

    land_marks(warehouse, 1)
    stale = warehouse.rows(named_query("tally_days"), version=0, days=[DAY], units=["15607"])
    land_marks(warehouse, 2)
    Tally(warehouse).recount([KEY])
    for row in stale:
        row["version"] = warehouse.clock()
    warehouse.insert("rollups_daily", pa.Table.from_pylist(stale, schema=arrow_schema(ROLLUPS_DAILY)))
    assert opened(warehouse)[0] == 1


@pytest.mark.slow
def test_two_writers_that_pause_anywhere_end_on_the_right_rows(warehouse_module: Warehouse) -> None:
    for seed in range(3):
        empty(warehouse_module)
        r = seeded(300 + seed)
        history = random_history(r, cases=8)
        batches = arrivals(r, history)
        naps = [[r.random() * 0.02 for _ in range(40)] for _ in range(2)]

        def work(naps: list[float], batches: list[list[Delivered]]) -> None:
            waits = iter(naps)
            tally = Tally(warehouse_module, between=lambda _step: time.sleep(next(waits, 0.0)))
            for batch in batches:
                Land(warehouse_module, tally=tally).handle(batch)

        threads = [threading.Thread(target=work, args=(naps[n], batches[n::2])) for n in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert daily_counts(warehouse_module) == expected_counts(history)


def test_keys_without_marks_get_an_empty_row(warehouse: Warehouse) -> None:
    Tally(warehouse).recount([KEY, ("14812", DAY)])
    rows = warehouse.rows("SELECT * FROM rollups_daily FINAL ORDER BY unit_code")
    assert [(row["unit_code"], row["opened"], row["groups.opened"]) for row in rows] == [
        ("14812", 0, []),
        ("15607", 0, []),
    ]


def test_nothing_touched_writes_nothing(warehouse: Warehouse) -> None:
    Tally(warehouse).recount([])
    assert warehouse.rows("SELECT count() AS n FROM rollups_daily") == [{"n": 0}]


def test_only_the_touched_keys_are_counted_again(warehouse: Warehouse) -> None:
    land_marks(warehouse, 1)
    Tally(warehouse).recount([("15607", DAY + dt.timedelta(days=1)), ("14812", DAY)])
    assert opened(warehouse) == (0, 0)
    Tally(warehouse).recount([KEY])
    assert opened(warehouse) == (1, 1)


def test_more_keys_than_one_statement_takes_are_all_counted(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.streams.tally._KEYS_AT_ONCE", 3)
    cases = [
        case_event(state(1, received_on=DAY + dt.timedelta(days=n % 40), unit_code=UNITS[n % 3]), case_key(n))
        for n in range(50)
    ]
    Land(warehouse).handle(arrived(*cases))
    assert daily_counts(warehouse) == expected_counts(cases)
