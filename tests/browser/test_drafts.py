"""Two tabs, Back and a second press of the button: what was written is neither lost nor sent twice."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, expect
from starlette.types import Message, Receive, Scope, Send

from tests.browser.conftest import FLAGS, PHONE, Site, Visitor, wait_until
from tests.browser.test_outbox import FORM, OFFICER, await_states, fill, ready_offline, say, send

pytestmark = [pytest.mark.browser, pytest.mark.warehouse, pytest.mark.slow]

Visit = Callable[..., Visitor]
# Every text that this device holds for its person, unsent or sent.
HELD = """Outbox.note('session').then(async (person) => {
  const all = [await Outbox.draft(person), ...await Outbox.list(person)];
  return all.filter(Boolean).map((one) => one.fields);
})"""


def kept(page: Page, place: str, **more: str) -> None:
    wanted = {"place": place, **more}
    wait_until(
        lambda: any(wanted.items() <= fields.items() for fields in page.evaluate(HELD)),
        f"the device keeps {wanted}",
    )


def places(site: Site) -> list[str]:
    """Return the places of all difficulties, as their commune reads them."""
    site.world.settle(120)
    texts = [site.world.issue(str(row.id))["place"] for row in site.world.parts.issue_table.list(limit=1_000)]
    return sorted(text["text"] for text in texts if text)


@pytest.fixture
def officer(visit: Visit) -> Visitor:
    visitor = visit(phone=True)
    visitor.sign_in(OFFICER)
    visitor.go(FORM)
    return visitor


def test_two_tabs_that_began_with_one_draft_send_two_letters_and_both_arrive(
    officer: Visitor, site: Site
) -> None:
    one, two = officer.page, officer.context.new_page()
    first, second = f"Bản Một {uuid.uuid4().hex}", f"Bản Hai {uuid.uuid4().hex}"
    ready_offline(officer)
    officer.context.set_offline(True)
    fill(one)
    one.fill("#place", first)
    kept(one, first)
    two.goto(site.address + FORM)
    expect(two.locator("#place")).to_have_value(first)
    two.fill("#place", second)
    kept(two, second)
    send(one)
    await_states(one, "queued")
    # What the other tab holds is another text by now, and stays.
    expect(two.locator("#place")).to_have_value(second)
    send(two)
    await_states(two, "queued", "queued")
    expect(two.locator("[data-outbox-summary]")).to_contain_text("2 nội dung đang chờ gửi")
    officer.context.set_offline(False)
    await_states(one, "received", "received")
    assert {first, second} <= set(places(site))
    two.reload()
    expect(two.locator("#place")).to_have_value("")
    assert officer.complaints == []


def test_a_copy_of_a_draft_that_nobody_typed_into_goes_when_the_draft_is_sent(
    officer: Visitor, site: Site
) -> None:
    before = site.reports()
    one, two = officer.page, officer.context.new_page()
    fill(one)
    kept(one, "Bản Vịn", people_affected="120")
    two.goto(site.address + FORM)
    expect(two.locator("#place")).to_have_value("Bản Vịn")
    send(one)
    await_states(one, "received")
    expect(two.locator("[data-draft-state]")).to_have_text("Bản nháp này đã được gửi ở một cửa sổ khác.")
    expect(two.locator("#place")).to_have_value("")
    assert site.reports() == before + 1


def test_pressing_twice_sends_one_letter(officer: Visitor, site: Site) -> None:
    before = site.reports()
    fill(officer.page)
    officer.page.dblclick("[data-report-submit]")
    officer.page.evaluate("[1, 2].forEach(() => document.querySelector('[data-report]').requestSubmit())")
    await_states(officer.page, "received")
    assert site.reports() == before + 1


def test_back_brings_every_field_back_and_the_draft_loses_none(officer: Visitor, site: Site) -> None:
    page = officer.page
    fill(page)
    kept(page, "Bản Vịn", people_affected="120")
    officer.go("/xa")
    page.go_back()
    expect(page.locator("#tried")).to_have_value("Đã làm việc với nhà mạng, chưa có kết quả.")
    expect(page.locator("#place")).to_have_value("Bản Vịn")
    expect(page.locator("#people_affected")).to_have_value("120")
    page.fill("#cases_blocked", "3")
    kept(page, "Bản Vịn", cases_blocked="3")
    page.close()
    again = officer.context.new_page()
    again.goto(site.address + FORM)
    expect(again.locator("#cases_blocked")).to_have_value("3")
    expect(again.locator("#place")).to_have_value("Bản Vịn")


def test_what_is_about_a_place_is_not_sent_without_one(officer: Visitor) -> None:
    page = officer.page
    expect(page.locator("[data-place-needed]")).to_be_hidden()
    fill(page)
    expect(page.locator("[data-place-needed]")).to_be_visible()
    page.fill("#place", "  ")
    send(page)
    expect(page.locator("#place")).to_be_focused()
    expect(page.locator("#place")).to_have_attribute("aria-describedby", re.compile("place-said"))
    expect(page.locator("#place + .lc-fault")).to_contain_text("Cần ghi địa điểm")
    assert page.locator("[data-letter]").count() == 0
    page.fill("#place", "Toàn xã")
    send(page)
    await_states(page, "received")
    expect(page.locator("#place-said")).to_have_count(0)


def test_letters_and_a_draft_of_the_release_before_are_sent_and_opened(officer: Visitor, site: Site) -> None:
    """They lie in the same stores; their draft holds the id of a letter, which is not taken from it."""
    page, letter = officer.page, str(uuid.uuid4())
    place = f"Bản Cũ {letter}"
    fields = {"kind": "mobile_dead_spot", "severity": "high", "place": place}
    subject = page.evaluate("document.body.dataset.subject")
    old = {
        "state": "queued",
        "attempts": 0,
        "written_at": "2026-11-20T01:00:00.000Z",
        "id": letter,
        "subject": subject,
        "unit": "15607",
        "title": "Thôn, bản không có hoặc yếu sóng di động",
        "fields": fields,
        "body": {"id": letter, "intake_channel": "web", **fields},
    }
    page.evaluate(
        "async ([letter, draft]) => { const db = await idb.openDB('liencap', 1);"
        " await db.put('letters', letter); await db.put('drafts', draft);"
        " const { person, ...session } = await db.get('notes', 'session'); await db.put('notes', session, 'session'); }",
        [old, {"subject": subject, "fields": {"id": letter, **fields, "place": "Bản Nháp"}}],
    )
    page.reload()
    await_states(page, "received")
    expect(page.locator("#place")).to_have_value("Bản Nháp")
    page.fill("#place", f"Bản Nháp {letter}")
    send(page)
    # The form of today asks for what that draft could not hold.
    expect(page.locator("#content")).to_be_focused()
    expect(page.locator("#content + .lc-fault")).to_contain_text("Cần ghi nội dung")
    say(page)
    send(page)
    await_states(page, "received", "received")
    assert {place, f"Bản Nháp {letter}"} <= set(places(site))


def test_a_letter_that_is_mended_stays_in_the_outbox_and_beside_it_the_draft(
    officer: Visitor, site: Site
) -> None:
    before = site.reports()
    page = officer.page
    ready_offline(officer)
    officer.context.set_offline(True)
    fill(page)
    send(page)
    await_states(page, "queued")
    fill(page)
    page.fill("#place", "Bản Đục")
    kept(page, "Bản Đục")
    letter = page.locator("[data-letter]").get_attribute("data-letter")
    page.evaluate(f"location.hash = '#sua={letter}'")
    expect(page.locator("#place")).to_have_value("Bản Vịn")
    page.fill("#place", "Bản Khẹo")
    kept(page, "Bản Khẹo")
    page.reload()
    await_states(page, "needs_fix")
    expect(page.locator("#place")).to_have_value("Bản Đục")
    page.click("[data-letter] a")
    expect(page.locator("#place")).to_have_value("Bản Khẹo")
    send(page)
    await_states(page, "queued")
    expect(page.locator("#place")).to_have_value("Bản Đục")
    officer.context.set_offline(False)
    await_states(page, "received")
    assert site.reports() == before + 1


def test_an_act_of_a_hand_off_comes_back_whole(visit: Visit, site: Site) -> None:
    """A choice and a number come back with the words beside them, by Back and in the other language."""
    world = site.world
    issue_id = world.report()
    world.act(("commune_chair", "15607"), "approve", issue_id)
    letter = {"number": "15/TTr-UBND", "date": "2026-11-20"}
    world.act(("commune_clerk", "15607"), "send", issue_id, document=letter)
    lead = ("department_officer", "38", world.issue(issue_id)["escalations"][-1]["lead_body"])
    world.act(lead, "accept", issue_id)
    world.settle()
    visitor = visit()
    visitor.sign_in("department_officer-38")
    root = world.issue(issue_id)["escalations"][-1]["id"]
    visitor.go(f"/tinh/de-xuat/{root}")
    page, form = visitor.page, visitor.page.locator("#act-answer")
    page.click(".lc-acts a[href='#act-answer']")
    form.locator("[name=kind]").select_option("guidance")
    form.locator("[name=text]").fill("Dùng trạm của xã bên.")
    form.locator("[name=number]").fill("9/SKHCN")
    for step in ("language", "back"):
        if step == "language":
            page.click(".lc-head details summary")
            page.click("a[data-keep-typed][lang=en]")
        else:
            visitor.go("/tinh")
            page.go_back()
        expect(form.locator("[name=text]")).to_have_value("Dùng trạm của xã bên.")
        expect(form.locator("[name=kind]")).to_have_value("guidance")
        expect(form.locator("[name=number]")).to_have_value("9/SKHCN")


class Forgetful(Site):
    """A server whose pages may be kept: some browsers keep them for Back whatever a server says of it."""

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def kept(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [one for one in message["headers"] if one[0].lower() != b"cache-control"]
            await send(message)

        await self.world.app(scope, receive, kept)


@pytest.fixture
def cached(chromium: Browser, site: Site) -> Iterator[Visitor]:
    """A browser with its back/forward cache, which Playwright otherwise switches off."""
    program = chromium.browser_type.launch(
        executable_path=shutil.which("chromium"),
        args=FLAGS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    context = program.new_context(viewport=PHONE, locale="vi-VN")  # type: ignore[arg-type]  # a TypedDict
    running = Forgetful(site.world)
    running.start()
    yield Visitor(context, context.new_page(), running)
    program.close()
    running.stop()


def test_a_page_out_of_the_cache_shows_the_draft_that_a_later_page_wrote(cached: Visitor, site: Site) -> None:
    before = site.reports()
    page = cached.page
    cached.sign_in(OFFICER)
    cached.go(FORM)
    fill(page)
    kept(page, "Bản Vịn", people_affected="120")
    page.evaluate("addEventListener('pageshow', (event) => { window.restored = event.persisted; })")
    cached.go("/xa")
    cached.go(FORM)
    expect(page.locator("#place")).to_have_value("Bản Vịn")
    page.fill("#place", "Bản Đục")
    kept(page, "Bản Đục")
    page.evaluate("setTimeout(() => history.go(-2))")
    wait_until(lambda: is_restored(page), "the first page comes out of the cache", timeout=60)
    expect(page.locator("#place")).to_have_value("Bản Đục")
    expect(page.locator("#tried")).to_have_value("Đã làm việc với nhà mạng, chưa có kết quả.")
    send(page)
    await_states(page, "received")
    assert site.reports() == before + 1
    page.reload()
    await_states(page, "received")
    expect(page.locator("#place")).to_have_value("")


def is_restored(page: Page) -> bool:
    try:
        return bool(page.evaluate("window.restored === true"))
    except Error:
        return False  # between two pages
