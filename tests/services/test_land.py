from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from events.cases import CaseEvent, Pause
from events.codec import decode, encode
from events.envelope import Envelope
from events.log import Position, Record
from events.sources import Heartbeat, Silence, SourceHeartbeat, SourceSilent
from reporting.tables import TABLES
from services.consuming.step import Delivered
from services.errors import NotReady
from services.streams.land import Land, LandCases
from services.streams.tally import Tally
from services.warehouse.client import Warehouse
from tests.histories import (
    arrivals,
    case_event,
    case_key,
    dates_of,
    latest_states,
    random_history,
    seeded,
    state,
)
from tests.oracles.marks import marks_of
from tests.rollup_counts import counts_of

pytestmark = [pytest.mark.warehouse, pytest.mark.over_http]
NOW = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)
Counts = dict[tuple[str, dt.date], dict[str, int]]


def empty(warehouse: Warehouse) -> None:
    for table in TABLES:
        warehouse.command(f"TRUNCATE TABLE {table}")


def expected_counts(history: list[CaseEvent]) -> Counts:
    latest = latest_states(history)
    found: dict[tuple[str, dt.date], Counter[str]] = {}
    for case in latest.values():
        for mark in marks_of(case):
            key = f"{case.field_code}|{case.channel}|{mark.name}"
            found.setdefault((case.unit_code, mark.day), Counter())[key] += 1
    return {key: dict(counts) for key, counts in found.items()}


def daily_counts(warehouse: Warehouse) -> Counts:
    rows = warehouse.rows("SELECT * FROM rollups_daily FINAL WHERE notEmpty(groups.field_code)")
    return {(row["unit_code"], row["day"]): counts_of(row) for row in rows}


def everything(warehouse: Warehouse) -> list[list[dict[str, Any]]]:
    """Return what readers see in the tables that follow from the facts."""
    return [
        warehouse.rows(f"SELECT * EXCEPT (version) FROM {table} FINAL ORDER BY ALL")  # noqa: S608 -- fixed names
        for table in ("rollups_daily", "rollups_monthly")
    ] + [
        warehouse.rows(f"SELECT * FROM {table} FINAL ORDER BY ALL")  # noqa: S608 -- fixed names
        for table in ("case_marks", "cases_current")
    ]


def arrived(*events: Envelope, start: int = 0) -> list[Delivered]:
    return [
        Delivered(Record(Position("cases", 0, start + n), e.partition_key, b"", {}, NOW), e)
        for n, e in enumerate(events)
    ]


def test_a_fact_keeps_what_the_event_said(warehouse: Warehouse) -> None:
    before = state(1, received_on=dt.date(2026, 2, 1))
    after = state(
        2,
        dates_of(before),
        received_on=dt.date(2026, 2, 2),
        due_on=dt.date(2026, 2, 9),
        pauses=(Pause(reason="fee", from_on=dt.date(2026, 2, 3)),),
    )
    Land(warehouse, epoch=3).handle(arrived(case_event(after, case_key(1)), start=7))
    row = warehouse.rows("SELECT * FROM case_facts")[0]
    assert row["case_key"] == case_key(1)
    assert row["event_id"] == case_event(after, case_key(1)).id
    assert (row["received_on"], row["due_on"], row["closed_on"], row["close_kind"]) == (
        dt.date(2026, 2, 2),
        dt.date(2026, 2, 9),
        None,
        "",
    )
    assert (row["pause_reasons"], row["pause_from"], row["pause_to"]) == (
        ["fee"],
        [dt.date(2026, 2, 3)],
        [None],
    )
    assert (row["epoch"], row["topic"], row["partition"], row["offset"]) == (3, "cases", 0, 7)
    assert row["recorded_at"] == case_event(after, case_key(1)).recorded_at
    assert '"received_on":"2026-02-01"' in row["previous"]
    assert (row["source_overdue"], row["pause_known"]) == (None, True)


def test_the_day_of_receipt_is_the_local_one(warehouse: Warehouse) -> None:
    event = case_event(state(1), case_key(1))
    late = event.model_copy(update={"recorded_at": dt.datetime(2026, 3, 1, 18, tzinfo=dt.UTC)})
    Land(warehouse).handle(arrived(late))
    assert warehouse.rows("SELECT recorded_on FROM case_facts") == [{"recorded_on": dt.date(2026, 3, 2)}]


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.slow
def test_any_arrival_gives_the_roll_ups_of_the_latest_states(warehouse_module: Warehouse, seed: int) -> None:
    warehouse = warehouse_module
    empty(warehouse)
    r = seeded(seed)
    history = random_history(r, cases=6)
    steps = [LandCases(warehouse), LandCases(warehouse)]
    for batch in arrivals(r, history):
        r.choice(steps).handle(batch)
    assert daily_counts(warehouse) == expected_counts(history)
    facts = warehouse.rows("SELECT uniqExact(event_id) AS ids, count() AS n FROM case_facts")[0]
    assert facts == {"ids": len(history), "n": len(history)}
    current = {
        r["case_key"]: r["seq"] for r in warehouse.rows("SELECT case_key, seq FROM cases_current FINAL")
    }
    assert current == {e.subject: e.data.seq for e in sorted(history, key=lambda e: e.data.seq)}


def test_a_replay_of_everything_thrice_changes_nothing(warehouse: Warehouse) -> None:
    r = seeded(11)
    batches = arrivals(r, random_history(r, cases=10))
    step = LandCases(warehouse)
    for batch in batches:
        step.handle(batch)
    once = everything(warehouse)
    for _ in range(3):
        for batch in batches:
            step.handle(batch)
    assert everything(warehouse) == once


def test_rows_that_no_merge_has_collapsed_yet_show_once(warehouse: Warehouse) -> None:
    tables = ("case_events", "case_marks", "cases_current", "source_states")
    for table in tables:
        warehouse.command(f"SYSTEM STOP MERGES {table}")
    history = random_history(seeded(5), cases=8)
    step = LandCases(warehouse)
    step.handle(arrived(*history, *history))
    step.handle([source_arrived(heartbeat(minute), minute) for minute in (1, 9, 5)])
    written, shown = (
        {table: warehouse.rows(f"SELECT count() AS n FROM {table}{how}")[0]["n"] for table in tables}  # noqa: S608 -- fixed names
        for how in ("", " FINAL")
    )
    assert written["case_marks"] > shown["case_marks"]
    assert written["source_states"] > shown["source_states"] == 1
    assert daily_counts(warehouse) == expected_counts(history)
    facts = warehouse.rows("SELECT count() AS n FROM case_facts")[0]["n"]
    assert (facts, written["case_events"]) == (len(history), 2 * len(history))
    assert warehouse.rows("SELECT outbox_count FROM sources_current") == [{"outbox_count": 9}]
    before = everything(warehouse)
    for table in tables:
        warehouse.command(f"SYSTEM START MERGES {table}")
        warehouse.command(f"OPTIMIZE TABLE {table} FINAL")
    assert everything(warehouse) == before


def test_a_death_between_land_and_tally_is_healed_by_the_second_delivery(warehouse: Warehouse) -> None:
    class Died(Exception):
        pass

    def die(step: str) -> None:
        if step == die_at:
            raise Died

    r = seeded(3)
    history = random_history(r, cases=8)
    batches = arrivals(r, history)
    for number, batch in enumerate(batches):
        die_at = ("tally_days", "tally_months")[number % 2]
        with pytest.raises(Died):
            LandCases(warehouse, tally=Tally(warehouse, between=die)).handle(batch)
        LandCases(warehouse).handle(batch)
    assert daily_counts(warehouse) == expected_counts(history)


def test_an_event_dated_years_back_counts_on_its_day(warehouse: Warehouse) -> None:
    days = [dt.date(1990 + n, 6, 1) for n in range(37)]
    old = [case_event(state(1, received_on=day), case_key(n)) for n, day in enumerate(days)]
    Land(warehouse).handle(arrived(*old))
    found = warehouse.rows("SELECT day, opened FROM rollups_daily FINAL ORDER BY day")
    assert found == [{"day": day, "opened": 1} for day in days]


def test_a_group_that_vanished_vanishes(warehouse: Warehouse) -> None:
    first = state(1, received_on=dt.date(2026, 2, 1))
    moved = state(2, dates_of(first), received_on=dt.date(2026, 2, 1), unit_code="14812")
    Land(warehouse).handle(arrived(case_event(first, case_key(1))))
    Land(warehouse).handle(arrived(case_event(moved, case_key(1)), start=1))
    rows = warehouse.rows("SELECT * FROM rollups_daily FINAL ORDER BY unit_code")
    assert [(r["unit_code"], r["opened"]) for r in rows] == [("14812", 1), ("15607", 0)]
    assert counts_of(rows[1]) == {}
    assert rows[1]["groups.field_code"] == []


def test_months_sum_their_days_and_the_opening_balance_sums_the_months_before(warehouse: Warehouse) -> None:
    cases = [
        state(1, received_on=dt.date(2025, 12, 30), due_on=dt.date(2026, 1, 5)),
        state(1, received_on=dt.date(2026, 1, 3), closed_on=dt.date(2026, 2, 2), close_kind="finished"),
        state(1, received_on=dt.date(2026, 2, 9)),
    ]
    Land(warehouse).handle(arrived(*(case_event(c, case_key(n)) for n, c in enumerate(cases))))
    openings = warehouse.rows("SELECT month, open_count, overdue_count FROM rollup_openings ORDER BY month")
    assert [(r["month"].month, r["open_count"], r["overdue_count"]) for r in openings] == [
        (12, 0, 0),
        (1, 1, 0),
        (2, 2, 1),
    ]


def test_a_family_is_landed_wherever_it_was_put(warehouse: Warehouse) -> None:
    beat = heartbeat(1)
    LandCases(warehouse).handle([*arrived(case_event(state(1), case_key(1))), source_arrived(beat, 1)])
    assert warehouse.rows("SELECT count() AS n FROM case_facts")[0]["n"] == 1
    assert warehouse.rows("SELECT count() AS n FROM source_facts")[0]["n"] == 1


def heartbeat(minute: int, **said: Any) -> SourceHeartbeat:
    at = NOW + dt.timedelta(minutes=minute)
    facts: dict[str, Any] = {"unit_code": "15607", "outbox_count": minute, "release": "0.1.0", **said}
    beat = Heartbeat(**facts)
    return SourceHeartbeat(
        id=UUID(int=minute, version=4),
        source="/vn/38/15607",
        subject="15607",
        time=at,
        recorded_at=at,
        partition_key="15607",
        data=beat,
    )


def silence(minute: int, last_seen: int) -> SourceSilent:
    at = NOW + dt.timedelta(minutes=minute)
    return SourceSilent(
        id=UUID(int=1000 + minute, version=4),
        source="/vn",
        subject="15607",
        time=at,
        recorded_at=at,
        partition_key="15607",
        data=Silence(unit_code="15607", last_seen_at=NOW + dt.timedelta(minutes=last_seen)),
    )


def source_arrived(event: SourceHeartbeat | SourceSilent, offset: int) -> Delivered:
    return Delivered(Record(Position("sources", 0, offset), "15607", b"", {}, NOW), event)


def test_the_latest_word_about_a_source_wins_in_any_order(warehouse_module: Warehouse) -> None:
    words: list[SourceHeartbeat | SourceSilent] = [
        heartbeat(1),
        heartbeat(5, outbox_count=9, oldest_unsent_at=NOW),
        silence(20, 5),
    ]
    for seed in range(4):
        empty(warehouse_module)
        some = [source_arrived(word, n) for n, word in enumerate(words)]
        seeded(seed).shuffle(some)
        for delivered in some:
            Land(warehouse_module).handle([delivered])
        row = warehouse_module.rows("SELECT * FROM sources_current")[0]
        assert (row["outbox_count"], row["oldest_unsent_at"], row["silent"]) == (9, NOW, True)
        assert row["last_seen_at"] == NOW + dt.timedelta(minutes=5)
    Land(warehouse_module).handle([source_arrived(heartbeat(30, outbox_count=0), 9)])
    row = warehouse_module.rows("SELECT * FROM sources_current")[0]
    assert (row["outbox_count"], row["oldest_unsent_at"], row["silent"]) == (0, None, False)


def issue_event(subject: str) -> Any:
    return decode(
        b'{"specversion":"1.0","id":"7c4fdde1-9a53-4d0a-8f0e-6f3f2b1c0a01","source":"/vn/38/15607",'
        b'"type":"issue.withdrawn","subject":"%b","time":"2026-03-01T08:00:00Z",'
        b'"recordedat":"2026-03-01T08:00:00Z","dataschema":"urn:liencap:issue.withdrawn:1",'
        b'"partitionkey":"x","actorrole":"commune_chair","actorunit":"15607","data":{}}' % subject.encode()
    )


def test_an_issue_event_is_kept_whole(warehouse: Warehouse) -> None:
    event = issue_event("11111111-1111-4111-8111-111111111111")
    Land(warehouse).handle([Delivered(Record(Position("issues", 2, 5), "x", b"", {}, NOW), event)])
    row = warehouse.rows("SELECT * FROM issue_facts")[0]
    assert row["issue_id"] == UUID("11111111-1111-4111-8111-111111111111")
    assert (row["actor_role"], row["actor_body"], row["causation_id"]) == ("commune_chair", "", None)
    assert row["body"].encode() == encode(event)


def test_a_closed_engine_is_not_ready_rather_than_lost(warehouse_dsn: str) -> None:
    closed = Warehouse(warehouse_dsn, database="default")
    closed.close()
    with pytest.raises(NotReady):
        LandCases(closed).handle(arrived(case_event(state(1), case_key(1))))
