"""The bridge between two rules of a form: which cases they put in different places, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from reporting.cases.status import Status
from reporting.forms.placing import Placed, place, waits_today
from reporting.forms.rules import FormDefinition
from reporting.forms.situations import Situation

Reason = Literal[
    "stopped_before",
    "stopped_still_pending",
    "withdrawn",
    "undated_resolved",
    "clock_stood_still",
    "waits_today",
    "undated_pending",
    "waited_then",
    "other",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
"""Why a case stands in two places, in the order in which the bridge is read."""


@dataclass(frozen=True, slots=True)
class BridgeLine:
    """Cases that differ for one reason in one way.

    Attributes:
        used: where the rule in use counts them; nowhere where it leaves them out. `honest` likewise.
        situations: which situations of which fields make it up: what finds the cases again.
    """

    reason: Reason
    used: Placed | None
    honest: Placed | None
    count: int
    situations: tuple[tuple[str, Situation], ...]

    @property
    def key(self) -> str:
        """Return what names the line in an address."""
        places = ("-".join(one) if one is not None else "none" for one in (self.used, self.honest))
        return ".".join((self.reason, *places))

    def moves(self, key: str) -> int:
        """Return by how much the rule in use shows more than the honest one in the place of that key."""
        return self.count * (_holds(self.used, key) - _holds(self.honest, key))


def bridge(form: FormDefinition, counted: Iterable[tuple[str, Situation, int]]) -> Sequence[BridgeLine]:
    """Return the lines of the bridge, given cases as (field, situation, how many)."""
    found: dict[tuple[Reason, Placed | None, Placed | None], list[tuple[str, Situation, int]]] = defaultdict(
        list
    )
    for field_code, case, count in counted:
        used, honest = place(case, form.in_use), place(case, form.honest)
        if used != honest:
            found[reason_of(case, used, honest), used, honest].append((field_code, case, count))
    lines = [
        BridgeLine(
            reason,
            used,
            honest,
            sum(count for *_, count in members),
            tuple((field_code, case) for field_code, case, _ in members),
        )
        for (reason, used, honest), members in found.items()
    ]
    return sorted(lines, key=lambda one: (REASONS.index(one.reason), one.key))


def reason_of(case: Situation, used: Placed | None, honest: Placed | None) -> Reason:
    """Return why two rules put a case in different places."""
    if case.status_code == Status.STOPPED:
        return "stopped_before" if used is None or honest is None else "stopped_still_pending"
    if case.ended == "inside":
        return _of_resolved(case)
    if waits_today(case):
        return "waits_today"
    if case.against_due == "none":
        return "undated_pending"
    return "waited_then" if case.against_due == "after" or case.at_rest else "other"


def _of_resolved(case: Situation) -> Reason:
    if case.close_kind == "withdrawn":
        return "withdrawn"
    if case.against_due == "none":
        return "undated_resolved"
    return "clock_stood_still" if not case.is_late else "other"


def _holds(placed: Placed | None, key: str) -> bool:
    return placed is not None and key in placed
