"""Profiles of simulated communes: amount of work, speed, and connection failures."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reporting.dated.units import Unit

BAT_MOT = "15607"
# The commune of the founding article: 4 staff, 332 accepted cases in 74 working days, not overloaded.
BAT_MOT_DAILY = 332 / 74

# Design assumptions for a demonstration, not measurements: share of each field in the arrivals.
FIELD_MIX: tuple[tuple[str, float], ...] = (
    ("chung_thuc", 45),
    ("ho_tich", 25),
    ("cu_tru", 10),
    ("bao_tro_xa_hoi", 8),
    ("nguoi_co_cong", 2),
    ("dat_dai", 5),
    ("ho_kinh_doanh", 3),
    ("xay_dung", 1),
    ("giam_ngheo", 1),
)
WEEKDAY_WEIGHT = (1.35, 1.05, 0.95, 0.95, 0.9, 0.25, 0.0)
CHANNEL_MIX = (("1", 56), ("2", 40), ("3", 4))


@dataclass(frozen=True, slots=True)
class Profile:
    """One commune's way of working; rates are per working day."""

    unit_code: str
    daily_cases: float
    late_share: float
    offline_per_day: float
    difficulty_per_day: float
    remote: bool


ProfilesOf = Callable[[Sequence[Unit], str], list[Profile]]
"""Returns the communes at work, with their ways of working, from a province's units and a seed."""


def profiles_of(units: Sequence[Unit], seed: str) -> list[Profile]:
    """Draw the profile of each commune."""
    return [profile_of(unit, seed) for unit in units]


def profile_of(unit: Unit, seed: str) -> Profile:
    """Draw a commune's profile; the same seed and unit give the same profile.

    Remoteness is derived from the unit's area and kind: a large commune counts as a mountain one, a special zone is an island.
    """
    rng = random.Random(f"{seed}:profile:{unit.code}")
    remote = unit.kind == "dac_khu" or ((unit.area_km2 or 0) > 90 and unit.kind == "xa")
    if unit.code == BAT_MOT:
        return Profile(unit.code, BAT_MOT_DAILY, 0.03, 0.06, 0.06, remote=True)
    if remote:
        daily = rng.uniform(2, 5)
    elif unit.kind == "phuong":
        daily = rng.uniform(7, 14)
    else:
        daily = rng.uniform(3, 7)
    overloaded = rng.random() < 0.08
    return Profile(
        unit.code,
        daily,
        late_share=rng.uniform(0.15, 0.3) if overloaded else rng.uniform(0.01, 0.07),
        offline_per_day=rng.uniform(0.03, 0.08) if remote else 0.004,
        difficulty_per_day=rng.uniform(0.03, 0.06) if remote else rng.uniform(0.008, 0.03),
        remote=remote,
    )
