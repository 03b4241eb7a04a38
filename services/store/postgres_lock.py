"""A lock on a PostgreSQL server that ends with its holder: it lives as long as one connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg

from services.errors import NotReady


class SessionLock:
    """Holds an advisory lock on a connection of its own; the server releases it when that connection ends.

    The end of a process ends its connections at once, and keepalive on both sides ends those of a lost machine within
    seconds. No pooler that shares sessions may stand between the connection and the server.

    Args:
        connect: opens a connection outside of any pool.
        number: number of the lock in the database.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], number: int) -> None:
        self._connect = connect
        self._number = number
        self._connection: psycopg.Connection[Any] | None = None
        self._guard = threading.Lock()

    @property
    def held(self) -> bool:
        """Ask the server whether this object holds the lock: a lost connection has lost the lock."""
        with self._guard:
            return self._still_held()

    def try_acquire(self) -> bool:
        """Take the lock if it is free, and return whether this object holds it.

        Raises:
            NotReady: the server does not answer.
        """
        with self._guard:
            if self._still_held():
                return True
            try:
                connection = self._connect()
            except psycopg.OperationalError as error:
                raise NotReady("the store does not answer, so that its lock cannot be had") from error
            try:
                taken = bool(_value(connection, "SELECT pg_try_advisory_lock(%s)", self._number))
            except psycopg.OperationalError as error:
                connection.close()
                raise NotReady("the store does not answer, so that its lock cannot be had") from error
            if taken:
                self._connection = connection
            else:
                connection.close()
            return taken

    def release(self) -> None:
        """Release the lock; no error if it is not held."""
        with self._guard:
            if self._connection is not None:
                # Unlock explicitly, because the server notices a closed connection only after a while.
                with suppress(psycopg.OperationalError):
                    _value(self._connection, "SELECT pg_advisory_unlock(%s)", self._number)
            self._drop()

    def _still_held(self) -> bool:
        if self._connection is None:
            return False
        try:
            _value(self._connection, "SELECT 1 WHERE %s IS NOT NULL", self._number)
        except psycopg.OperationalError:
            self._drop()
            return False
        return True

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _value(connection: psycopg.Connection[Any], statement: Any, *given: object) -> object:
    row = connection.execute(statement, given).fetchone()
    return row[0] if row is not None else None
