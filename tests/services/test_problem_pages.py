"""The pages of common problems without a browser: opened, joined from a suggestion, answered, confirmed, undone."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from tests.services.test_pages import browser, form_of
from tests.services.world import CHAIR, CLERK, VAN_XUAN, World

pytestmark = pytest.mark.warehouse

BASE = "/tinh/van-de-chung"
KIND = "one_stop_system_error"


def hidden(page: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the first form that goes to an address."""
    form = page[page.index(f'action="{action}"') :]
    return dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[: form.index("</form>")])
    )


def opened(client: TestClient, title: str = "Một cửa treo khi ký số") -> str:
    key = form_of(client.get(f"{BASE}?loai={KIND}").text, "open")
    answer = client.post(BASE, data={**key, "kind": KIND, "title": title, "lead_body": "38.so_khcn"})
    assert answer.status_code == 200, answer.text
    assert "Đã lập vấn đề chung" in answer.text
    return str(answer.url.path)


@pytest.mark.slow
def test_a_problem_walks_through_its_pages(world: World) -> None:
    world.report(kind=KIND, tried="Hệ thống treo khi ký số")
    other = world.report(unit_code=VAN_XUAN, kind=KIND, tried="he thong treo khi ky so")
    with browser(world, "province_reviewer-38") as office, browser(world, "commune_officer-15607") as officer:
        at = opened(office)
        world.settle()
        for _ in range(2):
            page = office.get(at).text
            done = office.post(f"{at}/join", data=hidden(page, f"{at}/join"))
            assert "Đã gộp vào vấn đề chung" in done.text
            world.settle()
        page = office.get(at).text
        assert "Xã Bát Mọt" in page
        assert "Xã Vạn Xuân" in page
        # The kind of all of them is said above, not in each row.
        assert "Xã Bát Mọt</p>" in page
        assert "Xã Vạn Xuân</p>" in page
        answer = {**form_of(page, "answer_all"), "kind": "solved", "text": "Đã khởi động lại máy chủ ký số"}
        assert "Đã trả lời chung" in office.post(f"{at}/answer", data=answer).text
        world.settle()
        mine = officer.get("/xa/kho-khan").text
        href = re.search(r'href="(/xa/kho-khan/[0-9a-f-]{36})[?"]', mine)
        assert href is not None
        seen = officer.get(href[1]).text
        assert "Đã khởi động lại máy chủ ký số" in seen
        assert "phần của đơn vị mình" in seen
        confirmed = officer.post(f"{href[1]}/confirm", data=form_of(seen, "confirm"))
        assert "Đã xác nhận kết quả" in confirmed.text
        world.settle()
        page = office.get(at).text
        assert re.search(r"<strong>1</strong>\s*đã xác nhận", page)
        assert re.search(r"<strong>1</strong>\s*chờ xác nhận", page)
        gone = office.post(
            f"{at}/unjoin",
            data={
                "issue_id": other,
                "reason": "Nguyên nhân khác",
                "expected_version": world.issue(other, ("commune_officer", VAN_XUAN))["version"],
            },
        )
        assert "Đã tách khỏi vấn đề chung" in gone.text


def test_what_was_wrong_stands_beside_its_field_and_the_words_stay(world: World) -> None:
    with browser(world, "province_reviewer-38") as office:
        at = opened(office)
        world.settle()
        page = office.get(at).text
        sent = {**form_of(page, "answer_all"), "kind": "refused", "text": "Không có căn cứ để hỗ trợ"}
        refused = office.post(f"{at}/answer", data=sent)
        assert refused.status_code == 422
        assert "Không có căn cứ để hỗ trợ" in refused.text
        assert '-number-error">Bước này cần có văn bản: ghi số và ngày ban hành.</span>' in refused.text
        assert '<a href="#act-answer_all">Chưa ghi nhận được' in refused.text
        short = office.post(BASE, data={"kind": KIND, "title": "Lỗi", "lead_body": "38.so_khcn"})
        assert short.status_code == 422
        assert office.post(f"{at}/dance", data={}).status_code == 404


@pytest.mark.slow
def test_what_was_wrong_with_taking_an_issue_out_is_said(world: World) -> None:
    issue_id = world.report(kind=KIND)
    with browser(world, "province_reviewer-38") as office:
        at = opened(office)
        world.settle()
        office.post(f"{at}/join", data=hidden(office.get(at).text, f"{at}/join"))
        # The page that follows shows the new member; nobody has to wait and load it again.
        page = office.get(at).text
        assert f'name="issue_id" value="{issue_id}"' in page[page.index("members-title") :]
        named = {**hidden(page, f"{at}/unjoin"), "reason": "Gọi 0912345678 để rõ"}
        refused = office.post(f"{at}/unjoin", data=named)
        assert refused.status_code == 422
        assert re.search(r"data-focus>.*?<p>Nội dung có thông tin cá nhân</p>", refused.text)
        gone = office.post(f"{at}/unjoin", data=named | {"reason": "Nguyên nhân khác"}).text
        assert "Chưa gộp khó khăn, vướng mắc nào." in gone


@pytest.mark.slow
def test_the_office_answers_for_a_body_with_a_document_and_the_body_itself_without(world: World) -> None:
    with browser(world, "province_reviewer-38") as office, browser(world, "department_officer-38") as own:
        at = opened(office)
        world.settle()
        page = office.get(at).text
        form = form_of(page, "answer_all")
        assert form["on_behalf_of"] == "38.so_khcn"
        assert "ghi thay Sở Khoa học và Công nghệ tỉnh Thanh Hóa" in page
        assert "on_behalf_of" not in form_of(own.get(at).text, "answer_all")
        paper = {"kind": "solved", "text": "Đã mở", "number": "7/SKHCN", "issued_on": "2026-11-20"}
        said = office.post(f"{at}/answer", data=form | paper).text
        assert "Sở Khoa học và Công nghệ tỉnh Thanh Hóa (Văn phòng UBND tỉnh ghi thay)" in said


@pytest.mark.slow
def test_whoever_is_second_on_the_page_is_told(world: World) -> None:
    with browser(world, "province_reviewer-38") as office:
        at = opened(office)
        world.settle()
        old = form_of(office.get(at).text, "rename")
        assert office.post(f"{at}/rename", data={**old, "title": "Một cửa treo"}).status_code == 200
        late = office.post(
            f"{at}/rename", data={**old, "key": "00000000-0000-4000-8000-00000000000a", "title": "Tên khác"}
        )
        assert late.status_code == 409
        assert "Tên khác" in late.text


@pytest.mark.slow
def test_three_communes_with_one_kind_are_named_as_perhaps_one_problem(world: World) -> None:
    for unit_code in ("15607", VAN_XUAN, "14758"):
        world.report(unit_code=unit_code, kind=KIND)
    with browser(world, "province_reviewer-38") as office:
        page = office.get(BASE).text
        assert "Có thể cùng nguyên nhân" in page
        opened(office)
        world.settle()
        assert "Có thể cùng nguyên nhân" not in office.get(BASE).text


@pytest.mark.slow
def test_an_issue_offers_the_problems_that_fit_and_joins_from_its_own_page(world: World) -> None:
    issue_id = world.report()
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document={"number": "15/TTr-UBND", "date": "2026-11-20"})
    root = world.issue(issue_id)["escalations"][0]["id"]
    with browser(world, "department_officer-38") as department:
        key = form_of(department.get(f"{BASE}?loai=mobile_dead_spot").text, "open")
        sent = {
            **key,
            "kind": "mobile_dead_spot",
            "title": "Trạm phát sóng mất điện",
            "lead_body": "38.so_khcn",
        }
        department.post(BASE, data=sent)
        world.settle()
        at = f"/tinh/de-xuat/{root}"
        page = department.get(at).text
        assert "Trạm phát sóng mất điện" in page
        joined = department.post(f"{at}/join", data=hidden(page, f"{at}/join"))
        assert "Đã gộp vào vấn đề chung" in joined.text
        world.settle()
        page = department.get(at).text
        assert "Thời hạn của cơ quan vẫn được tính" in page
        undone = department.post(
            f"{at}/unjoin", data={**form_of(page, "unjoin"), "reason": "Trạm này không mất điện"}
        )
        assert "Đã tách khỏi vấn đề chung" in undone.text
