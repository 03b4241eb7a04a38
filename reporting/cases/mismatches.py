"""Data that do not agree and hold a case up: which, whose they are, since when, until when; and what was typed twice."""

from __future__ import annotations

import datetime as dt
from typing import Any

from events.cases import CaseState
from reporting.cases.source_row import AGREES, CaseRow, Moment
from reporting.errors import RuleError

MISMATCH_FIELDS = frozenset(
    {"mismatch", "mismatch_body", "mismatch_from_on", "mismatch_to_on", "entered_twice"}
)
_FROM, _TO = "NgaySaiLech", "NgayHetSaiLech"


def mismatch_after(
    known: CaseState | None, row: CaseRow, submitted_on: dt.date, closed_on: dt.date | None, today: dt.date
) -> dict[str, Any]:
    """Return what stands of a mismatch after a row: the latest alone, for its events hold the earlier ones.

    A row that repeats the data continues what it began; the end of the case ends it, because nothing waits any more.
    Without days of the source it begins and ends on the day of receipt.

    Raises:
        RuleError: it begins before the case or ends before it began; names the field.
    """
    twice = row.entered_twice or (known.entered_twice if known is not None else None)
    after = {"entered_twice": None if "entered_twice" in row.taken_back else twice}
    if "mismatch" in row.taken_back:
        return after | _nothing()
    held = _held(known, row, submitted_on, today)
    if held["mismatch"] is None:
        if row.mismatch_from is not None or row.mismatch_to is not None or row.mismatch_body is not None:
            raise RuleError(
                "the row has a day or a body and names no data that do not agree", field="SaiLechDuLieu"
            )
        return after | held
    if held["mismatch_to_on"] is None and closed_on is not None:
        held["mismatch_to_on"] = max(closed_on, held["mismatch_from_on"])
    if held["mismatch_from_on"] < submitted_on:
        raise RuleError(
            f"{_FROM} ({held['mismatch_from_on']}) lies before NgayNop ({submitted_on})", field=_FROM
        )
    if held["mismatch_to_on"] is not None and held["mismatch_to_on"] < held["mismatch_from_on"]:
        raise RuleError(f"{_TO} ({held['mismatch_to_on']}) lies before {held['mismatch_from_on']}", field=_TO)
    return after | held


def _held(known: CaseState | None, row: CaseRow, submitted_on: dt.date, today: dt.date) -> dict[str, Any]:
    first, last = _day(row.mismatch_from), _day(row.mismatch_to)
    before = None if known is None or known.mismatch is None else known
    said = None if row.mismatch == AGREES else row.mismatch
    if before is not None and said in {None, before.mismatch} and not _begins_anew(before, first):
        ended = before.mismatch_to_on or (today if row.mismatch == AGREES else None)
        return {
            "mismatch": before.mismatch,
            "mismatch_body": row.mismatch_body or before.mismatch_body,
            "mismatch_from_on": first or before.mismatch_from_on,
            "mismatch_to_on": last or ended,
        }
    if said is None:
        return _nothing()
    return {
        "mismatch": said,
        "mismatch_body": row.mismatch_body,
        "mismatch_from_on": first or max(today, submitted_on),
        "mismatch_to_on": last,
    }


def _begins_anew(before: CaseState, first: dt.date | None) -> bool:
    """Return whether a row states another mismatch of the same data: one that began after the known one was over."""
    return first is not None and before.mismatch_to_on is not None and first > before.mismatch_to_on


def _nothing() -> dict[str, Any]:
    return {"mismatch": None, "mismatch_body": None, "mismatch_from_on": None, "mismatch_to_on": None}


def _day(moment: Moment | None) -> dt.date | None:
    return None if moment is None else moment.day
