"""Escalations, for the JSON API and for pages; with their issue they are in queue_schemas.py."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from events.fields import AnswerKind, Level
from services.web.issues.clock_schemas import ClockView
from services.web.shell.document_schemas import AnswerView, DocumentView, TextView
from services.web.shell.schemas import Answer


class HandOff(Answer):
    """Members of every view of an escalation; `version` is that of its issue, and acts send it back."""

    id: UUID
    issue_id: UUID
    parent_id: UUID | None
    replaces_id: UUID | None
    state: str
    state_label: str
    version: int
    from_body: str
    from_name: str | None
    lead_body: str
    lead_name: str | None
    level: Level
    trigger: str
    trigger_label: str
    formal: bool
    basis: str | None
    proposed_body: str | None
    proposed_name: str | None
    on_behalf_of: str | None
    awaits_office_since: dt.datetime | None
    answer_kind: AnswerKind | None
    proposed_at: dt.datetime
    sent_at: dt.datetime | None
    answered_at: dt.datetime | None
    due: ClockView | None
    allowed: list[str]


class EscalationView(HandOff):
    """One whole escalation, inside its issue."""

    question: TextView | None
    document: DocumentView | None
    answer: AnswerView | None
    return_reason: TextView | None
    correction_reason: TextView | None
