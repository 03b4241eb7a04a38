"""The owner of a file's cases: one commune, or a province with a column that names the commune."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from reporting.dated.calendar import LOCAL
from reporting.dated.units import UnitTable
from services.access.actors import Actor
from services.connectors.errors import BrokenRow
from services.connectors.mapping import UNIT, DateRules, Mapping
from services.connectors.records import Record
from services.connectors.unit_names import UnitNames
from services.connectors.values import moment
from services.errors import BadInput

_DAYS = ("NgayTiepNhan", "NgayNop", "occurred_at", "promised_on")


def day_of(record: Record, rules: DateRules) -> dt.date | None:
    """Return the day on which what a row states came about; None where it names none."""
    for field in _DAYS:
        text = record.values.get(field)
        found = text and moment(text, rules.forms, rules.zone, excel_serial=rules.excel_serial)
        if found:
            return found.astimezone(LOCAL).date() if isinstance(found, dt.datetime) else found
    return None


def prefixed(dossier_code: str, unit_code: str, mapping: Mapping) -> str:
    """Return a dossier code as it is kept: local numbers of a list follow the prefix of the mapping."""
    return mapping.key_prefix.replace("{unit}", unit_code) + dossier_code


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """Either `unit_code`, or `province_code` and the column that names the commune.

    The column may be left out where the mapping has `columns.unit`.

    Attributes:
        sender: the person who imports; without one the file speaks for itself, as the command line and a folder have it.
    """

    unit_code: str | None = None
    province_code: str | None = None
    unit_column: str | None = None
    sender: Actor | None = None

    def __post_init__(self) -> None:
        """Raise an error if both or neither are given."""
        if (self.unit_code is None) == (self.province_code is None):
            raise BadInput(
                "name the commune (--unit) or the province and its column (--province, --unit-column)"
            )
        if self.unit_code is not None and self.unit_column is not None:
            raise BadInput(
                "--unit-column goes with --province; one commune needs no column", field="unit_column"
            )

    def __str__(self) -> str:
        """Return a text that distinguishes targets in the stored progress."""
        return (
            f"unit {self.unit_code}"
            if self.unit_code
            else f"province {self.province_code}, {self.unit_column}"
        )

    def applied_to(self, mapping: Mapping) -> Mapping:
        """Return the mapping with the column of units, or without it if the target is one commune.

        Raises:
            BadInput: the target is a province, and neither it nor the mapping names the column.
        """
        if self.unit_code is not None:
            columns = {name: names for name, names in mapping.columns.items() if name != UNIT}
            return mapping.model_copy(update={"columns": columns})
        if self.unit_column is not None:
            return mapping.model_copy(update={"columns": {**mapping.columns, UNIT: (self.unit_column,)}})
        if UNIT not in mapping.columns:
            raise BadInput(
                "a file of a province needs the column that names the commune: --unit-column, or columns.unit",
                field="unit_column",
            )
        return mapping

    def unit_of(self, record: Record, names: UnitNames, dates: DateRules) -> str:
        """Return the code of a record's commune; the day of the row decides where a name had another unit before.

        Raises:
            BrokenRow: the line could not be read, or names no commune of the province.
        """
        if record.error:
            raise BrokenRow(record.error, field=record.field)
        if self.unit_code is not None:
            return self.unit_code
        if UNIT not in record.values:
            raise BrokenRow("the row names no commune", field=UNIT)
        return names.code_of(record.values[UNIT], day_of(record, dates))

    def sender_of(self, unit_code: str) -> Actor:
        """Return the sender of a commune's rows: the commune for its own file, else the province."""
        if self.sender is not None:
            return self.sender
        if self.province_code is not None:
            return Actor("administrator", self.province_code, subject="import")
        return Actor("commune_officer", unit_code, f"{unit_code}.ubnd", "import")

    def unit_names(self, units: UnitTable, mapping: Mapping, on: dt.date) -> UnitNames:
        """Return the finder of communes for this target.

        Raises:
            UnknownUnit: no commune or province has the code.
            BadInput: the code is of another level.
        """
        if self.province_code is not None:
            return UnitNames(units, self.province_code, on, mapping.values.get(UNIT))
        unit = units.get(self.unit_code or "")
        if unit.level != "commune":
            raise BadInput(f"{unit.code} ({unit.full_name}) is no commune", field="unit")
        return UnitNames(units, units.province_of(unit.code), on, mapping.values.get(UNIT))
