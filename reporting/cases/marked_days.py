"""The rule of marks over one state of a case, for batches that are too small to be worth the engine's view.

The view `case_states_to_marks` (reporting/migrations/) states the same rule over columns, and
tests/services/test_mark_rows.py holds the two together: a change of one is a change of both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from reporting.cases.marks import MARKS

Span = tuple[dt.date, dt.date | None]
"""A pause: its first day, and the day on which the clock runs again, if it does."""

_BIT = {name: 1 << bit for bit, name in enumerate(MARKS)}
_DAY = dt.timedelta(days=1)


class DatedState(NamedTuple):
    """What marks follow from: the dates of one state of a case."""

    submitted_on: dt.date
    received_on: dt.date | None
    refused_on: dt.date | None
    due_on: dt.date | None
    closed_on: dt.date | None
    close_kind: str
    returned_on: dt.date | None
    pauses: Sequence[Span]


def marked_days(state: DatedState) -> dict[dt.date, int]:
    """Return the days on which a state counts, each with the bits of its marks."""
    received, closed = state.received_on, state.closed_on
    named: list[tuple[dt.date | None, str]] = [
        (state.submitted_on, "submitted"),
        (state.refused_on, "refused"),
        (state.returned_on, "returned"),
    ]
    if received is not None:
        spans = _rests(state.pauses, received, closed)
        late_on = None if state.due_on is None else _first_late_day(state.due_on, received, closed, spans)
        named += [(received, "opened"), (late_on, "overdue_in")]
        named += [(first, "paused_in") for first, _ in spans]
        named += [(last, "paused_out") for _, last in spans]
        if closed is not None:
            named += [(closed, "closed"), (closed, _ending(state, late=late_on is not None))]
            if late_on is not None:
                named.append((closed, "overdue_out"))
    found: dict[dt.date, int] = {}
    for day, name in named:
        if day is not None:
            found[day] = found.get(day, 0) | _BIT[name]
    return found


def _ending(state: DatedState, *, late: bool) -> str:
    """Name the one kind of closing that counts beside `closed`."""
    if state.close_kind in {"withdrawn", "stopped"}:
        return f"closed_{state.close_kind}"
    if state.due_on is None:
        return "closed_undated"
    if late:
        return "closed_late"
    return (
        "closed_early" if state.closed_on is not None and state.closed_on < state.due_on else "closed_on_time"
    )


def _first_late_day(
    due: dt.date, received: dt.date, closed: dt.date | None, spans: Sequence[Span]
) -> dt.date | None:
    """Return the first day that began overdue with the clock running, if the case saw one."""
    day = max(due + _DAY, received)
    for first, last in spans:
        if first < day and (last is None or last >= day):
            if last is None:
                return None
            day = last + _DAY
    return day if closed is None or day <= closed else None


def _rests(pauses: Sequence[Span], received: dt.date, closed: dt.date | None) -> list[Span]:
    """Return the pauses inside the life of the case, in order, those that touch as one."""
    clipped: list[Span] = []
    for begun, ended in pauses:
        first = max(begun, received)
        last = ended if closed is None else min(ended or closed, closed)
        if last is None or last > first:
            clipped.append((first, last))
    merged: list[Span] = []
    for first, last in sorted(clipped, key=lambda span: span[0]):
        before = merged[-1] if merged else None
        if before is not None and (before[1] is None or before[1] >= first):
            open_end = before[1] is None or last is None
            merged[-1] = (before[0], None if open_end else max(before[1] or first, last or first))
        else:
            merged.append((first, last))
    return merged
