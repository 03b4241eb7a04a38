"""The pages before eyes and hands: by keyboard, on a phone, in the dark, under axe, under the strict policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, Site, Visitor
from tests.services.world import CHAIR, CLERK, DEPARTMENT, REVIEWER, VAN_XUAN, World

pytestmark = [pytest.mark.browser, pytest.mark.warehouse, pytest.mark.slow]

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
Visit = Callable[..., Visitor]
Theme = Literal["light", "dark"]
PHONE, DESK = 390, 1280
WIDTHS = (320, 640, PHONE, DESK)
"""The narrowest that a page must fit (a desk at 400 %), half a desk (at 200 %), and what a page is looked at with."""
PAPER = {"number": "15/TTr-UBND", "date": "2026-11-20"}


@pytest.fixture(scope="module")
def story(site: Site) -> dict[str, str]:
    """One difficulty in the middle of its way, another with an answer: the pages that have most to show."""
    world = site.world
    going = world.report(
        place="Bản Vịn", tried="Đã làm việc với nhà mạng, chưa có kết quả.", people_affected=120
    )
    _send(world, going)
    world.act(DEPARTMENT, "accept", going)
    root = world.issue(going)["escalations"][0]["id"]
    world.act(REVIEWER, "escalate", going, lead_body="bo_khcn", reason="Cần phủ sóng vùng lõm.")
    world.act(("province_leader", "38"), "approve", going)
    world.act(REVIEWER, "send", going, document={"number": "88/UBND-KHCN", "date": "2026-11-21"})
    answered = world.report(kind="no_fixed_internet")
    _send(world, answered)
    lead = ("department_officer", "38", world.issue(answered)["escalations"][-1]["lead_body"])
    world.act(lead, "accept", answered)
    world.act(lead, "answer", answered, kind="solved", text="Đã kéo cáp đến bản.", document=PAPER)
    proposed = world.report(kind="no_grid_power")
    shared = _common_problem(world, going)
    village = {"department": "38.so_khcn", "unit_code": "15607", "village": "Bản Vịn", "gap": "no_signal"}
    promise = {"promiser": "38.viettel", "promised_on": "2026-01-31"}
    spot = world.as_(*DEPARTMENT).post("/api/v1/promises", json=village | promise).json()["spot_id"]
    world.settle()
    return {
        "spot": f"/thon-lom/{spot}",
        "going": f"/xa/kho-khan/{going}",
        "answered": f"/xa/kho-khan/{answered}",
        "proposed": f"/xa/kho-khan/{proposed}",
        "root": f"/tinh/de-xuat/{root}",
        "shared": f"/tinh/van-de-chung/{shared}",
        "petition": f"/tw/de-xuat/{world.issue(going)['escalations'][-1]['id']}",
        "beside": f"/tinh?xem={root}",
    }


def _common_problem(world: World, member: str) -> str:
    """Open a problem with one member, an answer, and one more issue that it may be joined with."""
    world.report(unit_code=VAN_XUAN)
    body = {"kind": "mobile_dead_spot", "title": "Trạm phát sóng mất điện", "lead_body": "38.so_khcn"}
    problem_id = str(world.as_(*REVIEWER).post("/api/v1/problems", json=body).json()["id"])
    world.settle()
    world.act_on_issue(REVIEWER, "join", member, problem=problem_id)
    world.settle()
    answer = {
        "expected_version": 1,
        "kind": "waiting_resources",
        "expected_on": "2027-01-15",
        "document": PAPER,
    }
    assert world.as_(*DEPARTMENT).post(f"/api/v1/problems/{problem_id}/answer", json=answer).is_success
    world.settle()
    return problem_id


def _send(world: World, issue_id: str) -> None:
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document=PAPER)


# Persona → pages; names in braces are pages of the story.
PAGES = {
    "": ["/", "/khung/ngoai-tuyen", "/xa"],
    "commune_officer-15607": [
        "/xa",
        "/xa/kho-khan",
        "/xa/kho-khan/moi",
        "/xa/ho-so",
        "/nhap-lieu",
        "/phien/danh-sach",
        "{answered}",
        "{going}",
    ],
    "commune_chair-15607": ["/xa", "{proposed}", "/thong-bao", "/thong-bao/tuy-chon", "/tong-hop"],
    "commune_clerk-15607": ["/xa", "/xa/kho-khan", "{going}", "{answered}"],
    "province_leader-38": ["/tinh", "/tinh/tong-quan", "{root}", "{shared}"],
    "department_leader-38": ["/tinh", "{root}", "/tinh/van-de-chung", "/thon-lom"],
    "ministry_viewer-vn": ["/tw", "/tw/van-de-chung"],
    "province_reviewer-38": [
        "/tinh",
        "/tinh?tab=near",
        "{beside}",
        "/tinh/tong-quan",
        "/tinh/van-de-chung?loai=mobile_dead_spot",
        "{shared}",
        "{root}",
        "/khong-co",
        "/tong-hop",
    ],
    "department_officer-38": ["/tinh", "{root}", "/thon-lom", "{spot}", "/thong-bao"],
    "ministry_officer-vn": ["/tw", "/tw/kien-nghi", "/tw/van-de-chung", "{petition}"],
    "auditor-38": ["/tinh", "/thong-bao/nhat-ky", "/tong-hop"],
}


def unfold(page: Page) -> None:
    """Open what stands folded or waits for its button, so that it is looked at too."""
    page.evaluate(
        "document.querySelectorAll('main details:not(.lc-menu)').forEach(one => { one.open = true; })"
    )
    page.evaluate(
        "document.querySelectorAll('main .lc-act').forEach(one => { one.classList.add('is-open'); })"
    )


SEEN = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
"""The rules of axe that depend on theme and width; all others judge the document, which is the same in each."""


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    # Reading the library costs as much as a look, so a document reads it once.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    only = {"type": "tag", "values": tags} if rules is None else {"type": "rule", "values": rules}
    found: dict[str, Any] = page.evaluate(
        "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})", only
    )
    return [
        f"{fault['id']}: {node['html'][:160]} | {node.get('failureSummary', '')[:200]}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


def resize(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})


def overflows(page: Page) -> list[str]:
    """Return the widths at which a page scrolls sideways; the last one is what the page is left with."""
    found = []
    for width in WIDTHS:
        resize(page, width)
        if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"{needed} at {width}")
    return found


def looks() -> Iterator[tuple[int, Theme, bool]]:
    """Yield width and theme of each look at a page, and whether it takes the rules that judge the document."""
    for width in (PHONE, DESK):
        yield width, "light", True
        yield width, "dark", False


@pytest.mark.parametrize("persona", PAGES, ids=lambda persona: persona or "nobody")
def test_every_page_fits_and_is_without_fault_by_day_and_by_night(
    visit: Visit, story: dict[str, str], persona: str
) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (npm ci): accessibility was not looked at")
    visitor = visit()
    page = visitor.page
    faults: dict[tuple[str, int, str], list[str]] = {}
    if persona:
        visitor.sign_in(persona)
    for at in PAGES[persona]:
        visitor.go(at.format(**story))
        unfold(page)
        for width, theme, is_first in looks():
            resize(page, width)
            page.emulate_media(color_scheme=theme)
            assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == theme
            faults[at, width, theme] = violations(page, None if is_first else SEEN)
        page.emulate_media(color_scheme="light")
        if too_wide := overflows(page):
            faults[at, DESK, "width"] = too_wide
    assert {place: found for place, found in faults.items() if found} == {}
    assert visitor.complaints == []


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    for _ in range(most):
        if page.evaluate("what => document.activeElement.matches(what)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{most} tabs do not lead to {selector}")


def test_the_whole_form_can_be_filled_and_sent_by_keyboard(visit: Visit, site: Site) -> None:
    before = site.reports()
    visitor = visit()
    page = visitor.page
    visitor.go("/")
    tab_to(page, "button[value=commune_officer-15607]")
    press(page, "Enter")
    expect(page.locator("h1")).to_contain_text("Hôm nay")
    tab_to(page, "main a.lc-button-main")
    press(page, "Enter")
    expect(page.locator("h1")).to_have_text("Gửi khó khăn, vướng mắc")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "lc-skip"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    press(page, "Enter")
    tab_to(page, "#kind-search")
    page.keyboard.type("mat dien")
    expect(page.locator("#kind-found")).to_contain_text("Tìm thấy")
    tab_to(page, "input[name=kind]")
    press(page, "Space", "Enter")
    expect(page.locator("[data-kind-name]")).to_have_text("Điện chập chờn, mất điện kéo dài")
    tab_to(page, "#place")
    page.keyboard.type("Bản Phống")
    tab_to(page, "#content")
    page.keyboard.type("Điện yếu cả tuần.")
    tab_to(page, "#request")
    page.keyboard.type("Đề nghị sửa trạm biến áp.")
    tab_to(page, "input[name=severity]")
    press(page, "ArrowDown")
    tab_to(page, "[data-more] > summary")
    press(page, "Enter")
    tab_to(page, "#tried")
    page.keyboard.type("Đã báo điện lực.")
    tab_to(page, "[data-report-submit]")
    press(page, "Enter")
    expect(page.locator("[data-letter]")).to_have_attribute("data-state", "received")
    assert site.reports() == before + 1
    [latest, *_] = site.world.parts.issue_table.list()
    assert (latest.report.kind, latest.report.severity) == ("power_unstable", "high")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("sạt lở", "landslide_relocation"),
        ("mot cua", "one_stop_system_error"),
        ("mang yeu", "mobile_dead_spot"),
        ("Không có mạng", "mobile_dead_spot"),
        ("viettel", "mobile_dead_spot"),
        ("đất rừng", "forest_boundary"),  # words that stand apart
    ],
)
def test_a_kind_is_found_by_the_words_that_people_use(visit: Visit, typed: str, first: str) -> None:
    visitor = visit()
    visitor.sign_in("commune_officer-15607")
    visitor.go("/xa/kho-khan/moi")
    page = visitor.page
    page.fill("#kind-search", typed)
    found = page.locator("[data-kind-option]:visible input")
    expect(found.first).to_have_attribute("value", first)
    expect(found.last).to_have_attribute("value", "unclear")
    page.fill("#kind-search", "khongcogi")
    expect(page.locator("#kind-found")).to_contain_text("Không tìm thấy.")
    expect(found).to_have_count(1)
    found.first.check()
    expect(page.locator("[data-kind-name]")).to_have_text("Chưa rõ, nhờ tỉnh phân loại")


def test_an_answer_is_confirmed_by_keyboard_and_the_page_says_so(visit: Visit, story: dict[str, str]) -> None:
    visitor = visit()
    visitor.sign_in("commune_chair-15607")
    visitor.go(story["answered"])
    tab_to(visitor.page, ".lc-acts a[href='#act-confirm']")
    press(visitor.page, "Enter")
    tab_to(visitor.page, "#act-confirm button")
    press(visitor.page, "Enter")
    # Nobody undoes it: it is sent by itself.
    expect(visitor.page.locator("[data-focus]")).to_have_text("Đã xác nhận kết quả.")
    assert visitor.page.evaluate("document.activeElement.hasAttribute('data-focus')")


def test_words_typed_into_an_act_outlive_a_change_of_language(visit: Visit, story: dict[str, str]) -> None:
    visitor = visit()
    visitor.sign_in("commune_officer-15607")
    visitor.go(story["proposed"])
    page = visitor.page
    unfold(page)
    box = page.locator("#act-withdraw textarea[name=reason]")
    box.fill("Điện lực đã hẹn ngày đóng điện.")
    page.click(".lc-head details summary")
    page.click("a[data-keep-typed][lang=en]")
    expect(box).to_have_value("Điện lực đã hẹn ngày đóng điện.")


def test_the_status_can_be_copied(visit: Visit, story: dict[str, str]) -> None:
    visitor = visit()
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.sign_in("commune_officer-15607")
    visitor.go(story["going"])
    visitor.page.click("[data-copy]")
    expect(visitor.page.locator("[data-copied]")).to_contain_text("Đã sao chép")
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Thôn, bản không có hoặc yếu sóng di động – Xã Bát Mọt: ")


def test_on_paper_stands_what_the_screen_folds_and_nothing_to_press(
    visit: Visit, story: dict[str, str]
) -> None:
    visitor = visit()
    visitor.sign_in("province_reviewer-38")
    visitor.go(story["root"])
    page = visitor.page
    ended = page.locator("section[aria-labelledby=clock-title] .lc-fold-body p").first
    pressed = page.locator(".lc-acts, .lc-head, .lc-rail, main .lc-button, .lc-foot")
    expect(ended).to_be_hidden()
    expect(page.locator(".lc-acts")).to_be_visible()
    expect(page.locator("main .lc-print")).to_be_hidden()
    page.emulate_media(media="print")
    expect(ended).to_be_visible()
    expect(page.locator("main .lc-print")).to_contain_text("In lúc")
    for at in range(pressed.count()):
        expect(pressed.nth(at)).to_be_hidden()


@pytest.mark.usefixtures("story")
def test_a_filter_keeps_the_order_that_was_chosen(visit: Visit) -> None:
    visitor = visit()
    visitor.sign_in("province_reviewer-38")
    visitor.go("/tinh?sort=age")
    page = visitor.page
    page.click("summary:has-text('Lọc')")
    page.select_option("#filter-unit", "15607")
    page.click("text=Áp dụng")
    page.wait_for_url("**/tinh?*unit=15607*")
    assert "sort=age" in page.url
    rows = page.locator("[data-item]")
    expect(rows.first).to_be_visible()
    assert rows.filter(has_text="Xã Bát Mọt").count() == rows.count()
    assert visitor.complaints == []


def test_without_javascript_the_form_is_whole_and_promises_nothing_it_cannot_do(visit: Visit) -> None:
    visitor = visit(script=False)
    visitor.sign_in("commune_officer-15607")
    visitor.go("/xa/kho-khan/moi")
    page = visitor.page
    expect(page.locator("#kind-search")).to_be_hidden()
    expect(page.locator("[data-outbox]")).to_be_hidden()
    page.locator("[data-kind-group] summary").first.click()
    page.locator("[data-kind-option] input").first.check()
    page.fill("[name=place]", "Bản Vịn")
    page.fill("[name=content]", "Cả bản không có sóng.")
    page.fill("[name=request]", "Đề nghị lắp trạm tại bản.")
    page.click("[data-report-submit]")
    expect(page.locator(".lc-notice.is-ok")).to_contain_text("Hệ thống đã nhận")
