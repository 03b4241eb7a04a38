"""`/kieu`: every component in each state, in both languages and themes, for those who build pages and for the tests that look."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from services.errors import NotFound
from services.language.formats import Formats
from services.web.shell.cards import Card, line_of
from services.web.shell.dues import Due, Dues
from services.web.shell.icon_names import ICONS
from services.web.shell.identity import Here
from services.web.shell.layout import lang_of, layout_of
from services.web.shell.leads import Lead, Station
from services.web.shell.parts import Parts
from services.web.shell.rows import Row, View
from services.web.sign_in.pages import Visitor

router = APIRouter(include_in_schema=False)

_TODAY = dt.date(2026, 11, 30)
_SENT = dt.date(2026, 11, 12)
_RISING = (3, 4, 4, 7, 8, 9, 9, 12, 14)
_COLOURS = (
    ("ground", "surface", "sunken", "line-2", "ink-3", "ink-2", "ink"),
    ("b-50", "b-100", "b-300", "brand", "brand-hover", "head", "ochre"),
    ("late", "late-edge", "late-wash", "near", "near-edge", "near-wash", "urgent-fill"),
    ("ok", "ok-edge", "ok-wash", "info", "waiting", "paused", "focus"),
)
_STATES = ("urgent", "late", "near", "info", "waiting", "paused", "ok", "plain")


@router.get("/kieu")
def kit(request: Request, parts: Here, _visitor: Visitor) -> HTMLResponse:
    """Show every component; the content is invented and stands still, so that pictures can be compared."""
    if not parts.demo:
        raise NotFound("there is no such page")
    shown = _Sample(request, parts)
    return layout_of(request).render(
        request,
        "kit/kit.html",
        colours=_COLOURS,
        states=_STATES,
        icons=ICONS,
        rows=shown.rows(),
        leads=shown.leads(),
        stations=shown.stations(),
        cards=shown.cards(),
        units=_UNITS,
        views=shown.views(),
    )


# Name → received, resolved, overdue, open difficulties.
_UNITS = (
    ("Phường Hạc Thành", 1842, 1790, 61, 12),
    ("Xã Thọ Xuân", 640, 655, 31, 9),
    ("Xã Bát Mọt", 112, 109, 2, 3),
    ("Xã Pù Nhi", 71, 70, 0, 0),
)


class _Sample:
    """Invented content in the language of a request, as of one day."""

    def __init__(self, request: Request, parts: Parts) -> None:
        self._lang = lang_of(request)
        self._labels = parts.labels
        self._f = Formats(self._lang)
        self._dues = Dues(parts.tables.calendar, _TODAY, self._f, parts.labels)

    def rows(self) -> list[Row]:
        """Return one row of each tone."""
        late = self._dues.on(dt.date(2026, 11, 23), is_reminder=True, days_kind="working")
        waiting, done = self._day("waiting", 26), self._day("ok", 24)
        found = [
            ("late", late),
            ("near", self._dues.on(_TODAY)),
            ("soon", self._dues.on(dt.date(2026, 12, 1), is_reminder=True, days_kind="working")),
            ("waiting", waiting),
            ("paused", self._day("paused", 25)),
            ("ok", done),
            ("plain", self._dues.on(dt.date(2026, 12, 9), is_reminder=True, days_kind="working")),
        ]
        return [
            Row(
                id=key,
                href="#rows",
                name=self._text(f"row.{key}"),
                more=(*self._text(f"more.{key}").split(" · "), self._dues.since(_SENT)),
                due=due,
                is_urgent=key == "late",
            )
            for key, due in found
        ]

    def views(self) -> list[View]:
        """Return three views of a list, one of them empty."""
        counts = {"late": 3, "near": 27, "ok": 0}
        return [View(key, self._text(f"state.{key}"), "#buttons", count) for key, count in counts.items()]

    def leads(self) -> list[Lead]:
        """Return who has an item, until when, since when."""
        late = self._dues.on(dt.date(2026, 11, 23), is_reminder=True, days_kind="working")
        return [
            Lead(self._labels.text("term.holder", self._lang), self._text("holder"), self._dues.since(_SENT)),
            Lead(self._labels.text("term.answer", self._lang), due=late),
            Lead(self._text("age"), self._f.days(18, kind="calendar"), self._text("never_paused")),
        ]

    def stations(self) -> list[Station]:
        """Return the road of an item that lies with the province."""
        names = [
            self._labels.text(f"level.{level}", self._lang) for level in ("commune", "province", "ministry")
        ]
        return [Station(names[0], is_past=True), Station(names[1], is_here=True), Station(names[2])]

    def cards(self) -> list[Card]:
        """Return a card of each kind: worse, late, better, nought, not known."""
        up = "▲ {}".format
        usual = Card(
            name=self._text("card.open"), value=self._f.number(63), href="#cards", line=line_of(_RISING)
        )
        worse = replace(usual, change=up(9), change_tone="worse", note=self._text("card.before"))
        late = replace(usual, name=self._text("card.late"), value=self._f.number(196), tone="late")
        share = replace(worse, name=self._text("card.share"), value=self._f.number(93.1), unit="%")
        nought = Card(name=self._text("card.nought"), value="0", href="#cards", is_zero=True)
        unknown = replace(
            nought,
            name=self._text("card.unknown"),
            value="–",
            note=self._labels.text("number_card.unknown", self._lang),
        )
        better = replace(share, change=up(self._f.number(0.8)), change_tone="better")
        return [worse, replace(late, note=self._text("card.of")), better, nought, unknown]

    def _day(self, tone: str, day: int) -> Due:
        since = self._labels.text("due.since", self._lang, day=self._dues.short(dt.date(2026, 11, day)))
        return Due(tone, self._text(f"due.{tone}"), since, since)  # type: ignore[arg-type]  # three of the tones

    def _text(self, key: str) -> str:
        return self._labels.text(f"kit.{key}", self._lang)
