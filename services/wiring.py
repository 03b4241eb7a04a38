"""Put steps, parts and timers together from what bootstrap has opened; names no adapter that differs between modes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry

from services.errors import SetupFault
from services.installation import load_secret
from services.system import IntakeSide, Log, Recurring, Streams

if TYPE_CHECKING:
    from services.adapters.clickhouse import Warehouse
    from services.adapters.issue_rows import IssueRows
    from services.alignment import Alignment, Reading
    from services.parts import Arrivals, Parts
    from services.streams.notices import Arrivals as InProcess
    from services.streams.step import Step
    from services.tables import DatedTables

Clock = Callable[[], dt.datetime]
WATCH_SECONDS = 30.0
PRUNE_SECONDS = 3_600.0
CATCH_UP_SECONDS = 4 * 3_600.0
KEEP_PUBLISHED = dt.timedelta(days=14)


def build_steps(
    log: Log,
    tables: DatedTables,
    warehouse: Warehouse,
    issue_rows: IssueRows,
    heard: InProcess,
    alignment: Alignment,
) -> list[Step]:
    """Name every stream step with its collaborators."""
    from services.streams.decide import Decide  # noqa: PLC0415 -- heavy
    from services.streams.land import Land, LandBackfill, LandCases  # noqa: PLC0415 -- heavy
    from services.streams.tally import Tally  # noqa: PLC0415 -- heavy

    tally = Tally(warehouse)
    return [
        LandCases(warehouse, epoch=alignment.epoch, tally=tally),
        LandBackfill(warehouse, epoch=alignment.epoch, tally=tally),
        Land(warehouse, epoch=alignment.epoch, tally=tally),
        Decide(issue_rows, log, tables, heard, emit_from=alignment.quiet_before),
    ]


def readers() -> list[Reading]:
    """Name the groups that read the log, each with its topics."""
    from services.streams.decide import Decide  # noqa: PLC0415 -- heavy
    from services.streams.land import Land, LandBackfill, LandCases  # noqa: PLC0415 -- heavy

    return [(step.group, step.topics) for step in (LandCases, LandBackfill, Land, Decide)]


def build_parts(
    side: IntakeSide,
    warehouse: Warehouse,
    issue_rows: IssueRows,
    arrivals: Arrivals,
    registry: CollectorRegistry,
    readiness: dict[str, Callable[[], str | None]],
) -> Parts:
    """Put together what the pages read."""
    from services.parts import Parts  # noqa: PLC0415 -- heavy
    from services.readiness import OutboxCollector  # noqa: PLC0415 -- heavy
    from services.web.labels import load_labels  # noqa: PLC0415 -- heavy
    from services.web.tokens import Access  # noqa: PLC0415 -- heavy

    settings = side.settings
    OutboxCollector(registry, side.store, side.clock)
    return Parts(
        tables=side.tables,
        store=side.store,
        texts=side.texts,
        log=side.log,
        warehouse=warehouse,
        issue_rows=issue_rows,
        arrivals=arrivals,
        intake=side.intake,
        relay=side.relay,
        access=Access(load_secret(settings), dt.timedelta(hours=settings.session_hours)),
        labels=load_labels(),
        clock=side.clock,
        readiness=readiness,
        registry=registry,
        demo=settings.demo,
    )


def catch_up(
    runtime: Streams, log: Log, tables: DatedTables, issue_rows: IssueRows, alignment: Alignment
) -> None:
    """After tables were lost: fold what the log holds without a word, then say what is really still owed."""
    from services.streams.decide import sweep  # noqa: PLC0415 -- heavy

    if alignment.quiet_before:
        runtime.wait_idle(CATCH_UP_SECONDS)
        sweep(issue_rows.every(), log, tables)


def watch_time(runtime: Streams, log: Log, tables: DatedTables, warehouse: Warehouse, clock: Clock) -> None:
    """Let the worker that leads say what time alone brings about."""
    from services.streams.watch import Watch  # noqa: PLC0415 -- heavy

    watch = Watch(warehouse, log, tables)
    runtime.every(WATCH_SECONDS, lambda: runtime.leads and watch.tick(clock()), "watch")


def look_after_intake(timers: Recurring, side: IntakeSide) -> None:
    """Name what an intake does by time: signs of life, pruning of the outbox."""
    from services.outbox import prune  # noqa: PLC0415 -- heavy

    timers.every(side.settings.heartbeat_seconds, side.heartbeats.beat, "heartbeats")
    timers.every(PRUNE_SECONDS, lambda: prune(side.store, side.clock() - KEEP_PUBLISHED), "prune the outbox")


def take_daily_export(stack: ExitStack, side: IntakeSide) -> None:
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


def warm_up() -> None:
    """Load now what pyarrow loads at its first conversion, so that nobody's first act waits a second for it."""
    import pyarrow as pa  # noqa: PLC0415 -- heavy

    pa.array([0])
