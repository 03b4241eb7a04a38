"""The verdict after the faults: nothing acknowledged is lost, nothing counts twice, every state is a replay of the log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from uuid import UUID

from sqlalchemy import create_engine, text

from events.codec import decode
from events.errors import LogError
from events.topics import CASES, CASES_BACKFILL, ISSUES, SOURCES
from reporting.issue_state import IssueState
from reporting.issues import fold
from reporting.privacy import case_key
from services.adapters.clickhouse import Warehouse
from services.adapters.distributed.log import KafkaLog
from services.adapters.issue_rows import IssueRows
from services.keys import ProvinceKeys
from tests.chaos.load import Ledger
from tests.stack import Stack

GROUPS = (
    ("land-cases", CASES.name),
    ("land-backfill", CASES_BACKFILL.name),
    ("land", ISSUES.name),
    ("land", SOURCES.name),
    ("decide", ISSUES.name),
)
PROVINCE = "38"
PAGE = 2_000


def settle(stack: Stack, patience: float = 240.0) -> float:
    """Wait until the outbox is empty and every group has finished; return how many seconds that took."""
    began = time.monotonic()
    engine = create_engine(stack.store_url)
    waiting = text("SELECT count(*) FROM outbox WHERE published_at IS NULL AND failed_reason IS NULL")
    with closing(stack.open_log()) as log:
        while time.monotonic() - began < patience:
            with engine.connect() as connection:
                unsent = connection.execute(waiting).scalar_one()
            if not unsent and _finished(log):
                engine.dispose()
                return time.monotonic() - began
            time.sleep(0.5)
    engine.dispose()
    raise AssertionError(f"not settled after {patience:.0f} s: {unsent} unsent, {_lags(stack)}")


def _finished(log: KafkaLog) -> bool:
    try:
        before = {topic: log.end_positions(topic) for _, topic in GROUPS}
        done = all(log.committed(group, topic) == before[topic] for group, topic in GROUPS)
        return done and before == {topic: log.end_positions(topic) for _, topic in GROUPS}
    except LogError:
        return False


def _lags(stack: Stack) -> dict[tuple[str, str], int]:
    with closing(stack.open_log()) as log:
        return {
            (group, topic): sum(log.end_positions(topic).values()) - sum(log.committed(group, topic).values())
            for group, topic in GROUPS
        }


def judge(stack: Stack, ledger: Ledger) -> str:
    """Compare ledger, store, log and ClickHouse; return a line of counts.

    Raises:
        AssertionError: something was lost, counted twice, or is not a replay of the log.
    """
    assert not ledger.refused, f"rows that were not taken: {ledger.refused[:3]}"
    warehouse = Warehouse(stack.front.dsn, database=stack.database)
    with closing(warehouse), closing(stack.open_log()) as log:
        _no_case_is_lost(warehouse, stack, ledger)
        recorded = _every_recorded_event_is_a_fact(warehouse, stack)
        issues = _every_issue_is_a_replay(warehouse, log, ledger)
    stack.must("audit")
    return (
        f"{ledger.event_count} events acknowledged in {ledger.call_count} calls ({ledger.failed_count} failed and were "
        f"repeated, slowest answer {ledger.slowest_seconds:.1f} s), {recorded} recorded events and {issues} issues: "
        "all there, counted once"
    )


def _no_case_is_lost(warehouse: Warehouse, stack: Stack, ledger: Ledger) -> None:
    """Every acknowledged state of a case is there, or a later one."""
    secret = ProvinceKeys(stack.folder / "keys").of(PROVINCE).secret
    found = {
        row["case_key"]: row["status_code"]
        for row in warehouse.rows("SELECT case_key, status_code FROM cases_current FINAL")
    }
    behind = {
        dossier: (status, found.get(case_key(secret, dossier)))
        for dossier, status in ledger.cases.items()
        if (found.get(case_key(secret, dossier)) or 0) < status
    }
    assert not behind, f"{len(behind)} acknowledged cases are lost or behind: {list(behind.items())[:3]}"


def _every_recorded_event_is_a_fact(warehouse: Warehouse, stack: Stack) -> int:
    """The ids that the store recorded are the ids in ClickHouse."""
    engine = create_engine(stack.store_url)
    with engine.connect() as connection:
        recorded = {row[0] for row in connection.execute(text("SELECT event_id FROM outbox"))}
    engine.dispose()
    facts = {
        row["event_id"]
        for table in ("case_events", "issue_events", "source_events")
        for row in warehouse.rows(f"SELECT DISTINCT event_id FROM {table}")  # noqa: S608 -- names of ours
    }
    missing = recorded - facts
    assert not missing, f"{len(missing)} of {len(recorded)} recorded events are no facts: {list(missing)[:3]}"
    cases = {row["event_id"] for row in warehouse.rows("SELECT DISTINCT event_id FROM case_events")}
    assert cases <= recorded, f"{len(cases - recorded)} facts of cases were never recorded"
    return len(recorded)


def _every_issue_is_a_replay(warehouse: Warehouse, log: KafkaLog, ledger: Ledger) -> int:
    """The rows of issues equal the fold of the log, event by event."""
    states: dict[UUID, IssueState | None] = {}
    for value in _values(log):
        event = decode(value)
        issue_id = UUID(event.subject)
        states[issue_id] = fold(states.get(issue_id), event).state
    rows = {issue_id: row.state for issue_id, row in IssueRows(warehouse).load(states).items()}
    wrong = [
        issue_id for issue_id, state in states.items() if state is not None and rows.get(issue_id) != state
    ]
    assert not wrong, f"{len(wrong)} of {len(states)} issues are no replay of the log: {wrong[:3]}"
    lost = ledger.issues - {str(issue_id) for issue_id in states}
    assert not lost, f"{len(lost)} acknowledged difficulties are lost: {list(lost)[:3]}"
    return len(states)


def _values(log: KafkaLog) -> Iterator[bytes]:
    for partition, end in log.end_positions(ISSUES.name).items():
        at = 0
        while at < end:
            records = log.read(ISSUES.name, partition, at, PAGE)
            yield from (record.value for record in records)
            at = records[-1].position.offset + 1
