"""How big things are, in Chromium: header, first content, targets for thumbs, rows; the same by night, in English, on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from services.web.shell.assets import STATIC
from tests.browser.conftest import Site, Visitor
from tests.browser.test_pages_in_chromium import AXE, SEEN, violations

pytestmark = [pytest.mark.browser, pytest.mark.warehouse]

# Persona → where its people begin, and a page of figures.
STARTS = {
    "commune_officer-15607": ["/xa", "/xa/kho-khan", "/xa/ho-so", "/thong-bao"],
    "province_reviewer-38": ["/tinh", "/tinh/tong-quan", "/thon-lom"],
    "ministry_officer-vn": ["/tw"],
}
SCREENS = {"phone": (390, 844), "desk at 400 %": (320, 256)}
QUICK = ("phone", "commune_officer-15607")
FIRST_SCREENS = [
    pytest.param(size, persona, marks=() if (size, persona) == QUICK else pytest.mark.slow)
    for size in SCREENS
    for persona in STARTS
]
# What a thumb has to hit; a link inside a sentence is as high as its line.
TARGETS = "a, button, summary, select, input:not([type=hidden]), textarea"
MEASURE = """targets => [...document.querySelectorAll(targets)].filter(one => {
  if (!one.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})) return false;
  if (one.closest('.lc-skip, dialog:not([open]), .lc-facts dd, p.lc-said, .lc-foot')) return false;
  return true;
}).map(one => {
  // The whole of a row or a card is its link; a box may be hit anywhere on its label.
  const whole = one.closest('label, .lc-row:has(.lc-row-name a), .lc-card:has(.lc-card-name a), .lc-table th') || one;
  const box = (['checkbox', 'radio'].includes(one.type) || one.matches('.lc-row-name a, .lc-card-name a, .lc-table th a') ? whole : one).getBoundingClientRect();
  return [one.outerHTML.slice(0, 90), Math.round(box.width), Math.round(box.height)];
})"""


SCRIPTS = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js")} - {"sw.js"}
"""What the pages load; the service worker is no script of a page."""


@pytest.fixture
def screen(chromium: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """Open a browser of a given size; `thumb` where the pointer is coarse."""
    opened: list[BrowserContext] = []

    def screen(
        width: int, height: int, *, thumb: bool = False, dark: bool = False, script: bool = True
    ) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            has_touch=thumb,
            is_mobile=thumb,
            color_scheme="dark" if dark else "light",
            locale="vi-VN",
            reduced_motion="reduce",
            java_script_enabled=script,
        )
        opened.append(context)
        return Visitor(context, context.new_page(), site)

    yield screen
    for context in opened:
        context.close()


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return {key: float(value) for key, value in found.items()}  # type: ignore[arg-type]  # a TypedDict of floats


@pytest.mark.parametrize(("size", "persona"), FIRST_SCREENS)
def test_the_first_screen_shows_content(screen: Callable[..., Visitor], persona: str, size: str) -> None:
    width, height = SCREENS[size]
    visitor = screen(width, height)
    visitor.sign_in(persona)
    for path in STARTS[persona]:
        visitor.go(path)
        page = visitor.page
        assert box(page, "header")["height"] <= 56, path
        heading = box(page, "main h1")
        assert heading["y"] + heading["height"] <= min(height, 200), path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        if size == "phone":
            bar = box(page, ".lc-bottom")
            assert (round(bar["y"] + bar["height"]), bar["height"] <= 64) == (height, True), path


@pytest.mark.parametrize("size", ["phone", pytest.param("desk at 400 %", marks=pytest.mark.slow)])
def test_the_form_of_a_report_begins_in_the_first_screen_and_can_be_sent_from_it(
    screen: Callable[..., Visitor], size: str
) -> None:
    width, height = SCREENS[size]
    visitor = screen(width, height, thumb=True)
    visitor.sign_in("commune_officer-15607")
    visitor.go("/xa/kho-khan/moi")
    page = visitor.page
    first = box(page, "#kind-search")
    assert first["y"] + first["height"] <= min(height, 200)
    title = "(node => node.scrollWidth <= node.clientWidth && node.scrollHeight <= node.clientHeight)"
    assert page.evaluate(f"{title}(document.querySelector('header h1'))"), "the title is cut"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("[data-kind-group] summary").first.click()
    page.click("[data-more] > summary")
    found = page.evaluate(MEASURE, TARGETS)
    assert [one for one in found if one[2] < 44 or one[1] < 24] == []
    if size == "phone":
        button = box(page, "[data-report-submit]")
        assert button["y"] + button["height"] <= height
        assert page.locator(".lc-bottom").count() == 0


@pytest.mark.slow
def test_on_a_phone_the_figures_of_a_board_come_before_its_choices(screen: Callable[..., Visitor]) -> None:
    visitor = screen(390, 844, thumb=True, script=False)
    visitor.sign_in("province_reviewer-38")
    visitor.go("/bang/tinh")
    page = visitor.page
    figure = box(page, "main .lc-card")
    assert figure["y"] + figure["height"] <= 422, "the first figure stands in the upper half"
    assert not page.is_visible("select[name=period]")
    page.click("a[href='#choices']")
    assert page.is_visible("select[name=period]")
    page.fill("#board-from", "2026-11-01")
    page.click("#choices button")
    assert "from=2026-11-01" in page.url


def test_every_script_is_loaded_by_a_page_and_none_complains(
    visit: Callable[..., Visitor], site: Site
) -> None:
    """One word that no browser reads, and a page stands still: this is seen at once, all else by the slow tests."""
    loaded = set()
    pages = {
        "commune_officer-15607": ["/thon-lom", "/xa/kho-khan/moi", f"/xa/kho-khan/{site.world.report()}"],
        "province_reviewer-38": ["/tinh"],
    }
    for persona, paths in pages.items():
        visitor = visit()
        visitor.sign_in(persona)
        for path in paths:
            visitor.go(path)
            names = visitor.page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
            loaded |= {name.partition("?")[0] for name in names}
        assert visitor.complaints == []
    assert {name for name in SCRIPTS if not any(one.endswith(f"/{name}") for one in loaded)} == set()


def test_a_rail_takes_the_place_of_the_bar_where_there_is_room(screen: Callable[..., Visitor]) -> None:
    for width, rail in ((1023, False), (1024, True)):
        visitor = screen(width, 768)
        visitor.sign_in("commune_officer-15607")
        assert visitor.page.locator(".lc-rail").is_visible() == rail
        assert visitor.page.locator(".lc-bottom").is_visible() != rail


def test_the_menu_of_a_person_opens_and_ends_the_session_without_script(
    screen: Callable[..., Visitor],
) -> None:
    visitor = screen(390, 844, script=False)
    visitor.sign_in("commune_officer-15607")
    page = visitor.page
    page.click(".lc-head details summary")
    assert page.locator(".lc-head .lc-menu-list").is_visible()
    page.click(".lc-head [data-sign-out] button")
    page.wait_for_selector("button[name=persona]")


@pytest.mark.slow
def test_thumbs_find_everything_on_a_phone(screen: Callable[..., Visitor]) -> None:
    visitor = screen(390, 844, thumb=True)
    visitor.sign_in("province_reviewer-38")
    small: dict[str, list[Any]] = {}
    for path in ("/kieu", "/tinh/tong-quan", "/thong-bao", "/tinh/van-de-chung", "/bang", "/bang/duong-di"):
        visitor.go(path)
        found = visitor.page.evaluate(MEASURE, TARGETS)
        small[path] = [one for one in found if one[2] < 44 or one[1] < 24]
    assert {path: found for path, found in small.items() if found} == {}


SIZES = """() => [...document.querySelectorAll('main .lc-row, main .lc-card, main .lc-button, main .lc-input, main .lc-state, main .lc-lead > div')]
  .map(one => { const box = one.getBoundingClientRect(); return [one.className, Math.round(box.width), Math.round(box.height)]; })"""


@pytest.mark.slow
def test_night_changes_colours_and_no_size(screen: Callable[..., Visitor]) -> None:
    sizes = []
    for dark in (False, True):
        visitor = screen(1366, 900, dark=dark)
        visitor.sign_in("province_reviewer-38")
        visitor.go("/kieu")
        sizes.append(visitor.page.evaluate(SIZES))
        ground = visitor.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(15, 23, 25)" if dark else "rgb(246, 248, 248)")
    assert sizes[0] == sizes[1]
    rows = [one for one in sizes[0] if one[0].startswith("lc-row") and "plain" not in one[0]]
    assert {one[2] for one in rows[:6]} <= {44, 45}
    assert {one[2] for one in sizes[0] if one[0] == "lc-button lc-button-main"} == {36}
    assert all(one[2] >= 80 for one in sizes[0] if one[0].startswith("lc-card"))


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("wide", [False, True], ids=["phone", "desk"])
def test_every_component_is_without_fault_in_both_languages_by_day_and_by_night(
    screen: Callable[..., Visitor], lang: str, *, wide: bool
) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (npm ci): accessibility was not looked at")
    visitor = screen(1366 if wide else 320, 800)
    visitor.sign_in("province_reviewer-38")
    visitor.go(f"/kieu?lang={lang}")
    page = visitor.page
    assert page.evaluate("document.documentElement.scrollWidth") <= (1366 if wide else 320)
    faults = {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        faults[theme] = violations(page, None if theme == "light" else SEEN)
    assert {theme: found for theme, found in faults.items() if found} == {}


@pytest.mark.slow
def test_inter_is_loaded_for_provinces_and_not_for_communes(screen: Callable[..., Visitor]) -> None:
    for persona, path, expected in (
        ("commune_officer-15607", "/xa", 0),
        ("province_reviewer-38", "/kieu", 2),
    ):
        visitor = screen(1366, 768)
        visitor.sign_in(persona)
        visitor.go(path)
        visitor.page.evaluate("document.fonts.ready.then(() => true)")
        fonts = visitor.page.evaluate(
            "performance.getEntriesByType('resource').map(one => one.name).filter(name => name.includes('.woff2'))"
        )
        assert len(set(fonts)) == expected, fonts
        family = visitor.page.evaluate("getComputedStyle(document.body).fontFamily")
        assert family.startswith('"Inter Variable"') == bool(expected)
