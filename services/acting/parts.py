"""The collaborators of an act: outbox, states, texts, and the wait for the outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from services.arrivals import Arrivals
from services.dated_tables import DatedTables
from services.store.store import Store
from services.store.texts import TextStore
from services.warehouse.issue_table import IssueTable
from services.warehouse.problem_table import ProblemTable

WAIT_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActParts:
    """Collaborators of an act on an issue, a problem or a promise.

    Attributes:
        clock: returns the current instant, aware, UTC.
        wait_seconds: how long an act waits for its event to be folded.
    """

    tables: DatedTables
    store: Store
    texts: TextStore
    issue_table: IssueTable
    problem_table: ProblemTable
    arrivals: Arrivals
    clock: Callable[[], dt.datetime]
    wait_seconds: float = WAIT_SECONDS
