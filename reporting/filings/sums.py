"""The filing of a province for one period: the sum of what it accepted, sent upward and closed; folded from events. Pure."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from events.envelope import Envelope
from events.periods import (
    FiledLine,
    PeriodSumClosed,
    PeriodSummed,
    PeriodSumReminded,
    SumConfirmation,
    SummedPart,
    filing_id,
)
from reporting.dated.calendar import local_day
from reporting.filings.figures import FILED, line_of
from reporting.filings.register import ROLES, Filing, Refusal, Step, step_of

SumState = Literal["confirmed", "closed"]
Moved = Literal["joined", "changed", "left"]
"""How a commune differs from the sum as filed: accepted since, with other figures, or no longer accepted."""

_ACCEPTED = frozenset({"accepted", "closed", "reopen_asked"})
"""States of a commune's filing in which its province stands for its figures."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One sum that the province confirmed; it never changes."""

    id: UUID
    at: dt.datetime
    figures: SumConfirmation


@dataclass(frozen=True, slots=True)
class SumFiling:
    """What one province filed for one period.

    Attributes:
        summed: the sum that holds.
        closed: every sum with which the period was closed, the last one last.
    """

    id: UUID
    province_code: str
    period: str
    state: SumState
    summed: Sum
    steps: tuple[Step, ...]
    closed: tuple[Sum, ...] = ()

    @property
    def filed(self) -> Sum | None:
        """Return the sum as filed: that with which the period was closed last; None before that."""
        return self.closed[-1] if self.closed else None


def accepted_parts(filings: Iterable[Filing]) -> list[tuple[SummedPart, tuple[FiledLine, ...]]]:
    """Return the communes whose figures the province accepted, with these figures, in the order of their codes."""
    return [
        (
            SummedPart(unit_code=one.unit_code, confirmed_id=one.confirmed.id),
            one.confirmed.figures.lines,
        )
        for one in sorted(filings, key=lambda one: one.unit_code)
        if one.state in _ACCEPTED
    ]


def sum_of_lines(lines: Iterable[FiledLine]) -> tuple[FiledLine, ...]:
    """Return the sum of lines by field and channel, in their order."""
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(FILED, 0))
    for line in lines:
        of_place = counts[line.field_code, line.channel]
        for key in FILED:
            of_place[key] += getattr(line, key)
    found = (line_of(*place, counted) for place, counted in sorted(counts.items()))
    return tuple(line for line in found if line is not None)


def moved_since(filed: SumConfirmation, now: Iterable[SummedPart]) -> list[tuple[str, Moved]]:
    """Return the communes that stand otherwise now than in the sum as filed, in the order of their codes."""
    before = {one.unit_code: one.confirmed_id for one in filed.parts}
    after = {one.unit_code: one.confirmed_id for one in now}
    return [
        (code, "joined" if code not in before else "left" if code not in after else "changed")
        for code in sorted({*before, *after})
        if before.get(code) != after.get(code)
    ]


def fold_sum(filing: SumFiling | None, event: Envelope) -> tuple[SumFiling | None, Refusal | None]:
    """Apply one event; return the filing, and the reason where the event is refused."""
    apply = STEPS.get(event.type)
    if apply is None:
        return filing, "other_subject"
    refused = _refused(event)
    return (filing, refused) if refused is not None else apply(filing, event)


def fold_sums(events: Iterable[Envelope]) -> SumFiling | None:
    """Fold the events of one province's filing, in the order of the log, each event once."""
    filing: SumFiling | None = None
    known: set[UUID] = set()
    for event in events:
        if event.id not in known:
            known.add(event.id)
            filing = fold_sum(filing, event)[0]
    return filing


def _refused(event: Any) -> Refusal | None:
    """Check what holds for every event: whose filing it is, and who speaks."""
    said = event.data
    if event.subject != str(filing_id(said.province_code, said.period)):
        return "other_subject"
    if event.type == "period.sum_reminded":
        return None if event.actor_role in ROLES[event.type] else "actor_not_entitled"
    if event.actor_role not in ROLES[event.type] or event.actor_unit != said.province_code:
        return "actor_not_entitled"
    return None if event.source.split("/")[2:3] == [said.province_code] else "actor_not_entitled"


def _confirm(filing: SumFiling | None, event: PeriodSummed) -> tuple[SumFiling | None, Refusal | None]:
    said = event.data
    if local_day(event.recorded_at) <= said.last_on:
        return filing, "not_over"
    summed = Sum(event.id, event.recorded_at, said)
    if filing is None:
        first = SumFiling(
            UUID(event.subject), said.province_code, said.period, "confirmed", summed, (step_of(event),)
        )
        return first, None
    if filing.closed and said.reason_code is None:
        return filing, "no_reason"
    return replace(filing, state="confirmed", summed=summed, steps=(*filing.steps, step_of(event))), None


def _close(filing: SumFiling | None, event: PeriodSumClosed) -> tuple[SumFiling | None, Refusal | None]:
    if filing is None or filing.state != "confirmed":
        return filing, "not_in_turn"
    if event.data.summed_id != filing.summed.id:
        return filing, "other_figures"
    # What was closed once is changed by two persons alone, as with communes.
    if filing.closed and filing.summed.figures.person == event.data.person:
        return filing, "same_person"
    steps = (*filing.steps, step_of(event))
    return replace(filing, state="closed", closed=(*filing.closed, filing.summed), steps=steps), None


def _remind(filing: SumFiling | None, _event: PeriodSumReminded) -> tuple[SumFiling | None, Refusal | None]:
    """Leave the filing as it is: a reminder is read by whoever is reminded."""
    return filing, None


STEPS: Mapping[str, Callable[[Any, Any], tuple[SumFiling | None, Refusal | None]]] = {
    "period.summed": _confirm,
    "period.sum_closed": _close,
    "period.sum_reminded": _remind,
}
"""Type of event → the step that folds it into the filing of a province."""
