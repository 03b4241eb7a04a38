"""A difficulty on its whole way by clicking: returned, assigned, petitioned, disputed; then joined with others by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site, Visitor
from tests.services.world import VAN_XUAN

pytestmark = [pytest.mark.browser, pytest.mark.warehouse, pytest.mark.slow]

Visit = Callable[..., Visitor]
TODAY = date.today().isoformat()  # noqa: DTZ011 -- the field takes the day of this machine and no later one


class Office:
    """Somebody at their desk: finds the difficulty where their pages show it, and fills the form of an act."""

    def __init__(self, visitor: Visitor, persona: str) -> None:
        self.visitor, self.site = visitor, visitor.site
        visitor.sign_in(persona)

    @property
    def page(self) -> Page:
        return self.visitor.page

    def open(self, path: str, row: str) -> None:
        """Go to a list and open the row with these words, as a person would."""
        self.site.world.settle()
        self.visitor.go(path)
        found = self.page.locator(":is(.rows > li, .lc-row)", has_text=row).first.locator("a").first
        address = found.get_attribute("href")
        assert address is not None
        self.visitor.go(address.partition("?")[0])
        expect(self.page.locator("#timeline-title")).to_be_visible()

    def again(self) -> None:
        self.site.world.settle()
        self.page.reload()

    def act(self, name: str, **fields: str) -> None:
        """Fill the form of an act and send it; the page says that it was done."""
        form = self.page.locator(f"#act-{name}")
        press(self.page, f"act-{name}")
        for field, value in fields.items():
            put(form.locator(f"[name={field}]"), value)
        form.locator("button").click()
        self.page.click(".lc-undo button:has-text('Ghi ngay')")
        expect(self.page.locator(".lc-notice.is-ok[data-focus]")).to_be_focused()


def press(page: Page, anchor: str) -> None:
    """Press the button of an act in the bar at the foot; further acts stand in its menu."""
    if page.locator(f"#{anchor}").is_visible():
        return
    button = page.locator(f".lc-acts a[href='#{anchor}']:visible")
    if button.count() == 0:
        page.click(".lc-acts .lc-menu summary")
    button.first.click()


def put(field: Locator, value: str) -> None:
    if field.evaluate("one => one.tagName") == "SELECT":
        field.select_option(value)
    else:
        field.fill(value)


def heading(page: Page) -> Locator:
    return page.locator(".lc-item-head")


def reported(officer: Office, kind: str, place: str) -> None:
    officer.visitor.go("/xa/kho-khan/moi")
    page = officer.page
    page.fill("#kind-search", kind)
    page.locator("[data-kind-option]:visible").first.click()
    page.fill("#place", place)
    page.fill("#content", "Xã đã kiểm tra, không tự khắc phục được.")
    page.fill("#request", "Đề nghị kiểm tra và khắc phục.")
    page.click("[data-report-submit]")
    expect(page.locator("[data-letter]").first).to_have_attribute("data-state", "received")


def test_a_difficulty_is_returned_assigned_petitioned_and_disputed_by_clicking(visit: Visit) -> None:
    officer = Office(visit(phone=True), "commune_officer-15607")
    reported(officer, "lom song", "Bản Vịn")
    officer.open("/xa/kho-khan", "Bản Vịn")
    # Ending it is offered, and does not stand open beside what was just written.
    expect(officer.page.locator("#act-close")).to_be_hidden()
    chair = Office(visit(phone=True), "commune_chair-15607")
    chair.open("/xa", "Bản Vịn")
    chair.act("approve")
    clerk = Office(visit(phone=True), "commune_clerk-15607")
    clerk.open("/xa", "Bản Vịn")
    clerk.act("send", number="15/TTr-UBND", issued_on=TODAY)

    department = Office(visit(), "department_officer-38")
    department.open("/tinh", "Bản Vịn")
    department.act(
        "return", reason="Trạm chưa có điện lưới, ngành điện chủ trì.", proposed_body="38.so_cong_thuong"
    )
    officer.again()
    expect(officer.page.locator("main")).to_contain_text(
        "Cơ quan được đề nghị xử lý: Sở Công Thương tỉnh Thanh Hóa"
    )

    office = Office(visit(), "province_reviewer-38")
    office.site.world.settle()
    office.visitor.go("/tinh")
    office.page.click("#views a:has-text('Chưa phân công')")
    office.open(office.page.url.removeprefix(office.site.address), "Bản Vịn")
    expect(office.page.locator("#act-arbitrate [name=lead_body]")).to_have_value("38.so_cong_thuong")
    office.act("arbitrate", reason="Cấp điện cho trạm do ngành công thương chủ trì.")
    expect(office.page.locator(".lc-course .lc-course-what").first).to_have_text(
        "Phân công cơ quan chủ trì: Sở Công Thương tỉnh Thanh Hóa"
    )

    # The department does not sign in: the office records for it. Then the province petitions.
    office.again()
    office.act("accept")
    expect(office.page.locator(".lc-course > li").first).to_contain_text(
        "Ghi thay Sở Công Thương tỉnh Thanh Hóa"
    )
    office.act("escalate", lead_body="bo_khcn", reason="Đề nghị hỗ trợ trạm phát sóng vùng chưa có điện.")
    leader = Office(visit(), "province_leader-38")
    leader.open("/tinh", "Bản Vịn")
    leader.act("approve")
    office.again()
    office.act("send", number="88/UBND-KHCN", issued_on=TODAY)
    ministry = Office(visit(phone=True), "ministry_officer-vn")
    ministry.open("/tw", "Bản Vịn")
    ministry.act(
        "answer",
        kind="guidance",
        text="Dùng trạm năng lượng mặt trời.",
        number="12/BKHCN-VT",
        issued_on=TODAY,
    )
    office.again()
    expect(office.page.locator("main")).to_contain_text("Bộ Khoa học và Công nghệ đã trả lời kiến nghị")
    answered(office, "98/SCT-NL")

    # Not solved: the same body looks again, and the second time the office names who leads.
    for number in ("99/SCT-NL", ""):
        chair.again()
        chair.act("dispute", reason="Đã kiểm tra tại bản: vẫn chưa có sóng.")
        expect(heading(chair.page)).to_contain_text("Đề nghị xem xét lại")
        office.again()
        if number:
            answered(office, number)
    expect(office.page.locator(".lc-lead dd").first).to_have_text("Văn phòng UBND tỉnh Thanh Hóa")
    office.act("arbitrate", lead_body="38.so_khcn", reason="Sở Khoa học và Công nghệ phủ sóng bằng trạm mới.")
    for one in (officer, chair, clerk, department, office, leader, ministry):
        assert one.visitor.complaints == []


def answered(office: Office, number: str) -> None:
    office.act("answer", kind="solved", text="Đã lắp trạm mới.", number=number, issued_on=TODAY)


def test_difficulties_are_joined_by_hand_answered_once_and_confirmed_each(visit: Visit, site: Site) -> None:
    officer = Office(visit(phone=True), "commune_officer-15607")
    reported(officer, "mat dien", "Toàn xã")
    site.world.report(unit_code=VAN_XUAN, kind="power_unstable", tried="Đã báo tổng đài điện lực.")
    office = Office(visit(), "province_reviewer-38")
    office.visitor.go("/tinh/van-de-chung")
    page = office.page
    press(page, "act-open")
    put(page.locator("#open-kind"), "power_unstable")
    put(page.locator("#open-title"), "Đường dây trung áp Thường Xuân hay sự cố")
    put(page.locator("#open-lead"), "38.dien_luc")
    page.click("#act-open button")
    # Nobody to answer yet; what may have the same cause is offered, each with its reason.
    expect(page.locator("#act-answer_all")).to_be_hidden()
    members = page.locator("section[aria-labelledby=members-title]")
    suggested = page.locator("section[aria-labelledby=suggest-title]")
    expect(suggested).to_contain_text("cùng loại hoặc cùng hệ thống")
    for count, place in enumerate(("Xã Bát Mọt", "Xã Vạn Xuân"), start=1):
        suggested.locator("li", has_text=place).locator("button").click()
        expect(page.locator(".lc-notice[data-focus]")).to_be_focused()
        expect(members.locator("li")).to_have_count(count)

    # One was joined by mistake: without a reason it stays, with one it goes, and it may come back.
    mistaken = members.locator("li", has_text="Xã Vạn Xuân")
    mistaken.locator("summary").click()
    mistaken.locator("textarea").fill("Gọi 0912345678 để rõ.")
    mistaken.locator("button").click()
    expect(page.locator("[role=alert]")).to_have_text("Nội dung có thông tin cá nhân")
    mistaken.locator("summary").click()
    mistaken.locator("textarea").fill("Trạm biến áp của riêng xã.")
    mistaken.locator("button").click()
    expect(members.locator("li")).to_have_count(1)
    office.again()
    suggested.locator("li", has_text="Xã Vạn Xuân").locator("button").click()
    expect(members.locator("li")).to_have_count(2)

    expect(page.locator("#act-answer_all h2")).to_contain_text("ghi thay Công ty Điện lực Thanh Hóa")
    office.act("answer_all", kind="solved", text="Đã thay đường dây.", number="7/PCTH-KT", issued_on=TODAY)
    office.again()
    expect(members).to_contain_text("Chờ xác nhận")
    chair = Office(visit(phone=True), "commune_chair-15607")
    chair.open("/xa", "Điện chập chờn")
    expect(chair.page.locator("main")).to_contain_text("Nội dung trả lời này dùng chung")
    chair.act("confirm")
    office.again()
    expect(members.locator("li", has_text="Xã Bát Mọt")).to_contain_text("Đã xác nhận")
    expect(members.locator("li", has_text="Xã Vạn Xuân")).to_contain_text("Chờ xác nhận")
    for one in (officer, office, chair):
        assert one.visitor.complaints == []
