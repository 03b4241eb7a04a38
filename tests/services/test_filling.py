"""A demo that fills itself behind its pages: what it says, what the nation's figures leave out, how it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from starlette.testclient import TestClient

from services.boot.pages import build_whole
from services.errors import NotReady
from services.simulate.background import Background
from services.web.figures.figures import communes_in
from services.web.shell.filling import Filling
from tests.services.world import HA_NOI, MINISTRY, THANH_HOA, World

LINE = "Đang dựng số liệu: 12/34 tỉnh"
PATIENCE = 30.0


def test_pages_say_how_far_a_demo_is_and_the_line_goes_away(shared_world: World) -> None:
    left: list[Filling] = [Filling(12, 34, frozenset())]
    parts = replace(shared_world.parts, filling=lambda: left[0] if left else None)
    known = shared_world.as_(*MINISTRY).headers["authorization"]
    with TestClient(build_whole(parts), headers={"authorization": known, "accept": "text/html"}) as browser:
        page = browser.get("/tw")
        assert LINE in page.text
        assert 'hx-get="/dung-so-lieu"' in page.text
        assert LINE in browser.get("/dung-so-lieu").text
        left.clear()
        assert browser.get("/dung-so-lieu").text.strip() == ""
        assert "/dung-so-lieu" not in browser.get("/tw").text


def test_the_nation_leaves_out_the_province_that_is_being_filled_and_that_alone(shared_world: World) -> None:
    units = shared_world.parts.tables.units
    parts = replace(shared_world.parts, filling=lambda: Filling(3, 34, frozenset({HA_NOI})))
    whole = communes_in(shared_world.parts, "vn")
    of_province = {unit.code for unit in units.communes_of(HA_NOI)}
    assert set(whole) - set(communes_in(parts, "vn")) == of_province
    assert communes_in(parts, HA_NOI) == communes_in(shared_world.parts, HA_NOI)


def test_provinces_become_complete_one_after_another_and_a_refusal_is_tried_again() -> None:
    said: list[Filling | None] = []
    done, refusals = threading.Event(), [NotReady("the engine rests")]

    def work(code: str, before_each: Callable[[], None]) -> None:
        before_each()
        said.append(background())
        if code == HA_NOI and refusals:
            raise refusals.pop()
        if code == "04":
            done.set()

    background = Background((THANH_HOA, HA_NOI, "04"), (THANH_HOA, HA_NOI, "04"), work, tries_again_seconds=0)
    background.start()
    assert done.wait(PATIENCE)
    background.stop()
    assert said == [
        Filling(0, 3, frozenset()),
        Filling(1, 3, frozenset({HA_NOI})),
        Filling(1, 3, frozenset({HA_NOI})),
        Filling(2, 3, frozenset({"04"})),
    ]
    assert background() is None


def test_it_stops_before_the_next_step_and_says_that_the_rest_is_left() -> None:
    begun, steps = threading.Event(), []

    def work(code: str, before_each: Callable[[], None]) -> None:
        while True:
            before_each()
            steps.append(code)
            begun.set()

    background = Background((THANH_HOA, HA_NOI), (HA_NOI,), work)
    background.start()
    assert begun.wait(PATIENCE)
    background.stop()
    count = len(steps)
    assert background() == Filling(1, 2, frozenset({HA_NOI}))
    assert len(steps) == count
