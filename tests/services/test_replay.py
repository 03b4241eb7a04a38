"""Land the log again: into the database in use and into a fresh one, whole and in part, with what cannot be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from events.codec import encode
from events.envelope import Envelope
from events.errors import UnknownTopic
from events.log import EventLog, Message, Record
from events.topics import CASES, ISSUES, SOURCES, TRUTH_TOPICS
from reporting.problems.fold import ProblemState
from reporting.tables import FACTS
from services.arrivals import AnnouncedArrivals
from services.consuming.dead_letters import listing
from services.consuming.delivery import Backoff, Delivery, RunnerStatus
from services.consuming.step import StreamStep
from services.errors import BadInput, NotReady
from services.log.sqlite import SqliteLog
from services.maintenance.audit import audit
from services.maintenance.replay import Replayed, bound_of, replay, topics_named
from services.maintenance.session import Upkeep
from services.streams.decide import Decide
from services.streams.land import Land, LandBackfill, LandCases
from services.warehouse.client import Warehouse
from services.warehouse.issue_table import IssueTable
from tests.histories import random_history, seeded
from tests.reporting.stories import tables
from tests.services.issue_log import FakeLog, FakeRows
from tests.services.test_decide import STORIES, shuffled
from tests.services.test_land import daily_counts, everything, expected_counts, heartbeat

pytestmark = pytest.mark.warehouse
NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
HISTORY = random_history(seeded(51), cases=20)
BAD = (b"not json", b"{}")


def quiet(_line: str) -> None:
    pass


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    with closing(SqliteLog(tmp_path / "log.db")) as opened:
        put(opened, CASES.name, *HISTORY, *HISTORY[:5])
        opened.append(CASES.name, [Message("15607", value) for value in BAD])
        put(opened, ISSUES.name, *shuffled([story.log for story in STORIES], seeded(5), doubles=0.2))
        put(opened, ISSUES.name, STORIES[0].log[0].model_copy(update={"subject": "nothing"}))
        put(opened, SOURCES.name, heartbeat(3), heartbeat(4))
        yield opened


def put(log: EventLog, topic: str, *events: Envelope) -> None:
    log.append(topic, [Message(event.partition_key, encode(event)) for event in events])


def pump(log: EventLog, warehouse: Warehouse) -> None:
    """Let every group take the log to its end, as the runtime does; what `decide` says goes nowhere."""
    rows = IssueTable(warehouse, epoch=log.epoch)
    steps: list[StreamStep] = [kind(warehouse, epoch=log.epoch) for kind in (LandCases, LandBackfill, Land)]
    for step in (
        *steps,
        Decide(rows, FakeLog(), tables(), AnnouncedArrivals(), problem_table=FakeRows(ProblemState)),
    ):
        for topic in step.topics:
            delivery = Delivery(
                log,
                step,
                topic,
                status=RunnerStatus(),
                clock=lambda: NOW,
                pause=lambda _seconds: True,
                backoff=Backoff(),
            )
            with closing(log.open_consumer(step.group, [topic])) as consumer:
                while records := consumer.poll(200, 0.1):
                    consumer.commit(delivery.carry(delivery.read(records)))


def shown(warehouse: Warehouse) -> list[list[dict[str, Any]]]:
    """Return what readers see, facts included, without the instants of landing."""
    issues = "SELECT * EXCEPT (row_version) FROM issues_current FINAL ORDER BY issue_id"
    facts = [
        warehouse.rows(f"SELECT * EXCEPT (landed_at) FROM {table.name} FINAL ORDER BY ALL")  # noqa: S608 -- names of ours
        for table in FACTS
    ]
    return [
        *everything(warehouse),
        *facts,
        warehouse.rows(issues),
        warehouse.rows("SELECT * FROM source_states FINAL ORDER BY ALL"),
    ]


def test_three_replays_into_the_database_in_use_change_nothing(log: SqliteLog, warehouse: Warehouse) -> None:
    pump(log, warehouse)
    before, letters = shown(warehouse), listing(log)
    ends = {topic.name: log.end_positions(topic.name) for topic in TRUTH_TOPICS}
    for _ in range(3):
        assert Upkeep(warehouse, log, alone=True).replay(TRUTH_TOPICS, quiet)
        assert shown(warehouse) == before
    assert listing(log) == letters
    assert {topic.name: log.end_positions(topic.name) for topic in TRUTH_TOPICS} == ends
    assert audit(warehouse, log).ok


def test_what_the_engine_lost_is_there_again(log: SqliteLog, warehouse: Warehouse) -> None:
    pump(log, warehouse)
    before = shown(warehouse)
    for table in (
        "case_events",
        "issue_events",
        "case_marks",
        "cases_current",
        "rollups_daily",
        "rollups_monthly",
    ):
        warehouse.command(f"TRUNCATE TABLE {table}")
    warehouse.command("DELETE FROM issues_current WHERE cityHash64(issue_id) % 2 = 0")
    assert not audit(warehouse, log).ok
    lines: list[str] = []
    assert Upkeep(warehouse, log, alone=True).replay(TRUTH_TOPICS, lines.append)
    assert lines[-1] == "replay: ok"
    assert shown(warehouse) == before
    assert audit(warehouse, log).ok


def test_a_fresh_database_shows_the_same(log: SqliteLog, warehouse: Warehouse) -> None:
    pump(log, warehouse)
    into = f"{warehouse.database}_fresh"
    for _ in range(2):
        assert Upkeep(warehouse, log, alone=True).replay(TRUTH_TOPICS, quiet, into=into)
    with closing(warehouse.named(into)) as fresh:
        assert shown(fresh) == shown(warehouse)
        assert audit(fresh, log).ok
        fresh.drop()


def test_the_database_in_use_is_no_place_beside_it(log: SqliteLog, warehouse: Warehouse) -> None:
    with pytest.raises(BadInput, match="database in use"):
        Upkeep(warehouse, log, alone=True).replay([CASES], quiet, into=warehouse.database)


def test_what_decide_has_not_taken_up_is_landed_and_not_folded(log: SqliteLog, warehouse: Warehouse) -> None:
    """Its follow-ups would never be said."""
    assert Upkeep(warehouse, log, alone=True).replay(TRUTH_TOPICS, quiet)
    assert warehouse.rows("SELECT count() AS n FROM issues_current") == [{"n": 0}]
    assert warehouse.rows("SELECT uniqExact(issue_id) AS n FROM issue_events") == [{"n": len(STORIES)}]
    assert daily_counts(warehouse) == expected_counts(HISTORY)


def test_what_cannot_be_read_is_counted_and_shown_and_not_set_aside_again(
    log: SqliteLog, warehouse: Warehouse
) -> None:
    lines: list[str] = []
    done = replay(log, warehouse, [CASES, ISSUES], lines.append)
    assert sum(len(one.refused) for one in done) == len(BAD) + 1
    assert sum(one.read_count for one in done) == sum(
        end for topic in (CASES, ISSUES) for end in log.end_positions(topic.name).values()
    )
    assert all(one.ok for one in done)
    assert sum("malformed-event" in line for line in lines) == len(BAD)
    assert sum("must be a UUID" in line for line in lines) == 1
    assert listing(log) == []


class OneAMinute:
    """A log whose records were appended at NOW and a minute apart from each other."""

    def __init__(self, log: SqliteLog) -> None:
        self._log = log
        self.epoch = log.epoch
        self.end_positions = log.end_positions
        self.first_positions = log.first_positions

    def read(self, topic: str, partition: int, start: int, limit: int) -> list[Record]:
        return [
            msgspec.structs.replace(one, appended_at=NOW + dt.timedelta(minutes=one.position.offset))
            for one in self._log.read(topic, partition, start, limit)
        ]


def test_a_range_of_offsets_and_of_instants_is_landed_alone(tmp_path: Path, warehouse: Warehouse) -> None:
    with closing(SqliteLog(tmp_path / "timed.db")) as opened:
        log: Any = OneAMinute(opened)
        put(opened, CASES.name, *(one.model_copy(update={"partition_key": "15607"}) for one in HISTORY[:12]))
        [one] = replay(log, warehouse, [CASES], quiet, start=2, stop=5)
        assert (one.start, one.stop, one.read_count, one.ok) == (2, 5, 3, True)
        assert landed(warehouse) == [2, 3, 4]
        early, late = NOW + dt.timedelta(minutes=7), NOW + dt.timedelta(minutes=9, seconds=1)
        [one] = replay(log, warehouse, [CASES], quiet, start=early, stop=late)
        assert (one.start, one.stop) == (7, 10)
        assert landed(warehouse) == [2, 3, 4, 7, 8, 9]
        assert replay(log, warehouse, [CASES], quiet, start=NOW + dt.timedelta(days=1)) == []
        assert replay(log, warehouse, [CASES], quiet, start=50, stop=90) == []


def landed(warehouse: Warehouse) -> list[int]:
    return [
        row["offset"] for row in warehouse.rows("SELECT DISTINCT offset FROM case_events ORDER BY offset")
    ]


def test_records_that_do_not_arrive_among_the_facts_are_missing(log: SqliteLog, warehouse: Warehouse) -> None:
    lines: list[str] = []

    class Losing(Warehouse):
        def insert(self, table: str, rows: Any) -> None:
            super().insert(table, rows.slice(1) if table == "case_events" else rows)

    with closing(Losing(warehouse.dsn, database=warehouse.database)) as losing:
        assert not Upkeep(losing, log, alone=True).replay([CASES], lines.append)
    assert any("MISSING 1" in line for line in lines)
    assert lines[-1] == "replay: NOT COMPLETE"


def test_positions_that_the_log_does_not_give_are_named(log: SqliteLog, warehouse: Warehouse) -> None:
    class Forgetful:
        """A log whose partitions end earlier than they say."""

        epoch = 1

        def first_positions(self, topic: str) -> dict[int, int]:
            return log.first_positions(topic)

        def end_positions(self, topic: str) -> dict[int, int]:
            return {partition: end + 2 for partition, end in log.end_positions(topic).items() if end}

        def read(self, topic: str, partition: int, start: int, limit: int) -> list[Record]:
            return log.read(topic, partition, start, limit)

    forgetful: Any = Forgetful()
    done = replay(forgetful, warehouse, [SOURCES], quiet)
    assert not any(one.ok for one in done)
    assert "2 positions that the log did not give" in done[0].line()


def test_an_engine_that_is_away_for_a_moment_is_waited_for(log: SqliteLog, warehouse: Warehouse) -> None:
    faults = 3

    class Away(Warehouse):
        def insert(self, table: str, rows: Any) -> None:
            nonlocal faults
            if faults:
                faults -= 1
                raise NotReady("away")
            super().insert(table, rows)

    pauses: list[float] = []
    with closing(Away(warehouse.dsn, database=warehouse.database)) as away:
        assert all(one.ok for one in replay(log, away, [SOURCES], quiet, pause=pauses.append))
        assert len(pauses) == 3
        faults = 1_000
        with pytest.raises(NotReady):
            replay(log, away, [SOURCES], quiet, pause=pauses.append)


def test_a_refused_record_that_an_older_release_landed_hides_no_missing_one(warehouse: Warehouse) -> None:
    from services.maintenance.replay import _missing  # noqa: PLC0415 -- the sum behind `Replayed.missing_count`

    warehouse.command(
        "INSERT INTO source_events (event_id, epoch, topic, partition, offset)"
        " SELECT generateUUIDv4(), 1, 'sources', 0, number FROM numbers(4)"
    )
    one = Replayed("sources", 0, 1, 0, 5, read_count=5)
    one.refused.append(3)  # landed once, not readable today; and 4 is not there
    assert _missing(warehouse, one) == 1


def test_bounds_are_offsets_or_instants() -> None:
    assert bound_of(None, "from") is None
    assert bound_of("17", "from") == 17
    assert bound_of("2026-03-01T07:00+00:00", "to") == dt.datetime(2026, 3, 1, 7, tzinfo=dt.UTC)
    assert bound_of("2026-03-01T07:00", "to") == NOW
    with pytest.raises(BadInput, match="--to 'soon'"):
        bound_of("soon", "to")


def test_only_topics_that_are_landed_can_be_replayed() -> None:
    assert topics_named(["cases"]) == [CASES]
    with pytest.raises(UnknownTopic, match="cases-dlq"):
        topics_named(["cases-dlq"])
