"""The page of operators about Grafana: what is published, since when, what differs; it waits for nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import pytest

from services.grafana.files import dashboards
from services.grafana.publish import Source, publish
from services.grafana.server import Server
from services.grafana.standing import Standing
from services.grafana.watch import GrafanaWatch, look_at, watch_of
from services.settings import load_settings
from tests.databases import Databases
from tests.grafana_server import TOKEN, running_grafana
from tests.services import world as who
from tests.services.world import World, open_world

pytestmark = pytest.mark.warehouse

PAGE = "/van-hanh/grafana"
AUDITOR = ("auditor", "vn")
SOURCE = Source("clickhouse", 8123, is_secure=False, user="reads", password="x", database="liencap")
BOARDS = dashboards()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[World]:
    fresh = databases.fresh()
    with closing(fresh), open_world(tmp_path_factory.mktemp("page"), fresh) as opened:
        yield opened


def shown(world: World, person: tuple[str, ...] = AUDITOR, lang: str = "en") -> str:
    answer = world.as_(*person).get(f"{PAGE}?lang={lang}")
    assert answer.status_code == 200, answer.text
    return answer.text


def with_watch(world: World, watch: GrafanaWatch | None) -> None:
    world.app.state.parts = replace(world.parts, grafana=watch)


def watching(world: World, look: Callable[[], Sequence[Standing]]) -> GrafanaWatch:
    watch = GrafanaWatch("http://grafana.example/", look, world.clock)
    with_watch(world, watch)
    return watch


def test_an_installation_without_grafana_says_so_in_both_languages(world: World) -> None:
    with_watch(world, watch_of(load_settings(), world.clock))
    assert "This installation uses no Grafana" in shown(world)
    assert "không dùng Grafana" in shown(world, lang="vi")


def test_the_page_does_not_wait_for_a_grafana_that_does_not_answer(world: World) -> None:
    answered, asked = threading.Event(), []

    def never(timeout: float = 30) -> Sequence[Standing]:
        asked.append(timeout)
        answered.wait(timeout)
        return [Standing("board", "liencap-cu", is_there=False, title="Bảng cũ")]

    watch = watching(world, never)
    assert "Grafana is being asked" in shown(world)
    assert "Grafana is being asked" in shown(world)
    answered.set()
    assert watch.wait(30)
    assert "Bảng cũ" in shown(world)
    assert len(asked) == 1, "one look at a time, and none while the last is fresh"


def test_it_shows_what_is_published_since_when_and_what_differs(world: World) -> None:
    with running_grafana(13) as grafana:
        server = Server(grafana.url, TOKEN)
        settings = load_settings(grafana_url=grafana.url, grafana_token=TOKEN)
        publish(server, SOURCE, BOARDS)

        def page() -> str:
            watch = watching(world, lambda: look_at(settings))
            watch.latest()
            assert watch.wait(60)
            return shown(world)

        same = page()
        assert "Everything in Grafana is as in this release" in same
        assert all(one.title in same for one in BOARDS)
        assert "2026-11-30 07:00" in same
        assert 'href="http://grafana.example/d/liencap-tinh"' in same
        grafana.edit("liencap-tinh", "nguyen.van.a", title="Của tôi")
        del grafana.organisations[1].boards["liencap-duong-di"]
        grafana.organisations[1].board_rights.clear()
        differs = page()
        assert "3 things in Grafana differ" in differs
        assert all(word in differs for word in ("edited by somebody", "nguyen.van.a", "not there", "/title"))
        assert "is stored as v2beta1" in differs
        assert differs.index("edited by somebody") < differs.index("as in this release"), "it stands first"


def test_why_grafana_cannot_be_looked_at_is_said(world: World) -> None:
    with running_grafana(13) as gone:
        settings = load_settings(grafana_url=gone.url, grafana_token=TOKEN)
    for lacking, words in (
        (settings, "cannot be reached"),
        (load_settings(grafana_url="http://grafana.example"), "LIENCAP_GRAFANA_TOKEN"),
    ):
        watch = watching(world, lambda lacking=lacking: look_at(lacking))  # type: ignore[misc]
        watch.latest()
        assert watch.wait(60)
        assert words in shown(world)


def test_only_who_watches_an_installation_reads_it_and_is_led_there(world: World) -> None:
    with_watch(world, None)
    for person in (who.OFFICER, who.REVIEWER, who.MINISTRY):
        assert world.as_(*person).get(PAGE).status_code == 403
        assert PAGE not in world.as_(*person).get("/bang").text
    assert PAGE in world.as_(*AUDITOR).get("/bang").text
