"""The operational store of the commune services: tables, transactions, what differs between database engines."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from services.adapters.exclusive import FileLock
from services.errors import SetupFault

BUSY_TIMEOUT_MS = 30_000
_ENQUEUED = "liencap_enqueued"


class UtcInstant(TypeDecorator[dt.datetime]):
    """Keep an aware instant; engines without time zones hold it as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Turn any aware instant into UTC."""
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002 -- as above
        """Give the instant back aware."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


METADATA = MetaData()

CASES = Table(
    "cases",
    METADATA,
    Column("case_key", String(64), primary_key=True),
    # Plain only here, in the operational store; missing after a recovery until the source names it again.
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
"""Events that were recorded here and their way to the log; written in the transaction of the state they tell."""

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("key", String(80), primary_key=True),
    # Missing where the record was taken over from the log, which does not hold the request.
    Column("fingerprint", String(64)),
    Column("response", LargeBinary, nullable=False),
    Column("unit_code", String(5), nullable=False),
    Column("created_at", UtcInstant, nullable=False),
)
"""Answers already given, by the key that the client made."""

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
"""What people wrote; the body can be erased, id and hash stay because the log names them."""

META = Table(
    "meta", METADATA, Column("name", String(60), primary_key=True), Column("value", Text, nullable=False)
)
"""Facts about the store itself."""


class Store:
    """Open the store and hand out transactions. Safe to use from several threads.

    Writers of one process queue at a lock of their own: SQLite's busy handler sleeps and knows no order.
    """

    def __init__(self, url: str) -> None:
        self._path = _database_path(url)
        self.engine = _open(self._path)
        self._writing = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        try:
            with self.begin() as conn:
                METADATA.create_all(conn)
        except DatabaseError as error:
            self.engine.dispose()
            raise SetupFault(f"the store {self._path} cannot be opened: {error.orig}") from None

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a transaction that may write; it commits at the end of the block and rolls back on an error."""
        with (
            self._writing,
            self.engine.connect() as conn,
            conn.execution_options(liencap_writer=True).begin(),
        ):
            yield conn
            enqueued = conn.info.pop(_ENQUEUED, False)
        if enqueued:
            for listener in tuple(self._listeners):
                listener()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads; it sees one state of the store and blocks no writer."""
        with self.engine.connect() as conn, conn.begin():
            yield conn

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each commit that put events into the outbox."""
        self._listeners.append(listener)

    def stop_listening(self, listener: Callable[[], None]) -> None:
        """Take a listener back; one that is not there is no fault."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def lock(self, name: str) -> FileLock:
        """Name a lock that one holder on this store can have at a time; it ends with its holder's process."""
        return FileLock(self._path.with_name(f"{self._path.name}.{name}.lock"))

    def forget_overwritten(self) -> None:
        """Carry the journal over into the file, so that what was overwritten is in neither."""
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        """Release every connection."""
        self.engine.dispose()


def mark_enqueued(conn: Connection) -> None:
    """Note that this transaction put events into the outbox, so that listeners hear of its commit."""
    conn.info[_ENQUEUED] = True


def upsert(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows; a row whose primary key is there already takes the new values.

    All rows carry the same columns.
    """
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    insert = _insert(conn, table)
    changed = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    conn.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


def insert_missing(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, unique: str) -> None:
    """Write the rows whose value in the column `unique` is not there yet."""
    if rows:
        conn.execute(_insert(conn, table).on_conflict_do_nothing(index_elements=[unique]), list(rows))


def _insert(conn: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def _database_path(url: str) -> Path:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SetupFault(f"{url!r} is no database address; write sqlite:///folder/store.db") from None
    if parsed.get_backend_name() != "sqlite":
        raise SetupFault(
            f"this release keeps its store in SQLite, not in {parsed.get_backend_name()}; write sqlite:///folder/store.db"
        )
    if not parsed.database or parsed.database == ":memory:":
        raise SetupFault("the store must outlive the process: name a file, sqlite:///folder/store.db")
    return Path(parsed.database)


def _open(path: Path) -> Engine:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupFault(f"the folder of the store {path} cannot be made: {error.strerror}") from None
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
