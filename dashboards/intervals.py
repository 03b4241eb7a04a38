"""How sure a share is: an interval instead of a rank, so that a small unit is not called the worst by chance."""

from __future__ import annotations

import math
from typing import Literal

_Z = 1.959963984540054
"""Nineteen times out of twenty."""


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Return the 95 % interval of a share after Wilson; it needs at least one observation.

    Raises:
        ValueError: nothing was observed, or the part is no part.
    """
    if not 0 <= part <= whole or whole == 0:
        raise ValueError(f"{part} of {whole} is no share")
    share = part / whole
    spread = _Z * _Z / whole
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(share * (1 - share) / whole + spread / (4 * whole))
    # Rounding must not push the end of "none" or "all" past the share itself.
    return min(max(0.0, middle - half), share), max(min(1.0, middle + half), share)


def wilson_in_sql(part: str, whole: str, end: Literal["low", "high"]) -> str:
    """Return one end of the same interval as an expression over two expressions; the whole must not be nought."""
    share, spread = f"(({part}) / ({whole}))", f"({_Z * _Z!r} / ({whole}))"
    middle = f"(({share} + {spread} / 2) / (1 + {spread}))"
    half = (
        f"({_Z!r} / (1 + {spread}) * sqrt({share} * (1 - {share}) / ({whole}) + {spread} / (4 * ({whole}))))"
    )
    if end == "low":
        return f"least(greatest(0., {middle} - {half}), {share})"
    return f"greatest(least(1., {middle} + {half}), {share})"
