"""Common problems, for the JSON API and for pages."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

from events.fields import AnswerKind
from services.web.issues.schemas import IssueLine
from services.web.shell.document_schemas import AnswerView
from services.web.shell.schemas import Answer


class ProblemCounts(Answer):
    """Counts of a problem's members, by how far its answer has come at each."""

    member_count: int = 0
    answered_count: int = 0
    claimed_count: int = 0
    confirmed_count: int = 0
    disputed_count: int = 0
    unit_count: int = 0
    province_count: int = 0


class ProblemLine(Answer):
    """One problem as a line of a list, with its counts; `title` is null where it was erased."""

    id: UUID
    title: str | None
    erased: bool
    scope: str
    scope_name: str
    kind: str
    kind_label: str
    lead_body: str
    lead_name: str | None
    state: str
    state_label: str
    version: int
    opened_at: dt.datetime
    updated_at: dt.datetime
    answered_at: dt.datetime | None
    answer_kind: AnswerKind | None
    counts: ProblemCounts
    allowed: list[str]


class ProblemAnswerView(AnswerView):
    """One answer of a problem, with its number and the answering body."""

    id: UUID
    number: int
    body: str
    body_name: str | None


class MemberView(IssueLine):
    """A member issue of a problem; `mark` is how far the answer has come at its commune."""

    mark: str
    mark_label: str
    found_by: str | None


class ProblemView(ProblemLine):
    """One whole problem: its answers, and the members that the reader may read."""

    answers: list[ProblemAnswerView]
    members: list[MemberView]


class ProblemAfterAct(ProblemView):
    """The problem after an act, with the id of the act's event."""

    event_id: UUID


class QueuedProblem(Answer):
    """The act is recorded durably and not folded yet; read the problem again in a moment."""

    state: Literal["queued"] = "queued"
    event_id: UUID
    id: UUID


class SuggestionView(Answer):
    """An open issue that may have the problem's cause, with the reasons; `likeness` is in percent."""

    issue: IssueLine
    found_by: Literal["key", "likeness"]
    likeness: int
    days_apart: int
    reason: str


class ProblemList(Answer):
    """A page of the problems that the reader may read, the latest opened first; `next` is null on the last page."""

    items: list[ProblemLine]
    next: str | None


class SuggestionList(Answer):
    """The issues that may be joined, the likeliest first; joining is a person's act."""

    items: list[SuggestionView]
