"""Draw an official document as DOCX by Decree 30/2020/NĐ-CP: A4, Times New Roman, margins, order of parts."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt

from reporting.documents.official import MOTTO, NATION_LINE, Annex, OfficialDocument, Paragraph, Table

FONT = "Times New Roman"
PAGE = (Mm(210), Mm(297))
# Top, bottom, left, right; the annex is in landscape, and its binding edge is at the top.
MARGINS = (Mm(20), Mm(20), Mm(30), Mm(15))
LYING_MARGINS = (Mm(25), Mm(15), Mm(20), Mm(20))
BODY_SIZE, HEAD_SIZE, MOTTO_SIZE, CELL_SIZE = Pt(14), Pt(13), Pt(13), Pt(11)
_LEFT_WIDTH, _RIGHT_WIDTH = Mm(67), Mm(98)
_MOTTO_RULE, _ISSUER_RULE, _TITLE_RULE = Mm(54), Mm(24), Mm(30)
_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "centre": WD_ALIGN_PARAGRAPH.CENTER,
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
}


def draw_docx(document: OfficialDocument, *, made_at: dt.datetime) -> bytes:
    """Draw a document and return the file.

    Args:
        made_at: the time of creation in the properties of the file.
    """
    drawing = Document()
    _set_up(drawing, document, made_at)
    section = drawing.sections[0]
    set_page(section, lying=False)
    section.different_first_page_header_footer = True
    _number_pages(section)
    _note(section, document.note)
    _head(drawing, document)
    _title(drawing, document)
    _addressees(drawing, document)
    for position, paragraph in enumerate(document.body, start=1):
        # The last sentence stays with the signature.
        _body(drawing, paragraph, stays=paragraph.style == "heading" or position == len(document.body))
    _foot(drawing, document)
    if document.annex is not None:
        _annex(drawing, document.annex, document.draft)
    out = io.BytesIO()
    drawing.save(out)
    return out.getvalue()


def _set_up(drawing: Any, document: OfficialDocument, made_at: dt.datetime) -> None:
    set_up(
        drawing,
        title=document.subject,
        author=" ".join(document.issuer),
        comment=document.draft,
        made_at=made_at,
    )


def set_up(drawing: Any, *, title: str, author: str, comment: str, made_at: dt.datetime) -> None:
    """Set the font and the language of a new document, and its properties."""
    style = drawing.styles["Normal"]
    style.font.name, style.font.size = FONT, BODY_SIZE
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    style.element.get_or_add_rPr().append(language)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    properties = drawing.core_properties
    properties.title, properties.author = _without_controls(title)[:255], author[:255]
    properties.comments, properties.language = comment, "vi-VN"
    properties.created = properties.modified = made_at.astimezone(dt.UTC).replace(tzinfo=None)


def set_page(section: Any, *, lying: bool) -> None:
    """Set a section to A4, upright or lying, with its margins."""
    width, height = (PAGE[1], PAGE[0]) if lying else PAGE
    section.orientation = WD_ORIENT.LANDSCAPE if lying else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = width, height
    margins = LYING_MARGINS if lying else MARGINS
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = margins
    section.header_distance = section.footer_distance = Mm(10)


def _number_pages(section: Any) -> None:
    """Put the page number in the middle of the top margin, from the second page on."""
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = _ALIGN["centre"]
    run = paragraph.add_run()
    run.font.size = BODY_SIZE
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind is None:
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = text
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)  # noqa: SLF001 -- python-docx has no fields of its own


def _head(drawing: Any, document: OfficialDocument) -> None:
    """Draw the head: issuer and symbol on the left; country, motto, place and day on the right."""
    left, right = _two_columns(drawing, (_LEFT_WIDTH, _RIGHT_WIDTH))
    first, *others = document.issuer
    write_line(left, first, size=HEAD_SIZE, bold=True, first=True)
    for line in others:
        write_line(left, line, size=HEAD_SIZE, bold=True)
    _rule(left, _ISSUER_RULE, _LEFT_WIDTH)
    write_line(left, document.symbol, size=HEAD_SIZE, before=Pt(4))
    if document.name is None:
        write_line(left, document.subject, size=Pt(12), before=Pt(2))
    _boxed(write_line(left, document.draft, size=HEAD_SIZE, bold=True, before=Pt(6)), _LEFT_WIDTH)
    write_line(right, NATION_LINE, size=Pt(12), bold=True, first=True)
    write_line(right, MOTTO, size=MOTTO_SIZE, bold=True)
    _rule(right, _MOTTO_RULE, _RIGHT_WIDTH)
    write_line(right, document.place_and_day, size=HEAD_SIZE, italic=True, before=Pt(4))


def _title(drawing: Any, document: OfficialDocument) -> None:
    if document.name is None:
        _gap(drawing, Pt(10))
        return
    width = PAGE[0] - MARGINS[2] - MARGINS[3]
    write_line(drawing, document.name, size=BODY_SIZE, bold=True, before=Pt(18))
    write_line(drawing, document.subject, size=BODY_SIZE, bold=True)
    _rule(drawing, _TITLE_RULE, width)


def _addressees(drawing: Any, document: OfficialDocument) -> None:
    if len(document.addressees) == 1:
        write_line(drawing, f"Kính gửi: {document.addressees[0]}", size=BODY_SIZE, before=Pt(12), after=Pt(6))
        return
    write_line(
        drawing, "Kính gửi:", size=BODY_SIZE, before=Pt(12), align="left"
    ).paragraph_format.left_indent = Mm(35)
    for one in document.addressees:
        write_line(drawing, f"- {one};", size=BODY_SIZE, align="left").paragraph_format.left_indent = Mm(45)


def _body(drawing: Any, paragraph: Paragraph, *, stays: bool) -> None:
    heading, basis = paragraph.style == "heading", paragraph.style == "basis"
    drawn = write_line(
        drawing, paragraph.text, size=BODY_SIZE, align="both", before=Pt(6), bold=heading, italic=basis
    )
    drawn.paragraph_format.first_line_indent = Mm(12.7)
    drawn.paragraph_format.line_spacing = 1.15
    drawn.paragraph_format.keep_with_next = stays


def _foot(drawing: Any, document: OfficialDocument) -> None:
    """Draw recipients and signature side by side, on one page."""
    _gap(drawing, Pt(10))
    left, right = _two_columns(drawing, (Mm(82), Mm(83)))
    write_line(left, "Nơi nhận:", size=Pt(12), bold=True, italic=True, align="left", first=True)
    for line in document.recipients:
        write_line(left, line, size=Pt(11), align="left")
    for position, line in enumerate(document.signature):
        write_line(right, line, size=BODY_SIZE, bold=True, first=position == 0)
    write_line(right, "", size=BODY_SIZE, before=Pt(48))


def _note(section: Any, note: str) -> None:
    """Write the note on the draft's origin at the foot of the first page, where it takes no room."""
    paragraph = section.first_page_footer.paragraphs[0]
    paragraph.alignment = _ALIGN["left"]
    run = paragraph.add_run(_without_controls(note))
    run.font.size, run.italic = Pt(10), True


def _annex(drawing: Any, annex: Annex, draft: str) -> None:
    section = drawing.add_section(WD_SECTION.NEW_PAGE)
    # The section break is a paragraph of its own, which must not push an empty page before the annex.
    drawing.paragraphs[-1].paragraph_format.line_spacing = Pt(1)
    set_page(section, lying=True)
    section.different_first_page_header_footer = False
    width = PAGE[1] - LYING_MARGINS[2] - LYING_MARGINS[3]
    for line in annex.title:
        write_line(drawing, line, size=BODY_SIZE, bold=True)
    write_line(drawing, annex.reference, size=HEAD_SIZE, italic=True)
    write_line(drawing, draft, size=HEAD_SIZE, bold=True, after=Pt(6))
    _table(drawing, annex.table, width)


def _table(drawing: Any, table: Table, width: int) -> None:
    drawn = drawing.add_table(rows=1, cols=len(table.header), style="Table Grid")
    drawn.alignment, drawn.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widths = [Length(int(width * share)) for share in table.widths]
    for column, one in zip(drawn.columns, widths, strict=True):
        column.width = one
    _fill(drawn.rows[0], table.header, widths, bold=True)
    set_row_property(drawn.rows[0], "w:tblHeader")
    for row in table.rows:
        _fill(drawn.add_row(), row, widths)
    for row in drawn.rows:
        set_row_property(row, "w:cantSplit")


def _fill(row: Any, texts: tuple[str, ...], widths: list[Length], *, bold: bool = False) -> None:
    for position, (cell, text, width) in enumerate(zip(row.cells, texts, widths, strict=True)):
        cell.width = width
        centred = bold or position == 0
        align = "centre" if centred else "left"
        write_line(cell, text, size=CELL_SIZE, bold=bold, align=align, before=Pt(2), after=Pt(2), first=True)


def _two_columns(drawing: Any, widths: tuple[Length, Length]) -> tuple[Any, Any]:
    table = drawing.add_table(rows=1, cols=2)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    cells = table.rows[0].cells
    for column, cell, width in zip(table.columns, cells, widths, strict=True):
        column.width = cell.width = width
    set_row_property(table.rows[0], "w:cantSplit")
    return cells[0], cells[1]


def write_line(
    place: Any,
    text: str,
    *,
    size: Length,
    bold: bool = False,
    italic: bool = False,
    align: str = "centre",
    before: Length | None = None,
    after: Length | None = None,
    first: bool = False,
) -> Any:
    """Write one paragraph; `first` uses the empty paragraph with which a cell begins."""
    paragraph = place.paragraphs[0] if first else place.add_paragraph()
    paragraph.alignment = _ALIGN[align]
    paragraph.paragraph_format.space_before = before
    paragraph.paragraph_format.space_after = after
    run = paragraph.add_run(_without_controls(text))
    run.font.size, run.bold, run.italic = size, bold or None, italic or None
    return paragraph


def _without_controls(text: str) -> str:
    """Remove control characters, which XML cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n" or sign.isprintable())


def _rule(place: Any, length: int, width: int) -> None:
    """Draw a line in the middle: a border over an indented, nearly empty paragraph; never an underline."""
    paragraph = write_line(place, "", size=Pt(2), before=Pt(2), after=Pt(2))
    paragraph.paragraph_format.line_spacing = Pt(3)  # the mark at its end has a size of its own
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Length(
        (width - length) // 2
    )
    _border(paragraph, ("top",))


def _boxed(paragraph: Any, width: int) -> None:
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Length(
        (width - Mm(28)) // 2
    )
    _border(paragraph, ("top", "left", "bottom", "right"))


def _border(paragraph: Any, sides: tuple[str, ...]) -> None:
    borders = OxmlElement("w:pBdr")
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 -- python-docx has no borders of its own
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def set_row_property(row: Any, name: str) -> None:
    """Give a row of a table a property that has no value: that it repeats, that it does not break."""
    row._tr.get_or_add_trPr().append(OxmlElement(name))  # noqa: SLF001 -- python-docx has no such property


def _gap(drawing: Any, height: Length) -> None:
    paragraph = write_line(drawing, "", size=Pt(2), before=height)
    paragraph.paragraph_format.line_spacing = Pt(3)
    paragraph.paragraph_format.keep_with_next = True
