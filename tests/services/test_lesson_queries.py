"""Boards count the lessons that the register holds, whoever wrote into the log."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.envelope import Envelope
from events.lessons import LessonHeld, LessonStruck, lesson_id
from events.log import Position, Record
from events.topics import PROMISES
from reporting.lessons.register import fold_all
from services.consuming.step import Delivered
from services.streams.land import Land
from services.warehouse.client import Warehouse
from tests.services.issue_log import APPENDED_AT

pytestmark = pytest.mark.warehouse
NOW = dt.datetime(2026, 11, 16, 18, tzinfo=dt.UTC)
UNITS = ("15607", "15622", "38")
SOURCES = ("/vn/38/15607", "/vn/38/15622", "/vn/38", "/vn/38/15607/cases")
ROLES = ("commune_officer", "commune_chair", "commune_clerk", "department_officer", "province_reviewer")
# The local day of NOW is the 17th.
DAYS = (dt.date(2026, 11, 16), dt.date(2026, 11, 17), dt.date(2026, 11, 18))


def history(rng: random.Random) -> Iterator[Envelope]:
    """Yield events about few lessons; most are right, and any part of the frame may be a stranger's."""
    for _ in range(rng.randint(1, 9)):
        unit = rng.choice(UNITS[:2])
        day = rng.choice(DAYS)
        subject = str(lesson_id(unit, day.isoformat(), "bản vịn"))
        frame: dict[str, Any] = {
            "id": UUID(int=rng.getrandbits(128)),
            "source": rng.choice(SOURCES) if rng.random() < 0.15 else f"/vn/38/{unit}",
            "subject": subject,
            "time": NOW,
            "recorded_at": NOW,
            "partition_key": subject,
            "actor_role": rng.choice(ROLES),
            "actor_unit": rng.choice(UNITS) if rng.random() < 0.15 else unit,
            "actor_body": f"{unit}.ubnd",
        }
        if rng.random() < 0.35:
            yield LessonStruck.model_validate({**frame, "data": {"reason_code": "not_held"}})
            continue
        people = rng.randint(0, 50)
        said = {
            "unit_code": rng.choice(UNITS[:2]) if rng.random() < 0.15 else unit,
            "held_on": day,
            "village": {"id": uuid4(), "sha256": "a" * 64},
            "people_count": people,
            "confirmed_count": rng.choice([None, people]),
        }
        yield LessonHeld.model_validate({**frame, "data": said})


def land(warehouse: Warehouse, log: list[Envelope]) -> None:
    Land(warehouse).handle(
        [
            Delivered(Record(Position(PROMISES.name, 0, at), one.partition_key, b"", {}, APPENDED_AT), one)
            for at, one in enumerate(log)
        ]
    )


def folded(log: list[Envelope]) -> Counter[tuple[str, int, int, int | None]]:
    lines: dict[str, list[tuple[int, int | None]]] = {}
    for one in fold_all(log):
        if not one.struck:
            lines.setdefault(one.unit_code, []).append((one.people_count, one.confirmed_count))
    return Counter(
        (
            unit,
            len(found),
            sum(people for people, _ in found),
            sum(some) if (some := [one for _, one in found if one is not None]) else None,
        )
        for unit, found in lines.items()
    )


def counted(warehouse: Warehouse) -> Counter[tuple[str, int, int, int | None]]:
    rows = warehouse.query(
        "lessons_by_unit", units=list(UNITS), **{"from": dt.date(2026, 11, 1), "to": dt.date(2026, 11, 30)}
    )
    names = ("unit_code", "lesson_count", "people_count", "confirmed_count")
    return Counter(tuple(row[name] for name in names) for row in rows)


def test_boards_count_what_the_register_folds_whoever_wrote(warehouse: Warehouse) -> None:
    refused = 0
    for seed in range(60):
        warehouse.command("TRUNCATE TABLE lesson_events")
        log = list(history(random.Random(seed)))
        land(warehouse, log)
        expected = folded(log)
        assert counted(warehouse) == expected, f"history {seed}"
        refused += any(one.actor_role not in ROLES[:3] for one in log)
    assert refused > 20


def test_a_lesson_makes_the_registers_of_villages_as_new_as_it_is(warehouse: Warehouse) -> None:
    log = [one for one in history(random.Random(0)) if one.source == "/vn/38/15607"]
    land(warehouse, log)
    rows = warehouse.query("freshness", units=["15607"], at=NOW + dt.timedelta(minutes=9))
    ages = {row["topic"]: row["old_minutes"] for row in rows}
    assert ages[PROMISES.name] == 9
    rows = warehouse.query("freshness", units=["15622"], at=NOW)
    assert {row["old_minutes"] for row in rows} == {None}
