"""Draw a prescribed form as DOCX: A4 lying, the head in three parts, heads that span, the row of column numbers."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Length, Mm, Pt

from reporting.documents.form_paper import UNIT_OF_COUNT, FormPaper
from reporting.documents.wording import number
from services.documents.docx import LYING_MARGINS, PAGE, set_page, set_row_property, set_up, write_line

_WIDTH = PAGE[1] - LYING_MARGINS[2] - LYING_MARGINS[3]
_HEAD = (Mm(55), Mm(137), Mm(65))
_CELL, _SMALL = Pt(10), Pt(9)


def draw_form_docx(paper: FormPaper, *, made_at: dt.datetime) -> bytes:
    """Draw a form and return the file.

    Args:
        made_at: the time of creation in the properties of the file.
    """
    drawing = Document()
    set_up(drawing, title=paper.title, author=paper.reporter, comment=paper.number, made_at=made_at)
    set_page(drawing.sections[0], lying=True)
    _top(drawing, paper)
    write_line(
        drawing, UNIT_OF_COUNT, size=_CELL, italic=True, align="left", before=Pt(8), after=Pt(2)
    ).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _table(drawing, paper)
    for note in paper.notes:
        write_line(drawing, note, size=_SMALL, italic=True, align="left", before=Pt(3))
    out = io.BytesIO()
    drawing.save(out)
    return out.getvalue()


def _top(drawing: Any, paper: FormPaper) -> None:
    """Draw the form number on the left, title and period in the middle, the two units on the right."""
    table = drawing.add_table(rows=1, cols=3)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    left, middle, right = table.rows[0].cells
    for column, cell, width in zip(table.columns, (left, middle, right), _HEAD, strict=True):
        column.width = cell.width = width
    write_line(left, paper.number, size=Pt(11), bold=True, align="left", first=True)
    write_line(middle, paper.title, size=Pt(13), bold=True, first=True)
    write_line(middle, paper.period, size=Pt(12), bold=True, before=Pt(6))
    write_line(middle, paper.window, size=Pt(12), italic=True)
    for place, (head, name) in enumerate(
        (("- Đơn vị báo cáo:", paper.reporter), ("- Đơn vị nhận báo cáo:", paper.receiver))
    ):
        write_line(right, head, size=Pt(11), bold=True, align="left", first=place == 0)
        write_line(right, name, size=Pt(11), align="left")


def _table(drawing: Any, paper: FormPaper) -> None:
    columns = len(paper.widths)
    table = drawing.add_table(rows=paper.head_rows, cols=columns, style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widths = [Length(int(_WIDTH * share)) for share in paper.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for cell in paper.head:
        begins = table.cell(cell.row, cell.column)
        ends = table.cell(cell.row + cell.rows - 1, cell.column + cell.columns - 1)
        begins.width = Length(sum(widths[cell.column : cell.column + cell.columns]))
        write_line(begins.merge(ends), cell.text, size=_CELL, bold=True, first=True)
    _fill(table.add_row(), paper.numbering, widths, italic=True, size=_SMALL)
    for row in paper.rows:
        _fill(table.add_row(), row, widths)
    _fill(table.add_row(), paper.total, widths, bold=True)
    for place, row in enumerate(table.rows):
        set_row_property(row, "w:cantSplit")
        if place <= paper.head_rows:
            set_row_property(row, "w:tblHeader")


def _fill(
    row: Any,
    cells: tuple[str | int, ...],
    widths: list[Length],
    *,
    bold: bool = False,
    italic: bool = False,
    size: Length = _CELL,
) -> None:
    for place, (cell, value, width) in enumerate(zip(row.cells, cells, widths, strict=True)):
        cell.width = width
        words = number(value) if isinstance(value, int) else value
        align = "left" if place == 1 and not italic else "centre"
        write_line(
            cell,
            words,
            size=size,
            bold=bold,
            italic=italic,
            align=align,
            before=Pt(2),
            after=Pt(2),
            first=True,
        )
