"""Render pages: the Jinja environment, the language and theme of a request, whole pages and htmx fragments."""

from __future__ import annotations

import datetime as dt
import functools
import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2_fragments import render_block
from starlette.responses import HTMLResponse

from reporting.dated.bodies import unit_named
from reporting.dated.calendar import local_day
from services.access.actors import Actor
from services.access.policy import may
from services.access.standing import Ending
from services.language.formats import Formats
from services.language.labels import LANGS, Labels, Lang
from services.notices.inbox import unread_count
from services.web.shell.assets import assets_version
from services.web.shell.dues import Dues, Tone
from services.web.shell.error_documents import Problem, asks_for_document, refused_form
from services.web.shell.error_schemas import MEDIA_TYPE
from services.web.shell.icons import icon
from services.web.shell.identity import actor_behind
from services.web.shell.navigation import NAVIGATION, Place, in_bar
from services.web.shell.parts import Parts
from services.web.shell.values import Shown

LANG_COOKIE = "liencap_lang"
THEME_COOKIE = "liencap_theme"
THEMES = ("light", "dark")
_REFUSED, _FAULT, _AWAY = 400, 500, 503
_SLASHES = "/\\"
_HELP_OF_STATUS = {
    401: "sign_in",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    413: "too_large",
    421: "elsewhere",
    429: "too_many",
    503: "not_ready",
}
_HELP_OF_SLUG = {"link-over": "link_over", "unit-ended": "unit_ended"}
"""Errors with a sentence of their own, beside that of their status."""
_TONES: dict[Tone, tuple[str, ...]] = {
    "late": ("breached", "reminder_passed", "needs_fix"),
    "near": (
        "approaching",
        "returned",
        "disputed",
        "proposed",
        "in_correction",
        "awaiting_document",
        "queued",
    ),
    "waiting": ("solution_claimed", "joined"),
    "paused": ("paused",),
    "ok": ("confirmed", "answered", "closed", "met"),
    "info": ("sent", "acknowledged", "accepted", "open"),
}
# Slugs with which the intake may refuse a report of the outbox; any other is shown by its detail.
_SAID_IN_BROWSER = (
    *(
        "bad-input",
        "broken-json",
        "conflict",
        "forbidden",
        "kept-elsewhere",
        "key-reused",
        "not-found",
        "personal-data",
    ),
    *("rule", "too-large", "unit-ended", "unknown-kind", "unknown-unit"),
)
_YEAR = int(dt.timedelta(days=365).total_seconds())


@dataclass(frozen=True, slots=True)
class Layout:
    """The templates and the labels of every page."""

    environment: Environment
    labels: Labels

    def render(
        self,
        request: Request,
        name: str,
        *,
        block: str | None = None,
        status: int = 200,
        address: str | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """Render a page, or only a block of it where htmx asks for a part.

        A choice of language or theme in the query is kept in a cookie. A form that a device kept and that is refused is
        answered by a problem document with the first of its faults.

        Args:
            block: the block that htmx may request alone.
            address: address of the page for a reload, if it differs from that of the request (a form's POST).
        """
        if status >= _REFUSED and asks_for_document(request):
            field, sentence = _first_fault(context.get("errors", {}), context.get("conflict"))
            document = refused_form(status, request.url.path, field, sentence)
            return HTMLResponse(document, status, {"Cache-Control": "no-store"}, media_type=MEDIA_TYPE)
        lang, theme = lang_of(request), theme_of(request)
        values = self._frame(request, lang, theme, address) | context
        if block is not None and wants_fragment(request):
            body = render_block(self.environment, name, block, values)
        else:
            body = self.environment.get_template(name).render(values)
        response = HTMLResponse(
            body, status, {"Cache-Control": "private, no-store", "Vary": "HX-Request, Cookie"}
        )
        _keep(request, response, LANG_COOKIE, "lang", lang)
        _keep(request, response, THEME_COOKIE, "theme", theme)
        return response

    def _frame(self, request: Request, lang: Lang, theme: str | None, address: str | None) -> dict[str, Any]:
        actor: Actor | None = getattr(request.state, "actor", None)
        parts: Parts = request.app.state.parts
        other: Lang = "en" if lang == "vi" else "vi"
        places = _places(parts, actor) if actor is not None else ()
        today = local_day(parts.clock())
        return {
            "t": functools.partial(self._text, lang),
            "lang": lang,
            "theme": theme,
            "f": self.formats(lang),
            "kind_words": self.words_of_actor(parts, actor, lang),
            "browser_words": self._browser_words(lang),
            "tone_of": tone_of,
            "actor": actor,
            "unit": parts.tables.units.get(actor.unit_code) if actor is not None else None,
            "unit_name": (
                unit_named(parts.tables.units.get(actor.unit_code), lang) if actor is not None else None
            ),
            "body_name": body_name(parts, actor.body, lang) if actor is not None else None,
            "places": places,
            "bar": in_bar(places),
            "level": level_of(actor) if actor is not None else None,
            "home": home_of(actor),
            "section": section_of(actor, request.url.path),
            "path": address or request.url.path,
            "other_lang": other,
            "other_lang_url": _with_query(request, address, lang=other),
            "theme_urls": {choice: _with_query(request, address, theme=choice) for choice in THEMES},
            "assets": assets_version(),
            "now": parts.clock(),
            "today": today,
            "dues": dues_of(parts, lang),
            "demo": parts.demo,
            "ended": self._ended(parts, getattr(request.state, "ending", None), lang),
            "filling": parts.filling(),
            "unread_count": lambda: (
                unread_count(parts.store, actor, parts.clock()) if actor is not None else 0
            ),
            # Whether a device keeps this page: it then has no server to ask for another language.
            "kept": False,
            "done": self._done(request),
        }

    def _ended(self, parts: Parts, ending: Ending | None, lang: Lang) -> str:
        """Return how the reader's unit ended and who took it over; empty while it stands."""
        if ending is None:
            return ""
        day = self.formats(lang).day(ending.ended_on)
        if ending.successor_code is None:
            return self.labels.text("ended.unit", lang, day=day)
        successor = unit_named(parts.tables.units.get(ending.successor_code), lang)
        return self.labels.text("ended.unit_to", lang, day=day, successor=successor)

    def _done(self, request: Request) -> str | None:
        asked = request.query_params.get("done", "")
        return asked if self.labels.has(f"done.{asked}") else None

    def words_of_actor(self, parts: Parts, actor: Actor | None, lang: Lang) -> dict[str, str]:
        """Return what an actor's unit and its province call themselves; the usual words where there is no actor."""
        return self.words_of_unit(parts, actor.unit_code, lang) if actor is not None else {}

    def formats(self, lang: Lang) -> Shown:
        """Return the formatter of values in a language."""
        return Shown(Formats(lang))

    def words_of_unit(self, parts: Parts, unit_code: str, lang: Lang) -> dict[str, str]:
        """Return the names of a unit's and its province's kind, as values of labels."""
        if unit_code == "vn":
            return {}
        units = parts.tables.units
        words = self.labels.words_of_kind(units.get(unit_code).kind, lang)
        return self.labels.words_of_kind(units.get(units.province_of(unit_code)).kind, lang) | words

    def _browser_words(self, lang: Lang) -> str:
        """Return the words of the browser's scripts as JSON; the scripts fill the placeholders."""
        catalogue = self.labels.catalogues[lang]
        ours = {
            key.removeprefix("browser."): words
            for key, words in catalogue.items()
            if key.startswith("browser.")
        }
        reasons = {f"problem_{slug}": catalogue[f"problem.{slug}"] for slug in _SAID_IN_BROWSER}
        errors = {
            f"fault_{key.removeprefix('form_error.')}": words
            for key, words in catalogue.items()
            if key.startswith("form_error.")
        }
        return orjson.dumps(reasons | errors | ours).decode()

    def _text(self, lang: Lang, key: str, **values: object) -> str:
        return self.labels.text(key, lang, **values)


def build_layout(labels: Labels) -> Layout:
    """Build the environment over the package's templates; an undefined name raises."""
    folder = importlib.resources.files("services.web") / "templates"
    environment = Environment(
        loader=FileSystemLoader(str(folder)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["icon"] = icon
    return Layout(environment, labels)


def layout_of(request: Request) -> Layout:
    """Return the layout of the app that answers (a FastAPI dependency)."""
    layout: Layout = request.app.state.layout
    return layout


def dues_of(parts: Parts, lang: Lang) -> Dues:
    """Return the wording of deadlines in a language, as of today."""
    return Dues(parts.tables.calendar, local_day(parts.clock()), Formats(lang), parts.labels)


def lang_of(request: Request) -> Lang:
    """Return the language of the query or else of the cookie; Vietnamese by default."""
    for asked in (request.query_params.get("lang"), request.cookies.get(LANG_COOKIE)):
        if asked in LANGS:
            return asked
    return "vi"


def theme_of(request: Request) -> str | None:
    """Return the theme of the query or else of the cookie; None means that of the device."""
    for asked in (request.query_params.get("theme"), request.cookies.get(THEME_COOKIE)):
        if asked in THEMES:
            return asked
    return None


def wants_fragment(request: Request) -> bool:
    """Return whether htmx requests a part of the page."""
    headers = request.headers
    return headers.get("hx-request") == "true" and headers.get("hx-request-type") != "full"


def tone_of(state: str) -> Tone:
    """Return the tone of a state; the label carries the same meaning without colour."""
    return next((tone for tone, states in _TONES.items() if state in states), "plain")


def level_of(actor: Actor) -> str:
    """Return the level whose workplace an actor uses: commune, province or nation."""
    if actor.unit_code == "vn":
        return "nation"
    return "province" if len(actor.unit_code) == len("38") else "commune"


def _places(parts: Parts, actor: Actor) -> tuple[Place, ...]:
    """Return the places of an actor's level that its role may open."""
    units = parts.tables.units
    return tuple(
        place
        for place in NAVIGATION[level_of(actor)]
        if place.needs is None or may(actor, place.needs, actor.unit_code, units=units)
    )


def home_of(actor: Actor | None) -> str:
    """Return the first page of an actor."""
    return NAVIGATION[level_of(actor)][0].url if actor is not None else "/"


def section_of(actor: Actor | None, path: str) -> str | None:
    """Return the page of the navigation under which an address lies: the longest prefix."""
    urls = [place.url for place in NAVIGATION[level_of(actor)]] if actor is not None else []
    return max((url for url in urls if path.startswith(url)), key=len, default=None)


def body_name(parts: Parts, body_id: str | None, lang: Lang) -> str | None:
    """Return the name of a body in a language; None without a body."""
    if body_id is None:
        return None
    body = parts.tables.bodies.get(body_id)
    return body.name_en if lang == "en" else body.name_vi


def error_page(request: Request, found: Problem) -> HTMLResponse:
    """Render a problem for a person, in their language (the `ErrorPage` of the apps)."""
    if wants_fragment(request):
        # A fragment has no place for an error: redirect to the whole page, which shows it.
        whole = request.headers.get("hx-current-url", "/")
        return HTMLResponse(
            "", found.status, {"HX-Redirect": urlsplit(whole)._replace(scheme="", netloc="").geturl()}
        )
    of_status = _HELP_OF_STATUS.get(found.status, "unexpected" if found.status >= _FAULT else "bad_input")
    kind = _HELP_OF_SLUG.get(found.slug, of_status)
    # Whoever is signed in keeps their header and their places, also where no route asked who they are.
    request.state.actor = actor_behind(request, asks_store=found.status != _AWAY)
    # Do not read the store for an error page: the store may be what failed.
    return layout_of(request).render(
        request,
        "web/problem.html",
        status=found.status,
        problem=found,
        kind=kind,
        # The address of a form's POST is no page that could be opened again.
        again=_with_query(request, None) if request.method in {"GET", "HEAD"} else None,
        back=_page_before(request),
        unread_count=lambda: 0,
    )


def _page_before(request: Request) -> str | None:
    """Return the address of our own page that led here; None where another site or none did."""
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc != request.headers.get("host", "") or came.path in {"", "/", request.url.path}:
        return None
    return f"/{came.path.lstrip('/')}" + (f"?{came.query}" if came.query else "")


def _first_fault(errors: Mapping[str, str], conflict: str | None) -> tuple[str | None, str]:
    """Return the first fault that a page shows of the form that was sent: its field and its sentence."""
    return next(iter(errors.items()), (None, conflict or ""))


def _with_query(request: Request, address: str | None, **values: str) -> str:
    url = request.url if address is None else request.url.replace(path=address, query="")
    url = url.include_query_params(**values)
    # A path that begins with two slashes would lead to another host.
    path = f"/{url.path.lstrip(_SLASHES)}"
    return f"{path}?{url.query}" if url.query else path


def _keep(request: Request, response: HTMLResponse, cookie: str, name: str, value: str | None) -> None:
    if value is not None and request.query_params.get(name) == value:
        secure = request.url.scheme == "https"
        response.set_cookie(cookie, value, max_age=_YEAR, samesite="lax", secure=secure)
