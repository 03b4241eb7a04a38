"""Issues, for the JSON API and for pages."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

from events.fields import DaysKind, DeadlineSource, Lane, Level, PlaceType, Severity, TriedStep
from events.issues import Finding, IntakeChannel
from services.web.issues.clock_schemas import ClockView
from services.web.issues.escalation_schemas import EscalationView
from services.web.shell.document_schemas import AnswerView, DocumentView, TextView
from services.web.shell.schemas import Answer, Named


class SignalView(Answer):
    """A threshold that was reached, in a sentence and in numbers."""

    trigger: str
    label: str
    unit_code: str | None
    measured_count: int
    threshold_count: int
    measure: str
    at: dt.datetime


class IssueLine(Answer):
    """One issue as a line of a list. `holder` and `holder_body` are the same body.

    `headline` is its place and the first words of what the difficulty is, `asked_for` the first words of what is asked
    for: null where nothing was written, or where it was erased.
    """

    id: UUID
    unit_code: str
    unit_name: str
    province_code: str
    kind: str
    kind_label: str
    severity: Severity
    severity_label: str
    headline: str | None
    asked_for: str | None
    state: str
    state_label: str
    version: int
    lane: Lane | None
    lane_label: str | None
    level: Level | None
    holder: str | None
    holder_body: str | None
    holder_name: str | None
    reported_at: dt.datetime
    updated_at: dt.datetime
    occurred_at: dt.datetime | None
    people_affected: int | None
    cases_blocked: int | None
    cases_overdue: int | None
    bounce_count: int
    signals: list[SignalView]
    amount_dong: int | None
    place_type: PlaceType | None
    place_type_label: str | None
    tried_step: TriedStep | None
    tried_step_label: str | None
    intake_channel: IntakeChannel
    due: ClockView | None
    allowed: list[str]


class CommonAnswerView(AnswerView):
    """The answer that an issue got from its problem, with the answering body."""

    body: str | None
    body_name: str | None


class JoinedView(Answer):
    """The problem that an issue belongs to, and the answer that the issue got from it."""

    id: UUID
    title: str | None
    state: str | None
    scope: str | None
    joined_at: dt.datetime
    found_by: str
    decision: str | None
    answer: CommonAnswerView | None


class ExplanationView(Answer):
    """Why an issue lies with its holder: the row of the dated table of competence, in two languages."""

    vi: str
    en: str
    beyond_commune: bool
    lead_body: str | None
    lead_name: str | None
    other_bodies: list[Named]
    ministry_body: str | None
    ministry_name: str | None
    basis: str | None
    confidence: Literal["high", "med", "low"] | None
    approved_by: str | None
    row_id: str | None
    table_version: str
    finding: Finding | None
    response_days: int | None
    days_kind: DaysKind
    deadline_source: DeadlineSource


class TimelineEntry(Answer):
    """One accepted act, with its actor and its text."""

    event_id: UUID
    at: dt.datetime
    recorded_at: dt.datetime
    event: str
    label: str
    escalation_id: UUID | None
    to_name: str | None
    actor_role: str | None
    actor_label: str | None
    actor_unit: str | None
    actor_body: str | None
    actor_name: str | None
    on_behalf_of: str | None
    on_behalf_name: str | None
    text: str | None
    erased: bool
    document: DocumentView | None


class RefusedAct(Answer):
    """One refused act, with its reason."""

    event_id: UUID
    event: str
    reason: str | None
    reason_label: str
    actor_role: str | None
    actor_unit: str | None
    at: dt.datetime


class SuppressionView(Answer):
    """A confirmed fault elsewhere that an issue waits for."""

    fault_issue_id: UUID
    kind: str
    kind_label: str
    since: dt.datetime


class FaultView(Answer):
    """The fault that an issue was confirmed to be, with its area."""

    id: UUID
    unit_codes: list[str]
    unit_names: list[str]
    began_at: dt.datetime
    confirmed_at: dt.datetime


class HeldHours(Answer):
    """The office hours for which a body had the next step."""

    body: str | None
    name: str | None
    running_hours: float
    paused_hours: float


class CorrectionView(Answer):
    """A corrected instant: `said_at` was sent, `counted_at` counts."""

    kind: str
    label: str
    event_id: UUID
    event_label: str
    said_at: dt.datetime
    counted_at: dt.datetime


class ReplacedTextView(Answer):
    """A text of the report that a correction replaced."""

    field: str
    text: TextView
    until: dt.datetime


class ChangeView(Answer):
    """One field of the report that a correction changed; a text stands under `was_text` and `now_text`."""

    field: str
    was: str | int | None
    now: str | int | None
    was_text: TextView | None
    now_text: TextView | None


class AmendmentView(Answer):
    """One correction of the report by its author: when, in which role, and each field as it was and is."""

    event_id: UUID
    at: dt.datetime
    actor_role: str | None
    actor_role_label: str | None
    actor_unit_name: str | None
    note: TextView | None
    changes: list[ChangeView]


class IssueView(IssueLine):
    """One whole issue: explanation, escalations, deadlines, timeline, refused acts."""

    place: TextView | None
    content: TextView | None
    request: TextView | None
    tried: TextView | None
    replaced: list[ReplacedTextView]
    amended: list[AmendmentView]
    explanation: ExplanationView | None
    problem: JoinedView | None
    escalations: list[EscalationView]
    clocks: list[ClockView]
    timeline: list[TimelineEntry]
    rejected: list[RefusedAct]
    suppressions: list[SuppressionView]
    fault: FaultView | None
    ledger: list[HeldHours]
    corrections: list[CorrectionView]
    closed_reason: str | None
    ended_at: dt.datetime | None


class IssueAfterAct(IssueView):
    """The issue after an act, with the id of the act's event."""

    event_id: UUID


class IssuePage(Answer):
    """One page of issues; `next` is the cursor of the following page, null on the last."""

    items: list[IssueLine]
    next: str | None
