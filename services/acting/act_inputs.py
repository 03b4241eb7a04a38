"""What people send to act on an issue, an escalation or a problem: one model for each act, checked for shape only.

Whether something that an act needs is there is decided where the act is built, so that a refusal by role or state
comes first, and says in words what is missing.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeVar
from uuid import UUID

from pydantic import AliasChoices, AwareDatetime, BeforeValidator, Field

from events.fields import AnswerKind, LocalDate, Slug, UnitCode
from events.issues import REPORT_TEXTS
from events.problems import ProblemAnswerKind
from services.acting.inputs import ActInput, Capacity, DocumentedInput, Title
from services.intake.issue_input import LONGEST_SAYING, LONGEST_TEXT

IssueAct = Literal["confirm", "dispute", "withdraw", "close", "propose", "join", "unjoin"]
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
    "withdraw",
    "pause",
    "resume",
    "confirm_fault",
    "clear_fault",
]
ProblemAct = Literal["rename", "answer", "withdraw", "close"]


def _listed(value: object) -> object:
    """Read a list as a form sends it: one field, its parts apart by commas or blanks."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


Saying = Annotated[str, Field(min_length=1, max_length=LONGEST_SAYING)]

_OF_ISSUES = frozenset(
    {
        *("kind", "answer_kind", "expected_on", "proposed_body", "lead_body", "document", "capacity"),
        *REPORT_TEXTS,
        *("pause_reason", "pause_id", "problem", "found_by", "likeness", "units", "began_at"),
    }
)
_OF_PROBLEMS = frozenset({"title", "kind", "answer_kind", "expected_on", "document"})


class IssueActInput(ActInput):
    """What an act on an issue may carry; each act is a model of its own."""

    other_acts_take: ClassVar[frozenset[str]] = _OF_ISSUES
    act: ClassVar[IssueAct]


class ConfirmInput(IssueActInput):
    """The commune says that the answer solved it."""

    act: ClassVar[IssueAct] = "confirm"


class DisputeInput(IssueActInput):
    """The commune says that the answer did not solve it; needs a reason."""

    act: ClassVar[IssueAct] = "dispute"


class WithdrawIssueInput(IssueActInput):
    """The commune takes its report back."""

    act: ClassVar[IssueAct] = "withdraw"


class CloseInput(IssueActInput):
    """The commune closes what was refused, or what it solved by itself."""

    act: ClassVar[IssueAct] = "close"


class ProposeInput(IssueActInput):
    """The commune proposes what it could decide and has not the means for; needs a reason.

    Attributes:
        lead_body: who shall lead; the body that the verdict names above the commune where it is not said.
    """

    act: ClassVar[IssueAct] = "propose"
    lead_body: Slug | None = None


class JoinInput(IssueActInput):
    """The issue has the cause of a problem.

    Attributes:
        problem: which problem; needed.
        found_by, likeness: what suggested it, and how alike the texts were, in percent.
    """

    act: ClassVar[IssueAct] = "join"
    problem: UUID | None = None
    found_by: Literal["person", "key", "likeness"] = "person"
    likeness: Annotated[int, Field(ge=0, le=100)] | None = None


class UnjoinInput(IssueActInput):
    """The issue has another cause after all; needs a reason.

    Attributes:
        problem: which problem it is taken out of; the one that it belongs to where it is not said.
    """

    act: ClassVar[IssueAct] = "unjoin"
    problem: UUID | None = None


class EscalationActInput(ActInput):
    """What an act on an escalation may carry; each act is a model of its own."""

    other_acts_take: ClassVar[frozenset[str]] = _OF_ISSUES
    act: ClassVar[EscalationAct]


class DocumentedEscalationInput(EscalationActInput, DocumentedInput):
    """What an act on an escalation may carry that may name an official document."""


class ApproveInput(EscalationActInput):
    """The leader lets a proposal go; `capacity` says how it will be signed."""

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
    """The proposal went out as an official document, which it needs."""

    act: ClassVar[EscalationAct] = "send"


class AcknowledgeInput(EscalationActInput):
    """The lead body has it."""

    act: ClassVar[EscalationAct] = "acknowledge"


class AcceptInput(EscalationActInput):
    """The lead body takes it on."""

    act: ClassVar[EscalationAct] = "accept"


class ReturnInput(EscalationActInput):
    """The lead body sends it back as not its own; needs a reason.

    Attributes:
        proposed_body: who should have it.
    """

    act: ClassVar[EscalationAct] = "return"
    proposed_body: Slug | None = None


class AnswerInput(DocumentedEscalationInput):
    """The lead body answers.

    Attributes:
        kind: what kind of answer it is; needed.
        expected_on: the day that an answer `waiting_resources` names.
    """

    act: ClassVar[EscalationAct] = "answer"
    kind: Annotated[AnswerKind | None, Field(validation_alias=AliasChoices("kind", "answer_kind"))] = None
    expected_on: LocalDate | None = None


class EscalateInput(EscalationActInput):
    """The province petitions a ministry.

    Attributes:
        lead_body: which one; the one that the verdict names where it is not said.
    """

    act: ClassVar[EscalationAct] = "escalate"
    lead_body: Slug | None = None


class ArbitrateInput(EscalationActInput):
    """The provincial office names who leads.

    Attributes:
        lead_body: who shall lead; the body that was proposed where it is not said.
    """

    act: ClassVar[EscalationAct] = "arbitrate"
    lead_body: Slug | None = None


class WithdrawEscalationInput(EscalationActInput):
    """Its sender takes it back."""

    act: ClassVar[EscalationAct] = "withdraw"


class PauseInput(DocumentedEscalationInput):
    """Its deadlines stand still.

    Attributes:
        pause_reason: why, a key of pause_reasons.csv; needed.
    """

    act: ClassVar[EscalationAct] = "pause"
    pause_reason: Slug | None = None


class ResumeInput(EscalationActInput):
    """Its deadlines run again.

    Attributes:
        pause_id: which pause ends; needed where several last.
    """

    act: ClassVar[EscalationAct] = "resume"
    pause_id: UUID | None = None


class ConfirmFaultInput(DocumentedEscalationInput):
    """It is a fault on which others depend.

    Attributes:
        units: where it is felt; the reporting commune where it is not said.
        began_at: since when; since the report where it is not said.
    """

    act: ClassVar[EscalationAct] = "confirm_fault"
    units: Annotated[
        Annotated[tuple[UnitCode, ...], Field(min_length=1, max_length=400)] | None, BeforeValidator(_listed)
    ] = None
    began_at: AwareDatetime | None = None


class ClearFaultInput(EscalationActInput):
    """The fault is mended."""

    act: ClassVar[EscalationAct] = "clear_fault"


class ProblemActInput(ActInput):
    """What an act on a problem may carry; each act is a model of its own."""

    other_acts_take: ClassVar[frozenset[str]] = _OF_PROBLEMS
    act: ClassVar[ProblemAct]


class RenameInput(ProblemActInput):
    """The problem gets another name, which it needs."""

    act: ClassVar[ProblemAct] = "rename"
    title: Title | None = None


class AnswerAllInput(ProblemActInput, DocumentedInput):
    """The lead body answers once for all members.

    Attributes:
        kind: what kind of answer it is; needed.
        expected_on: the day that an answer `waiting_resources` names.
    """

    act: ClassVar[ProblemAct] = "answer"
    kind: Annotated[ProblemAnswerKind | None, Field(validation_alias=AliasChoices("kind", "answer_kind"))] = (
        None
    )
    expected_on: LocalDate | None = None


class WithdrawProblemInput(ProblemActInput):
    """It is no problem after all; needs a reason."""

    act: ClassVar[ProblemAct] = "withdraw"


class CloseProblemInput(ProblemActInput):
    """Nothing more is joined to it."""

    act: ClassVar[ProblemAct] = "close"


_Model = TypeVar("_Model", IssueActInput, EscalationActInput, ProblemActInput)


def _by_act(models: tuple[type[_Model], ...]) -> dict[str, type[_Model]]:
    return {model.act: model for model in models}


ISSUE_INPUTS: dict[str, type[IssueActInput]] = _by_act(
    (ConfirmInput, DisputeInput, WithdrawIssueInput, CloseInput, ProposeInput, JoinInput, UnjoinInput)
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
