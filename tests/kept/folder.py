"""The folder of a kept installation: its files packed small, and how a copy of them is laid out to be opened."""

from __future__ import annotations

import datetime as dt
import lzma
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import orjson

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
FIRST = FIXTURES / "d444581"
LOG, STORE, DUMP = "log.db", "store.db", "store.pg.sql"
SECRET, KEYS, TABLES = "secret.key", "keys", "tables"
FACTS, EXPECTED = "kept.json", "expected.json"
_PACKED = ".xz"


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept installation.

    Attributes:
        at: the instant at which it was left; whoever opens a copy stands his clock there.
        queued: the event that lay in the outbox and was not published yet.
    """

    folder: Path
    at: dt.datetime
    queued: UUID

    @classmethod
    def open(cls, folder: Path) -> Kept:
        """Read what the folder says of itself."""
        facts = orjson.loads((folder / FACTS).read_bytes())
        return cls(folder, dt.datetime.fromisoformat(facts["at"]), UUID(facts["queued"]))

    def clock(self) -> dt.datetime:
        """Tell the instant at which it was left."""
        return self.at

    def copy_to(self, data: Path) -> None:
        """Lay out a copy as a data folder, without an engine."""
        data.mkdir(parents=True, exist_ok=True)
        for name in (LOG, STORE):
            self.unpack(name, data / name)
        for name in (KEYS, TABLES):
            shutil.copytree(self.folder / name, data / name)
        shutil.copy(self.folder / SECRET, data / SECRET)
        # A checkout gives files to everybody, and keys that everybody reads are refused.
        for secret in (data / SECRET, *(data / KEYS).iterdir()):
            secret.chmod(0o600)

    def unpack(self, name: str, to: Path) -> Path:
        """Unpack one file."""
        with lzma.open(self.folder / f"{name}{_PACKED}") as packed, to.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        return to


def keep(data: Path, folder: Path, *, at: dt.datetime, queued: UUID, tables: Sequence[Path]) -> None:
    """Pack what an installation that was closed keeps, and the dated tables that were in force."""
    shutil.rmtree(folder / TABLES, ignore_errors=True)
    shutil.rmtree(folder / KEYS, ignore_errors=True)
    (folder / TABLES).mkdir(parents=True)
    for table in tables:
        shutil.copy(table, folder / TABLES / table.name)
    shutil.copytree(data / KEYS, folder / KEYS)
    shutil.copy(data / SECRET, folder / SECRET)
    for name in (LOG, STORE):
        pack(_compact(data / name), folder, name)
    facts = {"at": at.isoformat(), "queued": str(queued)}
    (folder / FACTS).write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def pack(file: Path, folder: Path, name: str) -> None:
    """Compress one file into the folder."""
    packed = lzma.compress(file.read_bytes(), preset=9 | lzma.PRESET_EXTREME)
    (folder / f"{name}{_PACKED}").write_bytes(packed)


def _compact(file: Path) -> Path:
    """Write a database anew without free pages, and without the log beside it."""
    compact = file.with_name(f"{file.name}.compact")
    compact.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("VACUUM INTO ?", (str(compact),))
    return compact
