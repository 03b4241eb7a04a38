"""A coordinator ticks difficulties and makes one common problem of them, with all that is known filled in."""

from __future__ import annotations

import re

import pytest

from tests.services.world import REVIEWER, World

pytestmark = pytest.mark.warehouse
LIST = "/tinh?tab=open&sort=age"


def press(world: World, **data: str | list[str]) -> str:
    """Press the button under the list, and return the page that follows."""
    sent = {"hang": LIST, **data}
    answer = world.as_(*REVIEWER).post("/viec/chung", data=sent, headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_ticked_difficulties_become_one_problem_once_and_only_if_they_may_have_one_cause(
    world: World,
) -> None:
    ids = [world.report(kind=kind) for kind in ("lgsp_outage", "lgsp_outage", "staff_shortage")]
    world.settle()
    found = [world.issue(one, REVIEWER) for one in ids]
    alike, other = found[:2], found[2]
    hand_off = {one["id"]: one["escalations"][0]["id"] for one in found}
    page = world.as_(*REVIEWER).get(LIST, headers={"accept": "text/html"}).text
    assert 'formaction="/viec/chung"' in page
    assert "Chưa chọn việc nào." in press(world)
    assert "không chung nguyên nhân" in press(world, id=list(hand_off.values()))
    made = press(world, id=[hand_off[one["id"]] for one in alike])
    assert "Đã gộp 2 khó khăn, vướng mắc." in made
    assert re.search(r"Đã lập: Gián đoạn .+: 1 đơn vị cấp xã, từ ", made)
    world.settle()
    assert all(world.issue(one["id"], REVIEWER)["problem"] for one in alike)
    assert not world.issue(other["id"], REVIEWER)["problem"]
    assert "đều đã nằm trong một vấn đề chung" in press(world, id=[hand_off[one["id"]] for one in alike])
