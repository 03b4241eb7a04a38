"""Pages of a ministry: figures by province and kind, the petitions addressed to it, one petition with its acts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from reporting.dated.bodies import unit_named
from reporting.dated.calendar import local_day
from services.access.actors import Actor
from services.access.policy import require
from services.errors import Forbidden
from services.language.labels import Lang
from services.language.vietnamese import collation_key
from services.web.figures import five_numbers as numbers
from services.web.figures.figures import asked_of, communes_in
from services.web.figures.number_cards import cards_of
from services.web.figures.schemas import IssuesOfProvince, KindRow
from services.web.figures.unit_figures import SHOWN, Figures, figures_of, metric_labels
from services.web.figures.windows import Window
from services.web.issue_page.page import PROBLEM_PAGES
from services.web.issues.desks import desk_of
from services.web.issues.listing import MOST_ISSUES, issues_within
from services.web.issues.queue import Desk
from services.web.issues.views import Viewer
from services.web.problems.views import LinkedProblem, ProblemViewer, problems_of
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of, level_of
from services.web.shell.parts import Parts
from services.web.shell.rows import Row
from services.web.work.asked import Asks
from services.web.work.lists import WorkList
from services.web.work.pages import show_list
from services.web.work.rows import Reader, RowMaker

router = APIRouter(include_in_schema=False)

YEAR = dt.timedelta(days=365)
WINDOW_DAYS = 30
HAND_OFFS = "/tw/de-xuat"


@dataclass(frozen=True, slots=True)
class _Followed:
    """Row of `problems_by_kind`: one kind."""

    kind: str
    problem_count: int
    province_count: int


@dataclass(frozen=True, slots=True)
class _Province:
    """One line of the table of provinces; a figure missing in `figures` is unknown."""

    name: str
    open_issues: int
    has_figures: bool
    figures: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One line of the table of kinds."""

    label: str
    open: int
    communes: int
    provinces: int
    problems: int


@router.get("/tw")
def overview(
    request: Request,
    parts: Here,
    actor: Who,
    spread_over: Annotated[str, Query(alias="spread", max_length=10)] = "",
) -> HTMLResponse:
    """Show five numbers, the open petitions to this body, and figures by province and by kind."""
    at_nation(actor)
    require(actor, "rollups.read", actor.unit_code, units=parts.tables.units)
    now = parts.clock()
    last_on = local_day(now)
    first_on = last_on - dt.timedelta(days=WINDOW_DAYS - 1)
    communes = communes_in(parts, "vn")
    asked = asked_of(communes, Window(last_on - YEAR, last_on))
    issues = issues_within(parts, actor)
    desk = desk_of(actor, issues, parts.tables, parts.clock())
    figures = figures_of(parts.warehouse, communes, first_on, last_on)
    provinces = _provinces(
        parts,
        figures,
        parts.warehouse.query_of(IssuesOfProvince, "issues_by_province", **asked),
        lang_of(request),
    )
    followed = {row.kind: row for row in parts.warehouse.query_of(_Followed, "problems_by_kind")}
    kinds = _kinds(request, parts, parts.warehouse.query_of(KindRow, "issues_by_kind", **asked), followed)
    coverage = (sum(row.has_figures for row in provinces), len(parts.tables.units.provinces()))
    wide = [row for row in kinds if row.provinces >= _many_provinces(parts)]
    only_wide = spread_over == "wide"
    return layout_of(request).render(
        request,
        "ministry/overview.html",
        cards=cards_of(
            numbers.of_ministry(desk, len(wide), coverage if provinces else None),
            parts.labels,
            lang_of(request),
            layout_of(request).words_of_actor(parts, actor, lang_of(request)),
        ),
        petitions=_petitions(request, parts, actor, desk),
        problems=_problems(request, parts, actor),
        provinces=provinces,
        kinds=wide if only_wide else kinds,
        only_wide=only_wide,
        many=_many_provinces(parts),
        figures=SHOWN,
        metrics=metric_labels(lang_of(request)),
        first_on=first_on,
        last_on=last_on,
        as_of=figures.as_of,
        most=MOST_ISSUES if len(issues) == MOST_ISSUES else None,
    )


@router.get("/tw/kien-nghi")
def petitions(request: Request, parts: Here, actor: Who, asked: Asks) -> HTMLResponse:
    """Show what provinces ask of this ministry."""
    at_nation(actor)
    return show_list(WorkList(request, parts, actor, asked))


def at_nation(actor: Actor) -> None:
    """Check that the actor belongs to a ministry.

    Raises:
        Forbidden: the actor belongs elsewhere.
    """
    if level_of(actor) != "nation":
        raise Forbidden("this page belongs to a ministry; yours is another")


def _petitions(request: Request, parts: Parts, actor: Actor, desk: Desk) -> list[Row]:
    """Return the petitions that wait for this body, by need."""
    lang = lang_of(request)
    maker = RowMaker(parts, Viewer(parts, lang), desk.today, Reader.of(actor, lang))
    return maker.rows(desk.under("unanswered"), lambda hand_off: f"{HAND_OFFS}/{hand_off}")


def _problems(request: Request, parts: Parts, actor: Actor) -> list[LinkedProblem]:
    """Return the common problems of many provinces that this body leads."""
    asked = problems_of(actor, live_only=True, least_provinces=_many_provinces(parts))
    found = parts.problem_table.list(asked)
    lines = ProblemViewer(parts, actor, lang_of(request)).lines(found)
    return [LinkedProblem(**vars(line), href=f"{PROBLEM_PAGES['nation']}/{line.id}") for line in lines]


def _many_provinces(parts: Parts) -> int:
    return parts.tables.thresholds.get("spread_provinces", local_day(parts.clock())).value


def _provinces(
    parts: Parts, figures: Figures, difficulties: list[IssuesOfProvince], lang: Lang
) -> list[_Province]:
    """Return the provinces that have figures or difficulties, each the sum of its communes."""
    units = parts.tables.units
    sums: dict[str, dict[str, int]] = {}
    for code in figures.rows:
        row = figures.of(code)
        if row is None:
            continue
        into = sums.setdefault(units.province_of(code), dict.fromkeys(SHOWN, 0))
        for key in SHOWN:
            into[key] += row.number(key)
    waiting = {row.province_code: row.open_count for row in difficulties}
    rows = [
        _Province(unit_named(units.get(code), lang), waiting.get(code, 0), code in sums, sums.get(code, {}))
        for code in sums.keys() | waiting.keys()
    ]
    return sorted(rows, key=lambda row: collation_key(row.name))


def _kinds(
    request: Request, parts: Parts, difficulties: list[KindRow], followed: dict[str, _Followed]
) -> list[_Kind]:
    """Return the kinds of difficulties that are open somewhere, the widest spread first."""
    lang, competence = lang_of(request), parts.tables.competence
    rows = [
        _Kind(
            label=competence.name_of(row.kind, lang),
            open=row.open_count,
            communes=row.unit_count,
            provinces=row.province_count,
            problems=followed[row.kind].problem_count if row.kind in followed else 0,
        )
        for row in difficulties
        if row.open_count
    ]
    return sorted(rows, key=lambda row: (-row.provinces, -row.communes, -row.open, row.label))
