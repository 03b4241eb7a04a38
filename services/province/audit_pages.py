"""The rows behind an auditor's numbers: acts on behalf, answers without a document, pauses without a basis, exports."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from reporting.dated.bodies import unit_named
from reporting.dated.periods import period_words
from reporting.issues.clock import Pause
from reporting.issues.state import Act
from services.access.policy import require
from services.language.formats import Formats
from services.language.labels import Lang
from services.province.pages import HAND_OFFS, at_province
from services.web.figures.audited import AUDIT_VIEWS, Audited, AuditView, Finding
from services.web.figures.five_numbers import AUDIT_LISTS, EXPORTS
from services.web.issues.listing import issues_within, territories_of
from services.web.issues.views import Viewer
from services.web.shell.dues import Due
from services.web.shell.identity import Here, Who
from services.web.shell.layout import dues_of, lang_of, layout_of
from services.web.shell.paging import Turned, address, cut, turned
from services.web.shell.parts import Parts
from services.web.shell.rows import Row, View

router = APIRouter(include_in_schema=False)


@router.get(AUDIT_LISTS)
def audited(
    request: Request,
    parts: Here,
    actor: Who,
    turn: Turned,
    view: Annotated[str, Query(alias="so", max_length=40)] = "",
) -> HTMLResponse:
    """List what one of an auditor's numbers counts, the latest first."""
    at_province(actor)
    require(actor, "operations.read", actor.unit_code, units=parts.tables.units)
    found = Audited(issues_within(parts, actor)).views
    territories = territories_of(parts, actor.unit_code)
    chosen: AuditView | None = next((one for one in AUDIT_VIEWS if one == view), None)
    lang = lang_of(request)
    if chosen is None and view == EXPORTS:
        portion = parts.drafts.drawings_within(territories, turn)
        rows = [_export(request, parts, row) for row in portion.rows]
        urls = [turned(request, one) for one in (portion.previous, portion.next)]
    else:
        chosen = chosen or AUDIT_VIEWS[0]
        shown, pages = cut(found[chosen], lambda one: one.place, turn, partial(address, request))
        viewer = Viewer(parts, lang)
        viewer.read_ahead(one.issue for one in shown)
        rows = [_row(request, parts, viewer, one) for one in shown]
        urls = [pages.previous_url, pages.next_url]
    counts: dict[str, int] = {key: len(found[key]) for key in AUDIT_VIEWS}
    counts[EXPORTS] = parts.drafts.drawing_count(territories)
    words = layout_of(request).words_of_actor(parts, actor, lang)
    return layout_of(request).render(
        request,
        "province/audited.html",
        views=[
            View(key, parts.labels.text(f"number.{key}", lang, **words), f"{AUDIT_LISTS}?so={key}", count)
            for key, count in counts.items()
        ],
        chosen=chosen or EXPORTS,
        rows=rows,
        previous_url=urls[0],
        next_url=urls[1],
    )


def _row(request: Request, parts: Parts, viewer: Viewer, one: Finding) -> Row:
    """Return the row of one thing that is counted; it leads to the page of its issue, where the province has one."""
    lang, issue = lang_of(request), one.issue
    root = one.escalation_id or (issue.root.id if issue.root is not None else None)
    return Row(
        name=viewer.words.headline(issue) or viewer.kind_label(issue.report.kind),
        href=f"{HAND_OFFS}/{root}" if root is not None else "",
        more=(*_said(parts, viewer, one, lang), viewer.unit_name(issue.unit_code)),
        due=Due("plain", dues_of(parts, lang).short(one.at)),
    )


def _said(parts: Parts, viewer: Viewer, one: Finding, lang: Lang) -> tuple[str, ...]:
    text, what = parts.labels.text, one.what
    if isinstance(what, Act):
        role = text(f"role.{what.actor_role}", lang, **viewer.words_of(one.issue)) if what.actor_role else ""
        behalf = text("act.on_behalf", lang, body=viewer.body_name(what.on_behalf_of))
        return viewer.event_label(one.issue, what), " ".join(filter(None, (role, behalf)))
    if isinstance(what, Pause):
        return text("due.paused", lang), parts.tables.pause_reasons.name(what.reason, lang)
    return viewer.state_label(one.issue, what), viewer.body_name(what.lead_body) or what.lead_body


def _export(request: Request, parts: Parts, drawn: Any) -> Row:
    """Return the row of a document that left the system as a file."""
    lang, text = lang_of(request), parts.labels.text
    unit = parts.tables.units.get(drawn.unit_code)
    period = parts.tables.periods.named(drawn.period)
    role = drawn.drawn_by.partition("@")[0]
    more = (
        period_words(period, lang),
        text("audited.lines", lang, count=Formats(lang).number(drawn.row_count)),
        unit_named(unit, lang),
        text(f"role.{role}", lang, **parts.labels.words_of_kind(unit.kind, lang)),
    )
    name = f"{text(f'annex.drawn.{drawn.kind}', lang)} ({drawn.format.upper()})"
    return Row(name=name, more=more, due=Due("plain", dues_of(parts, lang).short(drawn.drawn_at)))
