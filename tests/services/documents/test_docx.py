"""The layout of Decree 30/2020/NĐ-CP, read back from the file: page, margins, font, order of parts, what stays open."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from reporting.documents.official import MOTTO, NATION_LINE
from services.documents.docx import draw_docx
from tests.reporting.documents.annexes import NOW, report
from tests.reporting.documents.test_letter import dead_spots, letter


@cache
def drawn() -> bytes:
    return draw_docx(report(), made_at=NOW)


def opened(content: bytes | None = None) -> Any:
    return Document(io.BytesIO(content if content is not None else drawn()))


def lines_of(content: bytes | None = None) -> list[str]:
    """Return every paragraph in the order of the file, those in tables too."""
    body = opened(content).element.body
    texts = ("".join(node.text or "" for node in line.iter(qn("w:t"))) for line in body.iter(qn("w:p")))
    return [text for text in texts if text]


def millimetres(length: Any) -> float:
    return round(float(length) / Mm(1), 1)


def test_the_page_is_a4_with_the_margins_of_the_decree() -> None:
    standing, lying = opened().sections
    assert (millimetres(standing.page_width), millimetres(standing.page_height)) == (210.0, 297.0)
    assert 20 <= millimetres(standing.top_margin) <= 25
    assert 20 <= millimetres(standing.bottom_margin) <= 25
    assert 30 <= millimetres(standing.left_margin) <= 35
    assert 15 <= millimetres(standing.right_margin) <= 20
    assert (millimetres(lying.page_width), millimetres(lying.page_height)) == (297.0, 210.0)


def test_every_letter_is_times_new_roman() -> None:
    document = opened()
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "cs", "eastAsia")} == {
        "Times New Roman"
    }
    assert document.styles["Normal"].font.size == Pt(14)
    named = {node.get(qn("w:ascii")) for node in document.element.body.iter(qn("w:rFonts"))}
    assert named <= {"Times New Roman"}


CLOSING = (
    "Trên đây là tổng hợp khó khăn, vướng mắc, kiến nghị tháng 10 năm 2025; UBND xã Bát Mọt kính báo cáo "
    "Ủy ban nhân dân tỉnh Thanh Hóa xem xét, chỉ đạo./."
)


def test_running_text_is_14_justified_and_indented() -> None:
    (opening,) = [line for line in opened().paragraphs if line.text.startswith("Thực hiện [số, ký hiệu")]
    assert {run.font.size for run in opening.runs} == {Pt(14)}
    assert opening.alignment == 3  # justified
    assert 10 <= millimetres(opening.paragraph_format.first_line_indent) <= 12.7
    assert opening.paragraph_format.space_before >= Pt(6)
    assert 1.0 <= opening.paragraph_format.line_spacing <= 1.5


def test_country_and_motto_are_exact() -> None:
    lines = lines_of()
    assert NATION_LINE in lines
    assert MOTTO in lines
    assert "HÒA" in NATION_LINE
    assert MOTTO.count(" - ") == 2
    assert all(unicodedata.is_normalized("NFC", line) for line in lines)


def test_the_parts_of_a_report_come_in_their_order() -> None:
    lines = lines_of()
    parts = [
        "ỦY BAN NHÂN DÂN",
        "XÃ BÁT MỌT",
        "Số:        /BC-UBND",
        "DỰ THẢO",
        NATION_LINE,
        MOTTO,
        "Bát Mọt, ngày ..... tháng ..... năm 2025",
        "BÁO CÁO",
        "Tổng hợp khó khăn, vướng mắc, kiến nghị (tháng 10 năm 2025)",
        "Kính gửi: Ủy ban nhân dân tỉnh Thanh Hóa",
        "I. TÌNH HÌNH CHUNG",
        CLOSING,
        "Nơi nhận:",
        "- Lưu: VT.",
        "TM. ỦY BAN NHÂN DÂN",
        "CHỦ TỊCH",
        "Phụ lục",
    ]
    positions = [lines.index(part) for part in parts]
    assert positions == sorted(positions)


def test_a_letter_has_its_subject_under_the_symbol_and_no_name() -> None:
    lines = lines_of(draw_docx(letter(dead_spots()), made_at=NOW))
    assert lines.index("Số:        /UBND-……") + 1 == lines.index(
        "V/v đề nghị giải quyết khó khăn, vướng mắc về phủ sóng thông tin di động"
    )
    assert "BÁO CÁO" not in lines
    assert "Kính gửi: Sở Khoa học và Công nghệ tỉnh Thanh Hóa" in lines


def test_the_page_number_stands_in_the_top_margin_and_not_on_the_first_page() -> None:
    standing, lying = opened().sections
    assert standing.different_first_page_header_footer
    assert not standing.first_page_header.paragraphs[0].text
    assert "PAGE" in standing.header._element.xml
    assert standing.header.paragraphs[0].alignment == 1  # centred
    assert not lying.different_first_page_header_footer
    assert lying.header.is_linked_to_previous


def test_the_first_page_says_at_its_foot_how_the_draft_came_about() -> None:
    standing, _ = opened().sections
    assert standing.first_page_footer.paragraphs[0].text.startswith("Dự thảo lập từ số liệu của hệ thống")
    assert not standing.footer.paragraphs[0].text


def test_rules_are_drawn_lines_and_nothing_is_underlined() -> None:
    xml = opened().element.body.xml
    assert xml.count("<w:pBdr>") >= 3
    assert "<w:u " not in xml


def test_the_annex_holds_every_row_and_its_head_repeats() -> None:
    document, made = opened(), report()
    table = document.tables[-1]
    assert made.annex is not None
    assert tuple(cell.text for cell in table.rows[0].cells) == made.annex.table.header
    assert tuple(tuple(cell.text for cell in row.cells) for row in table.rows[1:]) == made.annex.table.rows
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert {run.font.size for row in table.rows for cell in row.cells for run in cell.paragraphs[0].runs} == {
        Pt(11)
    }


def test_no_number_is_assigned_and_nobody_is_named_to_sign() -> None:
    lines = lines_of()
    assert not [line for line in lines if line.startswith("Số: ") and any(sign.isdigit() for sign in line)]
    assert lines[lines.index("CHỦ TỊCH") + 1] == "Phụ lục"


def test_the_file_names_the_office_and_no_person() -> None:
    properties = opened().core_properties
    assert properties.author == "ỦY BAN NHÂN DÂN XÃ BÁT MỌT"
    assert properties.comments == "DỰ THẢO"
    assert properties.last_modified_by in {"", None}


def test_a_control_character_that_somebody_pasted_does_not_break_the_file() -> None:
    made = letter(dead_spots(1))
    broken = replace(made, subject="a\x0bb\x00c")
    assert "abc" in lines_of(draw_docx(broken, made_at=NOW))


def test_the_same_document_is_drawn_the_same() -> None:
    def parts(content: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    assert parts(drawn()) == parts(draw_docx(report(), made_at=NOW))


@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml"])
def test_the_language_is_vietnamese_and_the_parts_are_there(part: str) -> None:
    with zipfile.ZipFile(io.BytesIO(drawn())) as archive:
        content = archive.read(part).decode()
    assert content.startswith("<?xml")
    assert part != "word/styles.xml" or "vi-VN" in content
