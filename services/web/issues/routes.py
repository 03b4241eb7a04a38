"""The JSON API of issues: one with its timeline, lists, and what a commune does to its own."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from events.fields import Slug, UnitCode
from services.acting.inputs import ActInput
from services.acting.issue_acts import ActionResult, IssueAct, act_on_issue
from services.acting.visible import visible_issue
from services.language.labels import Lang
from services.web.issues.listing import list_issues
from services.web.issues.views import Viewer
from services.web.shell.identity import Here, Who

router = APIRouter(prefix="/api/v1/issues", tags=["issues"])

Key = Annotated[
    UUID | None,
    Header(
        alias="Idempotency-Key",
        description="Made by the client; a retry with it by the same unit and body is harmless. The act's own id is the"
        " `event_id` of the answer.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[str | None, Query(description="`next` of the page before.", max_length=200)]


@router.get("")
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
) -> dict[str, Any]:
    """List the issues that the actor may see, the latest first."""
    page = list_issues(parts, actor, unit_code=unit, state=state, kind=kind, after=after, limit=limit)
    viewer = Viewer(parts, lang, actor)
    return {"items": [viewer.summary(issue) for issue in page.items], "next": page.next}


@router.get("/{issue_id}")
def read_issue(issue_id: UUID, parts: Here, actor: Who, lang: Lang = "vi") -> dict[str, Any]:
    """Show one issue: state, holder, clocks, timeline, explanation. That it was read is logged."""
    state = visible_issue(parts, actor, issue_id)
    return Viewer(parts, lang, actor).issue(state)


@router.post("/{issue_id}/{act}")
def act(
    issue_id: UUID,
    act: IssueAct,
    sent: ActInput,
    parts: Here,
    actor: Who,
    response: Response,
    key: Key = None,
    lang: Lang = "vi",
) -> dict[str, Any]:
    """Confirm, dispute, withdraw or close; 202 where the act is recorded and not yet to be seen."""
    result = act_on_issue(parts, actor, issue_id, act, sent, key=key)
    return answer_of(result, Viewer(parts, lang, actor), response)


def answer_of(result: ActionResult, viewer: Viewer, response: Response) -> dict[str, Any]:
    """Answer an act: the issue as it is now, or that the act is queued."""
    if result.queued:
        response.status_code = 202
        return {"state": "queued", "event_id": result.event_id, "issue_id": result.state.id}
    return viewer.issue(result.state) | {"event_id": result.event_id}
