"""Write names, values and sentences of panels in one language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast, get_args

from dashboards.lines import Cell, Finding, Value
from dashboards.panel import Column, Panel
from dashboards.vocabulary import Measure, Names, Sign
from events.errors import LienCapError
from reporting.dated.bodies import NATION, unit_named
from reporting.dated.calendar import local_day
from services.language.formats import Formats
from services.language.labels import Lang
from services.web.shell.parts import ViewParts

SIGNS: dict[Sign, str] = {"not_applicable": "–", "not_reported": "…", "suppressed": "∗"}
"""The signs in the place of a figure, the same in a cell, a card and a table: none of them is a nought."""
_VOCABULARIES = frozenset(get_args(Names))
_LABELLED: dict[Names, str] = {
    "level": "level",
    "channel": "case.channel",
    "gap": "promises.gap",
    "supply": "boards.supply",
}
"""Vocabularies whose words are labels: name → where they stand."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a reader's language for codes and values."""

    parts: ViewParts
    lang: Lang

    @property
    def formats(self) -> Formats:
        """Return the formatter of the language."""
        return Formats(self.lang)

    def name(self, names: Names, code: str) -> str:
        """Return the name of a code in its vocabulary; the code itself where the tables lack it."""
        if names in _LABELLED:
            return self.parts.labels.text(f"{_LABELLED[names]}.{code}", self.lang)
        by: dict[Names, Callable[[str], str]] = {
            "kind": lambda one: self.parts.tables.competence.name_of(one, self.lang),
            "field": lambda one: self.parts.tables.procedures.fields(self.lang).get(one, one),
            "procedure": self._procedure,
            "late_cause": lambda one: self.parts.tables.late_causes.names(self.lang).get(one, one),
            "body": self._body,
            "day": lambda one: self.formats.day(dt.date.fromisoformat(one)),
            "code": str,
        }
        try:
            return by.get(names, self._unit)(code)
        except LienCapError:
            return code

    def row_name(self, panel: Panel, key: str) -> str:
        """Return the name of a row: the panel's own words, or the name of its key."""
        return panel.rows[key].of(self.lang) if key in panel.rows else self.name(panel.names, key)

    def _unit(self, code: str) -> str:
        return unit_named(self.parts.tables.units.get(code), self.lang)

    def _body(self, code: str) -> str:
        body = self.parts.tables.bodies.get(code)
        return body.name_en if self.lang == "en" else body.name_vi

    def _procedure(self, code: str) -> str:
        found = self.parts.tables.procedures.get(code, local_day(self.parts.clock()))
        return found.name_en if self.lang == "en" else found.name_vi

    def short_name(self, unit_code: str) -> str:
        """Return the name of a unit without its kind, for the narrow head of a column."""
        return self.parts.tables.units.get(unit_code).name

    def value(self, measure: Measure, value: Value) -> str:
        """Write a value of a column."""
        if isinstance(value, dt.datetime):
            return self.formats.moment(value)
        if isinstance(value, dt.date):
            return self.formats.day(value)
        if isinstance(value, int | float) and measure == "minutes":
            return self.formats.span(value)
        if isinstance(value, int | float):
            return self.formats.percent(value) if measure == "share" else self.formats.number(value)
        return SIGNS["not_applicable"] if value is None else value

    def cell(self, column: Column, cell: Cell) -> str:
        """Write a cell: its value, or the sign in its place."""
        if cell.sign is not None:
            return SIGNS[cell.sign]
        if column.words and isinstance(cell.value, str):
            return column.words[cell.value].of(self.lang)
        if column.names is not None and isinstance(cell.value, str):
            return self.name(column.names, cell.value)
        return self.value(column.measure, cell.value)

    def change(self, column: Column, cell: Cell) -> str:
        """Write the change against the period before with its sign; nothing where there is nothing to compare."""
        now, before = cell.value, cell.before
        if not isinstance(now, int | float) or not isinstance(before, int | float):
            return ""
        is_share = column.measure == "share"
        change = round((now - before) * 100, 1) if is_share else now - before
        if not change:
            return "±0"
        written = self.formats.number(abs(change), decimals=1 if is_share else None)
        unit = f" {self.parts.labels.text('boards.points', self.lang)}" if is_share else ""
        return f"{'+' if change > 0 else '−'}{written}{unit}"

    def unit(self, code: str, *, in_way: bool = False) -> str:
        """Return the name of a unit in a title or in the way to it; the nation's full style is for papers."""
        if code != NATION:
            return self.name("unit", code)
        return self.parts.labels.text("boards.nation" if in_way else "boards.provinces", self.lang)

    def beside(self, cell: Cell) -> str:
        """Write how a figure stands to the median of the province; nothing where there is nothing to compare."""
        now, median = cell.value, cell.median
        if not isinstance(now, int | float) or not isinstance(median, int | float):
            return ""
        key = "above" if now > median else "below" if now < median else "same"
        return self.parts.labels.text(f"boards.beside_median.{key}", self.lang)

    def finding(self, panel: Panel, found: Finding) -> str:
        """Write the sentence about the rows of a panel."""
        values = {name: self._said(panel, kind, value) for name, (kind, value) in found.values.items()}
        for name, others in found.ties.items():
            if others:
                values[name] = self.parts.labels.text(
                    "boards.level_with", self.lang, name=values[name], others=self.formats.number(others)
                )
        return found.words.of(self.lang).format_map(values)

    def _said(self, panel: Panel, kind: Measure | Names, value: Value) -> str:
        if kind == panel.names:
            return self.row_name(panel, str(value))
        if kind in _VOCABULARIES:
            return self.name(cast("Names", kind), str(value))
        return self.value(cast("Measure", kind), value)
