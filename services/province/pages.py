"""Pages of a province: the queue of escalations, one escalation with its acts, the overview of the communes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from dashboards.definitions.silence import NAMES, WHAT_TO_DO, WHY
from reporting.dated.bodies import unit_named
from reporting.dated.calendar import local_day
from reporting.issues.state import IssueState
from services.access.actors import Actor
from services.access.policy import require
from services.errors import Forbidden
from services.language.labels import Lang
from services.language.vietnamese import collation_key
from services.web.figures import five_numbers as numbers
from services.web.figures.audited import Audited
from services.web.figures.schemas import UnitRow
from services.web.figures.silence import NowSilence, without_figures
from services.web.figures.unit_figures import SHOWN, Figures, figures_of, metric_labels
from services.web.figures.windows import window_of_period
from services.web.filings.views import FilingViewer
from services.web.issues.desks import is_of_department
from services.web.issues.listing import territories_of
from services.web.issues.queue import Desk
from services.web.problems.views import problems_of
from services.web.promises.views import visible_spots
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of, level_of
from services.web.shell.paging import address
from services.web.shell.parts import Parts
from services.web.shell.period_choice import PeriodChoice
from services.web.shell.rows import View
from services.web.work.asked import Asks
from services.web.work.lists import WorkList
from services.web.work.pages import show_list

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
    silence: _Silence | None = None


@dataclass(frozen=True, slots=True)
class _Silence:
    """Why the figures of a commune are not known today, and what to do."""

    kind: str
    why: str
    todo: str


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of the overview, and the address that sorts by it."""

    key: str
    label: str
    url: str


@router.get("/tinh")
def queue(request: Request, parts: Here, actor: Who, asked: Asks) -> HTMLResponse:
    """Show what waits for the province, or for one department of it."""
    at_province(actor)
    found = WorkList(request, parts, actor, asked)
    return show_list(found, numbers=_numbers(parts, actor, found.issues, found.whole))


@router.get("/tinh/tong-quan")
def overview(
    request: Request,
    parts: Here,
    actor: Who,
    days: Annotated[int, Query(alias="ngay")] = 30,
    period_key: Annotated[str, Query(alias="ky", max_length=10)] = "",
    sort: Annotated[str, Query(max_length=20)] = "name",
    order: Annotated[str, Query(max_length=4)] = "",
    state: Annotated[str, Query(max_length=10)] = "",
) -> HTMLResponse:
    """Show the communes side by side: flows and stocks over 7, 30 or 90 days, or over a reporting period."""
    at_province(actor)
    require(actor, "rollups.read", actor.unit_code, units=parts.tables.units)
    window = days if days in WINDOWS else 30
    now = parts.clock()
    last_on = local_day(now)
    first_on = last_on - dt.timedelta(days=window - 1)
    period = parts.tables.periods.named(period_key) if period_key else None
    choice = PeriodChoice.of(parts.tables.periods, last_on, lang_of(request), period)
    if period is not None:
        of_period = window_of_period(period, last_on)
        first_on, last_on = of_period.first_on, of_period.last_on
    units = parts.tables.units.communes_of(actor.unit_code, last_on)
    silent = without_figures(parts.warehouse, parts.tables, [one.code for one in units], now)
    every, only_silent = len(units), state == "silent" and silent is not None
    if only_silent:
        units = tuple(one for one in units if silent is not None and one.code in silent)
    # A dictionary sorts Bát Mọt under B, whatever kind of unit it is.
    names = {
        one.code: unit_named(one, lang_of(request))
        for one in sorted(units, key=lambda one: collation_key(one.name))
    }
    figures = figures_of(parts.warehouse, list(names), first_on, last_on)
    key = sort if sort in SHOWN else "name"
    ascending = order == "asc" or (order == "" and key == "name")
    communes = _sorted(figures, names, key, _silences(silent, lang_of(request)), ascending=ascending)
    return layout_of(request).render(
        request,
        "province/overview.html",
        block="figures",
        windows=[_Choice(one, address(request, ngay=one, ky="")) for one in WINDOWS],
        days=window if period is None else 0,
        choice=choice,
        first_on=first_on,
        last_on=last_on,
        as_of=figures.as_of,
        communes=communes if figures.as_of is not None or only_silent else [],
        views=[] if silent is None else _views(request, parts, every, len(silent)),
        only_silent=only_silent,
        reported=sum(row.figures is not None for row in communes),
        whole=len(communes),
        figures=SHOWN,
        total=figures.total(),
        sort=key,
        ascending=ascending,
        columns=_columns(request, key, ascending=ascending),
    )


def _views(request: Request, parts: Parts, every: int, silent: int) -> list[View]:
    text, lang = parts.labels.text, lang_of(request)
    return [
        View(key, text(f"overview.state.{key or 'all'}", lang), address(request, state=key), count)
        for key, count in (("", every), ("silent", silent))
    ]


def at_province(actor: Actor) -> None:
    """Check that the actor belongs to a province.

    Raises:
        Forbidden: the actor belongs elsewhere.
    """
    if level_of(actor) != "province":
        raise Forbidden("this page belongs to a province; yours is another")


def _numbers(parts: Parts, actor: Actor, issues: list[IssueState], desk: Desk) -> tuple[numbers.Number, ...]:
    if actor.role in {"auditor", "administrator"}:
        exports = parts.drafts.drawing_count(territories_of(parts, actor.unit_code))
        changed = FilingViewer.of(parts, "vi").changed_count(parts.tables.units.get(actor.unit_code))
        return numbers.of_auditor(Audited(issues), exports, changed)
    if is_of_department(actor) and actor.body is not None:
        return numbers.of_department(desk, visible_spots(parts, actor))
    communes = [one.code for one in parts.tables.units.communes_of(actor.unit_code, desk.today.on)]
    silent = without_figures(parts.warehouse, parts.tables, communes, desk.today.now)
    problems = parts.problem_table.tally(problems_of(actor)).live
    return numbers.of_coordinator(desk, problems, None if silent is None else list(silent))


def _silences(silent: Mapping[str, NowSilence] | None, lang: Lang) -> dict[str, _Silence]:
    return {
        code: _Silence(NAMES[one.kind].of(lang), WHY[one.basis].of(lang), WHAT_TO_DO[one.kind].of(lang))
        for code, one in (silent or {}).items()
    }


def _sorted(
    figures: Figures, names: dict[str, str], key: str, silences: Mapping[str, _Silence], *, ascending: bool
) -> list[_Commune]:
    """Sort by a figure, or keep the order of the names; communes without figures come last by a figure."""
    rows = [_Commune(name, figures.of(code), silences.get(code)) for code, name in names.items()]
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
