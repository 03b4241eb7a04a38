"""JSON API of escalations: queues, and the steps from approval to answer."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from events.fields import Slug, UnitCode
from services.acting.act_inputs import (
    AcceptInput,
    AcknowledgeInput,
    AnswerInput,
    ApproveInput,
    ArbitrateInput,
    AskCorrectionInput,
    ClearFaultInput,
    ConfirmFaultInput,
    CorrectInput,
    EscalateInput,
    EscalationAct,
    EscalationActInput,
    PauseInput,
    RemindInput,
    ResumeInput,
    ReturnInput,
    SendInput,
    WithdrawEscalationInput,
)
from services.acting.issue_acts import act_on_escalation
from services.acting.visible import visible_escalation
from services.errors import NotFound
from services.language.labels import Lang
from services.web.issues.listing import list_escalations
from services.web.issues.queue_schemas import EscalationAfterAct, EscalationPage, EscalationWithIssue
from services.web.issues.routes import After, Limit
from services.web.issues.views import Viewer
from services.web.shell.acting import ON_ISSUES, Taking, accepted
from services.web.shell.error_schemas import READ
from services.web.shell.identity import Here, Who
from services.web.shell.schemas import Queued

router = APIRouter(prefix="/api/v1/escalations", tags=["escalations"])


@router.get("", responses=READ)
def read_escalations(
    parts: Here,
    actor: Who,
    unit: Annotated[UnitCode | None, Query(description="The unit that sent it, or one above.")] = None,
    body: Annotated[Slug | None, Query(description="The body that leads or that sent.")] = None,
    state: Slug | None = None,
    after: After = None,
    limit: Limit = 50,
    lang: Lang = "vi",
) -> EscalationPage:
    """List the escalations that the actor may see: those that its unit sent and those sent to it."""
    page = list_escalations(parts, actor, unit_code=unit, body=body, state=state, after=after, limit=limit)
    viewer = Viewer(parts, lang, actor)
    viewer.read_ahead(issue for issue, _ in page.items)
    return EscalationPage(
        items=[viewer.escalation_line(issue, one) for issue, one in page.items], next=page.next
    )


@router.get("/{escalation_id}", responses=READ)
def read_escalation(escalation_id: UUID, parts: Here, actor: Who, lang: Lang = "vi") -> EscalationWithIssue:
    """Show one escalation."""
    state, one = visible_escalation(parts, actor, escalation_id)
    return Viewer(parts, lang, actor).escalation_with_issue(state, one)


class _Taking(Taking):
    """Takes a step of an escalation."""

    def on(self, escalation_id: UUID, sent: EscalationActInput) -> EscalationAfterAct | Response:
        """Return the escalation after the step, or the new escalation that a petition or an arbitration began."""
        result = act_on_escalation(self.parts, self.actor, escalation_id, sent, key=self.key)
        if result.queued:
            return accepted(Queued(event_id=result.event_id, issue_id=result.state.id))
        one = result.state.escalation(result.escalation_id or escalation_id)
        if one is None:
            raise NotFound(f"the issue holds no escalation {escalation_id} any more")
        shown = Viewer(self.parts, self.lang, self.actor).escalation_with_issue(result.state, one)
        return EscalationAfterAct(**vars(shown), event_id=result.event_id)


Take = Annotated[_Taking, Depends()]
Answered = EscalationAfterAct | Response


@router.post("/{escalation_id}/approve", response_model=EscalationAfterAct, responses=ON_ISSUES)
def approve_escalation(escalation_id: UUID, sent: ApproveInput, take: Take) -> Answered:
    """Approve a proposal or a petition, so that it may be sent."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/ask_correction", response_model=EscalationAfterAct, responses=ON_ISSUES)
def ask_correction_of_escalation(escalation_id: UUID, sent: AskCorrectionInput, take: Take) -> Answered:
    """Send the draft back to be corrected."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/correct", response_model=EscalationAfterAct, responses=ON_ISSUES)
def correct_escalation(escalation_id: UUID, sent: CorrectInput, take: Take) -> Answered:
    """Correct the words of the report; the draft waits for approval again."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/send", response_model=EscalationAfterAct, responses=ON_ISSUES)
def send_escalation(escalation_id: UUID, sent: SendInput, take: Take) -> Answered:
    """Record that it was sent, with its official document."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/acknowledge", response_model=EscalationAfterAct, responses=ON_ISSUES)
def acknowledge_escalation(escalation_id: UUID, sent: AcknowledgeInput, take: Take) -> Answered:
    """Acknowledge that it was received."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/accept", response_model=EscalationAfterAct, responses=ON_ISSUES)
def accept_escalation(escalation_id: UUID, sent: AcceptInput, take: Take) -> Answered:
    """Accept it as one's own."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/return", response_model=EscalationAfterAct, responses=ON_ISSUES)
def return_escalation(escalation_id: UUID, sent: ReturnInput, take: Take) -> Answered:
    """Return it as outside one's competence, and name the body that should have it."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/answer", response_model=EscalationAfterAct, responses=ON_ISSUES)
def answer_escalation(escalation_id: UUID, sent: AnswerInput, take: Take) -> Answered:
    """Answer it."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/escalate", response_model=EscalationAfterAct, responses=ON_ISSUES)
def escalate_escalation(escalation_id: UUID, sent: EscalateInput, take: Take) -> Answered:
    """Petition a ministry for it; the petition is returned."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/arbitrate", response_model=EscalationAfterAct, responses=ON_ISSUES)
def arbitrate_escalation(escalation_id: UUID, sent: ArbitrateInput, take: Take) -> Answered:
    """Name the body that leads; the new escalation is returned."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/remind", response_model=EscalationAfterAct, responses=ON_ISSUES)
def remind_of_escalation(escalation_id: UUID, sent: RemindInput, take: Take) -> Answered:
    """Remind the lead body, as the provincial office, that its step is awaited; once on a day."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/withdraw", response_model=EscalationAfterAct, responses=ON_ISSUES)
def withdraw_escalation(escalation_id: UUID, sent: WithdrawEscalationInput, take: Take) -> Answered:
    """Withdraw it as its sender."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/pause", response_model=EscalationAfterAct, responses=ON_ISSUES)
def pause_escalation(escalation_id: UUID, sent: PauseInput, take: Take) -> Answered:
    """Pause its deadlines for a reason of the dated table."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/resume", response_model=EscalationAfterAct, responses=ON_ISSUES)
def resume_escalation(escalation_id: UUID, sent: ResumeInput, take: Take) -> Answered:
    """End a pause."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/confirm_fault", response_model=EscalationAfterAct, responses=ON_ISSUES)
def confirm_fault(escalation_id: UUID, sent: ConfirmFaultInput, take: Take) -> Answered:
    """Confirm that it is a fault on which others depend."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/clear_fault", response_model=EscalationAfterAct, responses=ON_ISSUES)
def clear_fault(escalation_id: UUID, sent: ClearFaultInput, take: Take) -> Answered:
    """Record that the fault is repaired."""
    return take.on(escalation_id, sent)


@router.post("/{escalation_id}/{act}", include_in_schema=False)
def unknown_act(escalation_id: UUID, act: EscalationAct, actor: Who) -> None:
    """Refuse an unknown step, and name the known ones."""
    raise NotFound(f"there is no step {act!r} on {escalation_id} for {actor.role}")
