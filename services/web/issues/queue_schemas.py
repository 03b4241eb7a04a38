"""Escalations with the line of their issue, for queues and for the answers to acts."""

from __future__ import annotations

from uuid import UUID

from services.web.issues.escalation_schemas import EscalationView, HandOff
from services.web.issues.schemas import IssueLine
from services.web.shell.schemas import Answer


class EscalationLine(HandOff):
    """One escalation as a line of a queue, with what its issue is about."""

    issue: IssueLine


class EscalationWithIssue(EscalationView):
    """One whole escalation, with the line of its issue."""

    issue: IssueLine


class EscalationAfterAct(EscalationWithIssue):
    """The escalation after an act, or the escalation that the act began."""

    event_id: UUID


class EscalationPage(Answer):
    """One page of escalations; `next` as for issues."""

    items: list[EscalationLine]
    next: str | None
