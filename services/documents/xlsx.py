"""Draw the annex as XLSX: every cell is text, so that no typed text becomes a formula or a link."""

from __future__ import annotations

import io

from reporting.documents.official import OfficialDocument

FONT = "Times New Roman"
A4_PAPER = 9
AS_TEXT = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
_SHEET_WIDTH = 130.0
"""Characters across an A4 page in landscape."""


def draw_xlsx(document: OfficialDocument) -> bytes:
    """Draw the annex of a document and return the file.

    Raises:
        ValueError: the document has no annex.
    """
    if document.annex is None:
        raise ValueError("the document has no annex to draw")
    annex, out = document.annex, io.BytesIO()
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 -- heavy, and most processes write no workbook

    with xlsxwriter.Workbook(out, {"in_memory": True, **AS_TEXT}) as book:
        book.set_properties({"title": document.subject, "author": " ".join(document.issuer)})
        base = {"font_name": FONT, "font_size": 12, "valign": "top", "text_wrap": True}
        head = book.add_format({**base, "bold": True, "align": "center", "text_wrap": False})
        small = book.add_format({**base, "italic": True, "align": "center", "text_wrap": False})
        column_head = book.add_format(
            {**base, "bold": True, "align": "center", "valign": "vcenter", "border": 1}
        )
        cell = book.add_format({**base, "border": 1})
        number = book.add_format({**base, "border": 1, "align": "center"})
        sheet = book.add_worksheet("Phụ lục")
        last = len(annex.table.header) - 1
        lines = [(" ".join(document.issuer), head), *((title, head) for title in annex.title)]
        lines += [(annex.reference, small), (document.draft, head)]
        for row, (text, style) in enumerate(lines):
            sheet.merge_range(row, 0, row, last, "", style)
            sheet.write_string(row, 0, text, style)
        top = len(lines) + 1
        for column, (text, share) in enumerate(zip(annex.table.header, annex.table.widths, strict=True)):
            sheet.set_column(column, column, share * _SHEET_WIDTH)
            sheet.write_string(top, column, text, column_head)
        for row, texts in enumerate(annex.table.rows, start=top + 1):
            for column, text in enumerate(texts):
                sheet.write_string(row, column, text, number if column == 0 else cell)
        sheet.freeze_panes(top + 1, 0)
        sheet.repeat_rows(top)
        sheet.set_landscape()
        sheet.set_paper(A4_PAPER)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.6)
        sheet.set_footer("&C&P/&N")
    return out.getvalue()
