"""A figure as a card or a row shows it: value, change against before, a small line of the last days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.web.shell.dues import Tone

_WIDE, _HIGH, _MARGIN_X, _MARGIN_Y = 80.0, 24.0, 1.0, 2.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of 80 × 24 in which time goes to the right, and its last point."""

    path: str
    end_x: float
    end_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One figure; `value` is written already, and `is_zero` also where nothing is known.

    Attributes:
        change: the change against the time before, written with its sign; `change_tone` shows whether it is for the better.
        attribute: an attribute by which a script fills the value.
        count: how many rows the list at `href` has; nothing where the figure counts none.
    """

    name: str
    value: str
    unit: str = ""
    href: str = ""
    note: str = ""
    change: str = ""
    change_tone: Literal["", "better", "worse"] = ""
    line: Line | None = None
    tone: Tone = "plain"
    is_zero: bool = False
    attribute: str = ""
    key: str = ""
    count: int | None = None


def line_of(values: Sequence[float]) -> Line | None:
    """Return the line through values in order of time; nothing where there are fewer than two."""
    if len(values) < 2:  # noqa: PLR2004 -- one point is no line
        return None
    low, high = min(values), max(values)
    step = (_WIDE - 2 * _MARGIN_X) / (len(values) - 1)
    span = high - low

    def point(position: int, value: float) -> tuple[float, float]:
        share = (value - low) / span if span else 0.5
        y = _HIGH - _MARGIN_Y - share * (_HIGH - 2 * _MARGIN_Y)
        return round(_MARGIN_X + position * step, 1), round(y, 1)

    points = [point(position, value) for position, value in enumerate(values)]
    return Line("M" + " L".join(f"{x} {y}" for x, y in points), *points[-1])
