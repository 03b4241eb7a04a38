"""An operator's preparation of the shared parts: topics, migrations, alignment of log and engine."""

from __future__ import annotations

from contextlib import closing

from services.boot.alignment import align, reread_what_is_missing
from services.boot.open import ENGINE_SECONDS, cluster_of, open_store, open_warehouse
from services.boot.provinces import notify_group, territory_of_store
from services.boot.steps import readers
from services.boot.system import Echo
from services.consuming.ownership import Unowned, unowned
from services.dated_tables import load_tables
from services.errors import SetupError
from services.language.labels import load_labels
from services.log.kafka import KafkaLog
from services.log.kafka_cluster import KafkaCluster
from services.log.kafka_topics import broker_version, check_topics, create_topics
from services.settings import Settings
from services.warehouse.closed_figures import write_closed_figures
from services.warehouse.migrations import migrate
from services.warehouse.vocabularies import write_vocabularies


def bring_in_line(settings: Settings, echo: Echo) -> None:
    """Upgrade store, ClickHouse and topics to this release, and align engine and log; run it alone, first.

    Raises:
        LogUnavailable: Kafka does not answer, or workers still read while lost tables are to be read again.
        SetupError: a part is newer than this release, or cannot be set up.
    """
    cluster = cluster_of(settings)
    tables = load_tables(settings.tables)
    territory = territory_of_store(settings, tables.units)
    with open_warehouse(settings) as warehouse:
        warehouse.wait(ENGINE_SECONDS)
        applied = migrate(warehouse)
        echo(
            f"ClickHouse: applied {', '.join(applied)}"
            if applied
            else "ClickHouse: the tables are of this release"
        )
        if written := write_vocabularies(warehouse, tables, load_labels()):
            echo(f"ClickHouse: wrote {written} names of units, bodies, kinds, fields, channels and levels")
        if written := write_closed_figures(warehouse):
            echo(f"ClickHouse: wrote {written} lines of closed periods")
        with open_store(settings) as store:
            group = notify_group(store, territory)
            echo(f"store: {store.version}, the tables are of this release; it keeps {territory.in_words}")
        if cluster is None:
            return
        created = make_topics(settings)
        echo(f"Kafka: created {', '.join(created)}" if created else "Kafka: every topic is there")
        if errors := topic_errors(settings):
            raise SetupError("; ".join(errors))
        with closing(KafkaLog(cluster)) as log:
            alignment = align(log, warehouse)
            reread_what_is_missing(log, alignment, readers(group))
        echo(f"engine and log are in line, epoch {alignment.epoch}")


def make_topics(settings: Settings) -> list[str]:
    """Create the missing topics in Kafka and return their names.

    Raises:
        LogUnavailable: the cluster does not answer or does not allow it.
        SetupError: the settings name no cluster.
    """
    return create_topics(_must_have_kafka(settings))


def topic_errors(settings: Settings) -> list[str]:
    """Return the wrong settings of the topics in Kafka, one sentence each.

    Raises:
        LogUnavailable: the cluster does not answer or does not allow it.
        SetupError: the settings name no cluster.
    """
    return check_topics(_must_have_kafka(settings))


def groups_without_owner(settings: Settings, notify_group: str) -> tuple[list[Unowned], list[str]]:
    """Return the partitions without an owner in their group, and the groups that are rebalancing now.

    Raises:
        LogUnavailable: the cluster does not answer or does not allow it.
        SetupError: the settings name no cluster.
    """
    lost: list[Unowned] = []
    sharing = []
    with closing(KafkaLog(_must_have_kafka(settings))) as log:
        for group, topics in readers(notify_group):
            found = unowned(log, group, topics)
            if found is None:
                sharing.append(group)
            else:
                lost += found
    return lost, sharing


def broker(settings: Settings) -> str:
    """Return the version of Kafka on the brokers.

    Raises:
        LogUnavailable: the cluster does not answer.
        SetupError: the settings name no cluster.
    """
    return broker_version(_must_have_kafka(settings))


def _must_have_kafka(settings: Settings) -> KafkaCluster:
    cluster = cluster_of(settings)
    if cluster is None:
        raise SetupError("the embedded log makes its topics itself; set LIENCAP_KAFKA_SERVERS to use Kafka")
    return cluster
