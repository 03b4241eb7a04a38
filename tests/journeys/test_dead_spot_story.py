"""The founding story over HTTP, on real processes: a dead spot goes up to the ministry, one answer comes down."""

from __future__ import annotations

import uuid
from typing import Any

import httpx2
import pytest

from tests.journeys.conftest import Home
from tests.journeys.installation import Running, eventually

pytestmark = [pytest.mark.process, pytest.mark.warehouse, pytest.mark.slow]

BAT_MOT = "15607"
DOCUMENT = {
    "kind": "proposal",
    "number": "15/TTr-UBND",
    "date": "2026-11-20",
    "signer": "Lê Văn A",
    "capacity": "tm",
}


def act(client: httpx2.Client, escalation: dict[str, Any], name: str, **sent: Any) -> dict[str, Any]:
    sent.setdefault("expected_version", escalation["version"])
    answer = client.post(f"/api/v1/escalations/{escalation['id']}/{name}", json=sent)
    assert answer.status_code == 200, f"{name}: {answer.text}"
    return dict(answer.json())


def issue_of(client: httpx2.Client, issue_id: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/issues/{issue_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def report(server: Running, unit_code: str = BAT_MOT) -> str:
    officer, issue_id = server.as_("commune_officer", unit_code), str(uuid.uuid4())
    body = {
        "id": issue_id,
        "kind": "mobile_dead_spot",
        "severity": "high",
        "place": "Bản Vịn",
        "content": "Cả bản không có sóng của ba nhà mạng",
        "request": "Đề nghị lắp trạm phát sóng tại bản",
        "tried": "Đã làm việc với doanh nghiệp viễn thông, chưa có lịch đặt trạm",
        "people_affected": 120,
        "cases_blocked": 3,
    }
    first = officer.post(f"/api/v1/communes/{unit_code}/issues", json=body)
    assert first.status_code == 201, first.text
    assert first.json()["id"] == issue_id
    again = officer.post(f"/api/v1/communes/{unit_code}/issues", json=body)
    assert again.json() == first.json()
    other = officer.post(f"/api/v1/communes/{unit_code}/issues", json={**body, "severity": "low"})
    assert other.status_code == 409
    return issue_id


def test_a_dead_spot_goes_up_to_the_ministry_and_its_answer_is_confirmed_by_the_commune(home: Home) -> None:
    with home.serving() as server:
        officer, chair, clerk = (
            server.as_(r, BAT_MOT) for r in ("commune_officer", "commune_chair", "commune_clerk")
        )
        department = server.as_("department_officer", "38", "38.so_khcn")
        leader, reviewer = server.as_("province_leader", "38"), server.as_("province_reviewer", "38")
        issue_id = report(server)

        eventually(lambda: officer.get(f"/api/v1/issues/{issue_id}").status_code == 200)
        seen = eventually(lambda: (found := issue_of(officer, issue_id))["escalations"] and found)
        assert seen["lane"] == "proposal"
        assert seen["level"] == "province"
        assert "Luật Viễn thông" in seen["explanation"]["basis"]
        assert "thẩm quyền" in seen["explanation"]["vi"]
        root = seen["escalations"][0]
        assert (root["state"], root["lead_body"]) == ("proposed", "38.so_khcn")
        assert department.get("/api/v1/escalations?body=38.so_khcn&state=proposed").json()["items"] == []

        act(chair, root, "approve", capacity="direct")
        sent = act(clerk, issue_of(clerk, issue_id)["escalations"][0], "send", document=DOCUMENT)
        assert sent["state"] == "sent"
        queue = department.get("/api/v1/escalations?body=38.so_khcn&state=sent").json()["items"]
        assert [each["issue_id"] for each in queue] == [issue_id]
        act(department, queue[0], "acknowledge")
        act(department, issue_of(department, issue_id)["escalations"][0], "accept")

        root = issue_of(reviewer, issue_id)["escalations"][0]
        act(reviewer, root, "escalate", reason="Cần kinh phí từ quỹ dịch vụ viễn thông công ích")
        petition = issue_of(leader, issue_id)["escalations"][-1]
        assert (petition["level"], petition["lead_body"], petition["state"]) == (
            "ministry",
            "bo_khcn",
            "proposed",
        )
        act(leader, petition, "approve")
        petition = issue_of(reviewer, issue_id)["escalations"][-1]
        act(
            reviewer,
            petition,
            "send",
            document={**DOCUMENT, "number": "120/UBND-KGVX", "kind": "official_letter"},
        )
        petition = issue_of(reviewer, issue_id)["escalations"][-1]
        act(
            reviewer,
            petition,
            "answer",
            kind="solved",
            text="Đưa bản vào chương trình phủ sóng năm 2026",
            on_behalf_of="bo_khcn",
            document={
                "kind": "official_letter",
                "number": "88/BKHCN-CVT",
                "date": "2026-11-22",
                "issuer": "bo_khcn",
            },
        )

        root = issue_of(department, issue_id)["escalations"][0]
        relayed = act(
            department,
            root,
            "answer",
            kind="solved",
            text="Đã lắp trạm phát sóng tại bản, đề nghị xã kiểm tra",
            document={"kind": "official_letter", "number": "45/SKHCN-BCVT", "date": "2026-11-23"},
        )
        assert relayed["issue"]["state"] == "solution_claimed"
        version = issue_of(officer, issue_id)["version"]
        done = officer.post(f"/api/v1/issues/{issue_id}/confirm", json={"expected_version": version})
        assert done.status_code == 200, done.text
        closed = eventually(lambda: (found := issue_of(officer, issue_id))["state"] == "closed" and found)
        assert {each["state"] for each in closed["escalations"]} == {"closed"}
        assert next(each["event"] for each in closed["timeline"]) == "issue.reported"
        assert any(each["on_behalf_of"] == "bo_khcn" for each in closed["timeline"])
        labels = [each["label"] for each in closed["timeline"]]
        assert labels.index("Lập đề xuất cấp có thẩm quyền") < labels.index("Lập kiến nghị bộ, ngành")
        assert server.stop() == 0
    audit = home.run("audit")
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_what_was_acknowledged_is_there_after_a_power_cut(home: Home) -> None:
    with home.serving() as server:
        issue_id = report(server)
        server.kill()
    with home.serving() as server:
        officer = server.as_("commune_officer", BAT_MOT)
        found = eventually(lambda: officer.get("/api/v1/issues?unit=15607").json()["items"])
        assert [each["id"] for each in found] == [issue_id]
        assert server.as_("commune_officer", "15622").get(f"/api/v1/issues/{issue_id}").status_code == 403


def test_the_page_of_the_commune_answers_without_a_session_by_asking_for_one(home: Home) -> None:
    with (
        home.serving() as server,
        httpx2.Client(base_url=server.address_for("commune_officer")) as nobody,
    ):
        assert nobody.get("/healthz").json() == {"status": "ok"}
        assert eventually(lambda: nobody.get("/readyz").status_code == 200)
        assert nobody.get("/api/v1/issues").status_code == 401
        assert nobody.get("/xa", headers={"accept": "text/html"}).status_code in {303, 401}
        assert "liencap_outbox_events 0.0" in nobody.get("/metrics").text
