from __future__ import annotations

import pytest

from tests.services.world import CHAIR, CLERK, DEPARTMENT, LEADER, MINISTRY, OFFICER, REVIEWER, World

pytestmark = pytest.mark.warehouse

LETTER = {"kind": "proposal", "number": "15/TTr-UBND", "date": "2026-11-20", "capacity": "TM."}


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
    assert world.act(REVIEWER, "accept", issue_id)["state"] == "accepted"
    petition = world.act(REVIEWER, "escalate", issue_id, reason="Cần nguồn lực của bộ")
    assert (petition["state"], petition["lead_body"], petition["from_body"]) == (
        "proposed",
        "bo_khcn",
        "38.ubnd",
    )
    assert world.act(LEADER, "approve", issue_id)["state"] == "awaiting_document"
    assert world.act(REVIEWER, "send", issue_id, document=LETTER)["state"] == "sent"
    reply = {"kind": "official_letter", "number": "99/BKHCN-CVT", "date": "2026-11-21"}
    answered = world.act(MINISTRY, "answer", issue_id, kind="solved", text="Lắp trạm quý I", document=reply)
    assert (answered["state"], answered["answer"]["kind"]) == ("answered", "solved")
    relayed = world.act(REVIEWER, "answer", issue_id, index=0, kind="solved", text="Bộ đã lắp trạm")
    assert relayed["issue"]["state"] == "solution_claimed"
    world.act_on_issue(OFFICER, "confirm", issue_id)
    world.settle()
    done = world.issue(issue_id)
    assert done["state"] == "closed"
    assert [entry["event"] for entry in done["timeline"] if not entry["event"].startswith("clock.")] == [
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
