"""The store of a kept installation in PostgreSQL: filled from the SQLite one, dumped as plain SQL, restored from it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from services.store.store import METADATA, Store
from tests.postgres import PostgresCluster

# Of psql alone, or of a newer server than the one that restores.
_NOT_FOR_EVERYBODY = ("\\restrict", "\\unrestrict", "SET transaction_timeout")
_AT_ONCE = 500


def dump_store(store: Path, cluster: PostgresCluster, to: Path) -> None:
    """Copy a SQLite store into a new one of the cluster, row by row, and dump that one as plain SQL."""
    url = cluster.new_database()
    with (
        closing(Store(f"sqlite:///{store}")) as source,
        closing(Store(url)) as target,
        source.read() as reading,
        target.begin() as writing,
    ):
        for table in METADATA.sorted_tables:
            rows = [dict(row) for row in reading.execute(select(table)).mappings()]
            for start in range(0, len(rows), _AT_ONCE):
                writing.execute(insert(table), rows[start : start + _AT_ONCE])
        _go_on_counting(writing)
    cluster.run("pg_dump", "--inserts", "--no-owner", "--no-privileges", "--file", to, *_at(cluster, url))
    lines = to.read_text(encoding="utf-8").splitlines(keepends=True)
    to.write_text(
        "".join(line for line in lines if not line.startswith(_NOT_FOR_EVERYBODY)), encoding="utf-8"
    )


def restore_store(dump: Path, cluster: PostgresCluster) -> str:
    """Restore a dump into a new database and return its address."""
    url = cluster.new_database()
    cluster.run(
        "psql",
        "--quiet",
        "--output",
        "/dev/null",
        "--set",
        "ON_ERROR_STOP=1",
        "--file",
        dump,
        *_at(cluster, url),
    )
    return url


def _at(cluster: PostgresCluster, url: str) -> tuple[object, ...]:
    return (
        "--host",
        "127.0.0.1",
        "--port",
        cluster.port,
        "--username",
        "postgres",
        "--dbname",
        url.rpartition("/")[2],
    )


def _go_on_counting(conn: Connection) -> None:
    """Let numbers that the server gives go on behind those that were copied."""
    for table in METADATA.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        last = conn.scalar(select(func.max(column)))
        if last is not None:
            conn.execute(select(func.setval(func.pg_get_serial_sequence(table.name, column.name), last)))
