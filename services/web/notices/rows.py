"""Rows of a list of notices: one notice leads to its subject, many that are alike to the list of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from reporting.dated.bodies import unit_named
from reporting.dated.calendar import LOCAL
from services.language.labels import Lang
from services.notices.alike import Alike, Bundle, Entry
from services.notices.words import Wording, page_of
from services.warehouse.promise_table import PromiseTable
from services.web.issues.report_words import places_of
from services.web.shell.dues import Due
from services.web.shell.layout import dues_of
from services.web.shell.parts import Parts
from services.web.shell.rows import Row

_LIST = "/thong-bao"
_UNITS_NAMED = 2


class NoticeRows:
    """Makes the rows of notices in one language."""

    def __init__(self, parts: Parts, lang: Lang) -> None:
        self._parts = parts
        self._lang: Lang = lang
        self._wording = Wording(parts.labels, parts.tables)

    def title(self, alike: Alike) -> str:
        """Return what notices that are alike have in common, in words."""
        kind = self._wording.kind(alike.kind, self._lang) if alike.kind else ""
        event = self._wording.event(alike.template, alike.detail, self._lang)
        return ": ".join(filter(None, (event, kind)))

    def days(self, bundles: Sequence[Bundle]) -> list[tuple[str, list[Row]]]:
        """Return the rows of each local day under its name, the latest first."""
        dues = dues_of(self._parts, self._lang)
        where = _where(self._parts, [one.entries[0] for one in bundles if len(one.entries) == 1])
        days: dict[str, list[Row]] = {}
        for bundle in bundles:
            weekday = self._text(f"look.weekday.{bundle.alike.day.isoweekday()}")
            row = self._one(bundle.entries[0], where) if len(bundle.entries) == 1 else self._many(bundle)
            days.setdefault(f"{weekday} {dues.short(bundle.alike.day)}", []).append(row)
        return list(days.items())

    def _one(self, entry: Entry, where: dict[UUID, str]) -> Row:
        notice = entry.notice
        new = None if entry.read else self._text("notices.new")
        place = where.get(notice.issue_id or notice.spot_id or notice.id)
        return Row(
            name=self._wording.title(notice, self._lang),
            href=f"{_LIST}/xem/{notice.id}",
            more=tuple(filter(None, (new, place, *self._wording.subject(notice, self._lang)))),
            due=Due("plain", _time(entry)),
            is_urgent=notice.urgent,
            edge=None if entry.read else "info",
        )

    def _many(self, bundle: Bundle) -> Row:
        alike = bundle.alike
        new = self._text("notices.new_of", count=bundle.unread) if bundle.unread else None
        kind = self._wording.kind(alike.kind, self._lang) if alike.kind else None
        return Row(
            name=self._wording.event(alike.template, alike.detail, self._lang),
            href=f"{_LIST}?nhom={alike.written}",
            more=tuple(filter(None, (new, kind, self._units(bundle.entries)))),
            note=self._text("notices.many", count=len(bundle.entries)),
            due=Due("plain", _time(bundle.entries[0])),
            is_urgent=alike.urgent,
            edge="info" if bundle.unread else None,
        )

    def _units(self, entries: Iterable[Entry]) -> str:
        """Return the names of the first units, and how many others there are."""
        codes = list(dict.fromkeys(entry.notice.unit_code for entry in entries))
        named = [unit_named(self._parts.tables.units.get(code), self._lang) for code in codes[:_UNITS_NAMED]]
        if rest := len(codes) - len(named):
            named.append(self._text("notices.other_units", count=rest))
        return ", ".join(named)

    def _text(self, key: str, **values: object) -> str:
        return self._parts.labels.text(key, self._lang, **values)


def _time(entry: Entry) -> str:
    return f"{entry.notice.occurred_at.astimezone(LOCAL):%H:%M}"


def _where(parts: Parts, found: Sequence[Entry]) -> dict[UUID, str]:
    """Return the place that each notice is about, for issues and villages that the reader was notified of."""
    notices = [entry.notice for entry in found]
    # A neighbour is notified of an issue that it may not read: its notice leads to the neighbour's own list.
    own = {one.issue_id for one in notices if one.issue_id is not None and str(one.issue_id) in page_of(one)}
    handed = {one.issue_id for one in notices if one.issue_id is not None and one.escalation_id is not None}
    states = [folded.state for folded in parts.issue_table.load(own | handed).values()]
    spots = {one.spot_id for one in notices if one.spot_id is not None}
    table = PromiseTable(parts.warehouse)
    villages = {spot.id: spot.village.id for spot_id in spots if (spot := table.get(spot_id)) is not None}
    names = parts.texts.fetch(villages.values())
    named = {spot_id: name for spot_id, text in villages.items() if (name := names.get(text))}
    return places_of(parts.texts, states) | named
