"""A report written without a network is kept on the device, and arrives once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visitor, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.warehouse, pytest.mark.slow]

OFFICER = "commune_officer-15607"
CHAIR = "commune_chair-15607"
FORM = "/xa/kho-khan/moi"
Visit = Callable[..., Visitor]


def say(page: Page) -> None:
    """Write what the difficulty is and what is asked for."""
    page.fill("#content", "Cả bản không có sóng.")
    page.fill("#request", "Đề nghị lắp trạm tại bản.")


def unfold(page: Page) -> None:
    """Open what nobody must fill in, unless it stands open."""
    if page.locator("#tried").is_hidden():
        page.click("[data-more] > summary")


def fill(
    page: Page, *, search: str = "lom song", tried: str = "Đã làm việc với nhà mạng, chưa có kết quả."
) -> None:
    page.fill("#kind-search", search)
    page.locator("[data-kind-option]:visible").first.click()
    page.fill("#place", "Bản Vịn")
    say(page)
    unfold(page)
    page.fill("#tried", tried)
    page.fill("#people_affected", "120")


def send(page: Page) -> None:
    page.click("[data-report-submit]")


def states(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('[data-letter]')].map(row => row.dataset.state)"
    )
    return found


def await_states(page: Page, *wanted: str) -> None:
    wait_until(lambda: states(page) == list(wanted), f"the outbox shows {wanted}, and not {states(page)}")


def ready_offline(visitor: Visitor) -> None:
    """Wait until the service worker has the shell; from then on it answers whatever is opened or loaded again."""
    state = "navigator.serviceWorker.getRegistration().then(found => found?.active?.state ?? 'none')"
    wait_until(
        lambda: visitor.page.evaluate(state) == "activated", "the service worker has the shell", timeout=60
    )


@pytest.fixture
def officer(visit: Visit) -> Visitor:
    visitor = visit(phone=True)
    visitor.sign_in(OFFICER)
    visitor.go(FORM)
    return visitor


def test_a_report_sent_with_a_network_is_received_and_can_be_opened(officer: Visitor, site: Site) -> None:
    before = site.reports()
    fill(officer.page)
    send(officer.page)
    await_states(officer.page, "received")
    assert site.reports() == before + 1
    # Nothing waits: there is nothing to export, and neither the home nor the list speaks of it any more.
    expect(officer.page.locator("[data-outbox] [data-outbox-export]")).to_be_hidden()
    expect(officer.page.locator("[data-draft-state]")).not_to_contain_text("có mạng thì gửi")
    for path in ("/xa", "/xa/kho-khan", FORM):
        officer.go(path)
        # The count is written by the same reading that shows or hides what was sent.
        expect(officer.page.locator("[data-letter]")).to_have_count(1)
        shown = expect(officer.page.locator("[data-outbox]"))
        if path == FORM:
            shown.to_be_visible()
        else:
            shown.to_be_hidden()
    officer.page.click("[data-letter] a")
    expect(officer.page.locator("h1")).to_have_text("Bản Vịn: Thôn, bản không có hoặc yếu sóng di động")
    assert officer.complaints == []


def test_a_row_that_did_not_change_keeps_the_focus_while_another_arrives(officer: Visitor) -> None:
    """A press that is under way, by finger or key, is not lost because the outbox is drawn again."""
    page = officer.page
    fill(page)
    send(page)
    await_states(page, "received")
    link = page.locator("[data-letter] a")
    link.focus()
    page.evaluate(
        """async () => {
            const [sent] = await Outbox.list(await Outbox.note("session"));
            await Outbox.add({ ...sent, id: Outbox.newId(), written_at: new Date().toISOString(), state: "needs_fix" });
        }"""
    )
    await_states(page, "needs_fix", "received")
    expect(page.locator("[data-state=received] a")).to_be_focused()


def test_what_was_answered_before_is_there_without_a_network(visit: Visit, site: Site) -> None:
    """A confirmed answer to the chosen kind stands on the form, and again when only the device has it."""
    world = site.world
    issue_id = world.report(kind="no_fixed_internet")
    world.act(("commune_chair", "15607"), "approve", issue_id)
    letter = {"number": "15/TTr-UBND", "date": "2026-11-20"}
    world.act(("commune_clerk", "15607"), "send", issue_id, document=letter)
    lead = ("department_officer", "38", world.issue(issue_id)["escalations"][-1]["lead_body"])
    world.act(lead, "accept", issue_id)
    world.act(lead, "answer", issue_id, kind="solved", text="Đã kéo cáp đến bản.", document=letter)
    world.act_on_issue(("commune_officer", "15607"), "confirm", issue_id)
    world.settle()
    visitor = visit(phone=True)
    visitor.sign_in(OFFICER)
    visitor.go(FORM)
    page, answer = visitor.page, visitor.page.locator("[data-precedents] .lc-said:visible")
    expect(answer).to_have_count(0)
    page.fill("#kind-search", "internet bang rong")
    page.locator("[data-kind-option]:visible").first.click()
    page.click("[data-precedents] > summary")
    expect(answer.first).to_have_text("Đã kéo cáp đến bản.")
    expect(page.locator("[data-draft-state]")).to_have_text("Đã lưu bản nháp trên máy này.")
    ready_offline(visitor)
    visitor.context.set_offline(True)
    page.reload()
    # The draft brings the kind back, and the kind its answers.
    page.click("[data-precedents] > summary")
    expect(answer.first).to_have_text("Đã kéo cáp đến bản.")
    visitor.context.set_offline(False)


def test_a_report_written_without_a_network_survives_a_reload_and_arrives_once(
    officer: Visitor, site: Site
) -> None:
    before = site.reports()
    ready_offline(officer)
    officer.context.set_offline(True)
    fill(officer.page)
    send(officer.page)
    await_states(officer.page, "queued")
    expect(officer.page.locator("[data-letter] .lc-state")).to_have_text("Chờ gửi")
    officer.page.reload()
    await_states(officer.page, "queued")
    expect(officer.page.locator("h1")).to_have_text("Gửi khó khăn, vướng mắc")
    officer.go("/xa")
    expect(officer.page.locator("header .lc-head-unit")).to_have_text("Xã Bát Mọt")
    officer.go(FORM)
    await_states(officer.page, "queued")
    officer.context.set_offline(False)
    await_states(officer.page, "received")
    assert site.reports() == before + 1


def test_another_page_without_a_network_leads_to_the_form(officer: Visitor) -> None:
    ready_offline(officer)
    officer.context.set_offline(True)
    officer.go("/xa")
    expect(officer.page.locator("h1")).to_have_text("Chưa kết nối được máy chủ")
    officer.page.click("main a.lc-button-main")
    expect(officer.page.locator("h1")).to_have_text("Gửi khó khăn, vướng mắc")
    officer.context.set_offline(False)


def test_what_was_written_while_the_server_was_stopped_is_sent_when_it_is_back(
    officer: Visitor, site: Site
) -> None:
    before = site.reports()
    ready_offline(officer)
    site.stop()
    try:
        fill(officer.page)
        send(officer.page)
        await_states(officer.page, "queued")
        expect(officer.page.locator("[data-link-words]")).to_contain_text("Mất kết nối máy chủ")
    finally:
        site.start()
    await_states(officer.page, "received")
    assert site.reports() == before + 1


def test_two_tabs_do_not_send_twice(officer: Visitor, site: Site) -> None:
    before = site.reports()
    other = officer.context.new_page()
    other.goto(site.address + FORM)
    ready_offline(officer)
    officer.context.set_offline(True)
    fill(officer.page)
    send(officer.page)
    await_states(officer.page, "queued")
    site.posts.clear()
    officer.context.set_offline(False)
    await_states(officer.page, "received")
    await_states(other, "received")
    assert site.reports() == before + 1
    assert site.posts == ["/api/v1/communes/15607/issues"]


def test_a_refused_report_is_kept_with_its_reason_and_can_be_mended(officer: Visitor, site: Site) -> None:
    before = site.reports()
    page = officer.page
    fill(page, tried="Đã gọi cho anh Lê Văn Tám, số 0912345678.")
    expect(page.locator("[data-lint-for=tried]")).to_be_visible()
    send(page)
    await_states(page, "needs_fix")
    expect(page.locator("[data-letter] .lc-fault")).to_contain_text("Nội dung có thông tin cá nhân")
    page.click("[data-letter] a")
    expect(page.locator("#tried")).to_have_value("Đã gọi cho anh Lê Văn Tám, số 0912345678.")
    expect(page.locator("#tried")).to_be_focused()
    page.fill("#tried", "Đã gọi cho nhà mạng.")
    send(page)
    await_states(page, "received")
    assert site.reports() == before + 1


def test_an_ended_session_keeps_the_outbox_and_asks_to_sign_in(officer: Visitor, site: Site) -> None:
    before = site.reports()
    fill(officer.page)
    officer.context.clear_cookies()
    send(officer.page)
    await_states(officer.page, "queued")
    expect(officer.page.locator("[data-outbox-sign-in]")).to_be_visible()
    officer.sign_in(OFFICER)
    officer.go("/xa")
    await_states(officer.page, "received")
    assert site.reports() == before + 1


def test_on_a_shared_computer_nobody_sends_or_sees_what_another_wrote(officer: Visitor, site: Site) -> None:
    before = site.reports()
    page = officer.page
    ready_offline(officer)
    officer.context.set_offline(True)
    fill(page)
    send(page)
    await_states(page, "queued")
    # Before the network is back, or the letter would rightly go while its writer is still signed in.
    officer.context.clear_cookies()
    officer.context.set_offline(False)
    officer.sign_in(CHAIR)
    officer.go("/xa")
    page.wait_for_timeout(1_500)
    assert states(page) == []
    assert site.reports() == before
    officer.sign_in(OFFICER)
    officer.go("/xa")
    await_states(page, "received")


def test_signing_out_warns_of_what_is_not_sent(officer: Visitor) -> None:
    page = officer.page
    ready_offline(officer)
    officer.context.set_offline(True)
    fill(page)
    send(page)
    await_states(page, "queued")
    page.click(".lc-head details summary")
    page.click("[data-sign-out] button")
    expect(page.locator("#sign-out-warning")).to_be_visible()
    expect(page.locator("[data-sign-out-count]")).to_have_text("Còn 1 nội dung chưa gửi trên máy này.")
    with page.expect_download() as download:
        page.click("#sign-out-warning [data-outbox-export]")
    assert download.value.suggested_filename.startswith("liencap-15607-")
    page.click("#sign-out-warning [data-dialog-close]")
    officer.context.set_offline(False)
    await_states(page, "received")


def test_a_draft_survives_a_closed_tab_and_a_change_of_language(officer: Visitor, site: Site) -> None:
    page = officer.page
    fill(page)
    expect(page.locator("[data-draft-state]")).to_have_text("Đã lưu bản nháp trên máy này.")
    page.click(".lc-head details summary")
    page.click("a[data-keep-typed][lang=en]")
    expect(page.locator("h1")).to_have_text("Send a difficulty")
    expect(page.locator("#place")).to_have_value("Bản Vịn")
    page.close()
    again = officer.context.new_page()
    again.goto(site.address + FORM)
    expect(again.locator("#place")).to_have_value("Bản Vịn")
    expect(again.locator("[data-kind-name]")).to_have_text("No or weak mobile signal")


def test_what_is_not_handled_here_takes_no_text(officer: Visitor) -> None:
    page = officer.page
    page.fill("#kind-search", "pho chu tich")
    page.locator("[data-kind-option]:visible").first.click()
    expect(page.locator("[data-lane-note=outside]")).to_be_visible()
    for field in ("#content", "#request"):
        expect(page.locator(field)).to_be_hidden()
    unfold_more = page.locator("[data-more] > summary")
    unfold_more.click()
    expect(page.locator("#tried")).to_be_hidden()
    send(page)
    await_states(page, "received")


def test_danger_shows_whom_to_call_before_anything_else(officer: Visitor) -> None:
    page = officer.page
    page.fill("#kind-search", "sat lo")
    page.locator("[data-kind-option]:visible").first.click()
    expect(page.locator("[data-lane-note=phone_first]")).to_contain_text("113 (Công an tỉnh Thanh Hóa)")
