"""The pages of a province's common problems: the list, one of them with its acts, joining and unjoining."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from services.province.pages import at_province
from services.web.access import Here, Who
from services.web.forms import Filled
from services.web.issue_page import PROBLEM_PAGES
from services.web.problem_page import ProblemPage

router = APIRouter(include_in_schema=False)

_BASE = PROBLEM_PAGES["province"]


@router.get(_BASE)
def problems(request: Request, parts: Here, actor: Who) -> HTMLResponse:
    """List the common problems with what has come of each."""
    at_province(actor)
    return ProblemPage(request, parts, actor, _BASE).show_list()


@router.post(_BASE)
def open_one(request: Request, parts: Here, actor: Who, typed: Filled) -> Response:
    """Open a problem."""
    at_province(actor)
    return ProblemPage(request, parts, actor, _BASE).open(typed)


@router.get(_BASE + "/{problem_id}")
def problem(request: Request, problem_id: UUID, parts: Here, actor: Who) -> HTMLResponse:
    """Show one problem: its members, its answer, who may have it too."""
    at_province(actor)
    return ProblemPage(request, parts, actor, _BASE).show(problem_id)


@router.post(_BASE + "/{problem_id}/{act}")
def act(request: Request, problem_id: UUID, act: str, parts: Here, actor: Who, typed: Filled) -> Response:
    """Take the act of a form."""
    at_province(actor)
    return ProblemPage(request, parts, actor, _BASE).take(problem_id, act, typed)
