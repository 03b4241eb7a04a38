"""The words of a notice in either language: the event, the kind and unit of the difficulty, and a link."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row

from reporting.dated.bodies import NATION, unit_named
from reporting.dated.periods import period_words
from services.language.labels import Labels, Lang

if TYPE_CHECKING:
    from services.dated_tables import DatedTables

_NUMBER_LENGTH = 8
_COMMUNE_CODE_LENGTH = 5
_OF_CLOCKS = frozenset({"resumed", "reminder", "warning", "reminder_passed", "overdue"})
_OF_SUMS = frozenset({"sum_wanted", "sum_passed"})
_OF_FILINGS = frozenset({"filing_wanted", "filing_passed", "filings_missing"}) | _OF_SUMS
_OF_SOURCES = frozenset({"source_silent", "source_recovered"})


@dataclass(frozen=True, slots=True)
class WrittenNotice:
    """A notice as stored in the book."""

    id: UUID
    template: str
    body: str
    territory: str
    unit_code: str
    occurred_at: dt.datetime
    urgent: bool = False
    kind: str | None = None
    issue_id: UUID | None = None
    escalation_id: UUID | None = None
    spot_id: UUID | None = None
    detail: str | None = None


Titled = WrittenNotice | Row[Any]
"""A notice, or a row of the delivery log: both have a template, a detail and a unit."""


def written(row: Row[Any]) -> WrittenNotice:
    """Return the notice of a row; further columns are ignored."""
    return WrittenNotice(**{one.name: getattr(row, one.name) for one in fields(WrittenNotice)})


@dataclass(frozen=True, slots=True)
class Said:
    """One notice in words; it never contains an issue's own text.

    Attributes:
        title: the event.
        about: the kind, the unit and the short number.
        path: the page inside the site.
    """

    title: str
    about: str
    path: str


class Wording:
    """Put notices into words."""

    def __init__(self, labels: Labels, tables: DatedTables) -> None:
        self._labels = labels
        self._tables = tables

    def say(self, notice: WrittenNotice, lang: Lang) -> Said:
        """Return the words of a notice."""
        title = self.title(notice, lang)
        parts = self.subject(notice, lang)
        if notice.issue_id is not None:
            number = notice.issue_id.hex[:_NUMBER_LENGTH]
            parts.append(self._labels.text("notice_text.number", lang, number=number))
        return Said(title=title, about=" · ".join(parts), path=page_of(notice))

    def subject(self, notice: WrittenNotice, lang: Lang) -> list[str]:
        """Return what a notice is about: the kind of the difficulty, where it has one, and the unit."""
        unit = unit_named(self._tables.units.get(notice.unit_code), lang)
        return [unit] if notice.kind is None else [self.kind(notice.kind, lang), unit]

    def title(self, notice: Titled, lang: Lang) -> str:
        """Return the title of a notice: the event."""
        return self.event(notice.template, notice.detail or "", lang, self._words(notice.unit_code, lang))

    def event(self, template: str, detail: str, lang: Lang, words: dict[str, str] | None = None) -> str:
        """Return the event of a template in words; without the words of one kind of unit the usual ones stand."""
        words = words or {}
        said = self._detail(template, detail, lang, words)
        return self._labels.text(f"notice.{template}", lang, detail=said, **words)

    def text(self, key: str, lang: Lang, **values: object) -> str:
        """Return a label."""
        return self._labels.text(key, lang, **values)

    def kind(self, key: str, lang: Lang) -> str:
        """Return the name of a kind of difficulty; the key of a kind that the table lacks."""
        return self._tables.competence.name_of(key, lang)

    def _detail(self, template: str, detail: str, lang: Lang, words: dict[str, str]) -> str:
        if template in _OF_FILINGS:
            return self._filing(detail, lang)
        group = "clock.name" if template in _OF_CLOCKS else "answer.kind"
        group = "notice_signal" if template == "signal" else group
        group = "promises.gap" if template.startswith("promise_") else group
        key = f"{group}.{detail}"
        return self._labels.text(key, lang, **words) if detail and self._labels.has(key) else detail

    def _filing(self, detail: str, lang: Lang) -> str:
        """Return the words of a period, and of how many communes where a number follows it."""
        key, _, count = detail.partition(" ")
        period = period_words(self._tables.periods.named(key), lang) if key else ""
        return self._labels.text("notice_text.filings", lang, period=period, count=count) if count else period

    def _words(self, unit_code: str, lang: Lang) -> dict[str, str]:
        units = self._tables.units
        province = units.get(units.province_of(unit_code))
        kinds = (province.kind, units.get(unit_code).kind)
        return {key: word for kind in kinds for key, word in self._labels.words_of_kind(kind, lang).items()}


def page_of(notice: WrittenNotice) -> str:
    """Return the path of the page on which the recipient sees the subject of the notice."""
    if notice.spot_id is not None:
        return f"/thon-lom/{notice.spot_id}"
    if notice.template in _OF_FILINGS:
        key = (notice.detail or "").partition(" ")[0]
        own = (
            f"/{notice.unit_code}"
            if notice.territory == notice.unit_code and len(notice.unit_code) == _COMMUNE_CODE_LENGTH
            else ""
        )
        return f"/ky-bao-cao{own}?ky={key}"
    if notice.template in _OF_SOURCES or notice.issue_id is None:
        return "/tinh/tong-quan"
    if notice.territory == notice.unit_code:
        return f"/xa/kho-khan/{notice.issue_id}"
    if len(notice.territory) == _COMMUNE_CODE_LENGTH:
        # A neighbour may not read the issue; the neighbour's own waiting issues are in its list.
        return "/xa/kho-khan"
    level = "/tw" if notice.territory == NATION else "/tinh"
    return level if notice.escalation_id is None else f"{level}/de-xuat/{notice.escalation_id}"
