"""Audit the warehouse: is every position of the log there, and do the roll-ups equal a recount of the facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.streams.dead_letters import DeadLetter, listing
from services.streams.land import Land, LandBackfill, LandCases

if TYPE_CHECKING:
    from events.log import EventLog
    from services.adapters.clickhouse import Warehouse

Landed = dict[tuple[int, str, int], dict[str, Any]]
"""What audit_positions found, by (epoch, topic, partition)."""

SHOWN = 20
"""How many findings of one kind are listed; the check itself looks at all."""

# Query, and what one of its rows means.
_CHECKS: tuple[tuple[str, str], ...] = (
    (
        "audit_recount",
        "{unit_code} {day} {name}: the roll-up says {stored}, the facts say {recounted}",
    ),
    ("audit_months", "{unit_code} {month}: the month says {month_sum}, its days say {day_sum}"),
    (
        "audit_residue",
        "case {case_key} {day} {mark}: counted at {unit_code} although a later state no longer says so",
    ),
    (
        "audit_current",
        "case {case_key}: the current row has seq {current_seq}, the facts have {fact_seq}",
    ),
    ("audit_forks", "{name}: {what}, {content_count} contents"),
)


@dataclass(frozen=True, slots=True)
class PartitionAudit:
    """One partition of the log and what the warehouse holds of it."""

    epoch: int
    topic: str
    partition: int
    landed_count: int
    missing_count: int
    waiting_count: int

    def line(self) -> str:
        """Say it in one line."""
        verdict = "ok" if not self.missing_count else f"MISSING {self.missing_count:,}"
        waiting = f", {self.waiting_count:,} not landed yet" if self.waiting_count else ""
        return f"epoch {self.epoch} {self.topic}/{self.partition}: {self.landed_count:,} positions, {verdict}{waiting}"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found; `findings` maps each check to its first findings."""

    partitions: tuple[PartitionAudit, ...]
    findings: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Tell whether every position is there and every recount agrees."""
        return not any(p.missing_count for p in self.partitions) and not any(self.findings.values())

    def lines(self) -> Iterator[str]:
        """Yield the report line by line, the verdict last."""
        for partition in self.partitions:
            yield partition.line()
        for check, found in self.findings.items():
            yield f"{check}: {'ok' if not found else f'{len(found)} shown'}"
            for one in found:
                yield f"  {one}"
        yield "audit: ok" if self.ok else "audit: FAILED"


def audit(warehouse: Warehouse, log: EventLog) -> AuditReport:
    """Compare the warehouse with the log and with itself; reads only.

    Dead letters count as landed: their positions are accounted for in the topic beside. What the groups have not
    finished yet is named as waiting and is no fault.
    """
    found = {
        (row["epoch"], row["topic"], row["partition"]): row
        for row in warehouse.query("audit_positions", **_dead_parameters(listing(log)))
    }
    partitions = _present(log, found) + _past(log.epoch, found)
    findings = {
        query: tuple(text.format(**row) for row in warehouse.query(query, limit=SHOWN))
        for query, text in _CHECKS
    }
    return AuditReport(tuple(sorted(partitions, key=lambda p: (p.epoch, p.topic, p.partition))), findings)


def _dead_parameters(dead: list[DeadLetter]) -> dict[str, list[Any]]:
    return {
        "dead_epochs": [letter.epoch for letter in dead],
        "dead_topics": [letter.position.topic for letter in dead],
        "dead_partitions": [letter.position.partition for letter in dead],
        "dead_offsets": [letter.position.offset for letter in dead],
    }


def _present(log: EventLog, found: Landed) -> list[PartitionAudit]:
    """Audit the partitions of this log: all that its group has finished must be there, from the first record on.

    A log that was restored under a new epoch goes on behind records that landed under the epoch before.
    """
    audited = []
    for step in (Land, LandCases, LandBackfill):
        for topic in step.topics:
            committed = log.committed(step.group, topic)
            for partition, end in log.end_positions(topic).items():
                row = found.get((log.epoch, topic, partition))
                landed = 0 if row is None else row["distinct_count"]
                reached = max(committed.get(partition, 0), 0 if row is None else row["last_offset"] + 1)
                start = _landed_before(
                    found, log.epoch, topic, partition, reached if row is None else row["first_offset"]
                )
                if end:
                    missing = reached - start - landed
                    audited.append(
                        PartitionAudit(log.epoch, topic, partition, landed, missing, end - reached)
                    )
    return audited


def _landed_before(found: Landed, epoch: int, topic: str, partition: int, first: int) -> int:
    """Return `first` where an epoch before this one reaches up to it, else 0: the log begins with its first record."""
    reached = max(
        (
            row["last_offset"] + 1
            for (other, name, number), row in found.items()
            if other < epoch and (name, number) == (topic, partition)
        ),
        default=0,
    )
    return first if reached >= first else 0


def _past(epoch: int, found: Landed) -> list[PartitionAudit]:
    """Audit what came from logs before this one by the gaps alone: they can no longer be asked."""
    return [
        PartitionAudit(
            row["epoch"], row["topic"], row["partition"], row["distinct_count"], row["missing_count"], 0
        )
        for row in found.values()
        if row["epoch"] != epoch
    ]
