"""The pages of work that every level shares: a list with an item beside it, acts on many, a common problem by one press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from reporting.issues.need import Item
from services.access.actors import Actor
from services.acting.inputs import OpeningInput
from services.errors import BadInput, Forbidden, NotFound
from services.web.figures.five_numbers import Number
from services.web.issues.listing import MOST_ISSUES
from services.web.shell.forms import Ticked, uuid_of
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of
from services.web.shell.list_files import Ending, FileWriter
from services.web.shell.parts import Parts
from services.web.shell.rows import Row
from services.web.work.asked import Asks
from services.web.work.common_problem import Made, free_of, make_common, refusal_of, take_back
from services.web.work.files import file_of
from services.web.work.hanging import list_at, with_done
from services.web.work.lists import WorkList
from services.web.work.many import (
    MANY_ACTS,
    MOST,
    Chosen,
    Done,
    ManyAct,
    acts_for,
    chosen_of,
    take_on_many,
)
from services.web.work.peek import Peek, peek_of

router = APIRouter(prefix="/viec", include_in_schema=False)


def show_list(
    found: WorkList,
    *,
    template: str = "work/list.html",
    numbers: Sequence[Number] = (),
    may_report: bool = False,
) -> HTMLResponse:
    """Render a list of work; `numbers` that no view of it holds stand in its rail."""
    request, asked = found.request, found.asked
    shown = _peek(found)
    return layout_of(request).render(
        request,
        template,
        work=found,
        asked=asked,
        rail=found.rail,
        groups=found.groups(),
        pages=found.pages,
        peek=shown,
        side_numbers=[one for one in numbers if not (one.href or "").startswith(f"{found.place.base}?")],
        many=acts_for(found.actor, found.parts.tables, found.parts.clock()),
        most=MOST_ISSUES if len(found.issues) == MOST_ISSUES else None,
        back=found.here,
        subject_id=request.query_params.get("of", ""),
        new_key=uuid4,
        may_report=may_report,
    )


@router.get("/xem/{item_id}")
def beside(
    request: Request,
    parts: Here,
    actor: Who,
    item_id: UUID,
    hang: Annotated[str, Query(max_length=1_000)] = "",
    template: Annotated[str, Query(alias="mau", max_length=20)] = "",
) -> HTMLResponse:
    """Show one item as it stands beside the list that `hang` names."""
    found = list_at(request, parts, actor, hang)
    return layout_of(request).render(
        request,
        "work/beside.html",
        work=found,
        peek=peek_of(found, item_id, template, alone=True),
        new_key=uuid4,
    )


@router.get("/tep.{ending}")
def as_file(request: Request, ending: Ending, parts: Here, actor: Who, asked: Asks) -> Response:
    """Return the whole list of the reader, with the choices that its page would take, as a file."""
    found = WorkList(request, parts, actor, asked)
    return FileWriter(parts, found.lang, actor).response(file_of(found), ending)


@router.post("/nhieu")
def ask_many(request: Request, parts: Here, actor: Who, ticked: Ticked) -> Response:
    """Show what an act would do to each item that was ticked, with its words, before it is taken."""
    if not _ids(ticked):
        back = list_at(request, parts, actor, _one(ticked, "hang")).here
        return RedirectResponse(with_done(back, "none_chosen", "many"), 303)
    act, found, hang = _many(request, parts, actor, ticked)
    return _show_many(request, act, found, hang)


@router.post("/nhieu/ghi")
def take_many(request: Request, parts: Here, actor: Who, ticked: Ticked) -> HTMLResponse:
    """Take an act on many items, and show the outcome of each."""
    act, found, hang = _many(request, parts, actor, ticked)
    key = uuid_of(_one(ticked, "key")) or uuid4()
    lang = lang_of(request)
    done = take_on_many(parts, actor, found, act, key, parts.labels, lang)
    return _show_many(request, act, found, hang, done={str(one.item_id): one for one in done})


@router.post("/chung")
def make_problem(request: Request, parts: Here, actor: Who, ticked: Ticked) -> Response:
    """Make a common problem of items that may have one cause, with kind, title and lead filled in.

    Kinds of items that somebody ticked must be such as may have one cause; what is in a problem already stays there.
    """
    found = list_at(request, parts, actor, _one(ticked, "hang"))
    ids = list(_ids(ticked))
    given = {name: _one(ticked, name) for name in ("kind", "title", "lead_body") if _one(ticked, name)}
    if not given:
        items = free_of(parts, actor, ids)
        if why := refusal_of(parts, items, has_ticked=bool(ids)):
            return RedirectResponse(with_done(found.here, why, "many"), 303)
        ids = [item.hand_off.id for item in items if item.hand_off is not None]
        given = _common_of(found, items)
    if not ids:
        raise BadInput("no item was sent", field="id")
    sent = OpeningInput.model_validate(given)
    key = uuid_of(_one(ticked, "key")) or uuid4()
    made = make_common(parts, actor, sent, ids, key)
    return layout_of(request).render(
        request,
        "work/made.html",
        address=found.place.base,
        made=made,
        title=sent.title,
        problem_url=f"{found.place.base}/van-de-chung/{made.problem_id}",
        back=found.here,
        new_key=uuid4,
    )


@router.post("/chung/{problem_id}/hoan-tac")
def undo_problem(request: Request, parts: Here, actor: Who, problem_id: UUID, ticked: Ticked) -> Response:
    """Take back a common problem that one press made."""
    reason = parts.labels.text("queue.same.undo_reason", lang_of(request))
    take_back(parts, actor, Made(problem_id, tuple(_ids(ticked)), 0), reason)
    back = list_at(request, parts, actor, _one(ticked, "hang")).here
    return RedirectResponse(with_done(back, "undone", problem_id), 303)


def _common_of(found: WorkList, items: Sequence[Item]) -> dict[str, str]:
    """Return what a common problem of some items would be called, and who would lead it."""
    maker = found.maker()
    rows = maker.rows([(found.need(item), item) for item in items], found.page_link)
    common = maker.bundle(list(zip(items, rows, strict=True)))
    return {"kind": common.kind, "title": common.title, "lead_body": common.lead_body}


def _peek(found: WorkList) -> Peek | None:
    wanted = found.request.query_params.get("xem", "")
    try:
        item_id = UUID(wanted)
    except ValueError:
        return None
    try:
        return peek_of(found, item_id, found.request.query_params.get("mau", ""))
    except (NotFound, Forbidden):
        # What was open beside the list is gone or was moved on: the list stands without it.
        return None


def _many(
    request: Request, parts: Parts, actor: Actor, ticked: dict[str, list[str]]
) -> tuple[ManyAct, list[Chosen], WorkList]:
    wanted = _one(ticked, "act")
    act = next((one for one in MANY_ACTS if one == wanted), None)
    if act is None:
        raise NotFound(f"there is no act {wanted!r} for many")
    found = list_at(request, parts, actor, _one(ticked, "hang"))
    lang = lang_of(request)
    return act, chosen_of(parts, actor, _ids(ticked), act, lang, of_issues=found.is_of_issues), found


def _show_many(
    request: Request,
    act: ManyAct,
    chosen: Sequence[Chosen],
    found: WorkList,
    done: Mapping[str, Done] | None = None,
) -> HTMLResponse:
    maker = found.maker()
    items = [(found.need(one.item), one.item) for one in chosen]
    rows: list[Row] = maker.rows(items, found.page_link)
    return layout_of(request).render(
        request,
        "work/many.html",
        address=found.place.base,
        act=act,
        rows=list(zip(chosen, rows, strict=True)),
        ready=sum(one.is_allowed for one in chosen),
        results=done,
        done_count=sum(one.outcome != "refused" for one in done.values()) if done is not None else 0,
        most=MOST,
        back=found.here,
        new_key=uuid4,
        words=found.viewer.words,
    )


def _ids(ticked: dict[str, list[str]]) -> dict[UUID, int | None]:
    """Read `id` or `id:version` of each item that was ticked."""
    found: dict[UUID, int | None] = {}
    for text in ticked.get("id", []):
        name, _, version = text.partition(":")
        item_id = uuid_of(name)
        if item_id is not None:
            found[item_id] = int(version) if version.isascii() and version.isdigit() else None
    return found


def _one(ticked: dict[str, list[str]], name: str) -> str:
    return (ticked.get(name) or [""])[-1]
