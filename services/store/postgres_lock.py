"""A lock on a PostgreSQL server that its holder's death releases: it lives as long as one connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg

from services.errors import NotReady


class SessionLock:
    """Hold an advisory lock on a connection of its own; the server lets go of it when that connection ends.

    The end of a process ends its connections at once, and keepalive on both sides ends those of a machine that is
    gone within seconds. Nothing may stand between the connection and the server that shares sessions.

    Args:
        connect: opens a connection outside of any pool.
        number: which lock of the database.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], number: int) -> None:
        self._connect = connect
        self._number = number
        self._connection: psycopg.Connection[Any] | None = None
        self._guard = threading.Lock()

    @property
    def held(self) -> bool:
        """Ask the server whether this object holds the lock: a lost connection lost the lock."""
        with self._guard:
            return self._still_held()

    def try_acquire(self) -> bool:
        """Take the lock if nobody else has it; holding it already counts as success.

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
        """Let go; a lock that is not held is no fault."""
        with self._guard:
            if self._connection is not None:
                # Asked for, because the server comes to a closed connection only after a while.
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
