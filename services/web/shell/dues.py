"""When something is due, as a row or an item shows it: from today in words, the date beside, and the tone of both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from events.fields import DaysKind
from reporting.dated.calendar import WorkingCalendar, local_day
from reporting.dated.distance import closeness, days_until
from services.language.formats import Formats
from services.language.labels import Labels

Tone = Literal["late", "near", "soon", "waiting", "ok", "paused", "info", "urgent", "plain"]
"""How a row, a chip or a strip stands out: `is-<tone>` in components.css, which knows no other."""


@dataclass(frozen=True, slots=True)
class Due:
    """`words` from today ("còn 1 ngày"), `note` with the date ("mốc 23/11"), `full` with the whole date."""

    tone: Tone
    words: str
    note: str = ""
    full: str = ""


class Halt(Protocol):
    """A time in which a deadline stood still."""

    @property
    def from_at(self) -> dt.datetime:
        """Return when it began."""
        ...


class Deadline(Protocol):
    """The words, tone and date of a deadline."""

    @property
    def mark(self) -> str:
        """Return how it stands: running, approaching, paused, breached or reminder_passed."""
        ...

    @property
    def is_reminder(self) -> bool:
        """Return whether no law, regulation or document set it."""
        ...

    @property
    def due_at(self) -> dt.datetime:
        """Return the instant by which it is to be met."""
        ...

    @property
    def days_kind(self) -> DaysKind:
        """Return the kind of days that it was counted in."""
        ...

    @property
    def pauses(self) -> Sequence[Halt]:
        """Return the times in which it stood still, in order."""
        ...


class Named(Protocol):
    """A deadline and what it is for."""

    @property
    def clock_label(self) -> str:
        """Return what is to be done by it."""
        ...

    @property
    def is_reminder(self) -> bool:
        """Return whether no law, regulation or document set it."""
        ...


@dataclass(frozen=True, slots=True)
class Dues:
    """Words deadlines in one language, as of one day."""

    calendar: WorkingCalendar
    today: dt.date
    formats: Formats
    labels: Labels

    def of(self, clock: Deadline) -> Due:
        """Return the words of an open deadline; while it is paused no day is known."""
        if clock.mark == "paused":
            since = local_day(clock.pauses[-1].from_at) if clock.pauses else None
            note = self._text("due.since", day=self.short(since)) if since else ""
            return Due("paused", self._text("due.paused"), note, note)
        due_on = local_day(clock.due_at)
        due = self.on(due_on, days_kind=clock.days_kind, is_reminder=clock.is_reminder)
        late = clock.mark in {"breached", "reminder_passed"}
        return self.passed(due, due_on, is_reminder=clock.is_reminder) if late else due

    def passed(self, due: Due, day: dt.date, *, is_reminder: bool) -> Due:
        """Return a deadline that was not met as late, today in words of its own: its last hour has passed."""
        words = due.words
        if day == self.today:
            words = self._text("due.reminder_passed_today" if is_reminder else "due.deadline_passed_today")
        return Due("late", words, due.note, due.full)

    def on(self, day: dt.date, *, days_kind: DaysKind = "calendar", is_reminder: bool = False) -> Due:
        """Return the distance of a day; `is_reminder` where no law, regulation or document set it."""
        close = closeness(self.calendar, self.today, day)
        left = days_until(self.calendar, self.today, day, days_kind)
        short, full = (
            ("due.reminder", "due.reminder_full") if is_reminder else ("due.deadline", "due.deadline")
        )
        return Due(
            "plain" if close == "far" else close,
            self.formats.until(left),
            self._text(short, day=self.short(day)),
            self._text(full, day=self.formats.day(day)),
        )

    def name(self, clock: Named) -> str:
        """Return what an open deadline is for, named as a deadline: "Trả lời" alone would read as done."""
        what = clock.clock_label[:1].lower() + clock.clock_label[1:]
        return self._text("due.of_reminder" if clock.is_reminder else "due.of_deadline", what=what)

    def since(self, day: dt.date) -> str:
        """Return the words of a day that something was sent or began on, without this year."""
        return self._text("due.sent", day=self.short(day))

    def short(self, value: dt.date | dt.datetime) -> str:
        """Write the local day of a value without this year."""
        return self.formats.short_day(self.local(value), self.today)

    def local(self, value: dt.date | dt.datetime) -> dt.date:
        """Return the local day of a value."""
        return local_day(value) if isinstance(value, dt.datetime) else value

    def _text(self, key: str, **values: object) -> str:
        return self.labels.text(key, self.formats.lang, **values)
