"""The units and bodies whose issues an actor may see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """What an actor may see of what it asked for; None stands for all."""

    units: tuple[str, ...] | None
    bodies: tuple[str, ...] | None
