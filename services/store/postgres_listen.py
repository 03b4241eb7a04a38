"""Hear of other processes' commits over a connection that listens (LISTEN/NOTIFY)."""

from __future__ import annotations

import select
import socket
import threading
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0


class Listener:
    """Wait in a thread for what other processes announce on a channel.

    A line that broke is made anew, and `heard` is then called once for whatever was missed meanwhile.

    Args:
        connect: opens a connection outside of any pool.
        channel: what to listen on.

    Attributes:
        own: what this process announces with, so that it does not hear itself.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], channel: str) -> None:
        self._connect = connect
        self.channel = channel
        self.own = uuid.uuid4().hex
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._bell: socket.socket | None = None

    def start(self, heard: Callable[[], None]) -> None:
        """Begin to listen; again is no fault. What is announced after this returns may still be missed."""
        if self._thread is not None:
            return
        self._stopping.clear()
        self._bell, ear = socket.socketpair()
        self._thread = threading.Thread(
            target=self._run, args=(heard, ear), name="store-listener", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the thread; one that does not run is no fault."""
        if self._thread is None or self._bell is None:
            return
        self._stopping.set()
        self._bell.close()  # whoever waits at the other end wakes up
        self._thread.join()
        self._thread = self._bell = None

    def _run(self, heard: Callable[[], None], ear: socket.socket) -> None:
        pause = FIRST_PAUSE
        with ear:
            while not self._stopping.is_set():
                try:
                    with self._connect() as connection:
                        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self.channel)))
                        pause = FIRST_PAUSE
                        heard()
                        self._hear(connection, heard, ear)
                except psycopg.Error:
                    self._stopping.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)

    def _hear(
        self, connection: psycopg.Connection[Any], heard: Callable[[], None], ear: socket.socket
    ) -> None:
        while not self._stopping.is_set():
            select.select([connection.fileno(), ear.fileno()], [], [])
            if any(note.payload != self.own for note in connection.notifies(timeout=0)):
                heard()
