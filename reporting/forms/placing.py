"""Where a case counts in a form of received, resolved and pending cases, by one rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from reporting.cases.status import Status
from reporting.forms.rules import Column, RuleSet
from reporting.forms.situations import Situation

Arrival = Literal["received_online", "received_direct", "carried_over"]
Prescribed = Literal[
    "resolved_early", "resolved_on_time", "resolved_late", "pending_within", "pending_overdue"
]
Apart = Literal[
    "resolved_undated", "resolved_withdrawn", "resolved_stopped", "pending_undated", "pending_waiting"
]
Outcome = Literal[Prescribed, Apart]

APART: tuple[Apart, ...] = get_args(Apart)
"""What counts in a sum of the form, and in none of its parts: the prescribed layout has no column for it."""
ARRIVALS: tuple[Arrival, ...] = get_args(Arrival)
OUTCOMES: tuple[Outcome, ...] = (*get_args(Prescribed), *APART)


class Placed(NamedTuple):
    """The two places of one case: how it came in, and what became of it."""

    arrival: Arrival
    outcome: Outcome


def place(case: Situation, rules: RuleSet) -> Placed | None:
    """Return where a rule counts a case; nothing where the case ended before the window.

    A case has both places or neither, so that what came in is what was resolved and what is pending.
    """
    stays = case.status_code == Status.STOPPED and rules.says("stopped") == "pending_by_todays_status"
    if case.ended == "before" and not stays:
        return None
    if case.arrived == "before":
        arrival: Arrival = "carried_over"
    else:
        arrival = "received_online" if case.is_online else "received_direct"
    if stays:
        return Placed(arrival, "pending_within")
    return Placed(arrival, _resolved(case, rules) if case.ended == "inside" else _pending(case, rules))


def _resolved(case: Situation, rules: RuleSet) -> Outcome:
    if case.close_kind == "withdrawn":
        return "resolved_on_time" if rules.says("withdrawn") == "on_time" else "resolved_withdrawn"
    if case.close_kind == "stopped":
        return "resolved_stopped"
    if case.against_due == "none":
        return "resolved_on_time" if rules.says("undated_resolved") == "on_time" else "resolved_undated"
    if _is_late(case, rules):
        return "resolved_late"
    return "resolved_early" if case.against_due == "before" else "resolved_on_time"


def _pending(case: Situation, rules: RuleSet) -> Outcome:
    by_dates = rules.says("waiting") == "apart_on_its_days"
    if not by_dates and waits_today(case):
        return "pending_within"
    if case.against_due == "none":
        return "pending_within" if rules.says("undated_pending") == "within" else "pending_undated"
    if _is_late(case, rules):
        return "pending_overdue"
    return "pending_waiting" if by_dates and case.at_rest else "pending_within"


def waits_today(case: Situation) -> bool:
    """Return whether today's status says that a case waits: for papers asked by the last day, or for a fee at any time."""
    asked = case.status_code == Status.SUPPLEMENT and case.asked_by_then
    return asked or case.status_code == Status.FEE


def _is_late(case: Situation, rules: RuleSet) -> bool:
    return case.is_late if rules.says("late") == "by_running_clock" else case.against_due == "after"


@dataclass(frozen=True, slots=True)
class FormLine:
    """What a rule counts of one field, or of all: how many cases have each place."""

    counts: Mapping[str, int]

    def apart(self, key: Apart) -> int:
        """Return what the form has no column for."""
        return self.counts.get(key, 0)

    def number(self, column: Column, columns: Iterable[Column]) -> int:
        """Return what a column shows: its own count, or the sum of its parts with what stands apart in it."""
        if not column.sums:
            return self.counts.get(column.key, 0)
        parts = {one.number: one for one in columns}
        beside = sum(self.apart(key) for key in APART if key.split("_")[0] == column.key.split("_")[0])
        return beside + sum(self.counts.get(parts[number].key, 0) for number in column.sums)


def line_of(counted: Iterable[tuple[Situation, int]], rules: RuleSet) -> FormLine:
    """Return what a rule counts of some cases, given as situations and how many cases are in each."""
    counts: Counter[str] = Counter()
    for case, count in counted:
        placed = place(case, rules)
        if placed is not None:
            counts[placed.arrival] += count
            counts[placed.outcome] += count
    return FormLine(counts)


def sum_of(lines: Iterable[FormLine]) -> FormLine:
    """Return the line of several lines together."""
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(line.counts)
    return FormLine(counts)
