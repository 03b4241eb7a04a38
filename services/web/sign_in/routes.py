"""JSON routes of the session: read it, sign in, sign out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.language.labels import Lang
from services.web.shell.error_schemas import ASKED, problems
from services.web.shell.identity import Here, Who
from services.web.sign_in.schemas import SessionView, SignInInput
from services.web.sign_in.sessions import begin_session, counted_attempt, end_session, proof_of, session_view

router = APIRouter(prefix="/api/v1", tags=["session"])


@router.get("/session", responses=ASKED | problems(404))
def read_session(parts: Here, actor: Who, lang: Lang = "vi") -> SessionView:
    """Return the signed-in actor and the actions of its role."""
    return session_view(parts, actor, lang)


@router.post("/sign-in", responses=problems(400, 401, 403, 404, 413, 422, 429, 503))
def sign_in(sent: SignInInput, request: Request, response: Response, parts: Here) -> SessionView:
    """Begin a session by token or, in a demo, as a persona."""
    with counted_attempt(request):
        proof = proof_of(parts, sent)
    begin_session(request, response, proof)
    return session_view(parts, proof.actor)


@router.post("/sign-out", status_code=204, responses=problems(403, 503))
def sign_out(request: Request, response: Response) -> None:
    """End the session of this browser."""
    end_session(request, response)
