"""Wake up at commits of other processes, over a connection that listens (LISTEN/NOTIFY)."""

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
    """Waits in a thread for notifications of other processes on a channel.

    A broken connection is opened again, and `on_commit` is then called once for all missed notifications.

    Args:
        connect: opens a connection outside of any pool.
        channel: name of the channel.

    Attributes:
        own: payload of this process's notifications, which it ignores.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], channel: str) -> None:
        self._connect = connect
        self.channel = channel
        self.own = uuid.uuid4().hex
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._wake_sender: socket.socket | None = None

    def start(self, on_commit: Callable[[], None]) -> None:
        """Start to listen; no error if already started. Notifications right after the return may still be missed."""
        if self._thread is not None:
            return
        self._stopping.clear()
        self._wake_sender, wake_receiver = socket.socketpair()
        self._thread = threading.Thread(
            target=self._run, args=(on_commit, wake_receiver), name="store-listener", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the thread; no error if it does not run."""
        if self._thread is None or self._wake_sender is None:
            return
        self._stopping.set()
        self._wake_sender.close()  # wakes the thread at the other end
        self._thread.join()
        self._thread = self._wake_sender = None

    def _run(self, on_commit: Callable[[], None], wake_receiver: socket.socket) -> None:
        pause = FIRST_PAUSE
        with wake_receiver:
            while not self._stopping.is_set():
                try:
                    with self._connect() as connection:
                        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self.channel)))
                        pause = FIRST_PAUSE
                        on_commit()
                        self._receive(connection, on_commit, wake_receiver)
                except psycopg.Error:
                    self._stopping.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)

    def _receive(
        self, connection: psycopg.Connection[Any], on_commit: Callable[[], None], wake_receiver: socket.socket
    ) -> None:
        while not self._stopping.is_set():
            select.select([connection.fileno(), wake_receiver.fileno()], [], [])
            if any(note.payload != self.own for note in connection.notifies(timeout=0)):
                on_commit()
