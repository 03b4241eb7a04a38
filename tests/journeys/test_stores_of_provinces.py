"""Two provinces with a store each, on one Kafka and one ClickHouse: what is the one's never comes to the other."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.chaos.verdict import settle
from tests.clickhouse_front.process import FrontProcess
from tests.journeys.installation import Apart, eventually
from tests.journeys.test_dead_spot_story import BAT_MOT, report
from tests.kafka_broker import Broker
from tests.postgres import PostgresCluster
from tests.stack import Stack

pytestmark = [pytest.mark.process, pytest.mark.warehouse, pytest.mark.slow]

VINH = "16681"
CASE = {"MaHoSo": "A-1", "MaTTHC": "1.004873", "NgayTiepNhan": "20/11/2026", "TrangThai": 2}

Beside = Callable[[str], Apart]


@pytest.fixture
def beside(kafka: Broker, postgres: PostgresCluster, front: FrontProcess, tmp_path: Path) -> Iterator[Beside]:
    """Return what starts the counter and the worker of one store: all share log and engine."""
    with contextlib.ExitStack() as closing:
        first = Stack(tmp_path, kafka.servers, front, "", database="journey_provinces")

        def started(provinces: str) -> Apart:
            folder = tmp_path / provinces
            stack = Stack(
                folder,
                kafka.servers,
                front,
                postgres.new_store(),
                database=first.database,
                provinces=provinces,
                prefix=first.prefix,
            )
            running = Apart(stack)
            closing.callback(running.close)
            stack.must("migrate")
            parts = [stack.service("commune"), stack.worker()]
            for part in parts:
                part.launch()
            for part in parts:
                part.wait_until_ready()
            return running

        yield started


def count(stack: Stack, table: str) -> int:
    """Count the rows of a table of the store."""
    engine = create_engine(stack.store_url)
    try:
        with engine.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608
    finally:
        engine.dispose()


def notified_units(stack: Stack) -> set[str]:
    """Name the units whose notices stand in a store."""
    engine = create_engine(stack.store_url)
    try:
        with engine.connect() as connection:
            return {row[0] for row in connection.execute(text("SELECT territory FROM notices"))}
    finally:
        engine.dispose()


def take_case(running: Apart, unit_code: str, status: int = 200) -> None:
    officer = running.as_("commune_officer", unit_code)
    answer = officer.post(f"/api/v1/communes/{unit_code}/cases/sync", json=[CASE])
    assert answer.status_code == status, answer.text


def test_each_province_keeps_its_own_cases_reports_and_notices(beside: Beside) -> None:
    ours = beside("38,vn")
    thanh_hoa = ours.stack
    take_case(ours, BAT_MOT)
    report(ours)
    eventually(lambda: notified_units(thanh_hoa), 120)
    theirs = beside("40")
    nghe_an = theirs.stack
    taken_by_a_fresh_store = count(nghe_an, "cases"), count(nghe_an, "idempotency")

    take_case(theirs, VINH)
    report(theirs, VINH)
    eventually(lambda: {"40", VINH} & (notified_units(thanh_hoa) | notified_units(nghe_an)), 120)
    settle(nghe_an)
    thanh_hoa.parts["commune"].stop()
    thanh_hoa.parts["commune"].start()
    found = {
        "taken over by a fresh store": taken_by_a_fresh_store,
        "kept after a restart": (count(thanh_hoa, "cases"), count(thanh_hoa, "idempotency")),
        "notices of another in the first": notified_units(thanh_hoa) - {"38", "vn", BAT_MOT},
        "notices of another in the second": notified_units(nghe_an) - {"40", VINH},
        "the second has its own": bool(notified_units(nghe_an)),
    }
    assert found == {
        "taken over by a fresh store": (0, 0),
        "kept after a restart": (1, 1),
        "notices of another in the first": set(),
        "notices of another in the second": set(),
        "the second has its own": True,
    }

    take_case(ours, VINH, status=421)
    assert count(thanh_hoa, "cases") == 1
    for stack in (thanh_hoa, nghe_an):
        kept = stack.provinces.replace(",", ", ")
        assert f"the store keeps {kept}; its notices are derived by the group notify-" in stack.must("doctor")
    assert max(running.stop() for running in (ours, theirs)) == 0
