"""The pages of hand-offs, for whichever level shows them: one with its issue, and its acts."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from services.access.actors import Actor
from services.acting.visible import visible_escalation
from services.web.issue_page.page import Fitting, IssuePage
from services.web.shell.forms import Filled
from services.web.shell.identity import Here, Who


def hand_off_router(base: str, must_be_here: Callable[[Actor], object], fitting: Fitting) -> APIRouter:
    """Build the routes below an address.

    Args:
        base: each hand-off lies under it.
        must_be_here: refuses whoever has no business on these pages.
        fitting: shows the problems that an issue may be joined to.
    """
    router = APIRouter(include_in_schema=False)

    @router.get(base + "/{escalation_id}")
    def escalation(request: Request, escalation_id: UUID, parts: Here, actor: Who) -> HTMLResponse:
        """Show one hand-off with its issue."""
        must_be_here(actor)
        state, _ = visible_escalation(parts, actor, escalation_id)
        return IssuePage(request, parts, actor, f"{base}/{escalation_id}", fitting).show(state)

    @router.post(base + "/{escalation_id}/{act}")
    def act(
        request: Request, escalation_id: UUID, act: str, parts: Here, actor: Who, typed: Filled
    ) -> Response:
        """Take the act of a form."""
        must_be_here(actor)
        state, _ = visible_escalation(parts, actor, escalation_id, to_act=True)
        return IssuePage(request, parts, actor, f"{base}/{escalation_id}", fitting).take(act, state, typed)

    return router
