"""Wire the parts of one installation: the one place that names adapters. Nothing here runs at import."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry

from services.errors import SetupFault
from services.installation import load_secret, make_folder
from services.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from services.adapters.clickhouse import Warehouse
    from services.adapters.embedded.log import SqliteLog
    from services.adapters.embedded.runtime import Runtime
    from services.adapters.issue_rows import IssueRows
    from services.adapters.problem_rows import ProblemRows
    from services.adapters.store import Store
    from services.alignment import Alignment
    from services.audit import AuditReport
    from services.commune.intake import Intake
    from services.heartbeats import Heartbeats
    from services.notices.book import NoticeBook
    from services.notices.channel import Channel
    from services.notices.words import Wording
    from services.outbox import Relay
    from services.parts import Parts
    from services.streams.notices import Arrivals
    from services.streams.step import Step
    from services.tables import DatedTables
    from services.texts import TextStore
    from services.web.labels import Labels

Say = Callable[[str], None]
WATCH_SECONDS = 30.0
PRUNE_SECONDS = 3_600.0
CATCH_UP_SECONDS = 4 * 3_600.0
KEEP_PUBLISHED = dt.timedelta(days=14)


def utc_now() -> dt.datetime:
    """Read the clock of this machine."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class IntakeSide:
    """What takes cases and difficulties in: needs neither engine nor streams, and works beside a running server."""

    settings: Settings
    tables: DatedTables
    store: Store
    log: SqliteLog
    intake: Intake
    heartbeats: Heartbeats
    relay: Relay
    texts: TextStore
    notices: NoticeBook
    clock: Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True)
class System:
    """Everything of one process: intake, streams, engine, and the parts that the web reads."""

    settings: Settings
    intake_side: IntakeSide
    warehouse: Warehouse
    runtime: Runtime
    parts: Parts

    def build_app(self) -> FastAPI:
        """Build the three services as one application."""
        from services.all_in_one import build_demo_app  # noqa: PLC0415 -- heavy

        return build_demo_app(self.parts)

    def where_to_look(self, address: str) -> list[str]:
        """Say where each of the three services is."""
        return [
            f"  xã     {address}/xa    the counter of a commune: today, report a difficulty, where mine are",
            f"  tỉnh   {address}/tinh  the province: queue of escalations, overview of its communes",
            f"  bộ     {address}/tw    the ministry: aggregates, escalations addressed to it",
            f"  {address}/openapi.json   {address}/metrics   {address}/readyz",
        ]

    def rebuild(self, say: Say) -> None:
        """Recompute every derived table from the facts."""
        from services.rebuild import rebuild  # noqa: PLC0415 -- heavy
        from services.streams.decide import refold  # noqa: PLC0415 -- heavy

        rebuild(self.warehouse, say, refold=refold)

    def audit(self) -> AuditReport:
        """Check positions and recount the roll-ups."""
        from services.audit import audit  # noqa: PLC0415 -- heavy

        return audit(self.warehouse, self.intake_side.log)


@contextmanager
def open_log(settings: Settings) -> Iterator[SqliteLog]:
    """Open the embedded log alone."""
    from services.adapters.embedded.log import SqliteLog  # noqa: PLC0415 -- heavy

    make_folder(settings.data)
    with closing(SqliteLog(settings.data / "log.db")) as log:
        yield log


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[Warehouse]:
    """Open ClickHouse alone.

    Raises:
        SetupFault: another process has the engine open; names it.
    """
    from services.adapters.clickhouse import Warehouse  # noqa: PLC0415 -- heavy
    from services.adapters.embedded.engine_folder import check_free  # noqa: PLC0415 -- heavy

    make_folder(settings.data)
    if settings.engine_folder is not None:
        check_free(settings.engine_folder)
    warehouse = Warehouse(
        settings.warehouse_address,
        database=settings.warehouse_database,
        memory_bytes=settings.warehouse_memory_mb * 1_000_000,
    )
    with closing(warehouse):
        yield warehouse


def engine_holder(settings: Settings) -> int | None:
    """Return the number of the other process that has this installation's engine open; nothing where none has."""
    from services.adapters.embedded.engine_folder import holder_of  # noqa: PLC0415 -- heavy

    return holder_of(settings.engine_folder) if settings.engine_folder is not None else None


@contextmanager
def open_intake(settings: Settings, *, clock: Callable[[], dt.datetime] = utc_now) -> Iterator[IntakeSide]:
    """Open the intake side: store, texts, keys, outbox and its relay.

    Where another process on the same store holds the relay, its events are published by that one.
    """
    from services.adapters.store import Store  # noqa: PLC0415 -- heavy
    from services.commune.intake import Intake  # noqa: PLC0415 -- heavy
    from services.commune.recovery import recover  # noqa: PLC0415 -- heavy
    from services.heartbeats import Heartbeats  # noqa: PLC0415 -- heavy
    from services.keys import ProvinceKeys  # noqa: PLC0415 -- heavy
    from services.notices.book import NoticeBook  # noqa: PLC0415 -- heavy
    from services.outbox import Relay  # noqa: PLC0415 -- heavy
    from services.tables import load_tables  # noqa: PLC0415 -- heavy
    from services.texts import TextStore  # noqa: PLC0415 -- heavy

    tables = load_tables(settings.tables)
    with ExitStack() as stack:
        log = stack.enter_context(open_log(settings))
        store = stack.enter_context(closing(Store(settings.store_address)))
        recover(store, log, owns=lambda _unit_code: True)
        heartbeats = Heartbeats(store, tables.units, clock)
        texts = TextStore(store, clock)
        notices = NoticeBook(store, tables.calendar, tables.notice_hours)
        intake = Intake(store, texts, tables, ProvinceKeys(settings.data / "keys"), heard=heartbeats.hear)
        relay = Relay(store, log, clock=clock)
        relay.start()
        stack.callback(relay.stop)
        yield IntakeSide(settings, tables, store, log, intake, heartbeats, relay, texts, notices, clock)


@contextmanager
def embedded(
    settings: Settings, *, streams: bool = True, clock: Callable[[], dt.datetime] = utc_now
) -> Iterator[System]:
    """Open everything in one process, and start the streams.

    Args:
        streams: False leaves the streams standing, for commands that look or rebuild.

    Raises:
        SetupFault: another process has this installation's engine open, or a part cannot be set up; says what to do.
    """
    from services.adapters.embedded.runtime import Runtime  # noqa: PLC0415 -- heavy
    from services.adapters.issue_rows import IssueRows  # noqa: PLC0415 -- heavy
    from services.adapters.problem_rows import ProblemRows  # noqa: PLC0415 -- heavy
    from services.alignment import align, reread_what_is_missing  # noqa: PLC0415 -- heavy
    from services.documents.drafts import Drafts  # noqa: PLC0415 -- heavy
    from services.documents.gather import AnnexSource  # noqa: PLC0415 -- heavy
    from services.parts import Parts  # noqa: PLC0415 -- heavy
    from services.readiness import OutboxCollector, readiness_checks  # noqa: PLC0415 -- heavy
    from services.streams.gauges import StreamGauges  # noqa: PLC0415 -- heavy
    from services.streams.notices import Arrivals  # noqa: PLC0415 -- heavy
    from services.web.labels import load_labels  # noqa: PLC0415 -- heavy
    from services.web.tokens import Access  # noqa: PLC0415 -- heavy

    with ExitStack() as stack:
        warehouse = stack.enter_context(open_warehouse(settings))
        warehouse.migrate()
        side = stack.enter_context(open_intake(settings, clock=clock))
        alignment = align(side.log, warehouse)
        issue_rows, arrivals = IssueRows(warehouse, epoch=alignment.epoch), Arrivals()
        problem_rows = ProblemRows(warehouse, epoch=alignment.epoch)
        registry = CollectorRegistry()
        steps = _steps(side, warehouse, issue_rows, problem_rows, arrivals, alignment)
        if streams:
            reread_what_is_missing(side.log, alignment, steps)
        runtime = Runtime(side.log, steps, clock=clock, gauges=StreamGauges(registry))
        drafts = Drafts(side.store, side.texts)
        parts = Parts(
            tables=side.tables,
            store=side.store,
            texts=side.texts,
            log=side.log,
            warehouse=warehouse,
            issue_rows=issue_rows,
            problem_rows=problem_rows,
            arrivals=arrivals,
            intake=side.intake,
            relay=side.relay,
            drafts=drafts,
            annexes=AnnexSource(warehouse, issue_rows, side.texts, drafts, side.tables),
            access=Access(load_secret(settings), dt.timedelta(hours=settings.session_hours)),
            labels=load_labels(),
            clock=clock,
            readiness=readiness_checks(side.store, side.relay, warehouse, runtime),
            registry=registry,
            demo=settings.demo,
        )
        OutboxCollector(registry, side.store, clock)
        if streams:
            _warm_up()
            runtime.start()
            stack.callback(runtime.stop)
            _catch_up(runtime, side, issue_rows, problem_rows, alignment)
            _set_timers(runtime, side, warehouse)
            _take_daily_export(stack, side)
            _give_notice(stack, side, parts.labels)
        yield System(settings, side, warehouse, runtime, parts)


def _steps(
    side: IntakeSide,
    warehouse: Warehouse,
    issue_rows: IssueRows,
    problem_rows: ProblemRows,
    arrivals: Arrivals,
    alignment: Alignment,
) -> list[Step]:
    """Name every stream step with its collaborators."""
    from services.streams.decide import Decide  # noqa: PLC0415 -- heavy
    from services.streams.land import Land, LandBackfill, LandCases  # noqa: PLC0415 -- heavy
    from services.streams.notify import TOPICS as NOTIFY_TOPICS  # noqa: PLC0415 -- heavy
    from services.streams.notify import Notify  # noqa: PLC0415 -- heavy
    from services.streams.tally import Tally  # noqa: PLC0415 -- heavy

    tally = Tally(warehouse)
    return [
        LandCases(warehouse, epoch=alignment.epoch, tally=tally),
        LandBackfill(warehouse, epoch=alignment.epoch, tally=tally),
        Land(warehouse, epoch=alignment.epoch, tally=tally, arrivals=arrivals),
        Decide(
            issue_rows,
            side.log,
            side.tables,
            arrivals,
            problem_rows=problem_rows,
            emit_from=alignment.quiet_before,
        ),
        Notify(issue_rows, side.log, side.notices, side.notices.starts(side.log, NOTIFY_TOPICS), side.clock),
    ]


def _catch_up(
    runtime: Runtime,
    side: IntakeSide,
    issue_rows: IssueRows,
    problem_rows: ProblemRows,
    alignment: Alignment,
) -> None:
    """After tables were lost: fold what the log holds without a word, then say what is really still owed."""
    from services.streams.decide import sweep  # noqa: PLC0415 -- heavy

    if alignment.quiet_before:
        runtime.wait_idle(CATCH_UP_SECONDS)
        sweep(issue_rows.every(), problem_rows, side.log, side.tables)


def _set_timers(runtime: Runtime, side: IntakeSide, warehouse: Warehouse) -> None:
    """Name what runs by time: the watch, signs of life, pruning of the outbox."""
    from services.outbox import prune  # noqa: PLC0415 -- heavy
    from services.streams.watch import Watch  # noqa: PLC0415 -- heavy

    watch = Watch(warehouse, side.log, side.tables)
    runtime.every(WATCH_SECONDS, lambda: watch.tick(side.clock()), "watch")
    runtime.every(side.settings.heartbeat_seconds, side.heartbeats.beat, "heartbeats")
    runtime.every(PRUNE_SECONDS, lambda: prune(side.store, side.clock() - KEEP_PUBLISHED), "prune the outbox")


def _take_daily_export(stack: ExitStack, side: IntakeSide) -> None:
    """Watch the folder of the one-stop system's daily export, where the settings name one."""
    settings = side.settings
    if settings.watch_folder is None:
        return
    if settings.watch_mapping is None or settings.watch_province is None:
        raise SetupFault(
            "LIENCAP_WATCH_FOLDER needs LIENCAP_WATCH_MAPPING and LIENCAP_WATCH_PROVINCE beside it"
        )
    from services.connectors.daily_export import DailyExport  # noqa: PLC0415 -- heavy
    from services.connectors.target import ImportTarget  # noqa: PLC0415 -- heavy

    log = structlog.get_logger("daily export")
    export = DailyExport(
        settings.watch_folder,
        settings.watch_mapping,
        ImportTarget(province_code=settings.watch_province, unit_column=settings.watch_unit_column),
        intake=side.intake,
        tables=side.tables,
        store=side.store,
        clock=side.clock,
        say=log.info,
    )
    export.start()
    stack.callback(export.stop)


def channels_of(settings: Settings, wording: Wording, clock: Callable[[], dt.datetime]) -> dict[str, Channel]:
    """Open the ways by which notices leave: webhooks always, e-mail where a mail server is named.

    Raises:
        SetupFault: LIENCAP_WEBHOOK_NETWORKS holds something that is no network.
    """
    from services.notices.mail import MailChannel, MailServer  # noqa: PLC0415 -- heavy
    from services.notices.webhook import WebhookChannel, networks_of  # noqa: PLC0415 -- heavy

    try:
        networks = networks_of(settings.webhook_networks)
    except ValueError as fault:
        raise SetupFault(f"LIENCAP_WEBHOOK_NETWORKS: {fault}; write 10.0.0.0/8, fd00::/8") from None
    webhooks = WebhookChannel(wording, settings.page_address, clock, networks=networks)
    channels: dict[str, Channel] = {"webhook": webhooks}
    if settings.smtp_host is not None:
        password = settings.smtp_password
        server = MailServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            sender=settings.smtp_from,
            user=settings.smtp_user,
            password=None if password is None else password.get_secret_value(),
            ca_file=settings.smtp_ca,
        )
        channels["email"] = MailChannel(server, wording, settings.page_address, clock)
    return channels


def _give_notice(stack: ExitStack, side: IntakeSide, labels: Labels) -> None:
    """Deliver notices beside the streams that write them down."""
    from services.notices.sender import Sender  # noqa: PLC0415 -- heavy
    from services.notices.words import Wording  # noqa: PLC0415 -- heavy

    sender = Sender(
        side.store, channels_of(side.settings, Wording(labels, side.tables), side.clock), side.clock
    )
    sender.start()
    stack.callback(sender.stop)


def _warm_up() -> None:
    """Load now what pyarrow loads at its first conversion, so that nobody's first act waits a second for it."""
    import pyarrow as pa  # noqa: PLC0415 -- heavy

    pa.array([0])
