"""Wire what stands around the intake: the collaborators of the web, the senders of notices and letters, the timed jobs.

Loads no page: those come with the first application, the weekly letter's with the first mail server.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import structlog
from prometheus_client import CollectorRegistry

from events.errors import LienCapError
from services.access.tokens import TokenSigner
from services.arrivals import Arrivals
from services.boot.backups import BackupCollector
from services.boot.installation import Keyring, open_attachments
from services.boot.provinces import notify_group
from services.boot.readiness import OutboxCollector
from services.boot.readings import Installation, readings_of
from services.boot.steps import Clock, FoldedTables, readers
from services.boot.system import IntakeSide
from services.connectors.daily_export import DailyExport
from services.connectors.target import ImportTarget
from services.connectors.uploads import Uploads
from services.consuming.timers import Timers
from services.documents.drafts import Drafts
from services.documents.gather import AnnexSource
from services.errors import SetupError
from services.grafana.watch import watch_of
from services.language.labels import Labels, load_labels
from services.notices.channel import Channel
from services.notices.mail import MailChannel, MailServer, deliver
from services.notices.sender import Sender
from services.notices.webhook import WebhookChannel, networks_of
from services.notices.words import Wording
from services.settings import Settings
from services.store.outbox import prune
from services.store.sessions import Sessions
from services.store.tokens import ApiTokens
from services.warehouse.client import Warehouse
from services.web.shell.parts import Parts

PRUNE_SECONDS = 3_600.0
USES_SECONDS = 60.0
WEEKLY_SECONDS = 60.0
WEEKLY_STOP_SECONDS = 25.0
"""Longer than a mail server may take for a step of the conversation: the letter in hand is finished."""
KEEP_PUBLISHED = dt.timedelta(days=14)


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
    if settings.backups is not None:
        BackupCollector(registry, settings.backups)
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
        attachments=open_attachments(settings.data, side.store, side.clock),
        annexes=AnnexSource(warehouse, rows.issues, side.texts, drafts, side.tables),
        access=TokenSigner(
            Keyring(settings),
            dt.timedelta(hours=settings.session_hours),
            secure_cookies=settings.page_address.startswith("https://"),
        ),
        sessions=Sessions(side.store, side.clock),
        tokens=ApiTokens(side.store, side.clock),
        labels=load_labels(),
        clock=side.clock,
        territory=side.territory,
        uploads=Uploads(settings.data / "looked-at"),
        readiness=readiness,
        registry=registry,
        grafana=watch_of(settings, side.clock),
        readings=readings_of(installation),
        clamd_socket=settings.clamd_socket,
        demo=settings.demo,
    )


def run_intake_jobs(timers: Timers, side: IntakeSide) -> None:
    """Add the timed jobs of an intake: heartbeats, pruning of the outbox."""
    timers.every(side.settings.heartbeat_seconds, side.heartbeats.beat, "heartbeats")
    timers.every(PRUNE_SECONDS, lambda: prune(side.store, side.clock() - KEEP_PUBLISHED), "prune the outbox")


def run_sign_in_jobs(stack: ExitStack, timers: Timers, parts: Parts) -> None:
    """Add the timed jobs of sign-in: pruning of sessions, and when each token was last used, also at the stop."""
    timers.every(PRUNE_SECONDS, parts.sessions.prune, "prune the sessions")
    timers.every(USES_SECONDS, parts.tokens.note_uses, "note the uses of tokens")

    def at_the_stop() -> None:
        try:
            parts.tokens.note_uses()
        except LienCapError as error:
            structlog.get_logger("tokens").warning("the last uses were not noted", reason=error.message)

    stack.callback(at_the_stop)


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
    from services.web.weekly.letters import WeeklyLetters  # noqa: PLC0415 -- loads the boards
    from services.web.weekly.sender import WeeklySender  # noqa: PLC0415 -- likewise

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
