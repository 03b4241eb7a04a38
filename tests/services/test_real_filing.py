"""A real municipality's log filed as three communes: workload, filed figures and restatement equal a count of its rows.

The count uses nothing but the csv module, days and sums: no rule, no query and no table of the product. The log is moved
by whole weeks into days on which today's tables hold, and given to three communes by who was responsible. It comes
twice: as its source had it some days before the period ended, and whole.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from reporting.dated.calendar import LOCAL
from reporting.dated.staff import parse_staff
from reporting.filings.figures import FILED
from services.connectors.case_importer import CaseImporter
from services.connectors.target import ImportTarget
from tests.databases import Databases
from tests.reporting.tables import shipped
from tests.services.test_real_input import CHANNELS, MAPPING, RECEIPT
from tests.services.test_watch import _land, heartbeat
from tests.services.world import BAT_MOT, LEADER, REVIEWER, VAN_XUAN, World, open_world, tables

pytestmark = [
    pytest.mark.warehouse,
    pytest.mark.skipif(
        RECEIPT is None,
        reason="the real event log is not here: put receipt.csv into ../shared/data or name it in LIENCAP_RECEIPT_CSV",
    ),
]
_WEEKS, _DAY = dt.timedelta(weeks=774), dt.timedelta(days=1)
PERIOD, FIRST, LAST = "2026-06", dt.date(2026, 5, 15), dt.date(2026, 6, 14)
KNOWN_TO = dt.date(2026, 6, 9)
"""The last day of the log as it came first; what happened after it came late."""
COMMUNES = (BAT_MOT, VAN_XUAN, "15019")
PEOPLE = {BAT_MOT: 4, VAN_XUAN: 3, "15019": 2}
FIELDS = {"Group 5": "chung_thuc", "Group 8": "dat_dai", "": "ho_tich"}
"""Groups of the log as fields of work; all others are building."""
BUILDING = "xay_dung"
_TIMES = ("case:deadline", "case:enddate", "case:enddate_planned", "case:startdate", "time:timestamp")
Row = dict[str, str]
Place = tuple[str, str, str]


def moved(path: Path) -> list[Row]:
    """Return the lines of the log, all instants later by whole weeks."""

    def later(text: str) -> str:
        return (dt.datetime.fromisoformat(text) + _WEEKS).isoformat(" ") if text else ""

    with path.open(encoding="utf-8", newline="") as file:
        return [{**row, **{name: later(row[name]) for name in _TIMES}} for row in csv.DictReader(file)]


def day_of(text: str) -> dt.date | None:
    return dt.datetime.fromisoformat(text).astimezone(LOCAL).date() if text else None


def known_then(rows: list[Row]) -> list[Row]:
    """Return the log as its source had it at the end of the last day that it knew."""
    found = []
    for row in rows:
        at, ended = day_of(row["time:timestamp"]), day_of(row["case:enddate"])
        assert at is not None
        if at <= KNOWN_TO:
            found.append({**row, "case:enddate": row["case:enddate"] if ended and ended <= KNOWN_TO else ""})
    return found


def commune_of(row: Row) -> str:
    busy = {"Resource11": BAT_MOT, "Resource02": VAN_XUAN, "Resource04": VAN_XUAN, "Resource06": VAN_XUAN}
    return busy.get(row["case:responsible"], "15019")


@dataclass(frozen=True)
class Case:
    """What the lines of one case say."""

    unit: str
    field: str
    channel: str
    received: dt.date
    due: dt.date
    ended: dt.date | None


def cases_of(rows: list[Row]) -> list[Case]:
    last = {row["case:concept:name"]: row for row in rows}
    found = []
    for row in last.values():
        received, due = day_of(row["case:startdate"]), day_of(row["case:enddate_planned"])
        assert received is not None
        assert due is not None
        field = FIELDS.get(row["case:group"], BUILDING)
        channel = CHANNELS[row["case:channel"]]
        found.append(Case(commune_of(row), field, channel, received, due, day_of(row["case:enddate"])))
    return found


def own_figures(cases: list[Case]) -> Counter[Place]:
    """Count what is filed of the period by hand; this log knows no pause, no withdrawal, no stop and no hand-over."""
    found: Counter[Place] = Counter()
    for one in cases:
        inside = one.ended is not None and FIRST <= one.ended <= LAST
        is_open = one.received <= LAST and (one.ended is None or one.ended > LAST)
        went_late = one.due + _DAY
        says = {
            "submitted": FIRST <= one.received <= LAST,
            "received": FIRST <= one.received <= LAST,
            "resolved": inside,
            "resolved_early": inside and one.ended is not None and one.ended < one.due,
            "resolved_on_time": inside and one.ended == one.due,
            "resolved_late": inside and one.ended is not None and one.ended > one.due,
            "became_overdue": FIRST <= went_late <= LAST and (one.ended is None or one.ended >= went_late),
            "carried_over": one.received < FIRST and (one.ended is None or one.ended >= FIRST),
            "open": is_open,
            "overdue": is_open and one.due < LAST,
        }
        for number, counts in says.items():
            found[one.field, one.channel, number] += counts
    return +found


def own_work(cases: list[Case]) -> dict[str, Counter[str]]:
    weights = {
        (row["field_code"], row["procedure_code"]): int(row["minutes"])
        for row in csv.DictReader(io.StringIO(shipped("workload_weights.csv").lstrip("\ufeff")))
    }
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in cases:
        if one.received > LAST or (one.ended is not None and one.ended < FIRST):
            continue
        minutes = weights.get((one.field, ""), weights["*", ""])
        came = "carried_over" if one.received < FIRST else "received"
        went = "resolved" if one.ended is not None and one.ended <= LAST else "open"
        for place in (came, went):
            found["cases"][place] += 1
            found["minutes"][place] += minutes
        if came == "received":
            monday = one.received - one.received.weekday() * _DAY
            found["weeks"][max(monday, FIRST).isoformat()] += minutes
    return found


def mapping_of(folder: Path) -> Path:
    """Write the mapping of the log, with its groups as fields of work."""
    text = MAPPING.read_text(encoding="utf-8")
    text = text.replace('KenhThucHien = "case:channel"', 'KenhThucHien = "case:channel"\nLinhVuc = "Field"')
    text = text.replace('[constants]\nLinhVuc = "xay_dung"\n', "")
    path = folder / "log.toml"
    path.write_text(text, encoding="utf-8")
    return path


def take(world: World, folder: Path, rows: list[Row], name: str) -> None:
    """Import the lines of each commune as a file of its own."""
    parts, mapping = world.parts, mapping_of(folder)
    importer = CaseImporter(parts.intake, parts.tables, parts.store, parts.clock)
    for code in COMMUNES:
        path = folder / f"{name}-{code}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*rows[0], "Field"])
            writer.writeheader()
            writer.writerows(
                {**row, "Field": FIELDS.get(row["case:group"], BUILDING)}
                for row in rows
                if commune_of(row) == code
            )
        summary = importer.run(path, mapping, ImportTarget(unit_code=code))
        assert summary.exit_code == 0, summary
    world.settle(60)


def file_period(world: World, code: str) -> None:
    at = f"/api/v1/filings/{code}/{PERIOD}"
    digest = world.as_(*REVIEWER).get(at).json()["digest"]
    done = world.as_("commune_chair", code).post(f"{at}/confirmation", json={"digest": digest})
    assert done.status_code == 202, done.text
    world.settle()
    confirmed = done.json()["event_id"]
    for who, what in ((REVIEWER, "acceptance"), (LEADER, "closure")):
        done = world.as_(*who).post(f"{at}/{what}", json={"confirmed_id": confirmed})
        assert done.status_code == 202, done.text
        world.settle()


@dataclass(frozen=True)
class Filed:
    """The world after both imports, and the cases as they were known then and now."""

    world: World
    then: list[Case]
    now: list[Case]


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Filed]:
    assert RECEIPT is not None
    rows, folder = moved(RECEIPT), tmp_path_factory.mktemp("filed")
    then, fresh = known_then(rows), databases.fresh()
    with closing(fresh), open_world(folder, fresh, demo=True) as world:
        take(world, folder, then, "then")
        for code in COMMUNES:
            file_period(world, code)
        take(world, folder, rows, "now")
        days = [FIRST - 7 * _DAY + number * _DAY for number in range((LAST - FIRST).days + 8)]
        beats = [dt.datetime.combine(day, dt.time(17), LOCAL).astimezone(dt.UTC) for day in days]
        _land(world.parts.warehouse, *(heartbeat(at, code) for code in COMMUNES for at in beats))
        head = "unit_code,role,field_code,people,confidence,source,valid_from,valid_to\n"
        staff = head + "".join(
            f"{code},centre,,{people},low,Số liệu thử,2025-07-01,\n" for code, people in PEOPLE.items()
        )
        read = parse_staff(staff, tables().units, tables().procedures.fields())
        world.parts = replace(world.parts, tables=replace(world.parts.tables, staff=read))
        world.app.state.parts = world.parts
        yield Filed(world, cases_of(then), cases_of(rows))


def of(cases: list[Case], code: str) -> list[Case]:
    return [one for one in cases if one.unit == code]


@pytest.mark.parametrize("code", COMMUNES)
def test_the_workload_of_a_commune_equals_the_count_of_the_csv_module(filed: Filed, code: str) -> None:
    own = own_work(of(filed.now, code))
    answer = filed.world.as_(*LEADER).get(f"/api/v1/units/{code}/workload", params={"period": PERIOD})
    assert answer.status_code == 200, answer.text
    [line] = answer.json()["items"]
    assert own["cases"].total() > 100
    for measure in ("cases", "minutes"):
        flow = {key: own[measure][key] for key in ("carried_over", "received", "resolved", "open")}
        assert line[measure] == {**flow, "to_handle": flow["carried_over"] + flow["received"]}
    weekdays = sum((FIRST + number * _DAY).weekday() < 5 for number in range((LAST - FIRST).days + 1))
    assert line["officer_days"] == PEOPLE[code] * weekdays
    assert line["minutes_per_day"] == pytest.approx(line["minutes"]["to_handle"] / line["officer_days"])
    assert line["backlog_days"] == pytest.approx(own["minutes"]["open"] / (PEOPLE[code] * 420))
    assert {week["from"]: week["minutes"] for week in answer.json()["weeks"] if week["minutes"]} == own[
        "weeks"
    ]
    assert all(check["holds"] for check in answer.json()["checks"])


@pytest.mark.parametrize("code", COMMUNES)
def test_what_was_filed_and_what_the_whole_log_moved_equal_the_count_of_the_csv_module(
    filed: Filed, code: str
) -> None:
    def shown(figures: Any) -> Counter[Place]:
        return +Counter(
            {(one["field_code"], one["channel"], key): one[key] for one in figures["lines"] for key in FILED}
        )

    at = f"/api/v1/filings/{code}/{PERIOD}"
    held = filed.world.as_(*REVIEWER).get(at).json()
    then, now = own_figures(of(filed.then, code)), own_figures(of(filed.now, code))
    assert (shown(held["filed"]), shown(held["now"])) == (then, now)
    items = filed.world.as_(*REVIEWER).get(f"{at}/restatements").json()["items"]
    ledger = {(one["field_code"], one["channel"], one["number"]): one["now"] - one["filed"] for one in items}
    assert ledger == {place: now[place] - then[place] for place in {*then, *now} if now[place] != then[place]}
    assert {"received", "open"} <= {number for _, _, number in ledger}
    assert {cause["cause"] for one in items for cause in one["causes"]} == {"late_data"}
