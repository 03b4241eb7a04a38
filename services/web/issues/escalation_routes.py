"""The JSON API of escalations: queues, and the steps from approval to answer."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from events.fields import Slug, UnitCode
from services.acting.inputs import ActInput
from services.acting.issue_acts import EscalationAct, act_on_escalation
from services.acting.visible import visible_escalation
from services.language.labels import Lang
from services.web.issues.listing import list_escalations
from services.web.issues.routes import After, Key, Limit
from services.web.issues.views import Viewer
from services.web.shell.identity import Here, Who

router = APIRouter(prefix="/api/v1/escalations", tags=["escalations"])


@router.get("")
def read_escalations(
    parts: Here,
    actor: Who,
    unit: Annotated[UnitCode | None, Query(description="The unit that sent it, or one above.")] = None,
    body: Annotated[Slug | None, Query(description="The body that leads or that sent.")] = None,
    state: Slug | None = None,
    after: After = None,
    limit: Limit = 50,
    lang: Lang = "vi",
) -> dict[str, Any]:
    """List the escalations that the actor may see: what its unit sent and what was sent to it."""
    page = list_escalations(parts, actor, unit_code=unit, body=body, state=state, after=after, limit=limit)
    viewer = Viewer(parts, lang, actor)
    return {"items": [viewer.escalation_line(issue, one) for issue, one in page.items], "next": page.next}


@router.get("/{escalation_id}")
def read_escalation(escalation_id: UUID, parts: Here, actor: Who, lang: Lang = "vi") -> dict[str, Any]:
    """Show one escalation."""
    state, one = visible_escalation(parts, actor, escalation_id)
    viewer = Viewer(parts, lang, actor)
    return viewer.escalation(state, one) | {"issue": viewer.summary(state)}


@router.post("/{escalation_id}/{act}")
def act(
    escalation_id: UUID,
    act: EscalationAct,
    sent: ActInput,
    parts: Here,
    actor: Who,
    response: Response,
    key: Key = None,
    lang: Lang = "vi",
) -> dict[str, Any]:
    """Take a step; the answer is the escalation as it is now, or the new one that a petition or an arbitration began."""
    result = act_on_escalation(parts, actor, escalation_id, act, sent, key=key)
    if result.queued:
        response.status_code = 202
        return {"state": "queued", "event_id": result.event_id, "issue_id": result.state.id}
    viewer = Viewer(parts, lang, actor)
    one = result.state.escalation(result.escalation_id or escalation_id)
    shown = viewer.escalation(result.state, one) if one is not None else {}
    return shown | {"issue": viewer.summary(result.state), "event_id": result.event_id}
