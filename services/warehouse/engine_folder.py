"""Find the process that holds the engine's folder; the engine's own error would only name a file lock."""

from __future__ import annotations

import os
import re
from pathlib import Path

from services.errors import SetupError
from services.store.exclusive import FileLock

_STATUS = "status"
_PROCESS = re.compile(r"^PID: (\d+)$", re.MULTILINE)


def holder_of(folder: Path) -> int | None:
    """Return the id of the other process that has the engine's folder open; None where none has."""
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
        return None  # the engine itself reports what is wrong with the folder
    return int(found[1])


def check_free(folder: Path) -> None:
    """Check that no other process has the engine's folder open.

    Raises:
        SetupError: another process has it open; the error names its id.
    """
    process = holder_of(folder)
    if process is not None:
        raise SetupError(
            f"the engine of {folder} is open in process {process}, perhaps a running server: stop that one first, "
            "or ask it over HTTP"
        )
