"""A board as a PDF on A4, drawn by typst where it is installed: the numbers in words as the page has them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TypedDict

import orjson

from dashboards.panel import Board
from services.errors import NotReady
from services.web.boards.asked import for_panel
from services.web.boards.shown import SheetLine, ShownPanel
from services.web.boards.wording import Wording

EXTRA = "liencap[pdf]"
"""The extra that an operator installs."""
_SOURCE = Path(__file__).with_name("board.typ")
_SIZES = (9.5, 8.5, 7.5, 6.5)
"""A sheet is one page of paper: the first of these sizes in points at which it is."""
_LINES = 4
_WORDS = frozenset({"word", "unit"})


class _Paper(TypedDict):
    finding: str
    caption: str
    head: list[str]
    rows: list[list[str]]
    words: list[int]
    empty: str
    foot: str


@cache
def can_draw() -> bool:
    """Return whether typst is installed."""
    return importlib.util.find_spec("typst") is not None


def as_pdf(board: Board, panels: Sequence[ShownPanel], words: Wording, unit: str) -> bytes:
    """Return a board as a PDF; a sheet is one page.

    Raises:
        NotReady: typst is not installed; the message names what to install.
    """
    if not can_draw():
        raise NotReady(f"PDF needs typst: pip install '{EXTRA}', then start the service again")
    import typst  # noqa: PLC0415 -- an extra, and 50 MB

    text, lang, at = words.parts.labels.text, words.lang, words.parts.clock()
    has_window = any("from" in panel.takes for panel in board.panels)
    content = {
        "title": board.title.of(lang),
        "unit": unit,
        "lang": lang,
        "at": text("boards.paper.at", lang, at=words.formats.moment(at)),
        "foot": f"{text('term.product', lang)} · {board.title.of(lang)} · {unit}",
        "panels": [_paper(one, words, has_window=has_window) for one in panels],
        "lines": _LINES if board.is_sheet else 0,
        "conclusions": text("boards.conclusions", lang),
    }
    written = orjson.dumps(content).decode()
    sizes = _SIZES if board.is_sheet else _SIZES[:1]
    source = _SOURCE.read_bytes()
    for size in sizes:
        given = {"board": written, "size": str(size)}
        if size != sizes[-1]:
            found = typst.query(
                source, "<pages>", field="value", one=True, sys_inputs=given, ignore_system_fonts=True
            )
            if int(orjson.loads(found)) > 1:
                continue
        break
    drawn: bytes = typst.compile(source, sys_inputs=given, ignore_system_fonts=True)
    return drawn


def _paper(one: ShownPanel, words: Wording, *, has_window: bool) -> _Paper:
    answer, text, lang = one.answer, words.parts.labels.text, words.lang
    panel, asked = answer.panel, for_panel(answer.panel, answer.asked)
    said = [panel.titled(lang)]
    if "from" in panel.takes:
        window = asked.window
        first, last = words.formats.day(window.first_on), words.formats.day(window.last_on)
        said.append(text("overview.caption", lang, first=first, last=last))
    elif has_window:
        said.append(text("boards.at_present", lang))
    chosen = {"field": asked.field, "channel": asked.channel, "kind": asked.kind}
    said += [words.name(name, value) for name, value in chosen.items() if value]  # type: ignore[arg-type]
    head, columns = _head(one, words)
    return {
        "finding": one.finding,
        "caption": " · ".join(said),
        "head": head,
        "rows": [list(row) for row in _rows(one, words)],
        "words": columns,
        "empty": text("boards.empty", lang),
        "foot": " ".join(filter(None, (one.note, one.foot))),
    }


def _head(one: ShownPanel, words: Wording) -> tuple[list[str], list[int]]:
    """Return the heads of the columns, and which of them hold words."""
    text, lang = words.parts.labels.text, words.lang
    if one.cards:
        return [text("boards.figure", lang), text("boards.now", lang), text("boards.remark", lang)], [2]
    if one.sheet:
        count = one.answer.peer_count
        median = text("boards.median", lang, count=count) if count else text("boards.no_median", lang)
        names = ("figure", "now", "before")
        return [*(text(f"boards.{name}", lang) for name in names), median, text("boards.remark", lang)], [4]
    if one.across:
        return [one.heading, *one.across], []
    of_words = [place for place, head in enumerate(one.headings, start=1) if head.measure in _WORDS]
    return [one.heading, *(head.title for head in one.headings)], of_words


def _rows(one: ShownPanel, words: Wording) -> Iterator[tuple[str, ...]]:
    for card in one.cards:
        yield card.name, card.value, " ".join(filter(None, (card.change, card.note)))
    for line in one.sheet:
        remark = "; ".join(filter(None, (_against(line, words), line.beside)))
        now = " ".join(filter(None, (line.now.words, line.between)))
        yield line.name, now, line.before, line.median, remark
    for row in (*((one.whole,) if one.whole else ()), *one.rows):
        yield row.name, *(" ".join(filter(None, (box.words, box.note))) for box in row.boxes)


def _against(line: SheetLine, words: Wording) -> str:
    """Return the change since the period before as the page has it, and whether it is better."""
    if not line.change:
        return ""
    text, lang = words.parts.labels.text, words.lang
    tone = f" ({text(f'boards.change.{line.tone}', lang)})" if line.tone else ""
    return f"{line.change} {text('boards.against', lang)}{tone}"
