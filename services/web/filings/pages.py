"""Pages of periods that close: who has confirmed, and one commune's figures as filed, as known on a day, as known now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.errors import LienCapError
from reporting.cases.metrics import METRICS
from reporting.dated.calendar import local_day
from reporting.dated.periods import Period
from reporting.dated.units import Unit
from reporting.filings.figures import FILED
from services.access.actors import Actor
from services.access.policy import Action, may, require
from services.acting.filing_acts import FilingDesk, Recorded
from services.errors import BadInput, Forbidden
from services.language.labels import Lang
from services.web.filings.schemas import (
    ConfirmationSent,
    ConfirmedSent,
    FilingLine,
    FilingView,
    PeriodView,
    ReopeningSent,
    ReopeningWishSent,
    RestatementView,
)
from services.web.filings.views import FilingViewer, commune_of, counted, desk_of
from services.web.shell.csv_file import csv_text
from services.web.shell.dues import Due
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank, Filled
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of, level_of
from services.web.shell.parts import Parts
from services.web.shell.period_choice import PeriodChoice
from services.web.shell.rows import Row

AT = "/ky-bao-cao"
router = APIRouter(prefix=AT, include_in_schema=False)

PeriodKey = Annotated[str, Query(alias="ky", max_length=10)]
KnownOn = Annotated[str, Query(alias="ngay", max_length=10)]
Act = Literal["xac-nhan", "tiep-nhan", "chot", "de-nghi-mo-lai", "rut-de-nghi", "mo-lai"]

_ACTIONS: dict[Act, Action] = {
    "xac-nhan": "filings.confirm",
    "tiep-nhan": "filings.accept",
    "chot": "filings.close",
    "de-nghi-mo-lai": "filings.ask_to_reopen",
    "rut-de-nghi": "filings.ask_to_reopen",
    "mo-lai": "filings.reopen",
}
_IN_TURN: dict[Act, frozenset[str]] = {
    "xac-nhan": frozenset({"open", "confirmed", "reopened"}),
    "tiep-nhan": frozenset({"confirmed"}),
    "chot": frozenset({"accepted"}),
    "de-nghi-mo-lai": frozenset({"closed"}),
    "rut-de-nghi": frozenset({"reopen_asked"}),
    "mo-lai": frozenset({"reopen_asked"}),
}
_OF_TWO: frozenset[Act] = frozenset({"de-nghi-mo-lai", "rut-de-nghi", "mo-lai"})
"""Acts that take two persons."""
_GROUPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("to_accept", frozenset({"confirmed"})),
    ("to_close", frozenset({"accepted"})),
    ("to_reopen", frozenset({"reopen_asked"})),
    ("to_confirm", frozenset({"open", "reopened"})),
    ("closed", frozenset({"closed"})),
)
_LEDGER = ("unit_code", "period", "field_code", "channel", "number", "filed", "now", "case_count")
_METRIC_NAMES = {metric.key: {"vi": metric.label_vi, "en": metric.label_en} for metric in METRICS}


@dataclass(frozen=True, slots=True)
class _Number:
    """One number of a period with its three truths, and as its commune confirmed it; None where one is not known."""

    key: str
    name: str
    confirmed: int | None
    filed: int | None
    known: int | None
    now: int


@dataclass(frozen=True, slots=True)
class _Change:
    """One line of the ledger in words."""

    where: str
    name: str
    filed: int
    now: int
    causes: str


@router.get("")
def periods(
    request: Request,
    parts: Here,
    actor: Who,
    key: PeriodKey = "",
    only_changed: Annotated[bool, Query(alias="sua")] = False,
) -> Response:
    """Show a commune its own period, and a province who of its communes has confirmed, or whose figures changed since."""
    require(actor, "filings.read", actor.unit_code, units=parts.tables.units)
    if level_of(actor) == "commune":
        return RedirectResponse(f"{AT}/{actor.unit_code}" + (f"?ky={key}" if key else ""), 303)
    if level_of(actor) == "nation":
        raise Forbidden("periods belong to a province and its communes")
    unit, lang = parts.tables.units.get(actor.unit_code), lang_of(request)
    period = _period(parts, key)
    found = FilingViewer.of(parts, lang).list(period, unit)
    items = [one for one in found.items if one.changed_count or not only_changed]
    groups = [
        (name, [_row(request, parts, found.period, one) for one in items if one.state in states])
        for name, states in _GROUPS
    ]
    return layout_of(request).render(
        request,
        "web/filings.html",
        found=found,
        province=unit.code,
        groups=[(name, rows) for name, rows in groups if rows],
        choice=PeriodChoice.of(parts.tables.periods, local_day(parts.clock()), lang, period),
        only_changed=only_changed,
        changed=sum(1 for one in found.items if one.changed_count),
    )


@router.get("/{unit_code}")
def filing(
    request: Request, unit_code: str, parts: Here, actor: Who, key: PeriodKey = "", known_on: KnownOn = ""
) -> HTMLResponse:
    """Show the period of a commune with its steps and its ledger."""
    unit = commune_of(parts, actor, "filings.read", unit_code)
    return _page(request, parts, actor, unit, _period(parts, key), known_on=_day(known_on))


@router.get("/{unit_code}/{key}/dieu-chinh.csv")
def ledger_as_csv(request: Request, unit_code: str, key: str, parts: Here, actor: Who) -> Response:
    """Return the ledger of a closed period as CSV."""
    unit = commune_of(parts, actor, "filings.read", unit_code)
    found = FilingViewer.of(parts, lang_of(request)).ledger(parts.tables.periods.named(key), unit)
    rows: list[list[str | float | None]] = [
        [
            *(getattr(one, name) for name in _LEDGER),
            " ".join(f"{cause.cause}:{cause.case_count}" for cause in one.causes),
            one.event_count,
            " ".join(map(str, one.event_ids)),
        ]
        for one in found.items
    ]
    content = csv_text((*_LEDGER, "causes", "event_count", "event_ids"), rows).encode()
    parts.drafts.note_drawing(
        actor,
        parts.clock(),
        unit_code=unit.code,
        period=key,
        kind="ledger",
        file_format="csv",
        row_count=len(rows),
        content=content,
    )
    name = f"dieu-chinh-{unit.code}-{key}.csv"
    headers = {"cache-control": "private, no-store", "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv", headers=headers)


@router.post("/{unit_code}/{key}/{act}")
def take(
    request: Request, unit_code: str, key: str, act: Act, parts: Here, actor: Who, typed: Filled
) -> Response:
    """Take a step of a filing."""
    unit = commune_of(parts, actor, _ACTIONS[act], unit_code)
    period = parts.tables.periods.named(key)
    try:
        is_counted = counted(parts, _take(desk_of(parts), act, actor, unit, period, typed))
    except (LienCapError, ValidationError) as error:
        if isinstance(error, Forbidden):
            raise
        found = form_errors_of(error, parts.labels, lang_of(request))
        return _page(request, parts, actor, unit, period, errors=found, status=422)
    done = "filing" if is_counted else "queued"
    return RedirectResponse(f"{AT}/{unit.code}?ky={period.key}&done={done}", 303)


def _take(
    desk: FilingDesk, act: Act, actor: Actor, unit: Unit, period: Period, typed: dict[str, str]
) -> Recorded:
    if act == "xac-nhan":
        sent = ConfirmationSent.model_validate(
            {"digest": typed.get("digest", ""), "nothing_occurred": "nothing_occurred" in typed}
        )
        return desk.confirm(
            actor, unit.code, period, digest=sent.digest, nothing_occurred=sent.nothing_occurred
        )
    if act == "tiep-nhan":
        return desk.accept(actor, unit.code, period, ConfirmedSent.model_validate(typed).confirmed_id)
    if act == "chot":
        return desk.close(actor, unit.code, period, ConfirmedSent.model_validate(typed).confirmed_id)
    if act == "rut-de-nghi":
        return desk.withdraw_wish(actor, unit.code, period, ReopeningSent.model_validate(typed).asked_id)
    if act == "mo-lai":
        return desk.reopen(actor, unit.code, period, ReopeningSent.model_validate(typed).asked_id)
    wish = ReopeningWishSent.model_validate(typed)
    return desk.ask_to_reopen(actor, unit.code, period, wish.reason_code)


def _page(
    request: Request,
    parts: Parts,
    actor: Actor,
    unit: Unit,
    period: Period,
    *,
    known_on: dt.date | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    lang = lang_of(request)
    viewer = FilingViewer.of(parts, lang)
    found = viewer.filing(actor, period, unit, known_on)
    ledger = viewer.ledger(period, unit, found.now.lines) if found.filed is not None else None
    allowed = _acts(parts, actor, found, over=period.is_closed(viewer.today))
    return layout_of(request).render(
        request,
        "web/filing.html",
        status=status,
        address=f"{AT}/{unit.code}?ky={period.key}",
        found=found,
        numbers=_numbers(found, lang),
        ledger=[_change(parts, one, lang) for one in ledger.items] if ledger is not None else None,
        acts=[act for act in allowed if actor.is_named or act not in _OF_TWO],
        unnamed=not actor.is_named and any(act in _OF_TWO for act in allowed),
        waits=found.state in {"confirmed", "accepted"},
        choice=PeriodChoice.of(parts.tables.periods, local_day(parts.clock()), lang, period),
        own=unit.code == actor.unit_code,
        at=f"{AT}/{unit.code}",
        today=viewer.today,
        errors=Blank(errors or {}),
    )


def _acts(parts: Parts, actor: Actor, found: FilingView, *, over: bool) -> list[Act]:
    """Return the acts that are in turn and that this person may take: a wish is granted by another, and taken back by its own."""
    taken = {
        "xac-nhan": over and _is_news(found),
        "rut-de-nghi": found.is_own_wish,
        "mo-lai": not found.is_own_wish,
    }
    return [
        act
        for act, action in _ACTIONS.items()
        if found.state in _IN_TURN[act]
        and taken.get(act, True)
        and may(actor, action, found.unit_code, units=parts.tables.units)
    ]


def _is_news(found: FilingView) -> bool:
    """Return whether confirming now would confirm something that is not confirmed already."""
    return found.state != "confirmed" or found.confirmed is None or found.confirmed.lines != found.now.lines


def _numbers(found: FilingView, lang: Lang) -> list[_Number]:
    return [
        _Number(
            key,
            _METRIC_NAMES[key][lang],
            None if found.confirmed is None else found.confirmed.total[key],
            None if found.filed is None else found.filed.total[key],
            None if found.known is None else found.known.total[key],
            found.now.total[key],
        )
        for key in FILED
    ]


def _change(parts: Parts, one: RestatementView, lang: Lang) -> _Change:
    text = parts.labels.text
    causes = (text(f"filings.cause.{each.cause}", lang, count=each.case_count) for each in one.causes)
    names = parts.tables.procedures.fields(lang)
    field = names.get(one.field_code, one.field_code)
    return _Change(
        where=f"{field}, {text(f'case.channel.{one.channel}', lang)}",
        name=_METRIC_NAMES[one.number][lang],
        filed=one.filed,
        now=one.now,
        causes=", ".join(causes),
    )


def _row(request: Request, parts: Parts, period: PeriodView, one: FilingLine) -> Row:
    lang, text = lang_of(request), parts.labels.text
    # Only a day that a text sets makes late; the others remind.
    binds = period.sending is not None and period.sending.deadline_source != "default"
    tone: Literal["late", "plain"] = "late" if one.timeliness == "missing" and binds else "plain"
    more = [text(f"filings.state.{one.state}", lang)]
    if one.nothing_occurred:
        more.append(text("filings.zero", lang))
    if one.changed_count:
        more.append(text("filings.changed_numbers", lang, count=one.changed_count))
    formats = layout_of(request).formats(lang)
    words = text(f"filings.timeliness.{one.timeliness}", lang)
    note = formats.day(local_day(one.confirmed_at)) if one.confirmed_at is not None else ""
    return Row(
        name=one.unit_name,
        href=f"{AT}/{one.unit_code}?ky={period.key}",
        more=tuple(more),
        due=Due(tone, words, note),
        id=one.unit_code,
    )


def _period(parts: Parts, key: str) -> Period:
    """Return the period that a page is asked for: without a key the last month that has ended."""
    if key:
        return parts.tables.periods.named(key)
    return parts.tables.periods.latest_ended(local_day(parts.clock()))[0]


def _day(written: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(written) if written else None
    except ValueError:
        raise BadInput(f"{written!r} is no day", field="ngay", error_key="date") from None
