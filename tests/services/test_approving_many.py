"""A chair approves several proposals by one press: read first, each an act of its own, none hurt by another."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from services.access.actors import Actor
from services.web.work.many import acts_for
from tests.services.world import CHAIR, CLERK, DEPARTMENT, LEADER, OFFICER, REVIEWER, World, tables

LIST = "/xa/kho-khan?state=proposed"
pytestmark = pytest.mark.warehouse


def page_of(world: World, person: tuple[str, ...], path: str, **data: Any) -> str:
    client, headers = world.as_(*person), {"accept": "text/html"}
    answer = client.post(path, data=data, headers=headers) if data else client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def form_at(page: str, action: str) -> dict[str, list[str]]:
    """Return the hidden fields of the form that leads to an address."""
    form = page.partition(f'action="{action}"')[2].partition("</form>")[0]
    assert form, f"no form leads to {action}"
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(html.unescape(value))
    return found


def results_of(page: str) -> dict[str, str]:
    rows = re.findall(r'data-result="(\w+)">.*?href="/xa/kho-khan/([0-9a-f-]+)', page, re.DOTALL)
    return {item: outcome for outcome, item in rows}


def test_a_chair_reads_what_each_proposal_asks_and_approves_them_by_one_press(world: World) -> None:
    first = world.report(place="Bản Vịn", content="Mất sóng cả bản", request="Lắp một trạm tại Bản Vịn")
    second = world.report(place="Bản Đục", content="Sóng rất yếu", request="Nâng công suất trạm Bản Đục")
    left = world.report(place="Bản Khẹo", request="Đề nghị lắp trạm")
    home = page_of(world, CHAIR, "/xa")
    assert "Đề nghị lắp trạm" in home
    assert "Đề nghị: Đề nghị" not in home
    assert "Duyệt 3 đề xuất" in home
    assert home.count(f'name="id" value="{first}" form="many"') == 1
    preview = page_of(world, CHAIR, "/viec/nhieu", act="approve", id=[first, second], hang=LIST)
    for words in ("Lắp một trạm tại Bản Vịn", "Mất sóng cả bản", "Nâng công suất trạm Bản Đục"):
        assert words in preview
    assert results_of(preview) == {first: "ready", second: "ready"}
    assert world.issue(first)["escalations"][0]["state"] == "proposed"
    done = page_of(world, CHAIR, "/viec/nhieu/ghi", **form_at(preview, "/viec/nhieu/ghi"))
    assert "Đã duyệt 2 trong 2 đề xuất" in done
    assert results_of(done) == {first: "done", second: "done"}
    assert "Chờ lãnh đạo duyệt" in preview
    assert "Chờ lãnh đạo duyệt" not in done
    world.settle()
    for issue_id, state in ((first, "awaiting_document"), (second, "awaiting_document"), (left, "proposed")):
        assert world.issue(issue_id)["escalations"][0]["state"] == state
    approved = [one for one in world.issue(first)["timeline"] if one["event"] == "escalation.approved"]
    assert [(one["actor_role"], one["actor_unit"]) for one in approved] == [CHAIR]


def test_the_button_of_the_home_shows_all_that_wait(world: World) -> None:
    waiting = {world.report(place=place) for place in ("Bản Vịn", "Bản Đục")}
    sent = form_at(page_of(world, CHAIR, "/xa"), "/viec/nhieu")
    assert set(sent["id"]) == waiting
    assert set(results_of(page_of(world, CHAIR, "/viec/nhieu", **sent))) == waiting


def test_one_that_was_moved_on_meanwhile_hurts_no_other_and_the_press_repeats_nothing(world: World) -> None:
    first, second = world.report(place="Bản Vịn"), world.report(place="Bản Đục")
    preview = page_of(world, CHAIR, "/viec/nhieu", act="approve", id=[first, second], hang=LIST)
    world.act(CHAIR, "ask_correction", first, reason="Ghi rõ từ ngày nào.")
    sent = form_at(preview, "/viec/nhieu/ghi")
    done = page_of(world, CHAIR, "/viec/nhieu/ghi", **sent)
    assert results_of(done) == {first: "refused", second: "done"}
    assert "Đã duyệt 1 trong 2 đề xuất" in done
    world.settle()
    again = results_of(page_of(world, CHAIR, "/viec/nhieu/ghi", **sent))
    world.settle()
    assert again[first] == "refused"
    timeline = world.issue(second)["timeline"]
    assert sum(one["event"] == "escalation.approved" for one in timeline) == 1
    assert world.issue(first)["escalations"][0]["state"] == "in_correction"


def test_the_office_reminds_of_many_by_one_press_and_the_lead_hears_once_on_a_day(world: World) -> None:
    paper = {"number": "15/TTr-UBND", "date": "2026-11-20"}
    issues = [world.report(place=place) for place in ("Bản Vịn", "Bản Đục")]
    for issue_id in issues:
        world.act(CHAIR, "approve", issue_id)
        world.act(CLERK, "send", issue_id, document=paper)
    before = [world.issue(issue_id)["version"] for issue_id in issues]
    ids = [world.issue(issue_id)["escalations"][0]["id"] for issue_id in issues]
    preview = page_of(world, REVIEWER, "/viec/nhieu", act="remind", id=ids, hang="/tinh")
    done = page_of(world, REVIEWER, "/viec/nhieu/ghi", **form_at(preview, "/viec/nhieu/ghi"))
    assert "Đã đôn đốc 2 trong 2 việc" in done
    world.settle()
    assert "Được đôn đốc: việc đang chờ cơ quan xử lý" in page_of(world, DEPARTMENT, "/thong-bao")
    assert [world.issue(issue_id)["version"] for issue_id in issues] == before
    assert "remind" not in world.issue(issues[0], REVIEWER)["escalations"][0]["allowed"]
    world.act(REVIEWER, "remind", issues[0], status=409)
    again = page_of(world, REVIEWER, "/viec/nhieu", act="remind", id=ids, hang="/tinh")
    assert again.count("Không làm được ở bước này") == 2


def test_a_press_with_nothing_chosen_leads_back_and_says_so(world: World) -> None:
    world.report()
    page = page_of(world, CHAIR, "/viec/nhieu", act="approve", hang=LIST)
    assert "Chưa chọn việc nào." in page


def test_an_act_on_many_is_offered_to_whoever_may_take_it(shared_world: World) -> None:
    now = shared_world.clock()

    def offered(person: tuple[str, ...]) -> list[str]:
        role, unit, *body = person
        return [str(act) for act in acts_for(Actor(role, unit, *body), tables(), now)]  # type: ignore[arg-type]

    assert offered(CHAIR) == ["approve"]
    assert offered(LEADER) == ["acknowledge", "accept", "approve", "remind"]
    assert offered(REVIEWER) == ["acknowledge", "accept", "remind"]
    assert offered(DEPARTMENT) == ["acknowledge", "accept"]
    assert offered(OFFICER) == offered(CLERK) == offered(("auditor", "38")) == []
    page = page_of(shared_world, OFFICER, LIST)
    assert 'id="many"' not in page
