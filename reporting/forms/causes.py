"""Why the cases of a form ended late: by the causes that offices named, and by none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from reporting.forms.placing import place
from reporting.forms.rules import RuleSet
from reporting.forms.situations import Situation


def late_by_cause(counted: Iterable[tuple[Situation, int]], rules: RuleSet) -> Mapping[str, int]:
    """Return how many of the cases that a rule counts as resolved late have each cause; of none, under an empty key."""
    found: Counter[str] = Counter()
    for case, count in counted:
        placed = place(case, rules)
        if placed is not None and placed.outcome == "resolved_late":
            found[case.late_cause] += count
    return found
