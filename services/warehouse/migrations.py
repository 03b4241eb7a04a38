"""Run the numbered SQL migrations: each once, in order, and none that was edited after it was applied."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from services.errors import SetupError
from services.warehouse.cluster import ClickHouseCluster, for_cluster
from services.warehouse.named_queries import migration_files

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

Migration = tuple[int, str, str]

_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations
(number UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
ENGINE = ReplacingMergeTree ORDER BY number
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1
"""

# Parts of SQL in which a semicolon ends no statement: strings, quoted names, comments.
_TOKEN = re.compile(
    r"""('(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)|(--[^\n]*|/\*.*?\*/)|(;)""", re.DOTALL
)


def statements(sql: str) -> Iterator[str]:
    """Split SQL into its statements, without comments; semicolons inside quotes and comments do not split."""
    pieces: list[str] = []
    at = 0
    for token in _TOKEN.finditer(sql):
        pieces.append(sql[at : token.start()])
        at = token.end()
        if token[1]:
            pieces.append(token[1])
        elif token[2]:
            pieces.append(" ")
        else:
            yield from _whole(pieces)
            pieces = []
    yield from _whole([*pieces, sql[at:]])


def _whole(pieces: Sequence[str]) -> Iterator[str]:
    if statement := "".join(pieces).strip():
        yield statement


def checksum(sql: str) -> str:
    """Return the hash of a migration's statements: comments may change later, statements may not."""
    return hashlib.sha256("\x00".join(statements(sql)).encode()).hexdigest()


def migrate(warehouse: Warehouse, migrations: Sequence[Migration] | None = None) -> list[str]:
    """Create the database, apply the missing migrations in order and return their names; a second run does nothing.

    A statement runs twice if the process died between it and the ledger, so each must be idempotent.

    Raises:
        SetupError: a migration was edited after it was applied, the warehouse is newer than this release, or the folder
            cannot be opened.
        NotReady: the engine cannot be reached.
    """
    known = migration_files() if migrations is None else tuple(migrations)
    warehouse.create()
    warehouse.command(_LEDGER)
    found = warehouse.rows("SELECT number, name, checksum FROM schema_migrations FINAL")
    applied = {int(row["number"]): row for row in found}
    newer = sorted(set(applied) - {number for number, _, _ in known})
    if newer:
        raise SetupError(
            f"the warehouse holds migration {applied[newer[0]]['name']}, which this release does not know: "
            "run the release that applied it, or a newer one"
        )
    done = []
    for number, name, sql in known:
        if number in applied:
            _unchanged(name, checksum(sql), str(applied[number]["checksum"]))
            continue
        for statement in statements(sql):
            warehouse.command(statement)
        warehouse.command(
            "INSERT INTO schema_migrations (number, name, checksum)"
            " SELECT {number:UInt32}, {name:String}, {checksum:String}",
            number=number,
            name=name,
            checksum=checksum(sql),
        )
        done.append(name)
    return done


def pending(warehouse: Warehouse) -> list[str]:
    """Return the names of the missing migrations, changing nothing.

    Raises:
        NotReady: the server cannot be reached.
    """
    there = warehouse.rows(
        "SELECT count() AS n FROM system.tables WHERE database = {database:String} AND name = 'schema_migrations'",
        database=warehouse.database,
    )
    applied: set[int] = set()
    if there[0]["n"]:
        applied = {int(row["number"]) for row in warehouse.rows("SELECT number FROM schema_migrations FINAL")}
    return [name for number, name, _ in migration_files() if number not in applied]


def rendered(database: str, cluster: ClickHouseCluster | None) -> Iterator[tuple[str, list[str]]]:
    """Yield (name, statements) for everything that `migrate` runs on an empty server, the database first."""
    made = [
        ("the database", f"CREATE DATABASE IF NOT EXISTS `{database}` ENGINE = Atomic"),
        ("the ledger", _LEDGER),
    ]
    for name, sql in (*made, *((name, sql) for _, name, sql in migration_files())):
        yield (
            name,
            [
                form
                for statement in statements(sql)
                for form in (for_cluster(statement, cluster, database) if cluster else (statement,))
            ],
        )


def _unchanged(name: str, now: str, then: str) -> None:
    if now != then:
        raise SetupError(
            f"migration {name} was edited after it was applied; restore it and add a new one instead"
        )
