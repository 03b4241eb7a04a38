"""Wait for the outcome of an event: the port, and its implementation inside one process."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from typing import Literal, Protocol
from uuid import UUID

from reporting.issues.state import Outcome

Family = Literal["issue", "problem", "promise", "period", "lesson"]


class Arrivals(Protocol):
    """Returns the outcome of an event as soon as its row is written.

    Attributes:
        awaiting: how many requests wait by `arrived`.
    """

    awaiting: int

    def wait_for(
        self, event_id: UUID, timeout: float, *, subject: UUID, family: Family = "issue"
    ) -> Outcome | None:
        """Wait up to `timeout` seconds for an event to be folded, and return its outcome; None after that time."""
        ...

    async def arrived(
        self, event_id: UUID, seconds: float, *, subject: UUID, family: Family = "issue"
    ) -> Outcome | None:
        """Wait up to so many seconds, as `wait_for` does, without a thread."""
        ...


REMEMBERED = 10_000
"""Outcomes kept for callers that ask a moment late; the row of the issue keeps them all."""


_Asked = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Outcome]"]


class AnnouncedArrivals:
    """Holds outcomes by event id. Safe to use from several threads."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._outcomes: OrderedDict[UUID, Outcome] = OrderedDict()
        self._changed = threading.Condition()
        self._asked: dict[UUID, list[_Asked]] = {}
        self.awaiting = 0

    def announce(self, outcomes: Iterable[tuple[UUID, Outcome]]) -> None:
        """Announce outcomes; the first one of an event stands, because later ones only repeat it."""
        with self._changed:
            for event_id, outcome in outcomes:
                first = self._outcomes.setdefault(event_id, outcome)
                for loop, answer in self._asked.pop(event_id, ()):
                    with suppress(RuntimeError):  # the loop was closed: nobody waits there any more
                        loop.call_soon_threadsafe(_resolve, answer, first)
            while len(self._outcomes) > self._remembered:
                self._outcomes.popitem(last=False)
            self._changed.notify_all()

    def wait_for(self, event_id: UUID, timeout: float, **_about: object) -> Outcome | None:
        """Wait up to `timeout` seconds for an event to be folded, and return its outcome; None after that time."""
        with self._changed:
            self._changed.wait_for(lambda: event_id in self._outcomes, timeout)
            return self._outcomes.get(event_id)

    async def arrived(self, event_id: UUID, seconds: float, **_about: object) -> Outcome | None:
        """Wait up to so many seconds, as `wait_for` does, without a thread."""
        loop = asyncio.get_running_loop()
        asked: _Asked = (loop, loop.create_future())
        with self._changed:
            if event_id in self._outcomes:
                return self._outcomes[event_id]
            self._asked.setdefault(event_id, []).append(asked)
        self.awaiting += 1
        try:
            return await asyncio.wait_for(asked[1], seconds)
        except TimeoutError:
            return None
        finally:
            self.awaiting -= 1
            self._forget(event_id, asked)

    def _forget(self, event_id: UUID, asked: _Asked) -> None:
        with self._changed:
            waiting = self._asked.get(event_id, [])
            if asked in waiting:
                waiting.remove(asked)
            if not waiting:
                self._asked.pop(event_id, None)


def _resolve(answer: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not answer.done():
        answer.set_result(outcome)
