"""The expected figures of a kept installation: one row a line, so that a change is readable, compared by row."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from services.boot.open import whole
from services.boot.system import System
from services.consuming.progress import settle
from services.settings import Settings
from services.streams.watch import Watch
from tests.kept.folder import EXPECTED, TABLES, Kept
from tests.kept.state import Json, Place, State

SETTLE_SECONDS = 120.0
SHOWN = 200


@contextmanager
def opened(
    kept: Kept, data: Path, *, warehouse_dsn: str | None = None, database: str = "liencap"
) -> Iterator[System]:
    """Open a copy as the product opens an installation, at the instant at which it was left, and wait until all is done.

    Args:
        data: a copy of the kept installation.
        warehouse_dsn: an engine that holds nothing of it; by default an empty one in the copy.
    """
    settings = Settings(
        data=data, tables=data / TABLES, warehouse_dsn=warehouse_dsn, warehouse_database=database
    )
    with whole(settings, clock=kept.clock) as system:
        system.parts.relay.publish_all()
        assert settle(system.runtime, SETTLE_SECONDS), system.runtime.health()
        # Its timer has looked already, or will: what it says then is known.
        Watch(system.warehouse, system.intake_side.log, system.parts.tables).tick(kept.at)
        assert settle(system.runtime, SETTLE_SECONDS), system.runtime.health()
        yield system


def place_of(system: System) -> Place:
    """Name where the state of an open installation is read from."""
    return Place(system.warehouse, system.intake_side.log, system.intake_side.store)


def expect(folder: Path) -> None:
    """Write anew what the code of today makes of a kept installation."""
    kept = Kept.open(folder)
    with tempfile.TemporaryDirectory(prefix="liencap-kept-") as made:
        data = Path(made) / "data"
        kept.copy_to(data)
        with opened(kept, data) as system:
            state = place_of(system).state()
    (folder / EXPECTED).write_text(written(state), encoding="utf-8")


def expected(folder: Path) -> State:
    """Read what is expected."""
    found: State = orjson.loads((folder / EXPECTED).read_bytes())
    return found


def written(state: State) -> str:
    """Write a state with one row a line, sorted."""
    sections = [f"{_json(name)}: {{\n{_rows(section)}\n}}" for name, section in state.items()]
    return "{\n" + ",\n".join(sections) + "\n}\n"


def _rows(section: dict[str, Json]) -> str:
    return ",\n".join(f"{_json(key)}: {_json(section[key])}" for key in sorted(section))


def _json(value: Json) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def differences(wanted: State, found: State) -> list[str]:
    """Say row by row where two states differ; nothing where they are the same."""
    said = []
    for section in sorted(wanted.keys() | found.keys()):
        said += list(_different(section, wanted.get(section, {}), found.get(section, {})))
    return said


def _different(path: str, wanted: Json, found: Json) -> Iterator[str]:
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key in sorted(wanted.keys() | found.keys()):
            yield from _different(f"{path}/{key}", wanted.get(key), found.get(key))
    elif wanted != found:
        yield f"{path}: expected {_json(wanted)[:SHOWN]}, found {_json(found)[:SHOWN]}"
