from __future__ import annotations

import uuid
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.services.world import (
    ADMINISTRATOR,
    AUDITOR,
    BA_DINH,
    BAT_MOT,
    CHAIR,
    CLERK,
    DEPARTMENT,
    HA_NOI,
    LEADER,
    MINISTRY,
    OFFICER,
    REVIEWER,
    SAID,
    VAN_XUAN,
    World,
)

pytestmark = pytest.mark.warehouse
HERE = f"/api/v1/communes/{BAT_MOT}"


@pytest.fixture
def officer(world: World) -> TestClient:
    return world.as_(*OFFICER)


def row(world: World, code: str = "H56.20-260715-0001", status: object = 2, **said: Any) -> dict[str, Any]:
    today = world.clock().date().isoformat()
    return {"MaHoSo": code, "MaTTHC": "1.004873", "NgayTiepNhan": today, "TrangThai": status, **said}


def test_a_batch_is_answered_row_by_row(world: World, officer: TestClient) -> None:
    rows = [row(world, "A-1"), row(world, "A-2", 12), row(world, "A-1", 4), row(world, "A-1", 4)]
    answer = officer.post(f"{HERE}/cases/sync", json={"rows": rows})
    assert answer.status_code == 200
    assert answer.json()["counts"] == {"created": 1, "advanced": 1, "unchanged": 1, "rejected": 1}
    assert [(one["row"], one["dossier_code"], one["outcome"]) for one in answer.json()["results"]] == [
        (0, "A-1", "created"),
        (1, "A-2", "rejected"),
        (2, "A-1", "advanced"),
        (3, "A-1", "unchanged"),
    ]
    refused = answer.json()["results"][1]
    assert (refused["field"], refused["status_code"], refused["allowed"]) == ("TrangThai", None, None)
    assert "1 to 10" in refused["reason"]
    assert officer.post(f"{HERE}/cases/sync", json=rows).json()["counts"]["created"] == 0


def test_a_body_that_is_no_batch_is_refused_as_a_problem(officer: TestClient) -> None:
    for body, status, kind in (
        (b"{", 400, "broken-json"),
        (b"", 400, "broken-json"),
        (b"[NaN]", 400, "broken-json"),
        (b'"rows"', 422, "bad-input"),
        (b'{"row": []}', 422, "bad-input"),
        (b'{"rows": {}}', 422, "bad-input"),
        (b"[" + b"{}," * 10_000 + b"{}]", 413, "too-large"),
        (b" " * 20_000_001, 413, "too-large"),
    ):
        answer = officer.post(f"{HERE}/cases/sync", content=body)
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:liencap:problem:{kind}")
        assert answer.headers["content-type"] == "application/problem+json"


def test_nonsense_among_the_rows_is_answered_in_its_place(officer: TestClient, world: World) -> None:
    rows: list[Any] = [1, None, "x", [], {}, row(world, "A-1")]
    answer = officer.post(f"{HERE}/cases/sync", json=rows)
    assert [one["outcome"] for one in answer.json()["results"]] == ["rejected"] * 5 + ["created"]


def test_cases_are_listed_page_by_page(world: World, officer: TestClient) -> None:
    officer.post(f"{HERE}/cases/sync", json=[row(world, f"A-{n}", 4) for n in range(5)] + [row(world, "B-1")])
    seen, after = [], ""
    while after is not None:
        page = officer.get(f"{HERE}/cases?status=4&limit=2" + (f"&after={after}" if after else "")).json()
        seen += [item["dossier_code"] for item in page["items"]]
        after = page["next"]
    assert sorted(seen) == [f"A-{n}" for n in range(5)]
    [item] = officer.get(f"{HERE}/cases?status=2").json()["items"]
    assert {"status_code", "due_on", "received_on", "channel", "unit_code", "case_key"} <= set(item)
    assert officer.get(f"{HERE}/cases?overdue_on=1999-01-01").json() == {"items": [], "next": None}
    for wrong in ("status=11", "status=x", "limit=0", "overdue_on=soon", "after=x"):
        answer = officer.get(f"{HERE}/cases?{wrong}")
        assert (answer.status_code, answer.json()["field"]) == (422, wrong.split("=")[0])


def test_only_the_commune_itself_sees_dossier_codes(world: World, officer: TestClient) -> None:
    officer.post(f"{HERE}/cases/sync", json=[row(world)])
    for who in (OFFICER, CHAIR, CLERK):
        [item] = world.as_(*who).get(f"{HERE}/cases").json()["items"]
        assert item["dossier_code"] == "H56.20-260715-0001"
    for who in (REVIEWER, LEADER, AUDITOR, ADMINISTRATOR):
        [item] = world.as_(*who).get(f"{HERE}/cases").json()["items"]
        assert item["dossier_code"] is None


def test_other_units_see_and_send_nothing(world: World, officer: TestClient) -> None:
    officer.post(f"{HERE}/cases/sync", json=[row(world)])
    strangers = [
        ("commune_officer", VAN_XUAN),
        ("commune_chair", VAN_XUAN),
        ("commune_officer", BA_DINH),
        ("province_leader", HA_NOI),
        ("administrator", HA_NOI),
        MINISTRY,
        DEPARTMENT,
    ]
    for who in strangers:
        client = world.as_(*who)
        assert client.get(f"{HERE}/cases").status_code == 403
        assert client.post(f"{HERE}/cases/sync", json=[row(world, "A-9")]).status_code == 403
        assert client.post(f"{HERE}/cases/A-9/status", json={"TrangThai": 4}).status_code == 403
        assert client.post(f"{HERE}/issues", json={}).status_code == 403
    for path in (f"{HERE}/cases", "/api/v1/communes/99999/cases"):
        assert world.client.get(path).status_code == 401
    assert world.as_("administrator", "vn").get("/api/v1/communes/99999/cases").status_code == 404


def test_a_step_is_taken_or_refused_with_what_may_follow(world: World, officer: TestClient) -> None:
    code = "000.17.22.H56-260715-0001"
    officer.post(f"{HERE}/cases/sync", json=[row(world, code)])
    answer = officer.post(f"{HERE}/cases/{code}/status", json={"TrangThai": 5})
    assert (answer.status_code, answer.json()["outcome"], answer.json()["status_code"]) == (
        200,
        "advanced",
        5,
    )
    refused = officer.post(f"{HERE}/cases/{code}/status", json={"TrangThai": 10})
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert (problem["field"], problem["current_status"], problem["allowed"]) == ("TrangThai", 5, [2, 4, 7, 8])
    for body, status in (({"TrangThai": "x"}, 422), ([], 422), ({"TrangThai": 4, "NgayTrangThai": "x"}, 422)):
        assert officer.post(f"{HERE}/cases/{code}/status", json=body).status_code == status
    assert officer.post(f"{HERE}/cases/unknown/status", json={"TrangThai": 4}).status_code == 404
    assert world.as_(*CLERK).post(f"{HERE}/cases/{code}/status", json={"TrangThai": 4}).status_code == 403


def test_a_code_with_a_slash_reaches_its_case(world: World, officer: TestClient) -> None:
    officer.post(f"{HERE}/cases/sync", json=[row(world, "HS/2026/7")])
    assert officer.post(f"{HERE}/cases/HS%2F2026%2F7/status", json={"TrangThai": 4}).status_code == 200


def test_a_report_is_answered_once_and_for_all(officer: TestClient) -> None:
    body = {
        "id": str(uuid.uuid4()),
        "kind": "mobile_dead_spot",
        "severity": "high",
        "place": "Bản Vịn",
        **SAID,
        "tried": "Đã làm việc với doanh nghiệp viễn thông",
        "people_affected": 120,
        "cases_blocked": 3,
        "occurred_at": "2026-07-01T08:00:00+07:00",
    }
    first = officer.post(f"{HERE}/issues", json=body)
    assert first.status_code == 201
    assert first.json()["id"] == body["id"]
    assert first.json()["state"] == "received"
    assert first.headers["location"] == f"/api/v1/issues/{body['id']}"
    again = officer.post(f"{HERE}/issues", json=dict(reversed(body.items())))
    assert (again.status_code, again.json()) == (201, first.json())
    other = officer.post(f"{HERE}/issues", json={**body, "severity": "low"})
    assert (other.status_code, other.json()["type"]) == (409, "urn:liencap:problem:key-reused")


def test_a_wrong_report_names_its_field_and_repeats_nothing(officer: TestClient) -> None:
    good = {
        "id": str(uuid.uuid4()),
        "kind": "mobile_dead_spot",
        "severity": "high",
        "place": "Bản Vịn",
        **SAID,
    }
    for said, field in (
        ({"kind": "no_such"}, "kind"),
        ({"severity": "very"}, "severity"),
        ({"people_affected": -1}, "people_affected"),
        ({"occurred_at": "2098-01-01T00:00:00Z"}, "occurred_at"),
        ({"place": "nhà ông Lò Văn Bun"}, "place"),
        ({"place": None}, "place"),
        ({"tried": "gọi 0912345678"}, "tried"),
        ({"extra": 1}, "extra"),
    ):
        answer = officer.post(f"{HERE}/issues", json={**good, **said})
        assert (answer.status_code, answer.json()["field"]) == (422, field)
        assert "0912345678" not in answer.text
        assert "Lò Văn Bun" not in answer.text
    assert officer.post(f"{HERE}/issues", content=b"{").status_code == 400
    assert officer.post(f"{HERE}/issues", content=b"[" * 1_000_001).status_code == 413
    assert officer.post(f"{HERE}/issues", json=good).status_code == 201
