"""The collaborators that the three web services share; `services/boot` builds one `Parts`, every route reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from services.access.tokens import Access
from services.arrivals import Arrivals
from services.language.labels import Labels

if TYPE_CHECKING:
    from events.log import EventLog
    from reporting.dated.territory import Territory
    from services.dated_tables import DatedTables
    from services.documents.drafts import Drafts
    from services.documents.gather import AnnexSource
    from services.intake.intake import Intake
    from services.store.outbox import Relay
    from services.store.store import Store
    from services.store.texts import TextStore
    from services.warehouse.client import Warehouse
    from services.warehouse.issue_table import IssueRows
    from services.warehouse.problem_table import ProblemRows


Readiness = Callable[[], str | None]
"""Says what is missing, or nothing when the part is there."""

WAIT_SECONDS = 3.0
PAGE_SIZE = 50
MAX_BODY_BYTES = 1_000_000
MAX_SYNC_BODY_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a request may need, with the few values of the settings that the web reads.

    Attributes:
        clock: the current instant, aware, UTC.
        territory: whose cases, reports and notices the store keeps.
        readiness: named checks of `/readyz`.
        registry: the metrics that `/metrics` shows.
        demo: personas may be picked on the sign-in page without a token.
        wait_seconds: how long an action waits to see its event in the projection.
        max_body_bytes: the largest body that a request may send; a sync call may send `max_sync_body_bytes`.
        request_threads: how many requests run beside each other in the one process.
    """

    tables: DatedTables
    store: Store
    texts: TextStore
    log: EventLog
    warehouse: Warehouse
    issue_rows: IssueRows
    problem_rows: ProblemRows
    arrivals: Arrivals
    intake: Intake
    relay: Relay
    drafts: Drafts
    annexes: AnnexSource
    access: Access
    labels: Labels
    clock: Callable[[], dt.datetime]
    territory: Territory
    readiness: dict[str, Readiness] = field(default_factory=dict)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    demo: bool = False
    wait_seconds: float = WAIT_SECONDS
    max_body_bytes: int = MAX_BODY_BYTES
    max_sync_body_bytes: int = MAX_SYNC_BODY_BYTES
    request_threads: int = 12
