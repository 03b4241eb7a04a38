"""Request bodies of acts on an issue, an escalation or a problem: one model for each act, checked for shape only.

Required contents are checked where the act is built, so that a refusal by role or state comes first, and a missing
field is named in a sentence.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeVar
from uuid import UUID

from pydantic import AliasChoices, AwareDatetime, BeforeValidator, Field

from events.fields import AnswerKind, Count, Dong, LocalDate, PlaceType, Severity, Slug, TriedStep, UnitCode
from events.issues import REPORT_FACTS, REPORT_TEXTS
from events.problems import ProblemAnswerKind
from services.acting.inputs import ActInput, Capacity, DocumentedInput, Title
from services.intake.issue_input import LONGEST_SAYING, LONGEST_TEXT

IssueAct = Literal["amend", "confirm", "dispute", "withdraw", "close", "propose", "join", "unjoin"]
EscalationAct = Literal[
    "approve",
    "ask_correction",
    "correct",
    "send",
    "acknowledge",
    "accept",
    "return",
    "answer",
    "escalate",
    "arbitrate",
    "remind",
    "withdraw",
    "pause",
    "resume",
    "confirm_fault",
    "clear_fault",
]
ProblemAct = Literal["rename", "answer", "withdraw", "close"]


def _listed(value: object) -> object:
    """Split the one field that a form sends for a list, at commas or blanks."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _number(value: object) -> object:
    """Read a whole number that a form sends as text."""
    plain = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER
    return int(value) if plain and isinstance(value, str) else value


LONGEST_NUMBER = 15
Saying = Annotated[str, Field(min_length=1, max_length=LONGEST_SAYING)]

_OF_ISSUES = frozenset(
    {
        *("kind", "answer_kind", "expected_on", "proposed_body", "lead_body", "document", "capacity"),
        *REPORT_TEXTS,
        *REPORT_FACTS,
        *("pause_reason", "pause_id", "problem", "found_by", "likeness", "units", "began_at"),
    }
)
_OF_PROBLEMS = frozenset({"title", "kind", "answer_kind", "expected_on", "document"})


class IssueActInput(ActInput):
    """Base of the acts on an issue."""

    other_acts_take: ClassVar[frozenset[str]] = _OF_ISSUES
    act: ClassVar[IssueAct]


HowMany = Annotated[Count, BeforeValidator(_number)]


class AmendInput(IssueActInput):
    """The report as it shall stand, while nobody has acknowledged it; what is not sent stays as it was.

    Attributes:
        place, content, request, tried: its texts.
    """

    act: ClassVar[IssueAct] = "amend"
    written: ClassVar[tuple[str, ...]] = ("reason", "text", *REPORT_TEXTS)
    severity: Severity | None = None
    place: Saying | None = None
    content: Saying | None = None
    request: Saying | None = None
    tried: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)] | None = None
    people_affected: HowMany | None = None
    cases_blocked: HowMany | None = None
    cases_overdue: HowMany | None = None
    amount_dong: Annotated[Dong, BeforeValidator(_number)] | None = None
    place_type: PlaceType | None = None
    tried_step: TriedStep | None = None


class ConfirmInput(IssueActInput):
    """The commune confirms that the answer solved the issue."""

    act: ClassVar[IssueAct] = "confirm"


class DisputeInput(IssueActInput):
    """The commune disputes that the answer solved the issue; needs a reason."""

    act: ClassVar[IssueAct] = "dispute"


class WithdrawIssueInput(IssueActInput):
    """The commune withdraws its report."""

    act: ClassVar[IssueAct] = "withdraw"


class CloseInput(IssueActInput):
    """The commune closes a refused issue, or one that it solved by itself."""

    act: ClassVar[IssueAct] = "close"


class ProposeInput(IssueActInput):
    """The commune proposes an issue that it could decide but lacks the means for; needs a reason.

    Attributes:
        lead_body: the body to lead; by default the one that the verdict names above the commune.
    """

    act: ClassVar[IssueAct] = "propose"
    lead_body: Slug | None = None


class JoinInput(IssueActInput):
    """The issue is joined to a problem with the same cause.

    Attributes:
        problem: id of the problem; required.
        found_by, likeness: the source of the suggestion, and the likeness of the texts in percent.
    """

    act: ClassVar[IssueAct] = "join"
    problem: UUID | None = None
    found_by: Literal["person", "key", "likeness"] = "person"
    likeness: Annotated[int, Field(ge=0, le=100)] | None = None


class UnjoinInput(IssueActInput):
    """The issue is taken out of a problem, having another cause; needs a reason.

    Attributes:
        problem: id of the problem; by default the one to which the issue belongs.
    """

    act: ClassVar[IssueAct] = "unjoin"
    problem: UUID | None = None


class EscalationActInput(ActInput):
    """Base of the acts on an escalation."""

    other_acts_take: ClassVar[frozenset[str]] = _OF_ISSUES
    act: ClassVar[EscalationAct]


class DocumentedEscalationInput(EscalationActInput, DocumentedInput):
    """Base of the acts on an escalation that may name an official document."""


class ApproveInput(EscalationActInput):
    """The leader approves a proposal; `capacity` is the capacity in which it will be signed."""

    act: ClassVar[EscalationAct] = "approve"
    capacity: Capacity = "direct"


class AskCorrectionInput(EscalationActInput):
    """The leader sends the draft back to be corrected; needs a reason."""

    act: ClassVar[EscalationAct] = "ask_correction"


class CorrectInput(EscalationActInput):
    """The words of the report as they shall stand; what is not sent stays, and nothing at all needs a reason why.

    Attributes:
        place, content, request, tried: the texts of the report.
    """

    act: ClassVar[EscalationAct] = "correct"
    written: ClassVar[tuple[str, ...]] = ("reason", "text", *REPORT_TEXTS)
    place: Saying | None = None
    content: Saying | None = None
    request: Saying | None = None
    tried: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)] | None = None


class SendInput(DocumentedEscalationInput):
    """The proposal was sent as an official document, which is required."""

    act: ClassVar[EscalationAct] = "send"


class AcknowledgeInput(EscalationActInput):
    """The lead body acknowledges receipt."""

    act: ClassVar[EscalationAct] = "acknowledge"


class AcceptInput(EscalationActInput):
    """The lead body accepts the escalation."""

    act: ClassVar[EscalationAct] = "accept"


class ReturnInput(EscalationActInput):
    """The lead body returns the escalation as outside its competence; needs a reason.

    Attributes:
        proposed_body: the body that should have it.
    """

    act: ClassVar[EscalationAct] = "return"
    proposed_body: Slug | None = None


class AnswerInput(DocumentedEscalationInput):
    """The lead body answers.

    Attributes:
        kind: kind of the answer; required.
        expected_on: local day on which resources are expected, for the kind `waiting_resources`.
    """

    act: ClassVar[EscalationAct] = "answer"
    kind: Annotated[AnswerKind | None, Field(validation_alias=AliasChoices("kind", "answer_kind"))] = None
    expected_on: LocalDate | None = None


class EscalateInput(EscalationActInput):
    """The province petitions a ministry.

    Attributes:
        lead_body: the ministry; by default the one that the verdict names.
    """

    act: ClassVar[EscalationAct] = "escalate"
    lead_body: Slug | None = None


class ArbitrateInput(EscalationActInput):
    """The provincial office names who leads.

    Attributes:
        lead_body: the body to lead; by default the one that was proposed.
    """

    act: ClassVar[EscalationAct] = "arbitrate"
    lead_body: Slug | None = None


class RemindInput(EscalationActInput):
    """The provincial office reminds the lead body of the step that it awaits."""

    act: ClassVar[EscalationAct] = "remind"


class WithdrawEscalationInput(EscalationActInput):
    """The sender withdraws the escalation."""

    act: ClassVar[EscalationAct] = "withdraw"


class PauseInput(DocumentedEscalationInput):
    """The deadlines of the escalation are paused.

    Attributes:
        pause_reason: key of pause_reasons.csv; required.
    """

    act: ClassVar[EscalationAct] = "pause"
    pause_reason: Slug | None = None


class ResumeInput(EscalationActInput):
    """A pause of the escalation ends.

    Attributes:
        pause_id: the pause that ends; required where several last.
    """

    act: ClassVar[EscalationAct] = "resume"
    pause_id: UUID | None = None


class ConfirmFaultInput(DocumentedEscalationInput):
    """The difficulty is confirmed as a fault on which others depend.

    Attributes:
        units: the affected communes; by default the reporting commune.
        began_at: when the fault began; by default the time of the report.
    """

    act: ClassVar[EscalationAct] = "confirm_fault"
    units: Annotated[
        Annotated[tuple[UnitCode, ...], Field(min_length=1, max_length=400)] | None, BeforeValidator(_listed)
    ] = None
    began_at: AwareDatetime | None = None


class ClearFaultInput(EscalationActInput):
    """The fault is repaired."""

    act: ClassVar[EscalationAct] = "clear_fault"


class ProblemActInput(ActInput):
    """Base of the acts on a problem."""

    other_acts_take: ClassVar[frozenset[str]] = _OF_PROBLEMS
    act: ClassVar[ProblemAct]


class RenameInput(ProblemActInput):
    """The problem is renamed; the new title is required."""

    act: ClassVar[ProblemAct] = "rename"
    title: Title | None = None


class AnswerAllInput(ProblemActInput, DocumentedInput):
    """The lead body answers once for all members.

    Attributes:
        kind: kind of the answer; required.
        expected_on: local day on which resources are expected, for the kind `waiting_resources`.
    """

    act: ClassVar[ProblemAct] = "answer"
    kind: Annotated[ProblemAnswerKind | None, Field(validation_alias=AliasChoices("kind", "answer_kind"))] = (
        None
    )
    expected_on: LocalDate | None = None


class WithdrawProblemInput(ProblemActInput):
    """The problem is withdrawn as opened by mistake; needs a reason."""

    act: ClassVar[ProblemAct] = "withdraw"


class CloseProblemInput(ProblemActInput):
    """The problem is closed; no more issues can be joined."""

    act: ClassVar[ProblemAct] = "close"


_Model = TypeVar("_Model", IssueActInput, EscalationActInput, ProblemActInput)


def _by_act(models: tuple[type[_Model], ...]) -> dict[str, type[_Model]]:
    return {model.act: model for model in models}


ISSUE_INPUTS: dict[str, type[IssueActInput]] = _by_act(
    (
        AmendInput,
        ConfirmInput,
        DisputeInput,
        WithdrawIssueInput,
        CloseInput,
        ProposeInput,
        JoinInput,
        UnjoinInput,
    )
)
ESCALATION_INPUTS: dict[str, type[EscalationActInput]] = _by_act(
    (
        ApproveInput,
        AskCorrectionInput,
        CorrectInput,
        SendInput,
        AcknowledgeInput,
        AcceptInput,
        ReturnInput,
        AnswerInput,
        EscalateInput,
        ArbitrateInput,
        RemindInput,
        WithdrawEscalationInput,
        PauseInput,
        ResumeInput,
        ConfirmFaultInput,
        ClearFaultInput,
    )
)
PROBLEM_INPUTS: dict[str, type[ProblemActInput]] = _by_act(
    (RenameInput, AnswerAllInput, WithdrawProblemInput, CloseProblemInput)
)
