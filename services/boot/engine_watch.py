"""End the process when its engine is dead: its supervisor starts another, which a process that answers on would prevent."""

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
"""With which the process ends; 70 is an unforeseen fault of a stream, 71 a group that nobody serves."""
EVERY_SECONDS = 5.0
GRACE_SECONDS = 30.0
"""For what is in hand and for closing; a dead engine may keep whoever closes it for ever."""

_FATAL = ("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT")
_log = structlog.get_logger("engine")


def die_of_fatal_signals() -> None:
    """Let a fatal signal end the process at once, with the lines of all threads on standard error.

    The engine's own handlers keep the thread that was hit for ever. Where that thread holds the interpreter's lock,
    nothing in the process would move again, and it would look alive. To be called from the main thread, after the
    engine was opened.
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
    """Ask the engine again and again; when it is dead, say so once and call `stop`.

    Whatever still hangs after the grace, the process ends with `EXIT_CODE`.

    Args:
        engine: the engine.
        stop: makes the block end in order.
        every_seconds: between two questions.
        grace_seconds: from the death to the end of the process.

    Raises:
        EngineDead: at the end of the block, where the engine died in it.
    """
    over = threading.Event()
    said: list[str] = []

    def watch() -> None:
        while not over.wait(every_seconds):
            death = engine.death()
            if death is not None:
                said.append(death)
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
    if said:
        raise EngineDead(said[0])


def end_at_once() -> None:
    """End the process without the interpreter's closing, in which a dead engine may keep it."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXIT_CODE)
