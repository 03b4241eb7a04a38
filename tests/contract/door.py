"""A post that holds the writer of a store, so that others gather behind it."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from sqlalchemy import Connection


class Door:
    """Holds the writer until it is opened."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self._open = threading.Event()

    def write(self, _conn: Connection, posts: Sequence[None]) -> list[None]:
        self.entered.set()
        assert self._open.wait(30)
        return list(posts)

    def open(self) -> None:
        self._open.set()
