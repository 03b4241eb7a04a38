"""Common problems as the JSON API answers them and as pages show them."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

from events.fields import AnswerKind
from services.web.issues.schemas import IssueLine
from services.web.shell.document_schemas import AnswerView
from services.web.shell.schemas import Answer


class ProblemCounts(Answer):
    """Members of a problem, and apart from each other what came of its answer at their places."""

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
    """One answer of a problem, with its number and the body that gave it."""

    id: UUID
    number: int
    body: str
    body_name: str | None


class MemberView(IssueLine):
    """An issue that belongs to a problem; `mark` says how far the answer has come at its place."""

    mark: str
    mark_label: str
    found_by: str | None


class ProblemView(ProblemLine):
    """One problem whole: its answers, and those of its members that the reader may read."""

    answers: list[ProblemAnswerView]
    members: list[MemberView]


class ProblemAfterAct(ProblemView):
    """The problem as it is after an act, with the id of the act's event."""

    event_id: UUID


class QueuedProblem(Answer):
    """The act is recorded durably and cannot be seen yet: ask for the problem in a moment."""

    state: Literal["queued"] = "queued"
    event_id: UUID
    id: UUID


class SuggestionView(Answer):
    """An open issue that may have the problem's cause, and what speaks for it; `likeness` is in percent."""

    issue: IssueLine
    found_by: Literal["key", "likeness"]
    likeness: int
    days_apart: int
    reason: str


class ProblemList(Answer):
    """The problems that the reader may read, the latest change first."""

    items: list[ProblemLine]


class SuggestionList(Answer):
    """What may be joined, the likeliest first; a person joins it or not."""

    items: list[SuggestionView]
