"""Wait for an event that another process folds, by polling the row of its subject."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING
from uuid import UUID

from anyio import to_thread

from reporting.issues.state import Outcome
from services.arrivals import Family
from services.errors import NotReady
from services.warehouse.issue_table import IssueTable
from services.warehouse.problem_table import ProblemTable

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.2
_LANDED: dict[Family, str] = {
    "promise": "SELECT count() AS n FROM promise_events WHERE spot_id = {id:UUID} AND event_id = {event:UUID}",
    "lesson": "SELECT count() AS n FROM lesson_events WHERE lesson_id = {id:UUID} AND event_id = {event:UUID}",
    "period": "SELECT count() AS n FROM period_events WHERE filing_id = {id:UUID} AND event_id = {event:UUID}",
}
"""Of registers that are folded at each read: a landed event counts."""


class AskedArrivals:
    """Returns outcomes by event id from the rows that the workers write. Safe to use from several threads."""

    def __init__(self, issues: IssueTable, problems: ProblemTable, warehouse: Warehouse) -> None:
        self._issues = issues
        self._problems = problems
        self._warehouse = warehouse
        self.awaiting = 0

    def wait_for(
        self, event_id: UUID, timeout: float, *, subject: UUID, family: Family = "issue"
    ) -> Outcome | None:
        """Wait up to `timeout` seconds for an event to be folded, and return its outcome; None after that time.

        An unreachable engine raises nothing here: the event is recorded all the same.
        """
        deadline, pause = time.monotonic() + timeout, FIRST_PAUSE
        while True:
            if (outcome := self._ask(event_id, subject, family)) is not None:
                return outcome
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return None
            time.sleep(min(pause, remaining))
            pause = min(2 * pause, LONGEST_PAUSE)

    async def arrived(
        self,
        event_id: UUID,
        seconds: float,
        *,
        subject: UUID,
        family: Family = "issue",
    ) -> Outcome | None:
        """Wait as `wait_for` does; a thread is held only while the engine is asked."""
        deadline, pause = time.monotonic() + seconds, FIRST_PAUSE
        self.awaiting += 1
        try:
            while True:
                outcome = await to_thread.run_sync(self._ask, event_id, subject, family)
                remaining = deadline - time.monotonic()
                if outcome is not None or remaining <= 0:
                    return outcome
                await asyncio.sleep(min(pause, remaining))
                pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            self.awaiting -= 1

    def _ask(self, event_id: UUID, subject: UUID, family: Family) -> Outcome | None:
        with contextlib.suppress(NotReady):
            return self._outcome_of(event_id, subject, family)
        return None

    def _outcome_of(self, event_id: UUID, subject: UUID, family: Family) -> Outcome | None:
        if family in _LANDED:
            landed = self._warehouse.rows(_LANDED[family], id=subject, event=event_id)[0]["n"]
            return Outcome(accepted=True) if landed else None
        state = self._issues.get(subject) if family == "issue" else self._problems.get(subject)
        return None if state is None else state.outcome_of(event_id)
