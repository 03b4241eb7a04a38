"""A notice: what it names, to whom it goes, and its id, which follows from its cause.

It names an event, the kind of difficulty and the unit; it never carries a text.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal, get_args
from uuid import UUID, uuid5

from events.envelope import Envelope, Role

Template = Literal[
    "approval_wanted",
    "correction_wanted",
    "document_wanted",
    "arrived",
    "returned",
    "lead_wanted",
    "answered",
    "confirmation_wanted",
    "disputed",
    "reminded",
    "withdrawn",
    "report_corrected",
    "suppressed",
    "released",
    "paused",
    "resumed",
    "reminder",
    "warning",
    "reminder_passed",
    "overdue",
    "signal",
    "source_silent",
    "source_recovered",
    "fault_confirmed",
    "fault_cleared",
    "promise_made",
    "promise_moved",
    "promise_missed",
    "promise_closed",
    "promise_reopened",
    "promise_asked_again",
    "filing_wanted",
    "filing_passed",
    "filings_missing",
    "sum_wanted",
    "sum_passed",
]
"""The template of a notice; its words are labels. `reminder_passed` is for a mark of source `default`."""

TEMPLATES: tuple[Template, ...] = get_args(Template)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A body, and the notified roles in it; no roles stand for everybody there."""

    body: str
    roles: tuple[Role, ...] = ()

    @property
    def key(self) -> str:
        """Return the recipient's part of the id of a notice."""
        return f"{self.body}:{','.join(self.roles)}"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice of one cause to one recipient.

    Attributes:
        cause: the id of the event.
        urgent: sent in quiet hours too.
        unit_code: the commune concerned.
        spot_id: the entry in the register of promises, for a notice of that register.
        detail: the answer, clock, gap or period, where the template needs one.
    """

    id: UUID
    cause: UUID
    template: Template
    recipient: Recipient
    urgent: bool
    occurred_at: dt.datetime
    unit_code: str
    kind: str | None = None
    issue_id: UUID | None = None
    escalation_id: UUID | None = None
    spot_id: UUID | None = None
    detail: str | None = None


def notice_of(
    event: Envelope, template: Template, recipient: Recipient, *, urgent: bool = False, **about: Any
) -> Notice:
    """Return a notice of an event; its id is derived, so a recipient gets each template of a cause once.

    Args:
        about: further members of the notice.
    """
    return Notice(
        id=uuid5(event.id, f"{recipient.key}:{template}"),
        cause=event.id,
        template=template,
        recipient=recipient,
        urgent=urgent,
        occurred_at=event.recorded_at,
        **about,
    )


def speakers_of(event: Envelope) -> frozenset[str | None]:
    """Return the bodies that need no notice of an event, because they caused it."""
    return frozenset((event.actor_body, f"{event.actor_unit}.ubnd"))
