"""The annex as XLSX, read back: every cell is text, whatever it begins with."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pytest
from python_calamine import CalamineWorkbook

from reporting.documents.official import OfficialDocument
from services.documents.xlsx import draw_xlsx
from tests.reporting.documents.annexes import report


def read(content: bytes) -> list[list[object]]:
    return [
        list(row)
        for row in CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    ]


def with_row(*texts: str) -> OfficialDocument:
    made = report()
    assert made.annex is not None
    return replace(made, annex=replace(made.annex, table=replace(made.annex.table, rows=(texts,))))


def test_the_sheet_holds_the_head_and_every_row() -> None:
    made, rows = report(), read(draw_xlsx(report()))
    assert made.annex is not None
    top = rows.index(list(made.annex.table.header))
    assert rows[top + 1 :] == [list(row) for row in made.annex.table.rows]
    said = [str(row[0]) for row in rows[:top]]
    assert "ỦY BAN NHÂN DÂN XÃ BÁT MỌT" in said
    assert "DỰ THẢO" in said


@pytest.mark.parametrize(
    "begins", ["=1+1", "+84", "-2+3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "http://x.example/"]
)
def test_what_looks_like_a_formula_or_a_link_stays_text(begins: str) -> None:
    content = draw_xlsx(with_row("1", begins, begins, begins, begins, begins, begins))
    assert [str(cell).strip() for cell in read(content)[-1][1:]] == [begins.strip()] * 6
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "xl/worksheets/_rels/sheet1.xml.rels" not in archive.namelist()
    assert "<f>" not in sheet
    assert set(re.findall(r'<c r="[B-G]\d+"[^>]* t="(\w+)"', sheet)) == {"s"}


def test_a_document_without_an_annex_makes_no_sheet() -> None:
    with pytest.raises(ValueError, match="no annex"):
        draw_xlsx(replace(report(), annex=None))
