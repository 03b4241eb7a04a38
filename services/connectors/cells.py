"""Cells that keep the type they have in a workbook, and texts of cells that are no values; pure."""

from __future__ import annotations

import re
from typing import Self

_WHOLE_BELOW = 2**53
_ERROR = re.compile(
    r"#(?:REF!|VALUE!|DIV/0!|NAME\?|N/A|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA|FIELD!|BLOCKED!|#+)"
)
# The reader of workbooks writes brackets around a formula, so that none is taken for a text.
_FORMULA = re.compile(r"""=[-+]?(?:\$?[A-Za-z]{1,3}\$?\d+\b|[\w.]+\(|\(|\[|'[^']+'!|\w+!)""")


class NumberCell(str):
    """A number as a workbook holds it; its text has a point before a fraction, whatever the locale."""

    __slots__ = ("value",)
    value: float

    def __new__(cls, value: float) -> Self:
        """Write the number as a text: a whole one without a point."""
        whole = value.is_integer() and abs(value) < _WHOLE_BELOW
        cell = super().__new__(cls, str(int(value)) if whole else repr(value))
        cell.value = value
        return cell


class DayCell(str):
    """A day or an instant as a workbook holds it; its text is ISO 8601."""

    __slots__ = ()


def no_value(text: str) -> str | None:
    """Return why the text of a cell stands for no value, None where it is one."""
    if text[:1] == "#" and _ERROR.fullmatch(text):
        return f"the cell holds an error of the spreadsheet ({text[:20]}); correct it there"
    if text[:1] == "=" and _FORMULA.match(text):
        return "the cell holds a formula that was never calculated; open and save the file in a spreadsheet program"
    return None
