"""Send the weekly mail: one letter per address and week, written down first, tried again until the week is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid5

import structlog
from sqlalchemy import Row, select, update

from events.errors import LienCapError
from reporting.dated.calendar import local_day
from reporting.errors import UnknownUnit
from services.errors import BadInput, Forbidden
from services.notices.channel import Undelivered
from services.store.row_writer import insert_missing
from services.store.weekly_tables import WEEKLY_LETTERS
from services.web.shell.parts import Parts
from services.web.weekly.book import WeeklyBook, WeeklyMail
from services.web.weekly.letters import WeeklyLetters, week_of

FIRST_PAUSE = dt.timedelta(minutes=5)
LONGEST_PAUSE = dt.timedelta(hours=6)
_LOST_RIGHT = (Forbidden, UnknownUnit, BadInput)

_log = structlog.get_logger("weekly mail")


class WeeklySender:
    """Writes down the letters of the week, and delivers those that are due; another process stands by.

    An attempt is counted before the letter is sent, its outcome is stored after. If the process dies in between, the
    letter is sent again after its pause under the same id. A letter on which something unforeseen breaks ends the round
    with that error; its pause lets the others go first in the next one.
    """

    def __init__(self, parts: Parts, letters: WeeklyLetters, deliver: Callable[[EmailMessage], str]) -> None:
        self._parts = parts
        self._letters = letters
        self._deliver = deliver
        self._book = WeeklyBook(parts.store)
        self._lock = parts.store.lock("weekly-mail")

    def send_due(self) -> int:
        """Deliver every letter that is due; return how many were sent. 0 while another sender works."""
        if not self._lock.try_acquire():
            return 0
        try:
            week, monday = week_of(local_day(self._parts.clock()))
            mails = {one.id: one for one in self._book.all()}
            self._write_down(week, monday, mails)
            due = self._due()
            return sum(self._try(row, mails.get(row.mail_id), week, monday) for row in due)
        finally:
            self._lock.release()

    def _write_down(self, week: str, monday: dt.date, mails: Mapping[UUID, WeeklyMail]) -> None:
        """Write the letters of the week, once it is their time; an address added later begins with the next week."""
        due_at = self._letters.due_at(monday)
        if self._parts.clock() < due_at:
            return
        rows = [
            {
                "id": uuid5(mail.id, week),
                "mail_id": mail.id,
                "week": week,
                "state": "waiting",
                "due_at": due_at,
                "attempts": 0,
                "last_at": None,
                "outcome": None,
            }
            for mail in mails.values()
            if mail.added_at <= due_at
        ]
        with self._parts.store.begin() as conn:
            insert_missing(conn, WEEKLY_LETTERS, rows, unique="id")

    def _due(self) -> list[Row[Any]]:
        asked = select(WEEKLY_LETTERS).where(
            WEEKLY_LETTERS.c.state == "waiting", WEEKLY_LETTERS.c.due_at <= self._parts.clock()
        )
        with self._parts.store.read() as conn:
            return list(conn.execute(asked.order_by(WEEKLY_LETTERS.c.due_at)))

    def _try(self, row: Row[Any], mail: WeeklyMail | None, week: str, monday: dt.date) -> int:
        if mail is None or row.week != week:
            self._mark(row.id, "failed", "the mail was ended" if mail is None else "the next week began")
            return 0
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(row.attempts, 30))
        now = self._parts.clock()
        self._change(row.id, attempts=row.attempts + 1, due_at=now + pause, last_at=now)
        try:
            said = self._deliver(self._letters.compose(mail, row.id, monday))
        except _LOST_RIGHT as error:
            # Who asked for it may not read these numbers any more.
            self._book.end_of(mail.id, now, f"the right was lost: {error.slug}")
            self._mark(row.id, "failed", error.message)
            return 0
        except Undelivered as error:
            _log.warning("a weekly mail was not delivered", reason=error.message, lasting=error.lasting)
            self._mark(row.id, "failed" if error.lasting else "waiting", error.message)
            return 0
        except LienCapError as error:
            _log.warning("a weekly mail waits", reason=error.message)
            self._mark(row.id, "waiting", f"{error.slug}: {error.message}")
            return 0
        self._mark(row.id, "sent", said)
        return 1

    def _mark(self, letter_id: UUID, state: str, outcome: str) -> None:
        self._change(letter_id, state=state, outcome=outcome[:300])

    def _change(self, letter_id: UUID, **values: object) -> None:
        changed = update(WEEKLY_LETTERS).where(WEEKLY_LETTERS.c.id == letter_id)
        with self._parts.store.begin() as conn:
            conn.execute(changed.values(**values))
