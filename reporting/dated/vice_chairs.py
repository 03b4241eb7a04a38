"""The dated frame of vice-chairs of a province's communes, and criteria that a published decision used, as examples."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, cast, get_args

from reporting.dated.csv_rows import Row, Validity, check_apart, rows
from reporting.dated.units import UnitTable
from reporting.errors import UnknownUnit

Criterion = Literal[
    "population_at_least", "ward_area_at_least", "commune_area_at_least", "hard_security_area"
]

_FRAMES, _EXAMPLES = "vice_chair_frames.csv", "vice_chair_examples.csv"
_FRAME_COLUMNS = ("average", "confidence", "source", "valid_from", "valid_to")
_EXAMPLE_COLUMNS = ("province_code", "criterion", "value", "document", "decided_on", "confidence", "source")
_MOST_AVERAGE, _MOST_VALUE = 9.0, 1e9


@dataclass(frozen=True, slots=True)
class Frame:
    """How many vice-chairs the communes of a province may have on average."""

    average: Fraction
    confidence: str
    source: str
    validity: Validity


@dataclass(frozen=True, slots=True)
class Example:
    """One criterion of a published decision; an example from another province, and no rule of one's own."""

    province_code: str
    criterion: Criterion
    value: float | None
    document: str
    decided_on: dt.date
    confidence: str
    source: str


class ViceChairTable:
    """Frames and examples; built by `parse_vice_chairs`."""

    def __init__(self, frames: Sequence[Frame], examples: Sequence[Example]) -> None:
        self.examples = tuple(examples)
        self._frames = tuple(frames)

    def frame_on(self, day: dt.date) -> Frame | None:
        """Return the frame that holds on a local day; nothing before the first."""
        return next((one for one in self._frames if one.validity.holds_on(day)), None)


def parse_vice_chairs(frames_csv: str, examples_csv: str, units: UnitTable) -> ViceChairTable:
    """Read both tables.

    Raises:
        TableError: names file, line and column.
    """
    frames = [(_frame(row), row) for row in rows(_FRAMES, frames_csv, _FRAME_COLUMNS)]
    check_apart(("average", one.validity, row) for one, row in frames)
    examples = [_example(row, units) for row in rows(_EXAMPLES, examples_csv, _EXAMPLE_COLUMNS)]
    return ViceChairTable([one for one, _ in frames], examples)


def _frame(row: Row) -> Frame:
    row.number("average", 0.0, _MOST_AVERAGE)
    return Frame(Fraction(row.text("average")), row.confidence(), row.text("source"), row.validity())


def _example(row: Row, units: UnitTable) -> Example:
    code = row.text("province_code")
    try:
        units.get(code)
    except UnknownUnit as error:
        row.refuse("province_code", str(error))
    return Example(
        province_code=code,
        criterion=cast("Criterion", row.choice("criterion", get_args(Criterion))),
        value=None if row.optional("value") is None else row.number("value", 0.0, _MOST_VALUE),
        document=row.text("document"),
        decided_on=row.day("decided_on"),
        confidence=row.confidence(),
        source=row.text("source"),
    )
