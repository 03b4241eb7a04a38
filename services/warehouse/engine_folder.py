"""Who has the engine's folder open: asked before the engine is, which would only say that it cannot lock a file."""

from __future__ import annotations

import os
import re
from pathlib import Path

from services.errors import SetupError
from services.store.exclusive import FileLock

_STATUS = "status"
_PROCESS = re.compile(r"^PID: (\d+)$", re.MULTILINE)


def holder_of(folder: Path) -> int | None:
    """Return the number of the other process that has the engine's folder open; nothing where none has."""
    status = folder / _STATUS
    try:
        found = _PROCESS.search(status.read_text(encoding="ascii", errors="replace"))
        if found is None or int(found[1]) == os.getpid():
            return None
        lock = FileLock(status)
        if lock.try_acquire():
            lock.release()
            return None
    except OSError:
        return None  # what is wrong with the folder is the engine's to say
    return int(found[1])


def check_free(folder: Path) -> None:
    """Let the engine be opened only where no other process has it.

    Raises:
        SetupError: another process has; names it.
    """
    process = holder_of(folder)
    if process is not None:
        raise SetupError(
            f"the engine of {folder} is open in process {process}, perhaps a running server: stop that one first, "
            "or ask it over HTTP"
        )
