"""Routes of the problem pages, for the level that shows them: the list, one problem, its acts."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from services.access.actors import Actor
from services.web.problems.page import ProblemPage
from services.web.shell.forms import Filled
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of
from services.web.shell.list_files import Ending, FileWriter


def problem_router(base: str, must_be_here: Callable[[Actor], object]) -> APIRouter:
    """Build the routes below an address.

    Args:
        base: address of the list.
        must_be_here: raises for an actor who may not open these pages.
    """
    router = APIRouter(include_in_schema=False)

    @router.get(base)
    def problems(request: Request, parts: Here, actor: Who) -> HTMLResponse:
        """List the common problems with their counts."""
        must_be_here(actor)
        return ProblemPage(request, parts, actor, base).show_list()

    @router.get(base + ".{ending}")
    def as_file(request: Request, ending: Ending, parts: Here, actor: Who) -> Response:
        """Return all problems of a view as a file."""
        must_be_here(actor)
        found = ProblemPage(request, parts, actor, base).whole_list()
        return FileWriter(parts, lang_of(request), actor).response(found, ending)

    @router.post(base)
    def open_one(request: Request, parts: Here, actor: Who, typed: Filled) -> Response:
        """Open a problem."""
        must_be_here(actor)
        return ProblemPage(request, parts, actor, base).open(typed)

    @router.get(base + "/{problem_id}")
    def problem(request: Request, problem_id: UUID, parts: Here, actor: Who) -> HTMLResponse:
        """Show one problem: its members, its answer, and the issues that may have the same cause."""
        must_be_here(actor)
        return ProblemPage(request, parts, actor, base).show(problem_id)

    @router.post(base + "/{problem_id}/{act}")
    def act(request: Request, problem_id: UUID, act: str, parts: Here, actor: Who, typed: Filled) -> Response:
        """Take the act of a form."""
        must_be_here(actor)
        return ProblemPage(request, parts, actor, base).take(problem_id, act, typed)

    return router
