"""A real municipality's event log through the real importer: three sources must give the same numbers.

What the log says is counted here with nothing but the csv module; the same numbers must come out of the roll-ups
and of the API. A day is the local day of the instant, in the time zone of the product.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from events.topics import CASES, CASES_BACKFILL
from services.adapters.clickhouse import Warehouse
from services.adapters.embedded.runtime import Runtime
from services.connectors.summary import Summary
from services.connectors.target import ImportTarget
from services.streams.land import LandBackfill, LandCases
from tests.services.connectors.installation import Installation

ROOT = Path(__file__).resolve().parents[2]
PLACES = (os.environ.get("LIENCAP_RECEIPT_CSV"), ROOT.parent / "shared" / "data" / "receipt.csv")
RECEIPT = next((Path(place) for place in PLACES if place and Path(place).is_file()), None)
MAPPING = ROOT / "examples" / "receipt.toml"
UNIT = "15607"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CHANNELS = {"Desk": "counter", "Intern": "counter", "Internet": "online", "e-mail": "online", "Post": "post"}
# Before the first case, in the middle of the log, a day of many closings, at its end, and long after.
OPEN_ON = [
    dt.date(2010, 9, 30),
    dt.date(2011, 3, 15),
    dt.date(2011, 5, 17),
    dt.date(2012, 1, 23),
    dt.date(2026, 11, 1),
]

pytestmark = [
    pytest.mark.warehouse,
    pytest.mark.skipif(
        RECEIPT is None,
        reason="the real event log is not here: put receipt.csv into ../shared/data or name it in LIENCAP_RECEIPT_CSV",
    ),
]


@dataclass
class OwnCount:
    """What the csv module alone says."""

    received: Counter[tuple[dt.date, str]] = field(default_factory=Counter)
    finished: Counter[dt.date] = field(default_factory=Counter)
    finished_late: Counter[dt.date] = field(default_factory=Counter)

    def open_on(self, day: dt.date) -> int:
        """Count the cases that were received and not finished at the end of a day."""
        received = sum(count for (on, _), count in self.received.items() if on <= day)
        return received - sum(count for on, count in self.finished.items() if on <= day)


def _own_count(path: Path) -> OwnCount:
    def local_day(text: str) -> dt.date:
        return dt.datetime.fromisoformat(text).astimezone(ZONE).date()

    count = OwnCount()
    seen: set[str] = set()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["case:concept:name"] in seen:
                continue
            seen.add(row["case:concept:name"])
            count.received[local_day(row["case:startdate"]), CHANNELS[row["case:channel"]]] += 1
            if row["case:enddate"]:
                finished_on = local_day(row["case:enddate"])
                count.finished[finished_on] += 1
                count.finished_late[finished_on] += finished_on > local_day(row["case:enddate_planned"])
    return count


@dataclass(frozen=True)
class Imported:
    """Everything that the tests look at, after one import."""

    own: OwnCount
    summary: Summary
    again: Summary
    live_count: int
    backfill_count: int
    warehouse: Warehouse


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, warehouse_module: Warehouse) -> Iterator[Imported]:
    assert RECEIPT is not None
    folder = tmp_path_factory.mktemp("real")
    with Installation(folder) as here:
        target = ImportTarget(unit_code=UNIT)
        summary = here.cases.run(RECEIPT, MAPPING, target)
        again = here.cases.run(RECEIPT, MAPPING, target)
        here.relay.publish_all()
        runtime = Runtime(here.log, [LandCases(warehouse_module), LandBackfill(warehouse_module)])
        runtime.start()
        assert runtime.wait_idle(60)
        assert runtime.stop()
        live, backfill = (
            sum(here.log.end_positions(topic.name).values()) for topic in (CASES, CASES_BACKFILL)
        )
        yield Imported(_own_count(RECEIPT), summary, again, live, backfill, warehouse_module)


def _rollups(warehouse: Warehouse) -> dict[dt.date, dict[str, int]]:
    rows = warehouse.rows(
        "SELECT day, opened, closed, closed_late, counts FROM rollups_daily FINAL WHERE unit_code = {unit:String}",
        unit=UNIT,
    )
    return {
        row["day"]: {**row["counts"], **{k: row[k] for k in ("opened", "closed", "closed_late")}}
        for row in rows
    }


def test_the_log_is_the_one_that_the_numbers_are_known_of(imported: Imported) -> None:
    assert sum(imported.own.received.values()) == 1_434
    assert sum(imported.own.finished.values()) == 1_329
    assert sum(imported.own.finished_late.values()) == 322


def test_every_case_is_taken_once_and_again_changes_nothing(imported: Imported) -> None:
    assert (imported.summary.counts, imported.summary.exit_code) == ({"created": 1_434}, 0)
    assert imported.again.counts == {"unchanged": 1_434}


def test_history_takes_the_lane_beside_the_live_one(imported: Imported) -> None:
    assert (imported.live_count, imported.backfill_count) == (0, 1_434)


def test_the_rollups_agree_on_what_was_received_per_day_and_channel(imported: Imported) -> None:
    found: Counter[tuple[dt.date, str]] = Counter()
    for day, counts in _rollups(imported.warehouse).items():
        for key, count in counts.items():
            if key.endswith("|opened"):
                found[day, key.split("|")[1]] += count
    assert found == imported.own.received


def test_the_rollups_agree_on_what_was_finished_and_finished_late(imported: Imported) -> None:
    days = _rollups(imported.warehouse)
    assert +Counter({day: counts["closed"] for day, counts in days.items()}) == imported.own.finished
    assert (
        +Counter({day: counts["closed_late"] for day, counts in days.items()}) == +imported.own.finished_late
    )


@pytest.mark.parametrize("day", OPEN_ON, ids=str)
def test_the_rollups_agree_on_what_is_open(imported: Imported, day: dt.date) -> None:
    days = _rollups(imported.warehouse)
    found = sum(counts["opened"] - counts["closed"] for on, counts in days.items() if on <= day)
    assert found == imported.own.open_on(day)
