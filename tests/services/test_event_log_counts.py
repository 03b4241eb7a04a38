"""An event log with pauses, two ends and transitions, counted by hand from its events, equals every figure of every day."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from services.connectors.case_importer import CaseImporter
from services.connectors.target import ImportTarget
from tests.services.connectors.tables import mapping_file
from tests.services.connectors.test_event_meaning import EVENTS, LIFE
from tests.services.world import BAT_MOT, OFFICER, World

pytestmark = pytest.mark.warehouse
FIRST = dt.datetime(2026, 10, 1, 9, tzinfo=dt.timezone(dt.timedelta(hours=7)))
DAYS = [FIRST.date() + dt.timedelta(days=n) for n in range(50)]
Event = tuple[str, str, dt.datetime, str]


def log_of(seed: int, count: int) -> list[Event]:
    """Make the events of some cases: none to three pauses of two causes, an end, a hand-over, and other transitions."""
    chance = random.Random(seed)
    events: list[Event] = []
    for number in range(count):
        case, at = f"K{number}", FIRST + dt.timedelta(days=chance.randrange(15))
        steps = ["Tiếp nhận"]
        for _ in range(chance.randrange(4)):
            steps += [chance.choice(["Yêu cầu bổ sung", "Yêu cầu nộp phí"]), "Đã bổ sung"]
        steps += ["Xử lý xong", "Trả kết quả"]
        for step in steps[: chance.randrange(1, len(steps) + 1)]:
            events.append((case, step, at, "complete"))
            noise = chance.choice(["start", "schedule", "suspend"])
            events.append((case, chance.choice(["Xử lý xong", "Trả kết quả"]), at, noise))
            at += dt.timedelta(days=chance.randrange(4), hours=1)
    chance.shuffle(events)
    return events


def by_hand(events: list[Event]) -> dict[str, Counter[dt.date]]:
    """Count each day from the events alone: flows on their day, stocks at its end."""
    of_case: dict[str, list[tuple[dt.datetime, str]]] = {}
    for case, what, at, transition in events:
        if transition == "complete":
            of_case.setdefault(case, []).append((at, what))
    found: dict[str, Counter[dt.date]] = {
        name: Counter() for name in ("received", "resolved", "returned", "open", "paused")
    }
    for steps in of_case.values():
        steps.sort()
        days = {what: at.date() for at, what in steps}
        received, closed = days["Tiếp nhận"], days.get("Xử lý xong")
        found["received"][received] += 1
        if closed is not None:
            found["resolved"][closed] += 1
        if "Trả kết quả" in days:
            found["returned"][days["Trả kết quả"]] += 1
        for day in DAYS:
            if received <= day and (closed is None or day < closed):
                found["open"][day] += 1
                seen = [what for at, what in steps if at.date() <= day]
                found["paused"][day] += seen[-1] in {"Yêu cầu bổ sung", "Yêu cầu nộp phí"}
    return found


def test_figures_of_an_event_log_are_those_counted_by_hand_on_every_day(world: World, tmp_path: Path) -> None:
    events, path = log_of(7, 60), tmp_path / "log.csv"
    lines = [f"{case},{what},{at.isoformat()},1.001612,{how}" for case, what, at, how in events]
    path.write_text("\n".join([LIFE, *lines]) + "\n", encoding="utf-8")
    parts = world.parts
    importer = CaseImporter(parts.intake, parts.tables, parts.store, parts.clock)
    summary = importer.run(path, mapping_file(tmp_path, EVENTS), ImportTarget(unit_code=BAT_MOT))
    assert summary.counts == {"created": 60}
    assert summary.events is not None
    assert summary.events.read == len(events)
    assert summary.events.other_transition == len(events) // 2
    world.settle()
    wanted = by_hand(events)
    assert sum(wanted["paused"].values()) > 50, "a log without pauses would show nothing"
    for day in DAYS:
        said: dict[str, Any] = (
            world.as_(*OFFICER).get(f"/api/v1/units/{BAT_MOT}/overview", params={"on": str(day)}).json()
        )
        counts = said["day"]
        assert {name: counts[name] for name in wanted} == {name: wanted[name][day] for name in wanted}, day
    rolled = {
        row["day"]: row
        for row in parts.warehouse.rows(
            "SELECT day, opened, closed, returned FROM rollups_daily FINAL WHERE unit_code = {unit:String}",
            unit=BAT_MOT,
        )
    }
    for day in DAYS:
        row = rolled.get(day, {"opened": 0, "closed": 0, "returned": 0})
        assert (row["opened"], row["closed"], row["returned"]) == tuple(
            wanted[name][day] for name in ("received", "resolved", "returned")
        ), day
