"""A whole installation in a temporary folder: real store, log, engine and streams, driven through its HTTP door.

`World` is what tests of routes, pages and journeys hold. Its streams run in threads, as in production; `settle`
waits until they have nothing left to do. `as_` gives a client that speaks for a role of a unit.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI
from httpx2 import Response
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from events.envelope import Role
from reporting.dated.calendar import local_day
from reporting.dated.territory import parse_territory
from reporting.issues.turns import NEEDS_WORDS
from services.access.actors import Actor
from services.access.keys import Keys
from services.access.tokens import TokenSigner, create_token
from services.arrivals import AnnouncedArrivals
from services.boot.installation import open_attachments
from services.boot.pages import build_whole
from services.boot.provinces import notify_group
from services.boot.readiness import intake_checks, stream_checks, warehouse_checks
from services.boot.readings import Installation, readings_of
from services.boot.steps import readers
from services.connectors.uploads import Uploads
from services.consuming.gauges import StreamGauges
from services.consuming.in_threads import Runtime
from services.dated_tables import DatedTables, load_tables
from services.documents.drafts import Drafts
from services.documents.gather import AnnexSource
from services.intake.intake import Intake
from services.intake.keys import ProvinceKeys
from services.language.labels import Labels, load_labels
from services.log.sqlite import SqliteLog
from services.notices.book import NoticeBook
from services.store.outbox import Relay
from services.store.sessions import Sessions
from services.store.simulations import simulated_until
from services.store.store import Store
from services.store.texts import TextStore
from services.store.tokens import ApiTokens
from services.streams.decide import Decide
from services.streams.land import Land, LandBackfill, LandCases
from services.streams.notify import TOPICS as NOTIFY_TOPICS
from services.streams.notify import Notify
from services.warehouse.client import Warehouse
from services.warehouse.issue_table import IssueTable
from services.warehouse.problem_table import ProblemTable
from services.warehouse.promise_table import PromiseTable
from services.web.shell.parts import Parts
from tests.stores import empty_store

SECRET = "a secret for tests, long enough"
BAT_MOT, VAN_XUAN, BA_DINH, THANH_HOA, HA_NOI = "15607", "15622", "00004", "38", "01"

# Who does what in most stories.
OFFICER, CHAIR, CLERK = (("commune_officer", BAT_MOT), ("commune_chair", BAT_MOT), ("commune_clerk", BAT_MOT))
REVIEWER, LEADER = (("province_reviewer", THANH_HOA), ("province_leader", THANH_HOA))
DEPARTMENT = ("department_officer", THANH_HOA, "38.so_khcn")
MINISTRY = ("ministry_officer", "vn", "bo_khcn")
AUDITOR, ADMINISTRATOR = (("auditor", THANH_HOA), ("administrator", THANH_HOA))


SAID = {"content": "Cả bản không có sóng từ đầu tháng", "request": "Đề nghị kiểm tra, khắc phục"}
"""What a report of these stories says where it does not matter: what the difficulty is, and what is asked for."""
OUTSIDE = frozenset({"third_vice_chair", "border_security"})


@cache
def tables() -> DatedTables:
    """Load the dated tables once for all tests: they are frozen."""
    return load_tables()


@cache
def labels() -> Labels:
    """Load the catalogues once for all tests."""
    return load_labels()


@dataclass(slots=True)
class Clock:
    """A clock that a test may set; it stands nowhere else than the machine's until then."""

    ahead: dt.timedelta = dt.timedelta(0)

    def __call__(self) -> dt.datetime:
        """Tell the instant."""
        return dt.datetime.now(dt.UTC) + self.ahead


@dataclass(slots=True)
class World:
    """One installation with the three services in one application."""

    parts: Parts
    log: SqliteLog
    runtime: Runtime
    clock: Clock
    app: FastAPI
    client: TestClient
    _clients: dict[tuple[str, ...], TestClient] = field(default_factory=dict)

    def as_(self, role: str, unit_code: str = BAT_MOT, body: str | None = None) -> TestClient:
        """Return a client that sends a token of this role."""
        key = (role, unit_code, body or "")
        if key not in self._clients:
            actor = Actor(cast("Role", role), unit_code, body)
            token = create_token(SECRET, actor, dt.timedelta(days=30), self.clock())
            headers = {"authorization": f"Bearer {token}"}
            client = TestClient(self.app, headers=headers, raise_server_exceptions=False)
            client.portal = self.client.portal  # one event loop for all, instead of a new one per request
            self._clients[key] = client
        return self._clients[key]

    def forget_cookies(self) -> None:
        """Let every client be one that was never here: no language, no session."""
        for client in self._clients.values():
            client.cookies.clear()

    def settle(self, timeout: float = 30.0) -> None:
        """Wait until what was recorded is published, folded and landed, with everything that follows from it."""
        self.parts.relay.publish_all()
        assert self.runtime.wait_idle(timeout), self.runtime.health()

    def report(self, *, unit_code: str = BAT_MOT, kind: str = "mobile_dead_spot", **more: Any) -> str:
        """Report a difficulty as the commune's officer, wait for what follows, and return its id."""
        issue_id = str(uuid.uuid4())
        body = {"id": issue_id, "kind": kind, "severity": "high", **more}
        if kind in tables().place_kinds.on(local_day(self.clock())):
            body.setdefault("place", "Bản Vịn")
        if kind not in OUTSIDE:
            body = {**SAID, **body}
        answer = self.as_("commune_officer", unit_code).post(
            f"/api/v1/communes/{unit_code}/issues", json=body
        )
        assert answer.status_code == 201, answer.text
        self.settle()
        return issue_id

    def issue(self, issue_id: str, who: tuple[str, ...] = OFFICER) -> dict[str, Any]:
        """Read an issue as somebody sees it."""
        answer = self.as_(*who).get(f"/api/v1/issues/{issue_id}")
        assert answer.status_code == 200, answer.text
        return cast("dict[str, Any]", answer.json())

    def act(
        self,
        who: tuple[str, ...],
        act: str,
        issue_id: str,
        *,
        status: int = 200,
        index: int = -1,
        **sent: Any,
    ) -> dict[str, Any]:
        """Take a step on an issue's escalation (the last one, unless `index` says which), at its current version."""
        seen = self.issue(issue_id, who)
        one = seen["escalations"][index]
        sent.setdefault("expected_version", one["version"])
        if act == "answer" and sent.get("kind") in NEEDS_WORDS:
            sent.setdefault("text", "Đã khắc phục, đề nghị kiểm tra")
        at = f"/api/v1/escalations/{one['id']}"
        return self._settled(who, self.as_(*who).post(f"{at}/{act}", json=sent), status, at)

    def act_on_issue(
        self, who: tuple[str, ...], act: str, issue_id: str, *, status: int = 200, **sent: Any
    ) -> dict[str, Any]:
        """Confirm, dispute, withdraw, close or propose an issue, at its current version."""
        sent.setdefault("expected_version", self.issue(issue_id, who)["version"])
        at = f"/api/v1/issues/{issue_id}"
        return self._settled(who, self.as_(*who).post(f"{at}/{act}", json=sent), status, at)

    def _settled(self, who: tuple[str, ...], answer: Response, status: int, at: str) -> dict[str, Any]:
        """Return what an act was answered with; on a slow machine it is taken and queued, and read when it is folded."""
        if status == 200 and answer.status_code == 202:
            self.settle()
            answer = self.as_(*who).get(at)
        assert answer.status_code == status, answer.text
        return cast("dict[str, Any]", answer.json())


@contextmanager
def open_world(
    folder: Path,
    warehouse: Warehouse,
    *,
    demo: bool = False,
    store_url: str | None = None,
    provinces: str = "",
) -> Iterator[World]:
    """Wire and start an installation in a folder; `warehouse` is a migrated, empty database.

    The store is in the folder too, unless `store_url` says where; it keeps everything, unless `provinces` says less.
    """
    clock = Clock()
    with ExitStack() as stack:
        log = stack.enter_context(closing(SqliteLog(folder / "log.db")))
        store = stack.enter_context(closing(Store(store_url or empty_store(folder / "store.db"))))
        texts, registry = TextStore(store, clock), CollectorRegistry()
        issue_table, arrivals = IssueTable(warehouse, epoch=log.epoch), AnnouncedArrivals()
        territory = parse_territory(provinces, tables().units)
        intake = Intake(store, tables(), ProvinceKeys(folder / "keys"), territory=territory)
        relay = Relay(store, log, clock=clock)
        lanes = [
            kind(warehouse, epoch=log.epoch, arrivals=arrivals) for kind in (Land, LandCases, LandBackfill)
        ]
        problem_table = ProblemTable(warehouse, epoch=log.epoch)
        decide = Decide(issue_table, log, tables(), arrivals, problem_table=problem_table)
        book = NoticeBook(store, tables().calendar, tables().notice_hours)
        starts = book.starts(log, NOTIFY_TOPICS)
        group = notify_group(store, territory)
        spots = PromiseTable(warehouse)
        notify = Notify(
            issue_table,
            spots,
            log,
            book,
            starts,
            clock,
            territory=territory,
            group=group,
            simulated_until=partial(simulated_until, store),
        )
        runtime = Runtime(log, [*lanes, decide, notify], clock=clock, gauges=StreamGauges(registry))
        drafts = Drafts(store, texts)
        readiness = {
            **intake_checks(store, relay),
            **warehouse_checks(warehouse),
            **stream_checks(runtime.health),
        }
        installation = Installation(
            log=log,
            store=store,
            readers=readers(group),
            registry=registry,
            readiness=readiness,
            data=folder,
            backups=folder / "backups",
            clock=clock,
        )
        parts = Parts(
            tables=tables(),
            store=store,
            texts=texts,
            warehouse=warehouse,
            issue_table=issue_table,
            problem_table=problem_table,
            arrivals=arrivals,
            intake=intake,
            relay=relay,
            drafts=drafts,
            attachments=open_attachments(folder, store, clock),
            annexes=AnnexSource(warehouse, issue_table, texts, drafts, tables()),
            access=TokenSigner(lambda: Keys(SECRET)),
            sessions=Sessions(store, clock),
            tokens=ApiTokens(store, clock),
            labels=labels(),
            clock=clock,
            territory=territory,
            uploads=Uploads(folder / "looked-at"),
            registry=registry,
            readings=readings_of(installation),
            demo=demo,
        )
        relay.start()
        stack.callback(relay.stop)
        stack.callback(intake.close)
        runtime.start()
        stack.callback(runtime.stop)
        app = build_whole(parts)
        client = stack.enter_context(TestClient(app, raise_server_exceptions=False))
        yield World(parts, log, runtime, clock, app, client)
