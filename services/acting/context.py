"""What the content of an act is built from: the issue as its actor sees it, what was sent, and the tables of the day."""

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
    """What an act stands on: the issue as its actor sees it, what was sent, where texts go, the dated tables, the instant."""

    state: IssueState
    actor: Actor
    sent: ActInput
    put: Put
    tables: DatedTables
    event_id: UUID
    at: dt.datetime

    @property
    def on(self) -> dt.date:
        """Return the local day."""
        return local_day(self.at)

    @property
    def acting_body(self) -> str | None:
        """Name the body that speaks: the one recorded for, or the actor's own."""
        return self.sent.on_behalf_of or self.actor.body

    def text(self, purpose: str, *fields: Literal["reason", "text"]) -> TextRef | None:
        """Keep the first of the fields that was filled."""
        for field in fields:
            words: str | None = getattr(self.sent, field)
            if words is not None:
                return self.put(words, purpose)
        return None

    def note(self) -> TextRef | None:
        """Keep what was added to an act that needs no words: what somebody wrote is not dropped."""
        return self.text("note", "reason", "text")


def reason(context: ActContext) -> TextRef:
    """Keep the reason of an act that needs one.

    Raises:
        BadInput: none was given.
    """
    kept = context.text("reason", "reason", "text")
    if kept is None:
        raise BadInput("say why: this act needs a reason", field="reason", error_key="missing")
    return kept


def document(context: ActContext, sent: DocumentInput, usual_issuer: str) -> Document:
    """Build the official document that an act names.

    Raises:
        BadInput: a member that no document can have, or an issuer that no table knows.
    """
    state, bodies = context.state, context.tables.bodies
    near = (state.unit_code, state.province_code, NATION)
    issuer = usual_issuer if sent.issuer is None else issuer_of(sent.issuer, near, bodies)
    return document_of(sent, issuer, context.put)


def document_if_sent(context: ActContext, sent: DocumentedInput, about: Escalation) -> Document | None:
    """Build the document of an act that may do without one; its usual issuer is the body that speaks.

    Raises:
        BadInput: as for `document`.
    """
    if sent.document is None:
        return None
    return document(context, sent.document, context.acting_body or about.lead_body)


def known_body(context: ActContext, body: str, field: str) -> None:
    """Pass a body that the table knows.

    Raises:
        BadInput: it knows none of that key.
    """
    if not context.tables.bodies.knows(body):
        raise BadInput(f"there is no body {body!r}; GET /api/v1/bodies?unit= lists them", field=field)
