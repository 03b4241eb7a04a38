"""The finished cases behind the times of a board: a page and a file, for whoever may read cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from dashboards.vocabulary import Names
from services.access.actors import Actor
from services.access.policy import require
from services.access.tokens import unit_level
from services.errors import BadInput
from services.store.case_codes import codes_of_cases
from services.web.boards.asked import Asked, asked_from
from services.web.boards.wording import Wording
from services.web.figures.figures import communes_in
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of
from services.web.shell.list_files import Ending, FileWriter, ListFile, word_of
from services.web.shell.parts import Parts
from services.web.shell.workbook import SheetLine

AT = "/bang/thoi-gian/ho-so"
router = APIRouter(include_in_schema=False)

MOST_CASES = 20_000
_SHOWN = 200
_PROCEDURE = "thu_tuc"
Code = Annotated[str, Query(alias=_PROCEDURE, max_length=40)]


@dataclass(frozen=True, slots=True)
class FinishedCase:
    """One case: when it came and went, and its working days by the definition of the panels."""

    case_key: str
    unit_code: str
    field_code: str
    procedure_code: str
    received_on: dt.date
    closed_on: dt.date
    taken_days: int
    paused_days: int
    supplement_count: int
    pause_known: bool
    all_count: int


@dataclass(frozen=True, slots=True)
class _Found:
    asked: Asked
    procedure: str
    cases: Sequence[FinishedCase]
    codes: Mapping[str, str]

    @property
    def all_count(self) -> int:
        """Return how many cases there are, also beyond those that were asked for."""
        return self.cases[0].all_count if self.cases else 0

    @property
    def query(self) -> str:
        return self.asked.query(changes={_PROCEDURE: self.procedure} if self.procedure else None)


@router.get(AT)
def finished(request: Request, parts: Here, actor: Who, procedure: Code = "") -> HTMLResponse:
    """List the cases that were finished in a window, the longest first."""
    found = _found(request, parts, actor, procedure, _SHOWN)
    words = Wording(parts, lang_of(request))
    return layout_of(request).render(
        request,
        "boards/cases.html",
        unit_words=words.unit(found.asked.unit_code),
        chosen=_chosen(words, found),
        head=_head(words),
        rows=[_row(words, found, one) for one in found.cases],
        all_count=found.all_count,
        first_on=found.asked.window.first_on,
        last_on=found.asked.window.last_on,
        most=MOST_CASES,
        at=AT,
        query=found.query,
        back=f"/bang/thoi-gian?{found.asked.query()}",
    )


@router.get(AT + ".{ending}")
def finished_as_file(
    request: Request, ending: Ending, parts: Here, actor: Who, procedure: Code = ""
) -> Response:
    """Return the same cases as a file."""
    found, words = (
        _found(request, parts, actor, procedure, MOST_CASES),
        Wording(parts, lang_of(request)),
    )
    written = ListFile(
        kind="cases",
        title=parts.labels.text("boards.cases.title", words.lang),
        head=_head(words),
        rows=[_row(words, found, one) for one in found.cases],
        chosen=_chosen(words, found),
        read_at=parts.clock(),
        note=_note(words, found),
    )
    return FileWriter(parts, words.lang, actor).response(written, ending)


def _note(words: Wording, found: _Found) -> str:
    """Return what the days of the file are, and where it is not the whole list, that."""
    text, number = words.parts.labels.text, words.formats.number
    days = text("boards.cases.days", words.lang)
    if found.all_count <= MOST_CASES:
        return days
    counts = {"most": number(MOST_CASES), "count": number(found.all_count)}
    return f"{text('boards.cases.cut', words.lang, **counts)} {days}"


def _found(request: Request, parts: Parts, actor: Actor, procedure: str, limit: int) -> _Found:
    sent = {name: value for name, value in request.query_params.items() if name != _PROCEDURE}
    asked = asked_from(sent, parts, actor)
    unit = asked.unit_code
    if unit_level(unit) == "nation":
        raise BadInput("cases are listed of a commune or a province", field="unit")
    require(actor, "cases.read", unit, units=parts.tables.units)
    cases = parts.warehouse.query_of(
        FinishedCase,
        "finished_cases",
        **{"from": asked.window.first_on, "to": asked.window.last_on},
        units=list(communes_in(parts, unit)),
        field=asked.field,
        channel=asked.channel,
        procedures=[procedure] if procedure else [],
        working_days=parts.tables.calendar.working_days_through(asked.window.last_on),
        limit=limit,
    )
    own = actor.unit_code == unit and unit_level(unit) == "commune"
    codes = codes_of_cases(parts.store, unit, (case.case_key for case in cases)) if own else {}
    return _Found(asked, procedure, cases, codes)


def _head(words: Wording) -> tuple[str, ...]:
    labels, lang = words.parts.labels, words.lang
    known = [word_of(labels, lang, name) for name in ("procedure", "dossier")]
    own = ("unit", "received_on", "closed_on", "taken", "paused", "supplements")
    return (*known, *(labels.text(f"boards.cases.{name}", lang) for name in own))


def _row(words: Wording, found: _Found, one: FinishedCase) -> SheetLine:
    hidden = words.parts.labels.text("boards.cases.hidden_code", words.lang)
    unknown = words.parts.labels.text("boards.cases.pause_unknown", words.lang)
    return (
        words.name("procedure", one.procedure_code)
        if one.procedure_code
        else words.name("field", one.field_code),
        found.codes.get(one.case_key, hidden),
        words.name("unit", one.unit_code),
        one.received_on,
        one.closed_on,
        one.taken_days,
        one.paused_days if one.pause_known else unknown,
        one.supplement_count,
    )


def _chosen(words: Wording, found: _Found) -> tuple[tuple[str, str], ...]:
    """Return what the list was narrowed to, in words."""
    text, lang, asked = words.parts.labels.text, words.lang, found.asked
    window = f"{words.formats.day(asked.window.first_on)} – {words.formats.day(asked.window.last_on)}"
    pairs = [(text("boards.cases.window", lang), window)]
    named: tuple[tuple[Names, str], ...] = (
        ("procedure", found.procedure),
        ("field", asked.field),
        ("channel", asked.channel),
    )
    for name, code in named:
        if code:
            pairs.append((text(f"boards.who.{name}", lang), words.name(name, code)))
    return tuple(pairs)
