"""The page of the workload per person: a commune beside like ones, or a province with who is short and who could lend."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from reporting.dated.bodies import unit_named
from reporting.dated.calendar import local_day
from reporting.dated.periods import period_words
from services.access.actors import Actor
from services.access.policy import may
from services.errors import Forbidden
from services.language.labels import Lang
from services.language.vietnamese import collation_key
from services.web.prescribed.asked import AskedForm, of_period
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of, level_of
from services.web.shell.list_files import Ending, FileWriter
from services.web.shell.parts import Parts
from services.web.shell.period_choice import PeriodChoice
from services.web.workload.answers import WorkloadWords, lending, over, people_of_all_fields
from services.web.workload.files import file_of
from services.web.workload.reading import WorkloadReader
from services.web.workload.schemas import UnitLoad

AT = "/khoi-luong"
router = APIRouter(prefix=AT, include_in_schema=False)

PeriodKey = Annotated[str, Query(alias="ky", max_length=10)]
UnitAsked = Annotated[str, Query(alias="don_vi", max_length=5)]


@router.get("")
def workload(
    request: Request, parts: Here, actor: Who, key: PeriodKey = "", unit_code: UnitAsked = ""
) -> HTMLResponse:
    """Show the workload of a unit and a period: the load, the weeks, the vice-chairs, and what it rests on."""
    asked, lang = _asked(parts, actor, unit_code, key), lang_of(request)
    is_reader_of_cases = may(actor, "cases.read", asked.unit_code, units=parts.tables.units)
    found = WorkloadReader(parts).read(asked.unit_code, asked.window, with_single=is_reader_of_cases)
    answer = WorkloadWords(parts, lang).answer(found, asked.period, with_fields=is_reader_of_cases)
    is_commune = found.unit.level == "commune"
    own = answer.items[0] if is_commune and answer.items else None
    today = local_day(parts.clock())
    return layout_of(request).render(
        request,
        "workload/workload.html",
        answer=answer,
        asked=asked,
        is_commune=is_commune,
        officer_day=found.limits.officer_day,
        peak=next(one.value for one in found.conventions if one.key == "peak_week"),
        own=own,
        own_unit=asked.unit_code == actor.unit_code,
        report_url=_report_url(parts, actor, asked, own),
        people_of_all=people_of_all_fields(found),
        over=over(answer.items),
        lending=lending(answer.items),
        group_words={group.like: group for group in answer.groups},
        period_words=period_words(asked.period, lang) if asked.period is not None else "",
        choice=PeriodChoice.of(parts.tables.periods, today, lang, asked.period),
        units=_units(parts, actor, lang),
        base=f"{AT}/{answer.period}",
        query=f"don_vi={asked.unit_code}",
    )


@router.get("/{key}.{ending}")
def as_file(
    request: Request, key: str, ending: Ending, parts: Here, actor: Who, unit_code: UnitAsked = ""
) -> Response:
    """Return the communes with their loads, and those that are left out, as a file."""
    asked, lang = _asked(parts, actor, unit_code, key), lang_of(request)
    with_single = may(actor, "cases.read", asked.unit_code, units=parts.tables.units)
    found = WorkloadReader(parts).read(asked.unit_code, asked.window, with_single=with_single)
    answer = WorkloadWords(parts, lang).answer(found, asked.period, with_fields=False)
    return FileWriter(parts, lang, actor).response(file_of(parts, lang, answer, asked.period), ending)


def _asked(parts: Parts, actor: Actor, unit_code: str, key: str) -> AskedForm:
    if not unit_code and level_of(actor) == "nation":
        raise Forbidden("a workload is of a commune or a province: name one by don_vi")
    return of_period(parts, actor, unit_code or actor.unit_code, key, "rollups.read")


def _report_url(parts: Parts, actor: Actor, asked: AskedForm, own: UnitLoad | None) -> str:
    """Return where the reader reports the shortage of their own commune; an empty text where there is none to report."""
    if own is None or own.shortage is None or own.unit_code != actor.unit_code or asked.period is None:
        return ""
    if not may(actor, "issue.report", own.unit_code, units=parts.tables.units):
        return ""
    return f"/xa/kho-khan/moi?tu=khoi-luong&ky={asked.period.key}"


def _units(parts: Parts, actor: Actor, lang: Lang) -> list[tuple[str, str]]:
    """Return the units that the reader may choose: a province and its communes; none beside one's own commune."""
    if level_of(actor) != "province":
        return []
    units = parts.tables.units
    communes = sorted(units.communes_of(actor.unit_code), key=lambda one: collation_key(one.name))
    return [(one.code, unit_named(one, lang)) for one in (units.get(actor.unit_code), *communes)]
