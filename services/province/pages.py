"""Pages of a province: the queue of escalations, one escalation with its acts, the overview of the communes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from reporting.dated.bodies import unit_named
from reporting.dated.calendar import local_day
from reporting.issues.permissions import DEPARTMENT_ROLES
from reporting.issues.state import IssueState
from services.access.actors import Actor
from services.access.policy import require
from services.errors import Forbidden
from services.language.vietnamese import collation_key
from services.web.figures import five_numbers as numbers
from services.web.figures.schemas import UnitRow
from services.web.figures.unit_figures import SHOWN, Figures, figures_of, metric_labels, silent_units
from services.web.issues.list_rows import ListRow, ListTab
from services.web.issues.listing import MOST_ISSUES, issues_within, territories_of
from services.web.issues.queue import TABS, HandOff, Tab, hand_offs, is_in_tab, waiting_first
from services.web.issues.views import Viewer
from services.web.promises.views import visible_spots
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of, level_of
from services.web.shell.paging import Turned, address, cut
from services.web.shell.parts import Parts

router = APIRouter(include_in_schema=False)

WINDOWS = (7, 30, 90)
HAND_OFFS = "/tinh/de-xuat"


@dataclass(frozen=True, slots=True)
class _Choice:
    """A window of days, and the address of the page over it."""

    days: int
    url: str


@dataclass(frozen=True, slots=True)
class _Commune:
    """One line of the overview; without figures where no case was ever landed."""

    name: str
    figures: UnitRow | None


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of the overview, and the address that sorts by it."""

    key: str
    label: str
    url: str


@router.get("/tinh")
def queue(
    request: Request,
    parts: Here,
    actor: Who,
    tab: Annotated[str, Query(max_length=20)] = "",
    body: Annotated[str, Query(max_length=60)] = "",
    unit: Annotated[str, Query(max_length=5)] = "",
    page: Turned = 1,
) -> HTMLResponse:
    """Show the escalations that wait for the province, or for one of its departments."""
    at_province(actor)
    now = parts.clock()
    tabs = [key for key in TABS if key != "unassigned" or not _is_department(actor)]
    # A leader signs petitions to ministries; other roles begin with the incoming escalations.
    usual: Tab = "petitions" if actor.role == "province_leader" else "new"
    chosen: Tab = tab if tab in tabs else usual
    issues = issues_within(parts, actor)
    everything = hand_offs(issues, actor.body if _is_department(actor) else None)
    kept = [
        pair for pair in everything if body in {"", pair[1].lead_body} and unit in {"", pair[0].unit_code}
    ]
    counts = {key: sum(is_in_tab(key, pair, now) for pair in kept) for key in tabs}
    found = [pair for pair in kept if is_in_tab(chosen, pair, now)]
    shown, pages = cut(waiting_first(found) if chosen == "petitions" else found, request, page)
    viewer = Viewer(parts, lang_of(request))
    viewer.read_ahead(issue for issue, _ in shown)
    return layout_of(request).render(
        request,
        "province/queue.html",
        block="queue",
        numbers=_numbers(parts, actor, issues, now),
        tabs=[ListTab(key, counts[key], address(request, tab=key, trang="")) for key in tabs],
        tab=chosen,
        body=body,
        commune=unit,
        bodies=[] if _is_department(actor) else _bodies(viewer, everything),
        communes=_communes(viewer, everything),
        rows=[_row(viewer, pair) for pair in shown],
        pages=pages,
        most=MOST_ISSUES if len(issues) == MOST_ISSUES else None,
        here=address(request),
    )


@router.get("/tinh/tong-quan")
def overview(
    request: Request,
    parts: Here,
    actor: Who,
    days: Annotated[int, Query(alias="ngay")] = 30,
    sort: Annotated[str, Query(max_length=20)] = "name",
    order: Annotated[str, Query(max_length=4)] = "",
) -> HTMLResponse:
    """Show the communes side by side: flows and stocks over 7, 30 or 90 days."""
    at_province(actor)
    require(actor, "rollups.read", actor.unit_code, units=parts.tables.units)
    window = days if days in WINDOWS else 30
    last_on = local_day(parts.clock())
    first_on = last_on - dt.timedelta(days=window - 1)
    units = parts.tables.units.communes_of(actor.unit_code, last_on)
    # A dictionary sorts Bát Mọt under B, whatever kind of unit it is.
    names = {
        one.code: unit_named(one, lang_of(request))
        for one in sorted(units, key=lambda one: collation_key(one.name))
    }
    figures = figures_of(parts.warehouse, list(names), first_on, last_on)
    key = sort if sort in SHOWN else "name"
    ascending = order == "asc" or (order == "" and key == "name")
    communes = _sorted(figures, names, key, ascending=ascending)
    return layout_of(request).render(
        request,
        "province/overview.html",
        block="figures",
        windows=[_Choice(choice, address(request, ngay=choice)) for choice in WINDOWS],
        days=window,
        first_on=first_on,
        last_on=last_on,
        as_of=figures.as_of,
        communes=communes if figures.as_of is not None else [],
        reported=sum(row.figures is not None for row in communes),
        whole=len(communes),
        figures=SHOWN,
        total=figures.total(),
        sort=key,
        ascending=ascending,
        columns=_columns(request, key, ascending=ascending),
    )


def at_province(actor: Actor) -> None:
    """Check that the actor belongs to a province.

    Raises:
        Forbidden: the actor belongs elsewhere.
    """
    if level_of(actor) != "province":
        raise Forbidden("this page belongs to a province; yours is another")


def _is_department(actor: Actor) -> bool:
    return actor.role in DEPARTMENT_ROLES


def _numbers(
    parts: Parts, actor: Actor, issues: list[IssueState], now: dt.datetime
) -> tuple[numbers.Number, ...]:
    if actor.role in {"auditor", "administrator"}:
        return numbers.of_auditor(issues, parts.drafts.drawing_count(territories_of(parts, actor.unit_code)))
    if _is_department(actor) and actor.body is not None:
        return numbers.of_department(issues, actor.body, visible_spots(parts, actor), now)
    communes = [one.code for one in parts.tables.units.communes_of(actor.unit_code)]
    silent = silent_units(parts.warehouse, communes, now)
    problems = len(parts.problem_table.list(scopes=[actor.unit_code], live_only=True))
    return numbers.of_coordinator(issues, problems, silent, now)


def _row(viewer: Viewer, pair: HandOff) -> ListRow:
    issue, one = pair
    shown = viewer.escalation_line(issue, one)
    # More precise than answered or sent: it is to be reviewed again, or waits for something else.
    says_more = one is issue.root and issue.shown_state in {"disputed", "suppressed"}
    standing = shown.issue if says_more else shown
    return ListRow(
        href=f"{HAND_OFFS}/{shown.id}",
        issue=shown.issue,
        state=standing.state,
        state_label=standing.state_label,
        holder_name=shown.lead_name,
        due=shown.due,
    )


def _bodies(viewer: Viewer, pairs: list[HandOff]) -> list[tuple[str, str]]:
    found = {one.lead_body: viewer.body_name(one.lead_body) or one.lead_body for _, one in pairs}
    return sorted(found.items(), key=lambda choice: collation_key(choice[1]))


def _communes(viewer: Viewer, pairs: list[HandOff]) -> list[tuple[str, str]]:
    units = {issue.unit_code: viewer.unit(issue.unit_code) for issue, _ in pairs}
    found = sorted(units.values(), key=lambda unit: collation_key(unit.name))
    return [(unit.code, viewer.unit_name(unit.code)) for unit in found]


def _sorted(figures: Figures, names: dict[str, str], key: str, *, ascending: bool) -> list[_Commune]:
    """Sort by a figure, or keep the order of the names; communes without figures come last by a figure."""
    rows = [_Commune(name, figures.of(code)) for code, name in names.items()]
    if key == "name":
        return rows if ascending else rows[::-1]
    known = [(row.figures.number(key), row) for row in rows if row.figures is not None]
    known.sort(key=lambda pair: pair[0], reverse=not ascending)
    return [*(row for _, row in known), *(row for row in rows if row.figures is None)]


def _columns(request: Request, sort: str, *, ascending: bool) -> list[_Column]:
    layout, lang = layout_of(request), lang_of(request)
    labels = {"name": layout.labels.text("overview.commune", lang), **metric_labels(lang)}
    found = []
    for key in ("name", *SHOWN):
        # The same column reverses the order; another starts with names from A, or with the largest figures.
        up = not ascending if key == sort else key == "name"
        found.append(_Column(key, labels[key], address(request, sort=key, order="asc" if up else "desc")))
    return found
