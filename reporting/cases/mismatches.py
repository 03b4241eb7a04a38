"""Data that do not agree and hold a case up: which, whose they are, since when, until when; and what was typed twice."""

from __future__ import annotations

import datetime as dt
from typing import Any

from events.cases import CaseState
from reporting.cases.source_row import AGREES, CaseRow, Moment
from reporting.errors import RuleError

_LATEST = ("mismatch", "mismatch_body", "mismatch_from_on", "mismatch_to_on", "mismatch_earlier_to_on")
MISMATCH_FIELDS = frozenset({*_LATEST, "entered_twice"})
_FROM, _TO = "NgaySaiLech", "NgayHetSaiLech"


def mismatch_after(
    known: CaseState | None,
    row: CaseRow,
    submitted_on: dt.date,
    closed_on: dt.date | None,
    today: dt.date,
    *,
    snapshot: bool = False,
) -> dict[str, Any]:
    """Return what stands of a mismatch after a row: the latest alone, for its events hold the earlier ones.

    A row that repeats the data continues what it began; the end of the case ends it, because nothing waits any more.
    Without days of the source it begins and ends on the day of receipt.

    Once it is over, the same data begin another one where the row states a first day that is not before that end and
    is another than the known one. Without a day they do so in a case that has not ended, where the row states no
    status and comes from no snapshot, or names another owner. Any other row may merely repeat each day what it always
    stated, and changes nothing: the state does not hold whether that row or a note ended the mismatch.

    Beside a later mismatch the state holds when the one before it ended. A row whose days lie at or before that end
    repeats the earlier one, and moves nothing of the later.

    A case that is opened again, or gets another day of its end, loses the end of the mismatch that its own end had
    set; an end stated for that same day cannot be told from it.

    Args:
        snapshot: the row comes from a daily snapshot.

    Raises:
        RuleError: it begins before the case or ends before it began; names the field.
    """
    twice = row.entered_twice or (known.entered_twice if known is not None else None)
    after = {"entered_twice": None if "entered_twice" in row.taken_back else twice}
    if "mismatch" in row.taken_back:
        return after | _nothing(known)
    held = _held(known, row, submitted_on, closed_on, today, snapshot=snapshot)
    if held["mismatch"] is None:
        names_none = row.mismatch is None or row.mismatch == AGREES
        if names_none and any((row.mismatch_from, row.mismatch_to, row.mismatch_body)):
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


def _held(
    known: CaseState | None,
    row: CaseRow,
    submitted_on: dt.date,
    closed_on: dt.date | None,
    today: dt.date,
    *,
    snapshot: bool,
) -> dict[str, Any]:
    first, last = _day(row.mismatch_from), _day(row.mismatch_to)
    before = None if known is None or known.mismatch is None else known
    said = None if row.mismatch == AGREES else row.mismatch
    over_on = None if before is None else _end_kept(before, closed_on)
    if known is not None and _repeats_earlier(known, first or last):
        return {**{name: getattr(known, name) for name in _LATEST}, "mismatch_to_on": over_on}
    anew = (
        before is not None
        and over_on is not None
        and _begins_anew(before, over_on, row, may_begin=closed_on is None, snapshot=snapshot)
    )
    if before is not None and said in {None, before.mismatch} and not anew:
        ended = over_on or (today if row.mismatch == AGREES else None)
        return {
            "mismatch": before.mismatch,
            "mismatch_body": row.mismatch_body or before.mismatch_body,
            "mismatch_from_on": first or before.mismatch_from_on,
            "mismatch_to_on": last or ended,
            "mismatch_earlier_to_on": before.mismatch_earlier_to_on,
        }
    if said is None:
        return _nothing(known)
    return {
        "mismatch": said,
        "mismatch_body": row.mismatch_body,
        "mismatch_from_on": first or max(today, submitted_on),
        "mismatch_to_on": last,
        "mismatch_earlier_to_on": over_on or (known.mismatch_earlier_to_on if known is not None else None),
    }


def _repeats_earlier(known: CaseState, stated: dt.date | None) -> bool:
    """Return whether the first day that a row states belongs to the mismatch before the known one."""
    ended = known.mismatch_earlier_to_on
    return stated is not None and ended is not None and stated <= ended and stated != known.mismatch_from_on


def _end_kept(before: CaseState, closed_on: dt.date | None) -> dt.date | None:
    """Return the known end of a mismatch, unless only an end of the case had set it that holds no more."""
    first, last = before.mismatch_from_on, before.mismatch_to_on
    if before.closed_on is None or first is None or before.closed_on == closed_on:
        return last
    return None if last == max(before.closed_on, first) else last


def _begins_anew(
    before: CaseState, over_on: dt.date, row: CaseRow, *, may_begin: bool, snapshot: bool
) -> bool:
    """Return whether a row states another mismatch of the same data than the one that is over."""
    first = _day(row.mismatch_from)
    if first is not None:
        return first >= over_on and first != before.mismatch_from_on
    if not may_begin or row.mismatch != before.mismatch or row.mismatch_to is not None:
        return False
    other_owner = row.mismatch_body is not None and row.mismatch_body != before.mismatch_body
    return other_owner or (row.adds_only and not snapshot)


def _nothing(known: CaseState | None) -> dict[str, Any]:
    """Return that nothing stands; the end of an earlier mismatch stays, by which its repetitions are known."""
    ended = None if known is None else known.mismatch_earlier_to_on
    return {**dict.fromkeys(_LATEST), "mismatch_earlier_to_on": ended}


def _day(moment: Moment | None) -> dt.date | None:
    return None if moment is None else moment.day
