"""Pages of a commune: today, its difficulties, its cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from reporting.dated.calendar import local_day
from reporting.issues.state import IssueState
from services.access.actors import Actor
from services.access.policy import may, require
from services.acting.visible import visible_issue
from services.commune.case_file import file_of, procedure_name
from services.commune.case_list import CaseFilter, every_case, list_cases
from services.commune.schemas import CaseLine
from services.errors import Forbidden
from services.intake.case_counts import CaseCounts, CaseNeed, count_cases
from services.web.figures import five_numbers as numbers
from services.web.figures.number_cards import cards_of
from services.web.figures.silence import silence_now
from services.web.figures.unit_figures import figures_of, metric_labels
from services.web.issue_page.page import IssuePage
from services.web.issues.desks import desk_of
from services.web.issues.queue import Desk
from services.web.issues.views import Viewer
from services.web.shell.cards import Card
from services.web.shell.dues import Due
from services.web.shell.forms import Filled
from services.web.shell.identity import Here, Who
from services.web.shell.layout import dues_of, lang_of, layout_of, level_of
from services.web.shell.list_files import Ending, FileWriter
from services.web.shell.paging import address
from services.web.shell.parts import Parts
from services.web.shell.rows import Row
from services.web.work.asked import Asks
from services.web.work.lists import WorkList
from services.web.work.many import MOST
from services.web.work.pages import show_list
from services.web.work.rows import Reader, RowMaker

router = APIRouter(include_in_schema=False)

MOST_ISSUES = 2_000
_ISSUES = "/xa/kho-khan"
_MOST_SHOWN = 10
_STATUS_CODES = frozenset(str(code) for code in range(1, 11))


_TO_DO = {
    "commune_officer": "in_correction",
    "commune_chair": "proposed",
    "commune_clerk": "awaiting_document",
}
_CASE_NEEDS: dict[str, CaseNeed] = {"today": "today", "overdue": "overdue", "supplement": "supplement"}


@router.get("/xa")
def today(request: Request, parts: Here, actor: Who) -> HTMLResponse:
    """Show the day: five numbers, tasks, new answers, the state of the counter."""
    _at_commune(actor)
    day = local_day(parts.clock())
    issues = _issues(parts, actor)
    counts = count_cases(parts.store, actor.unit_code, day)
    figures = figures_of(parts.warehouse, [actor.unit_code], day, day)
    counter = figures.of(actor.unit_code)
    [silence] = silence_now(parts.warehouse, parts.tables, [actor.unit_code], parts.clock())
    is_known = not silence.is_without_figures
    desk = desk_of(actor, issues, parts.tables, parts.clock())
    to_do = _TO_DO.get(actor.role)
    mine = [] if to_do is None else desk.under(to_do)
    answered = desk.under("answered")
    # Do not repeat the issues that are listed above.
    above = {item.issue.id for _, item in (*mine, *answered)}
    others = [
        (need, item) for need, item in desk.under("all") if item.issue.is_open and item.issue.id not in above
    ][:_MOST_SHOWN]
    lang = lang_of(request)
    viewer = Viewer(parts, lang)
    maker = RowMaker(parts, viewer, desk.today, Reader.of(actor, lang))
    viewer.read_ahead(item.issue for _, item in (*mine, *answered, *others))
    return layout_of(request).render(
        request,
        "commune/today.html",
        today=day,
        may_report=may(actor, "issue.report", actor.unit_code, units=parts.tables.units),
        numbers=_cards(request, parts, actor, _numbers(actor, desk, counts, is_known=is_known)),
        is_known=is_known,
        to_do=maker.rows(mine, _page_link),
        # A chair reads a proposal before approving it.
        proposed={str(item.issue.id): item.issue for _, item in mine}
        if actor.role == "commune_chair"
        else None,
        words=viewer.words,
        proposals=f"{_ISSUES}?state=proposed",
        most=MOST,
        answers=maker.rows(answered, _page_link),
        open_issues=maker.rows(others, _page_link),
        metrics=metric_labels(lang_of(request)),
        counter=counter,
        as_of=figures.as_of,
    )


@router.get(_ISSUES)
def issues(request: Request, parts: Here, actor: Who, asked: Asks) -> HTMLResponse:
    """List the commune's difficulties by where they are."""
    _at_commune(actor)
    return show_list(
        WorkList(request, parts, actor, asked),
        template="commune/issues.html",
        may_report=may(actor, "issue.report", actor.unit_code, units=parts.tables.units),
    )


@router.get(_ISSUES + "/{issue_id}")
def issue(request: Request, issue_id: UUID, parts: Here, actor: Who) -> HTMLResponse:
    """Show one difficulty: its holder, the reason, its timeline, the possible acts."""
    _at_commune(actor)
    return _page(request, parts, actor, issue_id).show(visible_issue(parts, actor, issue_id))


@router.post(_ISSUES + "/{issue_id}/{act}")
def act(request: Request, issue_id: UUID, act: str, parts: Here, actor: Who, typed: Filled) -> Response:
    """Take the act of a form."""
    _at_commune(actor)
    return _page(request, parts, actor, issue_id).take(
        act, visible_issue(parts, actor, issue_id, to_act=True), typed
    )


@router.get("/xa/ho-so")
def cases(
    request: Request,
    parts: Here,
    actor: Who,
    status: str = "",
    due: str = "",
    after: str | None = None,
) -> HTMLResponse:
    """List the commune's cases by status and deadline."""
    day = _at_cases(parts, actor)
    code = int(status) if status in _STATUS_CODES else None
    case_filter = replace(_asked_cases(status, due, day), after=after)
    found = list_cases(parts.store, actor.unit_code, case_filter, with_codes=True)
    return layout_of(request).render(
        request,
        "commune/cases.html",
        chosen_status="all" if status == "all" else str(code or ""),
        due=due,
        file_query=address(request, after="").partition("?")[2],
        rows=[_case(request, parts, actor, row, day) for row in found.items],
        next_url=address(request, after=found.next) if found.next else None,
    )


@router.get("/xa/ho-so.{ending}")
def cases_as_file(
    request: Request, ending: Ending, parts: Here, actor: Who, status: str = "", due: str = ""
) -> Response:
    """Return all cases of a status and a deadline as a file."""
    day, lang = _at_cases(parts, actor), lang_of(request)
    rows = every_case(parts.store, actor.unit_code, _asked_cases(status, due, day))
    found = file_of(parts, lang, rows, (status, due))
    return FileWriter(parts, lang, actor).response(found, ending)


def _at_cases(parts: Parts, actor: Actor) -> dt.date:
    """Check that the actor may list the cases of its commune, and return the day."""
    require(actor, "cases.read", actor.unit_code, units=parts.tables.units)
    _at_commune(actor)
    return local_day(parts.clock())


def _asked_cases(status: str, due: str, day: dt.date) -> CaseFilter:
    code, need = int(status) if status in _STATUS_CODES else None, _CASE_NEEDS.get(due)
    return CaseFilter(code, need=need, need_on=day, unfinished=status == "" and need is None)


def _at_commune(actor: Actor) -> None:
    if level_of(actor) != "commune":
        raise Forbidden("this page belongs to a commune; yours is another")


def _issues(parts: Parts, actor: Actor) -> list[IssueState]:
    return parts.issue_table.list(units=[actor.unit_code], limit=MOST_ISSUES)


def _page_link(issue_id: str) -> str:
    return f"{_ISSUES}/{issue_id}"


def _numbers(actor: Actor, desk: Desk, counts: CaseCounts, *, is_known: bool) -> tuple[numbers.Number, ...]:
    is_officer = actor.role == "commune_officer"
    found = numbers.of_officer(desk, counts) if is_officer else numbers.of_chair(desk, counts.overdue)
    return found if is_known else numbers.where_the_day_is_unknown(found, numbers.OF_CASES)


def _cards(request: Request, parts: Parts, actor: Actor, found: Sequence[numbers.Number]) -> list[Card]:
    lang = lang_of(request)
    return cards_of(found, parts.labels, lang, layout_of(request).words_of_actor(parts, actor, lang))


def _page(request: Request, parts: Parts, actor: Actor, issue_id: UUID) -> IssuePage:
    return IssuePage(request, parts, actor, f"{_ISSUES}/{issue_id}")


def _case(request: Request, parts: Parts, actor: Actor, row: CaseLine, day: dt.date) -> Row:
    lang, dues = lang_of(request), dues_of(parts, lang_of(request))
    status = parts.labels.text(f"case.status.{row.status_code}", lang)
    due: Due | None
    if row.closed_on is not None:
        due = Due("ok", dues.short(row.closed_on))
    elif any(pause.to_on is None for pause in row.pauses):
        due = Due(
            "paused", parts.labels.text("due.paused", lang), dues.on(row.due_on).note if row.due_on else ""
        )
    else:
        due = dues.on(row.due_on, days_kind="working") if row.due_on else None
    received = parts.labels.text("look.received", lang, day=dues.short(row.received_on or row.submitted_on))
    name = procedure_name(parts, lang, row.procedure_code, day) or row.field_code
    notes = row.unit_code == actor.unit_code and may(
        actor, "cases.sync", row.unit_code, units=parts.tables.units
    )
    href = f"/xa/ho-so/{row.case_key}/ghi-them" if notes else ""
    more = tuple(filter(None, (row.dossier_code, status, received)))
    return Row(name=name, href=href, more=more, due=due)
