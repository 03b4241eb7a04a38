from __future__ import annotations

import datetime as dt

import pytest

from services.streams.watch import Watch
from tests.services.world import LEADER, OFFICER, World

pytestmark = pytest.mark.warehouse


def test_passing_a_deadline_that_nobody_set_is_a_reminder_and_never_counted_as_overdue(world: World) -> None:
    issue_id = world.report()
    watch = Watch(world.parts.warehouse, world.log, world.parts.tables)
    assert watch.tick(world.clock() + dt.timedelta(days=60)) > 0
    world.settle()
    issue = world.issue(issue_id, OFFICER)
    assert [clock["deadline_source"] for clock in issue["clocks"]] == ["default"]
    assert [clock["state"] for clock in issue["clocks"]] == ["breached"]
    assert issue["clocks"][0]["state_label"] == "Quá mốc nhắc"
    seen = world.as_(*LEADER).get("/api/v1/units/38/overview").json()
    assert [(kind["issue_count"], kind["open_count"], kind["breached_count"]) for kind in seen["kinds"]] == [
        (1, 1, 0)
    ]
    assert sum(unit["breached_issue_count"] for unit in seen["units"]) == 0


def test_the_watch_says_nothing_twice(world: World) -> None:
    world.report()
    later = world.clock() + dt.timedelta(days=60)
    watch = Watch(world.parts.warehouse, world.log, world.parts.tables)
    assert watch.tick(later) > 0
    world.settle()
    assert watch.tick(later) == 0
    assert Watch(world.parts.warehouse, world.log, world.parts.tables).tick(later) == 0
