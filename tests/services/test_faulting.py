"""Faults over the API and the pages: who confirms, where, and what the page of a waiting difficulty says."""

from __future__ import annotations

import pytest

from services.streams.watch import Watch
from tests.services.world import OFFICER, REVIEWER, World

pytestmark = pytest.mark.warehouse
POWER = ("department_officer", "38", "38.dien_luc")


def test_a_fault_is_confirmed_felt_and_cleared_over_the_doors_that_people_use(world: World) -> None:
    fault_id = world.report(kind="power_unstable")
    world.act(POWER, "confirm_fault", fault_id, reason="Mất điện toàn tuyến")
    world.settle()
    assert world.issue(fault_id, OFFICER)["fault"]["unit_codes"] == ["15607"]
    waiting = world.report(kind="one_stop_system_error")
    watch = Watch(world.parts.warehouse, world.parts.log, world.parts.tables)
    assert watch.tick(world.clock()) == 1
    world.settle()
    seen = world.issue(waiting, OFFICER)
    assert (seen["state"], seen["state_label"]) == ("suppressed", "Chờ khắc phục nguyên nhân chung")
    assert {clock["state"] for clock in seen["clocks"]} == {"paused"}
    page = world.as_(*OFFICER).get(f"/xa/kho-khan/{waiting}", headers={"accept": "text/html"}).text
    assert "Chờ khắc phục nguyên nhân chung: Điện chập chờn, mất điện kéo dài." in page
    listed = world.as_(*OFFICER).get("/api/v1/issues?state=suppressed").json()
    assert [issue["id"] for issue in listed["items"]] == [waiting]
    world.act(POWER, "clear_fault", fault_id)
    world.settle()
    assert watch.tick(world.clock()) == 1
    world.settle()
    assert world.issue(waiting, OFFICER)["state"] == "received"


def test_what_nothing_depends_on_is_no_fault_and_an_area_lies_in_the_province(world: World) -> None:
    issue_id = world.report(kind="unclear")
    world.act(REVIEWER, "confirm_fault", issue_id, status=422)
    one = world.issue(issue_id, REVIEWER)["escalations"][0]["id"]
    page = world.as_(*REVIEWER).get(f"/tinh/de-xuat/{one}", headers={"accept": "text/html"}).text
    assert 'id="act-confirm_fault"' not in page
    power = world.report(kind="power_unstable")
    for units in (["00004"], ["99999"]):
        assert world.act(POWER, "confirm_fault", power, status=422, units=units)["field"] == "units"
    world.act(POWER, "confirm_fault", power, units=["38"])
