"""A store in PostgreSQL: several instances of a service on one store; each schema of a database is one store."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import psycopg
from sqlalchemy import Connection, Table, create_engine, event
from sqlalchemy.engine import URL

from services.errors import SetupError
from services.store.postgres_listen import Listener
from services.store.postgres_lock import SessionLock

TURN_TIMEOUT = "30s"
"""How long a writer waits for its turn."""
SILENCE_TIMEOUT = "10s"
"""Longest silence of the writer in turn: a paused process must not block the others."""

_CLIENT = {
    "connect_timeout": "5",
    "application_name": "liencap",
    # After a failover only the server that accepts writes is the store.
    "target_session_attrs": "read-write",
    # The client notices a silently cut connection within seconds,
    "keepalives_idle": "2",
    "keepalives_interval": "1",
    "keepalives_count": "3",
    "tcp_user_timeout": "5000",
}
_SESSION = {
    # and so does the server, so that the locks of a lost machine are freed.
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "5000",
    "lock_timeout": TURN_TIMEOUT,
    "timezone": "UTC",
}
# A recorded answer must survive a power loss, whatever the server's default; a server that waits for its replicas
# to apply a commit promises more already.
_DURABLE = """
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') <> 'remote_apply'
"""
_WRITERS_TURN = (
    "SELECT pg_advisory_xact_lock(%s), set_config('idle_in_transaction_session_timeout', %s, true)"
)


class PostgresBackend:
    """Connects to a database; the schema is the first of the search path.

    Raises:
        SetupError: the database cannot be reached, has no schema for tables, or is not in UTF-8.
    """

    read_options: Mapping[str, str | bool] = MappingProxyType(
        {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    )

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg", query={**_CLIENT, **url.query})
        self.address = url.render_as_string(hide_password=True)
        self.engine = create_engine(self._url, pool_size=5, max_overflow=15, pool_pre_ping=True)
        self._schema = self._check()
        self._take_turns()
        self._listener = Listener(
            self._connect, channel=f"liencap_{self._number('outbox'):x}".replace("-", "m")
        )

    @property
    def version(self) -> str:
        """Return the server's name and version."""
        with self.engine.connect() as conn:
            return f"PostgreSQL {conn.exec_driver_sql('SHOW server_version').scalar()}"

    def clock(self) -> dt.datetime | None:
        """Return the server's time."""
        with self.engine.connect() as conn:
            instant: dt.datetime = conn.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        return instant

    def announce(self, conn: Connection) -> None:
        """Notify the other processes at the commit."""
        conn.exec_driver_sql("SELECT pg_notify(%s, %s)", (self._listener.channel, self._listener.own))

    def listen(self, on_commit: Callable[[], None]) -> None:
        """Call `on_commit` at the commits of other processes, using a connection of its own."""
        self._listener.start(on_commit)

    def stop_listening(self) -> None:
        """Close that connection."""
        self._listener.stop()

    def lock(self, name: str) -> SessionLock:
        """Return a named lock of this schema."""
        return SessionLock(self._connect, self._number(f"lock/{name}"))

    def forget_overwritten(self, table: Table) -> None:
        """Vacuum a table, so that old versions of rows are freed; docs/known-limits.md lists what stays for a while."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql(f"VACUUM {conn.dialect.identifier_preparer.format_table(table)}")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _connect(self) -> psycopg.Connection[Any]:
        """Open a connection outside of the pool, in autocommit."""
        arguments = self.engine.dialect.create_connect_args(self._url)[1]
        connection: psycopg.Connection[Any] = psycopg.connect(**arguments, autocommit=True)
        try:
            _prepare(connection)
        except psycopg.Error:
            connection.close()
            raise
        return connection

    def _check(self) -> str:
        try:
            with self._connect() as connection:
                encoding = connection.info.parameter_status("server_encoding")
                [(schema,)] = connection.execute("SELECT current_schema()")
        except psycopg.Error as error:
            message = " ".join(str(error).split())  # libpq's messages have several lines
            raise SetupError(f"the store {self.address} cannot be opened: {message}") from None
        if schema is None:
            raise SetupError(
                f"the store {self.address} has no schema that this role may use; make one for it"
            )
        if encoding != "UTF8":
            raise SetupError(
                f"the database {self.address} keeps {encoding}, and people write UTF-8: make one with ENCODING 'UTF8'"
            )
        return str(schema)

    def _number(self, what: str) -> int:
        """Return a number derived from a name: advisory locks have numbers only."""
        named = f"liencap/{self._schema}/{what}".encode()
        return int.from_bytes(hashlib.blake2b(named, digest_size=8).digest(), signed=True)

    def _take_turns(self) -> None:
        turn = self._number("writers")

        @event.listens_for(self.engine, "connect")
        def _connected(connection: psycopg.Connection[Any], _record: object) -> None:
            autocommit, connection.autocommit = connection.autocommit, True
            _prepare(connection)
            connection.autocommit = autocommit

        @event.listens_for(self.engine, "begin")
        def _begin(conn: Connection) -> None:
            # Take the turn first, so that each later statement sees the previous writer's commit.
            if conn.get_execution_options().get("liencap_writer"):
                conn.exec_driver_sql(_WRITERS_TURN, (turn, SILENCE_TIMEOUT))


def _prepare(connection: psycopg.Connection[Any]) -> None:
    settings = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in _SESSION.items())
    connection.execute(f"SELECT {settings}")
    connection.execute(_DURABLE)
