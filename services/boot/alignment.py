"""Align the engine and the log of one installation at the start: after a lost engine, or a replaced log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from events.topics import ISSUES, TRUTH_TOPICS
from reporting.tables import FACTS
from services.errors import SetupError

if TYPE_CHECKING:
    from services.boot.system import Log
    from services.log.kafka import KafkaLog
    from services.warehouse.client import Warehouse

FACT_TABLES = tuple(table.name for table in FACTS)
Reading = tuple[str, tuple[str, ...]]
"""A consumer group and the topics that it reads."""

_log = structlog.get_logger("alignment")


@dataclass(frozen=True, slots=True)
class Alignment:
    """The common start of engine and log.

    Attributes:
        epoch: the epoch of rows written from now on.
        quiet_before: partition → offset of topic `issues` below which no follow-up is emitted again.
        held: the topics with facts of this epoch in the engine.
    """

    epoch: int
    quiet_before: Mapping[int, int]
    held: frozenset[str]


def align(log: Log, warehouse: Warehouse) -> Alignment:
    """Compare the positions in the engine with the log, and choose the epoch.

    Where the engine has positions that the log never assigned, the log was replaced or restored: its epoch is
    raised, so that its rows win over those of the earlier log. Where the engine holds nothing of a partition of
    topic `issues`, its rows were lost: the log stores up to which offset they are folded again without emitting.
    """
    landed = _landed(warehouse)
    at_least, ahead = _must_reach(log, landed)
    if at_least > log.epoch:
        epoch = log.raise_epoch(at_least)
        _log.warning("the log was replaced or restored", epoch=epoch, ahead=ahead)
    known = {(topic, partition) for topic, partition, epoch in landed if epoch == log.epoch}
    quiet = {
        p: end for p, end in log.end_positions(ISSUES.name).items() if end and (ISSUES.name, p) not in known
    }
    if quiet:
        log.keep_quiet_before({**log.quiet_before, **quiet})
    return Alignment(log.epoch, log.quiet_before, frozenset(topic for topic, _ in known))


def must_be_in_line(log: KafkaLog, warehouse: Warehouse) -> Alignment:
    """Return the alignment for a worker, changing nothing: several start at once, and none may decide for all.

    Raises:
        SetupError: the log was replaced, or tables were lost, since the last alignment.
    """
    landed = must_be_of_one_log(log, warehouse)
    held = frozenset(topic for topic, _, epoch in landed if epoch == log.epoch)
    return Alignment(log.epoch, log.quiet_before, held)


def must_be_of_one_log(log: Log, warehouse: Warehouse) -> Mapping[tuple[str, int, int], int]:
    """Return (topic, partition, epoch) → last offset among the facts, if this log assigned all of them.

    Raises:
        SetupError: the log was replaced or restored.
    """
    landed = _landed(warehouse)
    if _must_reach(log, landed)[0] > log.epoch:
        raise SetupError(
            "the engine knows positions that this log never gave out: it was replaced or restored. Stop the workers and "
            "run `liencap migrate`, which raises the epoch"
        )
    return landed


def _must_reach(log: Log, landed: Mapping[tuple[str, int, int], int]) -> tuple[int, int]:
    """Return the lowest epoch that the log must have, and how many partitions of the engine are ahead of it."""
    newest = max((epoch for _, _, epoch in landed), default=log.epoch)
    ends = {
        (topic.name, partition): end
        for topic in TRUTH_TOPICS
        for partition, end in log.end_positions(topic.name).items()
    }
    ahead = [
        key for key, offset in landed.items() if key[2] == newest and offset >= ends.get((key[0], key[1]), 0)
    ]
    replaced = newest > log.epoch or (ahead and newest == log.epoch)
    return (newest + 1 if replaced else log.epoch), len(ahead)


def reread_what_is_missing(log: Log, alignment: Alignment, readers: Iterable[Reading]) -> None:
    """Delete the positions of each group on a topic without facts in the engine: its tables were lost or are new."""
    for group, topics in readers:
        for topic in topics:
            lost = topic not in alignment.held and any(log.end_positions(topic).values())
            if lost and any(log.committed(group, topic).values()):
                _log.warning(
                    "the engine holds nothing of a topic, reading it again", topic=topic, group=group
                )
                log.forget_positions(group, topic)


def _landed(warehouse: Warehouse) -> dict[tuple[str, int, int], int]:
    """Return (topic, partition, epoch) → last offset among the facts."""
    found: dict[tuple[str, int, int], int] = {}
    for table in FACT_TABLES:
        sql = f"SELECT topic, partition, epoch, max(offset) AS last FROM {table} GROUP BY topic, partition, epoch"  # noqa: S608 -- names of ours
        rows = warehouse.rows(sql)
        for row in rows:
            # One topic may land in several tables.
            key = (row["topic"], row["partition"], row["epoch"])
            found[key] = max(found.get(key, 0), row["last"])
    return found
