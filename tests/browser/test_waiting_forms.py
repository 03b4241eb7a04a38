"""Each form that can wait is kept on the device without a network, goes by itself, and its words are never lost."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect
from starlette.types import Message, Receive, Scope, Send

from services.access.actors import Actor
from services.web.shell import assets, layout
from services.web.sign_in import pages as sign_in_pages
from services.web.sign_in.personas import Persona
from tests.browser.conftest import Site, Visitor, wait_until
from tests.browser.test_outbox import FORM, OFFICER, await_states, fill, ready_offline, send, states
from tests.services.world import CHAIR, CLERK, DEPARTMENT, SAID, World
from tests.services.world import OFFICER as RECORDER

pytestmark = [pytest.mark.browser, pytest.mark.warehouse, pytest.mark.slow]

Visit = Callable[..., Visitor]
LESSONS = "/hoc-vu-so"
REGISTER = "/thon-lom"
RECORD = f"form[action='{LESSONS}'] button.lc-button-main"
KEPT = "form [data-waits-said]"


@pytest.fixture
def officer(visit: Visit) -> Visitor:
    visitor = visit(phone=True)
    visitor.sign_in(OFFICER)
    return visitor


def say_lesson(page: Page, village: str, people: str = "12") -> None:
    page.fill("#held_on", "2026-01-05")
    page.fill("#village", village)
    page.fill("#people_count", people)


def lessons(world: World, village: str) -> list[dict[str, Any]]:
    world.settle()
    found = world.as_(*RECORDER).get("/api/v1/lessons").json()["items"]
    return [one for one in found if one["village"] == village]


def village_of(name: str) -> str:
    return f"{name} {uuid.uuid4().hex[:8]}"


def listed(world: World, village: str) -> str:
    """List a village without signal, and return the id of its entry."""
    said = {"department": DEPARTMENT[2], "unit_code": "15607", "village": village, "gap": "no_signal"}
    answer = world.as_(*DEPARTMENT).post("/api/v1/promises", json=said)
    assert answer.status_code == 202, answer.text
    world.settle()
    return str(answer.json()["spot_id"])


def measurements(world: World, spot: str) -> int:
    world.settle()
    return world.as_(*RECORDER).get(f"/thon-lom/{spot}").text.count("05/01/2026</time>")


def with_the_department(world: World) -> tuple[str, str]:
    """Bring a difficulty to the department, and return its id and that of its hand-off."""
    issue_id = world.report()
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document={"number": "15/TTr-UBND", "date": "2026-11-20"})
    world.act(DEPARTMENT, "accept", issue_id)
    return issue_id, world.issue(issue_id)["escalations"][-1]["id"]


def answered(world: World) -> str:
    """Bring a difficulty to where its commune is asked whether it is solved."""
    issue_id, _ = with_the_department(world)
    world.act(DEPARTMENT, "answer", issue_id, kind="solved", text="Đã phát sóng.")
    return issue_id


def press(page: Page, act: str) -> None:
    """Press an act of a page, and let it go at once."""
    page.locator(f"#act-{act} form button").first.click()
    page.locator(".lc-undo button").last.click()


def test_a_lesson_is_written_where_there_is_no_network_and_recorded_once(
    officer: Visitor, site: Site
) -> None:
    page, village = officer.page, village_of("Bản Vịn")
    officer.go(LESSONS)
    ready_offline(officer)
    officer.context.set_offline(True)
    page.reload()
    expect(page.locator("h1")).to_have_text("Ghi một buổi học")
    say_lesson(page, village)
    page.click(RECORD)
    await_states(page, "queued")
    expect(page.locator(KEPT)).to_contain_text("Đã lưu trên máy này.")
    page.click("[data-letter] summary")
    expect(page.locator("[data-letter] details p")).to_contain_text(f"Thôn, bản: {village}")
    expect(page.locator("#village")).to_have_value("")
    site.posts.clear()
    officer.context.set_offline(False)
    # The shell gives way to the page, which has the list.
    wait_until(lambda: len(lessons(site.world, village)) == 1, "the lesson is recorded")
    assert [path for path in site.posts if path == LESSONS] == [LESSONS]
    assert officer.complaints == []


def test_a_lesson_waits_until_its_writer_signs_in_again(officer: Visitor, site: Site) -> None:
    page, village = officer.page, village_of("Bản Đục")
    officer.go(LESSONS)
    ready_offline(officer)
    officer.context.set_offline(True)
    say_lesson(page, village)
    page.click(RECORD)
    await_states(page, "queued")
    officer.context.clear_cookies()
    officer.context.set_offline(False)
    expect(page.locator("[data-outbox-sign-in]")).to_be_visible()
    # Another person of the commune signs in on the same machine: neither seen nor sent.
    officer.sign_in("commune_chair-15607")
    officer.go(LESSONS)
    page.wait_for_timeout(1_500)
    assert states(page) == []
    assert village not in page.content()
    assert lessons(site.world, village) == []
    officer.sign_in(OFFICER)
    officer.go(LESSONS)
    wait_until(lambda: len(lessons(site.world, village)) == 1, "the lesson is recorded")


def test_one_code_in_two_communes_is_two_persons(
    visit: Visit, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`nv01` of the next commune neither sees nor sends what `nv01` of this one wrote on the machine."""

    def persona(key: str) -> Persona:
        unit = "15607" if key == OFFICER else "15622"
        return Persona(key, "commune", Actor("commune_officer", unit, f"{unit}.ubnd", subject="nv01"))

    monkeypatch.setattr(sign_in_pages, "persona_of", persona)
    visitor, village = visit(phone=True), village_of("Bản Chung")
    page = visitor.page
    visitor.sign_in(OFFICER)
    visitor.go(FORM)
    page.fill("#place", "Bản của nháp")
    expect(page.locator("[data-draft-state]")).to_contain_text("Đã lưu")
    visitor.go(LESSONS)
    ready_offline(visitor)
    visitor.context.set_offline(True)
    say_lesson(page, village)
    page.click(RECORD)
    await_states(page, "queued")
    visitor.context.clear_cookies()
    site.posts.clear()
    visitor.context.set_offline(False)
    visitor.sign_in("commune_chair-15607")
    for path in (LESSONS, FORM):
        visitor.go(path)
        page.wait_for_timeout(1_500)
        assert states(page) == []
        assert village not in page.content()
    expect(page.locator("#place")).to_have_value("")
    assert LESSONS not in site.posts
    visitor.sign_in(OFFICER)
    visitor.go(FORM)
    expect(page.locator("#place")).to_have_value("Bản của nháp")
    wait_until(lambda: len(lessons(site.world, village)) == 1, "the lesson is recorded")


def test_a_refused_lesson_keeps_its_words_and_says_why(officer: Visitor, site: Site) -> None:
    page, village = officer.page, village_of("Bản Khẹo")
    officer.go(LESSONS)
    ready_offline(officer)
    officer.context.set_offline(True)
    say_lesson(page, village)
    page.fill("#confirmed_count", "90")
    page.click(RECORD)
    await_states(page, "queued")
    officer.context.set_offline(False)
    await_states(page, "needs_fix")
    expect(page.locator("[data-letter] > .lc-fault")).not_to_be_empty()
    page.click("[data-letter] a")
    expect(page.locator("#village")).to_have_value(village)
    page.fill("#confirmed_count", "3")
    page.click(RECORD)
    # The page as it is now opens by itself; the letter is shown as received on it.
    wait_until(lambda: len(lessons(site.world, village)) == 1, "the lesson is recorded")
    expect(page.locator("[data-letter]")).to_have_attribute("data-state", "received")
    expect(page.locator("#village")).to_have_value("")


def test_a_village_is_measured_where_it_has_no_signal(officer: Visitor, site: Site) -> None:
    page, village = officer.page, village_of("Bản Cao")
    spot = listed(site.world, village)
    officer.go(REGISTER)
    ready_offline(officer)
    kept = (
        "Outbox.note('session').then(async (one) => (await Outbox.note(`spots:${one.person}`) || []).length)"
    )
    wait_until(lambda: page.evaluate(kept) > 0, "the device knows the villages")
    officer.context.set_offline(True)
    officer.go(REGISTER)
    page.select_option("#spot", label=f"{village} · Trắng sóng")
    page.fill("#measured_on", "2026-01-05")
    page.click("form[data-measure] button")
    await_states(page, "queued")
    expect(page.locator(".lc-outbox-what")).to_contain_text(village)
    officer.context.set_offline(False)
    wait_until(lambda: measurements(site.world, spot) == 1, "the measurement is recorded")
    # The same letter once more, as after an answer that was lost, on another day.
    sent = {
        "measured_on": "2026-01-05",
        "works": "no",
        "written_on": page.evaluate("new Date().toLocaleDateString('sv')"),
    }
    site.world.clock.ahead = dt.timedelta(days=1)
    try:
        assert site.world.as_(*RECORDER).post(f"/thon-lom/{spot}/do", data=sent).status_code == 200
        assert measurements(site.world, spot) == 1
    finally:
        site.world.clock.ahead = dt.timedelta(0)


def test_an_answer_to_what_changed_meanwhile_stands_beside_how_it_is_now(visit: Visit, site: Site) -> None:
    world = site.world
    issue_id, hand_off = with_the_department(world)
    visitor = visit()
    visitor.sign_in("department_officer-38")
    page = visitor.page
    visitor.go(f"/tinh/de-xuat/{hand_off}#act-answer")
    form = page.locator("#act-answer form")
    form.locator("[name=kind]").select_option("guidance")
    form.locator("[name=text]").fill("Dùng trạm của xã bên.")
    ready_offline(visitor)
    visitor.context.set_offline(True)
    press(page, "answer")
    await_states(page, "queued")
    world.act(DEPARTMENT, "answer", issue_id, kind="guidance", text="Chờ kinh phí.")
    visitor.context.set_offline(False)
    await_states(page, "needs_fix")
    expect(page.locator("[data-letter] > .lc-fault")).to_contain_text("đã có thay đổi")
    assert world.issue(issue_id)["escalations"][-1]["answer"]["text"] == "Chờ kinh phí."
    # The page shows how it is now; the step is over, so the words stand beside it, to be read and copied.
    page.click("[data-letter] a")
    visitor.go(f"/tinh/de-xuat/{hand_off}")
    expect(page.locator("main")).to_contain_text("Chờ kinh phí.")
    page.click("[data-letter] summary")
    expect(page.locator("[data-letter] details p")).to_contain_text("Dùng trạm của xã bên.")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("[data-outbox-remove]")
    wait_until(lambda: states(page) == [], "the letter is taken away")


def test_a_confirmation_without_a_network_goes_under_the_version_that_was_seen(
    officer: Visitor, site: Site
) -> None:
    issue_id = answered(site.world)
    page = officer.page
    officer.go(f"/xa/kho-khan/{issue_id}#act-confirm")
    ready_offline(officer)
    officer.context.set_offline(True)
    page.locator("#act-confirm [name=text]").fill("Đã có sóng tại bản.")
    press(page, "confirm")
    await_states(page, "queued")
    officer.context.set_offline(False)
    await_states(page, "received")
    site.world.settle()
    assert site.world.issue(issue_id)["state"] in {"confirmed", "closed"}


def test_a_full_disk_is_said_at_once_and_the_words_stay(visit: Visit, site: Site) -> None:
    visitor = visit(phone=True)
    page, before = visitor.page, site.reports()
    visitor.go("/")
    fill_disk(visitor, site, 1)
    visitor.sign_in(OFFICER)
    visitor.go(FORM)
    visitor.context.set_offline(True)
    fill(page)
    expect(page.locator("[data-draft-state]")).to_contain_text("Chưa lưu được bản nháp")
    send(page)
    expect(page.locator("[data-report-error]")).to_contain_text("Chưa lưu được")
    expect(page.locator("#place")).to_have_value("Bản Vịn")
    visitor.context.set_offline(False)
    visitor.go(LESSONS)
    visitor.context.set_offline(True)
    say_lesson(page, "Bản Đầy")
    page.click(RECORD)
    expect(page.locator(KEPT)).to_contain_text("đừng đóng trang")
    expect(page.locator("#village")).to_have_value("Bản Đầy")
    assert states(page) == []
    # Once there is room, the same press keeps it.
    fill_disk(visitor, site, 500_000_000)
    page.click(RECORD)
    await_states(page, "queued")
    assert site.reports() == before


def fill_disk(visitor: Visitor, site: Site, quota: int) -> None:
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.address, "quotaSize": quota})
    visitor.page.wait_for_timeout(300)


def test_a_browser_that_keeps_nothing_sends_with_a_network_and_says_so_without(
    visit: Visit, site: Site
) -> None:
    visitor = visit(phone=True)
    visitor.page.add_init_script(
        "Object.defineProperty(window, 'indexedDB', { value: { open() { throw new DOMException('', 'SecurityError'); } } })"
    )
    visitor.sign_in(OFFICER)
    before, page = site.reports(), visitor.page
    visitor.go(FORM)
    fill(page)
    expect(page.locator("[data-draft-state]")).to_contain_text("Chưa lưu được bản nháp")
    send(page)
    page.wait_for_url("**done=report")
    assert site.reports() == before + 1
    visitor.go(LESSONS)
    visitor.context.set_offline(True)
    expect(page.locator("[data-link-words]")).to_contain_text("không lưu được gì")
    say_lesson(page, "Bản Kín")
    page.click(RECORD)
    expect(page.locator(KEPT)).to_contain_text("Chưa lưu được")
    expect(page.locator("#village")).to_have_value("Bản Kín")


def test_letters_outlive_a_new_release_and_one_of_a_later_release_is_shown_and_not_sent(
    officer: Visitor, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, village = officer.page, village_of("Bản Mới")
    officer.go(LESSONS)
    ready_offline(officer)
    officer.context.set_offline(True)
    say_lesson(page, village)
    page.click(RECORD)
    await_states(page, "queued")
    page.evaluate(
        """async () => {
          const { subject } = await Outbox.note("session");
          await Outbox.add({ id: Outbox.newId(), version: 99, form: "of_tomorrow", key: "", subject, unit: "15607", title: "Việc của bản sau",
            url: "/hoc-vu-so", page: "/hoc-vu-so", fields: [["nothing", "x"]], shown: [["Mục", "Nội dung của bản sau"]] });
        }"""
    )
    for module in (assets, layout):
        monkeypatch.setattr(module, "assets_version", lambda: "another00001")
    officer.context.set_offline(False)
    wait_until(lambda: len(lessons(site.world, village)) == 1, "the lesson is recorded")
    officer.go(LESSONS)
    wait_until(lambda: "queued" in states(page), "the letter of a later release is shown")
    new = "caches.keys().then((names) => names.length === 1 && names[0].includes('another00001'))"
    wait_until(lambda: bool(page.evaluate(new)), "the new release has its shell")
    page.click("[data-state=queued] summary")
    expect(page.locator("[data-state=queued] details p")).to_have_text("Mục: Nội dung của bản sau")


@pytest.mark.parametrize("days", [-40, 2])
def test_a_report_of_a_device_whose_clock_is_wrong_arrives(officer: Visitor, site: Site, days: int) -> None:
    before, page = site.reports(), officer.page
    page.clock.install(time=dt.datetime.now(dt.UTC) + dt.timedelta(days=days))
    officer.go(FORM)
    fill(page)
    send(page)
    await_states(page, "received")
    assert site.reports() == before + 1


def _again(body: bytes) -> Receive:
    """Return a body that was read before."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


class Busy(Site):
    """A server that takes no letters for a while, or a network that answers in its place."""

    is_busy: bool = True
    status: int = 503
    only: bytes = b""
    """Of which letters it takes none; of all where it is empty."""
    headers: tuple[tuple[bytes, bytes], ...] = ()

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and scope["method"] == "POST"
            and scope["path"] == LESSONS
            and self.is_busy
        ):
            told = b""
            message: Message = {"more_body": True}
            while message.get("more_body"):
                message = await receive()
                told += message.get("body", b"")
            if self.only not in told:
                await self.world.app(scope, _again(told), send)
                return
            self.posts.append(scope["path"])
            await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
            await send({"type": "http.response.body", "body": b"<!doctype html><title>Wi-Fi</title>"})
            return
        await self.world.app(scope, receive, send)


@pytest.fixture
def busy(site: Site) -> Iterator[Busy]:
    running = Busy(site.world)
    running.start()
    yield running
    running.stop()


def test_a_letter_waits_while_the_server_is_busy(visit: Visit, busy: Busy) -> None:
    visitor, village = visit(phone=True), village_of("Bản Bận")
    visitor.site = busy
    page = visitor.page
    visitor.sign_in(OFFICER)
    visitor.go(LESSONS)
    ready_offline(visitor)
    visitor.context.set_offline(True)
    say_lesson(page, village)
    page.click(RECORD)
    visitor.context.set_offline(False)
    wait_until(lambda: LESSONS in busy.posts, "it was tried")
    await_states(page, "queued")
    busy.is_busy = False
    wait_until(lambda: len(lessons(busy.world, village)) == 1, "the lesson is recorded")


@pytest.mark.parametrize(
    ("status", "headers"),
    [(302, ((b"location", b"/wifi"),)), (303, ((b"location", b"/hoc-vu-so?done=recorded"),)), (200, ())],
)
def test_only_the_answer_of_the_server_itself_counts_as_received(
    visit: Visit, busy: Busy, status: int, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    visitor, village = visit(phone=True), village_of("Bản Cổng")
    visitor.site, busy.status, busy.headers = busy, status, headers
    page = visitor.page
    visitor.sign_in(OFFICER)
    visitor.go(LESSONS)
    ready_offline(visitor)
    visitor.context.set_offline(True)
    say_lesson(page, village)
    page.click(RECORD)
    await_states(page, "queued")
    visitor.context.set_offline(False)
    wait_until(lambda: busy.posts.count(LESSONS) > 1, "it was tried, and is tried again")
    assert "received" not in states(page)
    busy.is_busy = False
    await_states(page, "received")
    assert len(lessons(busy.world, village)) == 1


def test_a_mended_letter_is_kept_until_the_server_took_it(visit: Visit, busy: Busy) -> None:
    visitor, village = visit(phone=True), village_of("Bản Sửa")
    visitor.site, busy.is_busy = busy, False
    page = visitor.page
    visitor.sign_in(OFFICER)
    visitor.go(LESSONS)
    ready_offline(visitor)
    visitor.context.set_offline(True)
    say_lesson(page, village)
    page.fill("#confirmed_count", "90")
    page.click(RECORD)
    await_states(page, "queued")
    visitor.context.set_offline(False)
    await_states(page, "needs_fix")
    page.click("[data-letter] a")
    page.fill("#confirmed_count", "3")
    busy.posts.clear()
    busy.is_busy = True
    page.click(RECORD)
    wait_until(lambda: LESSONS in busy.posts, "it was tried")
    await_states(page, "queued")
    page.reload()
    await_states(page, "queued")
    page.click("[data-letter] summary")
    expect(page.locator("[data-letter] details p")).to_contain_text(village)
    busy.is_busy = False
    await_states(page, "received")
    assert [one["confirmed_count"] for one in lessons(busy.world, village)] == [3]


def test_a_letter_that_always_fails_keeps_no_other_waiting_and_can_be_taken_away(
    visit: Visit, busy: Busy
) -> None:
    visitor, village = visit(phone=True), village_of("Bản Sau")
    visitor.site, busy.status, busy.only = busy, 500, b"Hong"
    page = visitor.page
    visitor.sign_in(OFFICER)
    visitor.go(LESSONS)
    ready_offline(visitor)
    visitor.context.set_offline(True)
    say_lesson(page, "Hong")
    page.click(RECORD)
    await_states(page, "queued")
    say_lesson(page, village)
    page.click(RECORD)
    await_states(page, "queued", "queued")
    visitor.context.set_offline(False)
    wait_until(lambda: len(lessons(busy.world, village)) == 1, "the letter behind it is recorded")
    await_states(page, "received", "queued")
    assert busy.posts.count(LESSONS) >= 3
    expect(page.locator("[data-state=queued] .lc-state")).to_contain_text("vẫn thử lại")
    page.click("[data-state=queued] summary")
    expect(page.locator("[data-state=queued] details p")).to_contain_text("Hong")
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", agree)
    page.click("[data-state=queued] [data-outbox-remove]")
    await_states(page, "received")
    assert "có thể máy chủ đã ghi nhận" in asked[0]


def test_without_locks_the_lease_is_renewed_before_each_letter_and_is_never_taken_from_another(
    visit: Visit,
) -> None:
    """Over plain http a browser has no locks."""
    visitor = visit(phone=True)
    page = visitor.page
    page.add_init_script(
        "Object.defineProperty(navigator, 'locks', { value: undefined });"
        "delete ServiceWorkerRegistration.prototype.sync;"
    )
    visitor.sign_in(OFFICER)
    visitor.go(LESSONS)
    page.wait_for_load_state("networkidle")  # the page itself asked what is to be sent
    found = page.evaluate(
        """async (another) => {
          const { subject, unit, role } = await Outbox.note("session");
          const seen = [];
          const plain = window.fetch;
          window.fetch = async (url, options = {}) => {
            if (options.method !== "POST") return plain(url, options);
            const lease = await Outbox.note("lease");
            seen.push(lease && lease.holder);
            seen.push(lease && lease.until - Date.now() > 29_000);
            // As long as a slow letter takes, seen by the lease.
            await Outbox.setNote("lease", { ...lease, until: lease.until - 20_000 });
            if (seen.length === 4) await Outbox.setNote("lease", { holder: another, until: Date.now() + 20_000 });
            return new Response(null, { status: 204, headers: { "Letter-Taken": options.headers.Letter } });
          };
          const letter = { form: "lesson", key: "", subject, unit, role, title: "Buổi học", url: "/hoc-vu-so", page: "/hoc-vu-so", fields: [], shown: [] };
          for (let i = 0; i < 3; i += 1) await Outbox.add({ ...letter, id: Outbox.newId() });
          const result = await Outbox.drain();
          const states = (await Outbox.list({ subject, unit })).map((one) => one.state);
          const left = await Outbox.note("lease");
          await Outbox.clearNote("lease");
          return { seen, result, states, left: left && left.holder, last: await Outbox.drain(), lease: await Outbox.note("lease") };
        }""",
        "another tab",
    )
    holder = found["seen"][0]
    assert found["seen"][:4] == [holder, True, holder, True]
    assert holder
    assert (found["result"], found["left"]) == ("busy", "another tab")
    assert found["states"] == ["received", "received", "queued"]
    assert (found["last"], found.get("lease")) == ("empty", None)


def test_what_cannot_wait_says_so_and_stays_on_the_screen(officer: Visitor) -> None:
    page = officer.page
    officer.go("/thong-bao/tuy-chon")
    ready_offline(officer)
    officer.context.set_offline(True)
    expect(page.locator("[data-link-state]")).to_be_visible()
    page.locator("form[action='/thong-bao/tuy-chon'] button").last.click()
    expect(page.locator(KEPT).first).to_contain_text("cần kết nối máy chủ")
    assert page.url.endswith("/thong-bao/tuy-chon")
    officer.context.set_offline(False)


def test_leaving_with_letters_is_a_choice_and_leaves_nothing_for_the_next_person(
    officer: Visitor, site: Site
) -> None:
    page, village = officer.page, village_of("Bản Rời")
    officer.go(LESSONS)
    ready_offline(officer)
    officer.context.set_offline(True)
    page.fill("#village", "Nháp của người trước")
    say_lesson(page, village)
    page.click(RECORD)
    await_states(page, "queued")
    site.stop()
    officer.context.set_offline(False)
    page.click(".lc-head details summary")
    page.click("[data-sign-out] button")
    expect(page.locator("[data-sign-out-count]")).to_have_text("Còn 1 nội dung chưa gửi trên máy này.")
    site.start()
    page.click("#sign-out-warning [data-sign-out-anyway]")
    page.wait_for_url("**/")
    assert page.evaluate("sessionStorage.length") == 0
    assert page.evaluate("Outbox.note('session')") is None
    assert SAID["content"] not in page.content()
