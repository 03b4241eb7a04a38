"""The boards before eyes and hands: by day and by night, on a phone, without script, under axe and the strict policy."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Literal

import pytest

from dashboards.catalogue import all_boards
from tests.browser.conftest import Site, Visitor
from tests.browser.test_pages_in_chromium import AXE, DESK, PHONE, SEEN, resize, violations
from tests.services.test_numbers_and_rows import fill

pytestmark = [pytest.mark.browser, pytest.mark.warehouse, pytest.mark.slow]
FINGER = 44
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def boards_by_persona() -> dict[str, list[str]]:
    """Every board once, before whoever has it: a province where the board has provinces, for its rows are the most."""
    found = {
        "ministry_officer-vn": ["/bang"],
        "province_reviewer-38": [],
        "commune_chair-15607": [],
        "auditor-38": [],
    }
    persona = {"nation": "ministry_officer-vn", "commune": "commune_chair-15607"}
    for board in all_boards():
        level = "province" if "province" in board.levels else board.levels[0]
        of_operators = "auditor-38" if board.see == "operations.read" else "province_reviewer-38"
        found[persona.get(level, of_operators)].append(f"/bang/{board.name}")
    return found


BOARDS = boards_by_persona()
[SHEET] = [one for one in all_boards() if one.is_sheet]


THINNED = """() => {
    const shape = row => [row, ...row.querySelectorAll("*")]
        .map(one => `${one.tagName} ${one.getAttribute("class")} ${one.getAttribute("role")}`).join();
    for (const body of document.querySelectorAll("main tbody")) {
        const seen = new Set();
        [...body.rows].forEach((row, number) => {
            const own = shape(row);
            if (number >= 20 && seen.has(own)) row.remove();
            seen.add(own);
        });
    }
}"""
"""Leaves the first rows of each table, and of the others one of each shape: axe takes its time over 166 alike."""


def test_boards_are_without_fault_by_day_and_by_night_and_on_a_phone(
    visit: Callable[..., Visitor], site: Site
) -> None:
    """Every board, on a desk and on a phone, each by day and by night; nothing goes on sideways."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (npm ci): accessibility was not looked at")
    fill(site.world, 7)
    found: dict[str, object] = {}
    for persona, paths in BOARDS.items():
        visitor = visit()
        visitor.sign_in(persona)
        page = visitor.page
        for path in paths:
            resize(page, DESK)
            page.emulate_media(color_scheme="light")
            visitor.go(path)
            for is_phone, scheme in itertools.product((False, True), SCHEMES):
                resize(page, PHONE if is_phone else DESK)
                page.emulate_media(color_scheme=scheme)
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                found[f"{path} {is_phone} goes on sideways"] = max(0, wide)
                page.evaluate(THINNED)
                is_first = not is_phone and scheme == "light"
                found[f"{path} {is_phone} {scheme}"] = violations(page, None if is_first else SEEN)
        found[f"{persona} complaints"] = visitor.complaints
    assert {what: fault for what, fault in found.items() if fault} == {}


def test_the_sheet_of_a_commune_is_one_page_of_paper_without_controls(
    visit: Callable[..., Visitor], site: Site
) -> None:
    fill(site.world, 7)
    visitor = visit(dark=True)
    visitor.sign_in("commune_chair-15607")
    visitor.go("/bang/to-xa")
    page = visitor.page
    assert page.locator("[data-panel]").count() == len(SHEET.panels)
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", paper)) == 1
    page.emulate_media(media="print")
    assert page.locator(":is(button, select, input, .lc-button):visible").count() == 0
    assert "Kết luận của cuộc họp" in page.inner_text(".lc-sheet")


def test_back_keeps_the_filters_and_a_filter_that_is_cleared_shows_nothing_of_before(
    visit: Callable[..., Visitor], site: Site
) -> None:
    """The way of a hand: choose, go to the list behind a number, come back, clear."""
    fill(site.world, 7)
    visitor = visit()
    visitor.sign_in("province_reviewer-38")
    visitor.go("/bang/duong-di")
    page = visitor.page
    whole = page.inner_text("[data-panel=cho-tra-loi] h2")
    page.select_option("#board-kind", "mobile_dead_spot")
    page.click("#choices button")
    chosen, address = page.inner_text("[data-panel=cho-tra-loi] h2"), page.url
    assert "kind=mobile_dead_spot" in address
    page.click("[data-panel=cho-tra-loi] td a")
    assert "kind=mobile_dead_spot" in page.url
    page.go_back()
    assert (page.url, page.input_value("#board-kind")) == (address, "mobile_dead_spot")
    assert page.inner_text("[data-panel=cho-tra-loi] h2") == chosen
    page.click("#choices a.lc-button-quiet")
    assert "kind=" not in page.url
    assert page.input_value("#board-kind") == ""
    assert page.inner_text("[data-panel=cho-tra-loi] h2") == whole != chosen
    page.go_back()
    page.go_forward()
    assert (page.input_value("#board-kind"), page.inner_text("[data-panel=cho-tra-loi] h2")) == ("", whole)


def test_a_board_needs_no_script(visit: Callable[..., Visitor]) -> None:
    visitor = visit(script=False)
    visitor.sign_in("province_reviewer-38")
    visitor.go("/bang/tinh")
    assert visitor.page.locator("[data-panel] table").count() >= 2
    visitor.page.fill("#board-from", "2026-11-01")
    visitor.page.fill("#board-to", "2026-11-07")
    visitor.page.click("#choices button")
    assert "from=2026-11-01" in visitor.page.url
    assert "01/11/2026" in visitor.page.inner_text("main")


def test_tiles_of_a_map_are_reached_by_keys_in_the_order_of_reading_and_open_their_boards(
    visit: Callable[..., Visitor],
) -> None:
    visitor = visit(phone=True, script=False)
    visitor.sign_in("ministry_officer-vn")
    visitor.go("/bang/ca-nuoc?from=2026-11-20")
    tiles = visitor.page.locator("[data-panel=cac-tinh] a.lc-tile")
    assert tiles.count() == 36
    tiles.first.focus()
    visitor.page.keyboard.press("Tab")
    second = tiles.nth(1)
    assert second.evaluate("tile => tile === document.activeElement")
    smallest = """all => Math.min(...all.map(tile => tile.getBoundingClientRect()).flatMap(at => [at.width, at.height]))"""
    assert tiles.evaluate_all(smallest) >= FINGER
    code = second.locator("xpath=..").get_attribute("data-tile")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(f"**/bang/tinh?unit={code}&from=2026-11-20")
    communes = visitor.page.locator("[data-panel=cac-xa]")
    assert communes.locator("tbody th a").evaluate_all(smallest) >= FINGER
    assert communes.locator("a.lc-tile:visible").count() == 0, "so many tiles are too small on a phone"


def test_on_paper_a_scale_keeps_its_grounds_and_is_that_of_the_day_also_from_the_dark(
    visit: Callable[..., Visitor], site: Site
) -> None:
    """Light words of the upper steps would stand on white paper."""
    fill(site.world, 7)
    visitor = visit(dark=True)
    visitor.sign_in("ministry_officer-vn")
    visitor.go("/bang/ca-nuoc")
    visitor.page.emulate_media(media="print")
    grounds = visitor.page.evaluate("""() => [...document.querySelectorAll(".lc-heat td, .lc-tile, .lc-seq li")].map(one => {
        const style = getComputedStyle(one), keeps = style.printColorAdjust ?? style.webkitPrintColorAdjust;
        return [keeps, one.classList.contains("is-step-7") ? style.backgroundColor : ""];
    })""")
    assert {keeps for keeps, _ in grounds} == {"exact"}
    assert {ground for _, ground in grounds if ground} == {"rgb(11, 74, 92)"}


@pytest.mark.parametrize("is_phone", [False, True])
def test_a_board_is_shared_by_presses_and_opens_without_sign_in(
    visit: Callable[..., Visitor], site: Site, *, is_phone: bool
) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (npm ci): accessibility was not looked at")
    visitor = visit(phone=is_phone, dark=is_phone)
    visitor.sign_in("commune_chair-15607")
    visitor.go("/bang/to-xa")
    page = visitor.page
    page.get_by_role("link", name="Chia sẻ", exact=True).click()
    found = {"new": violations(page)}
    page.get_by_role("button", name="Tạo liên kết").click()
    found["list"] = violations(page)
    address = page.input_value("#made").replace(site.address, "")
    stranger = visit(phone=is_phone, dark=is_phone)
    stranger.go(address)
    found["shared"] = violations(stranger.page)
    assert "chỉ để xem" in stranger.page.inner_text("main")
    # Single difficulties are not for whoever has the link.
    assert stranger.page.locator("[data-panel]").count() == len(SHEET.panels) - 1
    for one in (page, stranger.page):
        found[f"{one.url} sideways"] = one.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert {what: fault for what, fault in found.items() if fault} == {}
    assert visitor.complaints == stranger.complaints == []
