"""Texts, official documents and answers, for the JSON API and for pages."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

from events.fields import AnswerKind, SigningCapacity
from services.web.shell.schemas import Answer


class TextView(Answer):
    """A written text; `erased` is true where it was erased for good."""

    id: UUID
    text: str | None
    erased: bool


class DocumentView(Answer):
    """An official document; `date` and `issued_on` are the same day."""

    kind: Literal["report", "proposal", "official_letter", "decision", "plan", "notice", "other"]
    kind_label: str
    number: str
    date: dt.date
    issued_on: dt.date
    issuer: str
    issuer_name: str | None
    capacity: SigningCapacity
    urgency: Literal["normal", "urgent", "very_urgent"]
    signer: str | None


class AnswerView(Answer):
    """An answer to an issue, given by its own body or by its problem."""

    kind: AnswerKind
    kind_label: str
    text: str | None
    erased: bool
    document: DocumentView | None
    expected_on: dt.date | None
    on_behalf_of: str | None
    at: dt.datetime
