"""Wire steps, parts and timers from the parts that `open` has opened; names no adapter that differs between modes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import structlog
from prometheus_client import CollectorRegistry

from reporting.dated.territory import Territory
from reporting.dated.units import UnitTable
from services.access.tokens import TokenSigner
from services.arrivals import AnnouncedArrivals, Arrivals
from services.boot.alignment import Alignment, Reading
from services.boot.catch_up import CatchUp
from services.boot.installation import load_secret
from services.boot.provinces import notify_group
from services.boot.readiness import OutboxCollector
from services.boot.readings import Installation, readings_of
from services.boot.system import IntakeSide, Log
from services.connectors.daily_export import DailyExport
from services.connectors.target import ImportTarget
from services.consuming.runtime import StepRuntime
from services.consuming.step import StreamStep
from services.consuming.timers import Timers
from services.dated_tables import DatedTables
from services.documents.drafts import Drafts
from services.documents.gather import AnnexSource
from services.errors import NotReady, SetupError
from services.grafana.watch import watch_of
from services.language.labels import Labels, load_labels
from services.notices.book import NoticeBook
from services.notices.channel import Channel
from services.notices.mail import MailChannel, MailServer, deliver
from services.notices.sender import Sender
from services.notices.webhook import WebhookChannel, networks_of
from services.notices.words import Wording
from services.settings import Settings
from services.store.outbox import prune
from services.store.simulations import simulated_until
from services.store.store import Store
from services.streams.decide import Decide
from services.streams.land import Land, LandBackfill, LandCases
from services.streams.letter_rows import LetterRows
from services.streams.notify import TOPICS as NOTIFY_TOPICS
from services.streams.notify import Notify
from services.streams.province_sums import ProvinceSums
from services.streams.tally import Tally
from services.streams.watch import Scope, Watch
from services.warehouse.client import Warehouse
from services.warehouse.issue_table import IssueTable
from services.warehouse.problem_table import ProblemTable
from services.warehouse.promise_table import PromiseTable
from services.web.shell.parts import Parts
from services.web.weekly.letters import WeeklyLetters
from services.web.weekly.sender import WeeklySender

Clock = Callable[[], dt.datetime]
WATCH_SECONDS = 30.0
COUNT_SECONDS = 60.0
"""How long roll-ups that are counted apart from their batch may wait: months that are not over, which no balance begins
after, and days on which nothing changed unless an event was lost. The longer, the more batches share a count."""
LETTER_SECONDS = 60.0
PRUNE_SECONDS = 3_600.0
WEEKLY_SECONDS = 60.0
WEEKLY_STOP_SECONDS = 25.0
"""Longer than a mail server may take for a step of the conversation: the letter in hand is finished."""
KEEP_PUBLISHED = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class FoldedTables:
    """The tables of folded states: issues and problems."""

    issues: IssueTable
    problems: ProblemTable

    @staticmethod
    def of(warehouse: Warehouse, *, epoch: int = 1) -> FoldedTables:
        """Open both tables, for the log of this epoch."""
        return FoldedTables(IssueTable(warehouse, epoch=epoch), ProblemTable(warehouse, epoch=epoch))


@dataclass(frozen=True, slots=True)
class NoticeDesk:
    """The book of notices of one store, its territory, and the consumer group that derives the notices."""

    book: NoticeBook
    territory: Territory
    group: str
    simulated_until: Callable[[], dict[str, dt.datetime]]

    @staticmethod
    def of(store: Store, tables: DatedTables, territory: Territory) -> NoticeDesk:
        """Open the desk of a store."""
        book = NoticeBook(store, tables.calendar, tables.notice_hours)
        return NoticeDesk(book, territory, notify_group(store, territory), partial(simulated_until, store))


def build_steps(
    log: Log,
    tables: DatedTables,
    warehouse: Warehouse,
    rows: FoldedTables,
    announced: AnnouncedArrivals,
    desk: NoticeDesk,
    alignment: Alignment,
    clock: Clock,
    tally: Tally,
) -> list[StreamStep]:
    """Return every stream step with its collaborators."""
    return [
        LandCases(warehouse, epoch=alignment.epoch, tally=tally),
        LandBackfill(warehouse, epoch=alignment.epoch, tally=tally),
        Land(warehouse, epoch=alignment.epoch, tally=tally, arrivals=announced),
        Decide(
            rows.issues,
            log,
            tables,
            announced,
            problem_table=rows.problems,
            emit_from=alignment.quiet_before,
        ),
        Notify(
            rows.issues,
            PromiseTable(warehouse),
            log,
            desk.book,
            desk.book.starts(log, NOTIFY_TOPICS),
            clock,
            territory=desk.territory,
            group=desk.group,
            simulated_until=desk.simulated_until,
        ),
    ]


def readers(notify_group: str) -> list[Reading]:
    """Return (group, topics) of every reader of the log; of the notice groups, that of one store."""
    shared = [(step.group, step.topics) for step in (LandCases, LandBackfill, Land, Decide)]
    return [*shared, (notify_group, NOTIFY_TOPICS)]


def build_parts(
    side: IntakeSide,
    warehouse: Warehouse,
    rows: FoldedTables,
    arrivals: Arrivals,
    registry: CollectorRegistry,
    readiness: dict[str, Callable[[], str | None]],
) -> Parts:
    """Build the collaborators of the web."""
    settings, drafts = side.settings, Drafts(side.store, side.texts)
    OutboxCollector(registry, side.store, side.clock)
    installation = Installation(
        log=side.log,
        store=side.store,
        readers=readers(notify_group(side.store, side.territory)),
        registry=registry,
        readiness=readiness,
        data=settings.data,
        backups=settings.backups,
        clock=side.clock,
    )
    return Parts(
        tables=side.tables,
        store=side.store,
        texts=side.texts,
        warehouse=warehouse,
        issue_table=rows.issues,
        problem_table=rows.problems,
        arrivals=arrivals,
        intake=side.intake,
        relay=side.relay,
        drafts=drafts,
        annexes=AnnexSource(warehouse, rows.issues, side.texts, drafts, side.tables),
        access=TokenSigner(load_secret(settings), dt.timedelta(hours=settings.session_hours)),
        labels=load_labels(),
        clock=side.clock,
        territory=side.territory,
        readiness=readiness,
        registry=registry,
        grafana=watch_of(settings, side.clock),
        readings=readings_of(installation),
        demo=settings.demo,
    )


def watch_time(
    runtime: StepRuntime,
    log: Log,
    tables: DatedTables,
    warehouse: Warehouse,
    clock: Clock,
    store: Store,
    after_loss: CatchUp,
) -> None:
    """Let the leading worker emit timed events; not during a catch-up after lost tables.

    A province whose past is being simulated is left to its simulation, which has a clock of its own.
    """
    watch = Watch(warehouse, log, tables, scope=lambda: Scope(without=frozenset(simulated_until(store))))

    def tick() -> int:
        return watch.tick(clock()) if runtime.leads and not after_loss.pending else 0

    runtime.timers.every(
        WATCH_SECONDS, lambda: runtime.leads and after_loss.look(), "emit missing follow-ups"
    )
    runtime.timers.every(WATCH_SECONDS, tick, "watch")


def copy_letters(runtime: StepRuntime, log: Log, warehouse: Warehouse) -> None:
    """Let the leading worker copy into the warehouse which records were set aside."""
    rows = LetterRows(log, warehouse)
    runtime.timers.every(LETTER_SECONDS, lambda: runtime.leads and rows.copy(), "copy dead letters")


def count_later(stack: ExitStack, runtime: StepRuntime, tally: Tally) -> None:
    """Let the leading worker count from time to time what batches left; also before all is called done, and at the end.

    Called before the stop of the runtime is put on the stack, so that nothing lands any more when the end comes.
    """

    def at_the_end() -> None:
        try:
            tally.recount_due()
        except NotReady as error:
            structlog.get_logger("tally").warning(
                "roll-ups stay due until the next start", reason=error.message
            )

    stack.callback(at_the_end)
    runtime.timers.every(COUNT_SECONDS, lambda: runtime.leads and tally.recount_due(), "count what is due")
    runtime.before_idle(tally.recount_due)


def sum_provinces(runtime: StepRuntime, warehouse: Warehouse, units: UnitTable) -> None:
    """Let the leading worker sum the roll-ups of provinces; boards read communes where a sum is missing or behind."""
    provinces = {one.code: above.code for above in units.provinces() for one in units.communes_of(above.code)}
    sums = ProvinceSums(warehouse, provinces)
    runtime.timers.every(COUNT_SECONDS, lambda: runtime.leads and sums.recount(), "sum provinces")


def run_intake_jobs(timers: Timers, side: IntakeSide) -> None:
    """Add the timed jobs of an intake: heartbeats, pruning of the outbox."""
    timers.every(side.settings.heartbeat_seconds, side.heartbeats.beat, "heartbeats")
    timers.every(PRUNE_SECONDS, lambda: prune(side.store, side.clock() - KEEP_PUBLISHED), "prune the outbox")


def take_daily_export(stack: ExitStack, side: IntakeSide) -> None:
    """Watch the folder of the one-stop system's daily export, if the settings name one."""
    settings = side.settings
    if settings.watch_folder is None:
        return
    if settings.watch_mapping is None or settings.watch_province is None:
        raise SetupError(
            "LIENCAP_WATCH_FOLDER needs LIENCAP_WATCH_MAPPING and LIENCAP_WATCH_PROVINCE beside it"
        )
    if not side.territory.keeps(settings.watch_province):
        raise SetupError(
            f"LIENCAP_WATCH_PROVINCE is {settings.watch_province}, and this store keeps {side.territory.in_words} "
            "(LIENCAP_PROVINCES)"
        )
    log = structlog.get_logger("daily export")
    export = DailyExport(
        settings.watch_folder,
        settings.watch_mapping,
        ImportTarget(province_code=settings.watch_province, unit_column=settings.watch_unit_column),
        intake=side.intake,
        tables=side.tables,
        store=side.store,
        clock=side.clock,
        echo=log.info,
    )
    export.start()
    stack.callback(export.stop)


def warm_up() -> None:
    """Load pyarrow's conversions now, so that no first act waits a second for them."""
    pa.array([0])


def channels_of(settings: Settings, wording: Wording, clock: Clock) -> dict[str, Channel]:
    """Open the channels of notices: webhooks always, e-mail where the settings name a mail server.

    Raises:
        SetupError: LIENCAP_WEBHOOK_NETWORKS holds an invalid network.
    """
    try:
        networks = networks_of(settings.webhook_networks)
    except ValueError as error:
        raise SetupError(f"LIENCAP_WEBHOOK_NETWORKS: {error}; write 10.0.0.0/8, fd00::/8") from None
    webhooks = WebhookChannel(wording, settings.page_address, clock, networks=networks)
    channels: dict[str, Channel] = {"webhook": webhooks}
    server = mail_server_of(settings)
    if server is not None:
        channels["email"] = MailChannel(server, wording, settings.page_address, clock)
    return channels


def mail_server_of(settings: Settings) -> MailServer | None:
    """Return the mail server that the settings name; None where they name none."""
    if settings.smtp_host is None:
        return None
    password = settings.smtp_password
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        sender=settings.smtp_from,
        user=settings.smtp_user,
        password=None if password is None else password.get_secret_value(),
        ca_file=settings.smtp_ca,
    )


def write_weekly(stack: ExitStack, settings: Settings, parts: Parts) -> None:
    """Send the weekly mail from a thread of its own, where the settings name a mail server."""
    server = mail_server_of(settings)
    if server is None:
        return
    letters = WeeklyLetters(parts, settings.page_address, server.sender)
    sender = WeeklySender(parts, letters, partial(deliver, server))
    timers = Timers(parts.clock)
    timers.every(WEEKLY_SECONDS, sender.send_due, "weekly mail")
    timers.start()
    stack.callback(timers.join, WEEKLY_STOP_SECONDS)
    stack.callback(timers.stop)


def give_notice(stack: ExitStack, side: IntakeSide, labels: Labels) -> None:
    """Start the sender of notices beside the streams that derive them."""
    sender = Sender(
        side.store, channels_of(side.settings, Wording(labels, side.tables), side.clock), side.clock
    )
    sender.start()
    stack.callback(sender.stop)
