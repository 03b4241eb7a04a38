"""Fixtures of the tests of services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.adapters.clickhouse import Warehouse
from tests.services.world import World, open_world


@pytest.fixture
def world(tmp_path: Path, warehouse: Warehouse) -> Iterator[World]:
    """A whole, empty installation whose streams run."""
    with open_world(tmp_path, warehouse, demo=True) as world:
        yield world
