"""Dated weights of cases: how many minutes of work one of a procedure or a field is taken for."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from reporting.dated.csv_rows import Row, Validity, check_apart, rows, table_error

OTHERWISE = "*"
"""The field of the weight that holds where no other row does."""
MOST_MINUTES = 10_000

_TABLE = "workload_weights.csv"
_COLUMNS = ("field_code", "procedure_code", "minutes", "confidence", "source", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Weight:
    """How many minutes a case of a procedure takes, or, without one, a case of a field."""

    field_code: str
    procedure_code: str
    minutes: int
    confidence: str
    source: str
    validity: Validity


class Weights:
    """The weights of one day: that of the procedure, else of the field, else of all others."""

    def __init__(self, found: Sequence[Weight]) -> None:
        self.rows = tuple(found)
        self._of = {(one.field_code, one.procedure_code): one.minutes for one in found}

    def minutes(self, field_code: str, procedure_code: str) -> int:
        """Return how many minutes a case is taken for."""
        keys = ((field_code, procedure_code), (field_code, ""), (OTHERWISE, ""))
        return next(self._of[key] for key in keys if key in self._of)


class WeightTable:
    """All weights; built by `parse_workload_weights`."""

    def __init__(self, found: Sequence[Weight], version: str) -> None:
        self.version = version
        self._found = tuple(found)

    def on(self, day: dt.date) -> Weights:
        """Return the weights that hold on a local day.

        Raises:
            TableError: no row for all other fields holds on that day.
        """
        held = [one for one in self._found if one.validity.holds_on(day)]
        if not any(one.field_code == OTHERWISE for one in held):
            raise table_error(_TABLE, 1, "field_code", f"no row for {OTHERWISE} holds on {day.isoformat()}")
        return Weights(held)


def parse_workload_weights(weights_csv: str, fields: Collection[str]) -> WeightTable:
    """Read the table.

    Raises:
        TableError: names file, line and column.
    """
    found = [(_weight(row, fields), row) for row in rows(_TABLE, weights_csv, _COLUMNS)]
    check_apart(((one.field_code, one.procedure_code), one.validity, row) for one, row in found)
    digest = hashlib.sha256(weights_csv.encode()).hexdigest()
    return WeightTable([one for one, _ in found], f"weights-{digest[:8]}")


def _weight(row: Row, fields: Collection[str]) -> Weight:
    field, procedure = row.choice("field_code", (OTHERWISE, *fields)), row.optional("procedure_code")
    if field == OTHERWISE and procedure is not None:
        row.refuse("procedure_code", f"a procedure has a field: name it in place of {OTHERWISE}")
    return Weight(
        field_code=field,
        procedure_code=procedure or "",
        minutes=row.whole("minutes", 1, MOST_MINUTES),
        confidence=row.confidence(),
        source=row.text("source"),
        validity=row.validity(),
    )
