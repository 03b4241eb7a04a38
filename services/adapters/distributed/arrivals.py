"""Wait for an event that another process folds: ask the row of its issue until it tells the outcome."""

from __future__ import annotations

import contextlib
import time
from uuid import UUID

from reporting.issue_state import Outcome
from services.adapters.issue_rows import IssueRows
from services.errors import NotReady

FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.2


class AskedArrivals:
    """Outcomes by event id, read from the rows that the workers write. Safe to use from several threads."""

    def __init__(self, rows: IssueRows) -> None:
        self._rows = rows

    def wait_for(self, event_id: UUID, timeout: float, *, issue_id: UUID) -> Outcome | None:
        """Wait up to `timeout` seconds for an event to be seen in the projection; None where it was not.

        An engine that cannot be reached is no fault here: what was recorded is recorded.
        """
        deadline, pause = time.monotonic() + timeout, FIRST_PAUSE
        while True:
            with contextlib.suppress(NotReady):
                state = self._rows.get(issue_id)
                if state is not None and (outcome := state.outcome_of(event_id)) is not None:
                    return outcome
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return None
            time.sleep(min(pause, remaining))
            pause = min(2 * pause, LONGEST_PAUSE)
