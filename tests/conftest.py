"""Fixtures that several folders of tests share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from services.adapters.clickhouse import Warehouse

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def warehouse_dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Keep one engine open for the whole session: a process can have one folder open, and opening costs seconds."""
    dsn = f"chdb://{tmp_path_factory.mktemp('warehouse')}"
    engine = Warehouse(dsn, database="default")
    engine.clock()
    yield dsn
    engine.close()


@pytest.fixture
def warehouse(warehouse_dsn: str) -> Iterator[Warehouse]:
    """A freshly migrated, empty database of the session's engine."""
    fresh = Warehouse(warehouse_dsn, database=f"test_{next(_NUMBERS)}")
    fresh.migrate()
    yield fresh
    fresh.drop()
    fresh.close()


@pytest.fixture(scope="module")
def warehouse_module(warehouse_dsn: str) -> Iterator[Warehouse]:
    """One migrated database for a module whose tests empty it themselves: migrating costs a quarter of a second."""
    shared = Warehouse(warehouse_dsn, database=f"test_{next(_NUMBERS)}")
    shared.migrate()
    yield shared
    shared.drop()
    shared.close()
