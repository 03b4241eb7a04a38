"""Boards as PDF: the numbers of the page, a sheet on one page, an own typeface; where typst is missing, what to install."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from pypdf import PdfReader

from tests.services import world as who
from tests.services.world import World

pytestmark = pytest.mark.warehouse

Person = tuple[str, ...]


@pytest.fixture(scope="module")
def filled(filled_world: World) -> World:
    return filled_world


def pdf_of(world: World, person: Person, board: str, query: str = "") -> PdfReader:
    answer = world.as_(*person).get(f"/bang/{board}.pdf{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return PdfReader(io.BytesIO(answer.content))


def words_of(text: str) -> str:
    """Return a text without its white space: a narrow cell breaks its words."""
    return re.sub(r"[\s\u00ad-]", "", text)


def said_by(page: str) -> list[str]:
    """Return what the tables of a page say, cell by cell."""
    cells = re.findall(r"<t[dh] ?[^>]*>(.*?)</t[dh]>", page.partition("<main")[2], re.DOTALL)
    cells += re.findall(r'<h2 class="lc-part"[^>]*>(.*?)</h2>', page)
    return [
        html.unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", cell, flags=re.DOTALL)).strip() for cell in cells
    ]


@pytest.mark.parametrize(
    ("person", "board", "lang"),
    [
        (who.CHAIR, "to-xa", "vi"),
        (who.REVIEWER, "tinh", "vi"),
        (who.REVIEWER, "duong-di", "en"),
        (who.MINISTRY, "ca-nuoc", "vi"),
    ],
)
def test_a_board_on_paper_says_what_its_page_says(
    filled: World, person: Person, board: str, lang: str
) -> None:
    paper = pdf_of(filled, person, board, f"?lang={lang}")
    text = words_of("".join(page.extract_text() for page in paper.pages))
    page = filled.as_(*person).get(f"/bang/{board}?lang={lang}", headers={"accept": "text/html"}).text
    assert "data-panel" in page
    missing = [cell for cell in said_by(page) if not all(words_of(piece) in text for piece in cell.split())]
    assert missing == []


def test_a_sheet_is_one_page_and_paper_of_a_province_turns_on(filled: World) -> None:
    assert len(pdf_of(filled, who.CHAIR, "to-xa").pages) == 1
    province = pdf_of(filled, who.REVIEWER, "tinh")
    assert len(province.pages) > 2
    width, height = (float(side) for side in province.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (595, 842)


def test_the_typeface_comes_with_the_file_and_has_every_letter(filled: World) -> None:
    paper = pdf_of(filled, who.REVIEWER, "tinh")
    fonts: list[Any] = [
        font.get_object()
        for page in paper.pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    ]
    assert fonts
    assert all("LibertinusSerif" in font["/BaseFont"] for font in fonts)
    text = words_of("".join(page.extract_text() for page in paper.pages))
    names = [who.tables().units.get(code).name for code in ("15607", "14812", "16138") if code]
    assert all(words_of(name) in text for name in names)
    assert "\ufffd" not in text


def test_where_typst_is_missing_the_button_says_what_to_install(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("services.web.boards.pages", "services.web.boards.paper"):
        monkeypatch.setattr(f"{module}.can_draw", lambda: False)
    page = filled.as_(*who.CHAIR).get("/bang/to-xa", headers={"accept": "text/html"}).text
    assert "to-xa.pdf" not in page
    assert "pip install &#39;liencap[pdf]&#39;" in page or "pip install 'liencap[pdf]'" in page
    answer = filled.as_(*who.CHAIR).get("/bang/to-xa.pdf")
    assert answer.status_code == 503
    assert "liencap[pdf]" in answer.text


def test_a_pdf_is_of_the_scope_of_who_asks(filled: World) -> None:
    assert filled.as_(*who.OFFICER).get("/bang/duong-di.pdf?unit=38").status_code == 403
    assert filled.as_(*who.REVIEWER).get("/bang/ca-nuoc.pdf?unit=38").status_code == 422
    assert filled.as_(*who.REVIEWER).get("/bang/nowhere.pdf").status_code == 404
