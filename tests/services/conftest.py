"""Fixtures of the tests of services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.warehouse.client import Warehouse
from tests.databases import Databases
from tests.services.world import World, open_world


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
