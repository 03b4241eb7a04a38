"""Fold an event log into one row per case: its first day, its pauses, its two ends, and its present status."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from events.cases import PauseReason
from reporting.cases.status import NOT_RECEIVED, Status
from reporting.dated.calendar import local_day
from services.connectors.cell_rules import status_of_cells
from services.connectors.errors import UnusableFile
from services.connectors.mapping import LIFECYCLE, Mapping
from services.connectors.records import Record
from services.connectors.values import moment
from services.intake.dossier_codes import same_code
from services.intake.pauses_cell import Span, pauses_cell
from services.language.vietnamese import folded

# About one kilobyte each while the log is read.
MAX_CASES = 500_000
_OF_AN_EVENT = frozenset({"activity", "timestamp", LIFECYCLE, "outcome"})
_REASONS: dict[int, PauseReason] = {Status.SUPPLEMENT: "supplement", Status.FEE: "fee"}

Step = tuple[dt.datetime, int]
"""The instant of an event that the mapping knows, and the status that begins with it."""


@dataclass(slots=True)
class EventCounts:
    """Counts of a fold: all events, those of another transition, those of an activity that is not mapped."""

    read: int = 0
    other_transition: int = 0
    unmapped: int = 0


@dataclass(slots=True)
class _Case:
    number: int
    values: dict[str, str]
    first_at: dt.datetime
    steps: list[Step] = field(default_factory=list)


def cases_of(
    events: Iterable[Record], mapping: Mapping, counts: EventCounts | None = None
) -> Iterator[Record]:
    """Yield one record per case in the order of their first events; a broken event is yielded with its fault.

    A case is received at its own start where the log has a column for that (`columns.NgayTiepNhan`), else at its first
    reception (status 2), else at its first event. Processing ends with its last status 9, and the result is handed over
    with the first status 10 after it: two days. Its status is that of the latest event that the mapping knows. Events
    need not be in order; of two at the same instant the later line counts later.

    Args:
        counts: filled with the counts of the events.

    Raises:
        UnusableFile: more cases than MAX_CASES.
    """
    counts = counts if counts is not None else EventCounts()
    by_activity = {folded(name): code for name, code in mapping.status.by_activity.items()}
    cases: dict[str, _Case] = {}
    for event in events:
        counts.read += 1
        error = event.error or _fault_of(event)
        instant = None if error else _instant(event.values["timestamp"], mapping)
        if instant is None:
            yield Record(event.number, {}, error or "timestamp: not an instant in any form of dates.forms")
            continue
        if not _counts(event, mapping):
            counts.other_transition += 1
            continue
        code = same_code(event.values["MaHoSo"])
        case = cases.get(code)
        if case is None:
            if len(cases) >= MAX_CASES:
                raise UnusableFile(f"the event log has over {MAX_CASES:,} cases; split it")
            case = cases[code] = _Case(event.number, {}, instant)
        case.first_at = min(case.first_at, instant)
        for name, text in event.values.items():
            if name not in _OF_AN_EVENT:
                case.values.setdefault(name, text)
        status = status_of_cells(mapping.status.when, event.values) if mapping.status.when else None
        status = status or by_activity.get(folded(event.values.get("activity", "")))
        if status is None:
            counts.unmapped += 1
        else:
            case.steps.append((instant, status))
    for case in cases.values():
        yield Record(case.number, _row_of(case, mapping))


def _fault_of(event: Record) -> str | None:
    missing = [name for name in ("MaHoSo", "timestamp") if name not in event.values]
    return f"{missing[0]}: is missing" if missing else None


def _instant(text: str, mapping: Mapping) -> dt.datetime | None:
    rules = mapping.dates
    found = moment(text, rules.forms, rules.zone, excel_serial=rules.excel_serial)
    return found if isinstance(found, dt.datetime) else None


def _counts(event: Record, mapping: Mapping) -> bool:
    """Return whether an event is a transition that counts; an event that names none does."""
    wanted, said = mapping.events.lifecycle, event.values.get(LIFECYCLE)
    return not wanted or said is None or folded(said) in wanted


def _row_of(case: _Case, mapping: Mapping) -> dict[str, str]:
    values = dict(case.values)
    steps = sorted(case.steps, key=itemgetter(0))  # stable: lines of the same instant keep their order
    received_at = _first(steps, {Status.RECEIVED}) or _after_filing(steps) or case.first_at
    filed_at = _first(steps, {Status.SUBMITTED})
    if filed_at is not None and filed_at <= received_at:
        values.setdefault("NgayNop", filed_at.isoformat())
    values.setdefault("NgayTiepNhan", received_at.isoformat())
    if not steps:
        return values
    since, status = _present(steps)
    values["activity"] = str(status)
    if not any(values.get(name) for name in mapping.status.by_field):
        values.setdefault("NgayTrangThai", since.isoformat())
        values |= {name: at.isoformat() for name, at in _ends(steps, status) if name not in values}
    if mapping.shows_pauses and status not in NOT_RECEIVED:
        values.setdefault("TamDung", pauses_cell(_pauses(steps, local_day(received_at))))
    return values


def _first(steps: list[Step], wanted: set[int]) -> dt.datetime | None:
    return next((at for at, status in steps if status in wanted), None)


def _after_filing(steps: list[Step]) -> dt.datetime | None:
    """Return the first step of a case that was filed before it was received."""
    if not steps or steps[0][1] != Status.SUBMITTED:
        return None
    return next((at for at, status in steps if status not in NOT_RECEIVED), None)


def _present(steps: list[Step]) -> Step:
    """Return since when the present status holds, and the status: events that repeat it change nothing."""
    since, status = steps[-1]
    for at, code in reversed(steps):
        if code != status:
            break
        since = at
    return since, status


def _ends(steps: list[Step], status: int) -> list[tuple[str, dt.datetime]]:
    """Return the two ends that the present status states: of processing, and the hand-over."""
    if status not in {Status.FINISHED, Status.RETURNED}:
        return []
    finished = [at for at, code in steps if code == Status.FINISHED]
    found = [("NgayKetThucXuLy", finished[-1])] if finished else []
    if status == Status.RETURNED:
        handed = [
            at for at, code in steps if code == Status.RETURNED and (not finished or at >= finished[-1])
        ]
        found.append(("NgayTraKetQua", handed[0]))
    return found


def _pauses(steps: list[Step], received_on: dt.date) -> list[Span]:
    """Return every pause with its cause, in local days; one that still runs has no end."""
    found: list[Span] = []
    for at, status in steps:
        day, reason = max(local_day(at), received_on), _REASONS.get(status)
        if found and found[-1].to_on is None:
            if found[-1].reason == reason:
                continue
            found[-1] = found[-1]._replace(to_on=day)
        if reason is not None:
            found.append(Span(reason, day))
    return found
