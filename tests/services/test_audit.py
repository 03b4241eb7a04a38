from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from events.cases import CaseEvent
from events.codec import encode
from events.log import EventLog, Message, Position, Record
from reporting.cases.marks import MARKS
from reporting.table import Table
from reporting.tables import PROVINCE_DAYS, PROVINCE_MONTHS, ROLLUPS_DAILY, ROLLUPS_MONTHLY
from services.consuming.delivery import Backoff, Delivery, RunnerStatus
from services.consuming.step import Delivered, StreamStep
from services.log.sqlite import SqliteLog
from services.maintenance.audit import audit
from services.maintenance.missing_events import WATCH_TAKES_MINUTES
from services.maintenance.rebuild import rebuild
from services.streams.land import Land, LandCases
from services.streams.province_sums import ProvinceSums
from services.streams.tally import Tally
from services.warehouse.client import Warehouse
from services.warehouse.folded import LatestStates
from services.warehouse.issue_table import IssueTable
from tests.histories import UNITS, arrivals, case_event, case_key, dates_of, random_history, seeded, state
from tests.reporting.stories import Story
from tests.reporting.test_promises import BAN_VIN, JUNE, listed, missed, promised
from tests.services.test_land import arrived, empty
from tests.services.test_promise_watch import land, noon
from tests.services.test_watch import heartbeat
from tests.strategies import written_out

pytestmark = [pytest.mark.warehouse, pytest.mark.over_http]
DAY = dt.date(2026, 2, 2)
NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    opened = SqliteLog(tmp_path / "log.db")
    yield opened
    opened.close()


def put(log: EventLog, events: Sequence[CaseEvent], *garbage: bytes) -> None:
    log.append("cases", [Message(event.partition_key, encode(event)) for event in events])
    log.append("cases", [Message("15607", value) for value in garbage])


def delivered_sources(number: int) -> list[Delivered]:
    beat = heartbeat(NOW)
    return [
        Delivered(Record(Position("sources", 0, n), beat.partition_key, b"", {}, NOW), beat)
        for n in range(number)
    ]


def pump(log: EventLog, step: StreamStep, topic: str = "cases") -> None:
    """Carry everything from the log through a step, as the runtime does."""
    delivery = Delivery(
        log,
        step,
        topic,
        status=RunnerStatus(),
        clock=lambda: NOW,
        pause=lambda _seconds: True,
        backoff=Backoff(),
    )
    consumer = log.open_consumer(step.group, [topic])
    while records := consumer.poll(50, 0.1):
        consumer.commit(delivery.carry(delivery.read(records)))
    consumer.close()


def test_an_empty_installation_is_in_order(warehouse: Warehouse, log: SqliteLog) -> None:
    report = audit(warehouse, log)
    assert report.ok
    assert list(report.lines())[-1] == "audit: ok"


@pytest.mark.parametrize("offsets_at_once", [1, 5_000])
def test_everything_landed_is_in_order_dead_letters_counted_in(
    warehouse: Warehouse, log: SqliteLog, monkeypatch: pytest.MonkeyPatch, offsets_at_once: int
) -> None:
    monkeypatch.setattr("services.maintenance.audit._OFFSETS_AT_ONCE", offsets_at_once)
    history = random_history(seeded(31), cases=20)
    put(log, [*history, *history[:9]], b"not json", b"{}")
    pump(log, LandCases(warehouse, epoch=log.epoch))
    report = audit(warehouse, log)
    assert list(report.findings.values()) == [()] * 10
    assert report.ok
    assert sum(p.landed_count for p in report.partitions) == len(history) + 9 + 2


def test_a_partition_of_dead_letters_alone_is_in_order_and_one_that_landed_since_counts_once(
    warehouse: Warehouse, log: SqliteLog
) -> None:
    put(log, [], b"not json", b"{}", b"[]")
    pump(log, LandCases(warehouse, epoch=log.epoch))
    [alone] = audit(warehouse, log).partitions
    assert (alone.landed_count, alone.missing_count, alone.waiting_count) == (3, 0, 0)
    warehouse.command(
        "INSERT INTO case_events (event_id, epoch, topic, partition, offset)"
        " SELECT generateUUIDv4(), {epoch:UInt16}, 'cases', {partition:UInt16}, 1",
        epoch=alone.epoch,
        partition=alone.partition,
    )
    [again] = audit(warehouse, log).partitions
    assert (again.landed_count, again.missing_count) == (3, 0)


def test_what_waits_is_named_and_is_no_fault(warehouse: Warehouse, log: SqliteLog) -> None:
    put(log, random_history(seeded(32), cases=3))
    report = audit(warehouse, log)
    assert report.ok
    assert sum(p.waiting_count for p in report.partitions) == sum(log.end_positions("cases").values())


@pytest.mark.parametrize("which", ["first", "middle", "last"])
def test_a_finished_position_that_did_not_land_is_found(
    warehouse: Warehouse, log: SqliteLog, which: str
) -> None:
    put(log, random_history(seeded(33), cases=20))
    pump(log, LandCases(warehouse, epoch=log.epoch))
    partition = next(p for p, end in log.end_positions("cases").items() if end > 2)
    offset = {"first": 0, "middle": 1, "last": log.end_positions("cases")[partition] - 1}[which]
    warehouse.command(
        "DELETE FROM case_events WHERE partition = {p:UInt16} AND offset = {o:UInt64}", p=partition, o=offset
    )
    report = audit(warehouse, log)
    assert not report.ok
    assert [p.partition for p in report.partitions if p.missing_count] == [partition]
    assert any("MISSING 1" in line for line in report.lines())


def test_a_restored_log_goes_on_behind_what_landed_under_the_epoch_before(
    warehouse: Warehouse, log: SqliteLog
) -> None:
    history = random_history(seeded(34), cases=20)
    half = len(history) // 2
    put(log, history[:half], b"set aside")
    pump(log, LandCases(warehouse, epoch=log.epoch))
    log.raise_epoch(log.epoch + 1)
    put(log, history[half:])
    pump(log, LandCases(warehouse, epoch=log.epoch))
    report = audit(warehouse, log)
    assert report.ok, list(report.lines())
    assert {p.epoch for p in report.partitions} == {log.epoch - 1, log.epoch}
    warehouse.command("DELETE FROM case_events WHERE epoch = {e:UInt16}", e=log.epoch)
    assert not audit(warehouse, log).ok


def test_a_roll_up_that_is_wrong_is_found(warehouse: Warehouse, log: SqliteLog) -> None:
    put(log, [case_event(state(1, received_on=DAY), case_key(1))])
    pump(log, LandCases(warehouse, epoch=log.epoch))
    warehouse.command(
        "INSERT INTO rollups_daily (unit_code, day, version, opened, groups.field_code, groups.channel, groups.opened)"
        " VALUES ('15607', '2026-02-02', 18446744073709551615, 2, ['civil'], ['counter'], [2])"
    )
    report = audit(warehouse, log)
    assert not report.ok
    assert report.findings["audit_recount"] == (
        "15607 2026-02-02 civil|counter|opened: the roll-up says 2, the facts say 1",
        "15607 2026-02-02 civil|counter|submitted: the roll-up says 0, the facts say 1",
        "15607 2026-02-02 opened: the roll-up says 2, the facts say 1",
        "15607 2026-02-02 submitted: the roll-up says 0, the facts say 1",
    )
    assert len(report.findings["audit_months"]) == 4


def test_a_month_that_is_not_the_sum_of_its_days_is_found(warehouse: Warehouse, log: SqliteLog) -> None:
    put(log, [case_event(state(1, received_on=DAY), case_key(1))])
    pump(log, LandCases(warehouse, epoch=log.epoch))
    warehouse.command("TRUNCATE TABLE rollups_monthly")
    report = audit(warehouse, log)
    assert report.findings["audit_months"] == tuple(
        f"15607 2026-02-01 {name}: the month says 0, its days say 1"
        for name in ("civil|counter|opened", "civil|counter|submitted", "opened", "submitted")
    )
    assert not report.ok


@pytest.fixture(scope="module")
def counted(warehouse_module: Warehouse) -> Warehouse:
    LandCases(warehouse_module).handle(arrived(*random_history(seeded(35), cases=20)))
    return warehouse_module


@pytest.mark.parametrize(
    ("table", "check"), [(ROLLUPS_DAILY, "audit_recount"), (ROLLUPS_MONTHLY, "audit_months")]
)
@pytest.mark.parametrize(
    ("columns", "wrong"),
    [
        (MARKS, "{} + 1"),
        ([f"groups.{mark}" for mark in MARKS], "arrayMap(n -> n + 1, {})"),
        (["groups.field_code"], "arrayMap(code -> concat(code, 'x'), {})"),
        (["groups.channel"], "arrayMap(code -> concat(code, 'x'), {})"),
    ],
    ids=["totals", "groups", "fields", "channels"],
)
def test_a_wrong_value_in_any_column_of_a_roll_up_is_found(
    counted: Warehouse, table: Table, check: str, columns: Sequence[str], wrong: str
) -> None:
    assert not counted.query(check, limit=99, since=0)
    date = table.columns[1][0]
    [row] = counted.rows(
        f"SELECT unit_code, {date} AS day, groups.field_code[1] AS field, groups.channel[1] AS channel"  # noqa: S608 -- declared names
        f" FROM {table.name} FINAL WHERE length(groups.opened) = 1 ORDER BY day DESC LIMIT 1"
    )
    changed = ", ".join(f"{wrong.format(f'`{column}`')} AS `{column}`" for column in columns)
    counted.command(
        f"INSERT INTO {table.name} SELECT * REPLACE (version + 1 AS version, {changed})"  # noqa: S608 -- likewise
        f" FROM {table.name} FINAL WHERE unit_code = {{unit_code:String}} AND {date} = {{day:Date}}",
        **row,
    )
    found = {finding["name"] for finding in counted.query(check, limit=99, since=0)}
    place = f"{row['field']}|{row['channel']}|"
    if len(columns) == len(MARKS):
        assert found == {("" if columns is MARKS else place) + mark for mark in MARKS}
    else:
        assert {name.startswith(place) for name in found} == {True, False}
    Tally(counted).recount([(row["unit_code"], row["day"])])


@pytest.mark.parametrize("table", [PROVINCE_DAYS, PROVINCE_MONTHS], ids=lambda table: table.name)
def test_a_wrong_sum_of_a_province_is_found(counted: Warehouse, table: Table) -> None:
    check = table.name.replace("province", "audit_sums")
    sums = ProvinceSums(counted, dict.fromkeys(UNITS, "38"), at_once=999)
    sums.recount()
    assert not counted.query(check, limit=99)
    counted.command(
        f"INSERT INTO {table.name} SELECT * REPLACE (version + 1 AS version, opened + 1 AS opened,"  # noqa: S608 -- declared names
        f" arrayMap(n -> n + 1, groups.closed) AS `groups.closed`) FROM {table.name} FINAL"
        f" WHERE length(groups.channel) = 1 ORDER BY {table.columns[1][0]} LIMIT 1"
    )
    found = counted.query(check, limit=99)
    assert len(found) == 2
    assert {row["name"].split("|")[-1] for row in found} == {"opened", "closed"}
    assert {row["of_province"] - row["of_communes"] for row in found} == {1}
    counted.command(f"TRUNCATE TABLE {table.name}")


def test_two_contents_under_one_seq_and_under_one_id_are_found(warehouse: Warehouse, log: SqliteLog) -> None:
    one = case_event(state(1, received_on=DAY), case_key(1))
    fork = case_event(state(1, received_on=DAY, field_code="land"), case_key(1), number=1)
    twin = case_event(state(7, received_on=DAY), case_key(2)).model_copy(update={"id": one.id})
    LandCases(warehouse).handle(arrived(one, fork, twin))
    found = audit(warehouse, log).findings["audit_forks"]
    assert found == (
        f"{one.id}: one id, two events, 2 contents",
        f"{case_key(1)} seq 1: one seq, two states, 2 contents",
    )


@pytest.mark.parametrize("member", [{"assisted": "home"}, {"age_band": "60_plus"}, {"online_payment": True}])
def test_two_states_that_differ_in_any_member_are_a_fork(
    warehouse: Warehouse, log: SqliteLog, member: dict[str, Any]
) -> None:
    one = case_event(state(1, received_on=DAY), case_key(1))
    fork = case_event(state(1, None, received_on=DAY, **member), case_key(1), number=1)
    LandCases(warehouse).handle(arrived(one, fork))
    assert audit(warehouse, log).findings["audit_forks"] == (
        f"{case_key(1)} seq 1: one seq, two states, 2 contents",
    )


def test_one_event_in_its_two_forms_is_one_content_and_counts_once(
    warehouse: Warehouse, log: SqliteLog
) -> None:
    event = case_event(state(1, received_on=DAY), case_key(1))
    for written in (encode(event), written_out(event)):
        log.append("cases", [Message(event.partition_key, written)])
    assert encode(event) != written_out(event)
    pump(log, LandCases(warehouse, epoch=log.epoch))
    report = audit(warehouse, log)
    assert report.ok, report
    assert warehouse.rows("SELECT opened FROM rollups_daily FINAL WHERE opened != 0") == [{"opened": 1}]


def test_marks_that_outlived_their_state_are_found_and_a_rebuild_ends_them(
    warehouse: Warehouse, log: SqliteLog
) -> None:
    first = state(1, received_on=DAY)
    forgotten = state(2, dates_of(first), received_on=DAY + dt.timedelta(days=1))
    after = state(3, dates_of(first), received_on=DAY + dt.timedelta(days=2))
    put(log, [case_event(one, case_key(1)) for one in (first, forgotten, after)])
    pump(log, LandCases(warehouse, epoch=log.epoch))
    report = audit(warehouse, log)
    assert len(report.findings["audit_residue"]) == 2
    assert not report.ok
    rebuild(warehouse, lambda _line: None)
    assert audit(warehouse, log).ok


def test_a_current_row_that_is_behind_is_found(warehouse: Warehouse, log: SqliteLog) -> None:
    LandCases(warehouse).handle(arrived(case_event(state(5, received_on=DAY), case_key(1))))
    warehouse.command("TRUNCATE TABLE cases_current")
    found = audit(warehouse, log).findings["audit_current"]
    assert found == (f"case {case_key(1)}: the current row has seq 0, the facts have 5",)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.slow
def test_the_recount_in_sql_and_the_marks_in_python_are_one_rule(
    warehouse_module: Warehouse, log: SqliteLog, seed: int
) -> None:
    """Parity of queries/audit_recount.sql with reporting/cases/marks.py, over states of every shape."""
    empty(warehouse_module)
    r = seeded(100 + seed)
    for batch in arrivals(r, random_history(r, cases=400, steps=2))[:3]:
        LandCases(warehouse_module).handle(batch)
    assert audit(warehouse_module, log).findings["audit_recount"] == ()


def test_a_deadline_that_was_never_said_is_named_with_its_issue(warehouse: Warehouse, log: SqliteLog) -> None:
    story = Story(name="unrecorded").on_its_way()
    IssueTable(warehouse).save([LatestStates(story.state, Position("issues", 0, 1))])
    clock = story.clock("acknowledge")
    assert audit(warehouse, log, until=clock.remind_at).ok
    [share] = audit(warehouse, log, until=clock.due_at).findings["audit_overdue"]
    assert "had used up a share of its time" in share
    report = audit(warehouse, log, until=clock.due_at + dt.timedelta(seconds=1))
    assert not report.ok
    [found] = report.findings["audit_overdue"]
    assert f"issue {story.id} of {story.state.unit_code}: clock {clock.id} was due at" in found


def test_a_deadline_is_not_held_against_a_watch_that_had_no_time_for_it(
    warehouse: Warehouse, log: SqliteLog
) -> None:
    story = Story(name="stood still").on_its_way()
    IssueTable(warehouse).save([LatestStates(story.state, Position("issues", 0, 1))])
    Land(warehouse).handle(delivered_sources(1))
    assert audit(warehouse, log).ok  # everything landed in one moment: nobody had time to look
    earlier = (
        "INSERT INTO source_events SELECT * REPLACE"
        " (landed_at - toIntervalMinute({ago:UInt16}) AS landed_at, offset + 1 AS offset) FROM source_events"
    )
    warehouse.command(earlier, ago=WATCH_TAKES_MINUTES - 1)
    assert audit(warehouse, log).ok
    warehouse.command(earlier, ago=WATCH_TAKES_MINUTES + 1)
    assert audit(warehouse, log).findings["audit_overdue"]
    # While issues wait to be folded, their rows say nothing yet.
    log.append("issues", [Message("15607", b"waits")])
    assert "audit_overdue" not in audit(warehouse, log).findings


def test_a_promised_day_that_went_by_unrecorded_is_named(warehouse: Warehouse, log: SqliteLog) -> None:
    made = promised(JUNE)
    land(warehouse, listed(), made)
    assert audit(warehouse, log, until=noon(JUNE)).ok
    late = noon(JUNE + 2 * dt.timedelta(days=1))
    [found] = audit(warehouse, log, until=late).findings["audit_missed"]
    assert found.startswith(f"promise entry {BAN_VIN} of 15607: {JUNE}")
    land(warehouse, missed(made), at=2)
    assert audit(warehouse, log, until=late).ok
