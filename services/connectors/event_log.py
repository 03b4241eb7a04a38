"""Fold an event log into one row per case: its first day, its end, and the status from its activities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.connectors.errors import UnusableFile
from services.connectors.mapping import Mapping
from services.connectors.records import Record
from services.connectors.values import moment
from services.intake.dossier_codes import same_code
from services.language.vietnamese import folded

# About one kilobyte each while the log is read.
MAX_CASES = 500_000


@dataclass(slots=True)
class _Case:
    number: int
    values: dict[str, str]
    first_at: dt.datetime
    status_at: dt.datetime | None = None
    status_code: int | None = None


def cases_of(events: Iterable[Record], mapping: Mapping) -> Iterator[Record]:
    """Yield one record per case in the order of their first events; a broken event is yielded with its fault.

    A case is received at its own start where the log has a column for that (`columns.NgayTiepNhan`), otherwise at
    its first event. Its status is that of the latest activity named in `status.by_activity`; events need not be
    in order.

    Raises:
        UnusableFile: more cases than MAX_CASES.
    """
    by_activity = {folded(name): code for name, code in mapping.status.by_activity.items()}
    cases: dict[str, _Case] = {}
    for event in events:
        error = event.error or _fault_of(event)
        instant = None if error else _instant(event.values["timestamp"], mapping)
        if instant is None:
            yield Record(event.number, {}, error or "timestamp: not an instant in any form of dates.forms")
            continue
        code = same_code(event.values["MaHoSo"])
        case = cases.get(code)
        if case is None:
            if len(cases) >= MAX_CASES:
                raise UnusableFile(f"the event log has over {MAX_CASES:,} cases; split it")
            shared = {k: v for k, v in event.values.items() if k not in {"activity", "timestamp"}}
            case = cases[code] = _Case(event.number, shared, instant)
        _add(case, event, instant, by_activity.get(folded(event.values.get("activity", ""))))
    for case in cases.values():
        values = dict(case.values)
        values.setdefault("NgayTiepNhan", case.first_at.isoformat())
        if case.status_code is not None and case.status_at is not None:
            values["activity"] = str(case.status_code)
            if not any(values.get(name) for name in mapping.status.by_field):
                values.setdefault("NgayTrangThai", case.status_at.isoformat())
        yield Record(case.number, values)


def _fault_of(event: Record) -> str | None:
    missing = [name for name in ("MaHoSo", "timestamp") if name not in event.values]
    return f"{missing[0]}: is missing" if missing else None


def _instant(text: str, mapping: Mapping) -> dt.datetime | None:
    rules = mapping.dates
    found = moment(text, rules.forms, rules.zone, excel_serial=rules.excel_serial)
    return found if isinstance(found, dt.datetime) else None


def _add(case: _Case, event: Record, instant: dt.datetime, status_code: int | None) -> None:
    case.first_at = min(case.first_at, instant)
    for name, text in event.values.items():
        if name not in {"activity", "timestamp"}:
            case.values.setdefault(name, text)
    if status_code is not None and (case.status_at is None or instant >= case.status_at):
        case.status_at, case.status_code = instant, status_code
