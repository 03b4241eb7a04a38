"""A page speaks one language: no English word on a Vietnamese page, no Vietnamese one on an English page.

Proper names stay as they are, and so does what people wrote; what is marked as another language (`lang`) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from services.web.sign_in.personas import PERSONAS
from tests.services.test_pages import browser
from tests.services.world import CHAIR, CLERK, DEPARTMENT, World, labels, tables

PAPER = {"number": "15/TTr-UBND", "date": "2026-11-20"}
PLACE = "Bản Vịn"
PAGES = {
    "commune_officer-15607": (
        "/xa",
        "/xa/kho-khan",
        "/xa/kho-khan/moi",
        "/xa/ho-so",
        "/nhap-lieu",
        "/thong-bao",
        "/thong-bao/tuy-chon",
        "/tong-hop",
        "/khong-co-trang-nay",
    ),
    "commune_chair-15607": ("/xa", "/tinh"),
    "province_reviewer-38": ("/tinh", "/tinh?tab=due", "/tinh/van-de-chung", "/tinh/tong-quan", "/tong-hop"),
    "department_officer-38": ("/tinh?tab=working", "/thon-lom"),
    "ministry_officer": ("/tw", "/tw/van-de-chung"),
}
OUTSIDE_OF_LANGUAGE = {"script", "style", "code", "template"}
VIETNAMESE = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u0300-\u0309\u0323]|[à-ỹ]")
WORD = re.compile(r"[^\W\d_]+")
SHARED = {
    "internet",
    "excel",
    "word",
    "email",
    "webhook",
    "https",
    "docx",
    "xlsx",
    "example",
    "token",
    "zalo",
    "english",
}
"""Words that both languages write alike."""


class Reader(HTMLParser):
    """Collects what a reader reads or hears, without what is marked as another language."""

    def __init__(self, lang: str) -> None:
        super().__init__()
        self.lang = lang
        self.said: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Follow the language into an element; names for hearing are read too."""
        found = dict(attrs)
        within = not self._open or self._open[-1][1]
        own = within and found.get("lang", self.lang) == self.lang and tag not in OUTSIDE_OF_LANGUAGE
        if own:
            self.said += [
                str(found[name]) for name in ("aria-label", "title", "placeholder", "alt") if found.get(name)
            ]
        if tag not in {"input", "meta", "link", "br", "hr", "img", "wbr", "use", "path", "col"}:
            self._open.append((tag, own))

    def handle_endtag(self, tag: str) -> None:
        """Leave the element."""
        while self._open:
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        """Keep a text of the page's own language."""
        if data.strip() and (not self._open or self._open[-1][1]):
            self.said.append(" ".join(data.split()))


def english_words() -> frozenset[str]:
    """Return the words of English labels and names that no Vietnamese label or name has."""
    catalogues = labels().catalogues
    rows = tables().competence.rows()
    vietnamese = [*catalogues["vi"].values(), *(row.kind.name_vi for row in rows), *names()]
    english = [*catalogues["en"].values(), *(row.kind.name_en for row in rows)]
    known = {word.lower() for words in vietnamese for word in WORD.findall(words)}
    found = {word.lower() for words in english for word in WORD.findall(words) if word.isascii()}
    return frozenset(word for word in found - known - SHARED if len(word) > 3)


def names() -> Iterator[str]:
    """Return the proper names that both languages write alike: places, enterprises, laws."""
    units = tables().units
    for province in units.provinces():
        yield province.name
        yield from (unit.name for unit in units.communes_of(province.code))
    yield from (row.basis for row in tables().competence.rows() if row.basis)
    yield from ("LiênCấp", "đồng", "Tiếng Việt", "Toàn xã", PLACE)
    yield from (
        "Xã, phường",
        "Thôn, bản",
        "Hiện trạng",
        "Số hộ",
        "Đơn vị cam kết",
        "Ngày cam kết",
    )  # headings of a file


NAMES = sorted(names(), key=len, reverse=True)
ENGLISH = english_words()


def strange(page: str, lang: str, texts: tuple[str, ...] = ()) -> list[str]:
    """Return what of a page is in the other language, each with its context."""
    reader = Reader(lang)
    reader.feed(page)
    if lang == "vi":
        return [said for said in reader.said if ENGLISH & {word.lower() for word in WORD.findall(said)}]
    found = []
    for said in reader.said:
        rest = said
        for name in (*texts, *(NAMES if VIETNAMESE.search(said) else ())):
            rest = rest.replace(name, "")
        if VIETNAMESE.search(rest):
            found.append(said)
    return found


@pytest.mark.warehouse
def test_a_page_speaks_one_language(world: World) -> None:
    said = {"content": "Nội dung A.", "request": "Đề nghị B.", "tried": "Đã làm C."}
    issue_id = world.report(place=PLACE, **said)
    waiting = world.report(kind="regular_budget", **said)
    world.report(kind="power_unstable", place=PLACE, **said)
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document=PAPER)
    world.act(DEPARTMENT, "accept", issue_id)
    world.act(DEPARTMENT, "answer", issue_id, kind="solved", document=PAPER, text="Trả lời D.")
    texts = (*said.values(), *(one.rstrip(".") for one in said.values()), "Trả lời D.")
    asked = {
        **PAGES,
        "commune_officer-15607": (
            *PAGES["commune_officer-15607"],
            f"/xa/kho-khan/{issue_id}",
            f"/xa/kho-khan/{waiting}",
        ),
    }
    faults = []
    for persona, paths in asked.items():
        key = next(one.key for one in PERSONAS if one.key.startswith(persona))
        with browser(world, key) as client:
            for lang in ("vi", "en"):
                for path in paths:
                    page = client.get(
                        path,
                        params={
                            **dict([path.partition("?")[2].split("=")] if "?" in path else []),
                            "lang": lang,
                        },
                    )
                    faults += [(path, lang, one) for one in strange(page.text, lang, texts)]
    assert not faults, "\n".join(map(str, dict.fromkeys(faults)))


def test_a_word_of_the_other_language_is_found_unless_it_is_marked() -> None:
    assert strange("<html lang=vi><p>Đã gửi</p><p>Waiting here</p>", "vi") == ["Waiting here"]
    assert strange("<html lang=vi><p lang=en>Waiting here</p>", "vi") == []
    assert strange("<html lang=en><p>Sent by xã Bát Mọt</p>", "en") == ["Sent by xã Bát Mọt"]
    assert strange("<html lang=en><p>Bát Mọt commune</p>", "en") == []
    assert strange('<html lang=en><input placeholder="Tìm">', "en") == ["Tìm"]


@pytest.mark.warehouse
def test_no_page_shows_an_identifier_a_version_or_the_number_of_an_error(world: World) -> None:
    issue_id = world.report()
    with browser(world, "commune_officer-15607") as client:
        for path in ("/xa", "/xa/kho-khan", f"/xa/kho-khan/{issue_id}", "/khong-co-trang-nay", "/tw"):
            reader = Reader("vi")
            reader.feed(client.get(path).text)
            page = " ".join(reader.said)
            assert not re.search(r"\b\w+@\d{4}-|\d{4}-\d\d-\d\d-[0-9a-f]{8}|\bMã \d{3}\b", page), path
            assert tables().competence.version not in page
