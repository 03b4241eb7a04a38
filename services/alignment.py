"""Bring the engine and the log of one installation into line at the start: after a lost engine, or a replaced log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from events.topics import ISSUES, TRUTH_TOPICS
from reporting.tables import FACTS
from services.streams.step import Step

if TYPE_CHECKING:
    from services.adapters.clickhouse import Warehouse
    from services.adapters.embedded.log import SqliteLog

FACT_TABLES = tuple(table.name for table in FACTS)
_log = structlog.get_logger("alignment")


@dataclass(frozen=True, slots=True)
class Alignment:
    """What the streams start from.

    Attributes:
        epoch: the epoch that rows written from now on carry.
        quiet_before: partition → offset of topic `issues` below which nothing is said again.
        held: the topics of which the engine holds facts of this epoch.
    """

    epoch: int
    quiet_before: Mapping[int, int]
    held: frozenset[str]


def align(log: SqliteLog, warehouse: Warehouse) -> Alignment:
    """Compare what the engine holds with what the log holds, and choose the epoch.

    Where the engine knows positions that the log has never given out, the log was replaced or restored: its epoch is
    raised, so that its rows win over those of the log before it.
    """
    landed = _landed(warehouse)
    newest = max((epoch for _, _, epoch in landed), default=log.epoch)
    ends = {
        (topic.name, partition): end
        for topic in TRUTH_TOPICS
        for partition, end in log.end_positions(topic.name).items()
    }
    ahead = [
        key for key, offset in landed.items() if key[2] == newest and offset >= ends.get((key[0], key[1]), 0)
    ]
    if newest > log.epoch or (ahead and newest == log.epoch):
        epoch = log.raise_epoch(newest + 1)
        _log.warning("the log was replaced or restored", epoch=epoch, ahead=len(ahead))
    known = {(topic, partition) for topic, partition, epoch in landed if epoch == log.epoch}
    quiet = {
        p: end for p, end in log.end_positions(ISSUES.name).items() if end and (ISSUES.name, p) not in known
    }
    return Alignment(log.epoch, quiet, frozenset(topic for topic, _ in known))


def reread_what_is_missing(log: SqliteLog, alignment: Alignment, steps: Sequence[Step]) -> None:
    """Let each group start over on a topic of which the engine holds nothing: its tables were lost or are new."""
    for step in steps:
        for topic in step.topics:
            if topic not in alignment.held and any(log.committed(step.group, topic).values()):
                _log.warning(
                    "the engine holds nothing of a topic, reading it again", topic=topic, group=step.group
                )
                log.forget_positions(step.group, topic)


def _landed(warehouse: Warehouse) -> dict[tuple[str, int, int], int]:
    """Return (topic, partition, epoch) → the last offset among the facts."""
    found: dict[tuple[str, int, int], int] = {}
    for table in FACT_TABLES:
        sql = f"SELECT topic, partition, epoch, max(offset) AS last FROM {table} GROUP BY topic, partition, epoch"  # noqa: S608 -- names of ours
        rows = warehouse.rows(sql)
        for row in rows:
            # One topic may land in several tables.
            key = (row["topic"], row["partition"], row["epoch"])
            found[key] = max(found.get(key, 0), row["last"])
    return found
