"""How far a demo is that fills itself behind its pages."""

from __future__ import annotations

from typing import NamedTuple


class Filling(NamedTuple):
    """How many provinces stand in full, of how many, and those of which the nation's figures do not speak yet."""

    done: int
    total: int
    hidden: frozenset[str]


def nothing_to_fill() -> Filling | None:
    """Return None: what is there is all."""
    return None
