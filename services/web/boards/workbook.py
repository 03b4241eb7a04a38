"""A panel's answer as a workbook: one sheet of the lines that its page shows, one of where they come from."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator

import xlsxwriter  # type: ignore[import-untyped]

from dashboards.lines import Value
from dashboards.panel import Panel
from dashboards.vocabulary import Measure
from services.language.formats import LOCAL
from services.web.boards.exports import columns_of, figures_of, row_of, signs_in_text, thresholds_of
from services.web.boards.reading import Answer
from services.web.boards.wording import SIGNS, Wording

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_AS_TYPED = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
"""No text of anybody becomes a formula, a number or a link."""
_DAY = "dd/mm/yyyy"
_FORMATS: dict[Measure, str] = {"share": "0.0%", "moment": "dd/mm/yyyy hh:mm", "day": _DAY}
_WIDTHS = {"name": 34, "signs": 30}
_WIDTH = 16

_Line = tuple[str | Value | dt.date, ...]


def as_workbook(answer: Answer, words: Wording, made_at: dt.datetime) -> bytes:
    """Return an answer as XLSX: numbers as numbers, instants as local time, texts as they are.

    Args:
        made_at: the instant that the file names as its own.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **_AS_TYPED}) as book:
        title = answer.panel.title.of(words.lang)
        book.set_properties({"title": title, "created": made_at.astimezone(LOCAL).replace(tzinfo=None)})
        sheets = _Sheets(book)
        _fill_lines(sheets, answer, words)
        sheets.fill(_text(words, "about"), list(_about(answer, words)))
    return out.getvalue()


class _Sheets:
    """Writes sheets into one workbook, each cell by the type of its value."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._by_format = {one: book.add_format({"num_format": one}) for one in _FORMATS.values()}

    def table(
        self, name: str, head: _Line, widths: list[int], measures: list[str], rows: list[_Line]
    ) -> None:
        """Write a table under a head that stays in sight and filters."""
        sheet = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, str(head[column]), self._head)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                self._write(sheet, (number, column), value, self._by_format.get(measures[column]))
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, len(rows), len(head) - 1)

    def fill(self, name: str, rows: list[_Line]) -> None:
        """Write lines whose first cell is their name."""
        sheet = self._book.add_worksheet(name)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 70)
        sheet.set_column(2, 4, 24)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                style = self._head if column == 0 else self._wrapped
                if isinstance(value, dt.date):
                    style = self._by_format[_FORMATS["moment"] if isinstance(value, dt.datetime) else _DAY]
                self._write(sheet, (number, column), value, style)

    @staticmethod
    def _write(
        sheet: xlsxwriter.worksheet.Worksheet,
        place: tuple[int, int],
        value: str | Value | dt.date,
        style: xlsxwriter.format.Format | None,
    ) -> None:
        if value is None:
            return
        if isinstance(value, str):
            sheet.write_string(*place, value, style)
        elif isinstance(value, dt.datetime):
            sheet.write_datetime(*place, value.astimezone(LOCAL).replace(tzinfo=None), style)
        elif isinstance(value, dt.date):
            sheet.write_datetime(*place, value, style)
        else:
            sheet.write_number(*place, value, style)


def _fill_lines(sheets: _Sheets, answer: Answer, words: Wording) -> None:
    panel, names = answer.panel, list(columns_of(answer.panel))
    measures = {column.name: _FORMATS.get(column.measure, "") for column in panel.columns}
    measures |= {
        f"{name}_{beside}": found for name, found in measures.items() for beside in ("before", "median")
    }
    rows: list[_Line] = [
        (*row_of(answer, line, words).values(), signs_in_text(line)) for line in answer.found.lines
    ]
    sheets.table(
        _text(words, "lines"),
        tuple(_heading(panel, name, words) for name in names),
        [_WIDTHS.get("name" if name.endswith("name") else name, _WIDTH) for name in names],
        [measures.get(name, "") for name in names],
        rows,
    )


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
        own, text = panel.heading, words.parts.labels.text
        return own.of(words.lang) if own else text(f"boards.who.{panel.names}", words.lang)
    if name == f"{panel.across}_name":
        return words.parts.labels.text("boards.who.unit", words.lang)
    return f"{_text(words, 'code')} ({name})"


def _about(answer: Answer, words: Wording) -> Iterator[_Line]:
    """Yield what the figures mean, up to when and from whom they are, and what was chosen."""
    panel, asked, lang = answer.panel, answer.asked, words.lang
    yield (_text(words, "panel"), panel.title.of(lang))
    yield (_text(words, "finding"), words.finding(panel, panel.said(answer.found)))
    yield (_text(words, "question"), panel.question.of(lang))
    yield (_text(words, "definition"), panel.description.of(lang))
    yield (_text(words, "version"), panel.version)
    yield (_text(words, "query"), panel.narrowed_query(asked.chosen))
    yield (_text(words, "unit"), f"{words.name('unit', asked.unit_code)} ({asked.unit_code})")
    yield (_text(words, "as_of"), answer.as_of or words.parts.labels.text("boards.nothing_landed", lang))
    covers = words.parts.labels.text(
        f"boards.covers.{panel.coverage[0]}",
        lang,
        reported=words.formats.number(answer.coverage.reported),
        whole=words.formats.number(answer.coverage.whole),
    )
    yield (_text(words, "coverage"), covers)
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
