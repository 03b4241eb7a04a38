"""Values on a page: an absent one is a dash and never a zero; an instant may be ISO text."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.language.formats import Formats

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Shown:
    """Formats values of views and queries in one language."""

    formats: Formats

    def number(self, value: float | None) -> str:
        """Return a number, or a dash."""
        return NOTHING if value is None else self.formats.number(value)

    def share(self, part: float, whole: float) -> str:
        """Return a share in per cent; a dash where the whole is zero."""
        return self.formats.percent(part / whole) if whole else NOTHING

    def day(self, value: dt.date | str | None) -> str:
        """Return a local day, or a dash."""
        if value is None:
            return NOTHING
        if isinstance(value, str):
            value = dt.datetime.fromisoformat(value) if "T" in value else dt.date.fromisoformat(value)
        return self.formats.day(value)

    def moment(self, value: dt.datetime | str | None) -> str:
        """Return an instant in local time, or a dash."""
        if value is None:
            return NOTHING
        return self.formats.moment(dt.datetime.fromisoformat(value) if isinstance(value, str) else value)

    def days(self, count: int | None, kind: str = "working") -> str:
        """Return a span of days, or a dash."""
        return NOTHING if count is None else self.formats.days(count, kind=kind)

    def ago(self, then: dt.datetime | str | None, now: dt.datetime) -> str:
        """Return how long ago an instant was, or a dash."""
        if then is None:
            return NOTHING
        return self.formats.ago(dt.datetime.fromisoformat(then) if isinstance(then, str) else then, now)
