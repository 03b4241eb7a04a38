"""The actor of an event or a request: a role at a unit, sometimes for a body."""

from __future__ import annotations

import re
from dataclasses import dataclass

from events.envelope import Role

_OF_A_TOKEN = re.compile(r"[0-9a-f]{16}")
"""The subject of a token that names no person: its own number, so that each such token is another person."""
UNNAMED = "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """A role at a unit; `body` is the body it works in, `subject` a pseudonym for logs and never a name."""

    role: Role
    unit_code: str
    body: str | None = None
    subject: str = UNNAMED

    @property
    def is_named(self) -> bool:
        """Return whether the subject stands for one person whichever token is used, or only for one token."""
        return self.subject != UNNAMED and _OF_A_TOKEN.fullmatch(self.subject) is None


def label_of(actor: Actor) -> str:
    """Return role, unit and pseudonym of an actor, for a durable note."""
    return f"{actor.role}@{actor.unit_code}:{actor.subject}"[:200]


SYSTEM = Actor(role="system", unit_code="vn", subject="system")
"""The product itself: verdicts, clocks, silence."""
