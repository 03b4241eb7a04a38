"""Records of the corrections of a report by its author, as its issue keeps them."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from events.fields import TextRef


class ChangedFact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact of the report that its author corrected: what it was, and what it is."""

    field: str
    was: str | int | None = None
    now: str | int | None = None


class ChangedText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A text of the report that its author corrected; both can be erased."""

    field: str
    was: TextRef | None = None
    now: TextRef | None = None


class Amended(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One correction of the report by its author.

    Attributes:
        id: of the event.
        answers: the escalation whose draft waited for this correction, if one did.
    """

    id: UUID
    at: dt.datetime
    actor_role: str | None = None
    actor_unit: str | None = None
    facts: tuple[ChangedFact, ...] = ()
    texts: tuple[ChangedText, ...] = ()
    note: TextRef | None = None
    answers: UUID | None = None
