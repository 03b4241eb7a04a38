"""The cases behind the board of linked data that wait for data to agree: a page and a file, also for the owner of the data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from dashboards.definitions.mismatches import DATA
from services.access.actors import Actor
from services.access.policy import may, require
from services.access.tokens import unit_level
from services.errors import BadInput, Forbidden
from services.store.case_codes import codes_of_cases
from services.web.boards.asked import Asked, asked_from
from services.web.boards.wording import Wording
from services.web.figures.figures import communes_in
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of
from services.web.shell.list_files import Ending, FileWriter, ListFile, word_of
from services.web.shell.parts import Parts
from services.web.shell.workbook import SheetLine

AT = "/bang/lien-thong/ho-so"
router = APIRouter(include_in_schema=False)

MOST_CASES = 20_000
REFERENCE_DIGITS = 12
"""So much of a case's key as both sides can read out: no dossier code leaves its commune."""
_SHOWN = 200
_OWNER = "co_quan"
Owner = Annotated[str, Query(alias=_OWNER, max_length=80)]


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """One case: which data it waits for, whose they are, since when."""

    case_key: str
    unit_code: str
    procedure_code: str
    field_code: str
    data: str
    owner: str
    from_on: dt.date
    days: int
    all_count: int


@dataclass(frozen=True, slots=True)
class _Found:
    asked: Asked
    owner: str
    cases: Sequence[WaitingCase]
    codes: Mapping[str, str]

    @property
    def all_count(self) -> int:
        """Return how many cases there are, also beyond those that were asked for."""
        return self.cases[0].all_count if self.cases else 0


@router.get(AT)
def waiting(request: Request, parts: Here, actor: Who, owner: Owner = "") -> HTMLResponse:
    """List the cases that wait for data, the longest first."""
    found = _found(request, parts, actor, owner, _SHOWN)
    words = Wording(parts, lang_of(request))
    return layout_of(request).render(
        request,
        "boards/mismatches.html",
        unit_words=words.unit(found.asked.unit_code),
        chosen=_chosen(words, found),
        head=_head(words),
        rows=[_row(words, found, one) for one in found.cases],
        all_count=found.all_count,
        at=AT,
        query=found.asked.query(changes={_OWNER: found.owner} if found.owner else None),
        back=f"/bang/lien-thong?{found.asked.query()}",
    )


@router.get(AT + ".{ending}")
def waiting_as_file(request: Request, ending: Ending, parts: Here, actor: Who, owner: Owner = "") -> Response:
    """Return the same cases as a file."""
    found, words = _found(request, parts, actor, owner, MOST_CASES), Wording(parts, lang_of(request))
    text = parts.labels.text
    written = ListFile(
        kind="cases",
        title=text("mismatches.title", words.lang),
        head=_head(words),
        rows=[_row(words, found, one) for one in found.cases],
        chosen=_chosen(words, found),
        read_at=parts.clock(),
        note=_note(words, found),
    )
    return FileWriter(parts, words.lang, actor).response(written, ending)


def _note(words: Wording, found: _Found) -> str:
    """Return what the list is, and where the file is not the whole list, that."""
    text, number = words.parts.labels.text, words.formats.number
    note = text("mismatches.note", words.lang)
    if found.all_count <= MOST_CASES:
        return note
    counts = {"most": number(MOST_CASES), "count": number(found.all_count)}
    return f"{text('boards.cases.cut', words.lang, **counts)} {note}"


def _found(request: Request, parts: Parts, actor: Actor, owner: str, limit: int) -> _Found:
    sent = {name: value for name, value in request.query_params.items() if name != _OWNER}
    asked = asked_from(sent, parts, actor)
    unit = asked.unit_code
    if unit_level(unit) == "nation":
        raise BadInput("cases are listed of a commune or a province", field="unit")
    owner = _owner_for(parts, actor, unit, owner)
    cases = parts.warehouse.query_of(
        WaitingCase,
        "mismatch_list",
        units=list(communes_in(parts, unit)),
        at=parts.clock(),
        owner=owner,
        limit=limit,
    )
    own = actor.unit_code == unit and unit_level(unit) == "commune"
    codes = codes_of_cases(parts.store, unit, (case.case_key for case in cases)) if own else {}
    return _Found(asked, owner, cases, codes)


def _owner_for(parts: Parts, actor: Actor, unit: str, owner: str) -> str:
    """Return whose data the list is about: whoever reads no cases gets those that wait for their own body.

    Raises:
        Forbidden: the actor reads neither the cases nor owns data.
    """
    units = parts.tables.units
    if may(actor, "cases.read", unit, units=units):
        return owner
    require(actor, "rollups.read", unit, units=units)
    if actor.body is None or owner not in {"", actor.body}:
        raise Forbidden("a body gets the list of cases that wait for its own data")
    return actor.body


def _head(words: Wording) -> tuple[str, ...]:
    labels, lang = words.parts.labels, words.lang
    known = [word_of(labels, lang, name) for name in ("procedure", "dossier")]
    own = ("reference", "unit", "data", "owner", "from_on", "days")
    return (*known, *(labels.text(f"mismatches.{name}", lang) for name in own))


def _row(words: Wording, found: _Found, one: WaitingCase) -> SheetLine:
    text, lang = words.parts.labels.text, words.lang
    return (
        words.name("procedure", one.procedure_code)
        if one.procedure_code
        else words.name("field", one.field_code),
        found.codes.get(one.case_key, text("boards.cases.hidden_code", lang)),
        one.case_key[:REFERENCE_DIGITS],
        words.name("unit", one.unit_code),
        DATA[one.data].of(lang),
        words.name("body", one.owner) if one.owner else text("mismatches.nobody", lang),
        one.from_on,
        one.days,
    )


def _chosen(words: Wording, found: _Found) -> tuple[tuple[str, str], ...]:
    """Return what the list was narrowed to, in words."""
    if not found.owner:
        return ()
    return ((words.parts.labels.text("mismatches.owner", words.lang), words.name("body", found.owner)),)
