"""An event loop in a thread of its own, for clients that are called from other threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from events.errors import LogUnavailable

T = TypeVar("T")
CALL_SECONDS = 30.0


class LoopThread:
    """An event loop in a thread of its own, started at first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Coroutine[Any, Any, T], timeout: float = CALL_SECONDS) -> T:
        """Run a coroutine in the loop and return its result.

        Raises:
            LogUnavailable: the coroutine exceeded the timeout.
        """
        future = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            return future.result(timeout)
        except TimeoutError as error:
            future.cancel()
            raise LogUnavailable(f"Kafka gave no answer in {timeout:.0f} s") from error

    def stop(self) -> None:
        """End the thread."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(5)
            if not thread.is_alive():
                loop.close()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="kafka", daemon=True)
                self._thread.start()
            return self._loop
