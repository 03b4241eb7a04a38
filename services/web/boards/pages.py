"""Pages of boards: the list, one board, and each panel as JSON, CSV, XLSX and metadata under its own address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import get_args

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from dashboards.catalogue import all_boards, board_named, panel_named
from dashboards.panel import Board, Panel
from events.fields import Channel
from reporting.dated.bodies import NATION
from reporting.dated.calendar import local_day
from services.access.actors import Actor
from services.access.policy import may, require
from services.access.tokens import unit_level
from services.errors import BadInput, NotFound
from services.web.boards.asked import Asked, AskedOf, for_panel, reader_of
from services.web.boards.exports import as_csv, as_json, as_metadata
from services.web.boards.links import Links
from services.web.boards.paper import EXTRA, as_pdf, can_draw
from services.web.boards.reading import Answer, BoardReader
from services.web.boards.shown import Picture, ShownPanel
from services.web.boards.wording import Wording
from services.web.boards.workbook import as_workbook
from services.web.operations.grafana_page import GRAFANA
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of
from services.web.shell.parts import Parts
from services.web.shell.period_choice import PeriodChoice
from services.web.shell.workbook import MEDIA_TYPE
from services.web.work.asked import PERIODS
from services.web.work.lists import Choice, by_label

router = APIRouter(include_in_schema=False)

BASE = "/bang"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way from the nation to a unit; the last has no address."""

    words: str
    href: str = ""


@router.get(BASE)
def boards(request: Request, parts: Here, actor: Who) -> HTMLResponse:
    """List the boards that somebody may see, with the questions that each answers."""
    require(actor, "rollups.read", actor.unit_code, units=parts.tables.units)
    words, level = Wording(parts, lang_of(request)), unit_level(actor.unit_code)
    return layout_of(request).render(
        request,
        "boards/boards.html",
        boards=[one.at(level) for one in _boards_of(parts, actor, actor.unit_code)],
        in_grafana=GRAFANA
        if may(actor, "operations.read", actor.unit_code, units=parts.tables.units)
        else "",
        base=BASE,
        language=words.lang,
    )


@router.get(BASE + "/so/{name}.metadata.json")
def panel_metadata(request: Request, name: str, parts: Here, actor: Who, asked: AskedOf) -> Response:
    """Return what a panel means, and up to when and from whom its figures are."""
    found = as_metadata(_answer(parts, actor, name, asked), Wording(parts, lang_of(request)))
    return Response(found, media_type="application/json", headers=_FRESH)


@router.get(BASE + "/so/{name}.json")
def panel_json(request: Request, name: str, parts: Here, actor: Who, asked: AskedOf) -> Response:
    """Return the lines of a panel as JSON."""
    found = as_json(_answer(parts, actor, name, asked), Wording(parts, lang_of(request)))
    return Response(found, media_type="application/json", headers=_FRESH)


@router.get(BASE + "/so/{name}.csv")
def panel_csv(request: Request, name: str, parts: Here, actor: Who, asked: AskedOf) -> Response:
    """Return the lines of a panel as CSV."""
    found = as_csv(_answer(parts, actor, name, asked), Wording(parts, lang_of(request)))
    return Response(found, media_type="text/csv", headers=_as_file(name, asked, "csv"))


@router.get(BASE + "/so/{name}.xlsx")
def panel_workbook(request: Request, name: str, parts: Here, actor: Who, asked: AskedOf) -> Response:
    """Return the lines of a panel as a workbook, with a sheet about where they come from."""
    words = Wording(parts, lang_of(request))
    found = as_workbook(_answer(parts, actor, name, asked), words, parts.clock())
    return Response(found, media_type=MEDIA_TYPE, headers=_as_file(name, asked, "xlsx"))


@router.get(BASE + "/{name}.pdf")
def board_pdf(request: Request, name: str, parts: Here, actor: Who, asked: AskedOf) -> Response:
    """Return one board as pages of paper."""
    found, words = _board(parts, actor, name, asked), Wording(parts, lang_of(request))
    links = Links(None, "", local_day(parts.clock()), asked)
    panels = _shown(parts, actor, found, asked, words, links)
    drawn = as_pdf(found, panels, words, words.name("unit", asked.unit_code))
    return Response(drawn, media_type="application/pdf", headers=_as_file(name, asked, "pdf"))


@router.get(BASE + "/{name}")
def board(request: Request, name: str, parts: Here, actor: Who, asked: AskedOf) -> HTMLResponse:
    """Show one board of a unit."""
    found = _board(parts, actor, name, asked)
    words, today = Wording(parts, lang_of(request)), local_day(parts.clock())
    links = Links(reader_of(actor), actor.unit_code, today, asked, actor.body)
    takes = {name for panel in found.panels for name in panel.takes}
    return layout_of(request).render(
        request,
        "boards/board.html",
        board=found,
        board_title=found.title.of(words.lang),
        unit_words=words.unit(asked.unit_code),
        panels=_shown(parts, actor, found, asked, words, links),
        asked=asked,
        base=BASE,
        shared=False,
        can_draw=can_draw(),
        pdf_extra=EXTRA,
        language=words.lang,
        steps=_steps(parts, actor, asked, words),
        beside=[one for one in _boards_of(parts, actor, asked.unit_code) if one.name != found.name],
        periods=_periods(asked, today) if "from" in takes else [],
        fields=_choices(parts.tables.procedures.fields(words.lang)) if "field" in takes else [],
        channels=_channels(words) if "channel" in takes else [],
        # A meeting goes through all kinds: its sheet offers the period alone.
        kinds=_kinds(parts, words, found) if "kind" in takes and not found.is_sheet else [],
        has_window="from" in takes,
        choice=PeriodChoice.of(
            parts.tables.periods, today, words.lang, None if asked.period is None else asked.period[0]
        ),
        taken=lambda panel: for_panel(panel, asked),
    )


_FRESH = {"cache-control": "no-store"}


def _as_file(name: str, asked: Asked, ending: str) -> dict[str, str]:
    file = f"{name}_{asked.unit_code}_{asked.window.first_on}_{asked.window.last_on}.{ending}"
    return {**_FRESH, "content-disposition": f'attachment; filename="{file}"'}


def _answer(parts: Parts, actor: Actor, name: str, asked: Asked) -> Answer:
    panel: Panel | None = panel_named(name)
    if panel is None:
        raise NotFound(f"there is no panel {name!r}")
    require(actor, panel.see, asked.unit_code, units=parts.tables.units)
    return BoardReader(parts, actor).answer(panel, asked)


def _board(parts: Parts, actor: Actor, name: str, asked: Asked) -> Board:
    """Return a board as the unit that is asked for has it."""
    found = board_named(name)
    if found is None:
        raise NotFound(f"there is no board {name!r}")
    level = unit_level(asked.unit_code)
    if level not in found.levels:
        raise BadInput(f"the board {name} is of {' and '.join(found.levels)}", field="unit")
    require(actor, found.see, asked.unit_code, units=parts.tables.units)
    return found.at(level)


def _shown(
    parts: Parts, actor: Actor, board: Board, asked: Asked, words: Wording, links: Links
) -> list[ShownPanel]:
    reader = BoardReader(parts, actor)
    answers = [reader.on_board(panel, for_panel(panel, asked)) for panel in board.panels]
    return [Picture(answer, words, links).shown() for answer in answers]


def _boards_of(parts: Parts, actor: Actor, unit_code: str) -> list[Board]:
    """Return the boards of a unit that somebody may see."""
    level, units = unit_level(unit_code), parts.tables.units
    return [
        board.at(level)
        for board in all_boards()
        if level in board.levels and may(actor, board.see, unit_code, units=units)
    ]


def _steps(parts: Parts, actor: Actor, asked: Asked, words: Wording) -> list[Step]:
    """Return the way from the nation to the unit; only what the reader may open is a link."""
    units, code = parts.tables.units, asked.unit_code
    way = [NATION, *({units.province_of(code)} if code != NATION else ()), code]
    path = {"nation": "ca-nuoc", "province": "tinh", "commune": "to-xa"}
    return [
        Step(
            words.unit(one, in_way=True),
            f"{BASE}/{path[unit_level(one)]}?{asked.query(changes={'unit': one})}"
            if one != code and may(actor, "rollups.read", one, units=units)
            else "",
        )
        for one in dict.fromkeys(way)
    ]


def _periods(asked: Asked, today: dt.date) -> list[tuple[int, str, bool]]:
    """Return the usual periods, each with its address and whether it is the one that is shown."""
    found = []
    for days in PERIODS:
        first_on = today - dt.timedelta(days=days - 1)
        window = {"from": first_on.isoformat(), "to": today.isoformat()}
        query = asked.query(changes=window)
        is_shown = (asked.window.first_on, asked.window.last_on) == (first_on, today)
        found.append((days, f"?{query}", is_shown))
    return found


def _choices(names: dict[str, str]) -> list[Choice]:
    return by_label(Choice(code, words) for code, words in names.items())


def _channels(words: Wording) -> list[Choice]:
    text = words.parts.labels.text
    return [Choice(one, text(f"case.channel.{one}", words.lang)) for one in get_args(Channel)]


def _kinds(parts: Parts, words: Wording, found: Board) -> list[Choice]:
    keys = found.kinds or {row.kind.key for row in parts.tables.competence.rows()}
    return _choices({key: words.name("kind", key) for key in keys})
