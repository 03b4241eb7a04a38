"""The pages of every level: whom they let in, what they show, what their forms do; without a browser."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from reporting.dated.calendar import local_day
from reporting.dated.kind_words import UNCLEAR
from services.access.actors import Actor
from services.access.sessions import SESSION_COOKIE
from services.commune import app as commune
from services.ministry import app as ministry
from services.province import app as province
from services.web.sign_in.pages import _local
from services.web.sign_in.personas import PERSONAS
from tests.services.world import (
    BAT_MOT,
    CHAIR,
    CLERK,
    DEPARTMENT,
    OFFICER,
    REVIEWER,
    SAID,
    World,
    labels,
    tables,
)

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "services" / "web"
SITE = {"origin": "http://testserver"}
PAPER = {"number": "15/TTr-UBND", "date": "2026-11-20"}
PAGES = {
    "commune": (
        "/xa",
        "/xa/kho-khan",
        "/xa/kho-khan?state=answered",
        "/xa/ho-so",
        "/xa/ho-so?due=overdue",
        "/xa/ho-so/qua-han",
    ),
    "province": (
        "/tinh",
        "/tinh/van-de-chung",
        "/tinh?tab=near&sort=body",
        "/tinh?q=ban+vin&since=30",
        "/tinh/tong-quan",
        "/tinh/tong-quan?sort=overdue&ngay=7",
        "/tinh/tong-quan?ky=2026-q3",
    ),
    "nation": ("/tw", "/tw/kien-nghi", "/tw/van-de-chung"),
}
HOME = {5: "commune", 2: "province"}


def level_of(unit_code: str) -> str:
    return HOME.get(len(unit_code), "nation") if unit_code != "vn" else "nation"


@contextmanager
def browser(world: World, persona: str | None = None) -> Iterator[TestClient]:
    """A browser without JavaScript that has signed in as a persona."""
    with TestClient(
        world.app, headers={"accept": "text/html", **SITE}, raise_server_exceptions=False
    ) as client:
        if persona is not None:
            answer = client.post("/dang-nhap", data={"persona": persona}, follow_redirects=False)
            assert answer.status_code == 303, answer.text
        yield client


def officer(world: World) -> Any:
    return browser(world, "commune_officer-15607")


def form_of(page: str, act: str) -> dict[str, str]:
    """Return the hidden fields of the form of an act."""
    form = page[page.index(f'id="act-{act}"') :]
    form = form[: form.index("</form>")]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


@pytest.mark.warehouse
@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.key)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_persona_sees_every_page_of_its_level(shared_world: World, persona: Any, lang: str) -> None:
    with browser(shared_world, persona.key) as client:
        for path in PAGES[level_of(persona.actor.unit_code)]:
            page = client.get(path, params={"lang": lang})
            assert page.status_code == 200, page.text
            assert f'<html lang="{lang}"' in page.text
            assert "–</span>" not in page.text or page.text.count("<h1>") == 1
            assert page.headers["cache-control"] == "private, no-store"
            assert "script-src 'self'" in page.headers["content-security-policy"]


@pytest.mark.warehouse
@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.key)
def test_nobody_sees_the_pages_of_another_level(shared_world: World, persona: Any) -> None:
    own = level_of(persona.actor.unit_code)
    with browser(shared_world, persona.key) as client:
        for level, paths in PAGES.items():
            if level != own:
                assert [client.get(path).status_code for path in paths] == [403] * len(paths)


@pytest.mark.warehouse
def test_without_a_session_a_page_asks_to_sign_in_and_leads_back(shared_world: World) -> None:
    with browser(shared_world) as client:
        page = client.get("/xa/ho-so")
        assert page.status_code == 401
        assert 'href="/?next=/xa/ho-so"' in page.text
        signed = client.post(
            "/dang-nhap", data={"persona": "commune_chair-15607", "next": "/xa/ho-so"}, follow_redirects=False
        )
        assert signed.headers["location"] == "/xa/ho-so"


def test_an_address_elsewhere_is_no_place_to_go_on() -> None:
    assert [_local(at) for at in ("//evil.example", "https://evil.example", "/\\evil", "")] == [""] * 4
    assert _local("/xa") == "/xa"


@pytest.mark.warehouse
def test_a_wrong_token_is_told_on_the_page(shared_world: World) -> None:
    with browser(shared_world) as client:
        page = client.post("/dang-nhap", data={"token": "nonsense"})
        assert page.status_code == 401
        assert "mã truy cập không đúng" in page.text


@pytest.mark.warehouse
@pytest.mark.parametrize("path", ["/dang-nhap", "/dang-xuat"])
def test_another_site_signs_nobody_in_or_out(shared_world: World, path: str) -> None:
    with browser(shared_world) as client:
        answer = client.post(
            path, data={"persona": PERSONAS[0].key}, headers={"origin": "https://evil.example"}
        )
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


@pytest.mark.warehouse
def test_signing_out_ends_the_session(shared_world: World) -> None:
    with officer(shared_world) as client:
        assert client.get("/phien").json()["subject"] == "demo-commune_officer-15607"
        client.post("/dang-xuat")
        assert client.get("/phien").status_code == 401


@pytest.mark.warehouse
def test_a_choice_of_language_is_kept(shared_world: World) -> None:
    with officer(shared_world) as client:
        assert "<h1>Today, " in client.get("/xa?lang=en").text
        assert "<h1>Today, " in client.get("/xa").text
        assert "<h1>Hôm nay, " in client.get("/xa?lang=vi").text


@pytest.mark.warehouse
def test_without_cases_the_counter_says_so_and_shows_no_zero(world: World) -> None:
    with officer(world) as client:
        page = client.get("/xa").text
    assert "Chưa có số liệu hồ sơ." in page
    assert page.count("<strong>–</strong>") == 3


@pytest.mark.warehouse
def test_a_report_can_be_sent_without_javascript(world: World) -> None:
    with officer(world) as client:
        form = client.get("/xa/kho-khan/moi").text
        key = re.search(r'name="id" value="([0-9a-f-]{36})"', form)
        assert key is not None
        sent = {
            "id": key[1],
            "kind": "mobile_dead_spot",
            "severity": "high",
            "place": "Bản Vịn",
            **SAID,
            "tried": "Đã hỏi.",
        }
        page = client.post("/xa/kho-khan/moi", data=sent)
        again = client.post("/xa/kho-khan/moi", data=sent)
        world.settle()
        shown = client.get(f"/xa/kho-khan/{key[1]}").text
        listed = client.get("/xa/kho-khan").text
    assert "Hệ thống đã nhận" in page.text
    assert again.status_code < 300
    assert "<h1>Bản Vịn: Thôn, bản không có hoặc yếu sóng di động</h1>" in shown
    assert "Bản Vịn" in shown
    assert "Luật Viễn thông" in shown
    assert "Chờ lãnh đạo duyệt" in listed
    assert "Quá hạn" not in shown
    assert len(world.parts.issue_table.list(units=[BAT_MOT])) == 1


@pytest.mark.warehouse
def test_a_refused_report_keeps_what_was_typed_and_says_why(shared_world: World) -> None:
    sent = {
        "kind": "mobile_dead_spot",
        "severity": "high",
        **SAID,
        "tried": "Gọi 0912345678",
        "people_affected": "nhiều",
    }
    with officer(shared_world) as client:
        page = client.post("/xa/kho-khan/moi", data=sent | {"people_affected": "12"})
        wrong = client.post("/xa/kho-khan/moi", data=sent)
        none = client.post("/xa/kho-khan/moi", data={"severity": "low"})
    assert page.status_code == wrong.status_code == none.status_code == 422
    assert "Nội dung có thông tin cá nhân" in page.text
    assert ">Gọi 0912345678</textarea>" in page.text
    assert 'value="12"' in page.text
    assert "Chỉ nhập số nguyên" in wrong.text
    assert 'id="kind-error">Cần nhập mục này.' in none.text


@pytest.mark.warehouse
def test_what_is_about_a_place_asks_for_it_beside_the_field(shared_world: World) -> None:
    sent = {"kind": "mobile_dead_spot", "severity": "high", **SAID, "tried": "Đã hỏi nhà mạng."}
    with officer(shared_world) as client:
        form = client.get("/xa/kho-khan/moi").text
        refused = client.post("/xa/kho-khan/moi", data=sent)
        in_english = client.post("/xa/kho-khan/moi?lang=en", data=sent)
    assert (
        'value="mobile_dead_spot" data-lane="proposal" data-name="Thôn, bản không có hoặc yếu sóng di động" data-placed'
        in form
    )
    assert 'value="staff_shortage" data-lane="proposal" data-name=' in form
    assert form.count(" data-placed ") == 7
    assert refused.status_code == 422
    assert 'id="place-error">Cần ghi địa điểm' in refused.text
    assert re.search(r'<input[^>]*id="place"[^>]* required aria-invalid="true"', refused.text)
    assert "Đã hỏi nhà mạng." in refused.text
    assert 'id="place-error">Say where it is' in in_english.text


@pytest.mark.warehouse
def test_the_form_asks_for_what_it_is_and_what_is_wanted_beside_the_fields(shared_world: World) -> None:
    sent = {"kind": "staff_shortage", "severity": "high", **SAID}
    with officer(shared_world) as client:
        form = client.get("/xa/kho-khan/moi").text
        for name, sentence in (("content", "Cần ghi nội dung"), ("request", "Cần ghi đề nghị")):
            refused = client.post("/xa/kho-khan/moi", data={**sent, name: " "})
            assert refused.status_code == 422
            assert f'id="{name}-error">{sentence}' in refused.text
            assert re.search(rf'<textarea[^>]*id="{name}"[^>]* aria-invalid="true"', refused.text)
        long = client.post("/xa/kho-khan/moi", data={**sent, "content": "a" * 501})
        outside = client.post("/xa/kho-khan/moi", data={"kind": "third_vice_chair", "severity": "low"})
    assert 'id="content-error">Nội dung quá dài.' in long.text
    assert outside.status_code == 200
    assert form.index('id="content"') < form.index('id="request"') < form.index("<span>Số người, số hồ sơ")
    assert form.index("<span>Số người, số hồ sơ") < form.index('id="people_affected"')


@pytest.mark.warehouse
def test_what_is_folded_away_stands_open_where_something_stands_in_it(shared_world: World) -> None:
    with officer(shared_world) as client:
        empty = client.get("/xa/kho-khan/moi").text
        filled = client.post("/xa/kho-khan/moi", data={"people_affected": "12"}).text
        wrong = client.post("/xa/kho-khan/moi", data={"cases_blocked": "nhiều"}).text
    assert re.findall(r"data-more( open)?>", empty + filled + wrong) == ["", " open", " open"]


@pytest.mark.warehouse
def test_the_page_of_a_difficulty_says_first_what_it_is_and_what_is_asked(world: World) -> None:
    issue_id = world.report(content="Trạm ngừng phát từ đầu tháng", request="Sửa trạm trước mùa mưa")
    with browser(world, "commune_chair-15607") as chair:
        page = chair.get(f"/xa/kho-khan/{issue_id}").text
        assert (
            page.index("Trạm ngừng phát")
            < page.index("Sửa trạm trước mùa mưa")
            < page.index('id="act-approve"')
        )
    state = world.parts.issue_table.get(UUID(issue_id))
    assert state is not None
    assert state.report.request is not None
    world.parts.texts.erase(state.report.request.id, Actor("auditor", "38"), "theo yêu cầu của xã")
    with officer(world) as client:
        assert "Nội dung đã được xóa theo yêu cầu" in client.get(f"/xa/kho-khan/{issue_id}").text


@pytest.mark.warehouse
def test_a_report_without_the_two_texts_says_that_they_were_not_written(world: World) -> None:
    body = {"id": str(uuid4()), "kind": "mobile_dead_spot", "severity": "low", "place": "Bản Vịn"}
    with officer(world) as client:
        old = client.post(f"/api/v1/communes/{BAT_MOT}/issues", json={**body, "intake_channel": "web"})
        assert old.status_code == 201
        world.settle()
        page = client.get(f"/xa/kho-khan/{body['id']}").text
    assert re.findall(r">(Nội dung|Đề nghị)</h3><p class=\"lc-hush\">chưa ghi", page) == [
        "Nội dung",
        "Đề nghị",
    ]


@pytest.mark.warehouse
def test_a_page_that_came_back_sends_other_words_as_a_report_of_their_own(world: World) -> None:
    """Without JavaScript, Back shows the form with the key of what was sent."""
    key = str(uuid4())
    sent = {"id": key, "kind": "mobile_dead_spot", "severity": "high", "place": "Bản Vịn", **SAID}
    with officer(world) as client:
        client.post("/xa/kho-khan/moi", data=sent)
        refused = client.post("/xa/kho-khan/moi", data=sent | {"place": "Bản Đục"})
        fresh = re.search(r'name="id" value="([0-9a-f-]{36})"', refused.text)
        assert fresh is not None
        taken = client.post("/xa/kho-khan/moi", data=sent | {"place": "Bản Đục", "id": fresh[1]})
    world.settle()
    assert refused.status_code == 422
    assert "được gửi thành một khó khăn riêng" in refused.text
    assert 'value="Bản Đục"' in refused.text
    assert fresh[1] != key
    assert taken.status_code == 200
    assert len(world.parts.issue_table.list(units=[BAT_MOT])) == 2


@pytest.mark.warehouse
def test_what_else_competence_depends_on_is_asked_shown_and_decides(world: World) -> None:
    sent = {"kind": "equipment_lack", "severity": "medium", "amount_dong": "650000000", **SAID}
    with officer(world) as client:
        form = client.get("/xa/kho-khan/moi").text
        where = client.post("/xa/kho-khan/moi", data=sent | {"place_type": "service_centre"}).url
        world.settle()
        shown = client.get(str(where)).text
    assert "Nhu cầu kinh phí (đồng)" in form
    assert '<option value="village">Thôn, bản, tổ dân phố</option>' in form
    assert "650.000.000" in shown
    assert "Phân định này áp dụng khi kinh phí cần có từ 500.000.000 đồng." in shown
    assert "Sở Tài chính tỉnh Thanh Hóa" in shown


@pytest.mark.warehouse
def test_nothing_answers_itself_and_why_it_is_disputed_stands_on_top(world: World) -> None:
    issue_id = world.report()
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document=PAPER)
    world.act(DEPARTMENT, "accept", issue_id)
    at = f"/tinh/de-xuat/{world.issue(issue_id, DEPARTMENT)['escalations'][0]['id']}"
    with browser(world, "department_officer-38") as department:
        page = department.get(at).text
        form = page[page.index('id="act-answer"') :]
        choice = form[form.index('name="kind"') : form.index("</select>")]
        assert choice.startswith('name="kind" required>')
        assert '<option value="">Chọn kết quả…</option>' in choice
        assert " selected" not in choice
        empty = department.post(f"{at}/answer", data=form_of(page, "answer"))
        assert (empty.status_code, '-kind-error">Cần nhập mục này.' in empty.text) == (422, True)
        bare = department.post(f"{at}/answer", data=form_of(page, "answer") | {"kind": "solved"})
        assert (bare.status_code, '-text-error">Cần nhập mục này.' in bare.text) == (422, True)
        assert '<option value="solved" selected>' in bare.text
    world.act(DEPARTMENT, "answer", issue_id, kind="solved", text="Đã chỉnh hướng anten.", document=PAPER)
    world.act_on_issue(OFFICER, "dispute", issue_id, reason="Buổi tối vẫn mất sóng.")
    with browser(world, "department_officer-38") as department:
        page = department.get(at).text
    assert (
        page.index("Buổi tối vẫn mất sóng.") < page.index('id="report-title"') < page.index('id="act-answer"')
    )


@pytest.mark.warehouse
def test_who_answered_when_and_with_which_paper_stands_above_what_was_asked(world: World) -> None:
    issue_id = world.report(content="Trạm ngừng phát từ đầu tháng")
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document=PAPER)
    world.act(DEPARTMENT, "accept", issue_id)
    at = f"/xa/kho-khan/{issue_id}"
    with officer(world) as client:
        waiting = client.get(at).text
        world.act(DEPARTMENT, "answer", issue_id, kind="solved", text="Đã chỉnh hướng anten.", document=PAPER)
        claimed = client.get(at).text
        client.post(f"{at}/confirm", data=form_of(claimed, "confirm"))
        world.settle()
        closed = client.get(at).text
    # A deadline is said as one: "Trả lời: còn 5 ngày" would read as an answer.
    lead = [re.findall(r"<dt>(.+?)</dt><dd>", page[: page.index("</dl>")]) for page in (waiting, closed)]
    assert lead[0][:2] == ["Cơ quan đang xử lý", "Mốc trả lời"]
    assert lead[1] == ["Cơ quan trả lời", "Ngày trả lời", "Đã gửi"]
    assert "15/TTr-UBND</small>" in closed[: closed.index("</dl>")]
    for page in (claimed, closed):
        assert page.index("Đã chỉnh hướng anten.") < page.index('id="report-title"')
    assert waiting.index('id="report-title"') < waiting.index('id="escalation-1"')
    with browser(world, "department_officer-38") as department:
        beside = department.get(f"/viec/xem/{world.issue(issue_id)['escalations'][0]['id']}").text
    assert "Hệ thống đã nhận" not in beside


@pytest.mark.warehouse
def test_the_main_button_of_a_chair_is_what_waits_for_approval(world: World) -> None:
    with browser(world, "commune_chair-15607") as chair:
        assert 'lc-button-main" href="/xa/kho-khan/moi">' in chair.get("/xa").text
        issue_id = world.report()
        page = chair.get("/xa").text
        main = f'lc-button-main" href="/xa/kho-khan/{issue_id}#act-approve">Duyệt 1 đề xuất</a>'
        assert main in page
        assert page[: page.index("</main>")].count("lc-button-main") == 1
        world.report(place="Bản Đục")
        page = chair.get("/xa").text
        assert '<button class="lc-button lc-button-main">Duyệt 2 đề xuất</button>' in page
        assert page[: page.index("</main>")].count("lc-button-main") == 1
    with officer(world) as client:
        assert "Duyệt 2" not in client.get("/xa").text


@pytest.mark.warehouse
def test_a_chair_sends_a_draft_back_and_the_officer_corrects_it_by_forms(world: World) -> None:
    issue_id = world.report(content="Mất sóng", request="Lắp trạm")
    at = f"/xa/kho-khan/{issue_id}"
    with browser(world, "commune_chair-15607") as chair, officer(world) as client:
        asked = form_of(chair.get(at).text, "ask_correction") | {"reason": "Ghi rõ từ ngày nào"}
        assert "Đã yêu cầu sửa." in chair.post(f"{at}/ask_correction", data=asked).text
        assert f'href="{at}"' in client.get("/xa?state=in_correction").text
        page = client.get(at).text
        assert page.index("Ghi rõ từ ngày nào") < page.index('id="report-title"')
        # The bar leads to the form; an open form would take the bar away, and on a phone stand far below.
        assert 'lc-act lc-noprint" id="act-correct"' in page
        assert 'lc-button-main" href="#act-correct"' in page
        form = page[page.index('id="act-correct"') :]
        assert ">Mất sóng</textarea>" in form
        assert ">Lắp trạm</textarea>" in form
        same = {"content": "Mất sóng", "request": "Lắp trạm", "place": "Bản Vịn"}
        refused = client.post(f"{at}/correct", data=form_of(page, "correct") | same)
        assert (refused.status_code, "Chưa có gì được sửa" in refused.text) == (422, True)
        assert 'is-open" id="act-correct"' in refused.text
        mended = form_of(page, "correct") | same | {"content": "Mất sóng từ ngày 05/11"}
        assert "Đã sửa và trình lại" in client.post(f"{at}/correct", data=mended).text
        page = chair.get(at).text
    assert "<span>Nội dung trước khi sửa</span>" in page
    assert page.index("Mất sóng từ ngày 05/11") < page.index('id="act-approve"')


@pytest.mark.warehouse
def test_a_basis_says_that_the_text_of_the_law_was_not_seen(world: World) -> None:
    issue_id = world.report()
    with officer(world) as client:
        page = client.get(f"/xa/kho-khan/{issue_id}").text
    assert "<dt>Đã đối chiếu</dt>" in page
    assert "chưa đối chiếu văn bản gốc</dd>" in page
    assert "hắc chắn</dd>" not in page


@pytest.mark.warehouse
def test_a_report_just_taken_is_not_called_unknown(world: World) -> None:
    world.runtime.stop()
    issue_id = str(uuid4())
    with officer(world) as client:
        body = {"id": issue_id, "kind": "mobile_dead_spot", "severity": "low", "place": "Bản Vịn", **SAID}
        assert client.post(f"/api/v1/communes/{BAT_MOT}/issues", json=body).status_code == 201
        page = client.get(f"/xa/kho-khan/{issue_id}")
        assert page.status_code == 200
        assert "Đang đối chiếu bảng phân định thẩm quyền." in page.text
        assert 'http-equiv="refresh"' in page.text
        assert client.get(f"/xa/kho-khan/{uuid4()}").status_code == 404


def petitioned_again(world: World, department: TestClient, above: str) -> str:
    """Petition once more after an answer and take it back; return the page of what is asked of the department then."""
    again = form_of(department.get(above).text, "escalate") | {
        "lead_body": "bo_khcn",
        "reason": "Thêm một trạm.",
    }
    on_its_way = department.post(f"{above}/escalate", data=again).text
    assert "đã trả lời kiến nghị" not in on_its_way, "the answer before asks for nothing while another waits"
    with browser(world, "province_leader-38") as leader:
        found = re.search(r'href="(/tinh/de-xuat/[0-9a-f-]{36})\?', leader.get("/tinh").text)
        assert found is not None
        leader.post(f"{found[1]}/withdraw", data=form_of(leader.get(found[1]).text, "withdraw"))
    page = department.get(above).text
    assert "đã trả lời kiến nghị" in page
    return page


@pytest.mark.warehouse
def test_the_story_walks_through_the_forms(world: World) -> None:
    issue_id = world.report(place="Bản Vịn", tried="Đã làm việc với nhà mạng.")
    at = f"/xa/kho-khan/{issue_id}"
    with browser(world, "commune_chair-15607") as chair:
        done = chair.post(f"{at}/approve", data=form_of(chair.get(at).text, "approve") | {"capacity": "kt"})
        assert "Đã duyệt." in done.text
    with browser(world, "commune_clerk-15607") as clerk:
        hidden = form_of(clerk.get(at).text, "send")
        bare = clerk.post(f"{at}/send", data=hidden)
        assert (
            bare.status_code,
            "Bước này cần có văn bản: ghi số và ngày ban hành.</span>" in bare.text,
        ) == (
            422,
            True,
        )
        paper = {"document_kind": "proposal", "number": "15/TTr-UBND", "issued_on": "2026-11-20"}
        assert "Đã nhập số văn bản và gửi." in clerk.post(f"{at}/send", data=hidden | paper).text
    with browser(world, "department_officer-38") as department:
        queue = department.get("/tinh").text
        found = re.search(r'href="(/tinh/de-xuat/[0-9a-f-]{36})\?', queue)
        assert found is not None
        above = found[1]
        taken = department.post(f"{above}/accept", data=form_of(department.get(above).text, "accept"))
        assert "Đã nhận xử lý." in taken.text
        petition = form_of(taken.text, "escalate") | {
            "lead_body": "bo_khcn",
            "reason": "Cần phủ sóng vùng lõm.",
        }
        assert "Đã lập kiến nghị gửi bộ, ngành." in department.post(f"{above}/escalate", data=petition).text
    with browser(world, "province_leader-38") as leader:
        # What is theirs to sign is what a leader sees first.
        waiting = leader.get("/tinh").text
        found = re.search(r'href="(/tinh/de-xuat/[0-9a-f-]{36})\?', waiting)
        assert found is not None
        upper = found[1]
        approved = leader.post(f"{upper}/approve", data=form_of(leader.get(upper).text, "approve"))
        assert approved.status_code == 200, approved.text
    with browser(world, "province_reviewer-38") as reviewer:
        paper = {"number": "88/UBND-KHCN", "issued_on": "2026-11-21"}
        sent = reviewer.post(f"{upper}/send", data=form_of(reviewer.get(upper).text, "send") | paper)
        assert "Đã nhập số văn bản và gửi." in sent.text
    with browser(world, "ministry_officer-vn") as ministry:
        found = re.search(r'href="(/tw/de-xuat/[0-9a-f-]{36})"', ministry.get("/tw").text)
        assert found is not None
        answer = {
            "kind": "guidance",
            "text": "Đưa vào kế hoạch phủ sóng.",
            "number": "9/BKHCN",
            "issued_on": "2026-11-22",
        }
        page = ministry.get(found[1]).text
        assert (
            "Đã trả lời." in ministry.post(f"{found[1]}/answer", data=form_of(page, "answer") | answer).text
        )
    with browser(world, "department_officer-38") as department:
        answer = {"kind": "solved", "text": "Trạm mới đã phát sóng."}
        page = department.get(above).text
        assert re.search(
            r"Bộ Khoa học và Công nghệ: Đã trả lời.*Công nghệ đã trả lời kiến nghị\.", page, re.DOTALL
        )
        page = petitioned_again(world, department, above)
        relayed = department.post(f"{above}/answer", data=form_of(page, "answer") | answer)
        assert "Trạm mới đã phát sóng." in relayed.text
    with officer(world) as client:
        assert "Chờ xã xác nhận" in client.get("/xa").text
        closed = client.post(f"{at}/confirm", data=form_of(client.get(at).text, "confirm"))
        assert "Đã xác nhận kết quả." in closed.text
    world.settle()
    assert world.issue(issue_id)["state"] in {"confirmed", "closed"}


@pytest.mark.warehouse
def test_whoever_comes_second_hears_who_was_first_and_keeps_the_words(world: World) -> None:
    issue_id = world.report()
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document=PAPER)
    above = f"/tinh/de-xuat/{world.issue(issue_id)['escalations'][-1]['id']}"
    with browser(world, "department_officer-38") as department:
        stale = form_of(department.get(above).text, "return")
        world.act(REVIEWER, "acknowledge", issue_id, on_behalf_of="38.so_khcn")
        page = department.post(f"{above}/return", data=stale | {"reason": "Không thuộc lĩnh vực của sở."})
        assert page.status_code == 409
        assert "Chuyên viên Văn phòng UBND tỉnh (Tỉnh Thanh Hóa) đã xử lý trước" in page.text
        assert ">Không thuộc lĩnh vực của sở.</textarea>" in page.text
        fresh = form_of(page.text, "return")
        assert fresh["expected_version"] != stale["expected_version"]
        world.act(DEPARTMENT, "accept", issue_id)
        gone = department.post(f"{above}/return", data=fresh | {"reason": "Vẫn xin trả lại."})
        assert gone.status_code == 409
        assert "Vẫn xin trả lại." in gone.text


@pytest.mark.warehouse
def test_an_erased_text_says_so(world: World) -> None:
    issue_id = world.report(place="Bản Vịn", tried="Đã gọi nhà mạng.")
    state = next(iter(world.parts.issue_table.list(units=[BAT_MOT])))
    assert state.report.tried is not None
    world.parts.texts.erase(state.report.tried.id, Actor("auditor", "38"), "theo yêu cầu của xã")
    with officer(world) as client:
        page = client.get(f"/xa/kho-khan/{issue_id}").text
    assert "Đã gọi nhà mạng." not in page
    assert "Nội dung đã được xóa theo yêu cầu" in page


@pytest.mark.warehouse
def test_a_passed_reminder_is_never_called_overdue(world: World) -> None:
    issue_id = world.report()
    world.clock.ahead = dt.timedelta(days=60)
    from services.streams.watch import Watch  # noqa: PLC0415

    Watch(world.parts.warehouse, world.log, world.parts.tables).tick(world.clock())
    world.settle()
    with browser(world, "commune_chair-15607") as chair:
        page = chair.get(f"/xa/kho-khan/{issue_id}").text
        today = chair.get("/xa").text
    assert "Quá mốc nhắc" in page
    assert ">Quá hạn<" not in page
    assert re.search(r"quá \d+ ngày</p>\s*<p class=\"lc-row-end-2\">mốc ", today)


@pytest.mark.warehouse
def test_the_status_that_is_copied_holds_no_text_of_anybody(world: World) -> None:
    issue_id = world.report(place="Bản Vịn", tried="Đã làm việc với nhà mạng.")
    with officer(world) as client:
        page = client.get(f"/xa/kho-khan/{issue_id}").text
    copied = re.search(r'data-copy="([^"]+)"', page)
    assert copied is not None
    assert copied[1].startswith("Thôn, bản không có hoặc yếu sóng di động – Xã Bát Mọt: ")
    assert "Vịn" not in copied[1]
    assert "nhà mạng" not in copied[1]


@pytest.mark.warehouse
def test_a_page_that_answers_a_form_leads_on_to_itself_in_the_other_language(world: World) -> None:
    issue_id = world.report()
    at = f"/xa/kho-khan/{issue_id}"
    with browser(world, "commune_clerk-15607") as clerk:
        refused = clerk.post(f"{at}/send", data={"expected_version": "0", "escalation_id": str(uuid4())})
        assert refused.status_code in {404, 409, 422}
    with browser(world, "commune_chair-15607") as chair:
        refused = chair.post(f"{at}/dispute", data={"expected_version": "0", "reason": "Chưa xong."})
        assert refused.status_code == 409
        assert f'href="{at}?lang=en"' in refused.text
        assert chair.get(f"{at}?lang=en").status_code == 200


@pytest.mark.warehouse
def test_a_part_of_a_page_never_turns_into_an_error_page(shared_world: World) -> None:
    asks = {
        "hx-request": "true",
        "hx-request-type": "partial",
        "hx-current-url": "http://testserver/tinh?tab=due",
    }
    with browser(shared_world) as client:
        answer = client.get("/tinh?tab=due", headers=asks)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/tinh?tab=due"
    assert answer.text == ""


@pytest.mark.warehouse
def test_the_form_of_a_commune_is_not_for_others(shared_world: World) -> None:
    with browser(shared_world, "province_reviewer-38") as reviewer:
        assert reviewer.get("/xa/kho-khan/moi").status_code == 403


@pytest.mark.warehouse
def test_the_shell_of_the_device_holds_nothing_of_anybody(shared_world: World) -> None:
    with officer(shared_world) as client:
        for path in ("/khung/kho-khan-moi", "/khung/ngoai-tuyen"):
            page = client.get(path).text
            assert "data-shell" in page
            assert "demo-commune_officer" not in page
            assert "Bát Mọt" not in page


@pytest.mark.warehouse
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_shell_of_the_device_offers_nothing_that_only_a_server_gives(
    shared_world: World, lang: str
) -> None:
    with browser(shared_world) as client:
        assert "hreflang" in client.get("/").text
        for path in ("/khung/kho-khan-moi", "/khung/ngoai-tuyen"):
            page = client.get(path, params={"lang": lang}).text
            assert f'<html lang="{lang}"' in page
            assert "hreflang" not in page
            assert "theme=" not in page


@pytest.mark.warehouse
def test_the_service_worker_keeps_only_the_shell_and_each_of_it_exists(shared_world: World) -> None:
    if not (WEB / "static" / "vendor" / "htmx.js").is_file():
        pytest.skip("the web assets are not installed (python3 dev.py setup)")
    with browser(shared_world) as client:
        source = client.get("/sw.js").text
        shell = json.loads(source.splitlines()[0].removeprefix("self.SHELL = ").rstrip(";"))
        for url in (*shell["assets"], *shell["pages"]):
            assert client.get(url).status_code == 200, url
        assert all(url.startswith("/khung/") for url in shell["pages"])
        icons = client.get("/static/manifest.webmanifest").json()["icons"]
        assert [client.get(icon["src"]).status_code for icon in icons] == [200, 200, 200]
        kept = client.get(shell["assets"][0]).headers["cache-control"]
        assert "immutable" in kept


@pytest.mark.warehouse
def test_modules_and_what_they_name_are_kept_under_the_version_of_the_release(shared_world: World) -> None:
    with browser(shared_world, "department_officer-38") as client:
        found = re.search(r'src="(/static/v-\w+/work/)(queue\.js)"', client.get("/tinh").text)
        assert found is not None
        known, to_read = set[str](), {found[2]}
        while to_read:
            name = to_read.pop()
            answer = client.get(found[1] + name)
            assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True), name
            known.add(name)
            to_read |= set(re.findall(r'from "\./([\w.]+)"', answer.text)) - known
    written = {path.name for path in (WEB / "static" / "work").glob("*.js")}
    assert known == written - {"acts.js"}


def sent_of(client: TestClient, path: str) -> tuple[int, bool]:
    """Return the bytes of a body over the line, as compressed, and whether it is kept for good."""
    with client.stream("GET", path, headers={"accept": "*/*"}) as answer:
        assert answer.status_code == 200, path
        kept = "immutable" in answer.headers.get("cache-control", "")
        return sum(map(len, answer.iter_raw())), kept


def weight_of(client: TestClient, path: str) -> tuple[int, int]:
    """Return the bytes over the line of a first and of a second load, as compressed; no header is counted."""
    named = re.findall(
        r'(?:src|href|data-kind-words)="((?:/static|/khung/tu-tim)[^"#]+)', client.get(path).text
    )
    sent = [sent_of(client, url) for url in (path, *{"/phien", "/healthz", *named})]
    return sum(size for size, _ in sent), sum(size for size, kept in sent if not kept)


@pytest.mark.warehouse
@pytest.mark.parametrize("path", ["/xa", "/xa/kho-khan/moi"])
def test_a_page_of_a_commune_is_light_the_first_time_and_lighter_the_second(
    shared_world: World, path: str
) -> None:
    with officer(shared_world) as client:
        first, second = weight_of(client, path)
    assert (0 < second <= 15_000, second < first <= 100_000) == (True, True), (first, second)


@pytest.mark.warehouse
def test_problems_are_pages_for_people_and_json_for_scripts(shared_world: World) -> None:
    with officer(shared_world) as client:
        page = client.get("/khong-co")
        script = client.get("/khong-co", headers={"accept": "application/json"})
    assert page.status_code == script.status_code == 404
    assert "<h1>Không tìm thấy</h1>" in page.text
    assert script.json()["type"] == "urn:liencap:problem:not-found"


@pytest.mark.warehouse
@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(
    ("persona", "home", "other"),
    [
        ("commune_officer-15607", "/xa", "/tw"),
        ("province_reviewer-38", "/tinh", "/xa"),
        ("ministry_officer-vn", "/tw", "/xa"),
    ],
)
def test_an_error_stands_in_the_frame_of_whoever_is_signed_in(
    shared_world: World, persona: str, home: str, other: str, lang: str
) -> None:
    with browser(shared_world, persona) as client:
        client.cookies.set("liencap_lang", lang)
        asked = {
            404: ("GET", "/khong-co"),
            403: ("GET", other),
            405: ("POST", "/phien"),
            422: ("POST", "/thong-bao/dia-chi/khong-phai-id/ket-thuc"),
        }
        for status, (method, path) in asked.items():
            page = client.request(method, path)
            assert page.status_code == status
            assert f'<html lang="{lang}"' in page.text
            assert '<nav class="lc-rail"' in page.text
            assert f'href="{home}"' in page.text
            assert 'action="/dang-xuat"' in page.text


@pytest.mark.warehouse
def test_an_error_leads_back_to_our_own_page_and_offers_no_address_that_only_takes_a_form(
    shared_world: World,
) -> None:
    with officer(shared_world) as client:
        broken = "/thong-bao/dia-chi/khong-phai-id/ket-thuc"
        ours = client.post(broken, headers={"referer": "http://testserver/thong-bao/tuy-chon?done=x"})
        assert 'href="/thong-bao/tuy-chon?done=x"' in ours.text
        assert f'href="{broken}"' not in ours.text
        assert "evil" not in client.get("/khong-co", headers={"referer": "https://evil.example/a"}).text


@pytest.mark.warehouse
def test_an_error_shows_nothing_of_a_session_that_does_not_hold(shared_world: World) -> None:
    with browser(shared_world) as client:
        client.cookies.set(SESSION_COOKIE, "bogus")
        page = client.get("/khong-co")
    assert page.status_code == 404
    assert "lc-rail" not in page.text
    assert "data-subject" not in page.text


@pytest.mark.warehouse
def test_the_overview_sums_its_communes_and_marks_those_without_figures(world: World) -> None:
    day = world.clock().date().isoformat()
    row = {"MaTTHC": "1.001193", "NgayNop": day, "NgayTiepNhan": day, "TrangThai": 2, "KenhThucHien": 1}
    rows = [row | {"MaHoSo": f"000.17.22.H56-261123-000{number}"} for number in range(3)]
    answer = world.as_(*OFFICER).post(f"/api/v1/communes/{BAT_MOT}/cases/sync", json={"rows": rows})
    assert answer.json()["counts"]["created"] == 3, answer.text
    world.settle()
    with browser(world, "province_reviewer-38") as reviewer:
        page = reviewer.get("/tinh/tong-quan").text
        fragment = reviewer.get(
            "/tinh/tong-quan?ngay=7", headers={"hx-request": "true", "hx-request-type": "partial"}
        )
        periods = world.parts.tables.periods
        month = periods.containing("month", local_day(world.clock()))
        of_month = reviewer.get("/tinh/tong-quan", params={"ky": month.key}).text
        of_the_one_before = reviewer.get(
            "/tinh/tong-quan", params={"ky": periods.previous(month).key, "ngay": "7"}
        ).text
    for shown in (page, of_month):
        assert re.search(r"Tổng cộng</th><td>3</td>", shown)
    assert not re.search(r"Tổng cộng</th><td>3</td>", of_the_one_before)
    assert f'<option value="{month.key}" selected>' in of_month
    assert "1/166 đơn vị cấp xã có số liệu." in page
    assert page.count("Chưa có số liệu</td>") == 165
    assert "<html" not in fragment.text
    assert "1/166 đơn vị cấp xã có số liệu." in fragment.text


@pytest.mark.warehouse
def test_a_return_names_who_should_have_it_and_the_course_says_who_got_it(world: World) -> None:
    issue_id = world.report()
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document=PAPER)
    world.act(DEPARTMENT, "return", issue_id, reason="Ngành điện.", proposed_body="38.so_cong_thuong")
    at = f"/xa/kho-khan/{issue_id}"
    with officer(world) as client:
        assert "Cơ quan được đề nghị xử lý: <strong>Sở Công Thương" in client.get(at).text
        assert 'aria-labelledby="numbers"' in client.get("/xa").text
    with browser(world, "province_reviewer-38") as office:
        assert f"/tinh/de-xuat/{world.issue(issue_id)['escalations'][0]['id']}" in (
            office.get("/tinh?tab=unassigned").text
        )
    world.act(REVIEWER, "arbitrate", issue_id, lead_body="38.so_cong_thuong", reason="Ngành điện chủ trì.")
    world.settle()
    assert f"/tinh/de-xuat/{world.issue(issue_id)['escalations'][0]['id']}" not in (
        world.as_(*REVIEWER).get("/tinh?tab=unassigned", headers={"accept": "text/html"}).text
    )
    with officer(world) as client:
        page = client.get(at).text
        assert "Phân công cơ quan chủ trì: Sở Công Thương tỉnh Thanh Hóa</p>" in page
        # Deadlines that ended stand folded under those that run.
        ended = page.index("Thời hạn đã kết thúc (4)")
        assert page.index("Trả lời: ") < ended < page.index("Lãnh đạo duyệt: <span")
        assert "mobile_dead_spot@" not in page
        # Nothing waits for the commune: what it could do is no task.
        bar = page[page.index('<div class="lc-acts') : page.index("</aside>")]
        assert "lc-button-main" not in bar


@pytest.mark.warehouse
def test_a_queue_says_that_something_is_to_be_looked_at_again(world: World) -> None:
    issue_id = world.report()
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document=PAPER)
    world.act(DEPARTMENT, "accept", issue_id)
    world.act(DEPARTMENT, "answer", issue_id, kind="solved", document=PAPER)
    world.act_on_issue(CHAIR, "dispute", issue_id, reason="Vẫn chưa có sóng.")
    world.settle()
    with browser(world, "department_officer-38") as department:
        rows = department.get("/tinh").text
        assert "<strong>Đề nghị xem xét lại</strong>" in rows


def test_every_field_that_the_browser_complains_of_has_a_name() -> None:
    script = (WEB / "static" / "report.js").read_text(encoding="utf-8")
    named = re.findall(r"const (?:TEXTS|CHOICES|NUMBERS) = \[([^\]]+)\]", script)
    fields = re.findall(r'"(\w+)"', " ".join(named))
    assert fields
    assert [one for one in fields if not labels().has(f"browser.field_{one}")] == []


@pytest.mark.warehouse
def test_the_form_carries_the_words_of_each_kind_and_offers_the_unclear_one(world: World) -> None:
    with officer(world) as client:
        page = client.get("/xa/kho-khan/moi").text
        words = re.search(r'data-kind-words="([^"]+)"', page)
        assert words is not None
        answer = client.get(words[1])
    assert "immutable" in answer.headers["cache-control"]
    searched = answer.json()
    assert searched.keys() == {kind.key for kind in tables().competence.kinds(world.clock().date())}
    assert "không có mạng" in searched["mobile_dead_spot"].split(";")
    assert f'data-kind-found="{UNCLEAR}" hidden' in page
    assert UNCLEAR in searched


@pytest.mark.warehouse
def test_a_proposal_by_hand_asks_for_its_reason_in_the_form_too(world: World) -> None:
    issue_id = world.report(kind="environment_waste")
    lead = world.issue(issue_id)["escalations"][0]["lead_body"]
    world.act(REVIEWER, "answer", issue_id, kind="not_competent", document=PAPER, on_behalf_of=lead)
    at = f"/xa/kho-khan/{issue_id}"
    with officer(world) as client:
        page = client.get(at).text
        assert re.search(
            r'id="propose-[0-9a-f-]+-reason" name="reason" rows="4" maxlength="5000" required', page
        )
        hidden = form_of(page, "propose")
        assert '-reason-error">Cần nhập mục này.</span>' in client.post(f"{at}/propose", data=hidden).text
        asked = client.post(f"{at}/propose", data=hidden | {"reason": "Chưa có kinh phí thu gom."})
        assert "Đã lập đề xuất." in asked.text


@pytest.mark.warehouse
def test_the_day_of_a_commune_says_each_difficulty_once(world: World) -> None:
    waiting, sent = world.report(), world.report(kind="power_unstable")
    with browser(world, "commune_chair-15607") as chair:
        page = chair.get("/xa").text
        assert [page.count(f'href="/xa/kho-khan/{one}"') for one in (waiting, sent)] == [1, 1]
        assert page.index(waiting) < page.index("Khó khăn, vướng mắc đang được xử lý") < page.index(sent)


def test_the_pages_of_each_level_are_among_those_that_every_persona_opens() -> None:
    walked = {path.partition("?")[0] for paths in PAGES.values() for path in paths}
    # The form of a report has tests of its own: it is for officers of a commune alone.
    # So are the lists behind an auditor's numbers, which nobody else opens.
    walked |= {"/xa/kho-khan/moi", "/tinh/giam-sat"}
    found = {
        route.path
        for router in (*commune.ROUTERS, *province.ROUTERS, *ministry.ROUTERS)
        for route in router.routes
        if isinstance(route, APIRoute) and not route.include_in_schema and "GET" in (route.methods or ())
    }
    of_levels = {path for path in found if path.startswith(("/xa", "/tinh", "/tw")) and "{" not in path}
    assert of_levels - walked == set(), "add the page to PAGES"
