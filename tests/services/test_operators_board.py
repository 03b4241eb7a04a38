"""The board of the operators: what it reads from the running installation, who may see it, and that a part may be down."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from dashboards.catalogue import board_named
from dashboards.vocabulary import Reading
from events.errors import LogUnavailable
from events.log import Message
from services.boot.pages import build_whole
from services.boot.readings import Installation, lags_of, quantile, readings_of
from services.consuming.gauges import StreamGauges
from services.log.sqlite import SqliteLog
from services.store.store import Store
from services.web.shell.parts import Read
from services.web.shell.request_metrics import gauges_of
from tests.services import world as who
from tests.services.world import World
from tests.stores import empty_store

BOARD = "/bang/duong-ong"
PAGE = {"accept": "text/html"}
NOW = dt.datetime(2026, 11, 30, 9, tzinfo=dt.UTC)
_CELL = re.compile(r'data-column="(\w+)" data-v="([^"]*)"')


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An installation that runs nothing: its log, its store, its folder, at a set hour."""
    with (
        closing(SqliteLog(tmp_path / "log.db")) as log,
        closing(Store(empty_store(tmp_path / "s.db"))) as store,
    ):
        yield Installation(
            log=log,
            store=store,
            readers=[("land", ("cases", "issues")), ("decide", ("issues",))],
            registry=CollectorRegistry(),
            readiness={"store": lambda: None, "engine": lambda: "ClickHouse does not answer"},
            data=tmp_path,
            backups=None,
            clock=lambda: NOW,
        )


@contextmanager
def at_one_instant(world: World) -> Iterator[TestClient]:
    """The world's pages for its auditor, at an instant that stands still: readings and clock are those of its begin."""
    at, readings = world.clock(), dict(world.parts.readings)
    del readings["backups"]  # no folder of that name is there
    rows = {name: list(read()) for name, read in readings.items()}
    kept: dict[Reading, Read] = {name: partial(rows.__getitem__, name) for name in rows}
    parts = replace(world.parts, clock=lambda: at, readings=kept)
    token = world.as_(*who.AUDITOR).headers["authorization"]
    with TestClient(build_whole(parts), headers={"authorization": token}) as client:
        yield client


def export(client: TestClient, panel: str, ending: str, lang: str = "vi") -> Any:
    answer = client.get(f"/bang/so/{panel}.{ending}?unit=38&lang={lang}")
    assert answer.status_code == 200, answer.text
    return answer.json() if ending.endswith("json") else answer


def said(value: object) -> str:
    return "" if value is None else str(value).replace("Z", "+00:00")


@pytest.mark.warehouse
def test_whoever_runs_the_installation_sees_its_board_and_nobody_else(shared_world: World) -> None:
    board = board_named("duong-ong")
    assert board is not None
    for person, lang in ((who.AUDITOR, "vi"), (who.ADMINISTRATOR, "en")):
        page = shared_world.as_(*person).get(f"{BOARD}?lang={lang}", headers=PAGE)
        assert page.status_code == 200, page.text
        assert re.findall(r'data-panel="([\w-]+)"', page.text) == [one.name for one in board.panels]
        assert f'href="{BOARD}"' in shared_world.as_(*person).get("/bang", headers=PAGE).text
    for other in (who.REVIEWER, who.LEADER, who.DEPARTMENT, who.MINISTRY):
        client = shared_world.as_(*other)
        assert client.get(BOARD, headers=PAGE).status_code == 403, other
        assert f'href="{BOARD}' not in client.get("/bang", headers=PAGE).text
        for ending in ("json", "csv", "xlsx", "metadata.json"):
            assert client.get(f"/bang/so/thu-chet.{ending}").status_code == 403, (other, ending)
    assert shared_world.as_(*who.AUDITOR).get("/bang/so/nhom-doc.json?unit=01").status_code == 403


@pytest.mark.warehouse
def test_a_number_of_the_installation_its_page_and_its_exports_are_one(world: World) -> None:
    world.report()
    world.parts.relay.publish_all()
    world.log.append("cases", [Message("15607", b"no event at all")])
    world.settle()
    with at_one_instant(world) as client:
        page = client.get(f"{BOARD}?lang=vi", headers=PAGE).text
        board = board_named("duong-ong")
        assert board is not None
        for panel in board.panels:
            found = export(client, panel.name, "json")
            rows = found["rows"]
            lines = list(csv.DictReader(io.StringIO(export(client, panel.name, "csv").text.lstrip("\ufeff"))))
            book = CalamineWorkbook.from_filelike(io.BytesIO(export(client, panel.name, "xlsx").content))
            columns = [column.name for column in panel.columns]
            written = [{name: said(line[name]) for name in columns} for line in lines]
            assert written == [{name: said(row[name]) for name in columns} for row in rows], panel.name
            assert len(book.get_sheet_by_index(0).to_python()) == len(rows) + 1
            section = page.partition(f'data-panel="{panel.name}"')[2].partition("</section>")[0]
            shown = [
                {name: said(html.unescape(value)) for name, value in _CELL.findall(row)}
                for row in re.findall(r"<tr data-key.*?</tr>", section, re.DOTALL)
            ]
            assert shown == written, panel.name
            meaning = export(client, panel.name, "metadata.json", "en")
            assert meaning["query"] == (panel.reading or panel.query)
            assert panel.reading is None or meaning["as_of"] is not None
        assert export(client, "sao-luu", "json")["coverage"] == {"reported": 0, "whole": 1}
        letters = export(client, "thu-chet", "json")
        assert [(row["letter"], row["waiting_count"]) for row in letters["rows"]] == [
            ("cases · malformed-event", 1)
        ]
        assert "1 bản ghi bị gạt ra chưa gửi lại" in html.unescape(page)
        fresh = {row["topic"]: row for row in export(client, "do-moi", "json")["rows"]}
        assert fresh["issues"]["old_minutes"] >= 0
        assert fresh["promises"]["signs"] == {"old_minutes": "not_reported", "newest_at": "not_reported"}


@pytest.mark.warehouse
def test_the_board_stands_while_a_part_is_down_and_says_which(shared_world: World) -> None:
    def away() -> Sequence[dict[str, object]]:
        raise LogUnavailable("the log does not answer")

    readings = {**shared_world.parts.readings, "stream_lags": away, "dead_letters": away}
    token = shared_world.as_(*who.AUDITOR).headers["authorization"]
    parts = replace(shared_world.parts, readings=readings)
    with TestClient(build_whole(parts), headers={"authorization": token}) as client:
        page = client.get(f"{BOARD}?lang=en", headers=PAGE)
        assert page.status_code == 200
        assert "No record was set aside" not in page.text
        found = export(client, "thu-chet", "json", "en")
        assert found["rows"][0]["name"] == "cannot be read"
        assert set(found["rows"][0]["signs"].values()) == {"not_reported"}
        assert found["coverage"] == {"reported": 0, "whole": 1}
        assert export(client, "hop-thu-di", "json")["coverage"] == {"reported": 1, "whole": 1}


@pytest.mark.warehouse
def test_a_request_counts_under_its_route_and_never_under_its_address(world: World) -> None:
    client = world.as_(*who.OFFICER)
    assert client.get("/bang/no-such-board").status_code == 404
    assert client.get("/no-such-address-4711").status_code == 404
    assert client.get("/api/v1/issues/not-an-id").status_code in {404, 422}
    rows = {str(row["route"]): row for row in world.parts.readings["routes"]()}
    assert rows["GET /bang/{name}"]["refused_count"] == 1
    assert rows["(none)"]["refused_count"] == 1
    assert not [route for route in rows if "4711" in route or "not-an-id" in route]
    metrics = world.client.get("/metrics").text
    assert 'liencap_http_requests_total{outcome="refused",route="GET /bang/{name}"} 1.0' in metrics


def test_every_reading_is_there(installation: Installation) -> None:
    readings = readings_of(installation)
    assert set(readings) == set(get_args(Reading))
    assert [row["part"] for row in readings["parts"]() if row["missing_count"]] == ["engine"]
    assert {row["behind_count"] for row in readings["stream_lags"]()} == {0}
    assert readings["routes"]() == readings["stream_batches"]() == readings["dead_letters"]() == []
    assert [row["place"] for row in readings["disks"]()] == ["data"]


def test_a_group_is_behind_by_what_it_has_not_finished(installation: Installation) -> None:
    log = installation.log
    log.append("issues", [Message(f"one-{number}", b"{}") for number in range(20)])
    with closing(log.open_consumer("decide", ["issues"])) as consumer:
        polled = consumer.poll(7, 1.0)
        consumer.commit(polled)
    behind = {lane: sum(lag.values()) for lane, lag in lags_of(log, installation.readers).items()}
    assert behind == {("land", "cases"): 0, ("land", "issues"): 20, ("decide", "issues"): 20 - len(polled)}
    rows = {row["lane"]: row for row in readings_of(installation)["stream_lags"]()}
    assert rows["land · issues"]["behind_count"] == 20
    assert rows["land · issues"]["waiting_minutes"] is not None
    assert rows["land · cases"]["waiting_minutes"] is None


def test_the_newest_back_ups_are_told_and_an_unset_folder_is_no_nought(
    installation: Installation, tmp_path: Path
) -> None:
    assert [row["is_read"] for row in readings_of(installation)["backups"]()] == [False]
    folder = tmp_path / "backups" / "2026-11"
    folder.mkdir(parents=True)
    for days in range(1, 8):
        file = folder / f"store-{days}.bak"
        file.write_bytes(b"x" * 2_000_000)
        os.utime(file, times=((NOW - dt.timedelta(days=days)).timestamp(),) * 2)
    readings = readings_of(replace(installation, backups=tmp_path / "elsewhere"))
    assert [row.get("is_read") for row in readings["disks"]()] == [None, False]
    with pytest.raises(FileNotFoundError):
        readings["backups"]()
    readings = readings_of(replace(installation, backups=tmp_path / "backups"))
    rows = readings["backups"]()
    assert [(row["file"], row["old_days"], row["used_mb"]) for row in rows] == [
        (f"2026-11/store-{days}.bak", days, 2.0) for days in range(1, 6)
    ]
    [backups] = [row for row in readings["disks"]() if row["place"] == "backups"]
    assert backups["used_mb"] == 14.0


def test_batches_and_requests_are_those_of_the_metrics(installation: Installation) -> None:
    streams, requests = StreamGauges(installation.registry), gauges_of(installation.registry)
    assert gauges_of(installation.registry) is requests
    streams.finished("land", "cases", records=40, seconds=0.3)
    streams.finished("land", "cases", records=2, seconds=0.02)
    streams.retried("land", "cases")
    requests.ended("GET /xa", 200, 0.02)
    requests.ended("GET /xa", 404, 0.03)
    requests.ended("GET /xa", 503, 3.0)
    readings = readings_of(installation)
    [lane] = readings["stream_batches"]()
    assert (lane["lane"], lane["record_count"], lane["retry_count"]) == ("land · cases", 42, 1)
    [route] = readings["routes"]()
    assert [route[f"{name}_count"] for name in ("request", "refused", "failed")] == [3, 1, 1]
    assert route["median_ms"] == pytest.approx(37.5)
    assert 2_500 < float(str(route["slow_ms"])) <= 5_000


BOUNDS = (0.01, 0.1, 1.0, float("inf"))


@given(st.lists(st.floats(0, 3), min_size=1, max_size=40), st.floats(0.01, 1))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(seconds: list[float], part: float) -> None:
    buckets = [(bound, float(sum(one <= bound for one in seconds))) for bound in BOUNDS]
    found = quantile(buckets, part)
    assert found is not None
    ordered = sorted(seconds)
    true = next(one for rank, one in enumerate(ordered, start=1) if rank >= part * len(ordered))
    low = max((bound for bound in (0.0, *BOUNDS[:-1]) if bound < true), default=0.0)
    high = min((bound for bound in BOUNDS if bound >= true), default=BOUNDS[-1])
    assert low <= found <= (high if high != float("inf") else low)


def test_a_quantile_of_nothing_is_nothing() -> None:
    assert quantile([], 0.5) is None
    assert quantile([(1.0, 0.0), (float("inf"), 0.0)], 0.5) is None
