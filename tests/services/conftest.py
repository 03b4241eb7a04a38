"""Fixtures of the tests of services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.warehouse.client import Warehouse
from tests.databases import Databases
from tests.services.test_numbers_and_rows import fill
from tests.services.world import BAT_MOT, OFFICER, World, open_world


@pytest.fixture
def world(tmp_path: Path, warehouse: Warehouse) -> Iterator[World]:
    """A whole, empty installation whose streams run."""
    with open_world(tmp_path, warehouse, demo=True) as world:
        yield world


@pytest.fixture(scope="session")
def shared_world(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[World]:
    """One installation for all tests that only ask, or are refused; what a test adds, others see."""
    fresh = databases.fresh()
    with closing(fresh), open_world(tmp_path_factory.mktemp("shared"), fresh, demo=True) as world:
        yield world


@pytest.fixture(scope="session")
def filled_world(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[World]:
    """One installation with random difficulties, cases, feeds and villages, and three cases of a sensitive field.

    Files of lists and boards, links and mails are compared with its pages; what a test adds, others see.
    """
    fresh = databases.fresh()
    with closing(fresh), open_world(tmp_path_factory.mktemp("filled"), fresh, demo=True) as world:
        for seed in (3, 4):
            fill(world, seed)
        receive_sensitive(world)
        yield world


def receive_sensitive(world: World) -> None:
    """Let a commune have three cases of social protection: few enough to be kept from who may not read them."""
    on = (world.clock() - dt.timedelta(days=3)).date().isoformat()
    shared = {"MaTTHC": "1.001776", "NgayTiepNhan": on, "NgayHenTra": on, "TrangThai": 4}
    rows = [{"MaHoSo": f"BT-{number}", **shared} for number in range(3)]
    sent = world.as_(*OFFICER).post(f"/api/v1/communes/{BAT_MOT}/cases/sync", json={"rows": rows})
    assert sent.status_code == 200, sent.text
