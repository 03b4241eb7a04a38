"""The units and bodies whose issues an actor may see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The units and bodies that limit a list for an actor; None stands for all."""

    units: tuple[str, ...] | None
    bodies: tuple[str, ...] | None
