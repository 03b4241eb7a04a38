"""The one client of ClickHouse: a server over HTTP, or the same engine in this process (chDB)."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from services.adapters import clickhouse_migrations
from services.adapters.named_queries import named_query
from services.errors import NotReady, SetupFault

if TYPE_CHECKING:
    import pyarrow as pa
    from clickhouse_connect.driver.client import Client

# Partition keys are functions of sorting keys: a row and the one that replaces it share a partition.
_SHARED_SETTINGS = {"do_not_merge_across_partitions_select_final": 1}
# A server inserts asynchronously by default since 26.2, and answers before the rows are there.
_WRITER_SETTINGS = {**_SHARED_SETTINGS, "async_insert": 0}
# `readonly` stands last: nothing can be set after it.
_READER_SETTINGS = {**_SHARED_SETTINGS, "readonly": 1}
_FOREIGN_LOCK = "Error initializing EmbeddedServer"
_OTHER_PATH = "already initialized with path"


class Warehouse:
    """Insert, query and migrate; safe to use from several threads, each of which gets its own clients.

    Reading goes through a client that may only read. In process, one folder belongs to one process at a time, and
    a process has one folder at a time; several `Warehouse` objects on the same folder share the engine.
    """

    def __init__(
        self,
        dsn: str,
        *,
        database: str = "liencap",
        memory_bytes: int = 1_500_000_000,
        threads: int = 2,
    ) -> None:
        self.dsn = dsn
        self.database = database
        self._engine_options = {
            "max_server_memory_usage": str(memory_bytes),
            "max_threads": str(threads),
            "max_thread_pool_size": "100",
            "background_pool_size": "2",
            "mark_cache_size": str(64 * 1024 * 1024),
        }
        self._mine = threading.local()
        self._clients: weakref.WeakSet[Any] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._closed = False

    def insert(self, table: str, rows: pa.Table) -> None:
        """Insert one Arrow table; the rows are durable and visible when this returns.

        Raises:
            NotReady: the engine cannot be reached.
        """
        if rows.num_rows:
            with _faults():
                self._client("writer").insert_arrow(table, rows)

    def query(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """Run a named query of reporting/queries and return its rows.

        Raises:
            NotFound: no query has that name.
            NotReady: the engine cannot be reached.
        """
        return self.rows(named_query(name), **params)

    def rows(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """Run a reading statement with typed parameters (`{unit:String}`) and return its rows.

        Raises:
            NotReady: the engine cannot be reached.
        """
        with _faults():
            answer = self._client("reader").query(sql, parameters=params)
        names = answer.column_names
        return [dict(zip(names, row, strict=True)) for row in answer.result_rows]

    def command(self, sql: str, **params: Any) -> None:
        """Run a writing statement through the writer.

        Raises:
            NotReady: the engine cannot be reached.
        """
        with _faults():
            self._client("writer").command(sql, parameters=params)

    def clock(self) -> int:
        """Read the engine's clock, in nanoseconds since 1970, in a statement of its own."""
        return int(self.rows("SELECT toUnixTimestamp64Nano(now64(9)) AS now")[0]["now"])

    def migrate(self) -> list[str]:
        """Create the database and apply the migrations that were not applied yet; return their names.

        Raises:
            SetupFault: a migration was edited after it was applied, or the folder cannot be opened.
            NotReady: the engine cannot be reached.
        """
        self._administer(f"CREATE DATABASE IF NOT EXISTS `{self.database}` ENGINE = Atomic")
        return clickhouse_migrations.migrate(self)

    def beside(self, purpose: str) -> Warehouse:
        """Return a warehouse of the same engine with a database of its own, named after this one and the purpose."""
        other = Warehouse(self.dsn, database=f"{self.database}_{purpose}")
        other._engine_options = self._engine_options
        return other

    def drop(self) -> None:
        """Drop the whole database, if it is there.

        Raises:
            NotReady: the engine cannot be reached.
        """
        self._administer(f"DROP DATABASE IF EXISTS `{self.database}` SYNC")

    def close(self) -> None:
        """Close the clients of all threads; the engine in process ends with the last of them."""
        with self._lock:
            self._closed = True
            clients = list(self._clients)
        for client in clients:
            client.close()

    def _administer(self, sql: str) -> None:
        """Run a statement about the database itself, from outside it."""
        with _faults(), closing(self._open("writer", database=None)) as client:
            client.command(sql)

    def _client(self, kind: str) -> Client:
        found = getattr(self._mine, kind, None)
        if found is None:
            found = self._open(kind, database=self.database)
            setattr(self._mine, kind, found)
        return found

    def _open(self, kind: str, *, database: str | None) -> Client:
        import clickhouse_connect  # noqa: PLC0415 -- heavy, and `--help` does not need it

        options: dict[str, Any] = {
            "database": database,
            "tz_mode": "aware",
            "settings": dict(_WRITER_SETTINGS if kind == "writer" else _READER_SETTINGS),
        }
        if self.dsn.startswith("chdb:"):
            options["chdb_options"] = self._engine_options
        else:
            options["autogenerate_session_id"] = False
        with self._lock:
            if self._closed:
                raise NotReady("the warehouse is closed")
            client = _connected(self.dsn, options, clickhouse_connect.get_client)
            self._clients.add(client)
        return client


def _connected(dsn: str, options: Mapping[str, Any], connect: Any) -> Client:
    from clickhouse_connect.driver.exceptions import ProgrammingError  # noqa: PLC0415 -- heavy

    try:
        return connect(dsn=dsn, **options)
    except ProgrammingError as fault:
        text, path = str(fault), urlparse(dsn).path
        if _OTHER_PATH in text:
            raise SetupFault(f"this process already has another warehouse folder open than {path}") from fault
        if _FOREIGN_LOCK in text:
            raise SetupFault(
                f"the warehouse folder {path} is open in another process (or cannot be written): "
                "stop that process, or ask the running server instead"
            ) from fault
        raise


@contextmanager
def _faults() -> Iterator[None]:
    """Turn a connection that failed into NotReady; a wrong statement stays what it is."""
    from clickhouse_connect.driver.exceptions import OperationalError  # noqa: PLC0415 -- heavy

    try:
        yield
    except OperationalError as fault:
        raise NotReady(f"the warehouse cannot be reached: {fault}") from fault
