"""Within how many working days the linked procedure for newborns is to end: dated rows with their source."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from events.fields import PROCEDURE_CODE
from reporting.dated.csv_rows import Row, Validity, check_apart, rows

_TABLE = "newborn_limits.csv"
_COLUMNS = (
    *(
        "procedure",
        "within_days",
        "verified_days",
        "status_hours",
        "source",
        "confidence",
        "valid_from",
        "valid_to",
    ),
)
_MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class NewbornLimit:
    """The limits of one procedure.

    Attributes:
        procedure: national code, without the suffix of a province.
        within_days: working days from a full file.
        verified_days: the same where something had to be verified.
        status_hours: working hours within which a question about the status is answered.
    """

    procedure: str
    within_days: int
    verified_days: int
    status_hours: int
    source: str
    confidence: str
    validity: Validity


class NewbornLimits:
    """All limits; built by `parse_newborn_limits`."""

    def __init__(self, found: Iterable[NewbornLimit]) -> None:
        self._found = tuple(found)

    def on(self, day: dt.date) -> tuple[NewbornLimit, ...]:
        """Return the limits that hold on a local day, one for each procedure."""
        return tuple(one for one in self._found if one.validity.holds_on(day))


def parse_newborn_limits(newborn_limits_csv: str) -> NewbornLimits:
    """Read the table.

    Raises:
        TableError: names file, line and column.
    """
    found = [(_limit(row), row) for row in rows(_TABLE, newborn_limits_csv, _COLUMNS)]
    check_apart((one.procedure, one.validity, row) for one, row in found)
    return NewbornLimits(one for one, _ in found)


def _limit(row: Row) -> NewbornLimit:
    code = row.text("procedure")
    if not re.fullmatch(PROCEDURE_CODE, code):
        row.refuse("procedure", f"{code!r} is no procedure code, such as 2.000986")
    within = row.whole("within_days", 1, _MOST_DAYS)
    return NewbornLimit(
        procedure=code,
        within_days=within,
        verified_days=row.whole("verified_days", within, _MOST_DAYS),
        status_hours=row.whole("status_hours", 1, _MOST_DAYS),
        source=row.text("source"),
        confidence=row.confidence(),
        validity=row.validity(),
    )
