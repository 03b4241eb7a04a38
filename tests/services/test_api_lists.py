from __future__ import annotations

import uuid
from typing import Any

import pytest

from reporting.dated.calendar import local_day
from tests.services.world import (
    AUDITOR,
    BAT_MOT,
    CHAIR,
    CLERK,
    DEPARTMENT,
    OFFICER,
    REVIEWER,
    VAN_XUAN,
    World,
)

pytestmark = pytest.mark.warehouse


def listed(world: World, who: tuple[str, ...], path: str, **query: Any) -> dict[str, Any]:
    answer = world.as_(*who).get(f"/api/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.slow
def test_pages_hold_every_issue_once_the_latest_first(world: World) -> None:
    ids = [world.report(kind=kind) for kind in ("mobile_dead_spot", "power_unstable", "no_grid_power")]
    ids += [world.report(unit_code=VAN_XUAN)]
    found: list[str] = []
    after: str | None = None
    for _ in range(10):
        page = listed(world, REVIEWER, "issues", limit=2, **({"after": after} if after else {}))
        found += [line["id"] for line in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert found == ids[::-1]


def test_a_list_is_narrowed_by_unit_state_and_kind(world: World) -> None:
    spot, power = world.report(), world.report(kind="power_unstable")
    elsewhere = world.report(unit_code=VAN_XUAN)
    world.act_on_issue(OFFICER, "withdraw", power)

    def ids(**query: str) -> set[str]:
        return {line["id"] for line in listed(world, REVIEWER, "issues", **query)["items"]}

    assert ids() == {spot, power, elsewhere}
    assert ids(unit=BAT_MOT) == {spot, power}
    assert ids(state="withdrawn") == {power}
    assert ids(kind="mobile_dead_spot") == {spot, elsewhere}
    assert ids(kind="mobile_dead_spot", unit=VAN_XUAN) == {elsewhere}
    assert ids(kind="nothing") == set()


def test_a_queue_is_narrowed_by_state_and_body(world: World) -> None:
    sent, waiting = world.report(), world.report()
    world.act(CHAIR, "approve", sent)
    world.act(CLERK, "send", sent, document={"number": "1/TTr-UBND", "date": "2026-11-20"})

    def issues(who: tuple[str, ...], **query: str) -> list[str]:
        return [line["issue_id"] for line in listed(world, who, "escalations", **query)["items"]]

    assert issues(DEPARTMENT, state="sent") == [sent]
    assert issues(CHAIR, state="proposed") == [waiting]
    assert issues(REVIEWER, body="38.so_khcn", unit=BAT_MOT) == [sent]
    assert issues(REVIEWER, body="bo_khcn") == []


def test_a_line_of_a_queue_says_what_it_is_about_and_what_may_be_done(world: World) -> None:
    issue_id = world.report(place="Bản Vịn", people_affected=120)
    [line] = listed(world, CHAIR, "escalations")["items"]
    assert line["issue_id"] == issue_id
    assert line["state_label"] == "Chờ lãnh đạo duyệt"
    assert line["allowed"] == ["approve", "ask_correction", "withdraw"]
    assert (line["issue"]["kind_label"], line["issue"]["people_affected"]) == (
        "Thôn, bản không có hoặc yếu sóng di động",
        120,
    )
    assert line["due"]["clock"] == "approve"
    assert line["issue"]["headline"].startswith("Bản Vịn")
    assert listed(world, AUDITOR, "escalations")["items"][0]["allowed"] == []


def test_an_issue_speaks_the_language_that_is_asked_for(world: World) -> None:
    issue_id = world.report()
    english = listed(world, OFFICER, f"issues/{issue_id}", lang="en")
    assert english["state_label"] == "Received by the system"
    assert english["holder_name"] != listed(world, OFFICER, f"issues/{issue_id}")["holder_name"]


def test_an_erased_text_is_said_to_be_erased_and_the_log_stays_valid(world: World) -> None:
    issue_id = world.report(place="Bản Vịn", tried="Đã gọi nhà mạng")
    place = world.issue(issue_id)["place"]
    path = f"/api/v1/texts/{place['id']}/erase"
    auditor = world.as_(*AUDITOR)
    assert auditor.post(path, json={}).json()["field"] == "reason"
    assert auditor.post(path, json={"reason": "theo yêu cầu của người dân"}).json()["erased"] is True
    seen = world.issue(issue_id)
    assert (seen["place"]["text"], seen["place"]["erased"]) == (None, True)
    assert (seen["tried"]["text"], seen["tried"]["erased"]) == ("Đã gọi nhà mạng", False)
    assert world.act(CHAIR, "approve", issue_id)["state"] == "awaiting_document"
    missing = auditor.post(f"/api/v1/texts/{uuid.uuid4()}/erase", json={"reason": "không có"})
    assert missing.status_code == 404


@pytest.mark.slow
def test_a_refused_act_is_shown_to_its_author_with_the_reason(world: World) -> None:
    """A race that the door did not see: the event was recorded, and the fold refused it."""
    issue_id = world.report()
    one = world.issue(issue_id)["escalations"][0]
    world.runtime.stop()
    for act in ("approve", "withdraw"):
        sent = {"expected_version": one["version"]}
        assert world.as_(*CHAIR).post(f"/api/v1/escalations/{one['id']}/{act}", json=sent).status_code == 202
    world.runtime.start()
    world.settle()
    seen = world.issue(issue_id)
    assert seen["escalations"][0]["state"] == "awaiting_document"
    [refused] = seen["rejected"]
    assert (refused["event"], refused["reason"]) == ("escalation.withdrawn", "version_conflict")
    assert refused["reason_label"] == "Người khác đã xử lý trước"


def test_deadlines_without_law_behind_them_are_never_called_overdue(world: World) -> None:
    issue_id = world.report()
    clocks = world.issue(issue_id)["clocks"]
    assert clocks
    for clock in clocks:
        assert clock["is_reminder"] is (clock["deadline_source"] == "default")
        assert clock["state_label"] in {"Đang tính thời hạn", "Sắp đến hạn", "Đang chờ", "Sắp đến mốc nhắc"}
        assert clock["calendar_version"]


def test_the_tables_that_forms_need_are_listed(world: World) -> None:
    kinds = listed(world, OFFICER, "kinds")
    today, tables = local_day(world.parts.clock()), world.parts.tables
    assert {kind["key"] for kind in kinds["items"]} == {kind.key for kind in tables.competence.kinds(today)}
    assert [group["key"] for group in kinds["groups"]] == [one.key for one in tables.competence.groups()]
    assert {kind["group"] for kind in kinds["items"]} <= {group["key"] for group in kinds["groups"]}
    communes = listed(world, OFFICER, "units", province="38")["items"]
    assert {one["code"] for one in communes} == {one.code for one in tables.units.communes_of("38", today)}
    provinces = listed(world, OFFICER, "units")["items"]
    assert {one["code"] for one in provinces} == {one.code for one in tables.units.provinces(today)}
    assert "38.so_khcn" in {body["id"] for body in listed(world, OFFICER, "bodies", unit="38")["items"]}
