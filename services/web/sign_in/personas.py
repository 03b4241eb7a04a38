"""Personas of the demo: one for each role on the way from Bát Mọt to the ministry, and who weighs the work of communes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from events.envelope import Role
from services.access.actors import Actor

Level = Literal["commune", "province", "department", "ministry", "oversight"]


@dataclass(frozen=True, slots=True)
class Persona:
    """A demo user; `key` is the form's value, `level` groups the page."""

    key: str
    level: Level
    actor: Actor


def _persona(
    level: Level, role: Role, unit_code: str, body: str | None, *, is_second: bool = False
) -> Persona:
    """Return a persona; of two with one role at one unit the second is known by its body."""
    key = f"{role}-{body}" if is_second else f"{role}-{unit_code}"
    return Persona(key, level, Actor(role, unit_code, body, subject=f"demo-{key}"))


PERSONAS: tuple[Persona, ...] = (
    _persona("commune", "commune_officer", "15607", "15607.ubnd"),
    _persona("commune", "commune_chair", "15607", "15607.ubnd"),
    _persona("commune", "commune_clerk", "15607", "15607.ubnd"),
    _persona("province", "province_reviewer", "38", "38.vp_ubnd"),
    _persona("province", "province_leader", "38", "38.ubnd"),
    _persona("department", "department_officer", "38", "38.so_khcn"),
    _persona("department", "department_leader", "38", "38.so_khcn"),
    _persona("department", "department_officer", "38", "38.so_noi_vu", is_second=True),
    _persona("ministry", "ministry_officer", "vn", "bo_khcn"),
    _persona("ministry", "ministry_viewer", "vn", "bo_khcn"),
    _persona("oversight", "auditor", "38", None),
)


def persona_of(key: str) -> Persona | None:
    """Return the persona of a key, or None."""
    return next((persona for persona in PERSONAS if persona.key == key), None)
