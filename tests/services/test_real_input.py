"""A real municipality's event log through the real importer: three sources must give the same numbers.

What the log says is counted here with nothing but the csv module; the same numbers must come out of the roll-ups
and of the API. A day is the local day of the instant, in the time zone of the product.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from events.topics import CASES, CASES_BACKFILL
from services.connectors.case_importer import CaseImporter
from services.connectors.summary import Summary
from services.connectors.target import ImportTarget
from services.warehouse.client import Warehouse
from services.web.figures.windows import MAX_DAYS, Window
from services.web.prescribed.reading import RULE_SETS, FormReader
from tests.rollup_counts import counts_of
from tests.services.world import World, open_world

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
    world: World


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, warehouse_module: Warehouse) -> Iterator[Imported]:
    assert RECEIPT is not None
    with open_world(tmp_path_factory.mktemp("real"), warehouse_module) as world:
        parts, target = world.parts, ImportTarget(unit_code=UNIT)
        importer = CaseImporter(parts.intake, parts.tables, parts.store, parts.clock)
        summary = importer.run(RECEIPT, MAPPING, target)
        again = importer.run(RECEIPT, MAPPING, target)
        world.settle(60)
        yield Imported(_own_count(RECEIPT), summary, again, world)


def _api(world: World, first: dt.date, last: dt.date, by: str) -> dict[str, Any]:
    answer = world.as_("commune_officer", UNIT).get(
        f"/api/v1/units/{UNIT}/rollups", params={"from": str(first), "to": str(last), "by": by}
    )
    assert answer.status_code == 200, answer.text
    return cast("dict[str, Any]", answer.json())


def _api_days(world: World, own: OwnCount) -> dict[dt.date, dict[str, int]]:
    """Ask for every day of the log, in windows as long as the API allows."""
    days = sorted({*(day for day, _ in own.received), *own.finished})
    first = days[0]
    found: dict[dt.date, dict[str, int]] = {}
    while first <= days[-1]:
        last = min(first + dt.timedelta(days=MAX_DAYS - 1), days[-1])
        found |= {
            dt.date.fromisoformat(line["day"]): line for line in _api(world, first, last, "day")["items"]
        }
        first = last + dt.timedelta(days=1)
    return found


def _rollups(warehouse: Warehouse) -> dict[dt.date, dict[str, int]]:
    rows = warehouse.rows(
        "SELECT * FROM rollups_daily FINAL WHERE unit_code = {unit:String}",
        unit=UNIT,
    )
    return {
        row["day"]: {**counts_of(row), **{k: row[k] for k in ("opened", "closed", "closed_late")}}
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
    log = imported.world.log
    assert sum(log.end_positions(CASES.name).values()) == 0
    assert sum(log.end_positions(CASES_BACKFILL.name).values()) == 1_434


def test_the_rollups_agree_on_what_was_received_per_day_and_channel(imported: Imported) -> None:
    found: Counter[tuple[dt.date, str]] = Counter()
    for day, counts in _rollups(imported.world.parts.warehouse).items():
        for key, count in counts.items():
            if key.endswith("|opened"):
                found[day, key.split("|")[1]] += count
    assert found == imported.own.received


def test_the_rollups_agree_on_what_was_finished_and_finished_late(imported: Imported) -> None:
    days = _rollups(imported.world.parts.warehouse)
    assert +Counter({day: counts["closed"] for day, counts in days.items()}) == imported.own.finished
    assert (
        +Counter({day: counts["closed_late"] for day, counts in days.items()}) == +imported.own.finished_late
    )


@pytest.mark.parametrize("day", OPEN_ON, ids=str)
def test_the_rollups_agree_on_what_is_open(imported: Imported, day: dt.date) -> None:
    days = _rollups(imported.world.parts.warehouse)
    found = sum(counts["opened"] - counts["closed"] for on, counts in days.items() if on <= day)
    assert found == imported.own.open_on(day)


def test_the_api_agrees_on_what_was_received_each_day(imported: Imported) -> None:
    own: Counter[dt.date] = Counter()
    for (day, _), count in imported.own.received.items():
        own[day] += count
    days = _api_days(imported.world, imported.own)
    assert +Counter({day: line["received"] for day, line in days.items()}) == own


def test_the_api_agrees_on_what_was_received_by_channel(imported: Imported) -> None:
    """The API gives channels for a window: every month of the log, and its busiest days."""
    own = imported.own.received
    months = {(day.year, day.month) for day, _ in own}
    windows = [
        (dt.date(year, month, 1), dt.date(year, month, monthrange(year, month)[1])) for year, month in months
    ]
    windows += [(day, day) for (day, _), _ in own.most_common(8)]
    for first, last in windows:
        expected: Counter[str] = Counter()
        for (day, channel), count in own.items():
            if first <= day <= last:
                expected[channel] += count
        items = _api(imported.world, first, last, "channel")["items"]
        assert +Counter({line["channel"]: line["received"] for line in items}) == expected, (first, last)


def test_the_api_agrees_on_what_was_finished_and_finished_late(imported: Imported) -> None:
    days = _api_days(imported.world, imported.own)
    assert +Counter({day: line["resolved"] for day, line in days.items()}) == imported.own.finished
    assert +Counter({day: line["resolved_late"] for day, line in days.items()}) == +imported.own.finished_late


def test_the_api_agrees_on_what_is_open_on_every_day_of_the_log(imported: Imported) -> None:
    days = _api_days(imported.world, imported.own)
    assert {day: line["open"] for day, line in days.items()} == {
        day: imported.own.open_on(day) for day in days
    }


@pytest.mark.parametrize("day", OPEN_ON, ids=str)
def test_the_overview_agrees_on_what_is_open(imported: Imported, day: dt.date) -> None:
    answer = imported.world.as_("commune_officer", UNIT).get(
        f"/api/v1/units/{UNIT}/overview", params={"on": str(day)}
    )
    assert answer.json()["day"]["open"] == imported.own.open_on(day)


FORM_PERIODS = [
    (dt.date(2011, 3, 15), dt.date(2011, 4, 14)),
    (dt.date(2011, 4, 15), dt.date(2011, 5, 14)),
]


def _own_form(path: Path, first: dt.date, last: dt.date) -> Counter[str]:
    """Count form II.06a with the csv module: this log knows no withdrawal, no stop and no pause."""

    def local_day(text: str) -> dt.date | None:
        return dt.datetime.fromisoformat(text).astimezone(ZONE).date() if text else None

    with path.open(encoding="utf-8", newline="") as file:
        cases = {row["case:concept:name"]: row for row in csv.DictReader(file)}
    found: Counter[str] = Counter()
    for row in cases.values():
        received, ended = local_day(row["case:startdate"]), local_day(row["case:enddate"])
        due = local_day(row["case:enddate_planned"])
        assert received is not None
        assert due is not None
        if received > last or (ended is not None and ended < first):
            continue
        online = CHANNELS[row["case:channel"]] == "online"
        came = "received_online" if online else "received_direct"
        found["carried_over" if received < first else came] += 1
        if ended is None or ended > last:
            found["pending_overdue" if due < last else "pending_within"] += 1
        else:
            name = "late" if ended > due else "early" if ended < due else "on_time"
            found[f"resolved_{name}"] += 1
    return found


@pytest.mark.parametrize("period", FORM_PERIODS, ids=str)
def test_form_ii_06a_of_a_period_equals_the_count_of_the_csv_module(
    imported: Imported, period: tuple[dt.date, dt.date]
) -> None:
    assert RECEIPT is not None
    form = FormReader(imported.world.parts).read(UNIT, Window(*period))
    own = _own_form(RECEIPT, *period)
    assert own["carried_over"] > 0
    for rule in RULE_SETS:
        assert form.total(rule).counts == own
        assert all(check.holds for check in form.checks[rule])
    assert form.bridge == []
