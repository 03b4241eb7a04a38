"""The pages of the annex: filled from the log, corrected by an officer, drawn as a draft; no issue changes by it."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any
from uuid import UUID

import pytest
from docx import Document
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from starlette.testclient import TestClient

from reporting.dated.calendar import local_day
from services.access.actors import Actor
from services.store.document_tables import ANNEX_EDITS, DRAWINGS
from services.store.store import TEXTS
from services.web.sign_in.personas import PERSONAS
from tests.services.test_pages import browser
from tests.services.world import BAT_MOT, CHAIR, CLERK, SAID, World, tables

pytestmark = pytest.mark.warehouse
PAPER = {"number": "15/TTr-UBND", "date": "2026-11-20"}
TRIED = "Đã làm việc với nhà mạng"
CAUSE = "Địa hình núi cao, chưa có trạm phát sóng"


def running(world: World) -> str:
    """Return the period that runs today."""
    return tables().periods.containing("month", local_day(world.clock())).key


def report(world: World, **more: Any) -> str:
    return world.report(place="Bản Vịn", tried=TRIED, people_affected=120, **more)


def send(world: World, issue_id: str) -> None:
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document={"kind": "proposal", **PAPER})
    world.settle()


def cells_of(page: str, issue_id: str) -> dict[str, str]:
    """Read the fields of a line's form."""
    line = page[page.index(f'id="dong-{issue_id}"') :]
    line = line[: line.index("</form>")]
    return dict(re.findall(r'name="(\w+)" rows="2"[^>]*>([^<]*)</textarea>', line))


def docx_text(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    lines = [line.text for line in document.paragraphs]
    for table in document.tables:
        lines += [cell.text for row in table.rows for cell in row.cells]
    return "\n".join(lines)


def save(client: TestClient, world: World, issue_id: str, **changes: str) -> Any:
    sent = cells_of(client.get("/tong-hop").text, issue_id) | changes
    return client.post(f"/tong-hop/{running(world)}/dong/{issue_id}", data={**sent, "step": "keep"})


def test_the_annex_is_filled_from_the_log_and_drawn_as_a_draft(world: World) -> None:
    issue_id = report(world)
    send(world, issue_id)
    with browser(world, "commune_officer-15607") as officer:
        page = officer.get("/tong-hop").text
        cells = cells_of(page, issue_id)
        assert cells["content"] == (
            f"Thôn, bản không có hoặc yếu sóng di động (địa điểm: Bản Vịn). {SAID['content']}. Khoảng 120 người bị ảnh hưởng."
        )
        assert cells["proposal"] == f"{SAID['request']}."
        assert cells["cause"] == "[nguyên nhân]"
        assert cells["done"].startswith(f"{TRIED}. Đã đề nghị Sở Khoa học và Công nghệ")
        assert cells["result"] == "Đã gửi, chưa có trả lời."
        assert "1 nội dung: phát sinh trong kỳ 1" in page
        file = officer.get(f"/tong-hop/{running(world)}/du-thao.docx")
        sheet = officer.get(f"/tong-hop/{running(world)}/du-thao.xlsx")
        assert re.search(
            r"Báo cáo và phụ lục \(XLSX\) · tháng \d+ năm \d{4} · ", officer.get("/tong-hop").text
        )
    assert file.headers["content-disposition"].endswith('-du-thao.docx"')
    assert "DỰ THẢO" in docx_text(file.content)
    assert TRIED in docx_text(file.content)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    assert rows[-1][1] == cells["content"]
    assert world.parts.drafts.drawing_count(["38", BAT_MOT]) == world.parts.drafts.drawing_count(None) == 2
    assert world.parts.drafts.drawing_count(["01"]) == 0
    with world.parts.store.read() as conn:
        drawn = conn.execute(select(DRAWINGS).order_by(DRAWINGS.c.id)).all()
    assert [(row.kind, row.format, row.row_count) for row in drawn] == [
        ("annex", "docx", 1),
        ("annex", "xlsx", 1),
    ]
    assert drawn[0].drawn_by == "commune_officer@15607:demo-commune_officer-15607"


def test_a_correction_is_kept_with_who_and_when_and_changes_no_issue(world: World) -> None:
    issue_id = report(world)
    before = world.issue(issue_id)
    with browser(world, "commune_officer-15607") as officer, browser(world, "commune_chair-15607") as chair:
        assert "Đã lưu nội dung sửa." in save(officer, world, issue_id, cause=CAUSE).text
        save(chair, world, issue_id, cause=f"{CAUSE}, chưa có điện lưới")
        save(chair, world, issue_id)
        assert cells_of(officer.get("/tong-hop").text, issue_id)["cause"] == f"{CAUSE}, chưa có điện lưới"
        assert f"{CAUSE}, chưa có điện lưới" in docx_text(
            officer.get(f"/tong-hop/{running(world)}/du-thao.docx").content
        )
    with world.parts.store.read() as conn:
        rows = conn.execute(select(ANNEX_EDITS).order_by(ANNEX_EDITS.c.id)).all()
    assert [(row.part, row.edited_by.split("@")[0]) for row in rows] == [
        ("cause", "commune_officer"),
        ("cause", "commune_chair"),
    ]
    assert world.issue(issue_id) == before


def test_a_character_that_no_store_keeps_is_left_out_of_a_cell(world: World) -> None:
    issue_id = report(world)
    with browser(world, "commune_officer-15607") as officer:
        save(officer, world, issue_id, cause=f"\x00 {CAUSE}\x00")
    with world.parts.store.read() as conn:
        kept = conn.scalars(select(TEXTS.c.body).where(TEXTS.c.purpose == "annex")).all()
    assert kept == [CAUSE]


def test_the_words_of_the_system_again_take_a_correction_back(world: World) -> None:
    issue_id = report(world)
    with browser(world, "commune_officer-15607") as officer:
        proposed = cells_of(officer.get("/tong-hop").text, issue_id)["cause"]
        save(officer, world, issue_id, cause=CAUSE)
        save(officer, world, issue_id, cause=proposed)
        page = officer.get("/tong-hop").text
        assert cells_of(page, issue_id)["cause"] == proposed
        assert "(đã sửa)" not in page
        save(officer, world, issue_id, cause="")
        assert cells_of(officer.get("/tong-hop").text, issue_id)["cause"] == ""


def test_a_correction_with_personal_data_is_refused_and_what_was_typed_stays(world: World) -> None:
    issue_id = report(world)
    with browser(world, "commune_officer-15607") as officer:
        page = save(officer, world, issue_id, done="Gọi số 0912345678 để hỏi")
        assert page.status_code == 422
        assert "Nội dung có thông tin cá nhân" in page.text
        assert cells_of(page.text, issue_id)["done"] == "Gọi số 0912345678 để hỏi"
        assert "0912345678" not in officer.get("/tong-hop").text


def test_nothing_leaves_while_a_line_holds_what_looks_like_personal_data(world: World) -> None:
    issue_id = report(world)
    # A text that came in before the check knew the shape: put there as no form would.
    row = next(
        iter(
            world.parts.annexes.gather(
                tables().units.get(BAT_MOT), tables().periods.named(running(world)), world.clock()
            ).proposed
        )
    )
    world.parts.drafts.correct(
        Actor("commune_officer", BAT_MOT),
        world.clock(),
        unit_code=BAT_MOT,
        period=running(world),
        issue_id=UUID(issue_id),
        proposed=row.cells,
        wanted={"done": "Gọi số 0912345678"},
    )
    with browser(world, "commune_officer-15607") as officer:
        for file_format in ("docx", "xlsx"):
            page = officer.get(f"/tong-hop/{running(world)}/du-thao.{file_format}")
            assert page.status_code == 422
            assert "dòng 1 có vẻ có thông tin cá nhân" in page.text
        answer = officer.post(f"/tong-hop/{running(world)}/cong-van", data={"issue": [issue_id]})
        assert answer.status_code == 422
    with world.parts.store.read() as conn:
        assert conn.execute(select(DRAWINGS)).all() == []


def test_an_erased_text_leaves_the_annex_and_takes_the_correction_with_it(world: World) -> None:
    issue_id = report(world)
    tried = world.parts.issue_table.get(UUID(issue_id)).report.tried  # type: ignore[union-attr]
    assert tried is not None
    with browser(world, "commune_officer-15607") as officer:
        save(officer, world, issue_id, done=f"{TRIED}, chưa có kết quả")
        world.parts.texts.erase(tried.id, Actor("auditor", "38"), "theo yêu cầu")
        page = officer.get("/tong-hop").text
        assert TRIED not in page
        assert cells_of(page, issue_id)["done"] == "(nội dung đã được xóa theo yêu cầu)"
        assert TRIED not in docx_text(officer.get(f"/tong-hop/{running(world)}/du-thao.docx").content)


def test_a_period_is_named_in_the_language_of_the_page(world: World) -> None:
    with browser(world, "commune_officer-15607") as officer:
        page = officer.get("/tong-hop?ky=2026-11&lang=en").text
        assert re.search(r'<option value="2026-11"[^>]*>November 2026<', page)
        assert "tháng 11" not in page
        assert "Tháng" not in page


def test_a_line_can_be_left_out_and_taken_back(world: World) -> None:
    issue_id, other = report(world), report(world)
    with browser(world, "commune_officer-15607") as officer:
        at = f"/tong-hop/{running(world)}/dong/{issue_id}"
        page = officer.post(at, data={"step": "leave_out"}).text
        assert "Các dòng không đưa vào" in page
        text = docx_text(officer.get(f"/tong-hop/{running(world)}/du-thao.docx").content)
        assert "Tổng số: 01 nội dung" in text
        assert f'value="{other}"><span class="lc-unseen">Chọn dòng 1</span>' in page
        officer.post(at, data={"step": "take_in"})
        text = docx_text(officer.get(f"/tong-hop/{running(world)}/du-thao.docx").content)
        assert "Tổng số: 02 nội dung" in text


def test_a_closed_period_shows_what_stood_at_its_end(world: World) -> None:
    issue_id = report(world)
    first = tables().periods.named(running(world))
    world.clock.ahead = dt.timedelta(days=(first.last_on - local_day(world.clock())).days + 3)
    send(world, issue_id)
    later = running(world)
    assert later != first.key
    with browser(world, "commune_officer-15607") as officer:
        closed = officer.get(f"/tong-hop?ky={first.key}").text
        assert "Kỳ đã chốt" in closed
        assert cells_of(closed, issue_id)["result"] == "Chờ lãnh đạo duyệt đề xuất."
        now = officer.get(f"/tong-hop?ky={later}").text
        assert cells_of(now, issue_id)["result"] == "Đã gửi, chưa có trả lời."
        assert "kỳ trước chuyển sang 1" in now
        before = tables().periods.previous(first).key
        assert "Trong kỳ không có khó khăn, vướng mắc nào." in officer.get(f"/tong-hop?ky={before}").text


def test_one_letter_for_the_chosen_lines(world: World) -> None:
    chosen, alien = [report(world), report(world)], world.report(kind="no_grid_power")
    with browser(world, "commune_officer-15607") as officer:
        at = f"/tong-hop/{running(world)}/cong-van"
        for one in chosen:
            save(officer, world, one, cause=CAUSE)
        file = officer.post(at, data={"issue": chosen})
        text = docx_text(file.content)
        assert "V/v đề nghị giải quyết khó khăn, vướng mắc về phủ sóng thông tin di động" in text
        assert "Kính gửi: Sở Khoa học và Công nghệ tỉnh Thanh Hóa" in text
        assert "có 02 nội dung khó khăn, vướng mắc" in text
        assert "Luật Viễn thông" in text
        mixed = officer.post(at, data={"issue": [*chosen, alien]})
        assert mixed.status_code == 422
        assert "chọn các dòng cùng một cơ quan giải quyết" in mixed.text
        assert officer.post(at, data={}).status_code == 422


def test_a_letter_with_a_place_that_nobody_filled_in_is_not_drawn_and_says_which(world: World) -> None:
    first, second = report(world), report(world)
    with browser(world, "commune_officer-15607") as officer:
        at = f"/tong-hop/{running(world)}/cong-van"
        save(officer, world, first, cause=CAUSE)
        refused = officer.post(at, data={"issue": [first, second]})
        assert refused.status_code == 422
        assert "còn chỗ chưa điền. Dòng 2: [nguyên nhân]. Điền" in refused.text
        assert f'value="{second}" checked' in refused.text
        assert officer.post(at, data={"issue": [first]}).headers["content-disposition"]
        save(officer, world, second, cause=f"Do [nguyên nhân], {CAUSE}")
        assert officer.post(at, data={"issue": [first, second]}).status_code == 422
        save(officer, world, second, cause=CAUSE)
        assert officer.post(at, data={"issue": [first, second]}).status_code == 200
        # The report of the period is a working paper: it may go with what is still open.
        assert officer.get(f"/tong-hop/{running(world)}/du-thao.docx").status_code == 200
    with world.parts.store.read() as conn:
        drawn = conn.execute(select(DRAWINGS.c.kind).order_by(DRAWINGS.c.id)).scalars().all()
    assert drawn == ["letter", "letter", "annex"]


def test_the_annex_of_a_province_holds_what_reached_it_and_its_letter_goes_to_a_ministry(
    world: World,
) -> None:
    sent, kept = report(world), report(world)
    send(world, sent)
    with browser(world, "province_reviewer-38") as reviewer:
        page = reviewer.get("/tong-hop").text
        assert f'id="dong-{sent}"' in page
        assert kept not in page
        assert "Xã Bát Mọt" in page
        save(reviewer, world, sent, cause=CAUSE)
        file = reviewer.post(f"/tong-hop/{running(world)}/cong-van", data={"issue": [sent]})
        assert "Kính gửi: Bộ Khoa học và Công nghệ" in docx_text(file.content)


def test_a_commune_sees_its_own_alone_and_an_auditor_changes_nothing(world: World) -> None:
    issue_id = report(world)
    send(world, issue_id)
    with browser(world, "auditor-38") as auditor:
        page = auditor.get("/tong-hop").text
        assert f'id="dong-{issue_id}"' in page
        assert "<textarea" not in page
        answer = auditor.post(f"/tong-hop/{running(world)}/dong/{issue_id}", data={"step": "leave_out"})
        assert answer.status_code == 403
    other = world.as_("commune_officer", "15622")
    assert issue_id not in other.get("/tong-hop").text


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.key)
def test_the_annex_is_for_communes_and_the_provincial_office(shared_world: World, persona: Any) -> None:
    allowed = persona.actor.role.startswith(("commune", "province")) or persona.actor.role == "auditor"
    with browser(shared_world, persona.key) as client:
        assert client.get("/tong-hop").status_code == (200 if allowed else 403)
        assert client.get("/tong-hop?lang=en").status_code == (200 if allowed else 403)
        home = client.get("/thong-bao?lang=vi").text
        assert ('href="/tong-hop"' in home) is allowed


def test_what_names_no_period_is_not_found(shared_world: World) -> None:
    with browser(shared_world, "commune_officer-15607") as officer:
        assert officer.get("/tong-hop?ky=2026-13").status_code == 404
        assert officer.get("/tong-hop/2026-13/du-thao.docx").status_code == 404
        assert officer.get("/tong-hop/2026-11/du-thao.pdf").status_code == 422
