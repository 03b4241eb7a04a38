"""The collaborators of the web: those that a view reads, and those that a request may need besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry

from dashboards.lines import Row
from dashboards.vocabulary import Reading
from reporting.dated.territory import Territory
from services.access.tokens import TokenSigner
from services.acting.parts import ActParts
from services.connectors.uploads import Uploads
from services.documents.drafts import Drafts
from services.documents.gather import AnnexSource
from services.grafana.watch import GrafanaWatch
from services.intake.intake import Intake
from services.language.labels import Labels
from services.store.attachments import AttachmentStore
from services.store.outbox import Relay
from services.store.sessions import Sessions
from services.store.tokens import ApiTokens
from services.warehouse.client import Warehouse
from services.web.shell.filling import Filling, nothing_to_fill

Readiness = Callable[[], str | None]
"""Returns what is missing, or nothing when the part is there."""

Read = Callable[[], Sequence[Row]]
"""Reads the running installation, as a panel of the operators' board shows it."""

MAX_BODY_BYTES = 1_000_000
MAX_SYNC_BODY_BYTES = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewParts(ActParts):
    """Collaborators that a view reads to show issues, problems, promises and figures in one language.

    Attributes:
        filling: returns how far a demo is that fills itself behind its pages; None where nothing is left to fill.
        readings: what the operators' board reads from the running installation.
    """

    warehouse: Warehouse
    labels: Labels
    filling: Callable[[], Filling | None] = nothing_to_fill
    readings: Mapping[Reading, Read] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(ViewParts):
    """Collaborators of a request, with the few settings that the web reads.

    Attributes:
        territory: the units whose cases, reports and notices the store keeps.
        readiness: named checks of `/readyz`.
        registry: the metrics that `/metrics` shows.
        grafana: the watch over the boards in Grafana; nothing where the installation has none.
        clamd_socket: where a clamd scans what is attached; nothing where the installation has none.
        uploads: the files that people look at before they import them.
        demo: a persona may sign in without a token.
        max_body_bytes: largest body of a request; of a sync request it is `max_sync_body_bytes`.
        request_threads: how many requests run at the same time in the process.
    """

    intake: Intake
    relay: Relay
    drafts: Drafts
    attachments: AttachmentStore
    annexes: AnnexSource
    access: TokenSigner
    sessions: Sessions
    tokens: ApiTokens
    territory: Territory
    uploads: Uploads
    readiness: dict[str, Readiness] = field(default_factory=dict)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    grafana: GrafanaWatch | None = None
    clamd_socket: Path | None = None
    demo: bool = False
    max_body_bytes: int = MAX_BODY_BYTES
    max_sync_body_bytes: int = MAX_SYNC_BODY_BYTES
    request_threads: int = 12
