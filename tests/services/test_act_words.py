"""Texts beside an act arrive: notes, documents named as offices name them, a report just recorded."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.services.world import BAT_MOT, CHAIR, CLERK, DEPARTMENT, OFFICER, SAID, VAN_XUAN, World

pytestmark = pytest.mark.warehouse

LETTER = {"kind": "proposal", "number": "15/TTr-UBND", "date": "2026-11-20"}


@pytest.fixture
def approved(shared_world: World) -> str:
    """Return an issue whose proposal waits for its document."""
    issue_id = shared_world.report()
    shared_world.act(CHAIR, "approve", issue_id)
    return issue_id


def noted(world: World, issue_id: str, event: str) -> Any:
    [entry] = [each for each in world.issue(issue_id)["timeline"] if each["event"] == event]
    return entry["text"]


def test_what_solves_or_guides_says_how_and_an_answer_names_its_outcome(shared_world: World) -> None:
    issue_id = shared_world.report(kind="no_fixed_internet")
    shared_world.act(CHAIR, "approve", issue_id)
    shared_world.act(CLERK, "send", issue_id, document={"number": "15/TTr-UBND", "date": "2026-11-20"})
    lead = ("department_officer", "38", shared_world.issue(issue_id)["escalations"][-1]["lead_body"])
    shared_world.act(lead, "accept", issue_id)
    one = shared_world.issue(issue_id, lead)["escalations"][-1]
    path, client = f"/api/v1/escalations/{one['id']}/answer", shared_world.as_(*lead)
    for sent, field in (
        ({}, "kind"),
        ({"kind": "solved"}, "text"),
        ({"kind": "guidance", "text": " "}, "text"),
    ):
        refused = client.post(path, json={"expected_version": one["version"], **sent})
        assert (refused.status_code, refused.json()["field"]) == (422, field), sent
    assert shared_world.issue(issue_id)["version"] == one["version"]


def test_a_note_beside_an_act_that_needs_none_is_kept(shared_world: World) -> None:
    issue_id = shared_world.report()
    shared_world.act(CHAIR, "approve", issue_id, reason="Đồng ý trình tỉnh")
    shared_world.act(CLERK, "send", issue_id, document=LETTER, reason="Gửi kèm bản đồ")
    shared_world.act(DEPARTMENT, "acknowledge", issue_id, reason="Đã chuyển phòng chuyên môn")
    shared_world.act(DEPARTMENT, "accept", issue_id, text="Sẽ khảo sát trong tuần")
    shared_world.settle()
    said = {
        "escalation.approved": "Đồng ý trình tỉnh",
        "escalation.sent": "Gửi kèm bản đồ",
        "escalation.acknowledged": "Đã chuyển phòng chuyên môn",
        "escalation.accepted": "Sẽ khảo sát trong tuần",
    }
    assert {event: noted(shared_world, issue_id, event) for event in said} == said


def test_a_character_that_no_store_keeps_is_left_out(shared_world: World) -> None:
    issue_id = shared_world.report()
    shared_world.act(CHAIR, "approve", issue_id, reason="Đồng\x00 ý")
    assert noted(shared_world, issue_id, "escalation.approved") == "Đồng ý"


def test_a_sender_who_takes_a_proposal_back_may_say_why(shared_world: World) -> None:
    issue_id = shared_world.report()
    shared_world.act(OFFICER, "withdraw", issue_id, reason="Nhà mạng đã hẹn lịch")
    assert noted(shared_world, issue_id, "escalation.withdrawn") == "Nhà mạng đã hẹn lịch"


def test_a_commune_that_helped_itself_may_say_how(shared_world: World) -> None:
    issue_id = shared_world.report()
    shared_world.act_on_issue(OFFICER, "close", issue_id, reason="Đã kéo cáp quang vào bản")
    assert noted(shared_world, issue_id, "issue.closed") == "Đã kéo cáp quang vào bản"


def test_a_key_that_comes_again_with_other_words_is_refused_and_with_the_same_answered(
    shared_world: World, approved: str
) -> None:
    seen = shared_world.issue(approved)
    path = f"/api/v1/escalations/{seen['escalations'][0]['id']}/send"
    key = {"Idempotency-Key": str(uuid.uuid4())}
    sent = {"expected_version": seen["version"], "document": LETTER, "reason": "Gửi kèm bản đồ"}
    clerk = shared_world.as_(*CLERK)
    first, again = (clerk.post(path, json=sent, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["event_id"] == again.json()["event_id"]
    for other in ({**sent, "reason": "Gửi kèm ảnh"}, {**sent, "reason": None}):
        refused = clerk.post(path, json=other, headers=key)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:liencap:problem:key-reused")


def test_an_act_without_a_note_has_none(shared_world: World, approved: str) -> None:
    assert noted(shared_world, approved, "escalation.approved") is None


@pytest.mark.parametrize("issuer", ["15607.ubnd", "UBND xã Bát Mọt", "ubnd  XÃ bát mọt"])
def test_an_issuer_is_named_by_its_key_or_as_the_letter_head_has_it(
    shared_world: World, approved: str, issuer: str
) -> None:
    sent = shared_world.act(CLERK, "send", approved, document={**LETTER, "issuer": issuer})
    assert (sent["document"]["issuer"], sent["document"]["issuer_name"]) == (
        "15607.ubnd",
        "UBND xã Bát Mọt",
    )


@pytest.mark.parametrize(
    ("written", "read"), [("TM.", "tm"), ("kt", "kt"), ("KT. CHỦ TỊCH", "kt"), (" Tuq. ", "tuq")]
)
def test_a_capacity_is_read_as_it_stands_above_the_signature(
    shared_world: World, approved: str, written: str, read: str
) -> None:
    sent = shared_world.act(CLERK, "send", approved, document={**LETTER, "capacity": written})
    assert sent["document"]["capacity"] == read


def test_an_issue_names_its_holder_under_the_word_that_scripts_read(
    shared_world: World, approved: str
) -> None:
    shared_world.act(CLERK, "send", approved, document=LETTER)
    shared_world.settle()
    seen = shared_world.issue(approved)
    assert {"state", "holder", "clocks", "timeline", "explanation"} <= set(seen)
    assert (seen["holder"], seen["holder_body"]) == ("38.so_khcn", "38.so_khcn")


@pytest.mark.parametrize("issuer", ["nobody_here", "UBND xã Không Có"])
def test_an_issuer_that_no_table_knows_is_refused(shared_world: World, approved: str, issuer: str) -> None:
    refused = shared_world.act(CLERK, "send", approved, status=422, document={**LETTER, "issuer": issuer})
    assert refused["field"] == "document.issuer"
    assert "GET /api/v1/bodies" in refused["detail"]


@pytest.mark.parametrize(
    ("member", "value", "said"),
    [("date", "2999-01-01", "2099"), ("number", "mười lăm", "such as 15/TTr-UBND")],
)
def test_a_wrong_member_of_a_document_is_named_as_it_was_sent(
    shared_world: World, approved: str, member: str, value: str, said: str
) -> None:
    refused = shared_world.act(CLERK, "send", approved, status=422, document={**LETTER, member: value})
    assert refused["field"] == f"document.{member}"
    assert said in refused["detail"]


def test_a_promise_of_a_day_before_its_own_document_is_a_slip_of_the_pen(
    shared_world: World, approved: str
) -> None:
    shared_world.act(CLERK, "send", approved, document=LETTER)
    shared_world.act(DEPARTMENT, "accept", approved)
    said: dict[str, Any] = {"kind": "waiting_resources", "text": "Chờ vốn", "document": LETTER}
    refused = shared_world.act(DEPARTMENT, "answer", approved, status=422, expected_on="2020-01-01", **said)
    assert refused["field"] == "expected_on"
    kept = shared_world.act(DEPARTMENT, "answer", approved, expected_on="2027-01-01", **said)
    assert kept["answer"]["expected_on"] == "2027-01-01"


def test_a_draft_is_sent_back_with_a_reason_corrected_and_approved(world: World) -> None:
    issue_id = world.report(content="Mất sóng", request="Lắp trạm", tried=None)
    assert world.act(CHAIR, "ask_correction", issue_id, status=422)["field"] == "reason"
    world.act(OFFICER, "ask_correction", issue_id, status=403, reason="Ghi rõ")
    asked = world.act(CHAIR, "ask_correction", issue_id, reason="Ghi rõ mất sóng từ ngày nào")
    assert (asked["state"], asked["correction_reason"]["text"]) == (
        "in_correction",
        "Ghi rõ mất sóng từ ngày nào",
    )
    world.act(CHAIR, "approve", issue_id, status=409)
    named: dict[str, Any] = {"content": "Gọi 0912345678"}
    assert world.act(OFFICER, "correct", issue_id, status=422, **named)["field"] == "content"
    assert world.act(OFFICER, "correct", issue_id, status=422, content="a" * 501)["field"] == "content"
    assert world.act(OFFICER, "correct", issue_id, status=422, content="Mất sóng")["field"] == "reason"
    mended: dict[str, Any] = {"content": "Mất sóng từ ngày 05/11", "request": "Lắp trạm"}
    again = world.act(OFFICER, "correct", issue_id, **mended)
    assert (again["state"], again["issue"]["headline"]) == ("proposed", "Bản Vịn – Mất sóng từ ngày 05/11")
    seen = world.issue(issue_id)
    assert (seen["content"]["text"], seen["request"]["text"]) == ("Mất sóng từ ngày 05/11", "Lắp trạm")
    # What was not changed is the same text; what was replaced can still be read, and erased.
    assert [(one["field"], one["text"]["text"]) for one in seen["replaced"]] == [("content", "Mất sóng")]
    old = seen["replaced"][0]["text"]["id"]
    erased = world.as_("auditor", "38").post(
        f"/api/v1/texts/{old}/erase", json={"reason": "theo yêu cầu của người dân"}
    )
    assert erased.status_code < 300
    assert world.issue(issue_id)["replaced"][0]["text"] == {"id": old, "text": None, "erased": True}
    world.act(CHAIR, "approve", issue_id)


def test_a_report_just_taken_is_found_before_the_streams_come_to_it(world: World) -> None:
    world.runtime.stop()
    issue_id = str(uuid.uuid4())
    body = {"id": issue_id, "kind": "mobile_dead_spot", "severity": "high", "place": "Bản Vịn", **SAID}
    assert world.as_(*OFFICER).post(f"/api/v1/communes/{BAT_MOT}/issues", json=body).status_code == 201
    seen = world.issue(issue_id)
    assert (seen["state"], seen["holder_body"], seen["place"]["text"]) == (
        "received",
        "15607.ubnd",
        "Bản Vịn",
    )
    assert (seen["explanation"], seen["escalations"]) == (None, [])
    path = f"/api/v1/issues/{issue_id}"
    assert world.as_("commune_officer", VAN_XUAN).get(path).status_code == 403
    assert world.as_(*OFFICER).get(f"/api/v1/issues/{uuid.uuid4()}").status_code == 404
    world.runtime.start()
    world.settle()
    assert world.issue(issue_id)["escalations"][0]["state"] == "proposed"


def test_while_the_relay_stands_still_reports_and_acts_are_taken_and_arrive_later(world: World) -> None:
    issue_id = world.report()
    one = world.issue(issue_id)["escalations"][0]
    relay = world.parts.relay
    relay.stop()
    late = str(uuid.uuid4())
    body = {"id": late, "kind": "mobile_dead_spot", "severity": "high", "place": "Bản Vịn", **SAID}
    assert world.as_(*OFFICER).post(f"/api/v1/communes/{BAT_MOT}/issues", json=body).status_code == 201
    path, sent = f"/api/v1/escalations/{one['id']}/approve", {"expected_version": one["version"]}
    queued = world.as_(*CHAIR).post(path, json=sent)
    assert (queued.status_code, queued.json()["state"]) == (202, "queued")
    assert world.issue(late)["state"] == "received"
    relay.start()
    world.settle()
    assert world.issue(issue_id)["escalations"][0]["state"] == "awaiting_document"
    assert world.issue(late)["escalations"][0]["state"] == "proposed"
