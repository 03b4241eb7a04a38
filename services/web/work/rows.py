"""One item of work as a row of a list: where and what, how many, who has it, since when, until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reporting.dated.bodies import NATION, territory_of
from reporting.dated.calendar import local_day
from reporting.issues.clock import IssueClock
from reporting.issues.need import Item, Need, Today, gravity
from reporting.issues.state import IssueState
from services.access.actors import Actor
from services.access.tokens import unit_level
from services.language.formats import Formats
from services.language.labels import Lang
from services.web.issues.views import Viewer
from services.web.shell.dues import Due, Dues, Tone
from services.web.shell.parts import ViewParts
from services.web.shell.rows import Row

_EDGES: Mapping[Need, Tone] = {
    "past": "late",
    "today": "near",
    "next": "soon",
    "elsewhere": "waiting",
    "stopped": "paused",
    "done": "ok",
}
"""The tone of the left edge; with time left what is grave stands out, and nothing else."""
_SAYS_MORE = frozenset({"disputed", "suppressed"})
"""States of an issue that are more precise than that of its hand-off: to be looked at again, or waiting for something else."""


@dataclass(frozen=True, slots=True)
class SameCause:
    """Rows that may have one cause, as one row that opens; `lead_body` and `title` are what a common problem would have.

    Attributes:
        rows: each begins with its commune, and ends with how many cases are blocked.
    """

    id: str
    kind: str
    name: str
    unit_count: int
    more: tuple[str, ...]
    lead_body: str
    title: str
    tone: Tone
    due: Due
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """The reader of the rows: what is theirs is not repeated."""

    unit_code: str
    body: str | None
    lang: Lang

    @classmethod
    def of(cls, actor: Actor, lang: Lang) -> Reader:
        """Return an actor as a reader in a language."""
        return cls(actor.unit_code, actor.body, lang)


class RowMaker:
    """Make rows for one reader; made per request."""

    def __init__(self, parts: ViewParts, viewer: Viewer, today: Today, reader: Reader) -> None:
        self._parts = parts
        self._viewer = viewer
        self._reader = reader
        self._formats = Formats(reader.lang)
        self._dues = Dues(parts.tables.calendar, today.on, self._formats, parts.labels)
        self._short: dict[str, str] = {}
        self._kinds = parts.tables.kind_words.on(today.on)

    def rows(self, found: Sequence[tuple[Need, Item]], link: Callable[[str], str]) -> list[Row]:
        """Return a row for each item; their texts are fetched together, those that the viewer has not yet."""
        self._viewer.read_ahead(item.issue for _, item in found)
        return [self._row(need, item, link) for need, item in found]

    def _row(self, need: Need, item: Item, link: Callable[[str], str]) -> Row:
        issue, one = item.issue, item.hand_off
        headline = self._viewer.words.headline(issue)
        row_id = item.id
        said = (
            self.short_kind(issue.report.kind) if headline else None,
            None if issue.unit_code == self._reader.unit_code else self._unit(issue),
            self._where(item) if one is None else None,
            self._numbers(item),
            self._holder(need, item),
            self._dues.since(local_day(item.since)),
        )
        more_said = issue.shown_state in _SAYS_MORE and (one is None or one is issue.root)
        return Row(
            id=row_id,
            href=link(row_id),
            name=headline or self._viewer.kind_label(issue.report.kind),
            more=tuple(piece for piece in said if piece),
            note=self._viewer.state_label(issue, None) if more_said else "",
            is_urgent=gravity(issue) == 0,
            edge=_EDGES.get(need),
            due=self._due(need, item),
        )

    def _unit(self, issue: IssueState) -> str:
        """Name the commune; a ministry reads its province too."""
        name = self._viewer.unit_name(issue.unit_code)
        if self._reader.unit_code != NATION:
            return name
        return f"{name}, {self._viewer.unit_name(issue.province_code)}"

    def bundle(self, members: Sequence[tuple[Item, Row]]) -> SameCause:
        """Return rows that may have one cause as one."""
        leads = [item.hand_off.lead_body for item, _ in members if item.hand_off is not None]
        lead = max(dict.fromkeys(leads), key=leads.count, default=members[0][0].issue.office_body)
        first, row = members[0]
        units = {item.issue.unit_code for item, _ in members}
        kind = self._viewer.kind_label(first.issue.report.kind)
        since = min(local_day(item.issue.reported_at) for item, _ in members)
        cases = sum(item.issue.report.cases_blocked or 0 for item, _ in members)
        said = (self._cases(cases), self.short_name(lead))
        return SameCause(
            id=row.id,
            kind=first.issue.report.kind,
            name=kind,
            unit_count=len(units),
            more=tuple(piece for piece in said if piece),
            lead_body=lead,
            title=self._text("same.title", kind=kind, count=len(units), day=self._formats.day(since)),
            tone=row.tone,
            due=row.due or Due("plain", ""),
            rows=tuple(self._inside(item, one, kind) for item, one in members),
        )

    def _inside(self, item: Item, row: Row, kind: str) -> Row:
        """Return a row inside another of its kind: the commune first, at the end how many cases are blocked."""
        unit = self._viewer.unit_name(item.issue.unit_code)
        name = unit if row.name == kind else f"{unit}: {row.name}"
        return Row(
            id=row.id,
            href=row.href,
            name=name,
            due=Due("plain", self._cases(item.issue.report.cases_blocked)),
        )

    def short_kind(self, kind: str) -> str:
        """Return the short name of a kind, as a row has room for; its whole name where it has none today."""
        found = self._kinds.get(kind)
        return self._viewer.kind_label(kind) if found is None else found.short[self._reader.lang == "en"]

    def short_name(self, body: str) -> str:
        """Name a body without the province that it shares with the reader."""
        if body not in self._short:
            name = self._viewer.body_name(body) or body
            territory = territory_of(body)
            if territory != NATION and self._reader.unit_code.startswith(territory):
                own = self._parts.tables.units.get(territory).full_name
                name = name.removesuffix(f" {own}").removesuffix(f" {own[:1].lower()}{own[1:]}")
            self._short[body] = name
        return self._short[body]

    def _where(self, item: Item) -> str | None:
        """Return the state of an issue; while its proposal is on its way, the state of the proposal is more precise."""
        issue = item.issue
        if not issue.is_open:
            return None
        on_its_way = issue.shown_state == "received"
        return self._viewer.state_label(issue, issue.root if on_its_way else None)

    def _numbers(self, item: Item) -> str:
        report = item.issue.report
        people = report.people_affected
        said = (
            self._text("row.people", count=self._formats.number(people)) if people else "",
            self._cases(report.cases_blocked),
        )
        return ", ".join(piece for piece in said if piece)

    def _cases(self, count: int | None) -> str:
        return self._text("row.cases", count=self._formats.number(count)) if count else ""

    def _holder(self, need: Need, item: Item) -> str | None:
        issue, one = item.issue, item.hand_off
        if one is not None and need != "done":
            if one.awaits_office_since is not None or one.lead_body == issue.office_body:
                return self._text("row.unassigned")
            holder: str | None = one.lead_body
        else:
            holder = issue.holder_body
        return None if holder in {None, self._reader.body} or holder is None else self.short_name(holder)

    def _due(self, need: Need, item: Item) -> Due:
        clock = item.clock
        if need == "done":
            return Due("ok", self._viewer.state_label(item.issue, item.hand_off))
        if need == "elsewhere":
            holder = item.issue.holder_body if clock is None else clock.holder_body
            level = unit_level(territory_of(holder)) if holder is not None else "nobody"
            note = self._on(clock).note if clock is not None else ""
            return Due("waiting", self._text(f"row.waits.{level}"), note)
        if clock is None:
            return Due("plain", self._viewer.state_label(item.issue, item.hand_off))
        if need == "stopped":
            since = clock.paused_since
            note = self._text_of("due.since", day=self._dues.short(since)) if since is not None else ""
            return Due("paused", self._text_of("due.paused"), note)
        found, due_on = self._on(clock), local_day(clock.due_at)
        return self._dues.passed(found, due_on, is_reminder=clock.is_reminder) if need == "past" else found

    def _on(self, clock: IssueClock) -> Due:
        day = local_day(clock.due_at)
        return self._dues.on(day, days_kind=clock.days_kind, is_reminder=clock.is_reminder)

    def _text(self, key: str, **values: object) -> str:
        return self._text_of(f"queue.{key}", **values)

    def _text_of(self, key: str, **values: object) -> str:
        return self._parts.labels.text(key, self._reader.lang, **values)
