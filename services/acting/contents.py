"""From what a person sends with an act to the content of its event; one small builder per act."""

from __future__ import annotations

from functools import singledispatch
from typing import Literal, get_args
from uuid import uuid5

from events import escalations, issues
from events.fields import TextRef
from events.issues import REPORT_TEXTS
from reporting.dated.bodies import territory_of
from reporting.dated.delegations import as_event
from reporting.issues.state import Escalation
from reporting.issues.turns import closing_reasons
from services.acting.act_inputs import (
    AcceptInput,
    AcknowledgeInput,
    AnswerInput,
    ApproveInput,
    ArbitrateInput,
    AskCorrectionInput,
    ClearFaultInput,
    CloseInput,
    ConfirmFaultInput,
    ConfirmInput,
    CorrectInput,
    DisputeInput,
    EscalateInput,
    EscalationAct,
    EscalationActInput,
    IssueAct,
    IssueActInput,
    JoinInput,
    PauseInput,
    ProposeInput,
    ResumeInput,
    ReturnInput,
    SendInput,
    UnjoinInput,
    WithdrawEscalationInput,
    WithdrawIssueInput,
)
from services.acting.context import Content, Ground, document, document_if_sent, known_body, reason
from services.acting.faulting import clear_fault, confirm_fault
from services.acting.pausing import pause, resume
from services.acting.texts import check_answer, sha256_of
from services.errors import BadInput
from services.input_errors import naming_the_field

ISSUE_ACTS: tuple[str, ...] = get_args(IssueAct)
ESCALATION_ACTS: tuple[str, ...] = get_args(EscalationAct)
TYPE_OF_ISSUE_ACT: dict[IssueAct, str] = {
    "confirm": "issue.confirmed",
    "dispute": "issue.disputed",
    "withdraw": "issue.withdrawn",
    "close": "issue.closed",
    "propose": "escalation.proposed",
    "join": "issue.joined",
    "unjoin": "issue.unjoined",
}
TYPE_OF_ESCALATION_ACT: dict[EscalationAct, str] = {
    "approve": "escalation.approved",
    "ask_correction": "escalation.correction_asked",
    "correct": "escalation.corrected",
    "send": "escalation.sent",
    "acknowledge": "escalation.acknowledged",
    "accept": "escalation.accepted",
    "return": "escalation.returned",
    "answer": "escalation.answered",
    "escalate": "escalation.proposed",
    "arbitrate": "escalation.proposed",
    "withdraw": "escalation.withdrawn",
    "pause": "clock.paused",
    "resume": "clock.resumed",
    "confirm_fault": "fault.confirmed",
    "clear_fault": "fault.cleared",
}


@naming_the_field()
def issue_content(sent: IssueActInput, ground: Ground) -> Content:
    """Build the content of an act on an issue.

    Raises:
        BadInput: something that the act needs is missing or wrong; names it.
    """
    return _on_issue(sent, ground)


@naming_the_field()
def escalation_content(sent: EscalationActInput, ground: Ground, about: Escalation) -> Content:
    """Build the content of an act on an escalation.

    Raises:
        BadInput: something that the act needs is missing or wrong; names it.
        UnknownBody: the body that was named does not exist.
    """
    return _on_escalation(sent, ground, about)


@singledispatch
def _on_issue(sent: IssueActInput, _ground: Ground) -> Content:
    raise TypeError(f"no builder of {type(sent).__name__}")


@_on_issue.register
def _confirm(_sent: ConfirmInput, ground: Ground) -> Content:
    return issues.IssueConfirmed, issues.Statement(text=ground.text("confirmation", "text", "reason"))


@_on_issue.register
def _dispute(_sent: DisputeInput, ground: Ground) -> Content:
    return issues.IssueDisputed, issues.Statement(text=reason(ground))


@_on_issue.register
def _withdraw_issue(_sent: WithdrawIssueInput, ground: Ground) -> Content:
    return issues.IssueWithdrawn, issues.Statement(text=ground.text("reason", "reason", "text"))


@_on_issue.register
def _close(_sent: CloseInput, ground: Ground) -> Content:
    # A commune closes what was refused, or what it solved by itself: the state tells which.
    refused = "answered" in closing_reasons(ground.state)
    reason_code: Literal["answered", "resolved_by_commune"] = "answered" if refused else "resolved_by_commune"
    return issues.IssueClosed, issues.Closing(reason_code=reason_code, note=ground.note())


@_on_issue.register
def _join(sent: JoinInput, ground: Ground) -> Content:
    if sent.problem is None:
        raise BadInput("say which problem the issue is part of", field="problem")
    return issues.IssueJoined, issues.Joining(
        problem_id=sent.problem, found_by=sent.found_by, likeness=sent.likeness, note=ground.note()
    )


@_on_issue.register
def _unjoin(sent: UnjoinInput, ground: Ground) -> Content:
    joined = ground.state.joined
    problem_id = sent.problem or (joined.problem_id if joined is not None else None)
    if problem_id is None:
        raise BadInput("the issue belongs to no problem", field="problem")
    return issues.IssueUnjoined, issues.Unjoining(problem_id=problem_id, reason=reason(ground))


@_on_issue.register
def _propose(sent: ProposeInput, ground: Ground) -> Content:
    """Propose what the commune could decide and has not the means for: to the body that the verdict names above it."""
    state = ground.state
    verdict = state.verdict
    above = () if verdict is None else (verdict.lead_body, *verdict.other_bodies)
    usual = (body for body in above if body is not None and territory_of(body) == state.province_code)
    lead = sent.lead_body or next(usual, state.office_body)
    known_body(ground, lead, "lead_body")
    return escalations.EscalationProposed, escalations.Proposal(
        escalation_id=uuid5(ground.event_id, "escalation"),
        from_body=state.own_body,
        lead_body=lead,
        level="province",
        trigger="means",
        basis=verdict.basis if verdict is not None else None,
        question=reason(ground),
    )


@singledispatch
def _on_escalation(sent: EscalationActInput, _ground: Ground, _about: Escalation) -> Content:
    raise TypeError(f"no builder of {type(sent).__name__}")


@_on_escalation.register
def _approve(sent: ApproveInput, ground: Ground, about: Escalation) -> Content:
    delegated = ground.tables.delegations.find(ground.actor.unit_code, ground.actor.role, ground.on)
    return escalations.EscalationApproved, escalations.Approval(
        escalation_id=about.id,
        capacity=sent.capacity if delegated is None else delegated.capacity,
        delegation=None if delegated is None else as_event(delegated),
        note=ground.note(),
    )


@_on_escalation.register
def _ask_correction(_sent: AskCorrectionInput, ground: Ground, about: Escalation) -> Content:
    data = escalations.CorrectionWish(escalation_id=about.id, reason=reason(ground))
    return escalations.EscalationCorrectionAsked, data


@_on_escalation.register
def _correct(sent: CorrectInput, ground: Ground, about: Escalation) -> Content:
    """Name the texts that changed: one that is sent as it stands is not written again."""
    report, note = ground.state.report, ground.note()
    texts = {}
    for name in REPORT_TEXTS:
        words: str | None = getattr(sent, name)
        kept: TextRef | None = getattr(report, name)
        if words is not None and (kept is None or kept.sha256 != sha256_of(words)):
            texts[name] = ground.put(words, name)
    if not texts and note is None:
        raise BadInput(
            "nothing is changed: correct a text, or say in reason why it stands",
            field="reason",
            error_key="unchanged",
        )
    data = escalations.Correction(escalation_id=about.id, note=note, **texts)
    return escalations.EscalationCorrected, data


@_on_escalation.register
def _send(sent: SendInput, ground: Ground, about: Escalation) -> Content:
    if sent.document is None:
        raise BadInput(
            "sending names the official document: number and date", field="document", error_key="document"
        )
    return escalations.EscalationSent, escalations.Dispatch(
        escalation_id=about.id,
        document=document(ground, sent.document, about.from_body),
        note=ground.note(),
    )


@_on_escalation.register
def _acknowledge(_sent: AcknowledgeInput, ground: Ground, about: Escalation) -> Content:
    return escalations.EscalationAcknowledged, _step(ground, about)


@_on_escalation.register
def _accept(_sent: AcceptInput, ground: Ground, about: Escalation) -> Content:
    return escalations.EscalationAccepted, _step(ground, about)


@_on_escalation.register
def _withdraw(_sent: WithdrawEscalationInput, ground: Ground, about: Escalation) -> Content:
    return escalations.EscalationWithdrawn, _step(ground, about)


def _step(ground: Ground, about: Escalation) -> escalations.Step:
    return escalations.Step(escalation_id=about.id, note=ground.note())


@_on_escalation.register
def _return(sent: ReturnInput, ground: Ground, about: Escalation) -> Content:
    proposed = sent.proposed_body
    if proposed is not None:
        known_body(ground, proposed, "proposed_body")
    data = escalations.Return(escalation_id=about.id, reason=reason(ground), proposed_body=proposed)
    return escalations.EscalationReturned, data


@_on_escalation.register
def _answer(sent: AnswerInput, ground: Ground, about: Escalation) -> Content:
    if sent.kind is None:
        raise BadInput(
            "an answer has a kind: solved, guidance, passed_on, …", field="kind", error_key="missing"
        )
    check_answer(sent)
    return escalations.EscalationAnswered, escalations.Answer(
        escalation_id=about.id,
        answer_kind=sent.kind,
        text=ground.text("answer", "text", "reason"),
        document=document_if_sent(ground, sent, about),
        expected_on=sent.expected_on,
    )


@_on_escalation.register
def _escalate(sent: EscalateInput, ground: Ground, about: Escalation) -> Content:
    """Petition a ministry: the one that the verdict names, unless another is said."""
    verdict = ground.state.verdict
    lead = sent.lead_body or (verdict.ministry_body if verdict is not None else None)
    if lead is None:
        raise BadInput(
            "the table names no ministry for this kind: say which", field="lead_body", error_key="missing"
        )
    known_body(ground, lead, "lead_body")
    return escalations.EscalationProposed, escalations.Proposal(
        escalation_id=uuid5(ground.event_id, "escalation"),
        parent_id=about.id,
        from_body=f"{ground.state.province_code}.ubnd",
        lead_body=lead,
        level="ministry",
        trigger="petition",
        basis=verdict.basis if verdict is not None else None,
        question=ground.text("question", "reason", "text"),
    )


@_on_escalation.register
def _arbitrate(sent: ArbitrateInput, ground: Ground, about: Escalation) -> Content:
    """Name the lead body of what came back to the provincial office, or of what it was asked to sort."""
    lead = sent.lead_body or about.proposed_body
    if lead is None:
        raise BadInput("say which body shall lead", field="lead_body", error_key="missing")
    known_body(ground, lead, "lead_body")
    return escalations.EscalationProposed, escalations.Proposal(
        escalation_id=uuid5(ground.event_id, "escalation"),
        replaces_id=about.id,
        from_body=ground.state.own_body,
        lead_body=lead,
        level="province",
        trigger="arbitration",
        basis=about.basis,
        # Why a body that sent it back is not the one: the reason of a row that the table lacks.
        question=reason(ground) if about.return_reason else ground.text("question", "reason", "text"),
    )


@_on_escalation.register
def _pause(sent: PauseInput, ground: Ground, about: Escalation) -> Content:
    return pause(sent, ground, about)


@_on_escalation.register
def _resume(sent: ResumeInput, ground: Ground, about: Escalation) -> Content:
    return resume(sent, ground, about)


@_on_escalation.register
def _confirm_fault(sent: ConfirmFaultInput, ground: Ground, about: Escalation) -> Content:
    return confirm_fault(sent, ground, about)


@_on_escalation.register
def _clear_fault(_sent: ClearFaultInput, ground: Ground, about: Escalation) -> Content:
    return clear_fault(ground, about)
