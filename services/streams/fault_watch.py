"""The watch over faults: issues that wait for one, issues released from one, and silences excused by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from events.envelope import Envelope
from events.faults import IssueReleased, IssueSuppressed, Released, Suppressed
from reporting.dated.calendar import local_day
from reporting.dated.dependencies import LATE_REPORT, Dependencies
from reporting.issues import product_envelope

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

REMEMBERED = dt.timedelta(days=60)
"""How long a cleared fault still explains a feed's silence."""

_FAULTS = """
    SELECT issue_id, kind, province_code, fault_id, units, began_at, confirmed_at, cleared_at
    FROM issues_current FINAL
    ARRAY JOIN
        fault_ids AS fault_id, fault_units AS units, fault_began_at AS began_at,
        fault_confirmed_at AS confirmed_at, fault_cleared_at AS cleared_at
    WHERE notEmpty(fault_ids)
    ORDER BY confirmed_at, fault_id
"""
_DEPENDENTS = """
    SELECT issue_id, unit_code, province_code, kind, reported_at
    FROM issues_current FINAL
    WHERE kind IN {kinds:Array(String)}
        AND (unit_code IN {units:Array(String)} OR province_code IN {units:Array(String)})
        AND province_code = {province:String}
        AND reported_at >= {began_at:DateTime64(6, 'UTC')}
        AND state NOT IN ('confirmed', 'withdrawn', 'closed')
        AND NOT has(suppressed_by, {fault:UUID}) AND issue_id != {issue:UUID}
    ORDER BY reported_at, issue_id
    LIMIT {limit:UInt32}
"""
_WAITING = """
    SELECT issue_id, unit_code, province_code, fault_id
    FROM issues_current FINAL
    ARRAY JOIN suppressed_by AS fault_id
    WHERE state NOT IN ('confirmed', 'withdrawn', 'closed')
    ORDER BY issue_id, fault_id
"""


@dataclass(frozen=True, slots=True)
class _FaultRow:
    issue_id: UUID
    kind: str
    province_code: str
    fault_id: UUID
    units: list[str]
    began_at: dt.datetime
    confirmed_at: dt.datetime
    cleared_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class _Dependent:
    issue_id: UUID
    unit_code: str
    province_code: str
    kind: str
    reported_at: dt.datetime


@dataclass(frozen=True, slots=True)
class _Waiting:
    issue_id: UUID
    unit_code: str
    province_code: str
    fault_id: UUID


@dataclass(frozen=True, slots=True)
class FaultSeen:
    """A confirmed fault; `follows` maps each dependent kind to its path to the fault."""

    id: UUID
    issue_id: UUID
    kind: str
    province_code: str
    units: Sequence[str]
    began_at: dt.datetime
    confirmed_at: dt.datetime
    cleared_at: dt.datetime | None
    follows: Mapping[str, tuple[str, ...]]

    def covers(self, unit_code: str, province_code: str | None) -> bool:
        """Return whether a commune lies in the area of the fault."""
        return unit_code in self.units or province_code in self.units

    @property
    def excuses(self) -> bool:
        """Return whether the fault explains a missing report."""
        return LATE_REPORT in self.follows


def faults_seen(warehouse: Warehouse, dependencies: Dependencies) -> list[FaultSeen]:
    """Read every fault, cleared ones too; `follows` is read from the table of the day of confirmation."""
    return [
        FaultSeen(
            id=row.fault_id,
            issue_id=row.issue_id,
            kind=row.kind,
            province_code=row.province_code,
            units=tuple(row.units),
            began_at=row.began_at,
            confirmed_at=row.confirmed_at,
            cleared_at=row.cleared_at,
            follows=dependencies.of_fault(row.kind, local_day(row.confirmed_at)),
        )
        for row in warehouse.rows_of(_FaultRow, _FAULTS)
    ]


def suppressions(
    warehouse: Warehouse,
    faults: Sequence[FaultSeen],
    dependencies: Dependencies,
    now: dt.datetime,
    limit: int,
) -> Iterator[Envelope]:
    """Yield `issue.suppressed` for issues of a dependent kind in the area of a lasting fault, reported since it began."""
    for fault in faults:
        if fault.cleared_at is not None or not fault.follows:
            continue
        found = warehouse.rows_of(
            _Dependent,
            _DEPENDENTS,
            kinds=sorted(fault.follows),
            units=list(fault.units),
            province=fault.province_code,
            began_at=fault.began_at,
            fault=fault.id,
            issue=fault.issue_id,
            limit=limit,
        )
        for row in found:
            said = Suppressed(
                fault_id=fault.id,
                fault_issue_id=fault.issue_id,
                fault_kind=fault.kind,
                path=fault.follows[row.kind],
                since=max(fault.confirmed_at, row.reported_at),
                table_version=dependencies.version,
            )
            event_id = uuid5(row.issue_id, f"issue.suppressed:{fault.id}")
            about = product_envelope.envelope(
                _feed(row.province_code, row.unit_code), row.issue_id, event_id, now
            )
            yield IssueSuppressed(data=said, **about)


def releases(warehouse: Warehouse, faults: Sequence[FaultSeen], now: dt.datetime) -> Iterator[Envelope]:
    """Yield `issue.released` for issues that wait for a fault that was cleared or does not exist."""
    cleared = {fault.id: fault.cleared_at for fault in faults}
    for row in warehouse.rows_of(_Waiting, _WAITING):
        until = cleared.get(row.fault_id, now)
        if until is not None:
            said = Released(fault_id=row.fault_id, until=until)
            event_id = uuid5(row.issue_id, f"issue.released:{row.fault_id}")
            about = product_envelope.envelope(
                _feed(row.province_code, row.unit_code), row.issue_id, event_id, now
            )
            yield IssueReleased(data=said, **about)


def excuse_of(
    faults: Sequence[FaultSeen], unit_code: str, province_code: str | None, now: dt.datetime
) -> tuple[FaultSeen | None, dt.datetime | None]:
    """Return the fault that now explains a commune's silence, and when the last one was cleared."""
    over = [fault for fault in faults if fault.excuses and fault.covers(unit_code, province_code)]
    lasting = next((fault for fault in over if fault.cleared_at is None), None)
    ends = [at for fault in over if (at := fault.cleared_at) is not None and now - at < REMEMBERED]
    return lasting, max(ends, default=None)


def _feed(province_code: str, unit_code: str) -> str:
    return product_envelope.feed("watch", province_code, unit_code)
