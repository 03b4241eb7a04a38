"""Wait for the outcome of an event: the port, and its implementation inside one process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Literal, Protocol
from uuid import UUID

from reporting.issues.state import Outcome

Family = Literal["issue", "problem", "promise"]


class Arrivals(Protocol):
    """Returns the outcome of an event as soon as its row is written."""

    def wait_for(
        self, event_id: UUID, timeout: float, *, subject: UUID, family: Family = "issue"
    ) -> Outcome | None:
        """Wait up to `timeout` seconds for an event to be folded, and return its outcome; None after that time."""
        ...


REMEMBERED = 10_000
"""Outcomes kept for callers that ask a moment late; the row of the issue keeps them all."""


class AnnouncedArrivals:
    """Holds outcomes by event id. Safe to use from several threads."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._outcomes: OrderedDict[UUID, Outcome] = OrderedDict()
        self._changed = threading.Condition()

    def announce(self, outcomes: Iterable[tuple[UUID, Outcome]]) -> None:
        """Announce outcomes; the first one of an event stands, because later ones only repeat it."""
        with self._changed:
            for event_id, outcome in outcomes:
                self._outcomes.setdefault(event_id, outcome)
            while len(self._outcomes) > self._remembered:
                self._outcomes.popitem(last=False)
            self._changed.notify_all()

    def wait_for(self, event_id: UUID, timeout: float, **_about: object) -> Outcome | None:
        """Wait up to `timeout` seconds for an event to be folded, and return its outcome; None after that time."""
        with self._changed:
            self._changed.wait_for(lambda: event_id in self._outcomes, timeout)
            return self._outcomes.get(event_id)
