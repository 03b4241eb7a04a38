"""The list of work in a browser: presses per item, a morning's work in one load, keys, live rows, and the same without script."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, Route, expect

from events.log import Position
from reporting.issues.state import IssueState
from services.warehouse.folded import LatestStates
from tests.browser.conftest import Site, Visitor, wait_until
from tests.reporting.stories import Story
from tests.services.world import BAT_MOT, DEPARTMENT, REVIEWER, VAN_XUAN, World

pytestmark = [pytest.mark.browser, pytest.mark.warehouse, pytest.mark.slow]

Visit = Callable[..., Visitor]
FAULT = "one_stop_system_error"
LAPTOP = {"width": 1366, "height": 768}
ROWS = "[data-item]:visible"
KEEP_ONLY = (
    "id => document.querySelectorAll('[data-item]').forEach(row => row.dataset.item === id || row.remove())"
)
OTHERS = (BAT_MOT, VAN_XUAN, "14758")


def reported(world: World, count: int, severity: str = "high", kind: str = FAULT) -> list[str]:
    """Report difficulties that go straight to the department, and return their ids."""
    found = []
    for number in range(count):
        issue_id = str(uuid4())
        unit = OTHERS[number % len(OTHERS)]
        words = {"content": f"không đăng nhập được {number}", "request": "khắc phục trong ngày"}
        said = {"id": issue_id, "kind": kind, "severity": severity, **words}
        answer = world.as_("commune_officer", unit).post(f"/api/v1/communes/{unit}/issues", json=said)
        assert answer.status_code == 201, answer.text
        found.append(issue_id)
    world.settle()
    return found


def many(world: World, count: int) -> None:
    """Put many more into the list, each like one that really came."""
    story = Story("digital_illiteracy", name="many", at=world.clock() - dt.timedelta(hours=3))
    states = []
    for _ in range(count):
        one = replace(story.root, id=uuid4(), lead_body="38.so_khcn", sent_at=story.now, state="sent")
        clocks = tuple(replace(each, id=uuid4(), escalation_id=one.id) for each in story.state.clocks)
        made: IssueState = replace(story.state, id=uuid4(), escalations=(one,), clocks=clocks)
        states.append(LatestStates(made, Position("issues", 0, 0)))
    world.parts.issue_table.save(states)


def at_the_desk(visit: Visit, persona: str = "department_officer-38", path: str = "/tinh") -> Visitor:
    visitor = visit()
    visitor.page.set_viewport_size(LAPTOP)  # type: ignore[arg-type]  # a TypedDict
    visitor.sign_in(persona)
    visitor.go(path)
    return visitor


def in_hand(page: Page) -> str | None:
    found = page.locator("[data-item]", has=page.locator(".lc-row-name a[aria-current=true]"))
    return found.first.get_attribute("data-item") if found.count() else None


def items(page: Page) -> set[str]:
    """Return the ids of the rows; a page holds 300 at most, so their number may stay."""
    return set(page.locator("[data-item]").evaluate_all("all => all.map(one => one.dataset.item)"))


def state_of(site: Site, escalation_id: str) -> str:
    answer = site.world.as_(*DEPARTMENT).get(f"/api/v1/escalations/{escalation_id}")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["state"])


def test_two_presses_acknowledge_and_the_next_item_is_in_hand_unless_it_is_undone(
    visit: Visit, site: Site
) -> None:
    reported(site.world, 3)
    visitor = at_the_desk(visit, path="/tinh?tab=new")
    page = visitor.page
    first, second = (page.locator(ROWS).nth(number).get_attribute("data-item") for number in (0, 1))
    assert first is not None
    page.locator(ROWS).first.click()
    page.click("[data-peek] form[data-act=acknowledge] button")
    assert in_hand(page) == second
    expect(page.locator(f"[data-item='{first}']")).to_be_hidden()
    page.click(".lc-undo button:has-text('Hoàn tác')")
    expect(page.locator(f"[data-item='{first}']")).to_be_visible()
    assert (in_hand(page), state_of(site, first)) == (first, "sent")
    page.wait_for_selector(f"[data-peek][data-shows='{first}'] form[data-act=acknowledge] button")
    page.click("[data-peek] form[data-act=acknowledge] button")
    # Nobody presses again: it is sent by itself.
    wait_until(lambda: state_of(site, first) == "acknowledged", "what was pressed is recorded")
    assert visitor.complaints == []


def test_the_place_beside_the_list_says_that_it_waits_and_never_shows_the_row_before(
    visit: Visit, site: Site
) -> None:
    reported(site.world, 3)
    page = at_the_desk(visit, path="/tinh?tab=new").page
    page.locator(ROWS).first.click()
    first, second = (page.locator(ROWS).nth(number) for number in (0, 1))
    page.wait_for_selector(f"[data-peek][data-shows='{first.get_attribute('data-item')}'] form")
    held: list[Route] = []
    page.route("**/viec/xem/**", lambda route: held.append(route))  # noqa: PLW0108 -- a method of a list is refused
    second.click()
    beside = page.locator("[data-peek]")
    expect(beside).to_have_attribute("aria-busy", "true")
    expect(beside.locator("[data-name]")).to_have_text(second.locator(".lc-row-name a").inner_text())
    expect(page.locator("[data-said]")).to_have_text("Đang mở việc này…")
    assert beside.locator("form").count() == 0
    held[0].abort()
    expect(beside.locator("a[data-name]")).to_have_attribute("href", re.compile(".+/tinh/.+"))
    page.unroute("**/viec/xem/**")
    first.click()
    page.wait_for_selector(
        f"[data-peek][data-shows='{first.get_attribute('data-item')}']:not([aria-busy]) form"
    )


def test_what_is_taken_in_hand_moves_no_page_and_what_can_be_undone_covers_no_act(
    visit: Visit, site: Site
) -> None:
    reported(site.world, 3)
    page = at_the_desk(visit, path="/tinh?tab=new").page
    page.locator(ROWS).first.click()
    page.click("[data-peek] a:has-text('Đã hướng dẫn')")
    page.locator("#beside-text").focus()
    window = "[window.scrollY, document.documentElement.scrollHeight - window.innerHeight]"
    assert page.evaluate(window) == [0, 0]
    pushed = "row => { row.textContent = 'dài '.repeat(200); row.scrollLeft = 40; return row.scrollLeft; }"
    assert page.locator(f"{ROWS} .lc-row-name").last.evaluate(pushed) == 0
    page.locator(ROWS).nth(1).click()
    page.click("[data-peek] form[data-act=acknowledge] button")
    for shown in (".lc-undo", "[data-peek] .lc-acts"):
        page.locator(shown).wait_for()
    undo, act = (page.locator(one).bounding_box() for one in (".lc-undo", "[data-peek] .lc-acts"))
    assert undo is not None
    assert act is not None
    assert undo["x"] + undo["width"] <= act["x"] or undo["y"] + undo["height"] <= act["y"]


def test_the_other_acts_beside_the_list_stand_whole_in_their_place(visit: Visit, site: Site) -> None:
    reported(site.world, 1)
    page = at_the_desk(visit).page
    page.locator(ROWS).first.click()
    page.click("[data-peek] .lc-acts .lc-menu > summary")
    place, acts = (page.locator(one).bounding_box() for one in ("[data-peek]", "[data-peek] .lc-menu-list"))
    assert place is not None
    assert acts is not None
    assert place["x"] <= acts["x"]
    assert acts["x"] + acts["width"] <= place["x"] + place["width"]


def test_an_act_on_an_items_own_page_waits_too_and_comes_back_with_its_words(
    visit: Visit, site: Site
) -> None:
    reported(site.world, 1)
    visitor = at_the_desk(visit, path="/tinh?tab=new")
    page = visitor.page
    first = page.locator(ROWS).first.get_attribute("data-item")
    assert first is not None
    visitor.go(f"/tinh/de-xuat/{first}")
    form = page.locator("#act-answer form")
    page.click(".lc-acts .lc-menu summary")
    page.locator("a[href='#act-answer']:visible").click()
    form.locator("[name=kind]").select_option("guidance")
    form.locator("[name=text]").fill("Cài lại chứng thư theo hướng dẫn.")
    form.locator("button").click()
    assert holds_focus(page, ".lc-undo")
    page.click(".lc-undo button:has-text('Hoàn tác')")
    expect(form.locator("[name=text]")).to_have_value("Cài lại chứng thư theo hướng dẫn.")
    assert (state_of(site, first), holds_focus(page, "#act-answer button")) == ("sent", True)
    form.locator("button").click()
    # Whoever goes on to another page meant it: it is sent, once.
    visitor.go("/thong-bao")
    wait_until(lambda: state_of(site, first) == "answered", "what was pressed is recorded")
    assert visitor.complaints == []


def holds_focus(page: Page, selector: str) -> bool:
    """Return whether the focus is on or in what a selector finds."""
    return bool(page.evaluate(f"document.activeElement.closest({selector!r}) !== null"))


def test_three_presses_answer_from_a_template_and_until_it_is_sent_its_words_come_back(
    visit: Visit, site: Site
) -> None:
    reported(site.world, 2)
    page = at_the_desk(visit, path="/tinh?tab=new").page
    first = page.locator(ROWS).first.get_attribute("data-item")
    assert first is not None
    page.locator(ROWS).first.click()
    page.click(f"[data-peek][data-shows='{first}'] a:has-text('Đã hướng dẫn')")
    page.fill("#beside-text", "Cài lại chứng thư theo hướng dẫn.")
    page.click("[data-peek] button:has-text('Gửi trả lời')")
    expect(page.locator(f"[data-item='{first}']")).to_be_hidden()
    assert holds_focus(page, "[data-item]")
    page.keyboard.press("z")
    expect(page.locator("#beside-text")).to_have_value("Cài lại chứng thư theo hướng dẫn.")
    assert (in_hand(page), state_of(site, first)) == (first, "sent")
    page.click("[data-peek] button:has-text('Gửi trả lời')")
    page.click(".lc-undo button:has-text('Ghi ngay')")
    wait_until(lambda: state_of(site, first) == "answered", "the answer is sent")
    assert in_hand(page) not in {None, first}
    assert holds_focus(page, "[data-item]")


def test_after_the_last_item_the_place_beside_says_what_comes_and_the_keys_still_work(
    visit: Visit, site: Site
) -> None:
    reported(site.world, 1)
    page = at_the_desk(visit, path="/tinh?tab=new").page
    page.locator(ROWS).first.click()
    last = in_hand(page)
    assert last is not None
    page.evaluate(KEEP_ONLY, last)
    page.click("[data-peek] .lc-acts form[data-later] button")
    expect(page.locator("[data-peek] .lc-empty")).to_be_visible()
    assert holds_focus(page, ".lc-undo")
    page.keyboard.press("z")
    assert (in_hand(page), holds_focus(page, "[data-item]")) == (last, True)


def test_what_was_done_keeps_its_words_and_the_focus_when_the_rows_change(visit: Visit, site: Site) -> None:
    reported(site.world, 1)
    page = at_the_desk(visit, path="/tinh?tab=new&done=undone&of=x").page
    assert holds_focus(page, ".lc-notice")
    known = items(page)
    reported(site.world, 1)
    wait_until(lambda: bool(items(page) - known), "the new row comes by itself")
    expect(page.locator(".lc-notice.is-ok")).to_have_text("Đã hoàn tác.")
    assert holds_focus(page, "[data-list]")


def test_a_morning_of_300_items_is_one_load_and_twelve_rows_are_seen_at_once(
    visit: Visit, site: Site
) -> None:
    reported(site.world, 1)
    many(site.world, 299)
    visitor = at_the_desk(visit, path="/thong-bao")
    page, documents = visitor.page, []
    page.on("request", lambda one: documents.append(one.url) if one.resource_type == "document" else None)
    visitor.go("/tinh")
    assert page.locator("[data-item]").count() >= 300
    seen = page.evaluate(
        "() => Array.from(document.querySelectorAll('[data-item]')).filter((row) => { const box = row.getBoundingClientRect();"
        " const foot = document.querySelector('.lc-queue-foot').getBoundingClientRect().top;"
        " return box.height && box.top >= 48 && box.bottom <= foot + 1; }).length"
    )
    assert (len(documents), seen >= 12) == (1, True), seen


def test_keys_work_in_the_list_alone_and_are_silent_while_a_word_is_composed(
    visit: Visit, site: Site
) -> None:
    reported(site.world, 3)
    page = at_the_desk(visit).page
    ids = [row.get_attribute("data-item") for row in page.locator(ROWS).all()[:3]]
    page.keyboard.press("j")
    assert in_hand(page) is None
    page.locator(f"[data-item='{ids[0]}'] a").focus()
    page.keyboard.press("j")
    assert in_hand(page) == ids[1]
    page.keyboard.press("x")
    expect(page.locator(f"[data-item='{ids[1]}'] input")).to_be_checked()
    composed = "new KeyboardEvent('keydown', {key: 'j', bubbles: true, isComposing: true})"
    page.evaluate(f"document.activeElement.dispatchEvent({composed})")
    assert in_hand(page) == ids[1]
    page.keyboard.press("/")
    page.keyboard.type("jk dang nhap")
    assert (page.input_value("#words"), in_hand(page)) == ("jk dang nhap", ids[1])
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    assert in_hand(page) == ids[0]
    page.keyboard.press("?")
    page.uncheck("[data-keys-on]")
    page.click("#keys button:has-text('Xong')")
    page.locator(f"[data-item='{ids[0]}'] a").focus()
    page.keyboard.press("j")
    assert in_hand(page) == ids[0]
    # Enter opens what is in hand, keys or not.
    page.wait_for_selector(f"[data-peek][data-shows='{ids[0]}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tinh/de-xuat/{ids[0]}*")


def test_a_row_that_comes_moves_neither_the_row_in_hand_nor_what_was_chosen(visit: Visit, site: Site) -> None:
    reported(site.world, 4, "medium")
    page = at_the_desk(visit, path="/tinh?tab=new").page
    row = page.locator(ROWS).nth(3)
    mine = row.get_attribute("data-item")
    held = page.locator(f"[data-item='{mine}']")
    held.locator("input").check()
    held.locator("a").click()
    before, known = held.bounding_box(), items(page)
    reported(site.world, 1, "urgent")
    wait_until(lambda: bool(items(page) - known), "the new row comes by itself")
    after = held.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) <= 1
    assert in_hand(page) == mine
    expect(held.locator("input")).to_be_checked()


def test_without_script_many_are_acknowledged_with_a_word_for_each(visit: Visit, site: Site) -> None:
    reported(site.world, 2)
    visitor = visit(script=False)
    visitor.page.set_viewport_size(LAPTOP)  # type: ignore[arg-type]  # a TypedDict
    visitor.sign_in("department_officer-38")
    visitor.go("/tinh?tab=new")
    page = visitor.page
    for number in (0, 1):
        page.locator("[data-item] input[name=id]").nth(number).check()
    page.click("#many button[value=acknowledge]")
    expect(page.locator("h1")).to_have_text("Xác nhận đã nhận 2 việc")
    page.click("button:has-text('Xác nhận đã nhận 2 việc')")
    expect(page.locator("[data-result=done]")).to_have_count(2)
    page.click("main a:has-text('Về danh sách')")
    page.click("#views a:has-text('Tất cả đang mở')")
    page.locator("[data-item] a").first.click()
    expect(page.locator("#timeline-title")).to_be_visible()
    expect(page.locator("[data-back]")).to_be_visible()


def test_one_press_makes_a_common_problem_of_an_outage_and_one_takes_it_back(
    visit: Visit, site: Site
) -> None:
    issues = reported(site.world, 3, kind="lgsp_outage")
    page = at_the_desk(visit, "province_reviewer-38", "/tinh?kind=lgsp_outage").page
    same = page.locator("[data-same]", has_text="Gián đoạn")
    same.locator("summary").click()
    same.locator("button:has-text('Lập vấn đề chung cho 3 đơn vị')").click()
    expect(page.locator(".lc-notice.is-ok")).to_contain_text("3 đơn vị cấp xã")
    site.world.settle()
    assert all(site.world.issue(one, REVIEWER)["problem"] for one in issues)
    page.click("button:has-text('Hoàn tác')")
    site.world.settle()
    assert not any(site.world.issue(one, REVIEWER)["problem"] for one in issues)
    expect(page.locator(".lc-notice.is-ok")).to_have_text("Đã hoàn tác.")
