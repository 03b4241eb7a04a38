"""A form and the cases behind it as CSV."""

from __future__ import annotations

import datetime as dt

from services.web.prescribed.schemas import FormAnswer, FormCasesAnswer, FormNumbers
from services.web.shell.csv_file import csv_text

_NUMBERS = tuple(FormNumbers.model_fields)
_FORM_COLUMNS = (
    *("form", "rule", "unit_code", "from", "to", "as_of", "version", "field_code", "field_name"),
    *_NUMBERS,
)
_CAUSE_COLUMNS = ("form", "unit_code", "from", "to", "cause", "cause_name", "in_use", "honest")
_CASE_COLUMNS = (
    *("line", "dossier_code", "unit_code", "unit_name", "field_name", "procedure_name", "status_code"),
    *("received_on", "due_on", "closed_on"),
)


def form_csv(answer: FormAnswer) -> str:
    """Return both rules as rows: each field and, with an empty field, the total."""
    rows: list[list[str | int]] = []
    as_of = answer.as_of.isoformat() if answer.as_of is not None else ""
    days = [answer.first_on.isoformat(), answer.last_on.isoformat()]
    for side in (answer.in_use, answer.honest):
        head = [answer.form, side.rule_set, answer.unit_code, *days, as_of, answer.version]
        rows += [[*head, line.field_code, line.field_name, *_numbers(line)] for line in side.items]
        rows.append([*head, "", "", *_numbers(side.total)])
    return csv_text(_FORM_COLUMNS, rows)


def causes_csv(answer: FormAnswer) -> str:
    """Return the cases of column 10 by cause; an empty key is a cause that nobody named."""
    days = [answer.first_on.isoformat(), answer.last_on.isoformat()]
    rows: list[list[str | int]] = [
        [answer.form, answer.unit_code, *days, one.cause or "", one.name, one.used, one.honest]
        for one in answer.late_causes
    ]
    return csv_text(_CAUSE_COLUMNS, rows)


def cases_csv(answer: FormCasesAnswer) -> str:
    """Return the cases of a line of the bridge."""
    rows = [
        [answer.line.words, *(_written(getattr(case, name)) for name in _CASE_COLUMNS[1:])]
        for case in answer.items
    ]
    return csv_text(_CASE_COLUMNS, rows)


def _numbers(line: FormNumbers) -> list[int]:
    return [line.number(key) for key in _NUMBERS]


def _written(cell: str | int | dt.date | None) -> str | int | None:
    return cell.isoformat() if isinstance(cell, dt.date) else cell
