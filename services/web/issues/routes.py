"""JSON API of issues: one with its timeline, lists, and a commune's acts on its own issues."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from events.fields import Slug, UnitCode
from services.acting.act_inputs import (
    AmendInput,
    CloseInput,
    ConfirmInput,
    DisputeInput,
    IssueAct,
    IssueActInput,
    JoinInput,
    ProposeInput,
    UnjoinInput,
    WithdrawIssueInput,
)
from services.acting.issue_acts import act_on_issue
from services.acting.visible import visible_issue
from services.errors import NotFound
from services.language.labels import Lang
from services.web.issues.listing import list_issues
from services.web.issues.schemas import IssueAfterAct, IssuePage, IssueView
from services.web.issues.views import Viewer
from services.web.shell.acting import ON_ISSUES, Taking, accepted
from services.web.shell.error_schemas import READ
from services.web.shell.identity import Here, Who
from services.web.shell.schemas import Queued

router = APIRouter(prefix="/api/v1/issues", tags=["issues"])

Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[str | None, Query(description="`next` of the page before.", max_length=200)]


@router.get("", responses=READ)
def read_issues(
    parts: Here,
    actor: Who,
    unit: Annotated[
        UnitCode | None, Query(description="A commune or a province; one's own by default.")
    ] = None,
    state: Slug | None = None,
    kind: Slug | None = None,
    after: After = None,
    limit: Limit = 50,
    lang: Lang = "vi",
) -> IssuePage:
    """List the issues that the actor may see, the latest first."""
    page = list_issues(parts, actor, unit_code=unit, state=state, kind=kind, after=after, limit=limit)
    viewer = Viewer(parts, lang, actor)
    viewer.read_ahead(page.items)
    return IssuePage(items=[viewer.summary(issue) for issue in page.items], next=page.next)


@router.get("/{issue_id}", responses=READ)
def read_issue(issue_id: UUID, parts: Here, actor: Who, lang: Lang = "vi") -> IssueView:
    """Show one issue: state, holder, clocks, timeline, explanation. The reading is logged."""
    state = visible_issue(parts, actor, issue_id)
    return Viewer(parts, lang, actor).issue(state)


class _Taking(Taking):
    """Takes an act on an issue."""

    def on(self, issue_id: UUID, sent: IssueActInput) -> IssueAfterAct | Response:
        """Return the issue after the act, or 202 where the act is recorded and not folded yet."""
        result = act_on_issue(self.parts, self.actor, issue_id, sent, key=self.key)
        if result.queued:
            return accepted(Queued(event_id=result.event_id, issue_id=result.state.id))
        shown = Viewer(self.parts, self.lang, self.actor).issue(result.state)
        return IssueAfterAct(**vars(shown), event_id=result.event_id)


Take = Annotated[_Taking, Depends()]
Answered = IssueAfterAct | Response


@router.post("/{issue_id}/amend", response_model=IssueAfterAct, responses=ON_ISSUES)
def amend_issue(issue_id: UUID, sent: AmendInput, take: Take) -> Answered:
    """Correct the report, while nobody has acknowledged it."""
    return take.on(issue_id, sent)


@router.post("/{issue_id}/confirm", response_model=IssueAfterAct, responses=ON_ISSUES)
def confirm_issue(issue_id: UUID, sent: ConfirmInput, take: Take) -> Answered:
    """Confirm that the answer solved the issue."""
    return take.on(issue_id, sent)


@router.post("/{issue_id}/dispute", response_model=IssueAfterAct, responses=ON_ISSUES)
def dispute_issue(issue_id: UUID, sent: DisputeInput, take: Take) -> Answered:
    """Dispute the answer; the issue goes back to the body that answered."""
    return take.on(issue_id, sent)


@router.post("/{issue_id}/withdraw", response_model=IssueAfterAct, responses=ON_ISSUES)
def withdraw_issue(issue_id: UUID, sent: WithdrawIssueInput, take: Take) -> Answered:
    """Withdraw the report."""
    return take.on(issue_id, sent)


@router.post("/{issue_id}/close", response_model=IssueAfterAct, responses=ON_ISSUES)
def close_issue(issue_id: UUID, sent: CloseInput, take: Take) -> Answered:
    """Close a refused issue, or one that the commune solved by itself."""
    return take.on(issue_id, sent)


@router.post("/{issue_id}/propose", response_model=IssueAfterAct, responses=ON_ISSUES)
def propose_issue(issue_id: UUID, sent: ProposeInput, take: Take) -> Answered:
    """Propose the issue to a body above, where the commune lacks the means."""
    return take.on(issue_id, sent)


@router.post("/{issue_id}/join", response_model=IssueAfterAct, responses=ON_ISSUES)
def join_issue(issue_id: UUID, sent: JoinInput, take: Take) -> Answered:
    """Join the issue to a problem that has the same cause."""
    return take.on(issue_id, sent)


@router.post("/{issue_id}/unjoin", response_model=IssueAfterAct, responses=ON_ISSUES)
def unjoin_issue(issue_id: UUID, sent: UnjoinInput, take: Take) -> Answered:
    """Take the issue out of its problem."""
    return take.on(issue_id, sent)


@router.post("/{issue_id}/{act}", include_in_schema=False)
def unknown_act(issue_id: UUID, act: IssueAct, actor: Who) -> None:
    """Refuse an unknown act, and name the known ones."""
    raise NotFound(f"there is no act {act!r} on {issue_id} for {actor.role}")
