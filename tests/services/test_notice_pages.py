"""The pages of notices: each finds what concerns their body and role, once read it is read, and addresses are the leaders'."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from services.web.sign_in.personas import PERSONAS
from tests.services.test_pages import browser
from tests.services.world import CHAIR, CLERK, World

pytestmark = pytest.mark.warehouse
PAPER = {"number": "15/TTr-UBND", "date": "2026-11-20"}
SECRET_WORDS = "Chỗ này chỉ người có việc mới được đọc"


def sent(world: World) -> str:
    """Report a difficulty, approve it and send it to the department."""
    issue_id = world.report(place="Bản Vịn", tried=SECRET_WORDS)
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document={"kind": "proposal", **PAPER})
    world.settle()
    return issue_id


def bell(page: str) -> int:
    """Read the number beside the bell; none is nought."""
    found = re.search(r'class="lc-bell-count" aria-hidden="true">(\d+)', page)
    return int(found[1]) if found else 0


def titles(client: TestClient) -> list[str]:
    return re.findall(r'href="/thong-bao/xem/[0-9a-f-]+">([^<]+)</a>', client.get("/thong-bao").text)


def test_each_finds_what_waits_for_their_body_and_role(world: World) -> None:
    sent(world)
    expected: dict[str, list[str]] = {
        "commune_officer-15607": [],
        "commune_chair-15607": ["Có đề xuất chờ lãnh đạo duyệt"],
        "commune_clerk-15607": ["Đề xuất đã được duyệt, chờ ban hành văn bản"],
        "department_officer-38": ["Có việc mới chuyển đến cơ quan"],
        "department_leader-38": ["Có việc mới chuyển đến cơ quan"],
        "province_reviewer-38": [],
        "ministry_officer-vn": [],
        "auditor-38": [],
    }
    for persona, found in expected.items():
        with browser(world, persona) as client:
            assert titles(client) == found, persona
            assert bell(client.get("/thong-bao").text) == len(found), persona


def test_a_notice_leads_to_its_issue_and_is_read_then_by_its_reader_alone(world: World) -> None:
    issue_id = sent(world)
    with browser(world, "department_officer-38") as officer, browser(world, "department_leader-38") as leader:
        listed = officer.get("/thong-bao").text
        assert "lc-row is-info" in listed
        assert issue_id[:8] not in listed
        link = re.search(r'href="(/thong-bao/xem/[0-9a-f-]+)"', listed)
        assert link is not None
        page = officer.get(link[1])
        assert page.status_code == 200
        assert "/tinh/de-xuat/" in str(page.url)
        assert "Thôn, bản không có hoặc yếu sóng di động" in page.text
        assert bell(page.text) == 0
        assert bell(leader.get("/thong-bao").text) == 1
        assert "lc-row is-info" not in officer.get("/thong-bao").text
    with browser(world, "commune_chair-15607") as chair:
        link = re.search(r'href="(/thong-bao/xem/[0-9a-f-]+)"', chair.get("/thong-bao").text)
        assert link is not None
        assert str(chair.get(link[1]).url).endswith(f"/xa/kho-khan/{issue_id}")


def test_three_that_are_alike_are_one_row_that_opens_to_as_many_and_counts_what_is_unread(
    world: World,
) -> None:
    for place in ("Bản Vịn", "Bản Đục", "Bản Khẹo"):
        world.report(place=place)
    world.settle()
    with browser(world, "commune_chair-15607") as chair:
        listed = chair.get("/thong-bao").text
        assert titles(chair) == []
        assert "<strong>3 thông báo</strong> · 3 mới · " in listed
        assert bell(listed) == 3
        group = re.search(r'href="(/thong-bao\?nhom=[^"]+)">Có đề xuất chờ lãnh đạo duyệt</a>', listed)
        assert group is not None
        opened = chair.get(group[1]).text
        links = re.findall(r'href="(/thong-bao/xem/[0-9a-f-]+)"', opened)
        assert len(links) == len(set(links)) == 3
        assert all(place in opened for place in ("Bản Vịn", "Bản Đục", "Bản Khẹo"))
        chair.get(links[0])
        assert "<strong>3 thông báo</strong> · 2 mới · " in chair.get("/thong-bao").text
        read = chair.post("/thong-bao/da-doc", data={"nhom": group[1].partition("nhom=")[2]}).text
        assert "<strong>3 thông báo</strong> · Thôn, bản" in read
        assert bell(read) == 0
        world.report(place="Bản Mới")
        world.settle()
        assert bell(chair.get("/xa").text) == 1
        assert "<strong>4 thông báo</strong> · 1 mới · " in chair.get("/thong-bao").text
    with browser(world, "commune_officer-15607") as other:
        assert "thong-bao/xem" not in other.get(group[1]).text


def test_all_can_be_marked_read(world: World) -> None:
    sent(world)
    with browser(world, "commune_chair-15607") as chair:
        assert bell(chair.get("/xa").text) == 1
        assert bell(chair.post("/thong-bao/da-doc").text) == 0
        assert len(titles(chair)) == 1
        world.report()
        world.settle()
        assert bell(chair.get("/xa").text) == 1


def test_nobody_opens_a_notice_of_another(world: World) -> None:
    sent(world)
    with browser(world, "department_officer-38") as officer, browser(world, "commune_officer-15607") as other:
        link = re.search(r'href="(/thong-bao/xem/[0-9a-f-]+)"', officer.get("/thong-bao").text)
        assert link is not None
        assert other.get(link[1]).status_code == 404
        assert other.get(f"/thong-bao/xem/{uuid4()}").status_code == 404


def test_the_list_says_where_and_nothing_else_that_was_written(world: World) -> None:
    sent(world)
    with browser(world, "department_officer-38") as officer:
        page = officer.get("/thong-bao").text
        assert "Bản Vịn" in page
        assert SECRET_WORDS not in page


def test_what_a_person_mutes_is_neither_listed_nor_counted_for_them(world: World) -> None:
    sent(world)
    with browser(world, "department_officer-38") as officer, browser(world, "department_leader-38") as leader:
        kept = officer.post("/thong-bao/tuy-chon", data={"template": ["overdue", "disputed"]})
        assert "Đã lưu lựa chọn." in kept.text
        assert kept.text.count(" checked>") == 2
        assert titles(officer) == []
        assert bell(officer.get("/tinh").text) == 0
        assert len(titles(leader)) == 1


def test_a_leader_registers_an_address_and_an_officer_does_not(world: World) -> None:
    form = {"body": "38.so_khcn", "channel": "email", "address": "van-thu@sokhcn.example", "rhythm": "daily"}
    with browser(world, "department_officer-38") as officer:
        assert 'action="/thong-bao/dia-chi"' not in officer.get("/thong-bao/tuy-chon").text
        assert officer.post("/thong-bao/dia-chi", data=form).status_code == 422
        assert "Cơ quan chưa đăng ký địa chỉ nào." in officer.get("/thong-bao/tuy-chon").text
    with browser(world, "department_leader-38") as leader:
        done = leader.post("/thong-bao/dia-chi", data=form)
        assert "Đã thêm địa chỉ." in done.text
        assert "Gộp lại, gửi mỗi ngày một lần" in done.text
        alien = leader.post(
            "/thong-bao/dia-chi", data={**form, "body": "38.so_y_te", "address": "x@y.example"}
        )
        assert alien.status_code == 422
        again = leader.post("/thong-bao/dia-chi", data=form)
        assert again.status_code == 422
        assert 'id="address-error">Địa chỉ này đã đăng ký' in again.text
        wrong = leader.post("/thong-bao/dia-chi", data={**form, "address": "a@b.vn\r\nBcc: c@d.vn"})
        assert wrong.status_code == 422
        assert 'id="address-error">Cần một địa chỉ thư điện tử' in wrong.text
        end = re.search(
            r'action="(/thong-bao/dia-chi/[0-9a-f-]+/ket-thuc)"', leader.get("/thong-bao/tuy-chon").text
        )
        assert end is not None
    with browser(world, "department_officer-38") as officer:
        assert officer.post(end[1]).status_code == 403
    with browser(world, "department_leader-38") as leader:
        assert "không nhận thông báo nữa" in leader.post(end[1]).text


def test_the_secret_of_a_webhook_is_shown_once(world: World) -> None:
    form = {"body": "38.so_khcn", "channel": "webhook", "address": "https://hooks.example.vn/lien-cap"}
    with browser(world, "department_leader-38") as leader:
        shown = leader.post("/thong-bao/dia-chi", data=form).text
        assert re.search(r'<p class="lc-code">whsec_[A-Za-z0-9+/=&#;]+</p>', shown)
        assert "whsec_" not in leader.get("/thong-bao/tuy-chon").text


def test_an_auditor_sees_what_left_and_nobody_else_does(world: World) -> None:
    with browser(world, "department_leader-38") as leader:
        leader.post(
            "/thong-bao/dia-chi",
            data={"body": "38.so_khcn", "channel": "email", "address": "van-thu@sokhcn.example"},
        )
    sent(world)
    with browser(world, "auditor-38") as auditor:
        page = auditor.get("/thong-bao/nhat-ky").text
        assert "van-thu@sokhcn.example" in page
        assert "Sở Khoa học và Công nghệ" in page
        assert "Có việc mới chuyển đến cơ quan" in page
        assert "Đang chờ gửi" in page
        assert "van-thu@sokhcn" not in auditor.get("/thong-bao/nhat-ky?state=sent").text
        assert SECRET_WORDS not in page
    for persona in ("department_leader-38", "commune_chair-15607", "ministry_officer-vn"):
        with browser(world, persona) as client:
            assert client.get("/thong-bao/nhat-ky").status_code == 403


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.key)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_persona_sees_the_pages_in_both_languages(shared_world: World, persona: Any, lang: str) -> None:
    with browser(shared_world, persona.key) as client:
        for path in ("/thong-bao", "/thong-bao/tuy-chon"):
            page = client.get(path, params={"lang": lang})
            assert page.status_code == 200, page.text
            assert f'<html lang="{lang}"' in page.text


def test_without_a_session_the_pages_ask_to_sign_in(shared_world: World) -> None:
    with browser(shared_world) as client:
        assert client.get("/thong-bao").status_code == 401
