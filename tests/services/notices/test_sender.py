"""The sender: one at a time, each attempt stored before it is made, growing pauses, a complete delivery log."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.errors import BadInput, Conflict
from services.notices.channel import Parcel, Undelivered
from services.notices.sender import MOST_ATTEMPTS, Sender
from services.notices.subscriptions import end_subscription, subscriptions_of
from services.store.store import Store
from tests.services.notices.mail_server import mail_server
from tests.services.notices.written import ADMINISTRATOR, LEAD, NOON, deliveries, fill, subscribed
from tests.stores import empty_store

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(empty_store(tmp_path / "store.db"))) as store:
        fill(store, 0)
        yield store


class FakeChannel:
    """Takes every parcel, or fails with the faults it is given, one per parcel."""

    def __init__(self, *faults: Undelivered, gathers: bool = True) -> None:
        self.parcels: list[Parcel] = []
        self.faults = list(faults)
        self._gathers = gathers

    @property
    def gathers(self) -> bool:
        return self._gathers

    def send(self, parcel: Parcel) -> str:
        self.parcels.append(parcel)
        if self.faults:
            raise self.faults.pop(0)
        return "taken"


class Clock:
    """Stands where the test puts it."""

    def __init__(self, now: dt.datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now


def sender(store: Store, clock: Clock, **channels: Any) -> Sender:
    return Sender(store, channels, clock, shorten=lambda: 0.0)


def test_a_notice_leaves_once_and_the_log_says_so(store: Store) -> None:
    subscribed(store, "van-thu@example.vn")
    fill(store)
    mail, clock = FakeChannel(), Clock()
    assert sender(store, clock, email=mail).send_due() == 1
    assert sender(store, clock, email=mail).send_due() == 0
    fill(store)
    assert sender(store, clock, email=mail).send_due() == 0
    (row,) = deliveries(store)
    assert (row.state, row.attempts, row.last_at, row.outcome) == ("sent", 1, NOON, "taken")
    assert [len(parcel.notices) for parcel in mail.parcels] == [1]


def test_what_is_due_for_one_address_goes_in_one_message_and_to_a_webhook_one_by_one(store: Store) -> None:
    subscribed(store, "van-thu@example.vn")
    subscribed(store, "https://hooks.example.vn/", "webhook")
    fill(store, 3)
    mail, hook = FakeChannel(), FakeChannel(gathers=False)
    assert sender(store, Clock(), email=mail, webhook=hook).send_due() == 6
    assert [len(parcel.notices) for parcel in mail.parcels] == [3]
    assert [len(parcel.notices) for parcel in hook.parcels] == [1, 1, 1]
    assert len({parcel.id for parcel in hook.parcels}) == 3
    assert {parcel.secret is None for parcel in hook.parcels} == {False}


def test_at_night_only_what_is_urgent_leaves(store: Store) -> None:
    subscribed(store, "van-thu@example.vn")
    clock = Clock(NOON + dt.timedelta(hours=9))
    fill(store, severity="high", at=clock.now)
    fill(store, severity="urgent", at=clock.now)
    mail = FakeChannel()
    assert sender(store, clock, email=mail).send_due() == 1
    assert mail.parcels[0].notices[0].urgent
    clock.now += dt.timedelta(hours=10)
    assert sender(store, clock, email=mail).send_due() == 1


def test_a_failure_comes_again_after_pauses_that_double(store: Store) -> None:
    subscribed(store, "van-thu@example.vn")
    fill(store)
    mail, clock = FakeChannel(*(Undelivered("away") for _ in range(3))), Clock()
    pauses = []
    for _ in range(3):
        assert sender(store, clock, email=mail).send_due() == 0
        (row,) = deliveries(store)
        assert (row.state, row.outcome) == ("waiting", "away")
        pauses.append(row.due_at - clock.now)
        assert sender(store, clock, email=mail).send_due() == 0
        clock.now = row.due_at
    assert pauses == [MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert sender(store, clock, email=mail).send_due() == 1
    assert [one.id for one in mail.parcels] == [mail.parcels[0].id] * 4
    assert deliveries(store)[0].attempts == 4


def test_chance_shortens_a_pause_by_half_at_most(store: Store) -> None:
    subscribed(store, "van-thu@example.vn")
    fill(store)
    hurried = Sender(store, {"email": FakeChannel(Undelivered("away"))}, Clock(), shorten=lambda: 1.0)
    hurried.send_due()
    assert deliveries(store)[0].due_at - NOON == MINUTE / 2


def test_what_the_other_side_refuses_for_good_is_given_up_at_once(store: Store) -> None:
    subscribed(store, "gone@example.vn")
    fill(store)
    assert sender(store, Clock(), email=FakeChannel(Undelivered("550", lasting=True))).send_due() == 0
    assert [(row.state, row.attempts) for row in deliveries(store)] == [("failed", 1)]


def test_what_never_works_is_given_up_after_a_day_and_a_half(store: Store) -> None:
    subscribed(store, "never@example.vn")
    fill(store)
    clock, mail = Clock(), FakeChannel(*(Undelivered("away") for _ in range(99)))
    for _ in range(MOST_ATTEMPTS):
        (row,) = deliveries(store)
        assert row.state == "waiting"
        clock.now = max(clock.now, row.due_at)
        sender(store, clock, email=mail).send_due()
    assert [row.state for row in deliveries(store)] == ["failed"]
    assert len(mail.parcels) == MOST_ATTEMPTS
    assert dt.timedelta(hours=24) < clock.now - NOON < dt.timedelta(hours=48)


def test_one_address_that_does_not_answer_costs_one_time_out_and_keeps_nobody_waiting(store: Store) -> None:
    subscribed(store, "https://dead.example.vn/", "webhook")
    subscribed(store, "https://well.example.vn/", "webhook")
    fill(store, 3)

    class OneIsDead(FakeChannel):
        def send(self, parcel: Parcel) -> str:
            self.parcels.append(parcel)
            if "dead" in parcel.address:
                raise Undelivered("timed out")
            return "taken"

    hook = OneIsDead(gathers=False)
    assert sender(store, Clock(), webhook=hook).send_due() == 3
    assert sum("dead" in parcel.address for parcel in hook.parcels) == 1
    assert sum(row.attempts for row in deliveries(store) if row.state == "waiting") == 1


def test_more_than_a_round_for_one_address_that_is_away_hides_nobody_else(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notices.sender.AT_ONCE", 5)
    subscribed(store, "https://dead.example.vn/", "webhook")
    fill(store, 9)
    subscribed(store, "https://well.example.vn/", "webhook")
    fill(store, 10)

    class OneIsDead(FakeChannel):
        def send(self, parcel: Parcel) -> str:
            if "dead" in parcel.address:
                raise Undelivered("timed out")
            return "taken"

    assert sender(store, Clock(), webhook=OneIsDead(gathers=False)).send_due() >= 1


def test_an_address_that_takes_its_time_delays_no_other(store: Store) -> None:
    subscribed(store, "https://slow.example.vn/", "webhook")
    subscribed(store, "https://well.example.vn/", "webhook")
    fill(store, 3)
    others = threading.Event()

    class OneIsSlow(FakeChannel):
        def send(self, parcel: Parcel) -> str:
            self.parcels.append(parcel)
            if "slow" in parcel.address:
                assert others.wait(30.0), "the others waited"
            elif sum("well" in one.address for one in self.parcels) == 3:
                others.set()
            return "taken"

    assert sender(store, Clock(), webhook=OneIsSlow(gathers=False)).send_due() == 6


def test_a_fault_of_our_own_keeps_the_others_going(store: Store) -> None:
    subscribed(store, "a@example.vn")
    subscribed(store, "b@example.vn")
    fill(store)

    class Broken(FakeChannel):
        def send(self, parcel: Parcel) -> str:
            self.parcels.append(parcel)
            if parcel.address.startswith("a@"):
                raise KeyError("a label")
            return "taken"

    assert sender(store, Clock(), email=Broken()).send_due() == 1
    assert sorted(row.state for row in deliveries(store)) == ["sent", "waiting"]


def test_a_subscription_that_was_ended_gets_nothing_any_more(store: Store) -> None:
    subscription_id, _ = subscribed(store, "van-thu@example.vn")
    fill(store)
    end_subscription(store, ADMINISTRATOR, NOON, subscription_id)
    mail = FakeChannel()
    assert sender(store, Clock(), email=mail).send_due() == 0
    assert mail.parcels == []
    assert [(row.state, row.outcome) for row in deliveries(store)] == [
        ("failed", "the subscription was ended")
    ]
    assert list(subscriptions_of(store, [LEAD])) == []


def test_without_a_mail_server_its_deliveries_wait(store: Store) -> None:
    subscribed(store, "van-thu@example.vn")
    fill(store)
    assert sender(store, Clock(), webhook=FakeChannel()).send_due() == 0
    assert [(row.state, row.attempts) for row in deliveries(store)] == [("waiting", 0)]


def test_while_one_sender_works_another_stands_by(store: Store) -> None:
    subscribed(store, "van-thu@example.vn")
    fill(store)
    held = store.lock("notices")
    assert held.try_acquire()
    mail = FakeChannel()
    try:
        assert sender(store, Clock(), email=mail).send_due() == 0
    finally:
        held.release()
    assert sender(store, Clock(), email=mail).send_due() == 1


@pytest.mark.parametrize(
    "address", ["no address", "a@b", "a@b.vn\nBcc: c@d.vn", "a@b.vn, c@d.vn", "Tên <a@b.vn>", "ấ@b.vn"]
)
def test_what_is_no_single_address_is_refused(store: Store, address: str) -> None:
    with pytest.raises(BadInput):
        subscribed(store, address)


def test_an_address_is_registered_once(store: Store) -> None:
    subscribed(store, "van-thu@example.vn")
    with pytest.raises(Conflict):
        subscribed(store, "van-thu@example.vn")


_SENDING_PROCESS = """
import datetime as dt, sys
from services.store.store import Store
from services.notices.mail import MailChannel, MailServer
from services.notices.sender import Sender
from tests.services.notices.written import NOON, URL, wording
clock = lambda: NOON
mail = MailChannel(MailServer("127.0.0.1", int(sys.argv[2]), "none", "a@b.example"), wording(), URL, clock)
sender = Sender(Store(sys.argv[1]), {"email": mail}, clock, shorten=lambda: 0.0)
sys.stdin.readline()
sender.send_due()
print("survived")
"""


@pytest.mark.process
@pytest.mark.slow
def test_a_death_between_sending_and_noting_repeats_the_message_once_under_the_same_id(
    store: Store, tmp_path: Path
) -> None:
    subscribed(store, "van-thu@example.vn")
    fill(store)
    root = Path(__file__).resolve().parents[3]
    with mail_server() as mailbox:
        url = f"sqlite:///{tmp_path / 'store.db'}"
        first = subprocess.Popen(
            [sys.executable, "-c", _SENDING_PROCESS, url, str(mailbox.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        mailbox.kills = first.pid  # as soon as the server has the message
        said, _ = first.communicate(b"go\n", timeout=60)
        assert first.returncode == -signal.SIGKILL
        assert said == b""
        (row,) = deliveries(store)
        assert (row.state, row.attempts) == ("waiting", 1)
        mailbox.kills = None
        code = _SENDING_PROCESS.replace(
            "clock = lambda: NOON", "clock = lambda: NOON + dt.timedelta(minutes=1)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, url, str(mailbox.port)],
            input=b"go\n",
            capture_output=True,
            check=True,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        assert done.stdout == b"survived\n"
    (row,) = deliveries(store)
    assert (row.state, row.attempts) == ("sent", 2)
    assert len(mailbox.messages) == 2
    assert len({message["Message-ID"] for message in mailbox.messages}) == 1
