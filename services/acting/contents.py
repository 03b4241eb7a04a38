"""Contents of events, built from a request and the issue's state; one small builder per act."""

from __future__ import annotations

from functools import singledispatch
from typing import Literal, get_args
from uuid import uuid5

from events import escalations, issues
from events.fields import TextRef
from events.issues import REPORT_FACTS, REPORT_TEXTS
from reporting.dated.bodies import territory_of
from reporting.dated.delegations import as_event
from reporting.issues.state import Escalation
from reporting.issues.turns import closing_reasons
from services.acting.act_inputs import (
    AcceptInput,
    AcknowledgeInput,
    AmendInput,
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
    RemindInput,
    ResumeInput,
    ReturnInput,
    SendInput,
    UnjoinInput,
    WithdrawEscalationInput,
    WithdrawIssueInput,
)
from services.acting.context import ActContext, Content, document, document_if_sent, known_body, reason
from services.acting.faulting import clear_fault, confirm_fault
from services.acting.pausing import pause, resume
from services.acting.texts import check_answer, is_same_text
from services.errors import BadInput
from services.input_errors import naming_the_field

ISSUE_ACTS: tuple[str, ...] = get_args(IssueAct)
ESCALATION_ACTS: tuple[str, ...] = get_args(EscalationAct)
TYPE_OF_ISSUE_ACT: dict[IssueAct, str] = {
    "amend": "issue.corrected",
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
    "remind": "escalation.reminded",
    "withdraw": "escalation.withdrawn",
    "pause": "clock.paused",
    "resume": "clock.resumed",
    "confirm_fault": "fault.confirmed",
    "clear_fault": "fault.cleared",
}


@naming_the_field()
def issue_content(sent: IssueActInput, context: ActContext) -> Content:
    """Build the content of an act on an issue.

    Raises:
        BadInput: a field is missing or wrong; the error names it.
    """
    return _on_issue(sent, context)


@naming_the_field()
def escalation_content(sent: EscalationActInput, context: ActContext, about: Escalation) -> Content:
    """Build the content of an act on an escalation.

    Raises:
        BadInput: a field is missing or wrong; the error names it.
        UnknownBody: a named body does not exist.
    """
    return _on_escalation(sent, context, about)


@singledispatch
def _on_issue(sent: IssueActInput, _context: ActContext) -> Content:
    raise TypeError(f"no builder of {type(sent).__name__}")


@_on_issue.register
def _amend(sent: AmendInput, context: ActContext) -> Content:
    """Build a correction of the report with what changed."""
    report = context.state.report
    facts = {name: getattr(sent, name) for name in REPORT_FACTS}
    changed = {name: value for name, value in facts.items() if value not in {None, getattr(report, name)}}
    changed |= _changed_texts(sent, context)
    if not changed:
        raise BadInput("nothing is changed: correct a field", field="form", error_key="amend_unchanged")
    return issues.IssueCorrected, issues.Amendment(note=context.note(), **changed)


def _changed_texts(sent: AmendInput | CorrectInput, context: ActContext) -> dict[str, TextRef]:
    """Store the texts that changed; an unchanged one is not stored again, unless its words were erased."""
    texts = {}
    for name in REPORT_TEXTS:
        words: str | None = getattr(sent, name)
        kept: TextRef | None = getattr(context.state.report, name)
        if words is None:
            continue
        if kept is None or kept.id in context.erased or not is_same_text(words, kept.sha256):
            texts[name] = context.put(words, name)
    return texts


@_on_issue.register
def _confirm(_sent: ConfirmInput, context: ActContext) -> Content:
    return issues.IssueConfirmed, issues.Statement(text=context.text("confirmation", "text", "reason"))


@_on_issue.register
def _dispute(_sent: DisputeInput, context: ActContext) -> Content:
    return issues.IssueDisputed, issues.Statement(text=reason(context))


@_on_issue.register
def _withdraw_issue(_sent: WithdrawIssueInput, context: ActContext) -> Content:
    return issues.IssueWithdrawn, issues.Statement(text=context.text("reason", "reason", "text"))


@_on_issue.register
def _close(_sent: CloseInput, context: ActContext) -> Content:
    # The state distinguishes a refused issue from one that the commune solved by itself.
    refused = "answered" in closing_reasons(context.state)
    reason_code: Literal["answered", "resolved_by_commune"] = "answered" if refused else "resolved_by_commune"
    return issues.IssueClosed, issues.Closing(reason_code=reason_code, note=context.note())


@_on_issue.register
def _join(sent: JoinInput, context: ActContext) -> Content:
    if sent.problem is None:
        raise BadInput("say which problem the issue is part of", field="problem")
    return issues.IssueJoined, issues.Joining(
        problem_id=sent.problem, found_by=sent.found_by, likeness=sent.likeness, note=context.note()
    )


@_on_issue.register
def _unjoin(sent: UnjoinInput, context: ActContext) -> Content:
    joined = context.state.joined
    problem_id = sent.problem or (joined.problem_id if joined is not None else None)
    if problem_id is None:
        raise BadInput("the issue belongs to no problem", field="problem")
    return issues.IssueUnjoined, issues.Unjoining(problem_id=problem_id, reason=reason(context))


@_on_issue.register
def _propose(sent: ProposeInput, context: ActContext) -> Content:
    """Build a proposal for means that the commune lacks: to the body that the verdict names above it."""
    state = context.state
    verdict = state.verdict
    above = () if verdict is None else (verdict.lead_body, *verdict.other_bodies)
    usual = (body for body in above if body is not None and territory_of(body) == state.province_code)
    lead = sent.lead_body or next(usual, state.office_body)
    known_body(context, lead, "lead_body")
    return escalations.EscalationProposed, escalations.Proposal(
        escalation_id=uuid5(context.event_id, "escalation"),
        from_body=state.own_body,
        lead_body=lead,
        level="province",
        trigger="means",
        basis=verdict.basis if verdict is not None else None,
        question=reason(context),
    )


@singledispatch
def _on_escalation(sent: EscalationActInput, _context: ActContext, _about: Escalation) -> Content:
    raise TypeError(f"no builder of {type(sent).__name__}")


@_on_escalation.register
def _approve(sent: ApproveInput, context: ActContext, about: Escalation) -> Content:
    delegated = context.tables.delegations.find(context.actor.unit_code, context.actor.role, context.on)
    return escalations.EscalationApproved, escalations.Approval(
        escalation_id=about.id,
        capacity=sent.capacity if delegated is None else delegated.capacity,
        delegation=None if delegated is None else as_event(delegated),
        note=context.note(),
    )


@_on_escalation.register
def _ask_correction(_sent: AskCorrectionInput, context: ActContext, about: Escalation) -> Content:
    delegated = context.tables.delegations.find(context.actor.unit_code, context.actor.role, context.on)
    data = escalations.CorrectionWish(
        escalation_id=about.id,
        reason=reason(context),
        delegation=None if delegated is None else as_event(delegated),
    )
    return escalations.EscalationCorrectionAsked, data


@_on_escalation.register
def _correct(sent: CorrectInput, context: ActContext, about: Escalation) -> Content:
    """Build a correction with the texts that changed; an unchanged one is not stored again."""
    note, texts = context.note(), _changed_texts(sent, context)
    if not texts and note is None:
        raise BadInput(
            "nothing is changed: correct a text, or say in reason why it stands",
            field="reason",
            error_key="unchanged",
        )
    data = escalations.Correction(escalation_id=about.id, note=note, **texts)
    return escalations.EscalationCorrected, data


@_on_escalation.register
def _send(sent: SendInput, context: ActContext, about: Escalation) -> Content:
    if sent.document is None:
        raise BadInput(
            "sending names the official document: number and date", field="document", error_key="document"
        )
    return escalations.EscalationSent, escalations.Dispatch(
        escalation_id=about.id,
        document=document(context, sent.document, about.from_body),
        note=context.note(),
    )


@_on_escalation.register
def _acknowledge(_sent: AcknowledgeInput, context: ActContext, about: Escalation) -> Content:
    return escalations.EscalationAcknowledged, _step(context, about)


@_on_escalation.register
def _accept(_sent: AcceptInput, context: ActContext, about: Escalation) -> Content:
    return escalations.EscalationAccepted, _step(context, about)


@_on_escalation.register
def _remind(_sent: RemindInput, context: ActContext, about: Escalation) -> Content:
    return escalations.EscalationReminded, _step(context, about)


@_on_escalation.register
def _withdraw(_sent: WithdrawEscalationInput, context: ActContext, about: Escalation) -> Content:
    return escalations.EscalationWithdrawn, _step(context, about)


def _step(context: ActContext, about: Escalation) -> escalations.Step:
    return escalations.Step(escalation_id=about.id, note=context.note())


@_on_escalation.register
def _return(sent: ReturnInput, context: ActContext, about: Escalation) -> Content:
    proposed = sent.proposed_body
    if proposed is not None:
        known_body(context, proposed, "proposed_body")
    data = escalations.Return(escalation_id=about.id, reason=reason(context), proposed_body=proposed)
    return escalations.EscalationReturned, data


@_on_escalation.register
def _answer(sent: AnswerInput, context: ActContext, about: Escalation) -> Content:
    if sent.kind is None:
        raise BadInput(
            "an answer has a kind: solved, guidance, passed_on, …", field="kind", error_key="missing"
        )
    check_answer(sent)
    return escalations.EscalationAnswered, escalations.Answer(
        escalation_id=about.id,
        answer_kind=sent.kind,
        text=context.text("answer", "text", "reason"),
        document=document_if_sent(context, sent, about),
        expected_on=sent.expected_on,
    )


@_on_escalation.register
def _escalate(sent: EscalateInput, context: ActContext, about: Escalation) -> Content:
    """Build a petition to the given ministry, by default the one that the verdict names."""
    verdict = context.state.verdict
    lead = sent.lead_body or (verdict.ministry_body if verdict is not None else None)
    if lead is None:
        raise BadInput(
            "the table names no ministry for this kind: say which", field="lead_body", error_key="missing"
        )
    known_body(context, lead, "lead_body")
    return escalations.EscalationProposed, escalations.Proposal(
        escalation_id=uuid5(context.event_id, "escalation"),
        parent_id=about.id,
        from_body=f"{context.state.province_code}.ubnd",
        lead_body=lead,
        level="ministry",
        trigger="petition",
        basis=verdict.basis if verdict is not None else None,
        question=context.text("question", "reason", "text"),
    )


@_on_escalation.register
def _arbitrate(sent: ArbitrateInput, context: ActContext, about: Escalation) -> Content:
    """Build an arbitration: the lead body of an escalation that the provincial office has to assign."""
    lead = sent.lead_body or about.proposed_body
    if lead is None:
        raise BadInput("say which body shall lead", field="lead_body", error_key="missing")
    known_body(context, lead, "lead_body")
    return escalations.EscalationProposed, escalations.Proposal(
        escalation_id=uuid5(context.event_id, "escalation"),
        replaces_id=about.id,
        from_body=context.state.own_body,
        lead_body=lead,
        level="province",
        trigger="arbitration",
        basis=about.basis,
        # The reason of a missing row of the table: why the returning body is not competent.
        question=reason(context) if about.return_reason else context.text("question", "reason", "text"),
    )


@_on_escalation.register
def _pause(sent: PauseInput, context: ActContext, about: Escalation) -> Content:
    return pause(sent, context, about)


@_on_escalation.register
def _resume(sent: ResumeInput, context: ActContext, about: Escalation) -> Content:
    return resume(sent, context, about)


@_on_escalation.register
def _confirm_fault(sent: ConfirmFaultInput, context: ActContext, about: Escalation) -> Content:
    return confirm_fault(sent, context, about)


@_on_escalation.register
def _clear_fault(_sent: ClearFaultInput, context: ActContext, about: Escalation) -> Content:
    return clear_fault(context, about)
