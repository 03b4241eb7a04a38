"""The load of communes: work per person and day, beside the median of like communes; who could lend, who lacks people.

A commune without numbers of staff or cases, or of whose figures too many days are missing, is in no load, median or sum;
one in which one person works has a load and stands beside the median of the others.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Literal, get_args

from reporting.dated.units import Unit
from reporting.workload.work import Work

Like = Literal["dac_khu", "phuong", "xa_large", "xa_small", "xa_unknown"]
"""Groups of communes that are compared: their kind, and of a rural commune whether it is large."""
LIKES: tuple[Like, ...] = get_args(Like)
Missing = Literal["no_days", "no_staff", "staff_ended", "zero_staff", "no_cases", "silent", "one_person"]
"""Why a commune is left out; `one_person` only from what readers get to whom its load would tell of that person."""
Standing = Literal["over", "usual", "quiet", "alone"]
"""How a load stands to the median of its group; `alone` where the group is too small to have one."""
LEAST_PEERS = 5
"""A median over fewer would tell one of theirs; where one person works a commune is in none, for the same reason."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The conventions behind a comparison, as they hold on a day.

    Attributes:
        overload: from how many percent of the median a load is high.
        quiet: up to how many percent of the median a load is low.
        officer_day: how many minutes of a day a person has for cases.
        large_area: from how many km² a rural commune is large.
        silent_days: with more working days without figures a commune is left out: it is silent, not at rest.
    """

    overload: int
    quiet: int
    officer_day: int
    large_area: int
    silent_days: int


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of a commune over a period.

    Attributes:
        people: on the last day of the period; nothing where no row holds.
        officer_days: days of work of its people by field; nothing where a working day has no number.
        unknown_days: on how many working days of the period nobody knows its figures.
    """

    unit: Unit
    work: Work
    people: int | None
    officer_days: Mapping[str, int] | None
    unknown_days: int = 0


@dataclass(frozen=True, slots=True)
class Load:
    """The load of a commune; `peers_load` is the median of its group.

    Attributes:
        lends: how many of its people it could lend without rising above the median.
        lacks: how many people it lacks to come down to the median.
    """

    unit_code: str
    like: Like
    work: Work
    people: int
    officer_days: int
    peers_load: Fraction | None = None
    standing: Standing = "alone"
    lends: int = 0
    lacks: int = 0

    @property
    def per_day(self) -> Fraction:
        """Return the minutes that each person had to handle per working day."""
        return Fraction(self.work.minutes.to_handle, self.officer_days)

    def backlog_days(self, officer_day: int) -> Fraction:
        """Return in how many working days its people could finish what is open, if nothing else came."""
        return Fraction(self.work.minutes.open, self.people * officer_day)


@dataclass(frozen=True, slots=True)
class Loads:
    """The loads of some communes over a period.

    Attributes:
        medians: of each group that is large enough.
        missing: communes left out of every comparison, and why.
        working_days: how many there are in the period.
    """

    loads: Sequence[Load]
    medians: Mapping[Like, Fraction]
    missing: Mapping[str, Missing]
    working_days: int

    def is_of_one(self, load: Load) -> bool:
        """Return whether a load is a figure about one person: on the last day, or over the whole period."""
        return _is_of_one(load, self.working_days)

    def of(self, unit_code: str) -> Load | None:
        """Return the load of a commune; nothing where it is left out."""
        return next((one for one in self.loads if one.unit_code == unit_code), None)


def like_of(unit: Unit, large_area: int) -> Like:
    """Return with which communes one is compared: by kind and area, because no table knows terrain or population."""
    if unit.kind == "dac_khu":
        return "dac_khu"
    if unit.kind == "phuong":
        return "phuong"
    if unit.area_km2 is None:
        return "xa_unknown"
    return "xa_large" if unit.area_km2 >= large_area else "xa_small"


def loads_of(given: Sequence[Given], limits: Limits, working_days: int) -> Loads:
    """Return the loads of some communes, each beside the median of its group, the highest first."""
    missing = {one.unit.code: reason for one in given if (reason := _missing(one, limits, working_days))}
    alone = [_alone(one, limits) for one in given if one.unit.code not in missing]
    groups: dict[Like, list[Fraction]] = defaultdict(list)
    for load in alone:
        if not _is_of_one(load, working_days):
            groups[load.like].append(load.per_day)
    medians = {like: median(held) for like, held in groups.items() if len(held) >= LEAST_PEERS}
    loads = [_beside(load, medians.get(load.like), limits, working_days) for load in alone]
    loads.sort(key=lambda one: (-one.per_day, one.unit_code))
    return Loads(loads, medians, missing, working_days)


def sum_of_loads(loads: Sequence[Load]) -> tuple[Work, int, int]:
    """Return the work, the people and the days of work of some communes together."""
    work = Work()
    for one in loads:
        work = work.plus(one.work)
    return work, sum(one.people for one in loads), sum(one.officer_days for one in loads)


def _missing(one: Given, limits: Limits, working_days: int) -> Missing | None:
    if not working_days:
        return "no_days"
    if one.officer_days is None:
        return "no_staff"
    if one.people is None:
        return "staff_ended"
    if not one.people or not sum(one.officer_days.values()):
        return "zero_staff"
    if not one.work.cases.to_handle:
        return "no_cases"
    return "silent" if one.unknown_days > limits.silent_days else None


def _is_of_one(load: Load, working_days: int) -> bool:
    return load.people == 1 or load.officer_days <= working_days


def _alone(one: Given, limits: Limits) -> Load:
    return Load(
        unit_code=one.unit.code,
        like=like_of(one.unit, limits.large_area),
        work=one.work,
        people=one.people or 0,
        officer_days=sum((one.officer_days or {}).values()),
    )


def _beside(load: Load, peers_load: Fraction | None, limits: Limits, working_days: int) -> Load:
    if not peers_load:
        return load
    share = 100 * load.per_day / peers_load
    standing: Standing = "over" if share >= limits.overload else "quiet" if share <= limits.quiet else "usual"
    # So many people would have had the load of the median; whoever lends keeps one at least.
    enough = math.ceil(load.work.minutes.to_handle / (peers_load * working_days))
    return Load(
        unit_code=load.unit_code,
        like=load.like,
        work=load.work,
        people=load.people,
        officer_days=load.officer_days,
        peers_load=peers_load,
        standing=standing,
        lends=max(load.people - max(enough, 1), 0) if standing == "quiet" else 0,
        lacks=max(enough - load.people, 0) if standing == "over" else 0,
    )
