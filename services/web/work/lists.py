"""A list of work as a reader asks for it: view, filters, words, order, groups, page. Its counts are lengths of lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, urlencode

from fastapi import Request

from reporting.dated.calendar import local_day
from reporting.issues.need import Item, Need, need_of
from reporting.issues.permissions import OFFICE_ROLES
from reporting.issues.state import IssueState
from reporting.problems.same_cause import same_cause
from services.access.actors import Actor
from services.language.vietnamese import collation_key
from services.web.issues.desks import desk_of, is_of_department
from services.web.issues.listing import issues_within
from services.web.issues.queue import WHERE_ANY, Desk
from services.web.issues.views import Viewer
from services.web.shell.layout import lang_of, layout_of
from services.web.shell.paging import Pages, cut
from services.web.shell.parts import Parts
from services.web.shell.rows import Row
from services.web.work.asked import PERIODS, SORTS, Asked, finds, key_of, ordered
from services.web.work.places import place_of, usual_view
from services.web.work.rows import Reader, RowMaker, SameCause

_OF_A_MOMENT = frozenset({"lang", "theme", "done", "of", "xem", "mau"})
_FROM_THE_BEGINNING = {"sau": "", "truoc": ""}
PAGE_SIZE = 300
"""So many items one page holds: a morning's work in one load."""


@dataclass(frozen=True, slots=True)
class ViewLink:
    """One view of the rail, with the length of its list and its address."""

    key: str
    label: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a filter or of the order."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Group:
    """Items that need the same, or that one body leads; `count` is of the whole view, not of the page."""

    key: str
    label: str
    count: int
    entries: tuple[Row | SameCause, ...]


class WorkList:
    """One list of a reader under one address; made per request."""

    def __init__(
        self,
        request: Request,
        parts: Parts,
        actor: Actor,
        asked: Asked,
        query: str | None = None,
    ) -> None:
        self.request = request
        asked_for = parse_qsl(request.url.query if query is None else query)
        self._query = {name: value for name, value in asked_for if name not in _OF_A_MOMENT}
        self.parts = parts
        self.actor = actor
        self.asked = asked
        self.place = place_of(actor)
        self.lang = lang_of(request)
        self.viewer = Viewer(parts, self.lang)

    @cached_property
    def issues(self) -> list[IssueState]:
        """Return the issues that the reader may see."""
        return issues_within(self.parts, self.actor)

    @cached_property
    def whole(self) -> Desk:
        """Return the desk of the reader, whatever is asked for."""
        return desk_of(self.actor, self.issues, self.parts.tables, self.parts.clock())

    @cached_property
    def standpoint(self) -> Desk:
        """Return the reader's desk with nothing on it: whose steps they look after, and the day."""
        return desk_of(self.actor, (), self.parts.tables, self.parts.clock())

    @cached_property
    def desk(self) -> Desk:
        """Return the desk as the filters and the words leave it."""
        today, asked = self.whole.today.on, self.asked
        kept = self.whole.only(lambda item: asked.holds(item, today, local_day))
        if not asked.words:
            return kept
        self.viewer.read_ahead(item.issue for item in kept.items)
        return kept.only(lambda item: finds(asked.words, self._words(item)))

    @property
    def view(self) -> str:
        """Return the view that is shown."""
        return self.asked.view if self.asked.view in self.whole.views else usual_view(self.actor)

    @cached_property
    def found(self) -> list[tuple[Need, Item]]:
        """Return everything under the view, in order."""
        return ordered(self.desk.under(self.view), self.asked.sort)

    @property
    def rail(self) -> list[ViewLink]:
        """Return the views with their counts; the choices of the address stay."""
        labels = self.parts.labels
        return [
            ViewLink(
                key,
                labels.text(f"{self.place.labels}.{key}", self.lang, **self._kind_words),
                self.desk.count(key),
                self.link(**{self.place.view_name: key, **_FROM_THE_BEGINNING}),
            )
            for key in self.desk.views
            if key == self.view or key not in WHERE_ANY or self.desk.count(key)
        ]

    @property
    def shown(self) -> Sequence[tuple[Need, Item]]:
        """Return the items of the page."""
        return self._page[0]

    @property
    def pages(self) -> Pages:
        """Return which rows they are, and the neighbouring pages."""
        return self._page[1]

    @cached_property
    def _page(self) -> tuple[Sequence[tuple[Need, Item]], Pages]:
        sort = self.asked.sort
        return cut(self.found, lambda pair: key_of(sort, *pair), self.asked.turn, self.link, size=PAGE_SIZE)

    def groups(self) -> list[Group]:
        """Return the page in groups; what may have one cause is one row that opens."""
        maker = self.maker()
        shown = self.shown
        rows = maker.rows(shown, self.page_link)
        pairs = [(item, row) for (_, item), row in zip(shown, rows, strict=True)]
        groups = []
        for key in dict.fromkeys(self._group_of(need, item) for need, item in shown):
            members = [
                pair
                for pair, (need, item) in zip(pairs, shown, strict=True)
                if self._group_of(need, item) == key
            ]
            count = sum(self._group_of(need, item) == key for need, item in self.found)
            groups.append(Group(key, self._group_label(key), count, self._entries(maker, members)))
        return groups

    def ids(self) -> list[str]:
        """Return the ids of the items in order, as rows have them."""
        return [item.id for _, item in self.found]

    def maker(self) -> RowMaker:
        """Return what makes rows for this reader."""
        return RowMaker(self.parts, self.viewer, self.standpoint.today, Reader.of(self.actor, self.lang))

    def need(self, item: Item) -> Need:
        """Return the group of an item, whether it is in the list or not."""
        return need_of(item, self.standpoint.ours, self.standpoint.today)

    @property
    def is_of_issues(self) -> bool:
        """Return whether the items are issues themselves: a commune lists its own."""
        return self.place.base.startswith("/xa")

    def without(self, *names: str) -> str:
        """Return the address of the list from its beginning, without some of its choices."""
        return self.link(**dict.fromkeys(names, ""), **_FROM_THE_BEGINNING)

    def link(self, **changes: object) -> str:
        """Return the address of the list with some of its choices changed; an empty choice is left out."""
        query = {**self._query, **{name: str(value) for name, value in changes.items()}}
        kept = urlencode({name: value for name, value in query.items() if value})
        return f"{self.place.base}?{kept}" if kept else self.place.base

    def after(self, item_id: str) -> str | None:
        """Return the id of the item after one; of the one before it where it is the last."""
        ids = self.ids()
        if item_id not in ids:
            return None
        place = ids.index(item_id)
        others = [*ids[place + 1 : place + 2], *ids[max(0, place - 1) : place]]
        return next(iter(others), None)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return the choices of the address that a search keeps."""
        return [
            (name, value)
            for name, value in self._query.items()
            if name not in {"q", *_FROM_THE_BEGINNING} and value
        ]

    @property
    def here(self) -> str:
        """Return the address of the list as it is asked for, without the item beside it."""
        return self.link()

    @property
    def file_query(self) -> str:
        """Return the choices of the address, for the list as a file."""
        return self.link(**_FROM_THE_BEGINNING).partition("?")[2]

    def peek_link(self, item_id: str, **more: object) -> str:
        """Return the address of the list with an item beside it."""
        return self.link(xem=item_id, **more)

    def page_link(self, item_id: str) -> str:
        """Return the address of an item's page, which knows the list that it was opened from."""
        return f"{self.place.detail}/{item_id}?{urlencode({'hang': self.here})}"

    @property
    def may_open_problem(self) -> bool:
        """Return whether the reader may make a common problem."""
        return self.actor.role in OFFICE_ROLES and self.place.base == "/tinh"

    def kinds(self) -> list[Choice]:
        """Return the kinds that occur."""
        found = {item.issue.report.kind for item in self.whole.items}
        return by_label(Choice(kind, self.viewer.kind_label(kind)) for kind in found)

    def units(self) -> list[Choice]:
        """Return the communes that occur; a commune sees only itself."""
        if self.is_of_issues:
            return []
        units = {item.issue.unit_code for item in self.whole.items}
        found = [self.parts.tables.units.get(code) for code in units]
        return [
            Choice(one.code, self.viewer.unit_name(one.code))
            for one in sorted(found, key=lambda one: collation_key(one.name))
        ]

    def bodies(self) -> list[Choice]:
        """Return the bodies that lead something; a department sees only what it leads itself."""
        if is_of_department(self.actor) or self.actor.unit_code == "vn":
            return []
        found = {
            body
            for item in self.whole.items
            if (body := item.hand_off.lead_body if item.hand_off else item.issue.holder_body) is not None
        }
        return by_label(Choice(body, self.viewer.body_name(body) or body) for body in found)

    @property
    def sorts(self) -> list[ViewLink]:
        """Return the orders with their addresses."""
        text = self.parts.labels.text
        return [
            ViewLink(
                sort,
                text(f"queue.sort.{sort}", self.lang),
                0,
                self.link(sort="" if sort == "need" else sort, **_FROM_THE_BEGINNING),
            )
            for sort in SORTS
            if sort != "body" or self.bodies()
        ]

    periods = PERIODS

    def _words(self, item: Item) -> list[str | None]:
        issue = item.issue
        unit = self.viewer.unit_name(issue.unit_code)
        return [*self.viewer.words.searched(issue), unit, self.viewer.kind_label(issue.report.kind)]

    def _group_of(self, need: Need, item: Item) -> str:
        if self.asked.sort == "need":
            return need
        if self.asked.sort == "body":
            return (item.hand_off.lead_body if item.hand_off else item.issue.holder_body) or ""
        return "all"

    def _group_label(self, key: str) -> str:
        if self.asked.sort == "body":
            return self.viewer.body_name(key or None) or "–"
        if self.asked.sort != "need":
            return ""
        return self.parts.labels.text(f"queue.need.{key}", self.lang, day=f"{self.whole.today.next_on:%d/%m}")

    def _entries(self, maker: RowMaker, members: Sequence[tuple[Item, Row]]) -> tuple[Row | SameCause, ...]:
        if self.asked.sort != "need" or not self.may_open_problem:
            return tuple(row for _, row in members)
        on, tables = self.whole.today.on, self.parts.tables
        least = tables.thresholds.get("common_communes", on).value
        row_of = {id(item): row for item, row in members}
        roots = [
            item for item, _ in members if item.hand_off is not None and item.hand_off is item.issue.root
        ]
        bundles = {}
        inside: set[int] = set()
        for group in same_cause(roots, tables.grouping, on, least):
            bundle = maker.bundle([(item, row_of[id(item)]) for item in group])
            bundles[id(group[0])] = bundle
            inside |= {id(item) for item in group}
        return tuple(
            bundles.get(id(item), row)
            for item, row in members
            if id(item) not in inside or id(item) in bundles
        )

    @cached_property
    def _kind_words(self) -> dict[str, str]:
        return layout_of(self.request).words_of_unit(self.parts, self.actor.unit_code, self.lang)


def by_label(found: Iterable[Choice]) -> list[Choice]:
    """Return choices in the order of the alphabet."""
    return sorted(found, key=lambda one: collation_key(one.label))
