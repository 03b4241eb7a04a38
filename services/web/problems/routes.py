"""JSON API of problems: lists with counts, one with its members, suggestions, and acts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from events.fields import Slug
from reporting.keyset import Turn
from services.acting.act_inputs import (
    AnswerAllInput,
    CloseProblemInput,
    ProblemAct,
    ProblemActInput,
    RenameInput,
    WithdrawProblemInput,
)
from services.acting.inputs import OpeningInput
from services.acting.problem_acts import (
    ProblemResult,
    act_on_problem,
    open_problem,
    visible_problem,
)
from services.errors import BadInput, NotFound
from services.language.labels import Lang
from services.warehouse.problem_table import place_in
from services.web.problems.schemas import (
    ProblemAfterAct,
    ProblemList,
    ProblemView,
    QueuedProblem,
    SuggestionList,
)
from services.web.problems.views import ProblemViewer, problems_of
from services.web.shell.acting import Taking, accepted, answers_of_act
from services.web.shell.error_schemas import READ
from services.web.shell.identity import Here, Who

router = APIRouter(prefix="/api/v1/problems", tags=["problems"])

ON_PROBLEMS = answers_of_act(QueuedProblem)


@router.get("", responses=READ)
def read_problems(
    parts: Here,
    actor: Who,
    kind: Slug | None = None,
    live: Annotated[bool, Query(description="Only those that issues can be joined to.")] = False,
    provinces: Annotated[int, Query(ge=0, le=100, description="At least in so many provinces.")] = 0,
    after: Annotated[str, Query(description="`next` of the page before.", max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    lang: Lang = "vi",
) -> ProblemList:
    """List the problems that the actor may read, the latest opened first, with their counts."""
    if after and place_in(after) is None:
        raise BadInput("send `next` of the page before, as it came", field="after")
    asked = problems_of(actor, kind=kind, live_only=live, least_provinces=provinces)
    found = parts.problem_table.page(asked, Turn(after=after), limit)
    lines = ProblemViewer(parts, actor, lang).lines(found.rows)
    return ProblemList(items=lines, next=found.next.after if found.next is not None else None)


class _Taking(Taking):
    """Opens a problem, or takes an act on one."""

    def opened(self, sent: OpeningInput) -> ProblemAfterAct | Response:
        """Return the opened problem."""
        return self._answer(open_problem(self.parts, self.actor, sent, key=self.key))

    def on(self, problem_id: UUID, sent: ProblemActInput) -> ProblemAfterAct | Response:
        """Return the problem after the act."""
        return self._answer(act_on_problem(self.parts, self.actor, problem_id, sent, key=self.key))

    def _answer(self, result: ProblemResult) -> ProblemAfterAct | Response:
        """Return the problem after the act, or 202 where the act is recorded and not folded yet."""
        if result.queued or result.state is None:
            return accepted(QueuedProblem(event_id=result.event_id, id=result.problem_id))
        shown = ProblemViewer(self.parts, self.actor, self.lang).whole(result.state)
        return ProblemAfterAct(**vars(shown), event_id=result.event_id)


Take = Annotated[_Taking, Depends()]
Answered = ProblemAfterAct | Response


@router.post("", status_code=201, response_model=ProblemAfterAct, responses=ON_PROBLEMS)
def open_one(sent: OpeningInput, take: Take) -> Answered:
    """Open a problem of one's own province or ministry."""
    return take.opened(sent)


@router.get("/{problem_id}", responses=READ)
def read_problem(problem_id: UUID, parts: Here, actor: Who, lang: Lang = "vi") -> ProblemView:
    """Show one problem: counts, answers, and the members that the actor may read."""
    return ProblemViewer(parts, actor, lang).whole(visible_problem(parts, actor, problem_id))


@router.get("/{problem_id}/suggestions", responses=READ)
def read_suggestions(problem_id: UUID, parts: Here, actor: Who, lang: Lang = "vi") -> SuggestionList:
    """Suggest issues that may have this cause, each with its reasons; joining is a person's act."""
    state = visible_problem(parts, actor, problem_id)
    return SuggestionList(items=ProblemViewer(parts, actor, lang).suggestions(state))


@router.post("/{problem_id}/rename", response_model=ProblemAfterAct, responses=ON_PROBLEMS)
def rename_problem(problem_id: UUID, sent: RenameInput, take: Take) -> Answered:
    """Rename the problem."""
    return take.on(problem_id, sent)


@router.post("/{problem_id}/answer", response_model=ProblemAfterAct, responses=ON_PROBLEMS)
def answer_problem(problem_id: UUID, sent: AnswerAllInput, take: Take) -> Answered:
    """Answer once for all members."""
    return take.on(problem_id, sent)


@router.post("/{problem_id}/withdraw", response_model=ProblemAfterAct, responses=ON_PROBLEMS)
def withdraw_problem(problem_id: UUID, sent: WithdrawProblemInput, take: Take) -> Answered:
    """Withdraw a problem that was opened by mistake."""
    return take.on(problem_id, sent)


@router.post("/{problem_id}/close", response_model=ProblemAfterAct, responses=ON_PROBLEMS)
def close_problem(problem_id: UUID, sent: CloseProblemInput, take: Take) -> Answered:
    """Close the problem; no more issues can be joined."""
    return take.on(problem_id, sent)


@router.post("/{problem_id}/{act}", include_in_schema=False)
def unknown_act(problem_id: UUID, act: ProblemAct, actor: Who) -> None:
    """Refuse an unknown act, and name the known ones."""
    raise NotFound(f"there is no act {act!r} on {problem_id} for {actor.role}")
