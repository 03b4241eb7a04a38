"""Wire the parts of one installation: the one module that names adapters. Nothing runs at import."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from events.errors import LogUnavailable
from services.arrivals import AnnouncedArrivals, Arrivals
from services.boot.alignment import align, must_be_in_line, reread_what_is_missing
from services.boot.catch_up import CatchUp
from services.boot.collaborators import (
    build_parts,
    give_notice,
    run_intake_jobs,
    run_sign_in_jobs,
    take_daily_export,
    write_weekly,
)
from services.boot.demo_mode import must_be_loopback, must_be_made_by_demo
from services.boot.installation import make_folder, must_be_whole
from services.boot.provinces import must_serve, territory_of_store
from services.boot.readiness import intake_checks, stream_checks, warehouse_checks
from services.boot.steps import (
    Clock,
    FoldedTables,
    NoticeDesk,
    build_steps,
    copy_letters,
    count_later,
    readers,
    sum_provinces,
    warm_up,
    watch_time,
)
from services.boot.system import IntakeSide, IntakeToLook, Log, Role, Service, System, Worker
from services.boot.warehouse_users import clickhouse_cluster_of
from services.consuming.gauges import StreamGauges
from services.consuming.in_threads import Runtime
from services.consuming.runtime import StepRuntime
from services.consuming.step import StreamStep
from services.consuming.timers import Timers
from services.dated_tables import load_tables
from services.errors import SetupError
from services.intake.heartbeats import Heartbeats
from services.intake.intake import Intake
from services.intake.keys import ProvinceKeys
from services.intake.recovery import recover
from services.log.kafka_cluster import KafkaCluster
from services.log.sqlite import SqliteLog
from services.settings import Settings
from services.store.outbox import Relay
from services.store.store import Store
from services.store.texts import TextStore
from services.streams.due_recounts import DueRecounts
from services.streams.tally import Tally
from services.warehouse.asked_arrivals import AskedArrivals
from services.warehouse.client import Warehouse
from services.warehouse.engine_folder import check_free, holder_of
from services.warehouse.migrations import migrate

if TYPE_CHECKING:
    from services.log.kafka import KafkaLog

ENGINE_SECONDS = 120.0


def utc_now() -> dt.datetime:
    """Return the machine's current time."""
    return dt.datetime.now(dt.UTC)


def cluster_of(settings: Settings) -> KafkaCluster | None:
    """Return the Kafka cluster of the settings; None where the embedded log is in use."""
    if settings.kafka_servers is None:
        return None
    return KafkaCluster(
        settings.kafka_servers,
        prefix=settings.kafka_prefix,
        security=settings.kafka_security,
        user=settings.kafka_user,
        password=settings.kafka_password.get_secret_value() if settings.kafka_password else None,
        ca=settings.kafka_ca,
        replication=settings.kafka_replication,
    )


@contextmanager
def open_log(settings: Settings) -> Iterator[Log]:
    """Open the event log alone: on Kafka where the settings name its brokers, else the embedded log.

    Raises:
        SetupError: a restore was interrupted.
    """
    must_be_whole(settings)
    make_folder(settings.data)
    cluster = cluster_of(settings)
    with closing(SqliteLog(settings.data / "log.db") if cluster is None else _on_kafka(cluster)) as log:
        yield log


def _on_kafka(cluster: KafkaCluster) -> KafkaLog:
    from services.log.kafka import KafkaLog  # noqa: PLC0415 -- loads the driver of the mode that may not be in use

    return KafkaLog(cluster)


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[Warehouse]:
    """Open ClickHouse alone.

    Raises:
        SetupError: another process has the engine open; the error names its id. Or a restore was interrupted.
    """
    must_be_whole(settings)
    make_folder(settings.data)
    if settings.engine_folder is not None:
        check_free(settings.engine_folder)
    warehouse = Warehouse(
        settings.warehouse_address,
        reader_dsn=settings.warehouse_reader_dsn,
        password=_revealed(settings.warehouse_password),
        reader_password=_revealed(settings.warehouse_reader_password),
        cluster=clickhouse_cluster_of(settings),
        database=settings.warehouse_database,
        memory_bytes=settings.warehouse_memory_mb * 1_000_000,
    )
    with closing(warehouse):
        yield warehouse


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """Open the operational store alone, upgraded to this release.

    Raises:
        SetupError: a restore was interrupted.
    """
    must_be_whole(settings)
    with closing(Store(settings.store_address)) as store:
        yield store


def engine_holder(settings: Settings) -> int | None:
    """Return the id of the other process that has this installation's engine open; None where none has."""
    return holder_of(settings.engine_folder) if settings.engine_folder is not None else None


def check_demo(settings: Settings) -> None:
    """Check, before anything else opens, that a process in demo mode may be one.

    Raises:
        SetupError: it would not be on loopback alone, or its store is of no demo.
    """
    if settings.demo:
        must_be_loopback(settings)
        with open_store(settings) as store:
            must_be_made_by_demo(store)


@contextmanager
def open_intake(settings: Settings, *, clock: Clock = utc_now) -> Iterator[IntakeSide]:
    """Open the intake side: store, texts, keys, outbox and its relay.

    Where another process on the same store holds the relay, that process publishes the events. Where the log does not
    answer, intake opens all the same: the relay recovers the store from the log before it publishes anything.
    """
    tables = load_tables(settings.tables)
    territory = territory_of_store(settings, tables.units)
    with ExitStack() as stack:
        log = stack.enter_context(open_log(settings))
        store = stack.enter_context(open_store(settings))

        def recover_store() -> None:
            recover(store, log, territory)

        relay = Relay(store, log, clock=clock, before_first=recover_store)
        try:
            relay.prepare()
        except LogUnavailable as error:
            structlog.get_logger("intake").warning(
                "the log does not answer yet, intake is open", reason=error.message
            )
        heartbeats = Heartbeats(store, tables.units, clock, waiting=relay.waiting)
        texts = TextStore(store, clock)
        keys = ProvinceKeys(settings.data / "keys")
        intake = Intake(store, tables, keys, on_active=heartbeats.mark_active, territory=territory)
        relay.start()
        stack.callback(relay.stop)
        stack.callback(intake.close)
        yield IntakeSide(settings, tables, store, log, intake, heartbeats, relay, texts, territory, clock)


@contextmanager
def open_intake_to_look(settings: Settings, *, clock: Clock = utc_now) -> Iterator[IntakeToLook]:
    """Open what a dry run needs, without log and relay; where no store is yet, one outside the data folder stands in.

    A store that is there is read; one of an earlier release is upgraded first, as by every command.
    """
    tables = load_tables(settings.tables)
    territory = territory_of_store(settings, tables.units)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="liencap-look-")))
        is_there = settings.store_url is not None or (settings.data / "store.db").exists()
        address = settings.store_address if is_there else f"sqlite:///{folder / 'store.db'}"
        store = stack.enter_context(closing(Store(address)))
        keys = ProvinceKeys(settings.data / "keys", made_in=folder / "keys")
        intake = Intake(store, tables, keys, territory=territory)
        stack.callback(intake.close)
        yield IntakeToLook(tables, store, intake, clock)


@contextmanager
def whole(settings: Settings, *, streams: bool = True, clock: Clock = utc_now) -> Iterator[System]:
    """Open everything in one process, and start the streams.

    Args:
        streams: False does not start the streams.

    Raises:
        SetupError: another process has this installation's engine open, a part cannot be set up, or this is a demo on
            a store that no demo made.
    """
    with ExitStack() as stack:
        check_demo(settings)
        warehouse = stack.enter_context(open_warehouse(settings))
        warehouse.wait(ENGINE_SECONDS)
        migrate(warehouse)
        side = stack.enter_context(open_intake(settings, clock=clock))
        log = side.log
        alignment = align(log, warehouse)
        rows = FoldedTables.of(warehouse, epoch=alignment.epoch)
        registry = CollectorRegistry()
        arrivals, announced = _arrivals(settings, rows, warehouse)
        desk = NoticeDesk.of(side.store, side.tables, side.territory)
        tally = Tally(warehouse, later=DueRecounts(warehouse))
        steps = build_steps(log, side.tables, warehouse, rows, announced, desk, alignment, clock, tally)
        if streams:
            reread_what_is_missing(log, alignment, readers(desk.group))
        runtime = _runtime(settings, log, steps, clock, StreamGauges(registry))
        readiness = {
            **intake_checks(side.store, side.relay),
            **warehouse_checks(warehouse),
            **stream_checks(runtime.health),
        }
        parts = build_parts(side, warehouse, rows, arrivals, registry, readiness)
        if streams:
            count_later(stack, runtime, tally)
            sum_provinces(runtime, warehouse, side.tables.units)
            runtime.start()
            stack.callback(runtime.stop)
            after_loss = CatchUp(log, rows.issues, rows.problems, side.tables)
            after_loss.wait(runtime)
            watch_time(runtime, log, side.tables, warehouse, clock, side.store, after_loss)
            copy_letters(runtime, log, warehouse)
            run_intake_jobs(runtime.timers, side)
            run_sign_in_jobs(stack, runtime.timers, parts)
            take_daily_export(stack, side)
            give_notice(stack, side, parts.labels)
            write_weekly(stack, settings, parts)
        yield System(settings, side, warehouse, runtime, parts)


@contextmanager
def service(settings: Settings, role: Role, *, clock: Clock = utc_now) -> Iterator[Service]:
    """Open one service alone; the streams run in worker processes.

    Raises:
        SetupError: the settings name no ClickHouse server, which several processes could share, or the store keeps
            no data of this service's users.
    """
    _must_be_shared(settings, f"serve --role {role}")
    with ExitStack() as stack:
        check_demo(settings)
        warehouse = stack.enter_context(open_warehouse(settings))
        side = stack.enter_context(open_intake(settings, clock=clock))
        must_serve(side.territory, role)
        rows = FoldedTables.of(warehouse)
        arrivals, _ = _arrivals(settings, rows, warehouse)
        # Intake works while the engine is away; only the pages that read it wait.
        engine = {} if role == "commune" else warehouse_checks(warehouse)
        readiness = {**intake_checks(side.store, side.relay), **engine}
        parts = build_parts(side, warehouse, rows, arrivals, CollectorRegistry(), readiness)
        timers = Timers(clock)
        run_intake_jobs(timers, side)
        run_sign_in_jobs(stack, timers, parts)
        timers.start()
        stack.callback(timers.stop)
        give_notice(stack, side, parts.labels)
        write_weekly(stack, settings, parts)
        if role == "commune":
            take_daily_export(stack, side)
        yield Service(parts, role)


@contextmanager
def worker(settings: Settings, *, clock: Clock = utc_now) -> Iterator[Worker]:
    """Open the streams alone, and start them; several workers share the partitions.

    Raises:
        SetupError: the settings name no Kafka or no ClickHouse server, or engine and log are not in line.
    """
    cluster = _must_be_shared(settings, "worker")
    tables = load_tables(settings.tables)
    territory = territory_of_store(settings, tables.units)
    with ExitStack() as stack:
        warehouse = stack.enter_context(open_warehouse(settings))
        log = stack.enter_context(closing(_on_kafka(cluster)))
        warehouse.wait(ENGINE_SECONDS)
        alignment = must_be_in_line(log, warehouse)
        rows = FoldedTables.of(warehouse, epoch=alignment.epoch)
        _, announced = _arrivals(settings, rows, warehouse)
        store = stack.enter_context(open_store(settings))
        desk = NoticeDesk.of(store, tables, territory)
        tally = Tally(warehouse, later=DueRecounts(warehouse))
        steps = build_steps(log, tables, warehouse, rows, announced, desk, alignment, clock, tally)
        registry = CollectorRegistry()
        runtime = _runtime(settings, log, steps, clock, StreamGauges(registry))
        warm_up()
        count_later(stack, runtime, tally)
        sum_provinces(runtime, warehouse, tables.units)
        runtime.start()
        stack.callback(runtime.stop)
        after_loss = CatchUp(log, rows.issues, rows.problems, tables)
        watch_time(runtime, log, tables, warehouse, clock, store, after_loss)
        copy_letters(runtime, log, warehouse)
        readiness = {**warehouse_checks(warehouse), **stream_checks(runtime.health)}
        yield Worker(warehouse, runtime, readiness, registry)


def _must_be_shared(settings: Settings, what: str) -> KafkaCluster:
    """Return the Kafka cluster, if several processes can share log and engine.

    Raises:
        SetupError: the log or the engine belongs to one process.
    """
    cluster = cluster_of(settings)
    if cluster is None or settings.engine_folder is not None:
        raise SetupError(
            f"`{what}` shares log and engine with other processes: set LIENCAP_KAFKA_SERVERS and an http(s) "
            "LIENCAP_WAREHOUSE_DSN, or run `liencap serve`, which is everything in one process"
        )
    return cluster


def _arrivals(
    settings: Settings, rows: FoldedTables, warehouse: Warehouse
) -> tuple[Arrivals, AnnouncedArrivals]:
    """Return the port on which pages wait for an outcome, and the object that `decide` and `land` announce it to."""
    announced = AnnouncedArrivals()
    if settings.kafka_servers is None:
        return announced, announced
    return AskedArrivals(rows.issues, rows.problems, warehouse), announced


def _runtime(
    settings: Settings, log: Log, steps: list[StreamStep], clock: Clock, gauges: StreamGauges
) -> StepRuntime:
    """Return the runtime of the steps: Faust where Kafka carries the events, else threads of this process."""
    cluster = cluster_of(settings)
    if cluster is None:
        return Runtime(log, steps, clock=clock, gauges=gauges)
    from services.consuming.in_faust import WorkerRuntime  # noqa: PLC0415 -- heavy, and only workers need it

    return WorkerRuntime(cluster, log, steps, clock=clock, gauges=gauges)
