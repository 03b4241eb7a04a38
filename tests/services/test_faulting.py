"""Faults over the API and the pages: who confirms, where, and what the page of a waiting difficulty shows."""

from __future__ import annotations

import pytest

from services.streams.watch import Watch
from tests.services.world import BAT_MOT, OFFICER, REVIEWER, THANH_HOA, VAN_XUAN, World

pytestmark = pytest.mark.warehouse
POWER = ("department_officer", "38", "38.dien_luc")


@pytest.mark.slow
def test_a_fault_is_confirmed_felt_and_cleared_over_the_doors_that_people_use(world: World) -> None:
    fault_id = world.report(kind="power_unstable")
    world.act(POWER, "confirm_fault", fault_id, reason="Mất điện toàn tuyến")
    world.settle()
    assert world.issue(fault_id, OFFICER)["fault"]["unit_codes"] == ["15607"]
    waiting = world.report(kind="one_stop_system_error")
    watch = Watch(world.parts.warehouse, world.log, world.parts.tables)
    assert watch.tick(world.clock()) == 1
    world.settle()
    seen = world.issue(waiting, OFFICER)
    assert (seen["state"], seen["state_label"]) == ("suppressed", "Chờ khắc phục sự cố gốc")
    assert {clock["state"] for clock in seen["clocks"]} == {"paused"}
    page = world.as_(*OFFICER).get(f"/xa/kho-khan/{waiting}", headers={"accept": "text/html"}).text
    assert "Chờ khắc phục sự cố gốc: Điện chập chờn, mất điện kéo dài." in page
    listed = world.as_(*OFFICER).get("/api/v1/issues?state=suppressed").json()
    assert [issue["id"] for issue in listed["items"]] == [waiting]
    world.act(POWER, "clear_fault", fault_id)
    world.settle()
    assert watch.tick(world.clock()) == 1
    world.settle()
    assert world.issue(waiting, OFFICER)["state"] == "received"


@pytest.mark.slow
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


@pytest.mark.slow
def test_each_who_is_told_of_a_fault_is_led_where_they_may_read(world: World) -> None:
    fault_id = world.report(kind="power_unstable")
    world.act(POWER, "confirm_fault", fault_id, units=[BAT_MOT, VAN_XUAN])
    world.settle()
    escalation_id = world.issue(fault_id, REVIEWER)["escalations"][0]["id"]
    html = {"accept": "text/html"}
    for who, path in (
        (OFFICER, f"/xa/kho-khan/{fault_id}"),
        (("commune_officer", VAN_XUAN), "/xa/kho-khan"),
        (("province_reviewer", THANH_HOA, "38.vp_ubnd"), f"/tinh/de-xuat/{escalation_id}"),
    ):
        client = world.as_(*who)
        page = client.get("/thong-bao", headers=html).text
        assert "Đã xác nhận sự cố gốc" in page, who
        notice = page.split("/thong-bao/xem/")[1].split('"')[0]
        led = client.get(f"/thong-bao/xem/{notice}", headers=html, follow_redirects=False).headers["location"]
        assert led == path
        assert client.get(led, headers=html).status_code == 200
    assert "Đã xác nhận sự cố gốc" not in world.as_(*POWER).get("/thong-bao", headers=html).text
