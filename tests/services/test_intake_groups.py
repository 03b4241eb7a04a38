"""Reports and rows of many requests in one transaction: the same answers and the same store as one by one."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from events.codec import decode
from events.errors import LienCapError
from events.topics import ISSUES
from services.access.actors import SYSTEM
from services.errors import KeyReused
from services.intake.intake import Intake
from services.intake.issue_input import IssueInput, read_issue
from services.intake.reports import IssueReceipt
from services.log.sqlite import SqliteLog
from services.store.groups import CommitGroups
from services.store.outbox import Relay
from services.store.store import CASES, IDEMPOTENCY, OUTBOX, TEXTS, Store
from tests.contract.door import Door
from tests.services.test_intake import NEIGHBOUR, NOW, OFFICER, UNIT, Commune, row
from tests.services.world import OFFICER as COMMUNE_OFFICER
from tests.services.world import SAID, World

ROOT = Path(__file__).resolve().parents[2]
SAME = "Cả bản không có sóng"


@pytest.fixture
def commune(tmp_path: Path, store_url: str) -> Iterator[Commune]:
    opened = Commune(tmp_path, store_url)
    yield opened
    opened.intake.close()
    opened.store.close()


def report(number: int = 7, **said: Any) -> IssueInput:
    body = {
        "id": str(uuid.UUID(int=number)),
        "kind": "mobile_dead_spot",
        "severity": "high",
        "place": "Bản Vịn",
    }
    return read_issue({**body, "content": SAME, "request": "Đề nghị kiểm tra, khắc phục", **said})


async def gathered(groups: CommitGroups, posts: Iterable[Awaitable[Any]]) -> list[Any]:
    """Hold the writer until the posts have come, so that they are one group; return what each gets."""
    door = Door()
    first = asyncio.create_task(groups.write(door.write, None))
    await asyncio.to_thread(door.entered.wait, 30)
    waiting = [asyncio.ensure_future(post) for post in posts]
    await asyncio.sleep(0)
    door.open()
    await first
    return await asyncio.gather(*waiting, return_exceptions=True)


def in_one_group(intake: Intake, posts: Callable[[], Iterable[Awaitable[Any]]]) -> list[Any]:
    """Send requests that come while the writer is busy; return what each got, or its error."""

    async def send() -> list[Any]:
        return await gathered(intake._groups, posts())

    return asyncio.run(send())


def shown(answer: object) -> object:
    """Show an answer so that two can be compared."""
    if isinstance(answer, LienCapError):
        return (type(answer), answer.field, answer.message)
    assert not isinstance(answer, BaseException), answer
    return answer


def held(commune: Commune) -> list[object]:
    """Return what the store holds, but for the outbox's own numbers."""
    with commune.store.read() as conn:
        rows: list[object] = [
            decode(value) for value in conn.scalars(select(OUTBOX.c.value).order_by(OUTBOX.c.id))
        ]
        for table, order in (
            (TEXTS, TEXTS.c.id),
            (IDEMPOTENCY, IDEMPOTENCY.c.key),
            (CASES, CASES.c.case_key),
        ):
            rows += [tuple(found) for found in conn.execute(select(table).order_by(order))]
    return rows


def test_a_report_sent_by_many_at_once_is_recorded_once(commune: Commune) -> None:
    receipts = in_one_group(
        commune.intake,
        lambda: [commune.intake.post_issue(UNIT, report(), actor=OFFICER, now=NOW) for _ in range(5)],
    )
    assert Counter(receipt.created for receipt in receipts) == {True: 1, False: 4}
    assert len({receipt.event_id for receipt in receipts}) == 1
    assert (commune.count(OUTBOX), commune.count(TEXTS), commune.count(IDEMPOTENCY)) == (1, 3, 1)


def test_another_report_under_the_id_of_one_in_its_group_is_refused(commune: Commune) -> None:
    intake = commune.intake
    first, other, foreign, repeated = in_one_group(
        intake,
        lambda: [
            intake.post_issue(UNIT, report(people_affected=3), actor=OFFICER, now=NOW),
            intake.post_issue(UNIT, report(people_affected=4), actor=OFFICER, now=NOW),
            intake.post_issue(NEIGHBOUR, report(people_affected=3), actor=SYSTEM, now=NOW),
            intake.post_issue(UNIT, report(people_affected=3), actor=OFFICER, now=NOW),
        ],
    )
    assert isinstance(first, IssueReceipt)
    assert isinstance(repeated, IssueReceipt)
    assert (first.created, type(other), type(foreign), repeated.created) == (
        True,
        KeyReused,
        KeyReused,
        False,
    )
    [event] = commune.events()
    assert event.data.people_affected == 3


def test_a_report_that_the_log_gave_back_gets_its_texts_again_whatever_today_s_rules_are(
    commune: Commune,
) -> None:
    commune.report()
    with commune.store.begin() as conn:
        conn.execute(update(IDEMPOTENCY).values(fingerprint=None))
        conn.execute(TEXTS.delete())
    intake = commune.intake
    # Written before the two texts and a place were asked for: a new report like it would be refused.
    old = report(content=None, request=None, place=None)
    first, again, other = in_one_group(
        intake,
        lambda: [
            intake.post_issue(UNIT, old, actor=OFFICER, now=NOW),
            intake.post_issue(UNIT, old, actor=OFFICER, now=NOW),
            intake.post_issue(UNIT, report(), actor=OFFICER, now=NOW),
        ],
    )
    assert [first.created, again.created, type(other)] == [False, False, KeyReused]
    assert len(commune.events()) == 1


REPORTS = st.lists(
    st.builds(
        lambda number, said, unit: (unit, {"number": number, **said}),
        number=st.integers(1, 4),
        said=st.sampled_from(
            [
                {},
                {},
                {"people_affected": 3},
                {"kind": "no_such_kind"},
                {"place": None},
                {"content": None},
                {"tried": "gọi 0912345678"},
                {"occurred_at": "2098-01-01T00:00:00Z"},
                {"kind": "staff_shortage", "place": None},
            ]
        ),
        unit=st.sampled_from([UNIT, UNIT, NEIGHBOUR, "99999"]),
    ),
    max_size=12,
)


class Pair:
    """Two stores of one installation, emptied before each example."""

    def __init__(self, folder: Path) -> None:
        self._communes = (Commune(folder), Commune(folder, f"sqlite:///{folder / 'together.db'}"))

    def emptied(self) -> tuple[Commune, Commune]:
        for each in self._communes:
            with each.store.begin() as conn:
                for table in (OUTBOX, TEXTS, IDEMPOTENCY, CASES):
                    conn.execute(table.delete())
        return self._communes

    def close(self) -> None:
        for each in self._communes:
            each.intake.close()
            each.store.close()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    opened = Pair(tmp_path_factory.mktemp("pair"))
    yield opened
    opened.close()


@settings(max_examples=40)
@given(sent=REPORTS)
def test_reports_in_groups_get_the_answers_that_they_get_one_by_one(
    pair: Pair, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    alone, together = pair.emptied()
    bodies = [(unit, report(**said)) for unit, said in sent]
    expected: list[object] = []
    for unit, body in bodies:
        try:
            expected.append(alone.intake.report_issue(unit, body, actor=SYSTEM, now=NOW))
        except LienCapError as error:
            expected.append(shown(error))
    answers = in_one_group(
        together.intake,
        lambda: [together.intake.post_issue(unit, body, actor=SYSTEM, now=NOW) for unit, body in bodies],
    )
    assert [shown(answer) for answer in answers] == expected
    assert held(together) == held(alone)


ROWS = st.lists(
    st.lists(
        st.builds(
            lambda case, status, day: row(
                f"C-{case}",
                status,
                NgayTiepNhan=f"{10 + case}/07/2026",
                NgayTrangThai=f"{day}/07/2026" if day else None,
                NgayKetThucXuLy=f"{day}/07/2026" if day and status in {8, 9, 10} else None,
            ),
            case=st.integers(0, 3),
            status=st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
            day=st.sampled_from([None, 9, 13, 14, 15]),
        ),
        max_size=3,
    ),
    max_size=8,
)


@settings(max_examples=40)
@given(calls=ROWS)
def test_rows_in_groups_get_the_outcomes_that_they_get_call_by_call(
    pair: Pair, calls: list[list[dict[str, Any]]]
) -> None:
    alone, together = pair.emptied()
    expected = [alone.sync(*call) for call in calls]
    answers = in_one_group(
        together.intake,
        lambda: [together.intake.post_cases(UNIT, call, actor=SYSTEM, now=NOW) for call in calls],
    )
    assert answers == expected
    assert held(together) == held(alone)


def test_steps_in_a_group_are_taken_or_refused_as_alone(commune: Commune) -> None:
    commune.sync(row("A-1"), row("A-2"))
    intake = commune.intake
    taken, refused, unknown = in_one_group(
        intake,
        lambda: [
            intake.post_step(UNIT, "A-1", {"TrangThai": 5}, actor=OFFICER, now=NOW),
            intake.post_step(UNIT, "A-1", {"TrangThai": 10}, actor=OFFICER, now=NOW),
            intake.post_step(UNIT, "A-9", {"TrangThai": 99}, actor=OFFICER, now=NOW),
        ],
    )
    assert (taken.outcome, taken.status_code) == ("advanced", 5)
    assert (refused.current["current_status"], refused.field) == (5, "TrangThai")
    assert isinstance(unknown, LienCapError)


def test_two_instances_that_get_the_same_reports_in_groups_record_each_once(
    commune: Commune, tmp_path: Path, store_url: str
) -> None:
    other = Commune(tmp_path, store_url)
    instances = [commune.intake, other.intake]

    async def send() -> list[Any]:
        return await asyncio.gather(
            *[
                intake.post_issue(UNIT, report(number), actor=OFFICER, now=NOW)
                for number in range(1, 60)
                for intake in instances
            ]
        )

    receipts = asyncio.run(send())
    assert Counter(receipt.created for receipt in receipts) == {True: 59, False: 59}
    assert (commune.count(OUTBOX), commune.count(TEXTS), commune.count(IDEMPOTENCY)) == (59, 177, 59)
    other.intake.close()
    other.store.close()


@pytest.mark.warehouse
def test_beyond_its_capacity_a_service_answers_503_with_a_time_and_writes_nothing(world: World) -> None:
    intake = world.parts.intake
    intake._groups = CommitGroups(world.parts.store, longest_queue=0)
    officer = world.as_(*COMMUNE_OFFICER)
    body = {
        "id": str(uuid.uuid4()),
        "kind": "mobile_dead_spot",
        "severity": "high",
        "place": "Bản Vịn",
        **SAID,
    }
    here = f"/api/v1/communes/{UNIT}"
    for path, sent in (
        (f"{here}/issues", body),
        (f"{here}/cases/sync", [row("A-1")]),
        (f"{here}/cases/A-1/status", {"TrangThai": 4}),
    ):
        answer = officer.post(path, json=sent)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:liencap:problem:overloaded")
        assert int(answer.headers["retry-after"]) > 0
    page = officer.post("/xa/kho-khan/moi", data=body, headers={"accept": "text/html"})
    assert (page.status_code, int(page.headers["retry-after"]) > 0) == (503, True)
    with world.parts.store.read() as conn:
        for table in (OUTBOX, TEXTS, IDEMPOTENCY, CASES):
            assert conn.execute(select(table)).all() == []


class Reporting:
    """A process that reports under load until it is killed; it notes what was acknowledged."""

    def __init__(self, folder: Path, store_url: str, seed: int) -> None:
        self._notes = folder / f"acknowledged-{seed}"
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.services.reporting_process",
                store_url,
                folder,
                self._notes,
                str(seed),
            ],
            cwd=ROOT,
        )

    def acknowledged(self) -> set[str]:
        """Return what was acknowledged for certain; a torn last line was not."""
        if not self._notes.exists():
            return set()
        return set(self._notes.read_text(encoding="ascii").rpartition("\n")[0].splitlines())

    def kill_after(self, count: int) -> set[str]:
        """Kill it once that many were acknowledged, and return them all."""
        pause = threading.Event()
        for _ in range(6_000):
            if len(self.acknowledged()) >= count:
                break
            assert self._process.poll() is None, "it died by itself"
            pause.wait(0.01)
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()
        return self.acknowledged()


@pytest.mark.process
@pytest.mark.slow
def test_after_kill_9_under_load_every_acknowledged_report_is_in_the_log_exactly_once(
    tmp_path: Path, store_url: str, seed: int
) -> None:
    draw, acknowledged = random.Random(seed), set[str]()
    for _ in range(5):
        process = Reporting(tmp_path, store_url, draw.randrange(10**6))
        acknowledged |= process.kill_after(draw.randrange(50, 1_500))
    assert len(acknowledged) >= 250
    store, log = Store(store_url), SqliteLog(tmp_path / "log.db")
    Relay(store, log).publish_all()
    appended = Counter(
        decode(record.value).subject
        for partition, end in log.end_positions(ISSUES.name).items()
        for record in log.read(ISSUES.name, partition, 0, end)
    )
    assert {appended[one] for one in acknowledged} == {1}
    assert set(appended.values()) == {1}, "what was recorded and not acknowledged is there once, too"
    with store.read() as conn:
        keys = set(conn.scalars(select(IDEMPOTENCY.c.key)))
        texts = Counter(conn.scalars(select(TEXTS.c.purpose)))
    assert keys == {f"issue:{one}" for one in appended}, "no report is there in part"
    assert set(texts.values()) == {len(appended)}
    store.close()
    log.close()
