"""The JSON API of problems: lists with counts, one with its members, what could be joined, and the acts on it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from events.fields import Slug
from services.acting.inputs import OpeningInput, ProblemActInput
from services.acting.problem_acts import (
    ProblemAct,
    ProblemResult,
    act_on_problem,
    open_problem,
    visible_problem,
)
from services.language.labels import Lang
from services.web.issues.routes import Key
from services.web.problems.views import ProblemViewer, list_problems
from services.web.shell.identity import Here, Who

router = APIRouter(prefix="/api/v1/problems", tags=["problems"])


@router.get("")
def read_problems(
    parts: Here,
    actor: Who,
    kind: Slug | None = None,
    live: Annotated[bool, Query(description="Only those that issues can be joined to.")] = False,
    provinces: Annotated[int, Query(ge=0, le=100, description="At least in so many provinces.")] = 0,
    lang: Lang = "vi",
) -> dict[str, Any]:
    """List the problems that the actor may read, the latest change first, with their counts."""
    found = list_problems(parts, actor, kind=kind, live_only=live, least_provinces=provinces)
    return {"items": ProblemViewer(parts, actor, lang).lines(found)}


@router.post("", status_code=201)
def open_one(
    sent: OpeningInput, parts: Here, actor: Who, response: Response, key: Key = None, lang: Lang = "vi"
) -> dict[str, Any]:
    """Open a problem of one's own province or ministry."""
    result = open_problem(parts, actor, sent, key=key)
    return answer_of(result, ProblemViewer(parts, actor, lang), response)


@router.get("/{problem_id}")
def read_problem(problem_id: UUID, parts: Here, actor: Who, lang: Lang = "vi") -> dict[str, Any]:
    """Show one problem: counts, answers, and the members that the actor may read."""
    return ProblemViewer(parts, actor, lang).whole(visible_problem(parts, actor, problem_id))


@router.get("/{problem_id}/suggestions")
def read_suggestions(problem_id: UUID, parts: Here, actor: Who, lang: Lang = "vi") -> dict[str, Any]:
    """Suggest issues that may have this cause, each with what speaks for it; a person joins them or not."""
    state = visible_problem(parts, actor, problem_id)
    return {"items": ProblemViewer(parts, actor, lang).suggestions(state)}


@router.post("/{problem_id}/{act}")
def act(
    problem_id: UUID,
    act: ProblemAct,
    sent: ProblemActInput,
    parts: Here,
    actor: Who,
    response: Response,
    key: Key = None,
    lang: Lang = "vi",
) -> dict[str, Any]:
    """Rename, answer once for all members, withdraw or close; 202 where it is recorded and not yet to be seen."""
    result = act_on_problem(parts, actor, problem_id, act, sent, key=key)
    return answer_of(result, ProblemViewer(parts, actor, lang), response)


def answer_of(result: ProblemResult, viewer: ProblemViewer, response: Response) -> dict[str, Any]:
    """Answer an act: the problem as it is now, or that the act is queued."""
    if result.queued or result.state is None:
        response.status_code = 202
        return {"state": "queued", "event_id": result.event_id, "id": result.problem_id}
    return viewer.whole(result.state) | {"event_id": result.event_id}
