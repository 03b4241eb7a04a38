"""Pages of the register of promises, for communes, departments and the province: the list, one entry, a file import."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.errors import LienCapError
from events.promises import Gap
from reporting.dated.bodies import unit_named
from reporting.dated.calendar import local_day
from reporting.issues.permissions import DEPARTMENT_ROLES
from reporting.keyset import Key, Turn
from reporting.promises.register import Spot
from services.access.actors import Actor
from services.access.policy import may, require
from services.acting.promise_acts import Recorded
from services.connectors.promise_importer import PromiseImporter
from services.connectors.summary import Summary
from services.errors import BadInput, Forbidden
from services.language.vietnamese import collation_key, collation_text
from services.web.figures import five_numbers as numbers
from services.web.figures.number_cards import cards_of
from services.web.issues.desks import desk_of
from services.web.issues.listing import issues_within
from services.web.promises.files import file_of
from services.web.promises.rows import PATH, due_of, history_of, leads_of, row_of
from services.web.promises.schemas import SpotView
from services.web.promises.views import (
    STATES,
    SpotViewer,
    register_of,
    viewer_of,
    visible_spot,
    visible_spots,
)
from services.web.shell.cards import Card
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank, Filled
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of
from services.web.shell.list_files import Ending, FileWriter
from services.web.shell.paging import Turned, address, cut
from services.web.shell.parts import Parts
from services.web.shell.rows import View

router = APIRouter(include_in_schema=False)

MOST_REFUSED = 200
_COLUMNS = frozenset({"unit", "village", "gap", "household_count", "promiser", "promised_on"})


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The choices that narrow the list; an empty text narrows nothing."""

    gap: str = ""
    promiser: str = ""
    unit: str = ""

    def holds(self, spot: Spot) -> bool:
        """Return whether an entry is among them."""
        promiser = spot.promise.promiser if spot.promise else ""
        return (
            self.gap in {"", spot.gap}
            and self.promiser in {"", promiser}
            and self.unit in {"", spot.unit_code}
        )

    def words(self, viewer: SpotViewer) -> str:
        """Return the choices in words; an empty text where there are none."""
        units, text = viewer.parts.tables.units, viewer.parts.labels.text
        said = [
            text(f"promises.gap.{self.gap}", viewer.lang) if self.gap else "",
            viewer.body_name(self.promiser) if self.promiser else "",
            unit_named(units.get(self.unit), viewer.lang) if self.unit else "",
        ]
        return ", ".join(filter(None, said))


def narrowing_of(
    gap: Annotated[str, Query(max_length=20)] = "",
    promiser: Annotated[str, Query(max_length=60)] = "",
    unit: Annotated[str, Query(max_length=5)] = "",
) -> Narrowing:
    """Read what the list is to be narrowed to (a FastAPI dependency).

    Raises:
        BadInput: no such gap is known.
    """
    if gap and gap not in get_args(Gap):
        raise BadInput(f"there is no gap {gap!r}: there are {', '.join(get_args(Gap))}", field="gap")
    return Narrowing(gap, promiser, unit)


Narrowed = Annotated[Narrowing, Depends(narrowing_of)]


@router.get(PATH)
def register(
    request: Request,
    parts: Here,
    actor: Who,
    turn: Turned,
    only: Narrowed,
    state: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """List the villages that the actor may see, the longest overdue first."""
    require(actor, "promises.read", actor.unit_code, actor.body, units=parts.tables.units)
    return _list(request, parts, actor, state=state, turn=turn, only=only)


@router.get(PATH + ".{ending}")
def as_file(
    request: Request,
    ending: Ending,
    parts: Here,
    actor: Who,
    only: Narrowed,
    state: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Return all villages of a tab as a file."""
    require(actor, "promises.read", actor.unit_code, actor.body, units=parts.tables.units)
    viewer = viewer_of(parts, lang_of(request))
    tabs = _tabs(viewer, visible_spots(parts, actor), only)
    chosen = _chosen(tabs, state)
    found = file_of(viewer, chosen, only.words(viewer), _in_order(viewer.lines(tabs[chosen])))
    return FileWriter(parts, viewer.lang, actor).response(found, ending)


@router.post(f"{PATH}/nhap")
def take_file(request: Request, parts: Here, actor: Who, file: UploadFile) -> HTMLResponse:
    """Import a department's list; each row is recorded or refused by itself, and the refused rows are shown."""
    department = _own_register(actor)
    with tempfile.TemporaryDirectory(prefix="liencap-") as folder:
        path, refused = Path(folder) / "list", Path(folder) / "refused.csv"
        path.write_bytes(file.file.read())
        try:
            importer = PromiseImporter(register_of(parts), parts.tables, parts.clock)
            # This page shows each refused row, so their share stops no list here.
            summary = importer.run(path, department, actor, accept=("rejected",), errors=refused)
        except LienCapError as error:
            errors = form_errors_of(error, parts.labels, lang_of(request))
            return _list(request, parts, actor, errors={"file": next(iter(errors.values()))}, status=422)
        return _list(request, parts, actor, summary=summary, refused=_refused(refused))


@router.get("/khung/thon-lom")
def shell(request: Request) -> HTMLResponse:
    """Show the form of a measurement that a device caches; which villages there are is added by the device."""
    return layout_of(request).render(request, "web/measure_offline.html", kept=True)


@router.get(PATH + "/{spot_id}")
def entry(request: Request, spot_id: UUID, parts: Here, actor: Who) -> HTMLResponse:
    """Show one village with its promises and measurements."""
    return _entry(request, parts, actor, visible_spot(parts, actor, spot_id))


@router.post(PATH + "/{spot_id}/{act}")
def act(request: Request, spot_id: UUID, act: str, parts: Here, actor: Who, typed: Filled) -> Response:
    """Record a promise or a measurement from a form, and redirect once the entry is folded."""
    spot = visible_spot(parts, actor, spot_id)
    try:
        done = _take(parts, actor, spot, act, typed)
    except LienCapError as error:
        errors = form_errors_of(error, parts.labels, lang_of(request))
        return _entry(request, parts, actor, spot, typed=typed, errors=errors, status=422)
    for event_id in done.event_ids:
        parts.arrivals.wait_for(event_id, parts.wait_seconds, subject=spot_id, family="promise")
    return RedirectResponse(f"{PATH}/{spot_id}?done=recorded", 303)


def _refused(path: Path) -> list[dict[str, str]]:
    """Return the refused rows, each with the wrong column."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        found = [
            {"line": row["line"], "field": row["field"] if row["field"] in _COLUMNS else "other"}
            for row in csv.DictReader(file)
        ]
    return found[:MOST_REFUSED]


def _take(parts: Parts, actor: Actor, spot: Spot, act: str, typed: dict[str, str]) -> Recorded:
    units, writes = parts.tables.units, register_of(parts)
    action = {"cam-ket": "promises.change", "bo": "promises.change", "do": "promises.measure"}.get(act)
    if action is None:
        raise BadInput("no such act", field="form")
    require(actor, action, spot.unit_code, spot.department, units=units)  # type: ignore[arg-type]
    written_on = _day(typed, "written_on") if "written_on" in typed else None
    if act == "cam-ket":
        promised_on = _day(typed, "promised_on")
        return writes.promise(actor, spot, typed.get("promiser", ""), promised_on, written_on)
    if act == "do":
        works, measured_on = typed.get("works") == "yes", _day(typed, "measured_on")
        return writes.measure(actor, spot, measured_on, works=works, written_on=written_on)
    return writes.strike(actor, spot, typed.get("reason_code", ""))


def _day(typed: dict[str, str], field: str) -> dt.date:
    if field not in typed:
        raise BadInput("a day is missing", field=field, error_key="missing")
    try:
        return dt.date.fromisoformat(typed[field])
    except ValueError:
        raise BadInput("no day", field=field, error_key="date") from None


def _own_register(actor: Actor) -> str:
    if actor.role not in DEPARTMENT_ROLES or actor.body is None:
        raise Forbidden("only a department takes in the list of its own register")
    return actor.body


def _list(
    request: Request,
    parts: Parts,
    actor: Actor,
    *,
    state: str = "",
    turn: Turn | None = None,
    only: Narrowing | None = None,
    summary: Summary | None = None,
    refused: Sequence[dict[str, str]] = (),
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    viewer, every, only = viewer_of(parts, lang_of(request)), visible_spots(parts, actor), only or Narrowing()
    tabs = _tabs(viewer, every, only)
    chosen = _chosen(tabs, state)
    lines = _in_order(viewer.lines(tabs[chosen]))
    shown, pages = cut(lines, _place, turn or Turn(), partial(address, request))
    keeps = actor.role in DEPARTMENT_ROLES and actor.body is not None
    return layout_of(request).render(
        request,
        "web/promises.html",
        status=status,
        address=PATH,
        cards=_cards(request, parts, actor, every) if keeps else (),
        narrowed=only.words(viewer),
        views=[
            View(
                key,
                parts.labels.text(f"promises.state.{key}", viewer.lang),
                address(request, state=key, sau="", truoc=""),
                len(tabs[key]),
            )
            for key in tabs
        ],
        chosen=chosen,
        file_query=address(request, state=chosen, sau="", truoc="").partition("?")[2],
        rows=[row_of(parts, viewer, one) for one in shown],
        pages=pages,
        keeps=keeps,
        summary=summary,
        refused=refused,
        errors=Blank(errors or {}),
    )


def _tabs(viewer: SpotViewer, every: list[Spot], only: Narrowing) -> dict[str, list[Spot]]:
    spots = [spot for spot in every if only.holds(spot)]
    tabs = {key: [spot for spot in spots if viewer.tab_of(spot) == key] for key in STATES}
    tabs["dead"] = numbers.dead_spots(spots, viewer.on)
    return tabs


def _chosen(tabs: dict[str, list[Spot]], state: str) -> str:
    return state if state in tabs else next((key for key in STATES if tabs[key]), STATES[0])


def _in_order(lines: list[SpotView]) -> list[SpotView]:
    return sorted(lines, key=lambda one: (_place(one), collation_key(one.village or "")))


def _place(one: SpotView) -> Key:
    """Return the place of a village by the longest overdue; a page ends between communes, for it names no village."""
    return -one.slipped_days, collation_text(one.unit_name), one.unit_code


def _cards(request: Request, parts: Parts, actor: Actor, spots: list[Spot]) -> list[Card]:
    desk = desk_of(actor, issues_within(parts, actor), parts.tables, parts.clock())
    lang = lang_of(request)
    return cards_of(
        numbers.of_department(desk, spots),
        parts.labels,
        lang,
        layout_of(request).words_of_actor(parts, actor, lang),
    )


def _entry(
    request: Request,
    parts: Parts,
    actor: Actor,
    spot: Spot,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    viewer, units = viewer_of(parts, lang_of(request)), parts.tables.units
    (line,) = viewer.lines([spot])
    return layout_of(request).render(
        request,
        "web/promise.html",
        status=status,
        address=f"{PATH}/{spot.id}",
        typed=Blank(typed or {}),
        errors=Blank(errors or {}),
        spot=line,
        leads=leads_of(parts, viewer, line),
        tone=due_of(parts, viewer, line).tone,
        history=history_of(parts, viewer, spot),
        promisers=viewer.promisers(spot),
        may_promise=may(actor, "promises.change", spot.unit_code, spot.department, units=units),
        may_measure=may(actor, "promises.measure", spot.unit_code, spot.department, units=units),
        today=local_day(parts.clock()),
        recheck_days=viewer.recheck_days,
        done=request.query_params.get("done", ""),
    )
