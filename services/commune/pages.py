"""Pages of a commune: today, its difficulties, its cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from reporting.dated.calendar import local_day
from reporting.errors import UnknownProcedure
from reporting.issues.state import IssueState
from services.access.actors import Actor
from services.access.policy import may, require
from services.acting.visible import visible_issue
from services.commune.case_list import CaseFilter, list_cases
from services.commune.schemas import CaseLine
from services.errors import Forbidden
from services.intake.case_counts import CaseCounts, count_cases
from services.web.figures import five_numbers as numbers
from services.web.figures.unit_figures import figures_of, metric_labels
from services.web.issues.list_rows import ListRow, ListTab
from services.web.issues.page import IssuePage
from services.web.issues.views import Viewer
from services.web.shell.forms import Filled
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of, level_of
from services.web.shell.paging import Turned, address, cut
from services.web.shell.parts import Parts

router = APIRouter(include_in_schema=False)

MOST_ISSUES = 2_000
_ISSUES = "/xa/kho-khan"
# Tab → states of the issue, or (with `root:`) of its latest proposal, under the tab.
_TABS: dict[str, frozenset[str]] = {
    "proposed": frozenset({"root:proposed"}),
    "awaiting_document": frozenset({"root:awaiting_document"}),
    "with_lead": frozenset({"root:sent", "root:acknowledged", "root:accepted"}),
    "answered": frozenset({"solution_claimed", "answered"}),
    "ended": frozenset({"confirmed", "closed", "withdrawn"}),
}
_MOST_SHOWN = 10
_STATUS_CODES = frozenset(str(code) for code in range(1, 11))


@dataclass(frozen=True, slots=True)
class _CaseRow:
    """One line of the list of cases."""

    dossier_code: str | None
    procedure_name: str
    received_on: dt.date | None
    due_on: dt.date | None
    is_overdue: bool
    status_code: int


_TO_DO = {"commune_chair": "root:proposed", "commune_clerk": "root:awaiting_document"}


@router.get("/xa")
def today(request: Request, parts: Here, actor: Who) -> HTMLResponse:
    """Show the day: five numbers, tasks, new answers, the state of the counter."""
    _at_commune(actor)
    day = local_day(parts.clock())
    issues = _issues(parts, actor)
    counts = count_cases(parts.store, actor.unit_code, day)
    figures = figures_of(parts.warehouse, [actor.unit_code], day, day)
    counter = figures.of(actor.unit_code)
    to_do = _TO_DO.get(actor.role)
    mine = [one for one in issues if to_do in _marks(one)]
    answered = [one for one in issues if _marks(one) & _TABS["answered"]]
    # Do not repeat the issues that are listed above.
    above = {one.id for one in (*mine, *answered)}
    others = [one for one in issues if one.is_open and one.id not in above]
    return layout_of(request).render(
        request,
        "commune/today.html",
        today=day,
        may_report=may(actor, "issue.report", actor.unit_code, units=parts.tables.units),
        numbers=_numbers(actor, issues, counts),
        to_approve=_rows(request, parts, mine),
        answers=_rows(request, parts, answered),
        open_issues=_rows(request, parts, others[:_MOST_SHOWN]),
        metrics=metric_labels(lang_of(request)),
        counter=counter,
        as_of=figures.as_of,
    )


@router.get(_ISSUES)
def issues(
    request: Request,
    parts: Here,
    actor: Who,
    state: Annotated[str, Query(max_length=40)] = "",
    page: Turned = 1,
) -> HTMLResponse:
    """List the commune's difficulties by tab."""
    _at_commune(actor)
    found = _issues(parts, actor)
    chosen = state if state in _TABS else ""
    counts = {key: sum(bool(_marks(one) & states) for one in found) for key, states in _TABS.items()}
    wanted = [one for one in found if not chosen or _marks(one) & _TABS[chosen]]
    shown, pages = cut(wanted, request, page)
    return layout_of(request).render(
        request,
        "commune/issues.html",
        may_report=may(actor, "issue.report", actor.unit_code, units=parts.tables.units),
        tabs=[
            ListTab("", len(found)),
            *(ListTab(key, count) for key, count in counts.items()),
        ],
        chosen=chosen,
        rows=_rows(request, parts, shown),
        pages=pages,
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
    require(actor, "cases.read", actor.unit_code, units=parts.tables.units)
    _at_commune(actor)
    day = local_day(parts.clock())
    code = int(status) if status in _STATUS_CODES else None
    overdue_on, due_on = (day if due == "overdue" else None), (day if due == "today" else None)
    case_filter = CaseFilter(code, overdue_on=overdue_on, due_on=due_on, after=after, unfinished=status == "")
    found = list_cases(parts.store, actor.unit_code, case_filter, with_codes=True)
    return layout_of(request).render(
        request,
        "commune/cases.html",
        chosen_status="all" if status == "all" else str(code or ""),
        due=due,
        cases=[_case(request, parts, row, day) for row in found.items],
        next_url=address(request, after=found.next) if found.next else None,
    )


def _at_commune(actor: Actor) -> None:
    if level_of(actor) != "commune":
        raise Forbidden("this page belongs to a commune; yours is another")


def _issues(parts: Parts, actor: Actor) -> list[IssueState]:
    return parts.issue_table.list(units=[actor.unit_code], limit=MOST_ISSUES)


def _marks(state: IssueState) -> set[str]:
    """Return the states of an issue: its own and, while it is open, that of its latest proposal."""
    root = state.root
    return {state.state} | ({f"root:{root.state}"} if root is not None and state.is_open else set())


def _numbers(actor: Actor, found: list[IssueState], counts: CaseCounts) -> tuple[numbers.Number, ...]:
    if actor.role == "commune_officer":
        return numbers.of_officer(found, counts.due_today, counts.overdue, counts.waiting_supplement)
    return numbers.of_chair(found, counts.overdue)


def _rows(request: Request, parts: Parts, found: Sequence[IssueState]) -> list[ListRow]:
    viewer = Viewer(parts, lang_of(request))
    viewer.read_ahead(found)
    rows = []
    for state in found:
        shown = viewer.summary(state)
        root = state.root
        # While the proposal is under way, its state is more precise than that the report was received.
        on_its_way = state.shown_state == "received" and root is not None
        label = viewer.escalation_line(state, root) if on_its_way and root is not None else shown
        href = f"{_ISSUES}/{state.id}"
        rows.append(ListRow(href, shown, label.state, label.state_label, shown.holder_name, shown.due))
    return rows


def _page(request: Request, parts: Parts, actor: Actor, issue_id: UUID) -> IssuePage:
    return IssuePage(request, parts, actor, f"{_ISSUES}/{issue_id}")


def _case(request: Request, parts: Parts, row: CaseLine, day: dt.date) -> _CaseRow:
    running = row.closed_on is None and not any(pause.to_on is None for pause in row.pauses)
    return _CaseRow(
        dossier_code=row.dossier_code,
        procedure_name=_procedure(request, parts, row.procedure_code, day) or row.field_code,
        received_on=row.received_on,
        due_on=row.due_on,
        is_overdue=running and row.due_on is not None and row.due_on < day,
        status_code=row.status_code,
    )


def _procedure(request: Request, parts: Parts, code: str | None, day: dt.date) -> str | None:
    try:
        found = parts.tables.procedures.get(code, day) if code is not None else None
    except UnknownProcedure:
        return code
    if found is None:
        return None
    return found.name_en if lang_of(request) == "en" and found.name_en else found.name_vi
