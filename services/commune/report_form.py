"""The form of a difficulty: as a page, as the shell that a device caches, and sent without JavaScript."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.errors import LienCapError
from events.issues import REPORT_TEXTS
from reporting.competence.conditions import PLACE_TYPES, TRIED_STEPS
from reporting.competence.table import Kind
from reporting.dated.calendar import local_day
from reporting.dated.kind_words import UNCLEAR
from services.access.actors import Actor
from services.access.policy import require
from services.errors import Forbidden, KeyReused, NotReady
from services.intake.issue_input import LONGEST_SAYING, IssueInput
from services.language.labels import Lang
from services.web.issues.precedent_schemas import PrecedentView
from services.web.issues.precedent_views import kept_on_the_device, precedents
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank, Filled
from services.web.shell.identity import Here, Who
from services.web.shell.kind_words import PATH as WORDS_PATH
from services.web.shell.kind_words import kind_words as words_of_kinds
from services.web.shell.kind_words import kind_words_url
from services.web.shell.layout import lang_of, layout_of, level_of
from services.web.shell.parts import Parts
from services.web.workload.reported import filled_report

router = APIRouter(include_in_schema=False)

PATH = "/xa/kho-khan/moi"
_TEXTS = ("kind", "severity", *REPORT_TEXTS)
_CHOICES = ("place_type", "tried_step")
_NUMBERS = ("people_affected", "cases_blocked", "cases_overdue", "amount_dong")
_FOLDED = ("tried", *_CHOICES, *_NUMBERS, "occurred_on")
"""Optional fields, folded away unless one is filled."""


@dataclass(frozen=True, slots=True)
class _Option:
    """One kind to choose."""

    key: str
    lane: str
    label: str


@dataclass(frozen=True, slots=True)
class _Group:
    """The kinds of one group; the group is unfolded where it holds the chosen kind."""

    label: str
    kinds: list[_Option]
    has_chosen: bool


@router.get("/khung/kho-khan-moi")
def shell(request: Request, parts: Here) -> HTMLResponse:
    """Show the form that a device caches for use without a network; holds no personal data."""
    return _page(request, parts, {}, kept=True)


@router.get(WORDS_PATH)
def kind_words(parts: Here) -> Response:
    """Return by what each kind is found, of no person: a device keeps it until another version of the tables."""
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(
        words_of_kinds(parts.tables, local_day(parts.clock())), media_type="application/json", headers=kept
    )


@router.get(PATH)
def form(
    request: Request,
    parts: Here,
    actor: Who,
    about: Annotated[Literal["", "khoi-luong"], Query(alias="tu")] = "",
    period: Annotated[str, Query(alias="ky", max_length=10)] = "",
    kind: Annotated[str, Query(alias="loai", max_length=60)] = "",
) -> HTMLResponse:
    """Show the form; its key is made here, and again by the device, which keeps its own.

    From the figures of the workload it comes filled in, to be read, changed and sent by its writer.
    """
    _check(parts, actor)
    filled = filled_report(parts, actor, period) if about else _of_kind(parts, kind)
    return _page(request, parts, {"id": str(uuid.uuid4()), **filled}, filled=bool(filled))


@router.post(PATH)
async def send(request: Request, parts: Here, actor: Who, typed: Filled) -> Response:
    """Take a report from a browser without JavaScript, and redirect once it is folded."""
    _check(parts, actor)
    try:
        sent = IssueInput.model_validate(_members(typed))
        receipt = await parts.intake.post_issue(actor.unit_code, sent, actor=actor, now=parts.clock())
    except (LienCapError, ValidationError) as error:
        errors = form_errors_of(error, parts.labels, lang_of(request))
        if isinstance(error, KeyReused):
            # A page reached by Back holds the key of the sent report: other words under it are another report.
            typed = {**typed, "id": str(uuid.uuid4())}
            errors = {"id": parts.labels.text("report.new_key", lang_of(request))}
        return await run_in_threadpool(_page, request, parts, typed, errors=errors, status=422)
    await parts.arrivals.arrived(receipt.event_id, parts.wait_seconds, subject=receipt.id)
    return RedirectResponse(f"/xa/kho-khan/{receipt.id}?done=report", 303)


def _of_kind(parts: Parts, kind: str) -> dict[str, str]:
    """Return the form with a kind chosen, as a board sends its reader here; nothing where there is no such kind."""
    known = {row.kind.key for row in parts.tables.competence.rows()}
    return {"kind": kind} if kind in known else {}


def _check(parts: Parts, actor: Actor) -> None:
    """Check that the actor is of a commune; others report on its behalf through the API."""
    require(actor, "issue.report", actor.unit_code, units=parts.tables.units)
    if level_of(actor) != "commune":
        raise Forbidden("this form belongs to a commune; yours is another unit")


def _members(typed: dict[str, str]) -> dict[str, str]:
    """Return the form's fields as a report; a day becomes the local midnight at its beginning."""
    members = {name: typed[name] for name in (*_TEXTS, *_CHOICES, *_NUMBERS) if name in typed}
    # This form always names both: left empty, they are asked for.
    members |= {name: typed.get(name, "") for name in ("content", "request")}
    members |= {"id": typed.get("id") or str(uuid.uuid4()), "intake_channel": "web"}
    if "occurred_on" in typed:
        members["occurred_at"] = f"{typed['occurred_on']}T00:00:00+07:00"
    return members


def _page(
    request: Request,
    parts: Parts,
    typed: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
    kept: bool = False,
    filled: bool = False,
    status: int = 200,
) -> HTMLResponse:
    lang = lang_of(request)
    today = local_day(parts.clock())
    kinds, placed = parts.tables.competence.kinds(today), parts.tables.place_kinds.on(today)
    chosen = next((kind for kind in kinds if kind.key == typed.get("kind")), None)
    values = {name: typed.get(name) for name in (*_TEXTS, *_CHOICES, *_NUMBERS, "id", "occurred_on")}
    shown = [] if kept else _precedents(request, parts)
    return layout_of(request).render(
        request,
        "commune/report.html",
        status=status,
        kept=kept,
        filled=filled,
        values=values,
        errors=Blank(errors or {}),
        groups=_groups(parts, kinds, chosen, lang),
        unclear=UNCLEAR,
        kind_words_url=kind_words_url(parts.tables, today),
        placed=placed,
        chosen_lane=chosen.lane if chosen is not None else None,
        needs_place=chosen is not None and chosen.key in placed,
        place_types=PLACE_TYPES,
        tried_steps=TRIED_STEPS,
        longest_saying=LONGEST_SAYING,
        folded_open=any(values[name] for name in _FOLDED) or any(name in (errors or {}) for name in _FOLDED),
        precedents=shown,
        kept_precedents=kept_on_the_device(shown, parts.labels, lang),
        duty=[] if kept else _duty_numbers(request, parts),
    )


def _precedents(request: Request, parts: Parts) -> list[PrecedentView]:
    """Return the confirmed answers of the actor's province; empty while the engine does not answer."""
    actor: Actor = request.state.actor
    try:
        return precedents(parts, parts.tables.units.province_of(actor.unit_code), lang_of(request))
    except NotReady:
        return []  # the form works without them


def _duty_numbers(request: Request, parts: Parts) -> list[str]:
    """Return the telephone numbers of the actor's province, from the table of bodies."""
    actor: Actor = request.state.actor
    province, lang = parts.tables.units.province_of(actor.unit_code), lang_of(request)
    found = parts.tables.bodies.of_unit(province, local_day(parts.clock()))
    return [
        f"{body.duty_phone} ({body.name_en if lang == 'en' else body.name_vi})"
        for body in found
        if body.duty_phone
    ]


def _groups(parts: Parts, kinds: tuple[Kind, ...], chosen: Kind | None, lang: Lang) -> list[_Group]:
    """Return the kinds under their groups."""
    groups = []
    for group in parts.tables.competence.groups():
        inside = [
            _Option(
                key=kind.key,
                lane=kind.lane,
                label=kind.name_en if lang == "en" else kind.name_vi,
            )
            for kind in kinds
            if kind.group_key == group.key
        ]
        label = group.name_en if lang == "en" else group.name_vi
        groups.append(_Group(label, inside, chosen is not None and chosen.group_key == group.key))
    return groups
