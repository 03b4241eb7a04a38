"""Errors of services (the branch ServiceError of the tree in events/errors.py).

ServiceError
├── Unauthenticated     no actor, or an invalid token
├── TooManyAttempts     too many failed sign-ins; holds the seconds to wait
├── Forbidden           the actor's role or unit does not allow it
│   └── UnitEnded       the actor's unit has ended: it reads, and writes nothing
├── NotFound            no such object, or one that the actor may not see
├── KeptElsewhere       another store keeps that unit's data; names the provinces that this one keeps
├── Conflict            another act was first, or the state does not allow it; holds the current state
├── KeyReused           the idempotency key was used for a different body
├── BadInput            the request is wrong; names the field
│   └── NoRowThen       no row of a dated table holds on a day that was asked for
├── TooLarge            the request is over the size limit
├── NotReady            a needed part is not reachable yet
│   ├── Overloaded      more requests wait than are taken; holds the seconds to wait
│   └── EngineDead      the engine in this process has ended for good; only a new process helps
└── SetupError          the configuration or the machine lacks something; the message advises
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypedDict, Unpack

from events.errors import LienCapError


class LatestAct(TypedDict):
    """The latest accepted act, which won a conflict."""

    event: str
    actor_role: str | None
    actor_unit: str | None
    recorded_at: dt.datetime


class Current(TypedDict, total=False):
    """The state that a conflict met; each kind of conflict fills the members that it knows."""

    reason: str | None
    state: str
    version: int
    latest_act: LatestAct | None
    allowed: Sequence[str] | Sequence[int]
    current_status: int | None


class ServiceError(LienCapError):
    """Base of the errors of services."""

    slug = "service"


class Unauthenticated(ServiceError):
    """No actor, or an invalid token."""

    slug = "unauthenticated"


class TooManyAttempts(ServiceError):
    """Too many failed sign-ins from one address.

    Args:
        retry_after: seconds after which it may try again.
    """

    slug = "too-many-attempts"

    def __init__(self, message: str, *, field: str | None = None, retry_after: int) -> None:
        super().__init__(message, field=field)
        self.retry_after = retry_after


class Forbidden(ServiceError):
    """The actor's role or unit does not allow it."""

    slug = "forbidden"


class UnitEnded(Forbidden):
    """The actor's unit has ended: its people read what was theirs, and write nothing."""

    slug = "unit-ended"


class NotFound(ServiceError):
    """No such object, or one that the actor may not see."""

    slug = "not-found"


class LinkOver(NotFound):
    """A shared link opens nothing: it ended, or is not as it was signed; the error names no reason."""

    slug = "link-over"


class KeptElsewhere(ServiceError):
    """Another store keeps that unit's data."""

    slug = "kept-elsewhere"


class Conflict(ServiceError):
    """Another act was first, or the state does not allow it."""

    slug = "conflict"

    def __init__(self, message: str, *, field: str | None = None, **current: Unpack[Current]) -> None:
        super().__init__(message, field=field)
        self.current = current


class KeyReused(ServiceError):
    """The idempotency key was used for a different body."""

    slug = "key-reused"


class BadInput(ServiceError):
    """The request is wrong; `field` names where.

    Args:
        fault: the key of the sentence (`form_error.<key>`) that helps a person where the field alone does not.
    """

    slug = "bad-input"

    def __init__(self, message: str, *, field: str | None = None, error_key: str = "") -> None:
        super().__init__(message, field=field)
        self.error_key = error_key


class NoRowThen(BadInput):
    """No row of a dated table holds on a day that was asked for."""


class TooLarge(ServiceError):
    """The request is over the size limit."""

    slug = "too-large"


class NotReady(ServiceError):
    """A needed part is not reachable yet."""

    slug = "not-ready"


class Overloaded(NotReady):
    """More requests wait than are taken; nothing of this one was recorded.

    Args:
        retry_after: seconds after which it may be sent again.
    """

    slug = "overloaded"

    def __init__(self, message: str, *, field: str | None = None, retry_after: int) -> None:
        super().__init__(message, field=field)
        self.retry_after = retry_after


class EngineDead(NotReady):
    """The engine in this process has ended for good; only a new process helps."""


class SetupError(ServiceError):
    """The configuration or the machine lacks something; the message advises."""

    slug = "setup-fault"
