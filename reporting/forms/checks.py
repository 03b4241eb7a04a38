"""Cross-checks of a form, each of which must hold in every field: what stands beside the printed numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reporting.forms.placing import ARRIVALS, OUTCOMES, FormLine

CheckKey = Literal["whole", "before", "figures"]


@dataclass(frozen=True, slots=True)
class Check:
    """One cross-check: what two ways of counting say, and in which fields they differ.

    Attributes:
        subject: what is compared: the key of a place, or nothing where the check has one subject.
    """

    key: CheckKey
    subject: str
    left: int
    right: int
    differing: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Return whether the two say the same everywhere."""
        return self.left == self.right and not self.differing


def check_whole(lines: Mapping[str, FormLine]) -> Check:
    """Check that what came in is what was resolved and what is pending, in each field."""
    came = {field: _sum(line, ARRIVALS) for field, line in lines.items()}
    went = {field: _sum(line, OUTCOMES) for field, line in lines.items()}
    return _compared("whole", "", came, went)


def check_before(lines: Mapping[str, FormLine], before: Mapping[str, FormLine]) -> Check:
    """Check that what was carried over is what was pending at the end of the window before, by the same rule."""
    carried = {field: _sum(line, ("carried_over",)) for field, line in lines.items()}
    pending = {
        field: _sum(line, [key for key in OUTCOMES if key.startswith("pending_")])
        for field, line in before.items()
    }
    return _compared("before", "carried_over", carried, pending)


def check_figures(lines: Mapping[str, FormLine], figures: Mapping[str, Mapping[str, int]]) -> Sequence[Check]:
    """Check the honest form against the figures of all other pages, which are counted from days, not from cases.

    Args:
        figures: by field, how many cases have each of the places that both count.
    """
    subjects = sorted({subject for counts in figures.values() for subject in counts}, key=_order)
    return [
        _compared(
            "figures",
            subject,
            {field: _sum(line, PLACES[subject]) for field, line in lines.items()},
            {field: counts.get(subject, 0) for field, counts in figures.items()},
        )
        for subject in subjects
    ]


PLACES: Mapping[str, tuple[str, ...]] = {
    "received_online": ("received_online",),
    "received_direct": ("received_direct",),
    "carried_over": ("carried_over",),
    "resolved_all": tuple(key for key in OUTCOMES if key.startswith("resolved_")),
    "resolved_early": ("resolved_early",),
    "resolved_on_time": ("resolved_on_time",),
    "resolved_late": ("resolved_late",),
    "resolved_undated": ("resolved_undated",),
    "resolved_withdrawn": ("resolved_withdrawn",),
    "resolved_stopped": ("resolved_stopped",),
    "pending_all": tuple(key for key in OUTCOMES if key.startswith("pending_")),
    "pending_overdue": ("pending_overdue",),
}
"""What the figures of other pages count too, and by which places of the form."""


def _order(subject: str) -> int:
    return list(PLACES).index(subject)


def _sum(line: FormLine, keys: Iterable[str]) -> int:
    return sum(line.counts.get(key, 0) for key in keys)


def _compared(key: CheckKey, subject: str, left: Mapping[str, int], right: Mapping[str, int]) -> Check:
    fields = sorted({*left, *right})
    differing = tuple(field for field in fields if left.get(field, 0) != right.get(field, 0))
    return Check(key, subject, sum(left.values()), sum(right.values()), differing)
