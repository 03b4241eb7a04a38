"""Audit the warehouse: all positions landed, roll-ups and filings equal to a recount, all timed events emitted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from services.consuming.dead_letters import survey
from services.consuming.letters import GivenUp
from services.maintenance.audit_filings import FilingsAudit, audit_filings
from services.maintenance.missing_events import missing_events, watched_until
from services.streams.due_recounts import DueRecounts
from services.streams.land import Land, LandBackfill, LandCases
from services.warehouse.damage import damaged_parts, remedy

if TYPE_CHECKING:
    import datetime as dt

    from events.log import EventLog, Position
    from services.warehouse.client import Raw, Warehouse

Place = tuple[int, str, int]
"""(epoch, topic, partition)."""

Landed: TypeAlias = "dict[Place, Raw]"
"""Rows of audit_positions by (epoch, topic, partition)."""

SHOWN = 20
"""Number of findings of one kind that are listed; the check covers all."""

NO_END = 2**63 - 1
_OFFSETS_AT_ONCE = 5_000

# Query → meaning of one of its rows.
_CHECKS: tuple[tuple[str, str], ...] = (
    (
        "audit_recount",
        "{unit_code} {day} {name}: the roll-up says {stored}, the facts say {recounted}",
    ),
    ("audit_months", "{unit_code} {month} {name}: the month says {month_sum}, its days say {day_sum}"),
    *(
        (
            query,
            "province {province_code} {starts_on} {name}: its sum says {of_province}, its communes {of_communes}",
        )
        for query in ("audit_sums_days", "audit_sums_months")
    ),
    (
        "audit_residue",
        "case {case_key} {day} {mark}: counted at {unit_code} although a later state no longer says so",
    ),
    (
        "audit_current",
        "case {case_key}: the current row has seq {current_seq}, the facts have {fact_seq}",
    ),
    (
        "audit_units",
        "case {case_key}: has facts at {unit_code}, and the units of its cases do not name it",
    ),
    ("audit_forks", "{name}: {what}, {content_count} contents"),
)


@dataclass(frozen=True, slots=True)
class PartitionAudit:
    """One partition of the log, and the facts of it in the warehouse."""

    epoch: int
    topic: str
    partition: int
    landed_count: int
    missing_count: int
    waiting_count: int

    def line(self) -> str:
        """Return the result as one line."""
        verdict = "ok" if not self.missing_count else f"MISSING {self.missing_count:,}"
        waiting = f", {self.waiting_count:,} not landed yet" if self.waiting_count else ""
        return f"epoch {self.epoch} {self.topic}/{self.partition}: {self.landed_count:,} positions, {verdict}{waiting}"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Result of an audit.

    Attributes:
        findings: the first findings of each check.
        given_up: positions without facts.
        due_count: how many roll-ups are due to be counted; months among them are not compared with their days.
    """

    partitions: tuple[PartitionAudit, ...]
    findings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    given_up: tuple[GivenUp, ...] = ()
    due_count: int = 0
    filings: FilingsAudit = field(default_factory=FilingsAudit)

    @property
    def ok(self) -> bool:
        """Return whether every position is accounted for and every recount agrees."""
        return not any(p.missing_count for p in self.partitions) and not any(self.findings.values())

    def lines(self) -> Iterator[str]:
        """Yield the lines of the report, the verdict last."""
        for partition in self.partitions:
            yield partition.line()
        for one in self.given_up:
            yield one.line()
        yield self.filings.line()
        for check, found in self.findings.items():
            yield f"{check}: {'ok' if not found else f'{len(found)} shown'}"
            for finding in found:
                yield f"  {finding}"
        if self.due_count:
            yield f"roll-ups that a worker is about to count: {self.due_count:,}"
        yield "audit: ok" if self.ok else "audit: FAILED"


def audit(warehouse: Warehouse, log: EventLog, *, until: dt.datetime | None = None) -> AuditReport:
    """Compare the warehouse with the log and with itself; reads only. Damaged tables are named alone.

    Dead letters and positions that an operator gave up count as landed: they are accounted for. Records that the groups
    have not finished yet are listed as waiting, not as missing.

    Args:
        until: every event due before it must have been emitted; by default the instant up to which landings show
            that the watch has run.
    """
    damage = damaged_parts(warehouse)
    if damage:
        # Nothing else can be compared: a statement that meets the part fails.
        return AuditReport((), {"audit_tables": (remedy(warehouse), *damage[:SHOWN])})
    found = {
        (row["epoch"], row["topic"], row["partition"]): row for row in warehouse.query("audit_positions")
    }
    letters = survey(log)
    given_up = tuple(one for topic in letters for one in topic.given_up.values())
    set_aside = [(one.epoch, one.position) for topic in letters for one in topic.by_number.values()]
    _count_in(warehouse, found, [*set_aside, *_passed(log, given_up)])
    partitions = _present(log, found) + _past(log.epoch, found)
    findings: dict[str, tuple[str, ...]] = {"audit_tables": ()}
    findings |= {
        query: tuple(text.format(**row) for row in warehouse.query(query, limit=SHOWN, since=0))
        for query, text in _CHECKS
    }
    filings = audit_filings(warehouse, SHOWN)
    findings["audit_filings"] = filings.findings
    until = until or watched_until(warehouse, log)
    if until is not None:
        findings |= missing_events(warehouse, until, SHOWN)
    in_order = tuple(sorted(partitions, key=lambda p: (p.epoch, p.topic, p.partition)))
    due_count = sum(map(len, DueRecounts(warehouse).due()))
    return AuditReport(in_order, findings, given_up, due_count, filings)


def landed_of(
    warehouse: Warehouse, place: Place, offsets: Sequence[int], *, start: int = 0, stop: int = NO_END
) -> tuple[int, int]:
    """Return how many positions of a partition's range have facts, and how many of the given ones have.

    A server takes no parameter over 128 KiB, so the offsets are sent some thousands at a time.
    """
    landed = among = 0
    epoch, topic, partition = place
    for first in range(0, max(len(offsets), 1), _OFFSETS_AT_ONCE):
        [found] = warehouse.query(
            "landed_positions",
            epoch=epoch,
            topic=topic,
            partition=partition,
            start=start,
            stop=stop,
            offsets=list(offsets[first : first + _OFFSETS_AT_ONCE]),
        )
        landed, among = found["landed_count"], among + found["among_count"]
    return landed, among


def _passed(log: EventLog, given_up: Iterable[GivenUp]) -> Iterator[tuple[int, Position]]:
    """Yield the given-up positions that their group has passed: a record ahead of it may still land."""
    groups = {topic: step.group for step in (Land, LandCases, LandBackfill) for topic in step.topics}
    for one in given_up:
        at = one.position
        committed = log.committed(groups[at.topic], at.topic) if one.epoch == log.epoch else {}
        if one.epoch != log.epoch or at.offset < committed.get(at.partition, 0):
            yield one.epoch, at


def _count_in(warehouse: Warehouse, found: Landed, accounted_for: Iterable[tuple[int, Position]]) -> None:
    """Count set-aside and given-up positions as landed; a position may be both landed and one of them."""
    by_place: dict[Place, set[int]] = {}
    for epoch, at in accounted_for:
        by_place.setdefault((epoch, at.topic, at.partition), set()).add(at.offset)
    for place, offsets in by_place.items():
        landed, both = landed_of(warehouse, place, sorted(offsets))
        row = found.setdefault(place, dict(zip(("epoch", "topic", "partition"), place, strict=True)))
        first = min(*offsets, row.get("first_offset", NO_END), NO_END)
        last = max(*offsets, row.get("last_offset", 0), 0)
        count = landed + len(offsets) - both
        row |= {
            "first_offset": first,
            "last_offset": last,
            "distinct_count": count,
            "missing_count": last - first + 1 - count,
        }


def _present(log: EventLog, found: Landed) -> list[PartitionAudit]:
    """Audit the partitions of this log: every record that its group has finished must have a fact.

    A log that was restored under a new epoch continues behind records that landed under the earlier epoch.
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
    """Return `first` if facts of an earlier epoch reach up to it, else 0: the log begins with its first record."""
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
    """Audit positions of earlier logs by gaps alone, because those logs can no longer be read."""
    return [
        PartitionAudit(
            row["epoch"], row["topic"], row["partition"], row["distinct_count"], row["missing_count"], 0
        )
        for row in found.values()
        if row["epoch"] != epoch
    ]
