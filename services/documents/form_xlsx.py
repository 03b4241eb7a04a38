"""Draw a prescribed form as XLSX in the layout of the paper; its counts are numbers, and every text stays text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from reporting.documents.form_paper import OPEN_DAY, SIGNED_BY, UNIT_OF_COUNT, FormPaper
from services.documents.xlsx import A4_PAPER, AS_TEXT, FONT

if TYPE_CHECKING:
    import xlsxwriter  # type: ignore[import-untyped]

_SHEET_WIDTH = 150.0
_TOP = 4
"""The head takes four rows: number, title and units, the period, its days, the unit of count."""
_COUNT = "#,##0"
_ROW, _HEAD_ROW, _LAST_HEAD_ROW, _NUMBERING_ROW, _NOTE_ROW = 16, 32, 64, 48, 14
"""Heights in points: a merged cell does not grow with its words, and not every program lets the others grow."""
_BESIDE_WIDTHS = (70, 26, 26, 26, 26)
_SIGNS_OF_WIDTH = 0.85
"""So many letters stand in a unit of a column's width, where a program has a wide letter in place of ours."""
_NOTE_SIGNS = 190
"""So many letters of a note stand in a line."""
Lines = Sequence[Sequence[str | int]]


def draw_form_xlsx(paper: FormPaper, *, beside: tuple[str, Lines] | None = None) -> bytes:
    """Draw a form and return the file.

    Args:
        beside: the name of a second sheet and its lines, the first of which is their head: what is no part of the form.
    """
    out = io.BytesIO()
    import xlsxwriter  # noqa: PLC0415 -- heavy, and most processes write no workbook

    with xlsxwriter.Workbook(out, {"in_memory": True, **AS_TEXT}) as book:
        book.set_properties({"title": paper.title, "author": paper.reporter})
        _form(book, paper)
        if beside is not None:
            _beside(book, *beside)
    return out.getvalue()


def _form(book: xlsxwriter.Workbook, paper: FormPaper) -> None:
    base = {"font_name": FONT, "font_size": 11, "valign": "vcenter", "text_wrap": True}
    bold = {**base, "bold": True}
    title = book.add_format({**bold, "align": "center", "font_size": 13})
    centred = book.add_format({**bold, "align": "center"})
    italic = book.add_format({**base, "italic": True, "align": "center"})
    left = book.add_format({**bold, "valign": "top"})
    head = book.add_format({**bold, "align": "center", "border": 1})
    numbering = book.add_format({**base, "italic": True, "font_size": 9, "align": "center", "border": 1})
    plain = {style: {**base, "border": 1, **extra} for style, extra in _STYLES.items()}
    body = {name: book.add_format(style) for name, style in plain.items()}
    total = {name: book.add_format({**style, "bold": True}) for name, style in plain.items()}
    sheet = book.add_worksheet("Biểu")
    last = len(paper.widths) - 1
    for column, share in enumerate(paper.widths):
        sheet.set_column(column, column, share * _SHEET_WIDTH)
    sheet.merge_range(0, 0, 2, 1, paper.number, left)
    # As wide on the right as number and field are on the left.
    wide = 5 if paper.is_wide else 3
    sheet.merge_range(0, 2, 0, last - wide, paper.title, title)
    sheet.merge_range(1, 2, 1, last - wide, paper.period, centred)
    sheet.merge_range(2, 2, 2, last - wide, paper.window, italic)
    units = f"- Đơn vị báo cáo: {paper.reporter}\n- Đơn vị nhận báo cáo: {paper.receiver}"
    sheet.merge_range(0, last - wide + 1, 2, last, units, left)
    sheet.merge_range(
        3, 0, 3, last, UNIT_OF_COUNT, book.add_format({**base, "italic": True, "align": "right"})
    )
    sheet.set_row(0, 48)
    for cell in paper.head:
        row, column = _TOP + cell.row, cell.column
        if cell.rows == cell.columns == 1:
            sheet.write_string(row, column, cell.text, head)
        else:
            sheet.merge_range(row, column, row + cell.rows - 1, column + cell.columns - 1, cell.text, head)
    for place in range(paper.head_rows - 1):
        sheet.set_row(_TOP + place, _HEAD_ROW)
    sheet.set_row(_TOP + paper.head_rows - 1, _LAST_HEAD_ROW)
    row = _TOP + paper.head_rows
    sheet.set_row(row, _NUMBERING_ROW)
    _write(sheet, row, paper.numbering, dict.fromkeys(_STYLES, numbering))
    signs = int(paper.widths[1] * _SHEET_WIDTH * 1.2)
    for place, cells in enumerate((*paper.rows, paper.total), start=row + 1):
        sheet.set_row(place, _ROW * (1 + len(str(cells[1])) // signs))
        _write(sheet, place, cells, total if place > row + len(paper.rows) else body)
    note = book.add_format({**base, "italic": True, "font_size": 9})
    for place, words in enumerate(paper.notes, start=row + len(paper.rows) + 2):
        sheet.merge_range(place, 0, place, last, words, note)
        sheet.set_row(place, _NOTE_ROW * (1 + len(words) // _NOTE_SIGNS))
    if paper.signers:
        _sign(sheet, paper, row + len(paper.rows) + 3 + len(paper.notes), italic, centred)
    sheet.freeze_panes(row + 1, 2)
    sheet.repeat_rows(_TOP, row)
    sheet.set_landscape()
    sheet.set_paper(A4_PAPER)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.set_footer("&C&P/&N")


def _sign(
    sheet: xlsxwriter.worksheet.Worksheet,
    paper: FormPaper,
    row: int,
    italic: xlsxwriter.format.Format,
    bold: xlsxwriter.format.Format,
) -> None:
    """Write who signs, side by side, the day over the last of them."""
    columns, signers = len(paper.widths), paper.signers
    starts = [0, *(2 + (columns - 2) * place // len(signers) for place in range(1, len(signers)))]
    for place, (name, first) in enumerate(zip(signers, starts, strict=True)):
        is_last = place == len(signers) - 1
        last = columns - 1 if is_last else starts[place + 1] - 1
        lines = (
            (OPEN_DAY if is_last else "", italic),
            (name.upper(), bold),
            (SIGNED_BY[1 if is_last else 0], italic),
        )
        for below, (words, style) in enumerate(lines):
            sheet.merge_range(row + below, first, row + below, last, words, style)


_STYLES = {
    "first": {"align": "center"},
    "field": {"align": "left"},
    "count": {"align": "center", "num_format": _COUNT},
}


def _write(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    cells: Sequence[str | int],
    styles: dict[str, xlsxwriter.format.Format],
) -> None:
    for column, value in enumerate(cells):
        style = styles[("first", "field", "count")[min(column, 2)]]
        if isinstance(value, int):
            sheet.write_number(row, column, value, style)
        else:
            sheet.write_string(row, column, value, style)


def _beside(book: xlsxwriter.Workbook, name: str, lines: Lines) -> None:
    base = {"font_name": FONT, "font_size": 11, "valign": "top", "text_wrap": True}
    head, plain = book.add_format({**base, "bold": True, "bottom": 1}), book.add_format(base)
    sheet = book.add_worksheet(name)
    for column, width in enumerate(_BESIDE_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_landscape()
    sheet.set_paper(A4_PAPER)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for row, cells in enumerate(lines):
        widths = zip(cells, _BESIDE_WIDTHS, strict=False)
        sheet.set_row(
            row, _ROW * max(1 + int(len(str(cell)) / (_SIGNS_OF_WIDTH * width)) for cell, width in widths)
        )
        for column, value in enumerate(cells):
            style = head if row == 0 else plain
            if isinstance(value, int):
                sheet.write_number(row, column, value, style)
            else:
                sheet.write_string(row, column, value, style)
