"""Pages of a province's own filing: the sum that it sends upward, and the communes that are in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.errors import LienCapError
from reporting.cases.metrics import METRICS
from reporting.dated.periods import Period
from reporting.dated.units import Unit
from reporting.filings.figures import FILED
from services.access.actors import Actor
from services.access.policy import Action, may
from services.acting.filing_acts import Recorded
from services.errors import Forbidden
from services.language.labels import Lang
from services.web.filings.schemas import SumClosingSent, SumSent, SumView
from services.web.filings.sums import SumViewer, province_of, sum_desk_of
from services.web.filings.views import FilingViewer, counted
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank, Filled
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of
from services.web.shell.parts import Parts

AT = "/ky-bao-cao/tong-hop"
router = APIRouter(prefix=AT, include_in_schema=False)

PeriodKey = Annotated[str, Query(alias="ky", max_length=10)]
SumAct = Literal["xac-nhan", "chot"]
_ACTIONS: dict[SumAct, Action] = {"xac-nhan": "filings.sum", "chot": "filings.close"}
_NAMES = {metric.key: {"vi": metric.label_vi, "en": metric.label_en} for metric in METRICS}


@dataclass(frozen=True, slots=True)
class _Number:
    """One number of the sum: as confirmed, as filed, and of the communes that are accepted now."""

    key: str
    name: str
    summed: int | None
    filed: int | None
    now: int


@router.get("/{province_code}")
def sum_of_province(
    request: Request, province_code: str, parts: Here, actor: Who, key: PeriodKey
) -> HTMLResponse:
    """Show the sum of a province for a period."""
    unit = province_of(parts, actor, "filings.read", province_code)
    return _page(request, parts, actor, unit, parts.tables.periods.named(key))


@router.post("/{province_code}/{key}/{act}")
def take(
    request: Request, province_code: str, key: str, act: SumAct, parts: Here, actor: Who, typed: Filled
) -> Response:
    """Take a step of a province's filing."""
    unit = province_of(parts, actor, _ACTIONS[act], province_code)
    period = parts.tables.periods.named(key)
    try:
        is_counted = counted(parts, _take(parts, act, actor, unit, period, typed))
    except (LienCapError, ValidationError) as error:
        if isinstance(error, Forbidden):
            raise
        found = form_errors_of(error, parts.labels, lang_of(request))
        return _page(request, parts, actor, unit, period, errors=found, status=422)
    done = "filing" if is_counted else "queued"
    return RedirectResponse(f"{AT}/{unit.code}?ky={period.key}&done={done}", 303)


def _take(
    parts: Parts, act: SumAct, actor: Actor, unit: Unit, period: Period, typed: dict[str, str]
) -> Recorded:
    desk = sum_desk_of(parts)
    if act == "chot":
        return desk.close(actor, unit, period, SumClosingSent.model_validate(typed).summed_id)
    sent = SumSent.model_validate({key: value for key, value in typed.items() if value})
    return desk.confirm(actor, unit, period, digest=sent.digest, reason_code=sent.reason_code)


def _page(
    request: Request,
    parts: Parts,
    actor: Actor,
    unit: Unit,
    period: Period,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    lang = lang_of(request)
    found = SumViewer(FilingViewer.of(parts, lang)).view(actor, period, unit)
    allowed = [
        act
        for act, action in _ACTIONS.items()
        if _in_turn(found, act) and may(actor, action, unit.code, units=parts.tables.units)
    ]
    # What was closed once is filed again by two persons.
    unnamed = found.filed is not None and not actor.is_named
    return layout_of(request).render(
        request,
        "web/sum.html",
        status=status,
        found=found,
        numbers=_numbers(found, lang),
        acts=[] if unnamed else allowed,
        unnamed=unnamed and bool(allowed),
        at=f"{AT}/{unit.code}",
        errors=Blank(errors or {}),
    )


def _in_turn(found: SumView, act: SumAct) -> bool:
    if act == "chot":
        return found.state == "confirmed"
    is_news = found.summed is None or found.summed.lines != found.now.lines or found.moved_count != 0
    return found.digest is not None and found.timeliness != "running" and is_news


def _numbers(found: SumView, lang: Lang) -> list[_Number]:
    return [
        _Number(
            key,
            _NAMES[key][lang],
            None if found.summed is None else found.summed.total[key],
            None if found.filed is None else found.filed.total[key],
            found.now.total[key],
        )
        for key in FILED
    ]
