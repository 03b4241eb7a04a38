"""The rule of marks as a walk over one state of a case: what the view that makes them is held against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from events.cases import CaseDates, CaseEvent, CaseRetracted

_DAY = dt.timedelta(days=1)


class Mark(NamedTuple):
    """One dated fact: the day on which it counts, and its name."""

    day: dt.date
    name: str


class MarkRow(NamedTuple):
    """One row of `case_marks`: a mark that holds from `seq` on, or (`gone`) no longer does."""

    day: dt.date
    unit_code: str
    case_key: str
    mark: str
    field_code: str
    channel: str
    seq: int
    gone: bool


def marks_of(case: CaseDates) -> frozenset[Mark]:
    """Return the marks of one state of a case.

    Stocks are sums of marks up to the end of a day: open = opened - closed, overdue = overdue_in - overdue_out,
    paused = paused_in - paused_out. The audit recounts by the same rules in SQL (queries/audit_recount.sql), written
    from the other side; tests/services/test_audit.py holds the two together.
    """
    return frozenset(Mark(day, name) for day, name in dated_marks(case))


def dated_marks(case: CaseDates) -> list[tuple[dt.date, str]]:
    """Return the marks as plain pairs, each once: the bulk lane makes half a million of them a second."""
    found: list[tuple[dt.date, str]] = [(case.submitted_on, "submitted")]
    received, closed, due = case.received_on, case.closed_on, case.due_on
    if case.refused_on is not None:
        found.append((case.refused_on, "refused"))
    if case.returned_on is not None:
        found.append((case.returned_on, "returned"))
    if received is None:
        return found
    found.append((received, "opened"))
    spans = _paused_spans(case, received) if case.pauses else ()
    for start, end in spans:
        found.append((start, "paused_in"))
        if end is not None:
            found.append((end, "paused_out"))
    late_on = None if due is None else _overdue_from(due, received, closed, spans)
    if late_on is not None:
        found.append((late_on, "overdue_in"))
    if closed is not None:
        found.append((closed, "closed"))
        found.append((closed, _closing(case.close_kind, closed, due, late=late_on is not None)))
        if late_on is not None:
            found.append((closed, "overdue_out"))
    return found


def _closing(kind: str | None, closed: dt.date, due: dt.date | None, *, late: bool) -> str:
    """Name the one kind of closing: how it ended, and for a finished case against its due day."""
    if kind == "withdrawn":
        return "closed_withdrawn"
    if kind == "stopped":
        return "closed_stopped"
    if due is None:
        return "closed_undated"
    if late:
        return "closed_late"
    return "closed_early" if closed < due else "closed_on_time"


def _overdue_from(
    due: dt.date,
    received: dt.date,
    closed: dt.date | None,
    spans: tuple[tuple[dt.date, dt.date | None], ...],
) -> dt.date | None:
    """Return the first day that began with the case open, past its due day and with its clock running, if any.

    A case that ends on that very day is late. The day on which a pause ends is still in time: the papers came
    during it.
    """
    day = max(due + _DAY, received)
    for start, end in spans:
        if start < day and (end is None or end >= day):
            if end is None:
                return None
            day = end + _DAY
    return day if closed is None or closed >= day else None


def _paused_spans(case: CaseDates, received: dt.date) -> tuple[tuple[dt.date, dt.date | None], ...]:
    """Normalise pauses to disjoint spans of days [from, to): inside the life of the case, merged where they touch.

    On the day `to` the clock runs again. A closing ends a pause; a pause that began and ended on one day is none.
    """
    closed = case.closed_on
    spans: list[tuple[dt.date, dt.date | None]] = []
    for pause in sorted(case.pauses, key=lambda p: p.from_on):
        start = max(pause.from_on, received)
        end = pause.to_on
        if closed is not None and (end is None or end > closed):
            end = closed
        if end is not None and end <= start:
            continue
        if spans and (spans[-1][1] is None or spans[-1][1] >= start):
            start, before = spans.pop()
            end = None if before is None or end is None else max(before, end)
        spans.append((start, end))
    return tuple(spans)


def rows_of(event: CaseEvent) -> Iterator[MarkRow]:
    """Yield what an event writes: the marks of its state, and `gone` rows for those of `previous` that ended.

    A case that was taken back has no marks any more: its state names those that end.
    Rows of one key (day, unit, case, mark) replace each other by `seq`, so they may come in any order.
    """
    state = event.data
    is_gone = isinstance(event, CaseRetracted)
    marks = dated_marks(state)
    for day, name in marks:
        yield MarkRow(
            day,
            state.unit_code,
            event.subject,
            name,
            state.field_code,
            state.channel,
            state.seq,
            gone=is_gone,
        )
    held = [] if is_gone else marks
    if state.previous is not None:
        for day, name in ended_marks(state.previous, state, held):
            old = state.previous
            yield MarkRow(
                day, old.unit_code, event.subject, name, old.field_code, old.channel, state.seq, gone=True
            )


def ended_marks(
    before: CaseDates, after: CaseDates, held: list[tuple[dt.date, str]] | None = None
) -> list[tuple[dt.date, str]]:
    """Return the marks that `before` had at its unit and `after` has not: an event must name them by `previous`."""
    past = dated_marks(before)
    if before.unit_code != after.unit_code:
        return past
    kept = set(dated_marks(after) if held is None else held)
    return [mark for mark in past if mark not in kept]
