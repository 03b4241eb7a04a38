"""Pages of notices at every level: the list, a person's choice of templates, a body's addresses, the delivery log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.errors import LienCapError
from reporting.dated.bodies import territory_of, unit_named
from reporting.dated.calendar import LOCAL
from reporting.notice import TEMPLATES
from services.access.actors import Actor
from services.access.policy import may, require
from services.access.territory import must_keep
from services.errors import BadInput, Conflict
from services.language.labels import Lang
from services.notices.delivery_log import STATES, counts_within, deliveries_within
from services.notices.inbox import Entry, entries_for, mute, open_notice, read_all, reader_of
from services.notices.subscriptions import (
    ChannelName,
    add_subscription,
    body_of_subscription,
    end_subscription,
    subscriptions_of,
)
from services.notices.words import Wording, page_of
from services.warehouse.promise_table import PromiseTable
from services.web.issues.listing import bodies_of, territories_of
from services.web.issues.report_words import places_of
from services.web.shell.dues import Due
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank, Filled, Ticked
from services.web.shell.identity import Here, Who
from services.web.shell.layout import body_name, dues_of, lang_of, layout_of
from services.web.shell.paging import Turned, address, turned
from services.web.shell.parts import Parts
from services.web.shell.rows import Row, View

router = APIRouter(include_in_schema=False)

_LIST = "/thong-bao"
_CHOICES = f"{_LIST}/tuy-chon"


@router.get(_LIST)
def notices(request: Request, parts: Here, actor: Who, turn: Turned) -> HTMLResponse:
    """List the notices of the actor's body and role."""
    wording, lang = Wording(parts.labels, parts.tables), lang_of(request)
    found, portion = entries_for(parts.store, actor, turn)
    return layout_of(request).render(
        request,
        "web/notices.html",
        days=_by_day(parts, lang, wording, found),
        previous_url=turned(request, portion.previous),
        next_url=turned(request, portion.next),
        may_log=may(actor, "deliveries.read", actor.unit_code, units=parts.tables.units),
    )


@router.post(_LIST + "/da-doc")
def read_everything(parts: Here, actor: Who) -> RedirectResponse:
    """Mark every notice of the actor as read."""
    read_all(parts.store, actor, parts.clock())
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


def _by_day(
    parts: Parts, lang: Lang, wording: Wording, found: Sequence[Entry]
) -> list[tuple[str, list[Row]]]:
    """Return the rows of each local day under its name, the latest first."""
    dues, where = dues_of(parts, lang), _where(parts, found)
    days: dict[str, list[Row]] = {}
    for entry in found:
        notice = entry.notice
        at = notice.occurred_at.astimezone(LOCAL)
        weekday = parts.labels.text(f"look.weekday.{at.isoweekday()}", lang)
        place = where.get(notice.issue_id or notice.spot_id or notice.id)
        new = None if entry.read else parts.labels.text("notices.new", lang)
        more = (new, place, *wording.subject(notice, lang))
        row = Row(
            name=wording.title(notice, lang),
            href=f"{_LIST}/xem/{notice.id}",
            more=tuple(filter(None, more)),
            due=Due("plain", f"{at:%H:%M}"),
            is_urgent=notice.urgent,
            edge=None if entry.read else "info",
        )
        days.setdefault(f"{weekday} {dues.short(at.date())}", []).append(row)
    return list(days.items())


def _where(parts: Parts, found: Sequence[Entry]) -> dict[UUID, str]:
    """Return the place that each notice is about, for issues and villages that the reader was notified of."""
    notices = [entry.notice for entry in found]
    # A neighbour is notified of an issue that it may not read: its notice leads to the neighbour's own list.
    own = {one.issue_id for one in notices if one.issue_id is not None and str(one.issue_id) in page_of(one)}
    handed = {one.issue_id for one in notices if one.issue_id is not None and one.escalation_id is not None}
    states = [folded.state for folded in parts.issue_table.load(own | handed).values()]
    spots = {one.spot_id for one in notices if one.spot_id is not None}
    table = PromiseTable(parts.warehouse)
    villages = {spot.id: spot.village.id for spot_id in spots if (spot := table.get(spot_id)) is not None}
    names = parts.texts.fetch(villages.values())
    named = {spot_id: name for spot_id, text in villages.items() if (name := names.get(text))}
    return places_of(parts.texts, states) | named


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
