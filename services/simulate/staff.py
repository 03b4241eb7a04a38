"""Numbers of staff of the simulated communes: most are like their neighbours, some are short of people, some could lend."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from reporting.dated.csv_rows import Validity
from reporting.dated.staff import COLUMNS, EVERY_FIELD, Staff, StaffRole, StaffTable
from reporting.dated.units import Unit
from services.simulate.profiles import BAT_MOT, Profile, profile_of

if TYPE_CHECKING:
    from services.boot.system import System

SINCE = dt.date(2025, 7, 1)
"""The first day of the two-tier model."""
SOURCE = "Số liệu mô phỏng"
# Design assumptions for a demonstration, not measurements.
_CASES_PER_PERSON = 1.6
_SHORT, _AMPLE = 0.09, 0.14
_THIRD_CHAIR = 0.3
_OWN_FIELDS_FROM = 4


def staff_of(units: Iterable[Unit], seed: str) -> list[Staff]:
    """Return the staff of some communes; the same seed and unit give the same numbers. Bát Mọt has its known four."""
    return [row for unit in units for row in _of_commune(unit, seed)]


def with_staff(system: System, seed: str) -> System:
    """Return the system with numbers of staff for every commune in whatever its pages show."""
    tables = system.parts.tables
    communes = [
        unit for province in tables.units.provinces() for unit in tables.units.communes_of(province.code)
    ]
    staff = StaffTable(staff_of(communes, seed), f"staff-simulated-{seed}")
    return replace(system, parts=replace(system.parts, tables=replace(tables, staff=staff)))


def _of_commune(unit: Unit, seed: str) -> Iterator[Staff]:
    rng = random.Random(f"{seed}:staff:{unit.code}")
    profile = profile_of(unit, seed)
    people = 4 if unit.code == BAT_MOT else _at_centre(profile, rng)
    of_fields = ("ho_tich", "chung_thuc") if people > _OWN_FIELDS_FROM else ()
    for field in of_fields:
        yield _row(unit, "centre", field, 1)
    yield _row(unit, "centre", EVERY_FIELD, people - len(of_fields))
    yield _row(unit, "department", EVERY_FIELD, rng.randint(14, 30))
    has_third = unit.code != BAT_MOT and rng.random() < _THIRD_CHAIR
    yield _row(unit, "vice_chair", EVERY_FIELD, 3 if has_third else 2)


def _at_centre(profile: Profile, rng: random.Random) -> int:
    usual = max(round(profile.daily_cases / _CASES_PER_PERSON), 2)
    drawn = rng.random()
    if drawn < _SHORT:
        return max(usual // 2, 1)
    return usual * 2 + 1 if drawn > 1 - _AMPLE else usual


def _row(unit: Unit, role: StaffRole, field: str, people: int) -> Staff:
    return Staff(unit.code, role, field, people, "low", SOURCE, Validity(SINCE))


def staff_csv(units: Iterable[Unit], seed: str) -> str:
    """Return the staff of some communes as `staff.csv`, which an installation may take as its table."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in staff_of(units, seed):
        days = (row.validity.valid_from.isoformat(), "")
        writer.writerow(
            (row.unit_code, row.role, row.field_code, row.people, row.confidence, row.source, *days)
        )
    return written.getvalue()
