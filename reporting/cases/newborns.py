"""Steps of a birth case after the certificate: sent for a personal number, issued, or waiting for a body."""

from __future__ import annotations

import datetime as dt

from events.cases import CaseState
from reporting.cases.source_row import CaseRow, Moment
from reporting.errors import RuleError


def newborn_steps(
    known: CaseState | None, row: CaseRow, submitted_on: dt.date, received_on: dt.date | None
) -> dict[str, dt.date | str | None]:
    """Return the steps after a row; who is awaited is over with the number, and a step taken back never was.

    Raises:
        RuleError: a step lies before the one before it; names the field.
    """
    sent_on = _day(row.personal_id_sent) or (known.personal_id_sent_on if known is not None else None)
    issued_on = _day(row.personal_id_issued) or (known.personal_id_issued_on if known is not None else None)
    awaited = row.waiting_for or (known.waiting_for if known is not None else None)
    if "personal_id_sent" in row.taken_back:
        sent_on = None
    if "personal_id_issued" in row.taken_back:
        issued_on = None
    if "waiting_for" in row.taken_back:
        awaited = None
    # A number that no received file led to would be on time by days below zero.
    began, began_by = (received_on, "NgayTiepNhan") if received_on is not None else (submitted_on, "NgayNop")
    first = sent_on or began
    if sent_on is not None and sent_on < began:
        raise RuleError(
            f"NgayGuiDinhDanh ({sent_on}) lies before {began_by} ({began})", field="NgayGuiDinhDanh"
        )
    if issued_on is not None and issued_on < first:
        raise RuleError(f"NgayCapDinhDanh ({issued_on}) lies before {first}", field="NgayCapDinhDanh")
    return {
        "personal_id_issued_on": issued_on,
        "personal_id_sent_on": sent_on,
        "waiting_for": awaited if issued_on is None else None,
    }


def _day(moment: Moment | None) -> dt.date | None:
    return None if moment is None else moment.day
