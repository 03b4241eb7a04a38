"""Deadlines and their pauses, for the JSON API and for pages."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from events.clocks import ClockName
from events.fields import DaysKind, DeadlineSource
from services.web.shell.document_schemas import DocumentView, TextView
from services.web.shell.schemas import Answer


class PauseView(Answer):
    """A time in which a deadline was paused; the pause lasts where `to_at` is null."""

    id: UUID
    reason: str
    reason_label: str
    from_at: dt.datetime
    to_at: dt.datetime | None
    note: TextView | None
    document: DocumentView | None


class ClockView(Answer):
    """A deadline; `mark` is its present state. A reminder mark is never overdue."""

    id: UUID
    clock: ClockName
    clock_label: str
    escalation_id: UUID | None
    holder_body: str
    holder_name: str | None
    state: str
    mark: str
    state_label: str
    is_reminder: bool
    started_at: dt.datetime
    due_at: dt.datetime
    stopped_at: dt.datetime | None
    days: int
    days_kind: DaysKind
    deadline_source: DeadlineSource
    deadline_source_label: str
    calendar_version: str
    remind_at: dt.datetime | None
    warn_at: dt.datetime | None
    pauses: list[PauseView]
