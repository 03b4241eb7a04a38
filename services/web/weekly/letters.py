"""The words of the weekly mail: five numbers of the last whole week from the panel of a board, and the way there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from dashboards.weekly import WEEKLY
from reporting.dated.calendar import LOCAL, local_day
from services.access.policy import require
from services.access.tokens import checked_actor, unit_level
from services.web.boards.asked import Asked
from services.web.boards.circumstances import coverage, data_time
from services.web.boards.reading import Answer, BoardReader
from services.web.boards.wording import Wording
from services.web.figures.windows import Window
from services.web.shell.parts import ViewParts
from services.web.weekly.book import WeeklyMail

_WEEK = dt.timedelta(days=7)


def week_of(day: dt.date) -> tuple[str, dt.date]:
    """Return the name of the week of a day (`2026-W48`), and its Monday."""
    year, week, weekday = day.isocalendar()
    return f"{year}-W{week:02d}", day - dt.timedelta(days=weekday - 1)


class WeeklyLetters:
    """Composes the letter of a week.

    Args:
        public_url: the address under which people reach the pages.
        sender: the address that letters come from.
    """

    def __init__(self, parts: ViewParts, public_url: str, sender: str) -> None:
        self._parts = parts
        self._public_url = public_url.rstrip("/")
        self._sender = sender

    def due_at(self, monday: dt.date) -> dt.datetime:
        """Return when the letter of a week leaves: with the digest of its first working day."""
        tables = self._parts.tables
        begins = dt.datetime.combine(monday, dt.time(), LOCAL)
        return tables.notice_hours.leaves_at(begins, tables.calendar, daily=True)

    def compose(self, mail: WeeklyMail, letter_id: UUID, monday: dt.date) -> EmailMessage:
        """Return the letter of the week that begins on a Monday, about the week before.

        Raises:
            Forbidden, UnknownUnit, BadInput: who asked for it has not the right any more.
            NotReady: the engine cannot be reached.
        """
        lang, text = mail.lang, self._parts.labels.text
        answer = self._answer(mail, monday)
        words = Wording(self._parts, lang)
        unit = words.name("unit", mail.unit_code)
        message = EmailMessage(policy=SMTP)
        message["Subject"] = (
            f"[{text('term.product', lang)}] {text('weekly.subject', lang, unit=unit, last=words.formats.day(answer.asked.window.last_on))}"
        )
        message["From"] = Address(text("term.product", lang), addr_spec=self._sender)
        message["To"] = Address(addr_spec=mail.address)
        message["Date"] = format_datetime(self._parts.clock())
        # The id is the same for a letter sent again, so that a mailbox may recognise the repetition.
        message["Message-ID"] = f"<{letter_id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n".join(self._lines(mail, answer, words, unit)))
        return message

    def _answer(self, mail: WeeklyMail, monday: dt.date) -> Answer:
        units, today = self._parts.tables.units, local_day(self._parts.clock())
        actor = checked_actor(mail.actor)
        units.get(actor.unit_code, today)
        panel = WEEKLY[unit_level(actor.unit_code)].panel
        require(actor, panel.see, actor.unit_code, units=units)
        window = Window(monday - _WEEK, monday - dt.timedelta(days=1))
        asked = Asked(actor.unit_code, window, chosen=frozenset({"from", "to"}))
        # Whoever reads the mailbox need not have the right of who asked for the mail.
        return BoardReader(self._parts, actor, anyone=True).answer(panel, asked)

    def _lines(self, mail: WeeklyMail, answer: Answer, words: Wording, unit: str) -> Iterator[str]:
        lang, text, window = mail.lang, self._parts.labels.text, answer.asked.window
        first, last = words.formats.day(window.first_on), words.formats.day(window.last_on)
        weekly = WEEKLY[unit_level(mail.unit_code)]
        yield text("weekly.of", lang, unit=unit, first=first, last=last)
        yield ""
        for column in weekly.columns:
            cell = answer.found.whole.cells[column.name]
            change = words.change(column, cell)
            against = f" ({change} {text('boards.against', lang)})" if change else ""
            sign = f" ({text(f'boards.sign.{cell.sign}', lang)})" if cell.sign else ""
            yield f"- {column.title.of(lang)}: {words.cell(column, cell)}{against}{sign}"
        yield ""
        yield f"{data_time(answer, words)}. {coverage(answer, words)}."
        yield ""
        yield text("weekly.read_on", lang, board=weekly.board.title.of(lang))
        yield f"{self._public_url}/bang/{weekly.board.name}?{answer.asked.query()}"
        yield ""
        yield text("weekly.aggregates", lang)
        yield f"{text('weekly.why', lang)} {self._public_url}/thu-tuan"
