"""Write sheets of a workbook, each cell by the type of its value; no text of anybody becomes a formula, a number or a link."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from services.language.formats import LOCAL

if TYPE_CHECKING:
    import xlsxwriter  # type: ignore[import-untyped]

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DAY = "dd/mm/yyyy"
MOMENT = "dd/mm/yyyy hh:mm"
SHARE = "0.0%"
_AS_TYPED = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}

_BEFORE_NUMBER = re.compile(r"(?<=_)(?=x[0-9A-Fa-f]{1,4}_)")
"""LibreOffice takes `_xa_` for the character of that number, as Excel does `_x000A_`.

A text that has it is written in two parts: each is read by itself, and together they are the text.
"""

CellValue = str | int | float | dt.date | None
"""A day, too, is a date; an instant is a `datetime`, which is one."""
SheetLine = tuple[CellValue, ...]


class Sheets:
    """Writes sheets into one workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._plain = book.add_format()
        self._by_format = {one: book.add_format({"num_format": one}) for one in (SHARE, MOMENT, DAY)}

    def table(
        self,
        name: str,
        head: SheetLine,
        widths: Sequence[int],
        measures: Sequence[str],
        rows: Sequence[SheetLine],
    ) -> None:
        """Write a table under a head that stays in sight and filters.

        Args:
            measures: the format of each column; an empty text leaves a cell to the type of its value.
        """
        sheet = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, str(head[column]), self._head)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                style = self._by_format.get(measures[column]) or self._by_type(value)
                self._write(sheet, (number, column), value, style)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, len(rows), len(head) - 1)

    def fill(self, name: str, rows: Sequence[SheetLine]) -> None:
        """Write lines whose first cell is their name."""
        sheet = self._book.add_worksheet(name)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 70)
        sheet.set_column(2, 4, 24)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                usual = self._head if column == 0 else self._wrapped
                self._write(sheet, (number, column), value, self._by_type(value) or usual)

    def _by_type(self, value: CellValue) -> xlsxwriter.format.Format | None:
        if not isinstance(value, dt.date):
            return None
        return self._by_format[MOMENT if isinstance(value, dt.datetime) else DAY]

    def _write(
        self,
        sheet: xlsxwriter.worksheet.Worksheet,
        place: tuple[int, int],
        value: CellValue,
        style: xlsxwriter.format.Format | None,
    ) -> None:
        if value is None:
            return
        if isinstance(value, str):
            parts = _BEFORE_NUMBER.split(value)
            if len(parts) > 1:
                pieces = [piece for part in parts for piece in (self._plain, part)]
                sheet.write_rich_string(*place, *pieces, *((style,) if style else ()))
            else:
                sheet.write_string(*place, value, style)
        elif isinstance(value, dt.datetime):
            sheet.write_datetime(*place, value.astimezone(LOCAL).replace(tzinfo=None), style)
        elif isinstance(value, dt.date):
            sheet.write_datetime(*place, value, style)
        else:
            sheet.write_number(*place, value, style)


@contextmanager
def workbook(out: io.BytesIO, title: str, made_at: dt.datetime) -> Iterator[Sheets]:
    """Open a workbook that is written to `out` when the block ends.

    Args:
        made_at: the instant that the file names as its own.
    """
    import xlsxwriter  # noqa: PLC0415 -- heavy, and most processes write no workbook

    with xlsxwriter.Workbook(out, {"in_memory": True, **_AS_TYPED}) as book:
        book.set_properties({"title": title, "created": made_at.astimezone(LOCAL).replace(tzinfo=None)})
        yield Sheets(book)
