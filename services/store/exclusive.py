"""A lock between processes that ends with its holder's process; here on a file, in postgres_lock.py on a server."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Protocol

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class ExclusiveLock(Protocol):
    """A lock that one object holds at a time, in whichever process."""

    @property
    def held(self) -> bool:
        """Return whether this object holds the lock now."""

    def try_acquire(self) -> bool:
        """Take the lock if it is free, and return whether this object holds it.

        Raises:
            NotReady: the server of the lock does not answer.
        """

    def release(self) -> None:
        """Release the lock; no error if it is not held."""


class FileLock:
    """Locks a file; the operating system releases it when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._guard = threading.Lock()

    @property
    def held(self) -> bool:
        """Return whether this object holds the lock."""
        return self._descriptor is not None

    def try_acquire(self) -> bool:
        """Take the lock if it is free, and return whether this object holds it."""
        with self._guard:
            if self._descriptor is not None:
                return True
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
            try:
                _try_lock(descriptor)
            except OSError:
                os.close(descriptor)
                return False
            self._descriptor = descriptor
            return True

    def release(self) -> None:
        """Release the lock; no error if it is not held."""
        with self._guard:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
