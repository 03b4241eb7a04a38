"""How the communes and officials of a simulated province work: who is at work, what they report, what they do next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.simulate.difficulties import Difficulty, draw_difficulties
from services.simulate.officials import CHANCE
from services.simulate.profiles import Profile, ProfilesOf, profiles_of

DifficultiesOf = Callable[[Sequence[Profile], dt.date, str], Iterator[Difficulty]]
"""Draws the reports of a day from the profiles of communes and a seed."""


@dataclass(frozen=True, slots=True)
class Customs:
    """The customs of a province.

    Attributes:
        profiles: draws which communes work, and how.
        difficulties: draws what they report on a day.
        chances: act → probability on a day on which it is allowed.
        agency: with which a dossier code begins.
    """

    profiles: ProfilesOf = profiles_of
    difficulties: DifficultiesOf = draw_difficulties
    chances: Mapping[str, float] = field(default_factory=lambda: CHANCE)
    agency: str = "H56"


HOME = Customs()
"""Thanh Hóa: every commune."""
