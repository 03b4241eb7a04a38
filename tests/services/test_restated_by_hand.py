"""The restatement after late data on a simulated commune equals an independent count of the rows that were sent.

The count uses nothing but the csv module, days and sums: no rule, no query and no table of the product.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from reporting.dated.calendar import LOCAL
from reporting.dated.procedures import Procedure
from services.simulate.cases import CaseWorld
from services.simulate.counters import Counters
from services.simulate.profiles import profile_of
from tests.databases import Databases
from tests.services.world import BAT_MOT, CHAIR, LEADER, REVIEWER, THANH_HOA, World, open_world, tables

pytestmark = pytest.mark.warehouse
PERIOD, FIRST, LAST = "2026-10", dt.date(2026, 9, 15), dt.date(2026, 10, 14)
CHANNELS = {"1": "counter", "2": "online", "3": "post"}
NUMBERS = ("received", "resolved", "carried_over", "open")
Place = tuple[str, str, str]


def send(world: World, late: bool) -> str:
    """Let the commune send the dossiers that are in time, or those that are late, and return the rows as CSV."""
    by_field: dict[str, list[Procedure]] = defaultdict(list)
    for procedure in tables().procedures.all(FIRST):
        by_field[procedure.field_code].append(procedure)
    counters = Counters(CaseWorld(tables().calendar, {**by_field}, "H56", (BAT_MOT,)), THANH_HOA, "late")
    profile = profile_of(tables().units.get(BAT_MOT), "late")
    for number in range(30):
        counters.arrive(profile, dt.date(2026, 9, 7) + dt.timedelta(days=number))
    ready = counters.take_ready((BAT_MOT,), dt.datetime(2026, 11, 20, 17, tzinfo=LOCAL))[BAT_MOT]
    chosen = [one for one in ready if (str(one.row["MaHoSo"])[-1] in "37") is late]
    _, refused = counters.send(world.parts.intake, {BAT_MOT: chosen}, world.clock())
    assert refused == []
    world.settle()
    out = io.StringIO()
    writer = csv.DictWriter(out, sorted({name for one in chosen for name in one.row}), restval="")
    writer.writeheader()
    writer.writerows(one.row for one in chosen)
    return out.getvalue()


def own_count(*sent: str) -> Counter[Place]:
    """Count by hand what the rows say of the period, by field, channel and number."""
    last: dict[str, dict[str, str]] = {}
    for rows in sent:
        for row in csv.DictReader(io.StringIO(rows)):
            last[row["MaHoSo"]] = {**last.get(row["MaHoSo"], {}), **{k: v for k, v in row.items() if v}}
    found: Counter[Place] = Counter()
    for row in last.values():
        if not row.get("NgayTiepNhan"):
            continue  # refused at the counter
        ended = row.get("NgayKetThucXuLy") or (row["NgayTrangThai"] if row["TrangThai"] in {"7", "8"} else "")
        received = dt.date.fromisoformat(row["NgayTiepNhan"][:10])
        closed = dt.date.fromisoformat(ended[:10]) if ended else None
        says = {
            "received": FIRST <= received <= LAST,
            "resolved": closed is not None and FIRST <= closed <= LAST,
            "carried_over": received < FIRST and (closed is None or closed >= FIRST),
            "open": received <= LAST and (closed is None or closed > LAST),
        }
        for number, counts in says.items():
            if counts:
                found[row["LinhVuc"], CHANNELS[row["KenhThucHien"]], number] += 1
    return found


def shown(figures: dict[str, Any]) -> Counter[Place]:
    return +Counter(
        {(one["field_code"], one["channel"], key): one[key] for one in figures["lines"] for key in NUMBERS}
    )


def file(world: World, what: str, who: tuple[str, ...], **sent: Any) -> dict[str, Any]:
    answer = world.as_(*who).post(f"/api/v1/filings/{BAT_MOT}/{PERIOD}/{what}", json=sent)
    assert answer.status_code == 202, answer.text
    world.settle()
    said: dict[str, Any] = answer.json()
    return said


def test_what_was_filed_and_what_late_data_moved_equal_a_count_by_hand(
    tmp_path: Path, databases: Databases
) -> None:
    fresh = databases.fresh()
    with closing(fresh), open_world(tmp_path, fresh) as world:
        at = f"/api/v1/filings/{BAT_MOT}/{PERIOD}"
        in_time = send(world, late=False)
        digest = world.as_(*REVIEWER).get(at).json()["digest"]
        confirmed = file(world, "confirmation", CHAIR, digest=digest)["event_id"]
        file(world, "acceptance", REVIEWER, confirmed_id=confirmed)
        file(world, "closure", LEADER, confirmed_id=confirmed)
        came_late = send(world, late=True)
        held = world.as_(*REVIEWER).get(at).json()
        items = world.as_(*REVIEWER).get(f"{at}/restatements").json()["items"]

    filed, now = own_count(in_time), own_count(in_time, came_late)
    assert (shown(held["filed"]), shown(held["now"])) == (filed, now)
    moved = {place: now[place] - filed[place] for place in {*filed, *now} if now[place] != filed[place]}
    ledger = {
        (one["field_code"], one["channel"], one["number"]): one["now"] - one["filed"]
        for one in items
        if one["number"] in NUMBERS
    }
    assert ledger == moved
    assert len(moved) > 5
    assert {cause["cause"] for one in items for cause in one["causes"]} == {"late_data"}
