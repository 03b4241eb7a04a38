"""Convert a record into a row for intake: national field names, days in ISO form, codes as numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from services.connectors.cell_rules import status_of_cells
from services.connectors.cells import DayCell, NumberCell
from services.connectors.errors import BrokenRow
from services.connectors.mapping import (
    CASE_FIELDS,
    DAY_FIELDS,
    NUMBER_FIELDS,
    TRUTH_FIELDS,
    UNIT_FIELDS,
    Mapping,
    Scalar,
)
from services.connectors.records import Record
from services.connectors.values import moment, truth, whole_number
from services.intake.dossier_codes import damage_of, damage_of_number, folded_code
from services.intake.national_rows import LATER_COLUMNS, TAKEN_BACK
from services.intake.pauses_cell import FIELD as PAUSES
from services.language.vietnamese import folded

MAX_TEXT = 200
MAX_PAUSES_TEXT = 2_000
Row = dict[str, Scalar]


def row_of(record: Record, mapping: Mapping, unit_of: Callable[[str], str]) -> Row:
    """Return the row of one record.

    Args:
        record: the cells by field.
        mapping: the meaning of the texts.
        unit_of: finds a commune's code by code or name; raises BrokenRow.

    Raises:
        BrokenRow: names the field and its fault; never repeats possible personal data.
    """
    row: Row = {name: value for name, value in mapping.constants.items() if name in CASE_FIELDS}
    stated = status_of_cells(mapping.status.when, record.values) if mapping.kind != "events" else None
    for name, text in record.values.items():
        # A text of one column means nothing where a rule reads it together with another.
        if name in CASE_FIELDS and not (name == "TrangThai" and stated is not None):
            is_taken_back = text == TAKEN_BACK and LATER_COLUMNS.get(name) is not None
            value = text if is_taken_back else _value(name, text, mapping, unit_of)
            if value is not None:
                row[name] = value
    if "MaHoSo" not in row:
        raise BrokenRow("the dossier code is missing", field="MaHoSo")
    if stated is not None:
        row["TrangThai"] = stated
    # An update file states later steps of cases and no status: the known one stays.
    if "TrangThai" not in row and (mapping.has_status or not LATER_COLUMNS.keys() & row.keys()):
        row["TrangThai"] = _status(record, mapping)
    return row


def _value(name: str, text: str, mapping: Mapping, unit_of: Callable[[str], str]) -> Scalar | None:
    if name == "MaHoSo":
        return _code(text)
    table = mapping.values.get(name)
    if table is not None:
        return _looked_up(name, text, table)
    if name in DAY_FIELDS:
        return _day(name, text, mapping)
    if name in NUMBER_FIELDS:
        number = whole_number(text)
        if number is None:
            raise BrokenRow(f"not a number; name its texts in values.{name} of the mapping", field=name)
        return number
    if name in TRUTH_FIELDS:
        answer = truth(folded(text))
        if answer is None:
            raise BrokenRow(f"neither yes nor no; name its texts in values.{name} of the mapping", field=name)
        return answer
    return unit_of(text) if name in UNIT_FIELDS else _bounded(name, text)


def _bounded(name: str, text: str) -> str:
    limit = MAX_PAUSES_TEXT if name == PAUSES else MAX_TEXT
    if len(text) > limit:
        raise BrokenRow(f"longer than {limit} characters", field=name)
    return text


def _code(text: str) -> str:
    """Return a dossier code that its cell did not damage."""
    _bounded("MaHoSo", text)
    damage = damage_of_number(text.value) if isinstance(text, NumberCell) else None
    if isinstance(text, DayCell):
        damage = "is a day: a spreadsheet made one of the code; export the code as text"
    damage = damage or damage_of(folded_code(text))
    if damage is not None:
        raise BrokenRow(f"the dossier code {damage}", field="MaHoSo")
    return folded_code(text)


def _looked_up(name: str, text: str, table: dict[str, Scalar]) -> Scalar | None:
    for key in (folded(text), "*"):
        if key in table:
            return table[key] if table[key] != "" else None
    if name in NUMBER_FIELDS and (number := whole_number(text)) is not None:
        return number
    raise BrokenRow(f"“{text[:40]}” is not in values.{name} of the mapping", field=name)


def _day(name: str, text: str, mapping: Mapping) -> str:
    rules = mapping.dates
    found = moment(text, rules.forms, rules.zone, excel_serial=rules.excel_serial)
    if found is None:
        raise BrokenRow(f"no day in any of the forms {', '.join(rules.forms)}", field=name)
    return found.astimezone(dt.UTC).isoformat() if isinstance(found, dt.datetime) else found.isoformat()


def _status(record: Record, mapping: Mapping) -> int:
    """Return the most advanced status among the rules of the mapping that fit."""
    rules = mapping.status
    fitting = [code for name, code in rules.by_field.items() if record.values.get(name)]
    activity = record.values.get("activity", "")
    if activity.isdecimal():  # set by the fold of an event log
        fitting.append(int(activity))
    if fitting:
        return max(fitting)
    if rules.otherwise is None:
        raise BrokenRow("no status, and no rule of the mapping gives one", field="TrangThai")
    return rules.otherwise
