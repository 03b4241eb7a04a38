"""Pausing and resuming over the API and the pages: who may, for which reason, with which paper."""

from __future__ import annotations

import datetime as dt

import pytest

from reporting.dated.pause_reasons import parse_pause_reasons
from reporting.errors import TableError
from tests.reporting.tables import altered, shipped
from tests.services.world import CHAIR, CLERK, DEPARTMENT, LEADER, OFFICER, World

DOCUMENT = {"kind": "official_letter", "number": "871/SKHCN", "date": "2025-10-14"}


def with_the_department(world: World) -> str:
    issue_id = world.report()
    world.act(CHAIR, "approve", issue_id)
    world.act(CLERK, "send", issue_id, document={**DOCUMENT, "number": "12/TTr-UBND"})
    world.act(DEPARTMENT, "accept", issue_id)
    world.settle()
    return issue_id


@pytest.mark.warehouse
@pytest.mark.slow
def test_the_department_pauses_while_it_waits_for_the_commune_and_goes_on_with_what_was_left(
    world: World,
) -> None:
    issue_id = with_the_department(world)
    world.act(DEPARTMENT, "pause", issue_id, pause_reason="waiting_commune", reason="Chờ bản đồ thôn")
    world.settle()
    seen = world.issue(issue_id, OFFICER)
    clock = next(one for one in seen["clocks"] if one["clock"] == "first_answer")
    assert (clock["state"], clock["state_label"]) == ("paused", "Tạm dừng tính thời hạn")
    assert clock["pauses"][0]["reason_label"] == "Chờ cấp xã bổ sung thông tin"
    assert clock["pauses"][0]["note"]["text"] == "Chờ bản đồ thôn"
    assert "resume" in world.issue(issue_id, DEPARTMENT)["escalations"][0]["allowed"]
    page = world.as_(*OFFICER).get(f"/xa/kho-khan/{issue_id}", headers={"accept": "text/html"}).text
    assert "Chờ cấp xã bổ sung thông tin" in page
    world.clock.ahead += dt.timedelta(days=10)
    world.act(DEPARTMENT, "resume", issue_id)
    world.settle()
    after = next(one for one in world.issue(issue_id, OFFICER)["clocks"] if one["clock"] == "first_answer")
    assert after["state"] == "running"
    assert after["due_at"] > clock["due_at"]


@pytest.mark.warehouse
def test_of_two_who_pause_at_once_the_second_sees_who_was_first_and_with_what(world: World) -> None:
    issue_id = with_the_department(world)
    seen = world.issue(issue_id, DEPARTMENT)["version"]
    world.act(LEADER, "pause", issue_id, pause_reason="force_majeure", document=DOCUMENT)
    late = world.act(
        DEPARTMENT, "pause", issue_id, status=409, pause_reason="waiting_commune", expected_version=seen
    )
    assert (late["reason"], late["field"]) == ("version_conflict", "expected_version")
    assert (late["latest_act"]["event"], late["latest_act"]["actor_role"]) == (
        "clock.paused",
        "province_leader",
    )


@pytest.mark.warehouse
@pytest.mark.slow
def test_waiting_for_an_operator_is_no_pause_and_a_reason_is_needed(world: World) -> None:
    issue_id = with_the_department(world)
    for reason in ("waiting_operator", "no_such_reason", None):
        answer = world.act(DEPARTMENT, "pause", issue_id, status=422, pause_reason=reason)
        assert answer["field"] == "pause_reason"


@pytest.mark.warehouse
def test_force_majeure_is_the_provinces_to_say_and_needs_a_document(world: World) -> None:
    issue_id = with_the_department(world)
    world.act(DEPARTMENT, "pause", issue_id, status=403, pause_reason="force_majeure", document=DOCUMENT)
    missing = world.act(LEADER, "pause", issue_id, status=422, pause_reason="force_majeure")
    assert missing["field"] == "document"
    world.act(LEADER, "pause", issue_id, pause_reason="force_majeure", document=DOCUMENT)
    world.act(CHAIR, "pause", issue_id, status=403, pause_reason="waiting_commune")


@pytest.mark.warehouse
@pytest.mark.slow
def test_the_page_offers_the_reasons_that_its_reader_may_give(world: World) -> None:
    issue_id = with_the_department(world)
    one = world.issue(issue_id, DEPARTMENT)["escalations"][0]["id"]
    page = world.as_(*DEPARTMENT).get(f"/tinh/de-xuat/{one}", headers={"accept": "text/html"}).text
    assert 'id="act-pause"' in page
    assert 'value="waiting_applicant"' in page
    assert 'value="force_majeure"' not in page
    assert 'value="waiting_operator"' not in page


def test_the_table_of_reasons_is_read_strictly() -> None:
    table = "pause_reasons.csv"
    assert parse_pause_reasons(shipped(table)).find("waiting_operator", dt.date(2026, 1, 1)) is not None
    for column, cell in (("who", "everybody"), ("clocks", "siesta"), ("may_pause", "false"), ("clocks", "")):
        with pytest.raises(TableError, match=column if column != "clocks" or cell else "may_pause"):
            parse_pause_reasons(altered(table, 2, column, cell))
    without = "\n".join(line for line in shipped(table).splitlines() if not line.startswith("upstream_fault"))
    with pytest.raises(TableError, match="upstream_fault"):
        parse_pause_reasons(without)
