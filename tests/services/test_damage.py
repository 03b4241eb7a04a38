"""Files of the engine that are not what was written: named by the audit, the doctor and readiness, with the remedy."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from services.boot.readiness import _TableCheck
from services.errors import SetupError
from services.maintenance.audit import audit
from services.maintenance.doctor import _refuse_damage
from services.warehouse.client import Warehouse
from services.warehouse.damage import damaged_parts
from tests.services.world import World

PATIENCE = 30.0


def damage(warehouse: Warehouse, table: str, seed: int) -> None:
    """Change three bytes in the largest file of a table."""
    parts = warehouse.rows(
        "SELECT path FROM system.parts WHERE active AND database = currentDatabase() AND table = {table:String}",
        table=table,
    )
    files = [file for part in parts for file in Path(part["path"]).glob("*.bin")]
    largest = max(files, key=lambda one: one.stat().st_size)
    content, chance = bytearray(largest.read_bytes()), random.Random(seed)
    for at in chance.sample(range(len(content)), 3):
        content[at] ^= 0x55
    largest.write_bytes(content)


def test_a_sound_engine_has_no_damaged_part(world: World) -> None:
    world.report()
    assert damaged_parts(world.parts.warehouse) == []
    _refuse_damage(world.parts.warehouse)


@pytest.mark.parametrize("table", ["issues_current", "issue_events"])
def test_a_damaged_table_is_named_with_the_remedy(world: World, table: str) -> None:
    world.report()
    warehouse = world.parts.warehouse
    checked = _TableCheck(warehouse, every_seconds=0.0)
    assert checked() is None
    damage(warehouse, table, seed=7)
    [found] = damaged_parts(warehouse)
    assert found.startswith(f"{table} ")
    report = audit(warehouse, world.log)
    assert not report.ok
    lines = list(report.lines())
    assert any("remove the engine's folder" in line for line in lines)
    assert any(table in line for line in lines)
    with pytest.raises(SetupError, match=f"1 damaged parts, first {table} .*remove the engine's folder"):
        _refuse_damage(warehouse)
    until = time.monotonic() + PATIENCE
    while (sentence := checked()) is None:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert table in sentence
