"""Pages of notices at every level: the list, a person's choice of templates, a body's addresses, the delivery log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.errors import LienCapError
from reporting.dated.bodies import territory_of, unit_named
from reporting.notice import TEMPLATES
from services.access.actors import Actor
from services.access.policy import may, require
from services.access.territory import must_keep
from services.errors import BadInput, Conflict
from services.language.labels import Lang
from services.notices.alike import Alike, Bundle
from services.notices.days import days_for, entries_alike, read_alike
from services.notices.delivery_log import STATES, counts_within, deliveries_within
from services.notices.inbox import mute, open_notice, read_all, reader_of
from services.notices.subscriptions import (
    ChannelName,
    add_subscription,
    body_of_subscription,
    end_subscription,
    subscriptions_of,
)
from services.notices.words import Wording, page_of
from services.web.issues.listing import bodies_of, territories_of
from services.web.notices.rows import NoticeRows
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank, Filled, Ticked
from services.web.shell.identity import Here, Who
from services.web.shell.layout import body_name, lang_of, layout_of
from services.web.shell.paging import Turned, address, turned
from services.web.shell.parts import Parts
from services.web.shell.rows import View

router = APIRouter(include_in_schema=False)

_LIST = "/thong-bao"
_CHOICES = f"{_LIST}/tuy-chon"


@router.get(_LIST)
def notices(
    request: Request,
    parts: Here,
    actor: Who,
    turn: Turned,
    group: Annotated[str, Query(alias="nhom", max_length=400)] = "",
) -> HTMLResponse:
    """List the notices of the actor's body and role: many that are alike as one row, or those of one such row."""
    shown = NoticeRows(parts, lang_of(request))
    alike = Alike.read(group)
    if alike is None:
        found = days_for(parts.store, actor, turn)
        days, neighbours = shown.days(found.bundles), (found.previous, found.next)
    else:
        entries, portion = entries_alike(parts.store, actor, alike, turn)
        days = shown.days([Bundle(alike, [entry]) for entry in entries])
        neighbours = (portion.previous, portion.next)
    return layout_of(request).render(
        request,
        "web/notices.html",
        days=days,
        group=group if alike is not None else "",
        title=shown.title(alike) if alike is not None else None,
        previous_url=turned(request, neighbours[0]),
        next_url=turned(request, neighbours[1]),
        may_log=may(actor, "deliveries.read", actor.unit_code, units=parts.tables.units),
    )


@router.post(_LIST + "/da-doc")
def read_everything(parts: Here, actor: Who, typed: Filled) -> RedirectResponse:
    """Mark every notice of the actor as read, or only those of one row."""
    alike = Alike.read(typed.get("nhom", ""))
    if alike is None:
        read_all(parts.store, actor, parts.clock())
    else:
        read_alike(parts.store, actor, alike, parts.clock())
    return RedirectResponse(_LIST, 303)


@router.get(_LIST + "/xem/{notice_id}")
def follow(notice_id: UUID, parts: Here, actor: Who) -> RedirectResponse:
    """Mark a notice as read, and redirect to its subject."""
    notice = open_notice(parts.store, actor, notice_id, parts.clock())
    return RedirectResponse(page_of(notice), 303)


@router.get(_CHOICES)
def choices(request: Request, parts: Here, actor: Who) -> HTMLResponse:
    """Show a person's choice of templates, and the addresses of the body."""
    return _choices_page(request, parts, actor)


@router.post(_CHOICES)
def choose(parts: Here, actor: Who, ticked: Ticked) -> RedirectResponse:
    """Store which templates a person wants listed."""
    mute(parts.store, actor, set(TEMPLATES) - set(ticked.get("template", ())), parts.clock())
    return RedirectResponse(f"{_CHOICES}?done=notice_choices", 303)


@router.post(_LIST + "/dia-chi")
def add_address(request: Request, parts: Here, actor: Who, typed: Filled) -> Response:
    """Register an address for a body's notices; the secret of a webhook is shown only here."""
    try:
        body = _chosen_body(parts, typed.get("body", ""))
        require(actor, "subscriptions.change", territory_of(body), body, units=parts.tables.units)
        must_keep(parts.territory, territory_of(body))
        channel: ChannelName = "webhook" if typed.get("channel") == "webhook" else "email"
        lang: Lang = "en" if typed.get("lang") == "en" else "vi"
        _, secret = add_subscription(
            parts.store,
            actor,
            parts.clock(),
            body=body,
            channel=channel,
            address=typed.get("address", ""),
            lang=lang,
            daily=typed.get("rhythm") == "daily",
        )
    except LienCapError as error:
        lang = lang_of(request)
        found = form_errors_of(error, parts.labels, lang)
        if isinstance(error, Conflict):
            found = {"address": parts.labels.text("notices.address_refused", lang)}
        return _choices_page(request, parts, actor, typed=typed, errors=found, status=422)
    if secret is not None:
        return _choices_page(request, parts, actor, secret=secret)
    return RedirectResponse(f"{_CHOICES}?done=address_added", 303)


@router.post(_LIST + "/dia-chi/{subscription_id}/ket-thuc")
def end_address(subscription_id: UUID, parts: Here, actor: Who) -> RedirectResponse:
    """End an address; its deliveries stay in the log."""
    body = body_of_subscription(parts.store, subscription_id)
    require(actor, "subscriptions.change", territory_of(body), body, units=parts.tables.units)
    end_subscription(parts.store, actor, parts.clock(), subscription_id)
    return RedirectResponse(f"{_CHOICES}?done=address_ended", 303)


@router.get(_LIST + "/nhat-ky")
def log(
    request: Request,
    parts: Here,
    actor: Who,
    turn: Turned,
    state: Annotated[str, Query(max_length=10)] = "",
) -> HTMLResponse:
    """Show to an auditor the deliveries by channel, with their outcome."""
    require(actor, "deliveries.read", actor.unit_code, units=parts.tables.units)
    territories = territories_of(parts, actor.unit_code)
    chosen = state if state in STATES else None
    portion = deliveries_within(parts.store, territories, state=chosen, turn=turn)
    counts = counts_within(parts.store, territories)
    wording, lang = Wording(parts.labels, parts.tables), lang_of(request)
    return layout_of(request).render(
        request,
        "web/deliveries.html",
        views=[
            View(
                "",
                parts.labels.text("notices.every_state", lang),
                address(request, state="", sau="", truoc=""),
            ),
            *(
                View(
                    key,
                    parts.labels.text(f"notices.state.{key}", lang),
                    address(request, state=key, sau="", truoc=""),
                    counts[key],
                )
                for key in STATES
            ),
        ],
        chosen=chosen or "",
        rows=[
            {
                "row": row,
                "title": wording.title(row, lang),
                "kind": None if row.kind is None else wording.kind(row.kind, lang),
                "body": _name(parts, row.body, lang),
                "unit": unit_named(parts.tables.units.get(row.unit_code), lang),
            }
            for row in portion.rows
        ],
        previous_url=turned(request, portion.previous),
        next_url=turned(request, portion.next),
    )


def _choices_page(
    request: Request,
    parts: Parts,
    actor: Actor,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    secret: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    lang, reader = lang_of(request), reader_of(parts.store, actor)
    bodies = _looked_after(parts, actor)
    changes = [body for body in bodies if _may_change(parts, actor, body)]
    return layout_of(request).render(
        request,
        "web/notice_choices.html",
        status=status,
        address=_CHOICES,
        templates=[{"key": key, "listed": key not in reader.muted} for key in TEMPLATES],
        subscriptions=[
            {"row": row, "body": _name(parts, row.body, lang), "may_end": row.body in changes}
            for row in subscriptions_of(parts.store, bodies)
        ],
        bodies=[(body, _name(parts, body, lang)) for body in changes],
        typed=Blank(typed or {}),
        errors=Blank(errors or {}),
        secret=secret,
    )


def _looked_after(parts: Parts, actor: Actor) -> Sequence[str]:
    """Return the bodies whose addresses an actor sees: its own, or for watching roles those of all its communes too."""
    own = bodies_of(parts, actor)
    watched = territories_of(parts, actor.unit_code)
    if watched is None or actor.role not in {"administrator", "auditor"}:
        return own
    return (*own, *(f"{code}.ubnd" for code in watched if code != actor.unit_code))


def _may_change(parts: Parts, actor: Actor, body: str) -> bool:
    return may(actor, "subscriptions.change", territory_of(body), body, units=parts.tables.units)


def _chosen_body(parts: Parts, body: str) -> str:
    if not parts.tables.bodies.knows(body):
        raise BadInput("choose a body from the list", field="body")
    return body


def _name(parts: Parts, body: str, lang: Lang) -> str:
    return (body_name(parts, body, lang) if parts.tables.bodies.knows(body) else None) or body
