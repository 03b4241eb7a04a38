"""End the process when its engine is dead, so that its supervisor starts another."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from services.errors import EngineDead

if TYPE_CHECKING:
    from services.web.operations.routes import Mortal

EXIT_CODE = 72
"""Exit code of the process; 70 is an unforeseen error of a stream, 71 a group that nobody serves."""
EVERY_SECONDS = 5.0
GRACE_SECONDS = 30.0
"""Time for the current requests and for closing; closing a dead engine may take for ever."""

_FATAL = ("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT")
_log = structlog.get_logger("engine")


def die_of_fatal_signals() -> None:
    """Let a fatal signal end the process at once, with the stacks of all threads on standard error.

    The engine's own handlers block the signalled thread for ever. If that thread holds the interpreter's lock, the
    process hangs and still looks alive. Call it from the main thread, after the engine was opened.
    """
    for name in _FATAL:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    faulthandler.enable()


@contextmanager
def watching(
    engine: Mortal,
    stop: Callable[[], None],
    *,
    every_seconds: float = EVERY_SECONDS,
    grace_seconds: float = GRACE_SECONDS,
) -> Iterator[None]:
    """Poll the engine; when it is dead, log it once and call `stop`.

    After the grace the process ends with `EXIT_CODE`, whatever still runs.

    Args:
        engine: the engine.
        stop: ends the block in order.
        every_seconds: seconds between two polls.
        grace_seconds: seconds from the death to the end of the process.

    Raises:
        EngineDead: at the end of the block, if the engine died in it.
    """
    over = threading.Event()
    deaths: list[str] = []

    def watch() -> None:
        while not over.wait(every_seconds):
            death = engine.death()
            if death is not None:
                deaths.append(death)
                deadline = threading.Timer(grace_seconds, os._exit, [EXIT_CODE])
                deadline.daemon = True
                deadline.start()
                _log.critical("engine.dead", reason=death, exit_code=EXIT_CODE)
                stop()
                return

    thread = threading.Thread(target=watch, name="engine watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
    if deaths:
        raise EngineDead(deaths[0])


def end_at_once() -> None:
    """End the process without the interpreter's shutdown, which may wait for a dead engine."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXIT_CODE)
