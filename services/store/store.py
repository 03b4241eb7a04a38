"""The operational store of the commune services: tables and transactions, on SQLite or PostgreSQL.

The differences between the two engines are in sqlite.py and postgres.py; callers do not see them.
A change of the tables is a change here and a numbered migration in services/store/migrations/.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import structlog
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from services.errors import NotReady, SetupError
from services.store.exclusive import ExclusiveLock
from services.store.sqlite import SqliteBackend
from services.store.turns import Turns
from services.store.upgrade import upgrade

_ENQUEUED = "liencap_enqueued"
_EXAMPLES = "sqlite:///folder/store.db or postgresql+psycopg://user@host/database"


class UtcInstant(TypeDecorator[dt.datetime]):
    """Column type of an aware instant; engines without time zones hold it as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Convert an aware instant to UTC."""
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002 -- as above
        """Return the stored instant as aware."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


METADATA = MetaData()

CASES = Table(
    "cases",
    METADATA,
    Column("case_key", String(64), primary_key=True),
    # In plain text only here, in the operational store; NULL after a recovery, until the source sends it again.
    Column("dossier_code", String(100)),
    Column("unit_code", String(5), nullable=False),
    Column("received_unit_code", String(5), nullable=False),
    Column("status_code", SmallInteger, nullable=False),
    Column("due_on", Date),
    Column("closed_on", Date),
    Column("paused_on", Date),
    Column("seq", BigInteger, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Index("cases_by_unit", "unit_code", "status_code"),
    Index("cases_by_reception", "received_unit_code", "status_code"),
)
"""Cases as their communes know them; `state` is the JSON of events.cases.CaseState."""

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("topic", String(60), nullable=False),
    Column("key", String(80), nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("created_at", UtcInstant, nullable=False),
    Column("published_at", UtcInstant),
    Column("epoch", Integer),
    Column("partition", Integer),
    Column("log_offset", BigInteger),
    Column("failed_reason", Text),
    Index("outbox_waiting", "published_at", "failed_reason", "id"),
    Index("outbox_positions", "topic", "partition", "epoch", "log_offset"),
    sqlite_autoincrement=True,
)
"""Recorded events on their way to the log; written in the transaction of the state that they change."""

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("key", String(80), primary_key=True),
    # NULL where the record was restored from the log, which does not hold the request.
    Column("fingerprint", String(64)),
    Column("response", LargeBinary, nullable=False),
    Column("unit_code", String(5), nullable=False),
    Column("created_at", UtcInstant, nullable=False),
)
"""Recorded answers, by the client's key."""

TEXTS = Table(
    "texts",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("body", Text),
    Column("unit_code", String(5), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("erased_at", UtcInstant),
    Column("erased_by", String(200)),
    Column("erased_reason", String(500)),
    Index("texts_by_unit", "unit_code", "purpose"),
)
"""Written texts; the body can be erased, id and hash stay because the log refers to them."""

META = Table(
    "meta", METADATA, Column("name", String(60), primary_key=True), Column("value", Text, nullable=False)
)
"""Facts about the store itself."""


PROGRESS = Table(
    "import_progress",
    METADATA,
    Column("file_sha256", String(64), primary_key=True),
    Column("mapping_sha256", String(64), primary_key=True),
    Column("target", String(120), primary_key=True),
    Column("rows_done", BigInteger, nullable=False),
    Column("error_bytes", BigInteger, nullable=False),
    Column("counts", Text, nullable=False),
    Column("noted_at", UtcInstant, nullable=False),
    Column("finished_at", UtcInstant),
)
"""One row per file, mapping and target; `rows_done` rows and all before them are in the store or in the error file."""


class Backend(Protocol):
    """The part of a store that differs between engines.

    Attributes:
        engine: with the execution option `liencap_writer`, begins a transaction only when no other writer of this
            store is at work, in whichever process.
        address: the store's address without its password, for messages.
        read_options: execution options under which a reading transaction sees one state of the store.
    """

    engine: Engine
    address: str
    read_options: Mapping[str, str | bool]

    @property
    def version(self) -> str:
        """Return the engine's name and version."""

    def clock(self) -> dt.datetime | None:
        """Return the server's time; None where there is no server."""

    def announce(self, conn: Connection) -> None:
        """Notify other processes, at the commit of this transaction, that it filled the outbox."""

    def listen(self, on_commit: Callable[[], None]) -> None:
        """Call `on_commit` at each notification of another process, until `stop_listening`."""

    def stop_listening(self) -> None:
        """End `listen`."""

    def lock(self, name: str) -> ExclusiveLock:
        """Return a named lock of this store."""

    def forget_overwritten(self, table: Table) -> None:
        """Free the overwritten rows of a table, as far as the engine can."""

    def close(self) -> None:
        """Close every connection."""


class Store:
    """Opens the store and its transactions. Safe to use from several threads and processes.

    Writers take turns: the outbox's ids must become visible in their order, or a relay would skip one. Writers of one
    process queue for a turn within the process, so that only one of them holds a connection.

    Raises:
        SetupError: the address is invalid, the store cannot be opened, or it is of a newer release.
    """

    def __init__(self, url: str) -> None:
        self._backend = _backend(url)
        self._writing = Turns()
        self._listeners: list[Callable[[], None]] = []
        try:
            upgrade(self._backend.engine, self._backend.address)
        except DatabaseError as error:
            self._backend.close()
            raise SetupError(f"the store {self._backend.address} cannot be opened: {error.orig}") from None
        except SetupError:
            self._backend.close()
            raise

    @property
    def engine(self) -> Engine:
        """Return SQLAlchemy's engine, for tools that inspect the store."""
        return self._backend.engine

    @property
    def version(self) -> str:
        """Return the engine's name and version, for operators.

        Raises:
            NotReady: the engine cannot be reached.
        """
        with _reachable():
            return self._backend.version

    @property
    def waiting_writers(self) -> int:
        """Return how many threads of this process wait for their turn to write."""
        return self._writing.waiting_count

    def clock(self) -> dt.datetime | None:
        """Return the server's time; None where there is no server.

        Raises:
            NotReady: the engine cannot be reached.
        """
        with _reachable():
            return self._backend.clock()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a transaction that may write; it commits at the end of the block and rolls back on an error.

        Raises:
            NotReady: the engine cannot be reached or cannot write now. If the error came at the commit, the outcome is
                unknown; a retry must be recognised by its key.
        """
        with (
            self._writing,
            _reachable(),
            self.engine.connect() as conn,
            conn.execution_options(liencap_writer=True).begin(),
        ):
            conn.info.pop(_ENQUEUED, None)
            yield conn
            enqueued = conn.info.pop(_ENQUEUED, False)
            if enqueued:
                self._backend.announce(conn)
        if enqueued:
            self._wake_listeners()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read-only transaction; it sees one state of the store and blocks no writer.

        Raises:
            NotReady: the engine cannot be reached.
        """
        with (
            _reachable(),
            self.engine.connect() as conn,
            conn.execution_options(**self._backend.read_options).begin(),
        ):
            yield conn

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each commit that added events to the outbox, as far as this process is notified.

        Commits of other processes are notified only on PostgreSQL and while the connection lasts; a listener that
        must not miss one also polls.
        """
        self._listeners.append(listener)
        self._backend.listen(self._wake_listeners)

    def stop_listening(self, listener: Callable[[], None]) -> None:
        """Remove a listener; no error if it is absent."""
        if listener in self._listeners:
            self._listeners.remove(listener)
        if not self._listeners:
            self._backend.stop_listening()

    def lock(self, name: str) -> ExclusiveLock:
        """Return a named lock of this store with one holder at a time; it ends with its holder's process."""
        return self._backend.lock(name)

    def forget_overwritten(self, table: Table) -> None:
        """Free the overwritten rows of a table, as far as the engine can.

        Raises:
            NotReady: the engine cannot be reached; retry later.
        """
        with _reachable():
            self._backend.forget_overwritten(table)

    def close(self) -> None:
        """Close every connection."""
        self._backend.stop_listening()
        self._backend.close()

    def _wake_listeners(self) -> None:
        for listener in tuple(self._listeners):
            listener()


@contextmanager
def _reachable() -> Iterator[None]:
    """Raise NotReady where the engine cannot be used now; the error of a wrong statement passes unchanged."""
    try:
        yield
    except NoConnectionFree as error:
        raise NotReady("the store has more to do than it can take; try again shortly") from error
    except DBAPIError as error:
        if not (isinstance(error, OperationalError) or error.connection_invalidated):
            raise
        structlog.get_logger().warning("store.away", reason=str(error.orig))
        raise NotReady("the store does not answer; send it again, the same request counts once") from error


def mark_enqueued(conn: Connection) -> None:
    """Mark this transaction as one that added events to the outbox, so that its commit wakes the listeners."""
    conn.info[_ENQUEUED] = True


def _backend(url: str) -> Backend:
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteBackend(parsed)
    if parsed.get_backend_name() == "postgresql":
        from services.store.postgres import PostgresBackend  # noqa: PLC0415 -- a store in SQLite needs no driver

        return PostgresBackend(parsed)
    raise SetupError(
        f"a store is kept in SQLite or PostgreSQL, not in {parsed.drivername}; write {_EXAMPLES}"
    )


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise SetupError(f"{url!r} is no database address; write {_EXAMPLES}") from None
