"""Derive the dates of a case from the dates of a row: order, end, pauses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from events.cases import CaseState, CloseKind, Pause, PauseReason
from events.envelope import ALLOWED_SKEW
from reporting.cases.source_row import CaseRow, Moment
from reporting.cases.status import MAYBE_RECEIVED, NOT_RECEIVED, Status
from reporting.dated.calendar import local_day
from reporting.errors import RuleError

_CLOSES: dict[int, CloseKind] = {
    Status.WITHDRAWN: "withdrawn",
    Status.STOPPED: "stopped",
    Status.FINISHED: "finished",
    Status.RETURNED: "finished",
}
_PAUSE_REASON: dict[int, PauseReason] = {Status.SUPPLEMENT: "supplement", Status.FEE: "fee"}
# The national names, because the person who corrects the row looks for them.
_FIELDS = {
    "submitted": "NgayNop",
    "received": "NgayTiepNhan",
    "finished": "NgayKetThucXuLy",
    "returned": "NgayTraKetQua",
    "status": "NgayTrangThai",
    "personal_id_issued": "NgayCapDinhDanh",
    "personal_id_sent": "NgayGuiDinhDanh",
    "mismatch_from": "NgaySaiLech",
    "mismatch_to": "NgayHetSaiLech",
}


@dataclass(frozen=True, slots=True)
class Course:
    """The dated facts of a case after a row, all local days."""

    submitted_on: dt.date
    received_on: dt.date | None
    refused_on: dt.date | None
    closed_on: dt.date | None
    close_kind: CloseKind | None
    returned_on: dt.date | None
    pauses: tuple[Pause, ...]
    resumed: Pause | None
    """The pause that this row ended because the case went on, not because it closed."""


def check_not_ahead(row: CaseRow, recorded_at: dt.datetime) -> None:
    """Raise an error if a date of the row lies further after its receipt than the allowed error of a clock.

    Raises:
        RuleError: names the first such field. A due day may lie ahead.
    """
    limit = recorded_at + ALLOWED_SKEW
    for name, field in _FIELDS.items():
        moment: Moment | None = getattr(row, name)
        if moment is not None and (
            moment.at > limit if moment.at is not None else moment.day > local_day(limit)
        ):
            raise RuleError(f"{field} lies in the future ({moment.day})", field=field)


def course_of(known: CaseState | None, row: CaseRow, stated_on: dt.date) -> Course:
    """Merge the dates of a row with the known dates; a change for which both have no date happened on `stated_on`.

    Raises:
        RuleError: a date is missing or lies before its predecessor; names the field.
    """
    changed = known is None or known.status_code != row.status_code
    # Only a known case can have changed today; a first row without a date gives no day.
    today = stated_on if known is not None and changed else None
    received_on = _received_on(known, row)
    submitted_on = _submitted_on(known, row, received_on)
    refused_on = _refused_on(known, row, today) if row.status_code == Status.REFUSED else None
    closed_on, kind, field = _closed(known, row, received_on, today)
    returned_on = _returned_on(known, row, today) if row.status_code == Status.RETURNED else None
    _check_order(
        (submitted_on, "NgayNop"),
        (received_on, "NgayTiepNhan"),
        (refused_on, "NgayTrangThai"),
        (closed_on, field),
        (returned_on, "NgayTraKetQua"),
    )
    _check_order(
        (received_on or submitted_on, "NgayTiepNhan"),
        (row.status.day if row.status else None, "NgayTrangThai"),
    )
    # The dates beside the status are checked too: an end before the reception is a mistake in any of them.
    for moment, field in ((row.finished, "NgayKetThucXuLy"), (row.returned, "NgayTraKetQua")):
        _check_order((received_on, "NgayTiepNhan"), (moment.day if moment else None, field))
    pauses, resumed = _pauses(known, row, received_on, closed_on, stated_on)
    return Course(submitted_on, received_on, refused_on, closed_on, kind, returned_on, pauses, resumed)


def _check_order(*dated: tuple[dt.date | None, str]) -> None:
    before: tuple[dt.date, str] | None = None
    for day, field in dated:
        if day is None:
            continue
        if before is not None and day < before[0]:
            raise RuleError(f"{field} ({day}) lies before {before[1]} ({before[0]})", field=field)
        before = (day, field)


def _received_on(known: CaseState | None, row: CaseRow) -> dt.date | None:
    if row.status_code in NOT_RECEIVED:
        return None
    if row.received is not None:
        return row.received.day
    if known is not None and known.received_on is not None:
        return known.received_on
    if row.status_code == Status.RECEIVED and row.status is not None:
        return row.status.day
    if row.status_code in MAYBE_RECEIVED:
        return None
    raise RuleError(
        f"NgayTiepNhan is missing, and a case in status {row.status_code} was received", field="NgayTiepNhan"
    )


def _submitted_on(known: CaseState | None, row: CaseRow, received_on: dt.date | None) -> dt.date:
    if row.submitted is not None:
        return row.submitted.day
    if known is not None:
        # A day of filing that was derived from the day of reception moves with it.
        return min(known.submitted_on, received_on or known.submitted_on)
    if received_on is not None:
        return received_on
    if row.status is not None:
        return row.status.day
    raise RuleError("NgayNop is missing, and no other date says when the case began", field="NgayNop")


def _refused_on(known: CaseState | None, row: CaseRow, today: dt.date | None) -> dt.date:
    for moment in (row.status, row.finished):
        if moment is not None:
            return moment.day
    day = known.refused_on if known is not None and known.refused_on else today
    if day is None:
        raise RuleError("NgayTrangThai is missing: when was the case refused?", field="NgayTrangThai")
    return day


def _closed(
    known: CaseState | None, row: CaseRow, received_on: dt.date | None, today: dt.date | None
) -> tuple[dt.date | None, CloseKind | None, str]:
    kind = _CLOSES.get(row.status_code)
    if kind is None or received_on is None:
        # A case that was never received cannot end; it counts as filed only.
        return None, None, ""
    if row.status_code == Status.STOPPED and known is not None and known.close_kind == "withdrawn":
        # The officer carries out the applicant's request; the case ended on the day of the request.
        return known.closed_on, "withdrawn", "NgayTrangThai"
    by_status = row.status if row.status_code != Status.RETURNED else None
    first, second = (
        (("status", by_status), ("finished", row.finished))
        if row.status_code == Status.WITHDRAWN
        else (("finished", row.finished), ("status", by_status))
    )
    for name, moment in (first, second):
        if moment is not None:
            return moment.day, kind, _FIELDS[name]
    if known is not None and known.close_kind == kind:
        return known.closed_on, kind, "NgayKetThucXuLy"
    for name in ("returned", "status"):
        late: Moment | None = getattr(row, name)
        if late is not None:
            return late.day, kind, _FIELDS[name]
    if today is None:
        raise RuleError("NgayKetThucXuLy is missing: when did the processing end?", field="NgayKetThucXuLy")
    return max(today, received_on), kind, "NgayKetThucXuLy"


def _returned_on(known: CaseState | None, row: CaseRow, today: dt.date | None) -> dt.date | None:
    for moment in (row.returned, row.status):
        if moment is not None:
            return moment.day
    return known.returned_on if known is not None and known.returned_on else today


def _pauses(
    known: CaseState | None,
    row: CaseRow,
    received_on: dt.date | None,
    closed_on: dt.date | None,
    today: dt.date,
) -> tuple[tuple[Pause, ...], Pause | None]:
    """Return the pauses after the row, and the pause that the row ended because the case went on."""
    if received_on is None:
        return (), None
    if row.pauses is not None:
        return _stated_pauses(row.pauses, received_on, closed_on), None
    pauses = list(known.pauses) if known is not None else []
    said = row.status.day if row.status is not None else None
    reason = _PAUSE_REASON.get(row.status_code)
    running = pauses[-1] if pauses and pauses[-1].to_on is None else None
    resumed: Pause | None = None
    if running is not None and running.reason == reason:
        pauses[-1] = Pause(reason=running.reason, from_on=said or running.from_on)
    elif running is not None:
        guessed = said is None or not (known is not None and known.pause_known)
        pauses[-1] = _ended(running, closed_on or said or today, guessed=guessed)
        resumed = pauses[-1] if closed_on is None else None
    if reason is not None and (running is None or running.reason != reason):
        pauses.append(Pause(reason=reason, from_on=max(said or today, received_on)))
    if pauses and known is not None and closed_on is not None:
        pauses[-1] = _moved_with_the_end(pauses[-1], known.closed_on, closed_on)
    _check_pauses(pauses, received_on)
    return tuple(pauses), resumed


def _stated_pauses(
    stated: tuple[Pause, ...], received_on: dt.date, closed_on: dt.date | None
) -> tuple[Pause, ...]:
    """Return the pauses of a source that shows them all; one that still runs ends with the case.

    Raises:
        RuleError: they overlap, or one but the last still runs.
    """
    if any(pause.to_on is None for pause in stated[:-1]):
        raise RuleError("only the last pause of a case may still run", field="TamDung")
    try:
        _check_pauses(list(stated), received_on)
    except RuleError as error:
        raise RuleError(error.message, field="TamDung") from None
    if stated and stated[-1].to_on is None and closed_on is not None:
        last = stated[-1]
        return (
            *stated[:-1],
            Pause(reason=last.reason, from_on=last.from_on, to_on=max(last.from_on, closed_on)),
        )
    return stated


def _ended(pause: Pause, to_on: dt.date, *, guessed: bool) -> Pause:
    if to_on < pause.from_on and not guessed:
        raise RuleError(
            f"the clock cannot go on ({to_on}) before it paused ({pause.from_on})", field="NgayTrangThai"
        )
    # A pause whose days were guessed from snapshots gives way to a date that the source states.
    return Pause(reason=pause.reason, from_on=min(pause.from_on, to_on), to_on=to_on)


def _moved_with_the_end(pause: Pause, before: dt.date | None, closed_on: dt.date) -> Pause:
    """Move the end of a pause that ended with the case, after the end of the case was corrected."""
    if pause.to_on is None or (pause.to_on != before and pause.to_on <= closed_on):
        return pause
    return Pause(reason=pause.reason, from_on=min(pause.from_on, closed_on), to_on=closed_on)


def _check_pauses(pauses: list[Pause], received_on: dt.date) -> None:
    before = received_on
    for pause in pauses:
        if pause.from_on < before:
            field = "NgayTiepNhan" if before == received_on else "NgayTrangThai"
            raise RuleError(f"a pause of this case began on {pause.from_on}, before {before}", field=field)
        before = pause.to_on or pause.from_on
