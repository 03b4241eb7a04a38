"""Cases and their weights: what a period had to handle, what it finished, what it left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from reporting.dated.workload_weights import Weights


class Flow(NamedTuple):
    """What came into a period, and where it went: carried over + received = resolved + open."""

    carried_over: int = 0
    received: int = 0
    resolved: int = 0
    open: int = 0

    @property
    def to_handle(self) -> int:
        """Return what the period had to handle: what came from before, and what came in it."""
        return self.carried_over + self.received

    @property
    def closes(self) -> bool:
        """Return whether what came in is what went out and what is left."""
        return self.to_handle == self.resolved + self.open

    def plus(self, other: Flow) -> Flow:
        """Return the sum of two."""
        return Flow(*(own + more for own, more in zip(self, other, strict=True)))

    def times(self, factor: int) -> Flow:
        """Return each count so many times."""
        return Flow(*(own * factor for own in self))


NO_CASES = Flow()


class Counted(NamedTuple):
    """How many cases of a procedure went through a commune in a period."""

    unit_code: str
    field_code: str
    procedure_code: str
    cases: Flow


@dataclass(frozen=True, slots=True)
class Work:
    """Some cases, and the minutes of work that they are taken for."""

    cases: Flow = NO_CASES
    minutes: Flow = NO_CASES

    def plus(self, other: Work) -> Work:
        """Return the sum of two."""
        return Work(self.cases.plus(other.cases), self.minutes.plus(other.minutes))


def work_by_field(counted: Iterable[Counted], weights: Weights) -> Mapping[str, Mapping[str, Work]]:
    """Return unit → field → work."""
    found: dict[str, dict[str, Work]] = defaultdict(lambda: defaultdict(Work))
    for one in counted:
        weight = weights.minutes(one.field_code, one.procedure_code)
        fields = found[one.unit_code]
        fields[one.field_code] = fields[one.field_code].plus(Work(one.cases, one.cases.times(weight)))
    return {unit: dict(fields) for unit, fields in found.items()}


def sum_of(works: Iterable[Work]) -> Work:
    """Return the sum of works."""
    whole = Work()
    for one in works:
        whole = whole.plus(one)
    return whole
