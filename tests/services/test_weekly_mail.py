"""The weekly mail through a real mail server: the numbers of the panel, once a week whatever happens, to who asked for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboards.weekly import WEEKLY
from reporting.dated.calendar import LOCAL, local_day
from services.access.actors import Actor
from services.access.policy import MAY
from services.access.tokens import unit_level
from services.notices.channel import Undelivered
from services.notices.mail import MailServer, deliver
from services.store.weekly_tables import WEEKLY_LETTERS, WEEKLY_MAILS
from services.web.boards.wording import Wording
from services.web.weekly.book import WeeklyBook
from services.web.weekly.letters import WeeklyLetters, week_of
from services.web.weekly.sender import WeeklySender
from tests.services import world as who
from tests.services.notices.mail_server import Mailbox, mail_server
from tests.services.world import World

pytestmark = pytest.mark.warehouse

PUBLIC, SENDER = "https://liencap.example", "liencap@example.gov.vn"
ADDRESS = "lanh.dao@example.gov.vn"


@pytest.fixture(scope="module")
def filled(filled_world: World) -> World:
    return filled_world


@pytest.fixture(autouse=True)
def none_asked_before(filled: World) -> Iterator[None]:
    """Nobody asked for the mail, and the clock is right."""
    yield
    filled.clock.ahead = dt.timedelta(0)
    with filled.parts.store.begin() as conn:
        for table in (WEEKLY_MAILS, WEEKLY_LETTERS):
            conn.execute(table.delete())


def monday_after(weeks: int = 1) -> dt.date:
    today = local_day(dt.datetime.now(dt.UTC))
    return today - dt.timedelta(days=today.weekday()) + dt.timedelta(weeks=weeks)


def set_clock(world: World, at: dt.datetime) -> None:
    world.clock.ahead = at - dt.datetime.now(dt.UTC)


def letters_leave(world: World, weeks: int = 1) -> dt.datetime:
    return WeeklyLetters(world.parts, PUBLIC, SENDER).due_at(monday_after(weeks))


def sender_to(world: World, send: Callable[[EmailMessage], str]) -> WeeklySender:
    return WeeklySender(world.parts, WeeklyLetters(world.parts, PUBLIC, SENDER), send)


def taken_by(mailbox: Mailbox) -> Callable[[EmailMessage], str]:
    return partial(deliver, MailServer("127.0.0.1", mailbox.port, "none", SENDER))


def ask(world: World, person: tuple[str, ...], lang: str = "vi") -> None:
    sent = {"address": ADDRESS, "lang": lang}
    answer = world.as_(*person).post("/thu-tuan", data=sent, follow_redirects=False)
    assert answer.status_code == 303, answer.text


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("person", [who.CHAIR, who.LEADER, who.MINISTRY])
def test_its_five_numbers_are_those_of_the_panel(filled: World, person: tuple[str, ...], lang: str) -> None:
    ask(filled, person, lang)
    set_clock(filled, letters_leave(filled) + dt.timedelta(minutes=1))
    with mail_server() as mailbox:
        assert sender_to(filled, taken_by(mailbox)).send_due() == 1
    [letter] = mailbox.messages
    said = letter.get_content()
    assert letter.get_content_type() == "text/plain"
    weekly, unit = WEEKLY[unit_level(person[1])], person[1]
    monday = monday_after()
    window = {"from": str(monday - dt.timedelta(days=7)), "to": str(monday - dt.timedelta(days=1))}
    query = {"unit": unit, "lang": lang, **window}
    panel = filled.as_(*person).get(f"/bang/so/{weekly.panel.name}.json", params=query)
    total, words = panel.json()["total"], Wording(filled.parts, "en" if lang == "en" else "vi")
    assert len(weekly.columns) == 5
    for column in weekly.columns:
        value = words.value(column.measure, total[column.name])
        assert f"- {column.title.of(words.lang)}: {value}" in said, said
    [link] = [line for line in said.splitlines() if "/bang/" in line]
    assert link.startswith(f"{PUBLIC}/bang/{weekly.board.name}?")
    assert parse_qs(urlsplit(link).query) == {"unit": [unit], **{k: [v] for k, v in window.items()}}
    assert f"{PUBLIC}/thu-tuan" in said
    assert ("chỉ có số tổng hợp" if lang == "vi" else "aggregates alone") in said


def test_a_week_has_one_letter_also_after_restarts(filled: World) -> None:
    ask(filled, who.LEADER)
    with mail_server() as mailbox:
        set_clock(filled, letters_leave(filled) - dt.timedelta(minutes=1))
        assert sender_to(filled, taken_by(mailbox)).send_due() == 0
        for later in (1, 60, 24 * 60, 4 * 24 * 60):
            set_clock(filled, letters_leave(filled) + dt.timedelta(minutes=later))
            for _ in range(2):
                sender_to(filled, taken_by(mailbox)).send_due()
        assert len(mailbox.messages) == 1
        # A whole week in which nothing ran: the next letter is of the week that is, and there is one.
        set_clock(filled, letters_leave(filled, 3) + dt.timedelta(days=2))
        assert sender_to(filled, taken_by(mailbox)).send_due() == 1
        assert sender_to(filled, taken_by(mailbox)).send_due() == 0
    assert len({letter["Message-ID"] for letter in mailbox.messages}) == 2


class Died(BaseException):
    """The process ended."""


def test_a_letter_that_was_not_taken_or_not_noted_is_sent_again_under_the_same_id(filled: World) -> None:
    ask(filled, who.LEADER)
    seen: list[EmailMessage] = []

    def away(message: EmailMessage) -> str:
        seen.append(message)
        raise Undelivered("the server is away")

    def dies(message: EmailMessage) -> str:
        seen.append(message)
        raise Died

    at = letters_leave(filled) + dt.timedelta(minutes=1)
    set_clock(filled, at)
    assert sender_to(filled, away).send_due() == 0
    assert sender_to(filled, away).send_due() == 0
    set_clock(filled, at + dt.timedelta(minutes=10))
    with pytest.raises(Died):
        sender_to(filled, dies).send_due()
    with mail_server() as mailbox:
        assert sender_to(filled, taken_by(mailbox)).send_due() == 0
        set_clock(filled, at + dt.timedelta(hours=2))
        assert sender_to(filled, taken_by(mailbox)).send_due() == 1
    assert len(seen) == 2
    assert len({one["Message-ID"] for one in (*seen, *mailbox.messages)}) == 1


def test_who_asks_after_the_letters_left_or_ended_it_or_lost_the_right_gets_none(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, after = WeeklyBook(filled.parts.store), letters_leave(filled) + dt.timedelta(hours=1)
    set_clock(filled, after)
    book.add(Actor("province_leader", "38", "38.ubnd"), after, ADDRESS, "vi")
    with mail_server() as mailbox:
        send = sender_to(filled, taken_by(mailbox)).send_due
        assert send() == 0
        set_clock(filled, letters_leave(filled, 2) + dt.timedelta(hours=1))
        with monkeypatch.context() as less:
            less.delitem(MAY["rollups.read"], "province_leader")
            assert send() == 0
        assert book.all() == []
        ask(filled, who.LEADER)
        [mail] = book.all()
        filled.as_(*who.LEADER).post(f"/thu-tuan/{mail.id}/ket-thuc")
        set_clock(filled, letters_leave(filled, 3) + dt.timedelta(hours=1))
        assert send() == 0
    assert mailbox.messages == []


def test_an_address_that_is_none_is_refused_and_each_desk_ends_its_own(filled: World) -> None:
    client = filled.as_(*who.LEADER)
    for wrong in ("", "a@b@c", "x@y.vn, z@y.vn", "a\r\nBcc: b@c.vn"):
        assert client.post("/thu-tuan", data={"address": wrong}).status_code == 422
    ask(filled, who.LEADER)
    again = client.post("/thu-tuan", data={"address": ADDRESS})
    assert again.status_code == 422
    [mail] = WeeklyBook(filled.parts.store).all()
    assert filled.as_(*who.REVIEWER).post(f"/thu-tuan/{mail.id}/ket-thuc").status_code == 404
    assert ADDRESS not in filled.as_(*who.REVIEWER).get("/thu-tuan").text
    assert ADDRESS in client.get("/thu-tuan").text


def test_a_letter_leaves_with_the_digest_of_the_first_working_day() -> None:
    tables = who.tables()
    # In the week of Tết 2027 the first working day is not Monday.
    monday = dt.date(2027, 2, 8)
    leaves = tables.notice_hours.leaves_at(
        dt.datetime.combine(monday, dt.time(), LOCAL), tables.calendar, daily=True
    )
    assert tables.calendar.is_working(local_day(leaves))
    assert local_day(leaves) > monday
    assert week_of(dt.date(2027, 1, 3)) == ("2026-W53", dt.date(2026, 12, 28))
