"""Every office hour of an issue by its holder, and whether the holder's clock ran or stood still."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from reporting.dated.working_time import WorkingTime
from reporting.issues.pauses import Span, joined
from reporting.issues.state import IssueState

_NOTHING = dt.timedelta()


@dataclass(frozen=True, slots=True)
class Held:
    """The office time in which one body held an issue; running and paused time add up to all of it."""

    body: str
    running: dt.timedelta
    paused: dt.timedelta


def hours_by_holder(state: IssueState, now: dt.datetime, time: WorkingTime) -> tuple[Held, ...]:
    """Return the office time of an issue by holder, in the order in which they first held it.

    All entries together are the office time from the report to the end, or to `now` while it is open.
    """
    totals: dict[str, tuple[dt.timedelta, dt.timedelta]] = {}
    for body, since, until in _held(state, now):
        whole = time.between(since, until)
        still = sum(
            (
                time.between(max(since, began_at), min(until, ended_at))
                for began_at, ended_at in _stood(state, body, now)
            ),
            _NOTHING,
        )
        running, paused = totals.get(body, (_NOTHING, _NOTHING))
        totals[body] = (running + whole - still, paused + still)
    return tuple(Held(body, *both) for body, both in totals.items())


def _held(state: IssueState, now: dt.datetime) -> Iterator[tuple[str, dt.datetime, dt.datetime]]:
    starts = [one.since for one in state.holdings]
    ends = [*starts[1:], max(now, starts[-1])] if starts else []
    for one, ended_at in zip(state.holdings, ends, strict=True):
        if one.body is not None:
            yield one.body, one.since, ended_at


def _stood(state: IssueState, body: str, now: dt.datetime) -> tuple[Span, ...]:
    """Return the spans in which a clock charged to a body stood still, merged."""
    return joined(
        (pause.from_at, max(pause.from_at, pause.to_at or now))
        for clock in state.clocks
        if clock.holder_body == body
        for pause in clock.pauses
    )
