"""Who acts: a role at a unit, sometimes for a body. Every event and every request has one."""

from __future__ import annotations

from dataclasses import dataclass

from events.envelope import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """A role at a unit; `body` is the body it works in, `subject` a pseudonym for logs and never a name."""

    role: Role
    unit_code: str
    body: str | None = None
    subject: str = "anonymous"


def said_of(actor: Actor) -> str:
    """Name an actor for a note that stays: role, unit and pseudonym."""
    return f"{actor.role}@{actor.unit_code}:{actor.subject}"[:200]


SYSTEM = Actor(role="system", unit_code="vn", subject="system")
"""The product itself: verdicts, clocks, silence."""
