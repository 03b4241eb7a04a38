"""The number of vice-chairs of a province's communes against its frame; numbers only, and nobody's name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reporting.dated.vice_chairs import Frame

Decided = Literal["in_province", "beyond_province", "not_known"]
"""Where one more vice-chair can be decided: the province sets each commune's number while its total has room."""


@dataclass(frozen=True, slots=True)
class ViceChairs:
    """The vice-chairs of a province's communes together.

    Attributes:
        total: how many there may be; nothing before there was a frame.
        known: how many there are in the communes that have said it.
        not_known: communes that have not.
    """

    commune_count: int
    total: int | None
    known: int
    not_known: tuple[str, ...]

    @property
    def room(self) -> int | None:
        """Return how many more there may be; nothing while a commune's number is not known."""
        return None if self.total is None or self.not_known else max(self.total - self.known, 0)

    @property
    def decided(self) -> Decided:
        """Return where one more can be decided."""
        if self.total is None:
            return "not_known"
        if self.known >= self.total:
            return "beyond_province"
        return "not_known" if self.not_known else "in_province"


def vice_chairs_of(counts: Mapping[str, int | None], frame: Frame | None) -> ViceChairs:
    """Return the vice-chairs of a province.

    Args:
        counts: each of its communes, and how many vice-chairs it has, if that is known.
    """
    total = None if frame is None else math.floor(frame.average * len(counts))
    known = sum(count for count in counts.values() if count is not None)
    return ViceChairs(
        len(counts), total, known, tuple(code for code, count in counts.items() if count is None)
    )
