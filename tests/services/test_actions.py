from __future__ import annotations

import datetime as dt
import threading
import uuid
from typing import Any

import pytest

from events.escalations import EscalationAcknowledged, Step
from services.access.actors import Actor
from services.acting.recording import event_by, source_of
from services.maintenance.audit import audit
from services.store.outbox import enqueue
from services.streams.watch import Watch
from tests.services.world import (
    AUDITOR,
    BA_DINH,
    CHAIR,
    CLERK,
    DEPARTMENT,
    LEADER,
    MINISTRY,
    OFFICER,
    REVIEWER,
    SAID,
    VAN_XUAN,
    World,
)

pytestmark = pytest.mark.warehouse

LETTER = {"kind": "proposal", "number": "15/TTr-UBND", "date": "2026-11-20", "capacity": "TM."}
REPLY = {"kind": "official_letter", "number": "99/BKHCN-CVT", "date": "2026-11-21"}


def sent_to_the_province(world: World) -> str:
    issue_id = world.report(place="Bản Vịn")
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document=LETTER)
    return issue_id


def accepted_by_the_province(world: World) -> str:
    issue_id = sent_to_the_province(world)
    world.act(DEPARTMENT, "accept", issue_id)
    return issue_id


def test_the_whole_road_from_report_to_confirmation(world: World) -> None:
    issue_id = world.report(
        place="Bản Vịn", tried="Đã liên hệ nhà mạng", people_affected=120, cases_blocked=3
    )
    seen = world.issue(issue_id)
    assert seen["place"]["text"] == "Bản Vịn"
    assert seen["explanation"]["beyond_commune"] is True
    assert seen["explanation"]["basis"]
    assert [one["state"] for one in seen["escalations"]] == ["proposed"]
    assert world.act(CHAIR, "approve", issue_id)["state"] == "awaiting_document"
    assert world.act(CLERK, "send", issue_id, document=LETTER)["state"] == "sent"
    assert world.act(DEPARTMENT, "acknowledge", issue_id)["state"] == "acknowledged"
    assert world.act(REVIEWER, "accept", issue_id, on_behalf_of="38.so_khcn")["state"] == "accepted"
    petition = world.act(REVIEWER, "escalate", issue_id, reason="Cần nguồn lực của bộ")
    assert (petition["state"], petition["lead_body"], petition["from_body"]) == (
        "proposed",
        "bo_khcn",
        "38.ubnd",
    )
    assert world.act(LEADER, "approve", issue_id)["state"] == "awaiting_document"
    assert world.act(REVIEWER, "send", issue_id, document=LETTER)["state"] == "sent"
    answered = world.act(MINISTRY, "answer", issue_id, kind="solved", text="Lắp trạm quý I", document=REPLY)
    assert (answered["state"], answered["answer"]["kind"]) == ("answered", "solved")
    relayed = world.act(DEPARTMENT, "answer", issue_id, index=0, kind="solved", text="Bộ đã lắp trạm")
    assert relayed["issue"]["state"] == "solution_claimed"
    world.act_on_issue(OFFICER, "confirm", issue_id)
    world.settle()
    done = world.issue(issue_id)
    assert done["state"] == "closed"
    events = [entry["event"] for entry in done["timeline"] if not entry["event"].startswith("clock.")]
    assert events == [
        "issue.reported",
        "issue.competence_assessed",
        "escalation.proposed",
        "escalation.approved",
        "escalation.sent",
        "escalation.acknowledged",
        "escalation.accepted",
        "escalation.proposed",
        "escalation.approved",
        "escalation.sent",
        "escalation.answered",
        "escalation.answered",
        "issue.confirmed",
        "issue.closed",
    ]


def test_a_province_records_the_answer_of_a_ministry_that_does_not_sign_in(world: World) -> None:
    issue_id = accepted_by_the_province(world)
    world.act(REVIEWER, "escalate", issue_id)
    world.act(LEADER, "approve", issue_id)
    world.act(REVIEWER, "send", issue_id, document=LETTER)
    answer: dict[str, Any] = {"kind": "guidance", "text": "Làm theo Nghị định 163"}
    refused = world.act(REVIEWER, "answer", issue_id, status=403, **answer)
    assert "on_behalf_of" in refused["detail"]
    missing = world.act(REVIEWER, "answer", issue_id, status=422, on_behalf_of="bo_khcn", **answer)
    assert missing["field"] == "document"
    done = world.act(REVIEWER, "answer", issue_id, on_behalf_of="bo_khcn", document=REPLY, **answer)
    assert done["answer"]["on_behalf_of"] == "bo_khcn"
    assert done["answer"]["document"]["issuer"] == "bo_khcn"


def test_a_province_records_what_a_commune_says_on_the_telephone(world: World) -> None:
    body = {
        "id": str(uuid.uuid4()),
        "kind": "mobile_dead_spot",
        "severity": "high",
        "place": "Bản Vịn",
        **SAID,
        "intake_channel": "phone",
    }
    answer = world.as_(*REVIEWER).post("/api/v1/communes/15607/issues", json=body)
    assert answer.status_code == 201
    world.settle()
    seen = world.issue(body["id"])
    assert seen["timeline"][0]["on_behalf_of"] == "15607.ubnd"
    world.act(CHAIR, "approve", body["id"])


def test_what_is_returned_goes_to_the_office_which_names_the_lead(world: World) -> None:
    issue_id = sent_to_the_province(world)
    returned = world.act(
        DEPARTMENT, "return", issue_id, reason="Thuộc Sở Công Thương", proposed_body="38.so_cong_thuong"
    )
    assert (returned["state"], returned["return_reason"]["text"]) == ("returned", "Thuộc Sở Công Thương")
    assert world.issue(issue_id)["holder_body"] == "38.vp_ubnd"
    assert world.act(REVIEWER, "arbitrate", issue_id, status=422)["field"] == "reason"
    named = world.act(REVIEWER, "arbitrate", issue_id, reason="Lưới điện do Sở Công Thương quản lý")
    assert (named["lead_body"], named["trigger"], named["state"]) == (
        "38.so_cong_thuong",
        "arbitration",
        "sent",
    )
    seen = world.act(("department_officer", "38", "38.so_cong_thuong"), "accept", issue_id)
    assert seen["state"] == "accepted"


def test_a_return_needs_a_reason_and_a_body_that_exists(world: World) -> None:
    issue_id = sent_to_the_province(world)
    assert world.act(DEPARTMENT, "return", issue_id, status=422)["field"] == "reason"
    wrong = world.act(
        DEPARTMENT, "return", issue_id, status=422, reason="không đúng", proposed_body="38.so_xyz"
    )
    assert wrong["field"] == "proposed_body"


def test_sending_names_the_document(world: World) -> None:
    issue_id = world.report()
    world.act(CHAIR, "approve", issue_id)
    assert world.act(CLERK, "send", issue_id, status=422)["field"] == "document"
    for member, value in (("number", "số mười lăm"), ("kind", "poem"), ("issuer", "UBND xã")):
        refused = world.act(CLERK, "send", issue_id, status=422, document={**LETTER, member: value})
        assert refused["field"] == f"document.{member}"


def test_a_signers_name_is_kept_apart_from_the_log(world: World) -> None:
    issue_id = world.report()
    world.act(CHAIR, "approve", issue_id)
    sent = world.act(CLERK, "send", issue_id, document={**LETTER, "signer": "Nguyễn Văn An"})
    assert sent["document"]["signer"] == "Nguyễn Văn An"
    stored = world.parts.issue_table.get(uuid.UUID(issue_id))
    assert stored is not None
    assert b"Nguy" not in stored.to_json()


def test_a_text_with_personal_data_is_refused_and_nothing_is_recorded(world: World) -> None:
    issue_id = sent_to_the_province(world)
    before = world.issue(issue_id)["version"]
    refused = world.act(
        DEPARTMENT, "return", issue_id, status=422, reason="Gọi ông Nguyễn Văn An, 0912345678"
    )
    assert (refused["type"], refused["field"]) == ("urn:liencap:problem:personal-data", "reason")
    assert "0912345678" not in str(refused)
    world.settle()
    assert world.issue(issue_id)["version"] == before


def test_every_act_says_which_version_it_saw(world: World) -> None:
    issue_id = world.report()
    one = world.issue(issue_id)["escalations"][0]
    answer = world.as_(*CHAIR).post(f"/api/v1/escalations/{one['id']}/approve", json={})
    assert (answer.status_code, answer.json()["field"]) == (422, "expected_version")


def test_who_comes_second_is_told_who_was_first(world: World) -> None:
    issue_id = sent_to_the_province(world)
    seen = world.issue(issue_id, DEPARTMENT)["version"]
    world.act(REVIEWER, "accept", issue_id, on_behalf_of="38.so_khcn")
    refused = world.act(DEPARTMENT, "acknowledge", issue_id, status=409, expected_version=seen)
    assert refused["type"] == "urn:liencap:problem:conflict"
    assert (refused["reason"], refused["state"], refused["field"]) == (
        "version_conflict",
        "accepted",
        "expected_version",
    )
    assert refused["version"] == seen + 1
    assert refused["latest_act"]["actor_role"] == "province_reviewer"
    assert refused["allowed"] == ["withdraw"] or "answer" in refused["allowed"]


def test_of_two_at_once_the_first_in_the_log_counts(world: World) -> None:
    """Both see the same version; whoever the log has second is refused by the fold, and told so."""
    issue_id = sent_to_the_province(world)
    one = world.issue(issue_id, REVIEWER)["escalations"][0]
    acts = [(REVIEWER, "accept"), (DEPARTMENT, "acknowledge")]
    statuses: list[int] = []
    barrier = threading.Barrier(len(acts))

    def act(who: tuple[str, ...], name: str) -> None:
        barrier.wait()
        sent = {"expected_version": one["version"], "on_behalf_of": "38.so_khcn"}
        statuses.append(
            world.as_(*who).post(f"/api/v1/escalations/{one['id']}/{name}", json=sent).status_code
        )

    threads = [threading.Thread(target=act, args=(who, name)) for who, name in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409]


def test_a_step_out_of_turn_names_the_state_and_what_is_allowed(world: World) -> None:
    issue_id = world.report()
    refused = world.act(CLERK, "send", issue_id, status=409, document=LETTER)
    assert (refused["reason"], refused["state"]) == ("illegal_transition", "proposed")
    assert world.act(CHAIR, "withdraw", issue_id)["state"] == "withdrawn"


def test_a_retry_with_the_same_key_is_the_same_act(world: World) -> None:
    issue_id = sent_to_the_province(world)
    one = world.issue(issue_id, DEPARTMENT)["escalations"][0]
    key = {"Idempotency-Key": str(uuid.uuid4())}
    sent = {"expected_version": one["version"]}
    path = f"/api/v1/escalations/{one['id']}"
    first = world.as_(*DEPARTMENT).post(f"{path}/acknowledge", json=sent, headers=key)
    again = world.as_(*DEPARTMENT).post(f"{path}/acknowledge", json=sent, headers=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["version"] == again.json()["version"] == one["version"] + 1
    other = world.as_(*DEPARTMENT).post(f"{path}/accept", json=sent, headers=key)
    assert (other.status_code, other.json()["type"]) == (409, "urn:liencap:problem:key-reused")
    wrong = world.as_(*DEPARTMENT).post(f"{path}/accept", json=sent, headers={"Idempotency-Key": "seven"})
    assert wrong.status_code == 422


def test_no_key_takes_the_id_of_what_the_product_says(world: World) -> None:
    issue_id = sent_to_the_province(world)
    world.settle()
    seen = world.issue(issue_id, DEPARTMENT)
    clock = next(one for one in seen["clocks"] if one["clock"] == "first_answer")
    due_at = dt.datetime.fromisoformat(clock["due_at"]).astimezone(dt.UTC)
    breach = uuid.uuid5(uuid.UUID(clock["id"]), f"clock.breached:{due_at.isoformat()}")
    path = f"/api/v1/escalations/{seen['escalations'][0]['id']}/accept"
    done = world.as_(*DEPARTMENT).post(
        path, json={"expected_version": seen["version"]}, headers={"Idempotency-Key": str(breach)}
    )
    assert done.status_code == 200
    assert done.json()["event_id"] != str(breach)
    watch = Watch(world.parts.warehouse, world.log, world.parts.tables)
    late = due_at + dt.timedelta(days=4)
    assert watch.tick(late) >= 1
    world.settle()
    after = world.issue(issue_id, DEPARTMENT)
    assert [one["state"] for one in after["clocks"] if one["id"] == clock["id"]] == ["breached"]
    assert audit(world.parts.warehouse, world.log, until=late).ok


def test_a_key_of_another_actor_opens_no_door(world: World) -> None:
    issue_id = accepted_by_the_province(world)
    one = world.issue(issue_id, DEPARTMENT)["escalations"][0]
    path, key = f"/api/v1/escalations/{one['id']}/answer", {"Idempotency-Key": str(uuid.uuid4())}
    sent = {"expected_version": one["version"], "kind": "guidance", "text": "Làm theo Nghị định 163"}
    first = world.as_(*DEPARTMENT).post(path, json=sent, headers=key)
    again = world.as_(*DEPARTMENT).post(path, json=sent, headers=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["event_id"] == again.json()["event_id"]
    assert [
        world.as_(*who).post(path, json=sent, headers=key).status_code for who in (OFFICER, REVIEWER)
    ] == [
        403,
        403,
    ]


def test_a_key_under_which_an_earlier_release_recorded_an_act_is_still_that_act(world: World) -> None:
    issue_id = sent_to_the_province(world)
    seen = world.issue(issue_id, DEPARTMENT)
    one, key = seen["escalations"][0], uuid.uuid4()
    actor = Actor("department_officer", "38", "38.so_khcn")
    recorded = event_by(
        actor,
        (EscalationAcknowledged, Step(escalation_id=uuid.UUID(one["id"]))),
        source=source_of(actor, world.parts.tables.units),
        event_id=key,
        subject=uuid.UUID(issue_id),
        now=world.clock(),
        expected_version=one["version"],
        on_behalf_of=None,
    )
    path, header = f"/api/v1/escalations/{one['id']}/acknowledge", {"Idempotency-Key": str(key)}
    sent = {"expected_version": one["version"]}
    world.runtime.stop()
    with world.parts.store.begin() as conn:
        enqueue(conn, recorded)
    waiting = world.as_(*DEPARTMENT).post(path, json=sent, headers=header)
    assert (waiting.status_code, waiting.json()["event_id"]) == (202, str(key))
    world.runtime.start()
    world.settle()
    folded = world.as_(*DEPARTMENT).post(path, json=sent, headers=header)
    assert (folded.status_code, folded.json()["event_id"]) == (200, str(key))
    assert world.issue(issue_id, DEPARTMENT)["version"] == seen["version"] + 1
    # Whoever else comes with it meets what it would meet without.
    assert world.as_(*REVIEWER).post(path, json=sent, headers=header).status_code == 403


def test_an_act_that_is_not_seen_in_time_is_queued_and_lost_never(world: World) -> None:
    issue_id = sent_to_the_province(world)
    one = world.issue(issue_id, DEPARTMENT)["escalations"][0]
    world.runtime.stop()
    key = {"Idempotency-Key": str(uuid.uuid4())}
    path, sent = f"/api/v1/escalations/{one['id']}/accept", {"expected_version": one["version"]}
    answer = world.as_(*DEPARTMENT).post(path, json=sent, headers=key)
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    world.runtime.start()
    world.settle()
    assert world.issue(issue_id, DEPARTMENT)["escalations"][0]["state"] == "accepted"
    again = world.as_(*DEPARTMENT).post(path, json=sent, headers=key)
    assert (again.status_code, again.json()["state"]) == (200, "accepted")


def test_nobody_acts_outside_its_unit_or_role(world: World) -> None:
    issue_id = sent_to_the_province(world)
    one = world.issue(issue_id)["escalations"][0]
    sent = {"expected_version": one["version"]}
    for who, act in [
        (("commune_chair", VAN_XUAN), "approve"),
        (("commune_chair", BA_DINH), "approve"),
        (("department_officer", "38", "38.so_noi_vu"), "accept"),
        (("department_officer", "01", "01.so_khcn"), "accept"),
        (("province_reviewer", "01"), "accept"),
        (MINISTRY, "accept"),
        (OFFICER, "accept"),
        (AUDITOR, "accept"),
        (("administrator", "38"), "accept"),
    ]:
        answer = world.as_(*who).post(f"/api/v1/escalations/{one['id']}/{act}", json=sent)
        assert answer.status_code == 403, (who, act, answer.text)


def test_a_dispute_needs_a_reason_and_goes_back_to_the_same_body(world: World) -> None:
    issue_id = accepted_by_the_province(world)
    world.act(DEPARTMENT, "answer", issue_id, kind="solved", text="Đã phủ sóng")
    assert world.act_on_issue(OFFICER, "dispute", issue_id, status=422)["field"] == "reason"
    disputed = world.act_on_issue(OFFICER, "dispute", issue_id, reason="Bản Vịn vẫn chưa có sóng")
    assert (disputed["state"], disputed["holder_body"]) == ("disputed", "38.so_khcn")


def test_a_department_or_ministry_without_a_body_stands_for_all_of_its_unit(world: World) -> None:
    issue_id = sent_to_the_province(world)
    assert world.act(("department_officer", "38"), "accept", issue_id)["state"] == "accepted"


def test_an_unknown_act_or_thing_is_said_to_be_so(world: World) -> None:
    nobody = uuid.uuid4()
    sent = {"expected_version": 1}
    reviewer = world.as_(*REVIEWER)
    assert reviewer.post(f"/api/v1/escalations/{nobody}/accept", json=sent).status_code == 404
    assert reviewer.post(f"/api/v1/issues/{nobody}/confirm", json=sent).status_code == 404
    assert reviewer.get(f"/api/v1/issues/{nobody}").status_code == 404
    assert reviewer.get("/api/v1/issues/not-an-id").status_code == 422
    odd = reviewer.post(f"/api/v1/escalations/{nobody}/promote", json=sent)
    assert (odd.status_code, odd.json()["field"]) == (422, "act")
    extra = reviewer.post(f"/api/v1/escalations/{nobody}/accept", json={**sent, "expectedversion": 1})
    assert (extra.status_code, extra.json()["field"]) == (422, "expectedversion")
