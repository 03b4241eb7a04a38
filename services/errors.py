"""What a service can fail at (the branch ServiceError of the tree in events/errors.py).

ServiceError
├── Unauthenticated     no actor, or a token that does not hold
├── Forbidden           the actor's role or unit does not allow it
├── NotFound            no such thing, or not one that the actor may see
├── KeptElsewhere       another store keeps what belongs to that unit; says which provinces this one keeps
├── Conflict            somebody else was first, or the state does not allow it; names the current state
├── KeyReused           the idempotency key was used for a different body
├── BadInput            the request is wrong; names the field
├── TooLarge            the request is over the size that is taken
├── NotReady            a part that is needed is not reachable yet
│   └── EngineDead      the engine in this process has ended for good; only another process has one again
└── SetupError          the configuration or the machine lacks something; says what to do
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypedDict, Unpack

from events.errors import LienCapError


class LatestAct(TypedDict):
    """Who was first: the latest act that counted."""

    event: str
    actor_role: str | None
    actor_unit: str | None
    recorded_at: dt.datetime


class Current(TypedDict, total=False):
    """How things stand where a conflict was met; each kind of conflict names what it knows."""

    reason: str | None
    state: str
    version: int
    latest_act: LatestAct | None
    allowed: Sequence[str] | Sequence[int]
    current_status: int | None


class ServiceError(LienCapError):
    """A service cannot do what it was asked."""

    slug = "service"


class Unauthenticated(ServiceError):
    """No actor, or a token that does not hold."""

    slug = "unauthenticated"


class Forbidden(ServiceError):
    """The actor's role or unit does not allow it."""

    slug = "forbidden"


class NotFound(ServiceError):
    """No such thing, or not one that the actor may see."""

    slug = "not-found"


class KeptElsewhere(ServiceError):
    """Another store keeps what belongs to that unit."""

    slug = "kept-elsewhere"


class Conflict(ServiceError):
    """Somebody else was first, or the state does not allow it."""

    slug = "conflict"

    def __init__(self, message: str, *, field: str | None = None, **current: Unpack[Current]) -> None:
        super().__init__(message, field=field)
        self.current = current


class KeyReused(ServiceError):
    """The idempotency key was used for a different body."""

    slug = "key-reused"


class BadInput(ServiceError):
    """The request is wrong; names the field.

    Args:
        fault: the key of the sentence (`form_error.<key>`) that tells a person what to do, where the field alone does not.
    """

    slug = "bad-input"

    def __init__(self, message: str, *, field: str | None = None, error_key: str = "") -> None:
        super().__init__(message, field=field)
        self.error_key = error_key


class TooLarge(ServiceError):
    """The request is over the size that is taken."""

    slug = "too-large"


class NotReady(ServiceError):
    """A part that is needed is not reachable yet."""

    slug = "not-ready"


class EngineDead(NotReady):
    """The engine in this process has ended for good; only another process has one again."""


class SetupError(ServiceError):
    """The configuration or the machine lacks something; says what to do."""

    slug = "setup-fault"
