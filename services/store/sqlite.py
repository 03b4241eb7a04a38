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
    """Opens the file.

    Writers of one process wake its listeners; commits of another process are found at the next poll.

    Raises:
        SetupError: the address names no file, or its folder cannot be created.
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
        """Return the library's name and version."""
        return f"SQLite {sqlite3.sqlite_version}"

    def clock(self) -> dt.datetime | None:
        """Return None: SQLite has no clock of its own."""
        return None

    def announce(self, conn: Connection) -> None:
        """Do nothing: SQLite cannot wake another process."""

    def listen(self, on_commit: Callable[[], None]) -> None:
        """Do nothing: SQLite cannot wake another process."""

    def stop_listening(self) -> None:
        """Do nothing."""

    def lock(self, name: str) -> FileLock:
        """Return a named lock beside the file."""
        return FileLock(self._path.with_name(f"{self._path.name}.{name}.lock"))

    def forget_overwritten(self, table: Table) -> None:  # noqa: ARG002 -- the journal is of all tables
        """Write the journal back into the file, so that overwritten rows are in neither."""
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        """Close every connection."""
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
        # The driver would open its own, deferred transactions; `_begin` below opens the kind that is needed.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # a recorded answer must survive a power loss
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "secure_delete=ON",  # an erased text is overwritten, not only unlinked
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        # A writer that starts deferred may be refused at its first write, after it has read.
        writes = conn.get_execution_options().get("liencap_writer")
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
