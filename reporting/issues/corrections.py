"""Corrections of times and of order in an issue's log, shown so that readers understand its times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from reporting.issues.state import Act, IssueState

CorrectionKind = Literal["device_clock", "came_late", "breach_taken_back", "occurred_later"]


@dataclass(frozen=True, slots=True)
class Correction:
    """One act with a stated time, and the other time that counts.

    Attributes:
        kind: device_clock (the device's clock was far off), came_late (others had acted by then; the act
            counts from when it was recorded), breach_taken_back (a step in time arrived after its breach was
            noted), occurred_later (the report states an occurrence after the report itself).
        act_id: the act concerned.
        said_at: the time that does not count.
        counted_at: the time that counts.
    """

    kind: CorrectionKind
    act_id: UUID
    said_at: dt.datetime
    counted_at: dt.datetime


def corrections_of(state: IssueState, clock_off: dt.timedelta) -> tuple[Correction, ...]:
    """Return the corrections of an issue in the order of its log.

    Args:
        state: the issue.
        clock_off: how far a device's time must be off to count as wrong (thresholds.csv, `device_clock_off`).
    """
    found = [*_of_report(state), *_of_acts(state, clock_off), *_of_breaches(state)]
    order = {act.id: number for number, act in enumerate(state.acts)}
    return tuple(sorted(found, key=lambda one: order[one.act_id]))


def _of_report(state: IssueState) -> Iterator[Correction]:
    said = state.report.occurred_at
    if said is not None and said > state.reported_at:
        yield Correction("occurred_later", state.acts[0].id, said, state.reported_at)


def _of_acts(state: IssueState, clock_off: dt.timedelta) -> Iterator[Correction]:
    latest: dt.datetime | None = None
    for act in state.acts:
        if act.refused is not None or act.actor_role == "system":
            continue
        if abs(act.recorded_at - act.at) > clock_off:
            yield Correction("device_clock", act.id, act.at, act.recorded_at)
        if latest is not None and act.recorded_at < latest:
            yield Correction("came_late", act.id, latest, act.recorded_at)
        latest = act.recorded_at if latest is None else max(latest, act.recorded_at)


def _of_breaches(state: IssueState) -> Iterator[Correction]:
    for act in state.acts:
        clock = state.clock(act.clock_id) if act.clock_id is not None else None
        if act.type != "clock.breached" or act.refused is not None or clock is None:
            continue
        if clock.state != "breached" and not _breached_again(state, act):
            yield Correction("breach_taken_back", act.id, act.at, clock.stopped_at or clock.due_at)


def _breached_again(state: IssueState, breach: Act) -> bool:
    """Return whether a later breach of the same clock replaces it."""
    later = state.acts[[act.id for act in state.acts].index(breach.id) + 1 :]
    return any(
        act.type == breach.type and act.clock_id == breach.clock_id and not act.refused for act in later
    )
