"""Advance a case by one row of its source: the event to emit and the whole new state. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from events import cases as told
from events.cases import CaseDates, CaseEvent, CaseState
from reporting.cases.dates import Course, check_not_ahead, course_of
from reporting.cases.due import CaseRules, due_of
from reporting.cases.mismatches import MISMATCH_FIELDS, mismatch_after
from reporting.cases.newborns import newborn_steps
from reporting.cases.source_row import CaseRow
from reporting.cases.status import Status, check_step
from reporting.dated.calendar import local_day
from reporting.dated.procedures import Procedure
from reporting.errors import RuleError

UNKNOWN_FIELD = "khac"
"""The key in fields.csv for cases whose source names neither a field nor a procedure that the table knows."""

SOURCE_CHANGED = "source_changed"
"""The reason code of a correction for which the source gives no reason."""

LATER_STEP = "later_step"
"""The reason code of an event that adds a step of a linked case or a cause: nothing that was stated before was wrong."""

STEP_TAKEN_BACK = "step_taken_back"
"""The reason code of an event that takes back such a step or cause, and changes nothing else."""

TAKEN_OVER = "taken_over"
"""The reason code of a case that another unit brought and that now counts for the unit named by its code."""

_BY_STATUS: Mapping[int, type[CaseEvent]] = {
    Status.SUBMITTED: told.CaseSubmitted,
    Status.RECEIVED: told.CaseReceived,
    Status.REFUSED: told.CaseRefused,
    Status.PROCESSING: told.CaseProcessingStarted,
    Status.SUPPLEMENT: told.CaseSupplementRequested,
    Status.FEE: told.CaseFeeRequested,
    Status.WITHDRAWN: told.CaseWithdrawn,
    Status.STOPPED: told.CaseStopped,
    Status.FINISHED: told.CaseResultReady,
    Status.RETURNED: told.CaseReturnedResult,
}
_PLACED = tuple(CaseDates.model_fields)
_STATED = tuple(
    name for name in CaseState.model_fields if name not in {"seq", "previous", "reason_code", "backfill"}
)
_HAPPENED = tuple(name for name in CaseState.model_fields if name.endswith("_on") and name != "due_on")
"""The days on which something happened to a case: all but the one that is still to come."""
_LATER_STEPS = MISMATCH_FIELDS | {"personal_id_issued_on", "personal_id_sent_on", "waiting_for", "late_cause"}
_COLUMNS = {
    "unit_code": "MaDonViThamQuyen",
    "received_unit_code": "MaDonViTiepNhan",
    "helped_unit_code": "MaDonViHoTro",
    "procedure_code": "MaTTHC",
    "field_code": "LinhVuc",
    "channel": "KenhThucHien",
    "applicant_kind": "LoaiDoiTuong",
    "submitted_on": "NgayNop",
    "received_on": "NgayTiepNhan",
    "refused_on": "NgayTrangThai",
    "closed_on": "NgayKetThucXuLy",
    "returned_on": "NgayTraKetQua",
    "pauses": "NgayTrangThai",
    "due_on": "NgayHenTra",
    "due_at": "NgayHenTra",
    "source_overdue": "QuaHanNguon",
    "online_payment": "DuocThanhToanTrucTuyen",
}
"""Field of the state → the national column that moves it, the causes before what follows from them."""
_MICROSECOND = dt.timedelta(microseconds=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt of a row.

    Attributes:
        unit_code: the commune that sent the row; used where a first row names no receiving or competent unit.
        snapshot: the row comes from a daily snapshot, which misses a pause that began and ended between two
            days.
        one_step: the row takes one step; a jump over several steps is then an error.
        snapshot_on: the day that the snapshot shows, where it has one.
    """

    recorded_at: dt.datetime
    key_id: str
    unit_code: str
    snapshot: bool = False
    one_step: bool = False
    snapshot_on: dt.date | None = None

    @property
    def today(self) -> dt.date:
        """Return the day on which an undated change happened: that of the snapshot, else that of the receipt."""
        return self.snapshot_on or local_day(self.recorded_at)


@dataclass(frozen=True, slots=True)
class Advance:
    """The event that a row causes, and the case after that event."""

    event_cls: type[CaseEvent]
    state: CaseState


def take_over(known: CaseState, row: CaseRow, receipt: Receipt, rules: CaseRules) -> Advance:
    """Return the case as the row alone states it, replacing the state that other units stated.

    Raises:
        RuleError: as for `advance`.
    """
    check_not_ahead(row, receipt.recorded_at)
    facts = _facts(None, row, course_of(None, row, receipt.today), receipt, rules)
    said = row.status.day if row.status is not None else None
    state = CaseState(
        **facts,
        seq=next_seq(known.seq, receipt.recorded_at),
        reason_code=TAKEN_OVER,
        backfill=_is_old(facts, said, receipt, rules),
        previous=placed(known),
    )
    return Advance(told.CaseTransferred, state)


def advance(
    known: CaseState | None, row: CaseRow, receipt: Receipt, rules: CaseRules, *, last_seq: int = 0
) -> Advance | None:
    """Return the event and the state that a row causes, or None where the row states only known facts.

    A change of status may skip steps if a path of allowed steps leads there. `previous` is set exactly when
    one of the fields changed that the metrics count by; it holds their former values.

    Args:
        last_seq: of a case that is not known, the last number of the case that was taken back under its key.

    Raises:
        IllegalTransition: no path leads from the known status to the row's.
        RuleError: a date is missing, ahead of its receipt, or before its predecessor; names the field.
    """
    check_not_ahead(row, receipt.recorded_at)
    if known is not None and known.status_code != row.status_code:
        check_step(known.status_code, row.status_code, one_step=receipt.one_step)
    course = course_of(known, row, receipt.today)
    facts = _facts(known, row, course, receipt, rules)
    if known is None:
        return _first(facts, row, receipt, rules, last_seq)
    if all(facts[name] == getattr(known, name) for name in _STATED):
        return None
    return _next(known, facts, row, receipt, rules)


def _first(facts: dict[str, Any], row: CaseRow, receipt: Receipt, rules: CaseRules, last_seq: int) -> Advance:
    said = row.status.day if row.status is not None else None
    state = CaseState(
        **facts,
        seq=next_seq(last_seq, receipt.recorded_at),
        reason_code=row.reason_code,
        backfill=_is_old(facts, said, receipt, rules),
    )
    return Advance(_BY_STATUS[row.status_code], state)


def _next(
    known: CaseState, facts: dict[str, Any], row: CaseRow, receipt: Receipt, rules: CaseRules
) -> Advance:
    event_cls = _told_by(known, facts)
    stepped = known.status_code != row.status_code
    said = row.status.day if row.status is not None else receipt.today
    moved = any(facts[name] != getattr(known, name) for name in _PLACED)
    why = _why(known, facts, row)
    state = CaseState(
        **facts,
        seq=next_seq(known.seq, receipt.recorded_at),
        reason_code=row.reason_code or (why if event_cls is told.CaseCorrected else None),
        backfill=_is_old(facts, said if stepped else None, receipt, rules),
        previous=placed(known) if moved else None,
    )
    return Advance(event_cls, state)


def check_adds_only(known: CaseState, after: CaseState) -> None:
    """Raise an error if a row that states no status changed more of its case than such a row may.

    Raises:
        RuleError: names the column that would have to come with TrangThai.
    """
    for name, column in _COLUMNS.items():
        if getattr(known, name) != getattr(after, name):
            raise RuleError(
                f"{column} would change the case, and the row states no status: add TrangThai, or leave {column} empty",
                field=column,
            )


def _why(known: CaseState, facts: Mapping[str, Any], row: CaseRow) -> str:
    """Return why a case was corrected: steps were added, or taken back; else the source changed what it had stated.

    A day that was stated before is no step that is added.
    """
    changed = {name for name in _STATED if facts[name] != getattr(known, name)}
    dated = changed & {"personal_id_issued_on", "personal_id_sent_on"}
    if not changed <= _LATER_STEPS or any(getattr(known, name) is not None for name in dated - _back(row)):
        return SOURCE_CHANGED
    return STEP_TAKEN_BACK if row.taken_back else LATER_STEP


def _back(row: CaseRow) -> set[str]:
    """Return the days that a row takes back."""
    return {f"{one}_on" for one in row.taken_back}


def placed(known: CaseState) -> CaseDates:
    """Return the part of a state by which the metrics count."""
    return CaseDates(**{name: getattr(known, name) for name in _PLACED})


def _facts(
    known: CaseState | None, row: CaseRow, course: Course, receipt: Receipt, rules: CaseRules
) -> dict[str, Any]:
    """Return the fields of the state after the row, except seq, reason_code, backfill and previous."""

    def kept(name: str, default: Any = None) -> Any:
        said = getattr(row, name)
        if said is not None:
            return said
        return getattr(known, name) if known is not None else default

    code = kept("procedure_code")
    procedure = rules.procedure(code, course.received_on or course.submitted_on)
    due = due_of(known, row, course, procedure, rules)
    return {
        "unit_code": kept("unit_code", receipt.unit_code),
        "field_code": _field_of(known, row, procedure),
        "channel": kept("channel", "unknown"),
        "submitted_on": course.submitted_on,
        "received_on": course.received_on,
        "refused_on": course.refused_on,
        "due_on": due.due_on,
        "closed_on": course.closed_on,
        "close_kind": course.close_kind,
        "returned_on": course.returned_on,
        "pauses": course.pauses,
        "key_id": receipt.key_id if known is None else known.key_id,
        "status_code": row.status_code,
        "received_unit_code": kept("received_unit_code", receipt.unit_code),
        "helped_unit_code": kept("helped_unit_code"),
        "procedure_code": code,
        "applicant_kind": kept("applicant_kind", "unknown"),
        "due_at": due.due_at,
        "calendar_version": due.calendar_version,
        "supplement_count": _supplement_count(known, row, course),
        "pause_known": _pause_known(known, row, receipt),
        **newborn_steps(known, row, course.submitted_on, course.received_on),
        **mismatch_after(
            known,
            row,
            course.submitted_on,
            course.closed_on,
            local_day(receipt.recorded_at),
            snapshot=receipt.snapshot,
        ),
        "source_overdue": kept("source_overdue"),
        "online_payment": kept("online_payment"),
        "assisted": None if "assisted" in row.taken_back else kept("assisted"),
        "age_band": kept("age_band", "unknown"),
        "late_cause": None if "late_cause" in row.taken_back else kept("late_cause"),
    }


def _field_of(known: CaseState | None, row: CaseRow, procedure: Procedure | None) -> str:
    if row.field_code is not None:
        return row.field_code
    renamed = known is None or (row.procedure_code is not None and row.procedure_code != known.procedure_code)
    if renamed and procedure is not None:
        return procedure.field_code
    return known.field_code if known is not None else UNKNOWN_FIELD


def _supplement_count(known: CaseState | None, row: CaseRow, course: Course) -> int:
    if row.pauses is not None:
        return sum(pause.reason == "supplement" for pause in course.pauses)
    asked_again = row.status_code == Status.SUPPLEMENT and (
        known is None or known.status_code != Status.SUPPLEMENT
    )
    return (known.supplement_count if known is not None else 0) + asked_again


def _pause_known(known: CaseState | None, row: CaseRow, receipt: Receipt) -> bool:
    """Return whether every pause is known: each change of status in a snapshot may hide one, for good.

    A row that states all pauses makes up for what earlier rows hid.
    """
    if row.pauses is not None:
        return True
    before = known.pause_known if known is not None else True
    stepped = known is None or known.status_code != row.status_code
    return before and not (receipt.snapshot and stepped)


def _told_by(known: CaseState, facts: Mapping[str, Any]) -> type[CaseEvent]:
    status = facts["status_code"]
    if status != known.status_code:
        if status == Status.RECEIVED and known.received_on is not None:
            return told.CaseSupplemented
        if status == Status.PROCESSING and known.status_code == Status.SUPPLEMENT:
            return told.CaseSupplemented
        if status == Status.PROCESSING and known.status_code in {Status.FEE, Status.WITHDRAWN}:
            return told.CaseResumed
        return _BY_STATUS[status]
    if facts["unit_code"] != known.unit_code:
        return told.CaseTransferred
    moved = [name for name in _PLACED if facts[name] != getattr(known, name)]
    later = moved == ["due_on"] and known.due_on and facts["due_on"] and facts["due_on"] > known.due_on
    return told.CaseExtended if later else told.CaseCorrected


def _is_old(facts: Mapping[str, Any], stepped_on: dt.date | None, receipt: Receipt, rules: CaseRules) -> bool:
    """Return whether the newest fact of the case is older than the days that the live topic serves."""
    days: list[dt.date | None] = [facts[name] for name in _HAPPENED]
    if facts["closed_on"] is None:
        days.append(facts["due_on"])
        days.extend(pause.to_on or pause.from_on for pause in facts["pauses"])
    days.append(stepped_on)
    first_live_day = local_day(receipt.recorded_at) - dt.timedelta(days=rules.today_lane_days)
    return max(day for day in days if day is not None) < first_live_day


def next_seq(last: int, recorded_at: dt.datetime) -> int:
    """Return the next number, never below the receipt's microsecond: so a restored store reuses none."""
    return max(last + 1, (recorded_at - _EPOCH) // _MICROSECOND)
