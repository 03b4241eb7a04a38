"""Which notices are alike: the same event about the same kind of difficulty on the same day, however many communes it met."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reporting.dated.calendar import local_day
from reporting.keyset import Key, read, written
from services.notices.words import WrittenNotice

FROM = 3
"""So many notices that are alike stand as one row; fewer stand by themselves."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A notice and whether the reader has seen it."""

    notice: WrittenNotice
    read: bool


@dataclass(frozen=True, slots=True)
class Alike:
    """The words and the day that notices share; an empty text stands for none."""

    day: dt.date
    template: str
    detail: str
    kind: str
    urgent: bool

    @classmethod
    def of(cls, notice: WrittenNotice) -> Alike:
        """Return what a notice shares with others."""
        day = local_day(notice.occurred_at)
        return cls(day, notice.template, notice.detail or "", notice.kind or "", notice.urgent)

    @classmethod
    def read(cls, text: str) -> Alike | None:
        """Read from an address what `written` wrote; None for anything else."""
        key = read(text, ("", "", "", "", 0))
        if key is None:
            return None
        day, template, detail, kind, urgent = key
        try:
            return cls(dt.date.fromisoformat(str(day)), str(template), str(detail), str(kind), urgent == 1)
        except ValueError:
            return None

    @property
    def written(self) -> str:
        """Return it as it stands in an address."""
        key: Key = (self.day.isoformat(), self.template, self.detail, self.kind, int(self.urgent))
        return written(key)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Notices that stand as one row, the latest first; most often one."""

    alike: Alike
    entries: Sequence[Entry]

    @property
    def unread(self) -> int:
        """Return how many of them the reader has not seen."""
        return sum(not entry.read for entry in self.entries)


def bundled(entries: Iterable[Entry]) -> list[Bundle]:
    """Return the notices of a list as rows, each where its latest notice stands."""
    found: dict[Alike, list[Entry]] = {}
    for entry in entries:
        found.setdefault(Alike.of(entry.notice), []).append(entry)
    bundles = [
        bundle
        for alike, of_it in found.items()
        for bundle in (
            [Bundle(alike, of_it)] if len(of_it) >= FROM else [Bundle(alike, [entry]) for entry in of_it]
        )
    ]
    return sorted(bundles, key=lambda one: one.entries[0].notice.occurred_at, reverse=True)
