"""The family `issue.*`: one difficulty that one commune reports, with the decisions and answers about it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID, uuid5

from pydantic import Field, model_validator

from events.envelope import Envelope
from events.fields import (
    CommuneCode,
    Count,
    DaysKind,
    DeadlineSource,
    Document,
    Dong,
    Instant,
    Lane,
    Level,
    LocalDate,
    Payload,
    PlaceType,
    Severity,
    Slug,
    TableVersion,
    TextRef,
    TriedStep,
    UuidSubject,
)
from events.problems import ProblemAnswerKind

REPORT_TEXTS = ("place", "content", "request", "tried")
"""The fields of a report that hold what somebody wrote; each names a text that can be erased."""
REPORT_FACTS = (
    *("severity", "people_affected", "cases_blocked", "cases_overdue"),
    *("amount_dong", "place_type", "tried_step"),
)
"""The fields of a report, beside its texts, that its author may correct."""
IntakeChannel = Literal["web", "api", "phone", "zalo", "paper", "import"]
Finding = Literal["row_missing", "row_expired", "body_missing"]


class IssueReport(Payload):
    """What the commune says. Its texts can be erased: place, `content`, `request`, what was tried.

    `content` says what the difficulty is and `request` what is asked for; reports of files and of earlier releases
    may lack them. `amount_dong`, `place_type` and `tried_step` are what competence may depend on beside kind and severity.
    """

    unit_code: CommuneCode
    kind: Slug
    severity: Severity
    occurred_at: Instant | None = None
    place: TextRef | None = None
    content: TextRef | None = None
    request: TextRef | None = None
    tried: TextRef | None = None
    people_affected: Count | None = None
    cases_blocked: Count | None = None
    cases_overdue: Count | None = None
    amount_dong: Dong | None = None
    place_type: PlaceType | None = None
    tried_step: TriedStep | None = None
    intake_channel: IntakeChannel = "api"


class ConsideredFacts(Payload):
    """What a verdict was reached on: the facts of the report that competence may depend on, and the local day."""

    kind: Slug
    severity: Severity
    assessed_on: LocalDate
    amount_dong: Dong | None = None
    people_affected: Count | None = None
    cases_blocked: Count | None = None
    place_type: PlaceType | None = None
    tried_step: TriedStep | None = None


class CompetenceVerdict(Payload):
    """Who is competent, on which row of the dated table; the fold reads this and never the table.

    `level` and `lead_body` say who decides. At level `commune` the first of `other_bodies` is the one that guides.
    `ministry_body` is whom the province would petition. `deciding_body` is named where the lead prepares or
    promises and another body decides. `row_version` tells two contents of one row apart.
    """

    finding: Finding | None = None
    lane: Lane
    level: Level
    beyond_commune: bool
    lead_body: Slug | None = None
    other_bodies: Annotated[tuple[Slug, ...], Field(max_length=20)] = ()
    deciding_body: Slug | None = None
    ministry_body: Slug | None = None
    row_id: Annotated[str, Field(max_length=160)] | None = None
    row_version: Annotated[str, Field(max_length=40)] | None = None
    approved_by: Annotated[str, Field(max_length=200)] | None = None
    facts: ConsideredFacts | None = None
    table_version: TableVersion
    basis: Annotated[str, Field(max_length=600)] | None = None
    confidence: Literal["high", "med", "low"] | None = None
    response_days: Annotated[int, Field(ge=0, le=400)] | None = None
    days_kind: DaysKind = "working"
    deadline_source: DeadlineSource = "default"
    explanation_vi: Annotated[str, Field(max_length=1500)]
    explanation_en: Annotated[str, Field(max_length=1500)]


class Statement(Payload):
    """Words of a person beside an act; the text itself can be erased."""

    text: TextRef | None = None


class Amendment(Payload):
    """What a report says from now on; a field that is absent stays as it was. `note` says why."""

    severity: Severity | None = None
    place: TextRef | None = None
    content: TextRef | None = None
    request: TextRef | None = None
    tried: TextRef | None = None
    people_affected: Count | None = None
    cases_blocked: Count | None = None
    cases_overdue: Count | None = None
    amount_dong: Dong | None = None
    place_type: PlaceType | None = None
    tried_step: TriedStep | None = None
    note: TextRef | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if all(getattr(self, name) is None for name in (*REPORT_TEXTS, *REPORT_FACTS)):
            raise ValueError("a correction names at least one field that changes")
        return self


class Closing(Payload):
    """Why an issue needs no more work."""

    reason_code: Literal["confirmed", "answered", "withdrawn", "outside", "resolved_by_commune"]
    note: TextRef | None = None


class Joining(Payload):
    """Which problem an issue is thought to be part of, and what made somebody think so.

    `found_by`: a person alone, or a suggestion by grouping key or by likeness of the texts that a person accepted.
    """

    problem_id: UUID
    found_by: Literal["person", "key", "likeness"] = "person"
    likeness: Annotated[int, Field(ge=0, le=100)] | None = None
    note: TextRef | None = None


class Unjoining(Payload):
    """Which problem an issue is no part of.

    `reason_code` is `by_hand` where a person says so; otherwise the problem was withdrawn, or does not take this issue,
    and `joined_by` names the membership that is meant.
    """

    problem_id: UUID
    joined_by: UUID | None = None
    reason_code: Literal["by_hand", "problem_withdrawn", "not_taken"] = "by_hand"
    reason: TextRef | None = None


class SharedAnswer(Payload):
    """The answer of a problem as one of its members gets it.

    `joined_by` names the membership that it is for: an issue that belongs to another problem by now, or to this one
    by another joining, ignores it. `number` counts the answers of the problem; an older one never follows a newer.
    """

    problem_id: UUID
    joined_by: UUID
    answer_id: UUID
    number: Annotated[int, Field(ge=1, le=10_000)]
    answer_kind: ProblemAnswerKind
    body: Slug
    answered_at: Instant
    text: TextRef | None = None
    document: Document | None = None
    expected_on: LocalDate | None = None


class IssueEvent(Envelope):
    """An event about one issue; `subject` and partition key are the issue's id."""

    subject: UuidSubject


class IssueReported(IssueEvent):
    """A commune reports a difficulty."""

    type: Literal["issue.reported"] = "issue.reported"
    dataschema: Literal["urn:liencap:issue.reported:3"] = "urn:liencap:issue.reported:3"
    data: IssueReport

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Read version 2, which says neither what the difficulty is nor what is asked for."""
        return data

    @model_validator(mode="after")
    def _speaks_for_its_unit(self) -> Self:
        # The fold takes the province from here and reads no table of units.
        if self.source.split("/")[3:4] != [self.data.unit_code]:
            raise ValueError(
                f"source must be /vn/<province>/{self.data.unit_code}, the feed of the reporting unit"
            )
        return self

    @property
    def province_code(self) -> str:
        """Return the province of the reporting unit, from the source of the event."""
        return self.source.split("/")[2]


class IssueCompetenceAssessed(IssueEvent):
    """It was decided on its date who is competent, and on which basis."""

    type: Literal["issue.competence_assessed"] = "issue.competence_assessed"
    dataschema: Literal["urn:liencap:issue.competence_assessed:2"] = "urn:liencap:issue.competence_assessed:2"
    data: CompetenceVerdict

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Read version 1, which has neither the facts nor the row version."""
        return data


class IssueCorrected(IssueEvent):
    """The commune corrects its own report, before anybody has acknowledged it."""

    type: Literal["issue.corrected"] = "issue.corrected"
    dataschema: Literal["urn:liencap:issue.corrected:1"] = "urn:liencap:issue.corrected:1"
    data: Amendment


class IssueConfirmed(IssueEvent):
    """The commune confirms that the answer holds at its place."""

    type: Literal["issue.confirmed"] = "issue.confirmed"
    dataschema: Literal["urn:liencap:issue.confirmed:1"] = "urn:liencap:issue.confirmed:1"
    data: Statement


class IssueDisputed(IssueEvent):
    """The commune asks for another look."""

    type: Literal["issue.disputed"] = "issue.disputed"
    dataschema: Literal["urn:liencap:issue.disputed:1"] = "urn:liencap:issue.disputed:1"
    data: Statement


class IssueWithdrawn(IssueEvent):
    """The commune takes the issue back."""

    type: Literal["issue.withdrawn"] = "issue.withdrawn"
    dataschema: Literal["urn:liencap:issue.withdrawn:1"] = "urn:liencap:issue.withdrawn:1"
    data: Statement


class IssueClosed(IssueEvent):
    """Nothing more is to be done."""

    type: Literal["issue.closed"] = "issue.closed"
    dataschema: Literal["urn:liencap:issue.closed:1"] = "urn:liencap:issue.closed:1"
    data: Closing


class IssueJoined(IssueEvent):
    """A person says that the issue has the cause of a problem."""

    type: Literal["issue.joined"] = "issue.joined"
    dataschema: Literal["urn:liencap:issue.joined:1"] = "urn:liencap:issue.joined:1"
    data: Joining


class IssueUnjoined(IssueEvent):
    """The issue has not the cause of the problem after all; it goes on from where it was."""

    type: Literal["issue.unjoined"] = "issue.unjoined"
    dataschema: Literal["urn:liencap:issue.unjoined:1"] = "urn:liencap:issue.unjoined:1"
    data: Unjoining


class IssueProblemAnswered(IssueEvent):
    """The problem that the issue belongs to was answered."""

    type: Literal["issue.problem_answered"] = "issue.problem_answered"
    dataschema: Literal["urn:liencap:issue.problem_answered:1"] = "urn:liencap:issue.problem_answered:1"
    data: SharedAnswer


ISSUE_EVENTS: tuple[type[IssueEvent], ...] = (
    IssueReported,
    IssueCompetenceAssessed,
    IssueCorrected,
    IssueConfirmed,
    IssueDisputed,
    IssueWithdrawn,
    IssueClosed,
    IssueJoined,
    IssueUnjoined,
    IssueProblemAnswered,
)


def report_event_id(issue_id: UUID) -> UUID:
    """Return the id of the event that reports an issue; a report that is sent again has the same id."""
    return uuid5(issue_id, "issue.reported")
