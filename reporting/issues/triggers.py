"""Signals besides time and competence: many cases blocked, recurrence, spread, late emergencies, outages.

Pure: measures come in, signals come out. A signal changes no state and no level; a person who may act sees it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from events.issues import REPORT_FACTS, ConsideredFacts
from events.signals import Signal, Trigger
from reporting.dated.calendar import local_day
from reporting.dated.thresholds import Threshold, ThresholdKey, Thresholds
from reporting.dated.working_time import WorkingTime
from reporting.issues.state import Act, IssueState

_MINUTE = dt.timedelta(minutes=1)
_OUTAGES: tuple[tuple[Trigger, ThresholdKey], ...] = (
    ("outage_ministry", "outage_ministry"),
    ("outage_leader", "outage_leader"),
    ("outage_office", "outage_office"),
)
_FACTS_OF: Mapping[Trigger, frozenset[str]] = {
    "blocking": frozenset({"cases_blocked"}),
    "blocking_overdue": frozenset({"cases_overdue"}),
    # The lane follows from the verdict, which rests on these facts.
    "emergency_recorded_late": frozenset(ConsideredFacts.model_fields) & frozenset(REPORT_FACTS),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Difficulties of one kind, counted over a unit.

    Attributes:
        count: the number of difficulties, or of units that have them.
        whole: the total number of units, where a share is measured.
    """

    kind: str
    unit_code: str
    count: int
    whole: int = 0


def cause_of(state: IssueState, trigger: Trigger) -> Act:
    """Return the act that stated the facts of a signal of the report: the report, or the latest correction of them."""
    fields = _FACTS_OF[trigger]
    corrected = [one.id for one in state.amended if any(fact.field in fields for fact in one.facts)]
    return next((act for act in state.acts if act.id in corrected[-1:]), state.acts[0])


def of_report(state: IssueState, thresholds: Thresholds) -> Iterator[Signal]:
    """Yield the signals of the report itself, by the thresholds of the day on which their facts were stated.

    They are the cases that the report blocks, and an emergency recorded late.
    """
    report = state.report
    blocked: tuple[tuple[Trigger, ThresholdKey, int | None], ...] = (
        ("blocking", "blocked_cases", report.cases_blocked),
        ("blocking_overdue", "blocked_overdue_cases", report.cases_overdue),
    )
    for trigger, key, count in blocked:
        on = local_day(cause_of(state, trigger).recorded_at)
        yield from _reached(trigger, thresholds, key, on, state.unit_code, count, report.kind)
    if state.lane == "phone_first" and report.occurred_at is not None:
        late = (state.reported_at - report.occurred_at) // _MINUTE
        on = local_day(cause_of(state, "emergency_recorded_late").recorded_at)
        threshold = thresholds.get("emergency_recorded", on)
        if late > threshold.value:
            yield _signal("emergency_recorded_late", threshold, thresholds, state.unit_code, late)


def of_outage(
    kind: str,
    unit_code: str,
    since: dt.datetime,
    now: dt.datetime,
    thresholds: Thresholds,
    time: WorkingTime,
) -> Signal | None:
    """Return the signal of the highest threshold of office time that an outage has passed; None below all."""
    on, minutes = local_day(now), time.between(since, now) // _MINUTE
    for trigger, key in _OUTAGES:
        threshold = thresholds.get(key, on)
        if kind in threshold.kinds and minutes > threshold.value:
            return _signal(trigger, threshold, thresholds, unit_code, minutes)
    return None


def of_recurrence(group: Group, thresholds: Thresholds, on: dt.date) -> Iterator[Signal]:
    """Yield the signal that one commune reports the same kind again and again."""
    key: ThresholdKey = "recurrence_count"
    yield from _reached("recurrence", thresholds, key, on, group.unit_code, group.count, group.kind)


def of_spread(group: Group, thresholds: Thresholds, on: dt.date) -> Iterator[Signal]:
    """Yield the signal that a kind is open in a large share of a province's communes or in many provinces."""
    if not group.whole:
        key: ThresholdKey = "spread_provinces"
        yield from _reached(
            "spread_over_provinces", thresholds, key, on, group.unit_code, group.count, group.kind
        )
        return
    threshold = thresholds.get("spread_communes", on)
    if group.count * 100 >= threshold.value * group.whole and _covers(threshold, group.kind):
        percent = group.count * 100 // group.whole
        yield _signal("spread_in_province", threshold, thresholds, group.unit_code, percent)


def _reached(
    trigger: Trigger,
    thresholds: Thresholds,
    key: ThresholdKey,
    on: dt.date,
    unit_code: str,
    count: int | None,
    kind: str,
) -> Iterator[Signal]:
    threshold = thresholds.get(key, on)
    if count is not None and count >= threshold.value and _covers(threshold, kind):
        yield _signal(trigger, threshold, thresholds, unit_code, count)


def _covers(threshold: Threshold, kind: str) -> bool:
    return not threshold.kinds or kind in threshold.kinds


def _signal(
    trigger: Trigger, threshold: Threshold, thresholds: Thresholds, unit_code: str, measured: int
) -> Signal:
    return Signal(
        trigger=trigger,
        unit_code=unit_code,
        measured_count=min(measured, 10_000_000),
        threshold_count=threshold.value,
        measure=threshold.unit,
        row_id=threshold.id,
        table_version=thresholds.version,
    )
