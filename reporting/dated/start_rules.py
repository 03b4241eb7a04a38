"""From which day the time of a case runs that was received on a day off or after hours.

These are dated rows, because no text says it once for all.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from events.fields import FIRST_DAY, LAST_DAY, PROCEDURE_CODE
from reporting.dated.calendar import StartRule
from reporting.dated.csv_rows import Row, Validity, check_apart, rows, table_error
from reporting.errors import UnknownProcedure

Reception = Literal["day_off", "after_hours"]
"""When a case was received outside the office's hours: on a day off, or on a working day after its last hour."""

EVERY = "*"
"""The code of the row that holds where a procedure has none of its own."""
_TABLE = "start_rules.csv"
_COLUMNS = ("code", "reception", "rule", "source", "confidence", "valid_from", "valid_to")
_NATIONAL = len("1.001193")


@dataclass(frozen=True, slots=True)
class StartRow:
    """One row: of which procedure and reception it speaks, what it says, of whom that is known, and how surely."""

    code: str
    reception: Reception
    rule: StartRule
    source: str
    confidence: str
    validity: Validity


class StartRules:
    """All rows; built by `parse_start_rules`."""

    def __init__(self, found: Sequence[StartRow]) -> None:
        self._found = tuple(found)
        self._by_code: dict[str, list[StartRow]] = {}
        for row in self._found:
            self._by_code.setdefault(row.code, []).append(row)

    def of(self, code: str, on: dt.date, reception: Reception = "day_off") -> StartRow:
        """Return the row of a procedure for a reception on a day, or the one for every procedure.

        Raises:
            UnknownProcedure: the day lies outside 1990 to 2099; on any other one of them holds.
        """
        for wanted in (code[:_NATIONAL], EVERY):
            for row in self._by_code.get(wanted, ()):
                if row.reception == reception and row.validity.holds_on(on):
                    return row
        raise UnknownProcedure(f"no row of {_TABLE} holds for {code} on {on.isoformat()}")

    def on(self, day: dt.date) -> Sequence[StartRow]:
        """Return the rows that hold on a day: those of days off before those after hours, of every procedure first."""
        held = [row for row in self._found if row.validity.holds_on(day)]
        return sorted(held, key=lambda row: (row.reception == "after_hours", row.code != EVERY, row.code))


def parse_start_rules(start_rules_csv: str) -> StartRules:
    """Read the table.

    Raises:
        TableError: names file, line and column.
    """
    found = [(_row(row), row) for row in rows(_TABLE, start_rules_csv, _COLUMNS)]
    check_apart(((one.code, one.reception), one.validity, row) for one, row in found)
    for reception in get_args(Reception):
        of_all = [
            (one.validity, row) for one, row in found if (one.code, one.reception) == (EVERY, reception)
        ]
        if not of_all:
            raise table_error(_TABLE, 1, "code", f"no row of {reception} holds for every procedure ({EVERY})")
        _check_every_day(of_all)
    return StartRules([one for one, _ in found])


def _check_every_day(dated: Sequence[tuple[Validity, Row]]) -> None:
    """Refuse rows for every procedure that leave a day out: a case received on it would have no rule."""
    uncovered = FIRST_DAY
    for validity, row in sorted(dated, key=lambda one: one[0].valid_from):
        if validity.valid_from > uncovered:
            row.refuse("valid_from", f"no row of {EVERY} holds from {uncovered} until {validity.valid_from}")
        if validity.valid_to is None or validity.valid_to > LAST_DAY:
            return
        uncovered = validity.valid_to
    last = max(dated, key=lambda one: one[0].valid_from)[1]
    last.refuse(
        "valid_to", f"no row of {EVERY} holds from {uncovered} on; leave the end of the last one empty"
    )


def _row(row: Row) -> StartRow:
    code = row.text("code")
    if code != EVERY and (not re.fullmatch(PROCEDURE_CODE, code) or len(code) != _NATIONAL):
        row.refuse("code", f"{code!r} is neither {EVERY} nor a national procedure code, such as 1.001193")
    reception = cast("Reception", row.choice("reception", get_args(Reception)))
    rule = cast("StartRule", row.choice("rule", get_args(StartRule)))
    if reception == "after_hours" and rule == "next_working_day_is_day_1":
        row.refuse("rule", "a reception after hours counts_that_day or is received_next_working_day")
    return StartRow(
        code=code,
        reception=reception,
        rule=rule,
        source=row.text("source"),
        confidence=row.confidence(),
        validity=row.validity(),
    )
