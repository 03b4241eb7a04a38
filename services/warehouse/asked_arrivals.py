"""Wait for an event that another process folds, by polling the row of its subject."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING
from uuid import UUID

from reporting.issues.state import Outcome
from services.arrivals import Family
from services.errors import NotReady
from services.warehouse.issue_table import IssueTable
from services.warehouse.problem_table import ProblemTable

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.2
_LANDED = "SELECT count() AS n FROM promise_events WHERE spot_id = {id:UUID} AND event_id = {event:UUID}"


class AskedArrivals:
    """Returns outcomes by event id from the rows that the workers write. Safe to use from several threads."""

    def __init__(self, issues: IssueTable, problems: ProblemTable, warehouse: Warehouse) -> None:
        self._issues = issues
        self._problems = problems
        self._warehouse = warehouse

    def wait_for(
        self, event_id: UUID, timeout: float, *, subject: UUID, family: Family = "issue"
    ) -> Outcome | None:
        """Wait up to `timeout` seconds for an event to be folded, and return its outcome; None after that time.

        An unreachable engine raises nothing here: the event is recorded all the same.
        """
        deadline, pause = time.monotonic() + timeout, FIRST_PAUSE
        while True:
            with contextlib.suppress(NotReady):
                if (outcome := self._ask(event_id, subject, family)) is not None:
                    return outcome
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return None
            time.sleep(min(pause, remaining))
            pause = min(2 * pause, LONGEST_PAUSE)

    def _ask(self, event_id: UUID, subject: UUID, family: Family) -> Outcome | None:
        if family == "promise":
            # The register is folded at each read, so a landed event counts.
            landed = self._warehouse.rows(_LANDED, id=subject, event=event_id)[0]["n"]
            return Outcome(accepted=True) if landed else None
        state = self._issues.get(subject) if family == "issue" else self._problems.get(subject)
        return None if state is None else state.outcome_of(event_id)
