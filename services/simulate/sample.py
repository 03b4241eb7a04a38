"""Choose the communes of a province that stand for it in the demo: islands, city, highland, delta.

The table of units has no terrain. The kind of a unit and its area stand for it: a special zone is an island, the smallest ward
a city, the largest commune the highland (or the least settled land), the smallest commune the dense delta, and the one in
the middle what is common.
"""

from __future__ import annotations

from collections.abc import Sequence

from reporting.dated.units import Unit
from services.simulate.profiles import Profile, profiles_of

LEAST = 5
NO_COUNTER = frozenset({"20333"})
"""Hoàng Sa: nobody works there at a counter."""


def sample_of(units: Sequence[Unit], seed: str) -> list[Profile]:
    """Return the profiles of the communes that stand for a province, at least five."""
    return profiles_of(chosen(units), seed)


def chosen(units: Sequence[Unit]) -> list[Unit]:
    """Return the communes that stand for a province, by code."""
    there = [unit for unit in units if unit.code not in NO_COUNTER]
    islands = [unit for unit in there if unit.kind == "dac_khu"]
    wards = _by_area(there, "phuong")
    communes = _by_area(there, "xa")
    middle = len(communes) // 2
    wanted = (
        *(communes[-1:] + communes[middle : middle + 1] + communes[:1] + wards[:1]),
        *(wards[len(wards) // 2 :][:1] + communes[-2:-1] + communes[1:]),
    )
    found = dict.fromkeys(unit.code for unit in (*islands, *wanted[:5], *wanted[5:]))
    codes = set(list(found)[: max(LEAST, len(islands) + 4)])
    return [unit for unit in there if unit.code in codes]


def _by_area(units: Sequence[Unit], kind: str) -> list[Unit]:
    return sorted(
        (unit for unit in units if unit.kind == kind), key=lambda unit: (unit.area_km2 or 0, unit.code)
    )
