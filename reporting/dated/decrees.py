"""Decrees that lapse on a known day: a row of competence must end with the decree on which it rests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from reporting.dated.csv_rows import Validity, check_apart, rows

_COLUMNS = ("number", "subject_vi", "subject_en", "valid_from", "valid_to", "confidence", "source")
_NUMBER = re.compile(r"[0-9]{1,3}/[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Decree:
    """One decree by its number and year, and the days on which it holds."""

    number: str
    subject_vi: str
    subject_en: str
    validity: Validity
    confidence: str
    source: str


class DecreeTable:
    """The decrees; built by `parse_decrees`."""

    def __init__(self, found: Iterable[Decree]) -> None:
        self._decrees = tuple(found)

    def cited(self, basis: str) -> tuple[Decree, ...]:
        """Return the decrees that a basis names by number and year."""
        numbers = set(_NUMBER.findall(basis))
        return tuple(decree for decree in self._decrees if decree.number in numbers)


def parse_decrees(decrees_csv: str) -> DecreeTable:
    """Read the decrees.

    Raises:
        TableError: names file, line and column.
    """
    found, dated = [], []
    for row in rows("decrees.csv", decrees_csv, _COLUMNS):
        if not _NUMBER.fullmatch(row.text("number")):
            row.refuse("number", "is not of the form 132/2025")
        decree = Decree(
            number=row.text("number"),
            subject_vi=row.text("subject_vi"),
            subject_en=row.text("subject_en"),
            validity=row.validity(),
            confidence=row.choice("confidence", ("high", "med", "low")),
            source=row.text("source"),
        )
        found.append(decree)
        dated.append((decree.number, decree.validity, row))
    check_apart(dated)
    return DecreeTable(found)
