"""Examine each part of an installation and return advice where one is not healthy; changes nothing."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

from events.errors import LienCapError
from events.topics import TOPICS
from reporting.dated.territory import Territory
from services.boot.installation import make_folder, readable_by_others
from services.boot.open import engine_holder, open_log, open_store, open_warehouse
from services.boot.prepare import broker, groups_without_owner, topic_errors
from services.boot.provinces import NOTIFY_GROUP, notify_group, territory_of_store
from services.boot.readings import lags_of
from services.boot.steps import readers
from services.consuming.dead_letters import survey
from services.dated_tables import load_tables
from services.errors import SetupError
from services.settings import Settings
from services.store.outbox import outbox_stats
from services.store.simulations import Simulation, under_way
from services.warehouse.client import Warehouse
from services.warehouse.damage import damaged_parts, remedy
from services.warehouse.migrations import migrate, pending

ENOUGH_BYTES = 2_000_000_000
OLDEST_KAFKA = (3, 5)
MOST_SKEW_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """The result for one part."""

    part: str
    ok: bool
    sentence: str


def examine(settings: Settings) -> list[Finding]:
    """Examine every part in the order of their dependencies."""
    checks: list[tuple[str, Callable[[Settings], str]]] = [
        ("data folder", _data_folder),
        ("dated tables", _dated_tables),
        ("SQLite", _sqlite),
        ("store", _store),
        ("provinces", _provinces),
        ("topics", _topics),
        ("log", _log),
        ("groups", _groups),
        ("engine", _engine),
        ("calendar", _calendar),
    ]
    return [_found(part, check, settings) for part, check in checks]


def _found(part: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(part, ok=True, sentence=check(settings))
    except LienCapError as error:
        return Finding(part, ok=False, sentence=error.message)
    except OSError as error:
        return Finding(part, ok=False, sentence=f"{error.strerror or error}: look at its permissions")


def _data_folder(settings: Settings) -> str:
    make_folder(settings.data)
    if open_files := readable_by_others(settings.data):
        raise SetupError(
            f"{len(open_files)} of the installation's files are readable by others, first {open_files[0]}:"
            f" chmod -R go= {settings.data}"
        )
    free = shutil.disk_usage(settings.data).free
    if free < ENOUGH_BYTES:
        raise SetupError(
            f"only {free / 1e9:.1f} GB are free where {settings.data} lies; make room before the log stops"
        )
    return f"{settings.data.resolve()}, {free / 1e9:.0f} GB free"


def _dated_tables(settings: Settings) -> str:
    tables = load_tables(settings.tables)
    return (
        f"{len(tables.units.provinces())} provinces, competence {tables.competence.version}, "
        f"calendar {tables.calendar.version}"
    )


def _sqlite(_settings: Settings) -> str:
    if sqlite3.sqlite_version_info < (3, 35):
        raise SetupError(f"SQLite {sqlite3.sqlite_version} is too old; install 3.35 or newer")
    return sqlite3.sqlite_version


def _store(settings: Settings) -> str:
    with open_store(settings) as store:
        stats, version, theirs = outbox_stats(store), store.version, store.clock()
        simulations = under_way(store)
    skew = 0.0 if theirs is None else theirs.timestamp() - time.time()
    if abs(skew) > MOST_SKEW_SECONDS:
        raise SetupError(
            f"the clock of the store differs from this machine's by {skew:+.1f} s: let both follow the same time server"
        )
    waiting = f", the oldest since {stats.oldest_at:%Y-%m-%d %H:%M} UTC" if stats.oldest_at else ""
    said = f"{version}, {stats.depth} events wait in the outbox{waiting}; {stats.set_aside_count} set aside"
    return "; ".join([said, *map(_simulated, simulations)])


def _simulated(one: Simulation) -> str:
    return (
        f"the past of province {one.province_code} is being simulated from {one.start} on, and the watch waits for it: "
        "where it was interrupted, start `liencap demo` or `liencap simulate` again, which goes on with it"
    )


def _provinces(settings: Settings) -> str:
    territory, group = _territory_and_group(settings)
    return f"the store keeps {territory.in_words}; its notices are derived by the group {group}"


def _territory_and_group(settings: Settings) -> tuple[Territory, str]:
    territory = territory_of_store(settings, load_tables(settings.tables).units)
    if territory.codes is None:
        return territory, NOTIFY_GROUP
    with open_store(settings) as store:
        return territory, notify_group(store, territory)


def _log(settings: Settings) -> str:
    _, notices = _territory_and_group(settings)
    with open_log(settings) as log:
        ends = {name: sum(log.end_positions(name).values()) for name in TOPICS}
        found = survey(log)
        behind = {
            f"{group} on {topic}": sum(lag.values())
            for (group, topic), lag in lags_of(log, readers(notices)).items()
        }
    records = sum(count for name, count in ends.items() if not name.endswith("-dlq"))
    letters = [letter for topic in found for letter in topic.by_number.values()]
    counted = [
        f"dead letters not sent again: {sum(letter.replayed_at is None for letter in letters)}",
        *(f"positions given up: {count}" for count in [sum(len(topic.given_up) for topic in found)] if count),
        *(
            f"not ours among the dead letters: {count}"
            for count in [sum(t.foreign_count for t in found)]
            if count
        ),
    ]
    late = ", ".join(f"{lane} {count:,} behind" for lane, count in behind.items() if count > 0)
    return "; ".join([f"{records:,} records", *counted, late or "nothing behind"])


def _topics(settings: Settings) -> str:
    if settings.kafka_servers is None:
        return "the embedded log makes its own"
    version = broker(settings)
    if tuple(map(int, version.split(".")[:2])) < OLDEST_KAFKA:
        raise SetupError(f"Kafka {version} is too old; use 3.5 or newer, best 4.x")
    if errors := topic_errors(settings):
        raise SetupError("; ".join(errors))
    return f"Kafka {version}, every topic is as the table wants it, reading and writing is allowed"


def _groups(settings: Settings) -> str:
    if settings.kafka_servers is None:
        return "the process that runs the streams has every partition"
    _, notices = _territory_and_group(settings)
    lost, sharing = groups_without_owner(settings, notices)
    if waiting := [one.sentence for one in lost if one.waiting_count]:
        raise SetupError(
            "; ".join(waiting)
            + ": start a worker; where one runs, its /readyz and its log say why it has them not"
        )
    if sharing:
        return f"{', '.join(sharing)} shared out their partitions just now; ask again"
    if lost:
        return f"nobody reads {', '.join(sorted({one.group for one in lost}))}, and nothing waits there"
    return "every partition has an owner"


def _engine(settings: Settings) -> str:
    holder = engine_holder(settings)
    if holder is not None:
        return f"open in process {holder}, as it is while a server runs; its /readyz says how the engine is"
    with open_warehouse(settings) as warehouse:
        if settings.engine_folder is None:
            return _clickhouse(warehouse, settings)
        applied = migrate(warehouse)
        _refuse_damage(warehouse)
    return (
        "tables are of this release"
        if not applied
        else f"tables were brought to this release: {', '.join(applied)}"
    )


def _clickhouse(warehouse: Warehouse, settings: Settings) -> str:
    """Return the server that answers the reading user, after checks of its tables, clock and cluster."""
    before = time.time_ns()
    found = warehouse.rows(
        "SELECT version() AS version, currentUser() AS user, toUnixTimestamp64Nano(now64(9)) AS now,"
        " (SELECT count() FROM system.clusters WHERE cluster = {cluster:String}) AS replicas",
        cluster=settings.warehouse_cluster or "",
    )[0]
    skew = (found["now"] - (before + time.time_ns()) / 2) / 1e9
    if abs(skew) > MOST_SKEW_SECONDS:
        raise SetupError(
            f"the clock of ClickHouse differs from this machine's by {skew:+.1f} s: let both follow the same time server"
        )
    if settings.warehouse_cluster and found["replicas"] < settings.warehouse_quorum:
        raise SetupError(
            f"the cluster {settings.warehouse_cluster} has {found['replicas']} replicas in system.clusters: name it in"
            f" remote_servers, or lower LIENCAP_WAREHOUSE_QUORUM (now {settings.warehouse_quorum})"
        )
    if missing := pending(warehouse):
        raise SetupError(f"{', '.join(missing)} is not applied in ClickHouse: run `liencap migrate`")
    _refuse_damage(warehouse)
    warehouse.command("SELECT 1")  # the writing user may differ from the reading one
    return (
        f"ClickHouse {found['version']} answers {found['user']}, tables are of this release, "
        f"clocks {abs(skew):.1f} s apart"
    )


def _refuse_damage(warehouse: Warehouse) -> None:
    damage = damaged_parts(warehouse)
    if damage:
        raise SetupError(f"{len(damage)} damaged parts, first {damage[0]}; {remedy(warehouse)}")


def _calendar(settings: Settings) -> str:
    today = dt.datetime.now(dt.UTC).date()
    proposals = [each for each in load_tables(settings.tables).calendar.proposals() if each.day >= today]
    soon = [each for each in proposals if each.day - today < dt.timedelta(days=60)]
    if soon:
        raise SetupError(
            f"{len(soon)} days off within 60 days are proposals only; decide them in calendar_overrides.csv"
        )
    return f"{len(proposals)} proposed days ahead"
