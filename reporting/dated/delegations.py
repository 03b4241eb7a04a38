"""Dated delegations: which role may approve in the chair's stead, by which document; offices, never names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from pydantic import ValidationError

from events.envelope import Role
from events.escalations import Delegation
from events.fields import SigningCapacity
from reporting.dated.csv_rows import Row, Validity, check_apart, rows
from reporting.dated.units import UnitTable
from reporting.errors import UnknownUnit

DelegatedRole = Literal["commune_officer", "commune_clerk", "province_reviewer"]

_TABLE = "delegations.csv"
_COLUMNS = (
    *("unit", "role", "capacity", "number", "issued_on", "issuer"),
    *("confidence", "source", "valid_from", "valid_to"),
)
_ROLES_OF: dict[str, tuple[DelegatedRole, ...]] = {
    "commune": ("commune_officer", "commune_clerk"),
    "province": ("province_reviewer",),
}


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """One document by which a role of a unit approves and signs in a stated capacity."""

    id: str
    unit_code: str
    role: DelegatedRole
    capacity: SigningCapacity
    number: str
    issued_on: dt.date
    issuer: str
    validity: Validity


class DelegationTable:
    """All delegations; built by `parse_delegations`."""

    def __init__(self, found: Sequence[DelegationRow]) -> None:
        self._found = tuple(found)

    def find(self, unit_code: str, role: Role, on: dt.date) -> DelegationRow | None:
        """Return the delegation by which a role of a unit may approve on a local day; None without one."""
        return next(
            (
                one
                for one in self._found
                if one.unit_code == unit_code and one.role == role and one.validity.holds_on(on)
            ),
            None,
        )


def as_event(row: DelegationRow) -> Delegation:
    """Return a delegation as an approval event carries it."""
    return Delegation(
        row_id=row.id,
        number=row.number,
        issued_on=row.issued_on,
        issuer=row.issuer,
        valid_from=row.validity.valid_from,
        valid_to=row.validity.valid_to,
    )


def parse_delegations(delegations_csv: str, units: UnitTable) -> DelegationTable:
    """Read the table; it may be empty: then the chair alone approves.

    Raises:
        TableError: names file, line and column.
    """
    found = [(_delegation(row, units), row) for row in rows(_TABLE, delegations_csv, _COLUMNS)]
    check_apart(((one.unit_code, one.role), one.validity, row) for one, row in found)
    return DelegationTable([one for one, _ in found])


def _delegation(row: Row, units: UnitTable) -> DelegationRow:
    unit_code, validity = row.text("unit"), row.validity()
    try:
        level = units.get(unit_code).level
    except UnknownUnit as missing:
        row.refuse("unit", missing.message)
    role = cast("DelegatedRole", row.choice("role", _ROLES_OF.get(level, ())))
    row.confidence()
    row.text("source")
    found = DelegationRow(
        id=f"{unit_code}.{role}@{validity.valid_from.isoformat()}",
        unit_code=unit_code,
        role=role,
        capacity=cast("SigningCapacity", row.choice("capacity", ("kt", "tl", "tuq"))),
        number=row.text("number"),
        issued_on=row.day("issued_on"),
        issuer=row.text("issuer"),
        validity=validity,
    )
    try:
        as_event(found)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        row.refuse(str(detail["loc"][0]), str(detail["msg"]))
    return found
