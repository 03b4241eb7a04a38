"""The one client of ClickHouse: a server over HTTP, or the same engine in this process (chDB)."""

from __future__ import annotations

import functools
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from services.errors import EngineDead, NotReady
from services.warehouse.access import READING_SETTINGS
from services.warehouse.cluster import for_cluster
from services.warehouse.connection import (
    READ_SECONDS,
    WRITE_SECONDS,
    connect,
    connection_pool,
    in_process,
    translated_errors,
)
from services.warehouse.named_queries import statement
from services.warehouse.written_lists import bound

if TYPE_CHECKING:
    import pyarrow as pa
    from clickhouse_connect.driver.client import Client

    from services.warehouse.cluster import ClickHouseCluster

Row = TypeVar("Row")
Raw = dict[str, Any]
"""A row as the driver returns it: column → value."""
_LOOK_AGAIN_SECONDS = 0.5
_AS_GIVEN = {"optimize_on_insert": 0}
"""Rows that replace each other are written as they come, and collapse in the next merge: readers ask for FINAL anyhow."""


class Warehouse:
    """Inserts and queries; safe to use from several threads.

    Reading goes through a client that may only read, with an address and a user of its own where one is given.
    In process, one folder belongs to one process at a time, and a process has one folder at a time; several
    `Warehouse` objects on the same folder share the engine; a client is lent for a statement. Over HTTP the
    threads share two clients and their connections, and several processes may write at once.
    """

    def __init__(
        self,
        dsn: str,
        *,
        reader_dsn: str | None = None,
        password: str | None = None,
        reader_password: str | None = None,
        database: str = "liencap",
        memory_bytes: int = 1_500_000_000,
        threads: int = 2,
        cluster: ClickHouseCluster | None = None,
    ) -> None:
        self.dsn = dsn
        self.database = database
        self.cluster = cluster
        self._reader_dsn = reader_dsn or dsn
        self._passwords = {"writer": password, "reader": reader_password if reader_dsn else password}
        self._engine_options = {
            "max_server_memory_usage": str(memory_bytes),
            "max_threads": str(threads),
            "max_thread_pool_size": "100",
            "background_pool_size": "2",
            "mark_cache_size": str(64 * 1024 * 1024),
        }
        self._idle: dict[str, deque[Client]] = {"writer": deque(), "reader": deque()}
        self._pools = {address: connection_pool(address) for address in {self.dsn, self._reader_dsn}}
        self._clients: weakref.WeakSet[Any] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._closed = False

    def insert(self, table: str, rows: pa.Table) -> None:
        """Insert one Arrow table; the rows are durable and visible when this returns.

        Raises:
            NotReady: the engine cannot be reached.
        """
        if rows.num_rows:
            with translated_errors(self.dsn), self.lent("writer") as client:
                client.insert_arrow(table, rows, settings=_AS_GIVEN)

    def query(self, name: str, **params: Any) -> list[Raw]:
        """Run a named query of reporting/queries and return its rows.

        Raises:
            NotFound: no query has that name.
            NotReady: the engine cannot be reached.
        """
        return self.rows(statement(name), **params)

    def rows(self, sql: str, **params: Any) -> list[Raw]:
        """Run a reading statement with typed parameters (`{unit:String}`) and return its rows.

        Raises:
            NotReady: the engine cannot be reached.
        """
        with translated_errors(self._reader_dsn), self.lent("reader") as client:
            answer = client.query(sql, parameters=bound(params))
        names = answer.column_names
        return [dict(zip(names, row, strict=True)) for row in answer.result_rows]

    def query_of(self, row: Callable[..., Row], name: str, **params: Any) -> list[Row]:
        """Run a named query and return its rows, each built by `row` from the columns as keyword arguments.

        Raises:
            NotFound, NotReady: as for `query`.
        """
        return [row(**found) for found in self.query(name, **params)]

    def rows_of(self, row: Callable[..., Row], sql: str, **params: Any) -> list[Row]:
        """Run a reading statement and return its rows, each built by `row` from the columns as keyword arguments.

        Raises:
            NotReady: the engine cannot be reached.
        """
        return [row(**found) for found in self.rows(sql, **params)]

    def command(self, sql: str, **params: Any) -> None:
        """Run a writing statement through the writer; on a cluster, as services/warehouse/cluster.py renders it.

        Raises:
            NotReady: the engine cannot be reached.
        """
        written = bound(params)
        for one in self._rendered(sql):
            with translated_errors(self.dsn), self.lent("writer") as client:
                client.command(one, parameters=written)

    def wait(self, seconds: float) -> None:
        """Wait until the server answers: it may start later than this process. The engine in process needs no wait.

        Raises:
            NotReady: no answer within this time.
        """
        if in_process(self.dsn):
            return None
        until = time.monotonic() + seconds
        while True:
            try:
                return self.administer("SELECT 1")
            except NotReady:
                if time.monotonic() >= until:
                    raise
            time.sleep(_LOOK_AGAIN_SECONDS)

    @contextmanager
    def lent(self, kind: str) -> Iterator[Client]:
        """Lend a client, "writer" or "reader", for one statement.

        In process a client takes one statement at a time, and opening one costs 40 ms: it asks the engine for all of
        its settings. So the threads pass few clients around instead of keeping one each. Over HTTP all share one.

        Raises:
            NotReady: the warehouse is closed, or the engine cannot be reached.
        """
        if self._closed:
            raise NotReady("the warehouse is closed")
        idle, is_own = self._idle[kind], in_process(self.dsn)
        client = self._idle_one(kind)
        if client is None:
            client = self._open(kind, database=self.database)
            if not is_own:
                idle.append(client)
        try:
            yield client
        finally:
            if is_own:
                idle.append(client)

    def clock(self) -> int:
        """Return the engine's clock in nanoseconds since 1970, read in a statement of its own."""
        return int(self.rows("SELECT toUnixTimestamp64Nano(now64(9)) AS now")[0]["now"])

    def death(self) -> str | None:
        """Return the error with which the engine in this process has ended for good; None while it lives.

        A server that does not answer, or an engine that is closed or short of memory, is alive: it may answer again.
        """
        if not in_process(self.dsn):
            return None
        try:
            self.clock()
        except EngineDead as error:
            return error.message
        except Exception:  # noqa: BLE001 -- `/readyz` names every other fault
            return None
        return None

    def create(self) -> None:
        """Create the database where it is missing; `services.warehouse.migrations.migrate` fills it.

        Raises:
            SetupError: the folder cannot be opened.
            NotReady: the engine cannot be reached.
        """
        for one in self._rendered(f"CREATE DATABASE IF NOT EXISTS `{self.database}` ENGINE = Atomic"):
            self.administer(one)

    def beside(self, purpose: str) -> Warehouse:
        """Return a warehouse of the same engine with a database of its own, named after this one and the purpose."""
        return self.named(f"{self.database}_{purpose}")

    def named(self, database: str) -> Warehouse:
        """Return a warehouse of the same engine for the maintenance of a database, which may be the same one.

        It reads as the writer's user: the reader's has no rights outside the database of the pages.
        """
        password = self._passwords["writer"]
        other = Warehouse(self.dsn, password=password, database=database, cluster=self.cluster)
        other._engine_options = self._engine_options
        return other

    def drop(self) -> None:
        """Drop the whole database, if it exists.

        Raises:
            NotReady: the engine cannot be reached.
        """
        for one in self._rendered(f"DROP DATABASE IF EXISTS `{self.database}` SYNC"):
            self.administer(one)

    def close(self) -> None:
        """Close the clients of all threads; the engine in process ends with the last client."""
        with self._lock:
            self._closed = True
            clients = list(self._clients)
        for client in clients:
            client.close()
        for pool in self._pools.values():
            if pool is not None:
                pool.clear()

    def administer(self, sql: str) -> None:
        """Run a statement about databases or users unchanged, from outside the database.

        Raises:
            NotReady: the engine cannot be reached.
            SetupError: the user lacks the right.
        """
        with translated_errors(self.dsn), closing(self._open("writer", database=None)) as client:
            client.command(sql)

    def _rendered(self, sql: str) -> tuple[str, ...]:
        return (sql,) if self.cluster is None else for_cluster(sql, self.cluster, self.database)

    def _settings(self, kind: str) -> dict[str, str | int]:
        if kind == "writer":
            # A server inserts asynchronously by default since 26.2, and answers before the rows are visible.
            return {**READING_SETTINGS, **(self.cluster.writing if self.cluster else {}), "async_insert": 0}
        # `readonly` must be the last setting: none can be set after it.
        return {**READING_SETTINGS, **(self.cluster.reading if self.cluster else {}), "readonly": 1}

    def _idle_one(self, kind: str) -> Client | None:
        idle = self._idle[kind]
        try:
            return idle.pop() if in_process(self.dsn) else idle[0]
        except IndexError:
            return None

    def _open(self, kind: str, *, database: str | None) -> Client:
        dsn = self.dsn if kind == "writer" else self._reader_dsn
        opened = functools.partial(
            connect,
            dsn,
            database=database,
            password=self._passwords[kind],
            settings=self._settings(kind),
            silence_seconds=WRITE_SECONDS if kind == "writer" else READ_SECONDS,
            engine_options=self._engine_options,
            pool=self._pools[dsn],
        )
        if not in_process(dsn):  # several at a time: a query that waits for a lost server blocks no other
            return self._kept(opened())
        with self._lock:
            if self._closed:
                raise NotReady("the warehouse is closed")
            client = opened()
            self._clients.add(client)
        return client

    def _kept(self, client: Client) -> Client:
        with self._lock:
            self._clients.add(client)
            if not self._closed:
                return client
        client.close()
        raise NotReady("the warehouse is closed")
