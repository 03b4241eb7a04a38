"""Problems through the HTTP door: opened, joined with a suggestion, answered once, confirmed place by place."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from services.acting.suggestions import compared
from services.language.vietnamese import unaccented
from tests.services.world import (
    BAT_MOT,
    CHAIR,
    DEPARTMENT,
    OFFICER,
    REVIEWER,
    VAN_XUAN,
    World,
)

pytestmark = pytest.mark.warehouse

PROBLEMS = "/api/v1/problems"
VX_OFFICER = ("commune_officer", VAN_XUAN)
KIND = "one_stop_system_error"


def opened(world: World, **more: Any) -> dict[str, Any]:
    body = {"kind": KIND, "title": "Một cửa treo khi ký số", "lead_body": "38.so_khcn", **more}
    answer = world.as_(*REVIEWER).post(PROBLEMS, json=body)
    assert answer.status_code == 201, answer.text
    world.settle()
    found: dict[str, Any] = answer.json()
    return found


def problem(world: World, problem_id: str, who: tuple[str, ...] = REVIEWER) -> dict[str, Any]:
    answer = world.as_(*who).get(f"{PROBLEMS}/{problem_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def act(world: World, problem_id: str, name: str, *, status: int = 200, **sent: Any) -> dict[str, Any]:
    who = sent.pop("who", DEPARTMENT)
    sent.setdefault("expected_version", problem(world, problem_id, who)["version"])
    answer = world.as_(*who).post(f"{PROBLEMS}/{problem_id}/{name}", json=sent)
    assert answer.status_code == status, answer.text
    world.settle()
    found: dict[str, Any] = answer.json()
    return found


def joined(world: World, problem_id: str, issue_id: str, **sent: Any) -> None:
    world.act_on_issue(REVIEWER, "join", issue_id, problem=problem_id, **sent)
    world.settle()


def test_a_list_of_problems_goes_on_from_its_last_row(world: World) -> None:
    first, second = opened(world)["id"], opened(world, title="Cổng dịch vụ công treo")["id"]
    client = world.as_(*REVIEWER)
    page = client.get(PROBLEMS, params={"limit": 1}).json()
    assert [one["id"] for one in page["items"]] == [second]
    rest = client.get(PROBLEMS, params={"limit": 1, "after": page["next"]}).json()
    assert ([one["id"] for one in rest["items"]], rest["next"]) == ([first], None)
    wrong = client.get(PROBLEMS, params={"after": "bogus"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "after")


@pytest.mark.slow
def test_one_answer_for_two_communes_and_each_confirms_for_itself(world: World) -> None:
    one, other = world.report(kind=KIND), world.report(unit_code=VAN_XUAN, kind=KIND)
    found = opened(world)["id"]
    joined(world, found, one)
    joined(world, found, other, found_by="key")
    assert problem(world, found)["counts"]["member_count"] == 2
    act(world, found, "answer", kind="solved", text="Đã khởi động lại dịch vụ ký số")
    for issue_id, who in ((one, OFFICER), (other, VX_OFFICER)):
        seen = world.issue(issue_id, who)
        assert seen["state"] == "solution_claimed"
        assert seen["problem"]["title"] == "Một cửa treo khi ký số"
        assert seen["problem"]["answer"]["text"] == "Đã khởi động lại dịch vụ ký số"
        assert "confirm" in seen["allowed"]
    world.act_on_issue(OFFICER, "confirm", one)
    world.settle()
    counts = problem(world, found)["counts"]
    assert (counts["answered_count"], counts["claimed_count"], counts["confirmed_count"]) == (2, 1, 1)
    world.act_on_issue(VX_OFFICER, "dispute", other, reason="Vẫn treo")
    world.settle()
    counts = problem(world, found)["counts"]
    assert (counts["claimed_count"], counts["confirmed_count"], counts["disputed_count"]) == (0, 1, 1)
    closed = act(world, found, "close", who=REVIEWER)
    assert closed["state"] == "closed"
    assert world.issue(other, VX_OFFICER)["state"] == "disputed"


def test_unjoining_takes_the_answer_back_and_the_clock_runs_on(world: World) -> None:
    issue_id = world.report(kind=KIND)
    before = world.issue(issue_id)
    found = opened(world)["id"]
    joined(world, found, issue_id)
    act(world, found, "answer", kind="guidance", text="Xóa bộ nhớ đệm của trình duyệt")
    world.act_on_issue(REVIEWER, "unjoin", issue_id, reason="Nguyên nhân khác: hỏng máy quét")
    world.settle()
    after = world.issue(issue_id)
    assert (after["state"], after["holder"], after["problem"]) == (before["state"], before["holder"], None)
    *own, confirmation = after["clocks"]
    assert own == before["clocks"]
    assert (confirmation["clock"], confirmation["state"]) == ("confirm", "stopped")
    assert problem(world, found)["members"] == []


def test_whoever_is_second_is_told_who_was_first(world: World) -> None:
    found = opened(world)["id"]
    act(world, found, "rename", title="Một cửa treo", expected_version=1)
    late = act(world, found, "rename", title="Lỗi ký số", expected_version=1, status=409, who=REVIEWER)
    assert late["latest_act"]["event"] == "problem.renamed"
    assert late["latest_act"]["actor_role"] == "department_officer"


def test_the_same_key_opens_one_problem(world: World) -> None:
    body = {"kind": KIND, "title": "Một cửa treo khi ký số", "lead_body": "38.so_khcn"}
    key = {"Idempotency-Key": str(uuid.uuid4())}
    found = {world.as_(*REVIEWER).post(PROBLEMS, json=body, headers=key).json()["id"] for _ in range(3)}
    assert len(found) == 1
    reused = world.as_(*REVIEWER).post(
        f"{PROBLEMS}/{found.pop()}/rename", headers=key, json={"expected_version": 1, "title": "Tên khác hẳn"}
    )
    assert reused.json()["type"] == "urn:liencap:problem:key-reused"


def test_a_refusal_without_a_document_is_asked_for_one(world: World) -> None:
    found = opened(world)["id"]
    for kind in ("solved", "guidance"):
        assert act(world, found, "answer", kind=kind, status=422)["field"] == "text"
    assert act(world, found, "answer", kind="refused", status=422)["field"] == "document"
    letter = {"number": "210/SKHCN-VT", "date": "2026-11-20"}
    assert act(world, found, "answer", kind="refused", document=letter)["state"] == "answered"


@pytest.mark.parametrize(
    ("signer", "day", "field"),
    [
        ("Nguyễn Văn Anh 0912345678", "2026-12-20", "document.signer"),
        ("Nguyễn Văn Anh", "2026-11-19", "expected_on"),
    ],
)
def test_an_answer_for_all_is_held_to_what_one_for_a_single_issue_is(
    world: World, signer: str, day: str, field: str
) -> None:
    found = opened(world)["id"]
    letter = {"number": "210/SKHCN-VT", "date": "2026-11-20", "signer": "Nguyễn Văn Anh"}
    said: dict[str, Any] = {"kind": "waiting_resources", "expected_on": "2026-12-20", "document": letter}
    wrong = said | {"expected_on": day, "document": letter | {"signer": signer}}
    assert act(world, found, "answer", status=422, **wrong)["field"] == field
    assert act(world, found, "answer", **said)["answers"][0]["document"]["signer"] == "Nguyễn Văn Anh"


def test_nothing_is_joined_to_a_problem_that_is_over_or_is_none(world: World) -> None:
    issue_id = world.report(kind=KIND)
    found = opened(world)["id"]
    act(world, found, "withdraw", reason="Lập nhầm")
    world.act_on_issue(REVIEWER, "join", issue_id, problem=found, status=409)
    world.act_on_issue(REVIEWER, "join", issue_id, problem=str(uuid.uuid4()), status=404)
    world.act_on_issue(REVIEWER, "join", issue_id, status=422)


def test_a_name_in_a_title_is_refused(world: World) -> None:
    body = {"kind": KIND, "title": "Anh Nguyễn Văn Nam 0912345678 báo lỗi", "lead_body": "38.so_khcn"}
    answer = world.as_(*REVIEWER).post(PROBLEMS, json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "title")


@pytest.mark.slow
def test_alike_reports_are_suggested_first_and_say_why(world: World) -> None:
    first = world.report(kind=KIND, content="Hệ thống một cửa treo khi ký số hồ sơ, đã khởi động lại máy")
    alike = world.report(
        unit_code=VAN_XUAN, kind=KIND, content="da khoi dong lai may, he thong mot cua treo khi ky so"
    )
    unlike = world.report(unit_code=VAN_XUAN, kind=KIND, content="Không in được giấy hẹn")
    stranger = world.report(unit_code=VAN_XUAN, kind="mobile_dead_spot")
    found = opened(world)["id"]
    joined(world, found, first)
    items = world.as_(*REVIEWER).get(f"{PROBLEMS}/{found}/suggestions").json()["items"]
    ids = [one["issue"]["id"] for one in items]
    assert (ids.index(alike), items[0]["found_by"]) == (0, "likeness")
    assert items[0]["likeness"] >= 70
    assert "giống nhau" in items[0]["reason"]
    assert items[ids.index(unlike)]["found_by"] == "key"
    assert stranger not in ids
    assert first not in ids


def test_likeness_needs_neither_accents_nor_order() -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    ours = {
        one: unaccented("Mất sóng Viettel tại bản Vịn"),
        other: unaccented("Thiếu máy quét ở bộ phận một cửa"),
    }
    found = compared(ours, [unaccented("tai ban Vin mat song viettel")])
    assert found[one] == 100
    assert found[other] < 60
    assert compared({}, ["a"]) == {}


def test_a_commune_sees_its_problem_with_its_issue_and_no_list(world: World) -> None:
    assert world.as_("commune_chair", BAT_MOT).get(PROBLEMS).status_code == 403
    found = opened(world)["id"]
    assert world.as_(*CHAIR).get(f"{PROBLEMS}/{found}").status_code == 403
    assert found in {one["id"] for one in world.as_(*REVIEWER).get(PROBLEMS).json()["items"]}
    assert world.as_("province_reviewer", "01").get(PROBLEMS).json()["items"] == []
