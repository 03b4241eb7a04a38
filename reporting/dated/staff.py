"""Dated numbers of staff per commune, role and field: how many, and never who."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from reporting.dated.csv_rows import Row, Validity, check_apart, rows
from reporting.dated.units import UnitTable
from reporting.errors import UnknownUnit

StaffRole = Literal["centre", "department", "vice_chair"]
"""`centre`: who handles cases at the service centre; `department`: who works in a department of the commune."""
EVERY_FIELD = ""
"""The field of people who handle cases of all fields."""
MOST_PEOPLE = 500

_TABLE = "staff.csv"
COLUMNS = ("unit_code", "role", "field_code", "people", "confidence", "source", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Staff:
    """How many people of a role a commune has for a field, between two days."""

    unit_code: str
    role: StaffRole
    field_code: str
    people: int
    confidence: str
    source: str
    validity: Validity


class StaffTable:
    """All numbers of staff; built by `parse_staff`."""

    def __init__(self, found: Iterable[Staff], version: str) -> None:
        self.version = version
        self._of: dict[tuple[str, StaffRole], list[Staff]] = defaultdict(list)
        for one in found:
            self._of[one.unit_code, one.role].append(one)

    def rows_on(self, unit_code: str, role: StaffRole, day: dt.date) -> tuple[Staff, ...]:
        """Return the rows of a commune and a role that hold on a local day."""
        return tuple(one for one in self._of.get((unit_code, role), ()) if one.validity.holds_on(day))

    def people_on(self, unit_code: str, role: StaffRole, day: dt.date) -> int | None:
        """Return how many people of a role a commune has on a day; nothing where no row says it, which is not zero."""
        found = self.rows_on(unit_code, role, day)
        return sum(one.people for one in found) if found else None

    def days_of(
        self, unit_code: str, role: StaffRole, working_days: Sequence[dt.date]
    ) -> Mapping[str, int] | None:
        """Return field → days of work of its people over some working days; nothing where a day has no row."""
        found: Counter[str] = Counter()
        for day in working_days:
            held = self.rows_on(unit_code, role, day)
            if not held:
                return None
            for one in held:
                found[one.field_code] += one.people
        return found if working_days else None


def parse_staff(staff_csv: str, units: UnitTable, fields: Collection[str]) -> StaffTable:
    """Read the table.

    Raises:
        TableError: names file, line and column.
    """
    found = [(_staff(row, units, fields), row) for row in rows(_TABLE, staff_csv, COLUMNS)]
    check_apart(((one.unit_code, one.role, one.field_code), one.validity, row) for one, row in found)
    digest = hashlib.sha256(staff_csv.encode()).hexdigest()
    return StaffTable([one for one, _ in found], f"staff-{digest[:8]}")


def _staff(row: Row, units: UnitTable, fields: Collection[str]) -> Staff:
    code = row.text("unit_code")
    try:
        if units.get(code).level != "commune":
            row.refuse("unit_code", f"{code} is no commune: staff is given per commune")
    except UnknownUnit as error:
        row.refuse("unit_code", str(error))
    field = row.optional("field_code")
    return Staff(
        unit_code=code,
        role=cast("StaffRole", row.choice("role", get_args(StaffRole))),
        field_code=EVERY_FIELD if field is None else row.choice("field_code", fields),
        people=row.whole("people", 0, MOST_PEOPLE),
        confidence=row.confidence(),
        source=row.text("source"),
        validity=row.validity(),
    )
