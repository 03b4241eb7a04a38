from __future__ import annotations

import datetime as dt
import random
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from events.cases import CaseEvent, CaseState
from events.codec import decode
from events.errors import LogUnavailable
from events.log import Message
from events.topics import TOPICS
from reporting.dated.territory import Territory, parse_territory
from reporting.privacy import case_key
from services.access.actors import SYSTEM
from services.intake.intake import Intake
from services.intake.recovery import Recovered, recover
from services.log.sqlite import SqliteLog
from services.store.outbox import Relay, outbox_stats
from services.store.store import CASES, OUTBOX, TEXTS, Store
from tests.conftest import STORES
from tests.oracles.marks import marks_of, rows_of
from tests.postgres import PostgresCluster
from tests.services.test_intake import ELSEWHERE, NEIGHBOUR, NOW, TABLES, UNIT, Commune, row

EVERYTHING = Territory(TABLES.units)


class Home:
    """Where a store is kept, with its engine's own way to back it up and put it back; the keys stay in the folder."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        folder.mkdir()

    def open(self) -> Commune:
        return Commune(self.folder, self.url)

    def another(self) -> str:
        """Return the address of an empty store on the same engine."""
        raise NotImplementedError

    def back_up(self, to: Path) -> None:
        raise NotImplementedError

    def restore(self, backup: Path) -> Commune:
        raise NotImplementedError


class SqliteHome(Home):
    def another(self) -> str:
        return f"sqlite:///{self.folder / 'new' / 'store.db'}"

    def back_up(self, to: Path) -> None:
        with sqlite3.connect(self.folder / "store.db") as store, sqlite3.connect(to) as target:
            store.backup(target)
        store.close()
        target.close()

    def restore(self, backup: Path) -> Commune:
        """The journal of the lost store goes with it."""
        for path in self.folder.glob("store.db*"):
            path.unlink()
        shutil.copy(backup, self.folder / "store.db")
        return self.open()


class PostgresHome(Home):
    def __init__(self, folder: Path, cluster: PostgresCluster) -> None:
        super().__init__(folder, cluster.new_database())
        self.cluster = cluster

    def another(self) -> str:
        return self.cluster.new_database()

    def back_up(self, to: Path) -> None:
        self.cluster.run("pg_dump", "--format=custom", f"--file={to}", f"--dbname={self._plain_url}")

    def restore(self, backup: Path) -> Commune:
        """Into a new database: the lost one is lost."""
        self.cluster.drop(self.url)
        self.url = self.cluster.new_database()
        self.cluster.run("pg_restore", "--exit-on-error", f"--dbname={self._plain_url}", backup)
        return self.open()

    @property
    def _plain_url(self) -> str:
        return self.url.replace("+psycopg", "")


@pytest.fixture(params=STORES)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    folder = tmp_path / "home"
    if request.param == "sqlite":
        return SqliteHome(folder, f"sqlite:///{folder / 'store.db'}")
    return PostgresHome(folder, request.getfixturevalue("postgres"))


def published(log: SqliteLog) -> list[CaseEvent]:
    found = []
    for topic in ("cases", "cases-backfill"):
        for partition in range(TOPICS[topic].partitions):
            found += [decode(record.value) for record in log.read(topic, partition, 0, 1_000_000)]
    return [event for event in found if isinstance(event, CaseEvent)]


def final_marks(events: list[CaseEvent]) -> set[tuple[Any, ...]]:
    """Fold marks as the warehouse does: per mark the highest seq wins, in whatever order they come."""
    latest: dict[tuple[Any, ...], tuple[int, bool]] = {}
    for event in events:
        for mark in rows_of(event):
            place = (event.subject, mark.day, mark.unit_code, mark.mark)
            if place not in latest or latest[place][0] < mark.seq:
                latest[place] = (mark.seq, mark.gone)
    return {place for place, (_, gone) in latest.items() if not gone}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    opened = SqliteLog(tmp_path / "log.db")
    yield opened
    opened.close()


def test_a_store_restored_from_an_older_backup_loses_and_blocks_nothing(
    home: Home, tmp_path: Path, log: SqliteLog
) -> None:
    rng = random.Random(7)
    commune = home.open()
    later = [NOW + dt.timedelta(days=n) for n in range(1, 12)]
    commune.sync(*[row(f"A-{n}") for n in range(60)])
    commune.sync(row("old", 9, NgayTiepNhan="01/03/2019", NgayKetThucXuLy="02/03/2019"))
    Relay(commune.store, log).publish_all()
    # Recorded and not yet published when the backup is taken.
    commune.sync(*[row(f"A-{n}", 4) for n in range(30)], now=later[0])
    home.back_up(tmp_path / "backup")

    # The store goes on: new cases, ended ones, a transfer, a correction; everything is published; then it is lost.
    day = (later[1]).date().isoformat()
    commune.sync(*[row(f"A-{n}", 9, NgayKetThucXuLy=day) for n in range(0, 50, 2)], now=later[1])
    commune.sync(*[row(f"N-{n}", 5, NgayTiepNhan=day) for n in range(10)], now=later[1])
    commune.sync(
        row("A-51", 2, MaDonViThamQuyen=NEIGHBOUR), row("A-0", 9, NgayKetThucXuLy="2026-07-15"), now=later[2]
    )
    Relay(commune.store, log).publish_all()
    before = {event.subject: event.data for event in sorted(published(log), key=lambda event: event.data.seq)}
    commune.store.close()

    commune = home.restore(tmp_path / "backup")
    found = recover(commune.store, log, EVERYTHING)
    assert found.case_count == 25 + 10 + 1
    assert found.published_count == 30
    assert outbox_stats(commune.store).depth == 0
    with commune.store.read() as conn:
        kept = {each.case_key: each for each in conn.execute(select(CASES))}
    assert {key: CaseState.model_validate_json(each.state) for key, each in kept.items()} == before
    unnamed = [key for key, each in kept.items() if each.dossier_code is None]
    assert len(unnamed) == 10

    # The sources send their present state: nothing is refused, what the log knew is known, names come back.
    rows = [row(f"A-{n}", 10, NgayKetThucXuLy=day, NgayTraKetQua=day) for n in range(0, 50, 2) if n]
    rows += [row(f"N-{n}", 4, NgayTiepNhan=day) for n in range(10)]
    rows += [row("A-0", 9, NgayKetThucXuLy="2026-07-15"), row("A-51"), row("A-52")]
    rng.shuffle(rows)
    results = commune.sync(*rows, now=later[4])
    assert [result for result in results if result.outcome == "rejected"] == []
    unchanged = {result.dossier_code for result in results if result.outcome == "unchanged"}
    assert unchanged == {"A-0", "A-51", "A-52"}
    assert commune.sync(row("A-51", 4), unit=NEIGHBOUR, now=later[5])[0].outcome == "advanced"
    Relay(commune.store, log).publish_all()
    with commune.store.read() as conn:
        kept = {each.case_key: each for each in conn.execute(select(CASES))}
    assert all(each.dossier_code is not None for each in kept.values())

    # No number of a case was given to two contents, and the marks are those of the states that hold.
    events = published(log)
    contents = {(event.subject, event.data.seq, event.data.model_dump_json()) for event in events}
    assert len(contents) == len({(subject, seq) for subject, seq, _ in contents})
    states = {key: CaseState.model_validate_json(each.state) for key, each in kept.items()}
    rng.shuffle(events)
    assert final_marks(events) == {
        (key, mark.day, state.unit_code, mark.name)
        for key, state in states.items()
        for mark in marks_of(state)
    }
    commune.store.close()


@pytest.fixture
def commune(home: Home) -> Iterator[Commune]:
    opened = home.open()
    yield opened
    opened.store.close()


def test_a_store_that_is_up_to_date_reads_little_and_takes_nothing(commune: Commune, log: SqliteLog) -> None:
    assert recover(commune.store, log, EVERYTHING) == Recovered()
    commune.sync(*[row(f"A-{n}") for n in range(20)])
    commune.report()
    Relay(commune.store, log).publish_all()
    assert recover(commune.store, log, EVERYTHING) == Recovered()
    log.append("issues", [Message("k", b"nonsense")])
    assert recover(commune.store, log, EVERYTHING) == Recovered(record_count=1)
    assert recover(commune.store, log, EVERYTHING) == Recovered()


def test_an_answer_lost_between_log_and_store_is_noted(commune: Commune, log: SqliteLog) -> None:
    commune.sync(row("A-1"), row("A-2"))
    with commune.store.read() as conn:
        first = conn.execute(select(OUTBOX).order_by(OUTBOX.c.id)).first()
    assert first is not None
    log.append(first.topic, [Message(first.key, first.value)])
    assert recover(commune.store, log, EVERYTHING) == Recovered(record_count=1, published_count=1)
    assert Relay(commune.store, log).publish_all() == 1
    assert len(published(log)) == 2


def test_a_lost_store_is_filled_from_the_log(home: Home, commune: Commune, log: SqliteLog) -> None:
    commune.sync(*[row(f"A-{n}", 4) for n in range(30)])
    commune.sync(row("B-1"), unit=ELSEWHERE)
    Relay(commune.store, log).publish_all()
    empty = Store(home.another())
    found = recover(empty, log, parse_territory("38", TABLES.units))
    assert (found.record_count, found.case_count) == (31, 30)
    filled = Intake(empty, TABLES, commune.keys)
    results = filled.sync_cases(UNIT, [row(f"A-{n}", 4) for n in range(30)], actor=SYSTEM, now=NOW)
    assert {result.outcome for result in results} == {"unchanged"}
    with empty.read() as conn:
        key = case_key(commune.keys.of("38").secret, "A-7")
        assert conn.scalar(select(CASES.c.dossier_code).where(CASES.c.case_key == key)) == "A-7"
    empty.close()


def cases_of(store: Store) -> set[str]:
    with store.read() as conn:
        states = [CaseState.model_validate_json(state) for state in conn.scalars(select(CASES.c.state))]
    return {state.unit_code for state in states}


def test_a_store_that_is_given_another_province_reads_the_log_from_its_beginning(
    home: Home, commune: Commune, log: SqliteLog
) -> None:
    """What it passed over before, and what it wrote itself since, tell nothing about the province that is new to it."""
    commune.sync(row("A-1"))
    commune.sync(row("B-1"), unit=ELSEWHERE)
    Relay(commune.store, log).publish_all()
    other = Store(home.another())
    one, both = (parse_territory(written, TABLES.units) for written in ("38", "38,01"))
    assert recover(other, log, one).case_count == 1
    Intake(other, TABLES, commune.keys).sync_cases(UNIT, [row("A-2")], actor=SYSTEM, now=NOW)
    Relay(other, log).publish_all()
    assert recover(other, log, one).case_count == 0
    assert cases_of(other) == {UNIT}
    assert recover(other, log, both).case_count == 1
    assert cases_of(other) == {UNIT, ELSEWHERE}
    assert recover(other, log, both) == Recovered()
    # Given away and given back: what came meanwhile is looked for again.
    assert recover(other, log, one) == Recovered()
    commune.sync(row("B-2"), unit=ELSEWHERE)
    Relay(commune.store, log).publish_all()
    assert recover(other, log, one).case_count == 0
    assert recover(other, log, both).case_count == 1
    other.close()


def test_a_recovery_that_was_cut_goes_on_for_the_province_that_is_new(
    home: Home, commune: Commune, log: SqliteLog, tmp_path: Path
) -> None:
    commune.sync(row("A-1"))
    commune.sync(row("B-1"), unit=ELSEWHERE)
    Relay(commune.store, log).publish_all()
    other = Store(home.another())
    assert recover(other, log, parse_territory("38", TABLES.units)).case_count == 1

    class Cut(SqliteLog):
        """A log whose broker falls after the cases were read."""

        def end_positions(self, topic: str) -> dict[int, int]:
            if topic == "issues":
                raise LogUnavailable("the broker is away")
            return super().end_positions(topic)

    both = parse_territory("38,01", TABLES.units)
    falling = Cut(tmp_path / "log.db")
    with pytest.raises(LogUnavailable):
        recover(other, falling, both)
    falling.close()
    commune.report(unit=ELSEWHERE, actor=SYSTEM)
    Relay(commune.store, log).publish_all()
    assert recover(other, log, both).report_count == 1
    assert cases_of(other) == {UNIT, ELSEWHERE}
    other.close()


def test_what_a_store_recorded_about_others_is_found_in_the_log_too(commune: Commune, log: SqliteLog) -> None:
    commune.sync(row("A-1"))
    with commune.store.read() as conn:
        sent = conn.execute(select(OUTBOX)).one()
    log.append(sent.topic, [Message(sent.key, sent.value)])
    found = recover(commune.store, log, parse_territory("01", TABLES.units))
    assert (found.case_count, found.published_count) == (0, 1)


def test_a_report_that_the_store_forgot_is_no_second_report(
    home: Home, tmp_path: Path, log: SqliteLog
) -> None:
    commune = home.open()
    home.back_up(tmp_path / "backup")
    first = commune.report(place="Bản Vịn")
    Relay(commune.store, log).publish_all()
    commune.store.close()
    commune = home.restore(tmp_path / "backup")
    assert recover(commune.store, log, EVERYTHING).report_count == 1
    again = commune.report(place="Bản Vịn")
    assert (again.id, again.event_id, again.created) == (first.id, first.event_id, False)
    assert outbox_stats(commune.store).depth == 0
    # Its text, which the log never held, is back with it.
    with commune.store.read() as conn:
        texts = {text.body: text for text in conn.execute(select(TEXTS))}
    [reported] = [decode(record.value) for n in range(8) for record in log.read("issues", n, 0, 10)]
    assert reported.data.place.id == texts["Bản Vịn"].id  # type: ignore[attr-defined]
    assert reported.data.place.sha256 == texts["Bản Vịn"].sha256  # type: ignore[attr-defined]
    commune.store.close()


def test_positions_of_another_log_count_for_nothing(commune: Commune, log: SqliteLog, tmp_path: Path) -> None:
    commune.sync(*[row(f"A-{n}") for n in range(20)])
    Relay(commune.store, log).publish_all()
    other = SqliteLog(tmp_path / "other.db")
    other.raise_epoch(log.epoch + 1)
    for record in log.read("cases", TOPICS["cases"].partitions - 1, 0, 100):
        other.append("cases", [Message(record.key, record.value)])
    commune.report(id=str(uuid.uuid4()))
    Relay(commune.store, other).publish_all()
    found = recover(commune.store, other, EVERYTHING)
    assert found.case_count == found.report_count == 0
    other.close()
