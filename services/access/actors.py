"""The actor of an event or a request: a role at a unit, sometimes for a body."""

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


def label_of(actor: Actor) -> str:
    """Return role, unit and pseudonym of an actor, for a durable note."""
    return f"{actor.role}@{actor.unit_code}:{actor.subject}"[:200]


SYSTEM = Actor(role="system", unit_code="vn", subject="system")
"""The product itself: verdicts, clocks, silence."""
