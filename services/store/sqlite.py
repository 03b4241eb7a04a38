"""A store in one SQLite file: the commune's own machine, a demo, tests."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.engine import URL

from services.errors import SetupError
from services.store.exclusive import FileLock

BUSY_TIMEOUT_MS = 30_000


class SqliteBackend:
    """Open the file.

    The writers of one process hear of each other in it; of those of another process they hear when they look again.

    Raises:
        SetupError: the address names no file, or its folder cannot be made.
    """

    read_options: Mapping[str, str | bool] = MappingProxyType({})  # a transaction in WAL mode sees one state

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:":
            raise SetupError("the store must outlive the process: name a file, sqlite:///folder/store.db")
        self._path = Path(url.database)
        self.address = str(self._path)
        self.engine = _open(self._path)

    @property
    def version(self) -> str:
        """Name the library and its version."""
        return f"SQLite {sqlite3.sqlite_version}"

    def clock(self) -> dt.datetime | None:
        """Tell nothing: there is no clock but this machine's."""
        return None

    def announce(self, conn: Connection) -> None:
        """Say nothing: SQLite has no way to wake another process."""

    def listen(self, heard: Callable[[], None]) -> None:
        """Hear nothing, for the same reason."""

    def stop_listening(self) -> None:
        """End nothing."""

    def lock(self, name: str) -> FileLock:
        """Name a lock beside the file."""
        return FileLock(self._path.with_name(f"{self._path.name}.{name}.lock"))

    def forget_overwritten(self, table: Table) -> None:  # noqa: ARG002 -- the journal is of all tables
        """Carry the journal over into the file, so that what was overwritten is in neither."""
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        """Release every connection."""
        self.engine.dispose()


def _open(path: Path) -> Engine:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"the folder of the store {path} cannot be made: {error.strerror}") from None
    engine = create_engine(
        f"sqlite:///{path}",
        pool_size=8,
        max_overflow=24,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(dbapi_connection: Any, _record: object) -> None:
        # The driver would open its own, deferred transactions; `_begin` below says which kind we want.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # an answer "recorded" must survive the loss of power
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "secure_delete=ON",  # an erased text is overwritten, not only forgotten
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        # A writer that starts deferred could be refused when it first writes, after it read.
        writes = conn.get_execution_options().get("liencap_writer")
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
