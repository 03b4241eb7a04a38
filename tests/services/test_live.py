"""Live lists: told that something changed and nothing of it, within limits, and silent once the service stops."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from events.log import Position
from services.access.scope import Scope
from services.warehouse.folded import LatestStates
from services.web.work import live
from services.web.work.live import CHANGED, Streams
from tests.reporting.stories import Story
from tests.services.world import REVIEWER, World

WHO = ("province_reviewer", "38", "", "x")
PROVINCE = Scope(("38",), None)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.0)
    monkeypatch.setattr(live, "_GLANCE_SECONDS", 0.0)


def told(streams: Streams, marks: list[int], *, glances: int) -> list[str]:
    """Collect what is said while the mark takes these values, until the service stops after so many glances."""
    left: Iterator[int] = iter(range(glances))
    values = iter(marks)
    last = marks[-1]

    async def collect() -> list[str]:
        stream = live._told(
            streams, WHO, PROVINCE, lambda: (next(values, last),), lambda: next(left, None) is None
        )
        return [said async for said in stream]

    return asyncio.run(collect())


def test_a_change_is_told_once_and_nothing_of_what_changed() -> None:
    said = told(Streams(), [1, 1, 2, 2, 3], glances=8)
    assert said == ["retry: 5000\n\n", CHANGED, CHANGED]


def test_a_stream_ends_when_the_service_stops_and_leaves_its_place() -> None:
    streams = Streams()
    assert told(streams, [1], glances=0) == ["retry: 5000\n\n"]
    assert streams.open == {}
    streams.open.update({WHO: live.MOST_OF_ONE})
    assert not streams.may_open(WHO)
    assert streams.may_open(("another",))
    streams.open.update({("many",): live.MOST_STREAMS})
    assert not streams.may_open(("another",))


@pytest.mark.warehouse
def test_nobody_is_told_of_what_they_may_not_see_and_one_too_many_is_told_to_stop_asking(
    world: World,
) -> None:
    table = world.parts.issue_table
    before = {unit: table.mark(units=[unit]) for unit in ("38", "01")}
    state = replace(Story(name=str(uuid.uuid4())).state, reported_at=world.clock())
    table.save([LatestStates(state, Position("issues", 0, 1))])
    after = {unit: table.mark(units=[unit]) for unit in ("38", "01")}
    assert (after["38"] != before["38"], after["01"] != before["01"]) == (True, False)
    client = world.as_(*REVIEWER)
    streams: Streams = world.app.state.streams
    streams.open[("many",)] = live.MOST_STREAMS
    assert client.get("/viec/dong").status_code == 204
