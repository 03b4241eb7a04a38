"""The root of the one error tree, and the errors of events and of the log.

LienCapError
├── ContractError            the bytes are not an event of this contract (set aside, never retried)
│   ├── MalformedEvent       not JSON, or not a CloudEvents envelope
│   ├── UnknownEventType     an envelope of a type that this release does not know
│   ├── UnknownEventVersion  a version newer or older than this release reads
│   └── InvalidEvent         a known type whose content breaks a rule
├── LogError                 the event log refused or failed
│   ├── LogUnavailable       a passing fault: the same call may succeed later
│   ├── UnknownTopic         the topic is not in the topic table
│   └── EventTooLarge        the event is over the size that the log takes
├── RuleError                reporting/errors.py: a rule of the domain refuses
└── ServiceError             services/errors.py: a service cannot do what was requested
"""

from __future__ import annotations

from typing import ClassVar


class LienCapError(Exception):
    """The base of every error that this project raises on purpose.

    Attributes:
        slug: stable name of the kind of error; the web edge makes the problem `type` of it.
        field: the field that was wrong, if there is one.
    """

    slug: ClassVar[str] = "error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class ContractError(LienCapError):
    """The bytes are not an event of this contract."""

    slug = "contract"


class MalformedEvent(ContractError):
    """Not JSON, or not a CloudEvents envelope."""

    slug = "malformed-event"


class UnknownEventType(ContractError):
    """An envelope of a type that this release does not know."""

    slug = "unknown-event-type"


class UnknownEventVersion(ContractError):
    """A version newer or older than this release reads."""

    slug = "unknown-event-version"


class InvalidEvent(ContractError):
    """A known type whose content breaks a rule."""

    slug = "invalid-event"


class LogError(LienCapError):
    """The event log refused or failed."""

    slug = "log"


class LogUnavailable(LogError):
    """A passing fault: the same call may succeed later."""

    slug = "log-unavailable"


class UnknownTopic(LogError):
    """The topic is not in the topic table."""

    slug = "unknown-topic"


class EventTooLarge(LogError):
    """The event is over the size that the log takes."""

    slug = "event-too-large"
