"""A report that was sent is corrected by its author: at the API and on the page, until somebody acknowledged it."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from uuid import uuid4

import pytest

from tests.services.test_pages import browser, form_of, officer
from tests.services.world import CHAIR, DEPARTMENT, OFFICER, World

pytestmark = pytest.mark.warehouse
LETTER = {"kind": "proposal", "number": "15/TTr-UBND", "date": "2026-11-20"}


def test_numbers_and_words_are_corrected_and_both_stand_there_until_the_old_is_erased(world: World) -> None:
    issue_id = world.report(content="Mất sóng", people_affected=30)
    assert world.act_on_issue(OFFICER, "amend", issue_id, status=422)["field"] == "form"
    world.act_on_issue(OFFICER, "amend", issue_id, status=422, content="Gọi 0912345678")
    sent: dict[str, Any] = {
        "people_affected": 300,
        "severity": "urgent",
        "content": "Mất sóng cả bản",
        "reason": "Ghi nhầm",
    }
    assert world.act_on_issue(OFFICER, "amend", issue_id, **sent)["people_affected"] == 300
    world.settle()
    for who in (("auditor", "38"), OFFICER):
        seen = world.issue(issue_id, who)
        (done,) = seen["amended"]
        changes = [(one["field"], one["was"], one["now"]) for one in done["changes"][:2]]
        assert changes == [("severity", "Cao", "Nghiêm trọng"), ("people_affected", 30, 300)]
        words = done["changes"][2]
        assert (words["was_text"]["text"], words["now_text"]["text"]) == ("Mất sóng", "Mất sóng cả bản")
        assert (done["actor_role"], done["note"]["text"]) == ("commune_officer", "Ghi nhầm")
    verdicts = [one for one in seen["timeline"] if one["event"] == "issue.competence_assessed"]
    assert len(verdicts) == 2
    old = words["was_text"]["id"]
    erasing = world.as_("auditor", "38").post(f"/api/v1/texts/{old}/erase", json={"reason": "theo yêu cầu"})
    assert erasing.status_code < 300
    kept = world.issue(issue_id)["amended"][0]["changes"][2]
    assert kept["was_text"] == {"id": old, "text": None, "erased": True}
    assert kept["now_text"]["text"] == "Mất sóng cả bản"


def test_after_the_acknowledgement_and_from_a_stale_page_a_correction_is_refused(world: World) -> None:
    issue_id = world.report(people_affected=30)
    version = world.issue(issue_id)["version"]
    world.act(CHAIR, "approve", issue_id)
    world.act_on_issue(OFFICER, "amend", issue_id, status=403, people_affected=40)
    stale = world.act_on_issue(
        CHAIR, "amend", issue_id, status=409, expected_version=version, people_affected=4
    )
    assert stale["field"] == "expected_version"
    world.act(("commune_clerk", "15607", "15607.ubnd"), "send", issue_id, document=LETTER)
    world.act_on_issue(CHAIR, "amend", issue_id, people_affected=50)
    world.settle()
    world.act(DEPARTMENT, "acknowledge", issue_id)
    assert "amend" not in world.issue(issue_id, CHAIR)["allowed"]
    world.act_on_issue(CHAIR, "amend", issue_id, status=409, people_affected=60)
    assert world.issue(issue_id, DEPARTMENT)["people_affected"] == 50


def test_the_form_is_filled_in_and_what_it_changed_is_read_on_the_page(world: World) -> None:
    issue_id = world.report(content="Mất sóng", request="Lắp trạm", people_affected=30)
    at = f"/xa/kho-khan/{issue_id}"
    with officer(world) as client, browser(world, "commune_chair-15607") as chair:
        page = client.get(at).text
        form = page[page.index('id="act-amend"') :]
        form = form[: form.index("</form>")]
        assert ">Mất sóng</textarea>" in form
        assert '<option value="high" selected>' in form
        assert re.search(r'name="people_affected"[^>]* value="30"', form)
        same = {"severity": "high", "people_affected": "30", "content": "Mất sóng"}
        hidden = form_of(page, "amend")
        nothing = client.post(f"{at}/amend", data={**hidden, **same})
        assert nothing.status_code == 422
        assert "Chưa có gì được sửa" in nothing.text
        wrong = client.post(f"{at}/amend", data={**hidden, **same, "people_affected": "ba mươi"})
        assert (wrong.status_code, "ba mươi" in wrong.text) == (422, True)
        taken = client.post(f"{at}/amend", data={**hidden, **same, "people_affected": "300"})
        assert "Đã sửa. Nội dung cũ vẫn được lưu để đối chiếu." in taken.text
        world.settle()
        shown = client.get(at).text
        part = shown[shown.index('id="amended"') :]
        assert part.index("30") < part.index("300")
        # Another tab still shows the page from before.
        late = chair.post(f"{at}/amend", data={**hidden, "key": "", "people_affected": "5"})
        assert late.status_code == 409
        assert "đã xử lý trước" in late.text
        english = client.get(at, params={"lang": "en"}).text
        assert "Corrections of what was sent" in english


@pytest.mark.parametrize("settled", [True, False])
def test_a_key_that_comes_again_with_another_correction_is_refused_whatever_part_differs(
    world: World, settled: bool
) -> None:
    issue_id = world.report(content="Mất sóng", request="Lắp trạm", people_affected=30)
    first = {"people_affected": 300, "content": "Mất sóng cả bản", "reason": "Ghi nhầm"}
    at, key = f"/api/v1/issues/{issue_id}/amend", {"Idempotency-Key": str(uuid4())}
    first["expected_version"] = world.issue(issue_id, OFFICER)["version"]
    client = world.as_(*OFFICER)
    assert client.post(at, json=first, headers=key).status_code in {200, 202}
    if settled:
        world.settle()
    lacking = {name: said for name, said in first.items() if name != "people_affected"}
    for other in (
        first | {"people_affected": 301},
        first | {"severity": "urgent"},
        first | {"content": "Mất sóng nửa bản"},
        first | {"request": "Lắp hai trạm"},
        first | {"tried": "Đã gọi tổng đài"},
        first | {"reason": "Ghi sai"},
        lacking,
    ):
        refused = client.post(at, json=other, headers=key)
        assert (refused.status_code, refused.json()["field"]) == (409, "Idempotency-Key"), other
    # A retry may name what stood already, as a form does; later corrections are no part of it.
    world.settle()
    world.act_on_issue(OFFICER, "amend", issue_id, people_affected=5, request="Sửa trạm")
    for same in (first, first | {"request": "Lắp trạm"}):
        assert client.post(at, json=same, headers=key).status_code == 200
    world.settle()
    assert len(world.issue(issue_id)["amended"]) == 2


def test_a_key_of_a_corrected_draft_that_comes_again_with_other_words_is_refused(world: World) -> None:
    issue_id = world.report(content="Mất sóng", request="Lắp trạm")
    world.act(CHAIR, "ask_correction", issue_id, reason="Ghi rõ hơn")
    one = world.issue(issue_id, OFFICER)["escalations"][-1]
    at, key = f"/api/v1/escalations/{one['id']}/correct", {"Idempotency-Key": str(uuid4())}
    first = {"expected_version": one["version"], "content": "Mất sóng cả bản", "reason": "Đã ghi rõ"}
    client = world.as_(*OFFICER)
    assert client.post(at, json=first, headers=key).status_code in {200, 202}
    for other in ({"content": "Mất sóng nửa bản"}, {"request": "Lắp hai trạm"}, {"content": None}):
        refused = client.post(at, json=first | other, headers=key)
        assert (refused.status_code, refused.json()["field"]) == (409, "Idempotency-Key"), other
    world.settle()
    assert client.post(at, json=first, headers=key).status_code == 200


def test_words_are_the_same_whatever_ends_their_lines_and_composes_their_letters(world: World) -> None:
    lines = "Mất sóng\ncả bản"
    issue_id = world.report(content=lines)
    form = unicodedata.normalize("NFD", lines).replace("\n", "\r\n")
    refused = world.act_on_issue(OFFICER, "amend", issue_id, status=422, content=form)
    assert refused["field"] == "form"
    at, key = f"/api/v1/issues/{issue_id}/amend", {"Idempotency-Key": str(uuid4())}
    sent = {"expected_version": world.issue(issue_id, OFFICER)["version"], "people_affected": 12}
    client = world.as_(*OFFICER)
    for reason in ("Ghi nhầm\r\nmột số", "Ghi nhầm\nmột số", "Ghi nhầm\rmột số"):
        assert client.post(at, json=sent | {"reason": reason}, headers=key).status_code in {200, 202}
    world.settle()
    assert world.issue(issue_id)["amended"][0]["note"]["text"] == "Ghi nhầm\nmột số"


def test_an_erased_text_can_be_written_again_with_the_same_words(world: World) -> None:
    issue_id = world.report(content="Mất sóng", request="Lắp trạm")
    old = world.issue(issue_id)["content"]["id"]
    erasing = world.as_("auditor", "38").post(f"/api/v1/texts/{old}/erase", json={"reason": "theo yêu cầu"})
    assert erasing.status_code < 300
    unchanged = world.act_on_issue(OFFICER, "amend", issue_id, status=422, request="Lắp trạm")
    assert unchanged["field"] == "form"
    world.act_on_issue(OFFICER, "amend", issue_id, content="Mất sóng")
    world.settle()
    seen = world.issue(issue_id)
    assert (seen["content"]["text"], seen["content"]["id"] != old) == ("Mất sóng", True)
    (change,) = seen["amended"][0]["changes"]
    assert change["was_text"] == {"id": old, "text": None, "erased": True}
