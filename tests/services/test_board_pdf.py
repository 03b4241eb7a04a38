"""Boards as PDF: the numbers of the page, a sheet on one page, an own typeface; where typst is missing, what to install."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
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


@dataclass(frozen=True)
class Paper:
    """A board on paper, drawn and read once for all tests."""

    pages: int
    size: tuple[int, int]
    fonts: frozenset[str]
    text: str


@pytest.fixture(scope="module")
def paper_of(filled: World) -> Callable[[Person, str, str], Paper]:
    @cache
    def drawn(person: Person, board: str, lang: str) -> Paper:
        answer = filled.as_(*person).get(f"/bang/{board}.pdf?lang={lang}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/pdf"
        read = PdfReader(io.BytesIO(answer.content))
        width, height = (round(float(side)) for side in read.pages[0].mediabox[2:])
        fonts: list[Any] = [
            font.get_object()
            for page in read.pages
            for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
        ]
        return Paper(
            len(read.pages),
            (width, height),
            frozenset(str(font["/BaseFont"]) for font in fonts),
            words_of("".join(page.extract_text() for page in read.pages)),
        )

    return drawn


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


BOARDS = ((who.CHAIR, "to-xa", "vi"), (who.REVIEWER, "tinh", "vi"), (who.MINISTRY, "ca-nuoc", "en"))


@pytest.mark.parametrize(
    ("person", "board", "lang"),
    [BOARDS[0], *(pytest.param(*board, marks=pytest.mark.slow) for board in BOARDS[1:])],
)
def test_a_board_on_paper_says_what_its_page_says(
    filled: World, paper_of: Callable[[Person, str, str], Paper], person: Person, board: str, lang: str
) -> None:
    text = paper_of(person, board, lang).text
    page = filled.as_(*person).get(f"/bang/{board}?lang={lang}", headers={"accept": "text/html"}).text
    assert "data-panel" in page
    missing = [cell for cell in said_by(page) if not all(words_of(piece) in text for piece in cell.split())]
    assert missing == []


def test_a_sheet_is_one_page_of_a4(paper_of: Callable[[Person, str, str], Paper]) -> None:
    sheet = paper_of(*BOARDS[0])
    assert (sheet.pages, sheet.size) == (1, (595, 842))


@pytest.mark.slow
def test_the_typeface_comes_with_the_file_and_has_every_letter(
    paper_of: Callable[[Person, str, str], Paper],
) -> None:
    paper = paper_of(*BOARDS[1])
    assert paper.pages > 2
    assert paper.fonts
    assert all("LibertinusSerif" in font for font in paper.fonts)
    names = [one.name for one in who.tables().units.communes_of("38")]
    assert [name for name in names if words_of(name) not in paper.text] == []
    assert "\ufffd" not in paper.text


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
