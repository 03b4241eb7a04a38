"""Draw a prescribed form as DOCX: A4 lying, the head in three parts, heads that span, the row of column numbers."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt

from reporting.documents.form_paper import OPEN_DAY, SIGNED_BY, UNIT_OF_COUNT, FormPaper
from reporting.documents.wording import number
from services.documents.docx import LYING_MARGINS, PAGE, set_page, set_row_property, set_up, write_line

_WIDTH = PAGE[1] - LYING_MARGINS[2] - LYING_MARGINS[3]
_HEAD = (Mm(55), Mm(137), Mm(65))
_CELL, _SMALL = Pt(10), Pt(9)
_NARROW_CELL, _NARROW_SMALL = Pt(8), Pt(7)
_ROOM_TO_SIGN = Pt(48)
_CELL_EDGE = Mm(0.6)
_ROW_EDGE = Pt(1)


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
        line = write_line(drawing, note, size=_SMALL, italic=True, align="left", before=Pt(2), after=Pt(0))
        # The last sentence stays with the signatures.
        line.paragraph_format.keep_with_next = bool(paper.signers) and note == paper.notes[-1]
    if paper.signers:
        _signers(drawing, paper.signers)
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


def _signers(drawing: Any, signers: tuple[str, ...]) -> None:
    """Draw who signs, side by side and on one page: the day over the last of them."""
    table = drawing.add_table(rows=1, cols=len(signers))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    set_row_property(table.rows[0], "w:cantSplit")
    for place, (cell, name) in enumerate(zip(table.rows[0].cells, signers, strict=True)):
        cell.width = Length(_WIDTH // len(signers))
        is_last = place == len(signers) - 1
        day, how = OPEN_DAY if is_last else "", SIGNED_BY[1 if is_last else 0]
        for line in (
            write_line(cell, day, size=Pt(11), italic=True, before=Pt(6), first=True),
            write_line(cell, name.upper(), size=Pt(11), bold=True),
        ):
            line.paragraph_format.keep_with_next = True
        write_line(cell, how, size=Pt(11), italic=True, after=_ROOM_TO_SIGN)


def _table(drawing: Any, paper: FormPaper) -> None:
    columns = len(paper.widths)
    cell_size, small = (_NARROW_CELL, _NARROW_SMALL) if paper.is_wide else (_CELL, _SMALL)
    table = drawing.add_table(rows=paper.head_rows, cols=columns, style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    _narrow_edges(table)
    widths = [Length(int(_WIDTH * share)) for share in paper.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for cell in paper.head:
        begins = table.cell(cell.row, cell.column)
        ends = table.cell(cell.row + cell.rows - 1, cell.column + cell.columns - 1)
        begins.width = Length(sum(widths[cell.column : cell.column + cell.columns]))
        write_line(begins.merge(ends), cell.text, size=cell_size, bold=True, first=True)
    _fill(table.add_row(), paper.numbering, widths, italic=True, size=small)
    for row in paper.rows:
        _fill(table.add_row(), row, widths, size=cell_size)
    _fill(table.add_row(), paper.total, widths, bold=True, size=cell_size)
    for place, row in enumerate(table.rows):
        set_row_property(row, "w:cantSplit")
        if place <= paper.head_rows:
            set_row_property(row, "w:tblHeader")


def _narrow_edges(table: Any) -> None:
    """Leave the numbers the width of their cells: a number that breaks over two lines is two numbers to the eye."""
    edges = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(_CELL_EDGE.twips))
        edge.set(qn("w:type"), "dxa")
        edges.append(edge)
    table._tbl.tblPr.append(edges)  # noqa: SLF001 -- python-docx has no such property


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
            before=_ROW_EDGE,
            after=_ROW_EDGE,
            first=True,
        )
