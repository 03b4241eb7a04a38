"""The verdict after the faults: nothing acknowledged is lost, nothing counts twice, every state is a replay of the log."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TypeVar
from uuid import UUID

from sqlalchemy import create_engine, text

from events.codec import decode
from events.envelope import Envelope
from events.errors import ContractError, LogError
from events.log import EventLog, Record
from events.topics import ISSUES, TRUTH_TOPICS, topic_of
from reporting.issues.fold import fold
from reporting.issues.state import IssueState
from reporting.privacy import case_key
from reporting.tables import FACTS
from services.boot.provinces import NOTIFY_GROUP
from services.boot.steps import readers
from services.consuming.dead_letters import listing
from services.intake.keys import ProvinceKeys
from services.log.kafka import KafkaLog
from services.warehouse.client import Warehouse
from services.warehouse.issue_table import IssueTable
from tests.chaos.load import Ledger
from tests.stack import Stack

PROVINCE = "38"
PAGE = 2_000
LOOKS = 5
Seen = TypeVar("Seen")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def settle(stack: Stack, patience: float = 240.0) -> float:
    """Wait until the outbox is empty and every group has finished; return how many seconds that took."""
    began = time.monotonic()
    engine = create_engine(stack.store_url)
    waiting = text("SELECT count(*) FROM outbox WHERE published_at IS NULL AND failed_reason IS NULL")
    with closing(stack.open_log()) as log:
        while time.monotonic() - began < patience:
            with engine.connect() as connection:
                unsent = connection.execute(waiting).scalar_one()
            if not unsent and _finished(log, _groups(stack)):
                engine.dispose()
                return time.monotonic() - began
            time.sleep(0.5)
    engine.dispose()
    raise AssertionError(f"not settled after {patience:.0f} s: {unsent} unsent, {_lags(stack)}")


def _groups(stack: Stack) -> list[tuple[str, str]]:
    """Name every group of an installation with each of its topics; a store of some provinces has its own for notices."""
    notices = NOTIFY_GROUP
    if stack.provinces:
        engine = create_engine(stack.store_url)
        with engine.connect() as connection:
            name = connection.execute(text("SELECT value FROM meta WHERE name = 'store_name'")).scalar_one()
        engine.dispose()
        notices = f"{NOTIFY_GROUP}-{name}"
    return [(group, topic) for group, topics in readers(notices) for topic in topics]


def _finished(log: KafkaLog, groups: list[tuple[str, str]]) -> bool:
    try:
        before = {topic: log.end_positions(topic) for _, topic in groups}
        done = all(log.committed(group, topic) == before[topic] for group, topic in groups)
        return done and before == {topic: log.end_positions(topic) for _, topic in groups}
    except LogError:
        return False


def _lags(stack: Stack) -> dict[tuple[str, str], int]:
    with closing(stack.open_log()) as log:
        return {
            (group, topic): sum(log.end_positions(topic).values()) - sum(log.committed(group, topic).values())
            for group, topic in _groups(stack)
        }


def at_rest(stack: Stack, look: Callable[[], Seen]) -> Seen:
    """Return what a look found while nothing was recorded and nothing was appended to the log.

    Clocks and signals are events too, and come when their time has come, also after the last counter has gone home.
    What compares two places reads them one after the other, so it looks again where something came between.
    """
    for _ in range(LOOKS):
        settle(stack)
        before = _grown(stack)
        seen = look()
        if _grown(stack) == before:
            return seen
    raise AssertionError(f"events came during each of {LOOKS} looks")


def _grown(stack: Stack) -> tuple[int, dict[str, dict[int, int]]]:
    """Return how many events are recorded, and where each topic ends."""
    engine = create_engine(stack.store_url)
    with engine.connect() as connection, closing(stack.open_log()) as log:
        recorded = connection.execute(text("SELECT count(*) FROM outbox")).scalar_one()
        ends = {topic.name: dict(log.end_positions(topic.name)) for topic in TRUTH_TOPICS}
    engine.dispose()
    return recorded, ends


def judge(stack: Stack, ledger: Ledger) -> str:
    """Compare ledger, store, log and ClickHouse; return a line of counts.

    Raises:
        AssertionError: something was lost, counted twice, or is not a replay of the log.
    """
    found = at_rest(stack, lambda: findings(stack, ledger))
    assert not found, "\n".join(f"{check}: {said}" for check, said in found.items())
    return (
        f"{ledger.event_count} events acknowledged in {ledger.call_count} calls ({ledger.failed_count} failed and were "
        f"repeated, slowest answer {ledger.slowest_seconds:.1f} s), {recorded_count(stack)} recorded events and "
        f"{len(ledger.issues)} difficulties: all there, counted once"
    )


def findings(stack: Stack, ledger: Ledger) -> dict[str, str]:
    """Return what each check found wrong, by the name of the check; nothing when all is well."""
    warehouse = Warehouse(stack.front.dsn, database=stack.database)
    with closing(warehouse), closing(stack.open_log()) as log:
        checks: dict[str, Callable[[], None]] = {
            "every row was taken": lambda: _no_row_was_refused(ledger),
            "acknowledged states of cases": lambda: _no_case_is_lost(warehouse, stack, ledger),
            "recorded events are facts": lambda: _every_recorded_event_is_a_fact(warehouse, stack),
            "the order of each case": lambda: _no_seq_goes_back(warehouse),
            "unread records are dead letters": lambda: _what_is_no_event_is_a_dead_letter(log),
            "issues are replays": lambda: _every_issue_is_a_replay(warehouse, log, ledger),
            "audit": lambda: _audit(stack),
        }
        found = {}
        for name, check in checks.items():
            try:
                check()
            except AssertionError as error:
                found[name] = str(error)
    return found


def _no_row_was_refused(ledger: Ledger) -> None:
    assert not ledger.refused, f"rows that were not taken: {ledger.refused[:3]}"


def _audit(stack: Stack) -> None:
    """Positions without a gap, roll-ups equal to a recount from the facts."""
    done = stack.run("audit")
    wrong = [line for line in done.stdout.splitlines() if not line.endswith(("ok", "not landed yet"))]
    assert done.returncode == 0, "; ".join(line.strip() for line in wrong[:4]) + done.stderr[-500:]


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


def _every_recorded_event_is_a_fact(warehouse: Warehouse, stack: Stack) -> None:
    """The ids that the store recorded are the ids in ClickHouse."""
    recorded = _recorded(stack)
    facts = {
        row["event_id"]
        for table in FACTS
        for row in warehouse.rows(f"SELECT DISTINCT event_id FROM {table.name}")  # noqa: S608 -- names of ours
    }
    missing = recorded - facts
    assert not missing, f"{len(missing)} of {len(recorded)} recorded events are no facts: {list(missing)[:3]}"
    cases = {row["event_id"] for row in warehouse.rows("SELECT DISTINCT event_id FROM case_events")}
    assert cases <= recorded, f"{len(cases - recorded)} facts of cases were never recorded"


def recorded_count(stack: Stack) -> int:
    """Return how many events the store recorded."""
    return len(_recorded(stack))


def _recorded(stack: Stack) -> set[UUID]:
    engine = create_engine(stack.store_url)
    with engine.connect() as connection:
        # SQLite keeps an id as text.
        recorded = {UUID(str(row[0])) for row in connection.execute(text("SELECT event_id FROM outbox"))}
    engine.dispose()
    return recorded


def _no_seq_goes_back(warehouse: Warehouse) -> None:
    """Events of one case lie in the log in the order of their numbers, at their first delivery."""
    back = warehouse.rows(
        """
        SELECT case_key, seq, before FROM
        (
            SELECT case_key, seq, lagInFrame(seq) OVER (PARTITION BY case_key, topic, partition ORDER BY first) AS before
            FROM
            (
                SELECT case_key, topic, partition, event_id, any(seq) AS seq, min(offset) AS first
                FROM case_events GROUP BY case_key, topic, partition, event_id
            )
        ) WHERE seq <= before LIMIT 3
        """
    )
    assert not back, f"the numbers of cases go back: {back}"


def _what_is_no_event_is_a_dead_letter(log: KafkaLog) -> None:
    """What cannot be read is set aside with its place and a reason; nothing else is."""
    for topic in TRUTH_TOPICS:
        unread = {
            record.position for record in records_of(log, topic.name) if _event_of(record.value) is None
        }
        letters = {letter.position: letter.reason for letter in listing(log, topic.name)}
        assert unread == set(letters), f"{topic.name}: {len(unread ^ set(letters))} unread or set aside alone"
        assert all(letters.values()), f"{topic.name}: dead letters without a reason"


def _every_issue_is_a_replay(warehouse: Warehouse, log: KafkaLog, ledger: Ledger) -> None:
    """The rows of issues equal the fold of the log, event by event."""
    states: dict[UUID, IssueState | None] = {}
    for record in records_of(log, ISSUES.name):
        event = _event_of(record.value)
        if event is None or topic_of(event.type) != ISSUES:
            continue
        issue_id = UUID(event.subject)
        states[issue_id] = fold(states.get(issue_id), event).state
    rows = {issue_id: row.state for issue_id, row in IssueTable(warehouse).load(states).items()}
    wrong = [
        issue_id for issue_id, state in states.items() if state is not None and rows.get(issue_id) != state
    ]
    assert not wrong, f"{len(wrong)} of {len(states)} issues are no replay of the log: {wrong[:3]}"
    lost = ledger.issues - {str(issue_id) for issue_id in states}
    assert not lost, f"{len(lost)} acknowledged difficulties are lost: {list(lost)[:3]}"


def records_of(log: EventLog, topic: str) -> Iterator[Record]:
    """Yield everything that lies in a topic now, partition by partition."""
    for partition, end in log.end_positions(topic).items():
        at = 0
        while at < end and (records := log.read(topic, partition, at, PAGE)):
            yield from records
            at = records[-1].position.offset + 1


def _event_of(value: bytes) -> Envelope | None:
    """Return the event; None where the record is none, or is about an issue and names none."""
    try:
        event = decode(value)
    except ContractError:
        return None
    return event if topic_of(event.type) != ISSUES or _UUID.fullmatch(event.subject) else None
