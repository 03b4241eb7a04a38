"""A form and the cases behind it as CSV."""

from __future__ import annotations

import csv
import io

from services.web.prescribed.schemas import FormAnswer, FormCasesAnswer, FormNumbers
from services.web.shell.list_files import BOM, guarded

_NUMBERS = tuple(FormNumbers.model_fields)
_CASE_COLUMNS = (
    "line",
    "dossier_code",
    "unit_code",
    "unit_name",
    "field_name",
    "procedure_name",
    "status_code",
    "received_on",
    "due_on",
    "closed_on",
)


def form_csv(answer: FormAnswer) -> str:
    """Return both rules as rows: each field and, with an empty field, the total."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ["form", "rule", "unit_code", "from", "to", "as_of", "version", "field_code", "field_name", *_NUMBERS]
    )
    for side in (answer.in_use, answer.honest):
        head = [answer.form, side.rule_set, answer.unit_code, answer.first_on, answer.last_on]
        head += [answer.as_of.isoformat() if answer.as_of else "", answer.version]
        for line in side.items:
            writer.writerow([*head, line.field_code, guarded(line.field_name), *_numbers(line)])
        writer.writerow([*head, "", "", *_numbers(side.total)])
    return BOM + out.getvalue()


def cases_csv(answer: FormCasesAnswer) -> str:
    """Return the cases of a line of the bridge."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_CASE_COLUMNS)
    for case in answer.items:
        cells = [getattr(case, name) for name in _CASE_COLUMNS[1:]]
        writer.writerow([answer.line.words, *("" if cell is None else guarded(str(cell)) for cell in cells)])
    return BOM + out.getvalue()


def _numbers(line: FormNumbers) -> list[int]:
    return [line.number(key) for key in _NUMBERS]
