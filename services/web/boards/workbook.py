"""A panel's answer as a workbook: one sheet of the lines that its page shows, one of where they come from."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator

from dashboards.lines import Line
from dashboards.panel import Panel
from dashboards.vocabulary import Measure
from services.web.boards.circumstances import coverage, heading
from services.web.boards.exports import columns_of, figures_of, row_of, signs_in_text, thresholds_of
from services.web.boards.reading import Answer
from services.web.boards.wording import SIGNS, Wording
from services.web.shell.workbook import DAY, MOMENT, SHARE, CellValue, SheetLine, Sheets, workbook

_FORMATS: dict[Measure, str] = {"share": SHARE, "moment": MOMENT, "day": DAY}
_WIDTHS = {"name": 34, "signs": 30}
_WIDTH = 16


def as_workbook(answer: Answer, words: Wording, made_at: dt.datetime) -> bytes:
    """Return an answer as XLSX: numbers as numbers, instants as local time, texts as they are.

    Args:
        made_at: the instant that the file names as its own.
    """
    out = io.BytesIO()
    with workbook(out, answer.panel.title.of(words.lang), made_at) as sheets:
        _fill_lines(sheets, answer, words)
        sheets.fill(_text(words, "about"), list(_about(answer, words)))
    return out.getvalue()


def _fill_lines(sheets: Sheets, answer: Answer, words: Wording) -> None:
    panel, names = answer.panel, list(columns_of(answer.panel))
    measures = {column.name: _FORMATS.get(column.measure, "") for column in panel.columns}
    measures |= {
        f"{name}_{beside}": found for name, found in measures.items() for beside in ("before", "median")
    }
    rows: list[SheetLine] = [
        (*_cells(answer, line, words), signs_in_text(line)) for line in answer.found.lines
    ]
    if panel.names == "day":
        measures[panel.key] = DAY
    sheets.table(
        _text(words, "lines"),
        tuple(_heading(panel, name, words) for name in names),
        [_WIDTHS.get("name" if name.endswith("name") else name, _WIDTH) for name in names],
        [measures.get(name, "") for name in names],
        rows,
    )


def _cells(answer: Answer, line: Line, words: Wording) -> Iterator[CellValue]:
    """Yield the cells of a line; a key that is a day is one in the sheet too."""
    panel = answer.panel
    for name, value in row_of(answer, line, words).items():
        is_day = name == panel.key and panel.names == "day"
        yield dt.date.fromisoformat(str(value)) if is_day else value


def _heading(panel: Panel, name: str, words: Wording) -> str:
    """Return the words at the head of a column of the export."""
    titles = {column.name: column.title.of(words.lang) for column in panel.columns}
    if name in titles:
        return titles[name]
    of, _, beside = name.rpartition("_")
    if of in titles and beside in {"before", "median"}:
        return f"{titles[of]} ({_text(words, beside)})"
    if name == "signs":
        return _text(words, "signs")
    if name == "name":
        return heading(panel, words)
    if name == f"{panel.across}_name":
        return words.parts.labels.text("boards.who.unit", words.lang)
    return f"{_text(words, 'code')} ({name})"


def _about(answer: Answer, words: Wording) -> Iterator[SheetLine]:
    """Yield what the figures mean, up to when and from whom they are, and what was chosen."""
    panel, asked, lang = answer.panel, answer.asked, words.lang
    yield (_text(words, "panel"), panel.title.of(lang))
    yield (_text(words, "finding"), words.finding(panel, answer.finding))
    yield (_text(words, "question"), panel.question.of(lang))
    yield (_text(words, "definition"), panel.description.of(lang))
    yield (_text(words, "version"), panel.version)
    yield (_text(words, "query"), panel.narrowed_query(asked.chosen))
    yield (_text(words, "unit"), f"{words.name('unit', asked.unit_code)} ({asked.unit_code})")
    yield (_text(words, "as_of"), answer.as_of or words.parts.labels.text("boards.nothing_landed", lang))
    yield (_text(words, "coverage"), coverage(answer, words))
    yield (_text(words, "time"), _text(words, "local"))
    for name in panel.takes:
        window = {"from": asked.window.first_on, "to": asked.window.last_on}
        value = window.get(name) or asked.value(name)
        yield (f"{_text(words, 'filter')}: {name}", value or _text(words, "all"))
    for one in thresholds_of(answer, words):
        yield (_text(words, "threshold"), f"{one.key}: {one.value} {one.unit}", one.source)
    for sign, shown in SIGNS.items():
        yield (sign, f"{shown} {words.parts.labels.text(f'boards.sign.{sign}', lang)}")
    yield ()
    yield (*(_text(words, name) for name in ("column", "title", "measure", "from", "total")),)
    total = figures_of(panel, answer.found.whole)
    for column in panel.columns:
        missing = answer.found.whole.cells[column.name].sign
        yield (
            *(column.name, column.title.of(lang), column.measure, ", ".join(column.needs)),
            SIGNS[missing] if missing else total[column.name],
        )


def _text(words: Wording, name: str) -> str:
    return words.parts.labels.text(f"boards.book.{name}", words.lang)
