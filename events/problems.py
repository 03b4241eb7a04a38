"""The family `problem.*`: one cause shared by several issues, with one answer for all of them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from events.envelope import Envelope
from events.fields import (
    CommuneCode,
    Count,
    Document,
    LocalDate,
    Payload,
    ProvinceCode,
    Slug,
    TextRef,
    UuidSubject,
)

ProblemScope = Annotated[str, Field(pattern=r"^([0-9]{2}|vn)$")]
"""The scope of a problem: the communes of one province, or of any province (`vn`)."""

ProblemAnswerKind = Literal["solved", "guidance", "waiting_resources", "refused"]
"""Answers that fit all members at once; a wrong lead is corrected by joining and unjoining instead."""


class Opening(Payload):
    """What is thought to be the common cause, and which body answers for it."""

    scope: ProblemScope
    kind: Slug
    lead_body: Slug
    title: TextRef


class Naming(Payload):
    """Another title."""

    title: TextRef


class Membership(Payload):
    """That an issue belongs to a problem; `joined_by` is the id of the event that said so in the issue's own log.

    `by_unit` is the unit of the person who joined it: a problem of a province takes only what its province joins.
    """

    issue_id: UUID
    joined_by: UUID
    unit_code: CommuneCode
    province_code: ProvinceCode
    by_unit: ProblemScope


class MembershipEnd(Payload):
    """That an issue belongs to a problem no longer."""

    issue_id: UUID
    joined_by: UUID


class CommonAnswer(Payload):
    """One answer for all members; each commune confirms it for its own place."""

    answer_kind: ProblemAnswerKind
    text: TextRef | None = None
    document: Document | None = None
    expected_on: LocalDate | None = None

    @model_validator(mode="after")
    def _waiting_names_a_day(self) -> CommonAnswer:
        if self.answer_kind == "waiting_resources" and self.expected_on is None:
            raise ValueError("waiting_resources needs expected_on")
        return self


class Retraction(Payload):
    """Why a problem was none; its members go back to where they were."""

    reason: TextRef


class Conclusion(Payload):
    """That nothing more is to be done on a problem, with the counts that whoever closed it saw."""

    member_count: Count
    confirmed_count: Count
    note: TextRef | None = None


class ProblemEvent(Envelope):
    """An event about one problem; `subject` and partition key are the problem's id."""

    subject: UuidSubject


class ProblemOpened(ProblemEvent):
    """Somebody thinks that several issues have one cause."""

    type: Literal["problem.opened"] = "problem.opened"
    dataschema: Literal["urn:liencap:problem.opened:1"] = "urn:liencap:problem.opened:1"
    data: Opening


class ProblemRenamed(ProblemEvent):
    """It gets another title."""

    type: Literal["problem.renamed"] = "problem.renamed"
    dataschema: Literal["urn:liencap:problem.renamed:1"] = "urn:liencap:problem.renamed:1"
    data: Naming


class ProblemMemberAdded(ProblemEvent):
    """An issue was joined to it."""

    type: Literal["problem.member_added"] = "problem.member_added"
    dataschema: Literal["urn:liencap:problem.member_added:1"] = "urn:liencap:problem.member_added:1"
    data: Membership


class ProblemMemberRemoved(ProblemEvent):
    """An issue was unjoined from it."""

    type: Literal["problem.member_removed"] = "problem.member_removed"
    dataschema: Literal["urn:liencap:problem.member_removed:1"] = "urn:liencap:problem.member_removed:1"
    data: MembershipEnd


class ProblemAnswered(ProblemEvent):
    """The lead body answers for all members at once."""

    type: Literal["problem.answered"] = "problem.answered"
    dataschema: Literal["urn:liencap:problem.answered:1"] = "urn:liencap:problem.answered:1"
    data: CommonAnswer


class ProblemWithdrawn(ProblemEvent):
    """It was opened in error."""

    type: Literal["problem.withdrawn"] = "problem.withdrawn"
    dataschema: Literal["urn:liencap:problem.withdrawn:1"] = "urn:liencap:problem.withdrawn:1"
    data: Retraction


class ProblemClosed(ProblemEvent):
    """Nothing more is to be done on it; its members end by themselves, each where its commune says so."""

    type: Literal["problem.closed"] = "problem.closed"
    dataschema: Literal["urn:liencap:problem.closed:1"] = "urn:liencap:problem.closed:1"
    data: Conclusion


PROBLEM_EVENTS: tuple[type[ProblemEvent], ...] = (
    ProblemOpened,
    ProblemRenamed,
    ProblemMemberAdded,
    ProblemMemberRemoved,
    ProblemAnswered,
    ProblemWithdrawn,
    ProblemClosed,
)
