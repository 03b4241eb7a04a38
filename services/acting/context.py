"""The context from which the content of an act is built: the issue, the request, the dated tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from events.envelope import Envelope
from events.fields import Document, Payload, TextRef
from reporting.dated.bodies import NATION
from reporting.dated.calendar import local_day
from reporting.issues.state import Escalation, IssueState
from services.access.actors import Actor
from services.acting.inputs import ActInput, DocumentedInput, DocumentInput
from services.acting.texts import Put, document_of, issuer_of
from services.dated_tables import DatedTables
from services.errors import BadInput

Content = tuple[type[Envelope], Payload]


@dataclass(frozen=True, slots=True)
class ActContext:
    """The issue as its actor sees it, the request, the text store, the dated tables and the instant of an act.

    Attributes:
        erased: texts of the report, read for a correction, whose words were erased.
    """

    state: IssueState
    actor: Actor
    sent: ActInput
    put: Put
    tables: DatedTables
    event_id: UUID
    at: dt.datetime
    erased: frozenset[UUID] = frozenset()

    @property
    def on(self) -> dt.date:
        """Return the local day of the act."""
        return local_day(self.at)

    @property
    def acting_body(self) -> str | None:
        """Return the acting body: the one on whose behalf it is recorded, or the actor's own."""
        return self.sent.on_behalf_of or self.actor.body

    def text(self, purpose: str, *fields: Literal["reason", "text"]) -> TextRef | None:
        """Store the first filled field of the request as a text, and return its reference."""
        for field in fields:
            words: str | None = getattr(self.sent, field)
            if words is not None:
                return self.put(words, purpose)
        return None

    def note(self) -> TextRef | None:
        """Store a note sent with an act that needs no text, so that no words are dropped."""
        return self.text("note", "reason", "text")


def reason(context: ActContext) -> TextRef:
    """Store the reason of an act, and return its reference.

    Raises:
        BadInput: the reason is missing.
    """
    kept = context.text("reason", "reason", "text")
    if kept is None:
        raise BadInput("say why: this act needs a reason", field="reason", error_key="missing")
    return kept


def document(context: ActContext, sent: DocumentInput, usual_issuer: str) -> Document:
    """Build the official document of an act.

    Raises:
        BadInput: a member is invalid, or the issuer is not in the table of bodies.
    """
    state, bodies = context.state, context.tables.bodies
    near = (state.unit_code, state.province_code, NATION)
    issuer = usual_issuer if sent.issuer is None else issuer_of(sent.issuer, near, bodies)
    return document_of(sent, issuer, context.put)


def document_if_sent(context: ActContext, sent: DocumentedInput, about: Escalation) -> Document | None:
    """Build the optional document of an act, if one was sent; its usual issuer is the acting body.

    Raises:
        BadInput: as for `document`.
    """
    if sent.document is None:
        return None
    return document(context, sent.document, context.acting_body or about.lead_body)


def known_body(context: ActContext, body: str, field: str) -> None:
    """Check that the table of bodies has a body.

    Raises:
        BadInput: the table has no such body; the error names the field.
    """
    if not context.tables.bodies.knows(body):
        raise BadInput(f"there is no body {body!r}; GET /api/v1/bodies?unit= lists them", field=field)
