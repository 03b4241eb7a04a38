"""Cases that moved between the communes of a sum while these confirmed: each is to count in exactly one of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Split = Literal["twice", "between"]
"""A case that counts in several communes, or that each of them left to another."""

Places = Mapping[str, str]
"""Commune → the commune in which the case counted when that one confirmed; none where it counted nowhere."""


@dataclass(frozen=True, slots=True)
class SplitCase:
    """A case that a sum counts twice or not at all, with the communes to which that is due."""

    case_key: str
    split: Split
    unit_codes: tuple[str, ...]


def split_case(case_key: str, places: Places) -> SplitCase | None:
    """Return how the confirmations of some communes disagree about a case; None where it counts in one, or belongs to none.

    Nobody counts it where each of some communes, in a ring, says that it belongs to the next.
    """
    holders = sorted(unit for unit, place in places.items() if unit == place)
    if len(holders) > 1:
        return SplitCase(case_key, "twice", tuple(holders))
    if holders:
        return None
    ring = next(filter(None, (_ring(unit, places) for unit in sorted(places))), ())
    return SplitCase(case_key, "between", tuple(sorted(ring))) if ring else None


def _ring(first: str, places: Places) -> tuple[str, ...]:
    """Return the communes from the first on, each of which names the next and the last the first; none where they end."""
    met, unit = [first], places.get(first)
    while unit is not None and unit not in met:
        met.append(unit)
        unit = places.get(unit)
    return tuple(met) if unit == first else ()
