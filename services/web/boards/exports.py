"""A panel's answer as JSON, as CSV and as the description of both; all of them hold the lines that its page shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TypedDict

import orjson

from dashboards.lines import Line, Value
from dashboards.panel import Panel
from dashboards.vocabulary import Filter, Sign
from reporting.dated.thresholds import Threshold
from services.web.boards.filed_before import WhyRunning
from services.web.boards.reading import Answer
from services.web.boards.wording import SIGNS, Wording
from services.web.shell.csv_file import csv_text

_ABOUT = ("as_of", "filters")
"""The last columns of a CSV: up to when data has landed, and what was chosen."""


def as_json(answer: Answer, words: Wording) -> bytes:
    """Return an answer as JSON: lines with codes and names, and in `signs` why a figure is missing."""
    panel = answer.panel
    return orjson.dumps(
        {
            "panel": panel.name,
            "version": panel.version,
            "title": panel.title.of(words.lang),
            "finding": words.finding(panel, answer.finding),
            "measured_in": panel.unit.of(words.lang),
            **_circumstances(answer),
            "rows": [{**row_of(answer, line, words), "signs": _signs(line)} for line in answer.found.lines],
            "total": {**figures_of(panel, answer.found.whole), "signs": _signs(answer.found.whole)},
        }
    )


def as_csv(answer: Answer, words: Wording) -> str:
    """Return an answer as CSV with a head; the column `signs` names each figure that is missing, and why.

    Data time and choices stand in the last two columns of each line, so that they stay with a part of it too.
    """
    said = _circumstances(answer)
    choices = [("unit", said["unit"]), *said["filters"].items()]
    choices += [("period", said["period"])] if said["period"] is not None else []
    filed_at = said["before_filed_at"]
    choices += [("before_filed_at", filed_at.isoformat())] if filed_at is not None else []
    choices += [("before_of_today", said["before_of_today"])] if said["before_of_today"] is not None else []
    about = (raw(answer.as_of), ";".join(f"{name}={value}" for name, value in choices))
    rows = (
        (*map(_plain, row_of(answer, line, words).values()), signs_in_text(line), *about)
        for line in answer.found.lines
    )
    return csv_text([*columns_of(answer.panel), *_ABOUT], rows)


def as_metadata(answer: Answer, words: Wording) -> bytes:
    """Return what an answer means: definition and version, data time, coverage, filters, signs, thresholds."""
    panel, lang = answer.panel, words.lang
    return orjson.dumps(
        {
            "panel": panel.name,
            "version": panel.version,
            "title": panel.title.of(lang),
            "description": panel.description.of(lang),
            "question": panel.question.of(lang),
            "measured_in": panel.unit.of(lang),
            "query": panel.narrowed_query(answer.asked.chosen),
            "additive": panel.is_additive,
            "takes": list(panel.takes),
            "columns": [
                {
                    "name": column.name,
                    "title": column.title.of(lang),
                    "measure": column.measure,
                    "from": list(column.needs),
                    "has_sum": column.has_sum,
                    "words": {code: word.of(lang) for code, word in column.words.items()},
                }
                for column in panel.columns
            ],
            "signs": {sign: words.parts.labels.text(f"boards.sign.{sign}", lang) for sign in SIGNS},
            "thresholds": [
                {"key": one.key, "value": one.value, "unit": one.unit, "source": one.source}
                for one in thresholds_of(answer, words)
            ],
            **_circumstances(answer),
        }
    )


class _Circumstances(TypedDict):
    unit: str
    as_of: dt.datetime | None
    coverage: dict[str, int]
    filters: dict[Filter, str]
    period: str | None
    before_filed_at: dt.datetime | None
    before_of_today: WhyRunning | None


def _circumstances(answer: Answer) -> _Circumstances:
    asked, panel = answer.asked, answer.panel
    return {
        "unit": asked.unit_code,
        "as_of": answer.as_of,
        "coverage": {"reported": answer.coverage.reported, "whole": answer.coverage.whole},
        "filters": {name: asked.value(name) for name in panel.takes if asked.value(name)},
        "period": asked.period[0].key if asked.period is not None else None,
        "before_filed_at": answer.filed_at,
        "before_of_today": answer.why_running,
    }


def thresholds_of(answer: Answer, words: Wording) -> list[Threshold]:
    """Return the thresholds that the reading of a panel rests on, as of the last day asked for."""
    table, on = words.parts.tables.thresholds, answer.asked.window.last_on
    return [table.get(key, on) for key in answer.panel.thresholds]


def row_of(answer: Answer, line: Line, words: Wording) -> dict[str, Value]:
    """Return a line as every export has it, without its signs: codes, names, figures."""
    panel = answer.panel
    row: dict[str, Value] = {panel.key: line.key, "name": words.row_name(panel, line.name_code)}
    if panel.across:
        row |= {panel.across: line.across, f"{panel.across}_name": words.name("unit", line.across)}
    return row | figures_of(panel, line)


def figures_of(panel: Panel, line: Line) -> dict[str, Value]:
    """Return the figures of a line, each beside that of the period before where the panel compares."""
    figures: dict[str, Value] = {}
    for column in panel.columns:
        cell = line.cells[column.name]
        figures[column.name] = cell.value
        if panel.compares:
            figures[f"{column.name}_before"] = cell.before
        if panel.peers:
            figures[f"{column.name}_median"] = cell.median
    return figures


def _signs(line: Line) -> dict[str, Sign]:
    return {name: cell.sign for name, cell in line.cells.items() if cell.sign is not None}


def signs_in_text(line: Line) -> str:
    """Return the signs of a line in one cell: each figure that is missing, and why."""
    return ";".join(f"{name}={sign}" for name, sign in _signs(line).items())


def columns_of(panel: Panel) -> Iterator[str]:
    """Yield the columns of the exports in their order."""
    yield from (panel.key, "name")
    if panel.across:
        yield from (panel.across, f"{panel.across}_name")
    for column in panel.columns:
        yield column.name
        if panel.compares:
            yield f"{column.name}_before"
        if panel.peers:
            yield f"{column.name}_median"
    yield "signs"


def raw(value: Value) -> str:
    """Write a value as the exports have it."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else str(value)


def _plain(value: Value) -> str | float | None:
    return raw(value) if isinstance(value, dt.date) else value
