"""Newborns of simulated communes: the figures are those of a plain count over the rows that were sent, as CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median_low
from typing import Any, cast

import pytest
from sqlalchemy import select

from events.cases import CaseEvent
from events.codec import decode
from events.topics import CASES
from reporting.dated.calendar import LOCAL
from reporting.dated.procedures import Procedure
from services.intake.intake import Intake
from services.intake.keys import ProvinceKeys
from services.simulate.cases import LINKED_BIRTH, CaseWorld, Sending
from services.simulate.counters import Counters
from services.simulate.profiles import profiles_of
from services.store.store import OUTBOX, Store
from services.streams.land import LandCases
from services.warehouse.client import Warehouse
from services.web.figures.newborns import newborns_asked
from services.web.figures.windows import Window
from tests.histories import case_event, case_key, state
from tests.services.test_land import arrived
from tests.services.world import tables
from tests.stores import empty_store

pytestmark = pytest.mark.warehouse
FIRST, LAST, TODAY = dt.date(2026, 9, 7), dt.date(2026, 9, 18), dt.date(2026, 10, 2)
WINDOW = Window(FIRST, LAST)
DAY = dt.timedelta(days=1)
SENT = (
    "unit",
    "MaHoSo",
    "MaDonViThamQuyen",
    "NgayTiepNhan",
    "NgayGuiDinhDanh",
    "NgayCapDinhDanh",
    "CoQuanDangCho",
)


def is_linked_birth(case: Sequence[Sending]) -> bool:
    return case[0].row.get("MaTTHC") == LINKED_BIRTH


def sent_births(folder: Path, warehouse: Warehouse) -> str:
    """Let 60 communes send their births and what follows, land it, and return the rows that were sent, as CSV."""
    profiles = profiles_of(tables().units.communes_of("38"), "newborns")[:60]
    by_field: dict[str, list[Procedure]] = defaultdict(list)
    for procedure in tables().procedures.all(FIRST):
        by_field[procedure.field_code].append(procedure)
    world = CaseWorld(tables().calendar, {**by_field}, "H56", tuple(one.unit_code for one in profiles))
    counters, file = Counters(world, "38", "newborns"), io.StringIO()
    rows = csv.DictWriter(file, SENT, extrasaction="ignore")
    rows.writeheader()
    with closing(Store(empty_store(folder / "store.db"))) as store:
        intake = Intake(store, tables(), ProvinceKeys(folder / "keys"))
        for day in (FIRST + number * DAY for number in range((TODAY - FIRST).days + 1)):
            closing_at = dt.datetime.combine(day, dt.time(17), LOCAL)
            for profile in profiles if day <= LAST else ():
                counters.arrive(profile, day, wanted=is_linked_birth)
            ready = counters.take_ready(counters.on_line(profiles, closing_at), closing_at)
            rows.writerows({"unit": code, **one.row} for code, sendings in ready.items() for one in sendings)
            assert counters.send(intake, ready, closing_at)[1] == []
        with store.read() as conn:
            told = select(OUTBOX.c.value).where(OUTBOX.c.topic == CASES.name).order_by(OUTBOX.c.id)
            LandCases(warehouse).handle(
                arrived(*(cast("CaseEvent", decode(value)) for value in conn.scalars(told)))
            )
    return file.getvalue()


def worked(after: dt.date, until: dt.date) -> int:
    """Count Mondays to Fridays: no holiday lies in these weeks."""
    return sum((after + number * DAY).weekday() < 5 for number in range(1, (until - after).days + 1))


def births(sent: str) -> Iterator[tuple[str, str, str, int | None]]:
    """Yield (commune, step, whom it awaits, working days to the number) of each case, counted from the file alone."""
    latest: dict[str, dict[str, str]] = defaultdict(dict)
    for row in csv.DictReader(io.StringIO(sent)):
        latest[row["MaHoSo"]] |= {name: value for name, value in row.items() if value}
    for case in latest.values():
        if "NgayTiepNhan" not in case:
            continue  # refused at the counter
        unit = case.get("MaDonViThamQuyen", case["unit"])
        came, went = (
            dt.date.fromisoformat(case[name][:10]) if name in case else None
            for name in ("NgayTiepNhan", "NgayCapDinhDanh")
        )
        assert came is not None
        if went is not None:
            days = worked(came, went)
            yield unit, "within" if days <= 3 else "if_verified" if days <= 5 else "late", "", days
        elif "NgayGuiDinhDanh" in case:
            step = "waiting_late" if worked(came, TODAY) > 5 else "waiting"
            yield unit, step, case.get("CoQuanDangCho", ""), None
        else:
            yield unit, "unknown", "", None


def test_newborns_are_those_of_a_plain_count_and_every_birth_is_of_one_step(
    tmp_path: Path, warehouse: Warehouse
) -> None:
    counted = list(births(sent_births(tmp_path, warehouse)))
    units = [one.code for one in tables().units.communes_of("38")]
    at = dt.datetime.combine(TODAY, dt.time(18), LOCAL)
    asked = {"units": units, "from": FIRST, "to": LAST, **newborns_asked(tables(), WINDOW, at)}

    steps = Counter(step for _, step, _, _ in counted)
    by_step = {row["step"]: row["birth_count"] for row in warehouse.query("newborns_by_step", **asked)}
    assert {step: births for step, births in by_step.items() if births} == dict(steps)
    assert {"within", "if_verified", "late", "waiting_late", "unknown"} <= set(steps), (
        "the simulation has each"
    )

    rows = {row["unit_code"]: row for row in warehouse.query("newborns_by_unit", **asked)}
    assert set(rows) == {unit for unit, *_ in counted}
    for unit, row in rows.items():
        own = [one for one in counted if one[0] == unit]
        days = [taken for *_, taken in own if taken is not None]
        assert (
            row["birth_count"]
            == len(own)
            == row["issued_count"] + row["waiting_count"] + row["unknown_count"]
        )
        assert row["issued_count"] == len(days)
        assert row["issued_count"] == row["within_count"] + row["if_verified_count"] + row["late_count"]
        assert row["median_days"] == (median_low(days) if days else None)
    waiting = Counter(body for _, step, body, _ in counted if step.startswith("waiting"))
    assert {
        row["body"]: row["waiting_count"] for row in warehouse.query("newborns_waiting", **asked)
    } == waiting


def taken_by(warehouse: Warehouse, procedure: str, received_on: dt.date, **steps: Any) -> dict[str, object]:
    """Land one birth and return the line of its commune."""
    case = state(1, None, received_on=received_on, procedure_code=procedure, **steps)
    LandCases(warehouse).handle(arrived(case_event(case, case_key(1))))
    at = dt.datetime.combine(dt.date(2026, 8, 3), dt.time(18), LOCAL)
    window = Window(dt.date(2026, 6, 29), dt.date(2026, 7, 12))
    asked = newborns_asked(tables(), window, at)
    [line] = warehouse.query(
        "newborns_by_unit", units=[case.unit_code], **{"from": window.first_on, "to": window.last_on}, **asked
    )
    return line


@pytest.mark.parametrize("procedure", ["2.000986", "2.002621"])
@pytest.mark.parametrize(
    ("received", "issued", "days"),
    [
        (4, 9, 3),  # Saturday counts as Monday, so Thursday is the third day after it
        (5, 10, 4),
        (4, 6, 0),
        (4, 4, 0),  # on the very Saturday
        (3, 8, 3),
    ],
)
def test_the_board_counts_a_weekend_as_the_due_day_does(
    warehouse: Warehouse, procedure: str, received: int, issued: int, days: int
) -> None:
    received_on, issued_on = dt.date(2026, 7, received), dt.date(2026, 7, issued)
    line = taken_by(warehouse, procedure, received_on, personal_id_issued_on=issued_on)
    assert (line["median_days"], line["within_count"], line["unknown_count"]) == (days, int(days <= 3), 0)
    due = tables().calendar.due(
        dt.datetime.combine(received_on, dt.time(8), LOCAL),
        3,
        start_rule=tables().start_rules.of(procedure, received_on).rule,
    )
    assert (issued_on <= due.due_on) == (days <= 3)


def test_a_number_from_before_the_reception_is_unknown(warehouse: Warehouse) -> None:
    line = taken_by(
        warehouse,
        "2.000986",
        dt.date(2026, 7, 7),
        submitted_on=dt.date(2026, 7, 1),
        personal_id_sent_on=dt.date(2026, 7, 2),
        personal_id_issued_on=dt.date(2026, 7, 3),
    )
    assert (line["birth_count"], line["unknown_count"], line["median_days"]) == (1, 1, None)
    assert [line[name] for name in ("issued_count", "within_count", "waiting_count", "late_count")] == [0] * 4
