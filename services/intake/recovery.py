"""Recover a store that was restored from an older backup, by reading the newer events from the log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import Connection, delete, select, update

from events.attachments import IssueAttachmentAdded, IssueAttachmentErased
from events.cases import CaseEvent, CaseRetracted
from events.codec import decode
from events.envelope import Envelope
from events.errors import ContractError
from events.issues import IssueReported
from events.log import EventLog, Record
from events.topics import CASES as CASE_TOPIC
from events.topics import CASES_BACKFILL, ISSUES
from reporting.dated.territory import Territory
from services.intake.case_sync import kept_case
from services.intake.reports import AnswerRow, answer_values
from services.store.attachments import kept_values, note_erased, put_attachments
from services.store.import_cases import last_seqs, note_retracted
from services.store.notes import note, noted
from services.store.outbox import published_up_to
from services.store.row_writer import insert_missing, upsert
from services.store.store import CASES, IDEMPOTENCY, META, OUTBOX, Store

BATCH = 2_000
_KEPT = "recovered_provinces"


@dataclass(frozen=True, slots=True)
class Recovered:
    """Counts of a recovery: records read, cases and reports restored, outbox rows found in the log."""

    record_count: int = 0
    case_count: int = 0
    report_count: int = 0
    published_count: int = 0

    def __add__(self, other: Recovered) -> Recovered:
        return Recovered(
            self.record_count + other.record_count,
            self.case_count + other.case_count,
            self.report_count + other.report_count,
            self.published_count + other.published_count,
        )


def recover(store: Store, log: EventLog, territory: Territory) -> Recovered:
    """Read the records after the last position that this store knows it wrote, and restore their state.

    Run at each start, before the relay and before any intake. It finds records only where the store is older than
    the log. A case's state with the higher `seq` wins; its dossier code, which never travels, comes back
    with the next row of its source. The answer to a lost report is
    restored, so that a retry is no second report. Rows waiting in the outbox are published again, which readers
    tolerate. A store that was given another province reads the log from its beginning, because records that it
    skipped before are its own now.

    Args:
        territory: the units whose cases and reports the store keeps; records of others are skipped.

    Raises:
        LogUnavailable: the log does not answer; nothing of the current batch was written, and the call can be retried.
    """
    total, is_known = Recovered(), _is_known(store, territory)
    for topic in (CASE_TOPIC, CASES_BACKFILL, ISSUES):
        firsts = log.first_positions(topic.name)
        for partition, end in log.end_positions(topic.name).items():
            seen = _Seen(topic.name, partition, log.epoch, territory)
            held = range(firsts[partition], end)
            for records in _unseen(store, log, seen, held, from_written=is_known):
                with store.begin() as conn:
                    total += _take_over(conn, records, territory, log.epoch)
                    last = str(records[-1].position.offset)
                    upsert(conn, META, [{"name": seen.name, "value": last}])
    if not is_known:
        note(store, _KEPT, territory.word)
    if total.case_count or total.report_count:
        structlog.get_logger().warning(
            "store.recovered", cases=total.case_count, reports=total.report_count, read=total.record_count
        )
    return total


def _is_known(store: Store, territory: Territory) -> bool:
    """Return whether the store has kept this whole territory before; then its own positions are valid for all of it."""
    word = noted(store, _KEPT)
    if word == territory.word:
        return True
    before = Territory(territory.units, frozenset(word.split(",")) if word else None)
    if not before.covers(territory):
        return False
    # The territory shrank or is new. With the new note, a province given back later is read from the beginning.
    note(store, _KEPT, territory.word)
    return True


@dataclass(frozen=True, slots=True)
class _Seen:
    """The position up to which a store has read a partition of one log, for one territory."""

    topic: str
    partition: int
    epoch: int
    territory: Territory

    @property
    def name(self) -> str:
        """Return the name of the note that holds the position."""
        whose = hashlib.sha256(self.territory.word.encode()).hexdigest()[:8] if self.territory.word else ""
        return "/".join(filter(None, ("seen", self.topic, str(self.partition), str(self.epoch), whose)))


def _unseen(
    store: Store, log: EventLog, seen: _Seen, held: range, *, from_written: bool
) -> Iterator[Sequence[Record]]:
    """Yield the records of a partition after those that the store wrote or has read.

    Positions of another log (another epoch) are not valid here: this log is then read from its beginning.
    """
    with store.read() as conn:
        written = published_up_to(conn, seen.topic, log.epoch).get(seen.partition, -1) if from_written else -1
        read = conn.scalar(select(META.c.value).where(META.c.name == seen.name))
    start = max(written + 1, int(read) + 1 if read is not None else 0, held.start)
    while start < held.stop:
        records = log.read(seen.topic, seen.partition, start, BATCH)
        if not records:
            return
        yield records
        start = records[-1].position.offset + 1


def _take_over(conn: Connection, records: Sequence[Record], territory: Territory, epoch: int) -> Recovered:
    recorded = [(record, event) for record in records if (event := _event_of(record)) is not None]
    ours = [event for _, event in recorded if territory.keeps(event.source.rpartition("/")[2])]
    cases = _newest(event for event in ours if isinstance(event, CaseEvent))
    reports = [event for event in ours if isinstance(event, IssueReported)]
    _take_attachments(conn, recorded, territory)
    return Recovered(
        len(records),
        _take_cases(conn, cases),
        _take_reports(conn, reports),
        # Rows in the outbox are the store's own, whatever their subject: a ministry acts on any issue.
        _note_published(conn, recorded, epoch),
    )


def _event_of(record: Record) -> Envelope | None:
    try:
        return decode(record.value)
    except ContractError:
        # The check by which `land` sets a record aside; setting aside is not the task of a recovery.
        return None


def _newest(events: Iterator[CaseEvent]) -> dict[str, CaseEvent]:
    newest: dict[str, CaseEvent] = {}
    for event in events:
        before = newest.get(event.subject)
        if before is None or before.data.seq < event.data.seq:
            newest[event.subject] = event
    return newest


def _take_cases(conn: Connection, newest: dict[str, CaseEvent]) -> int:
    query = select(CASES.c.case_key, CASES.c.seq, CASES.c.dossier_code).where(
        CASES.c.case_key.in_(list(newest))
    )
    known = {row.case_key: row for row in conn.execute(query)}
    gone = last_seqs(conn, set(newest))
    rows, retracted = [], {}
    for key, event in newest.items():
        kept = known.get(key)
        if max(kept.seq if kept is not None else 0, gone.get(key, 0)) >= event.data.seq:
            continue
        if isinstance(event, CaseRetracted):
            retracted[key] = event.data.seq
        else:
            code = kept.dossier_code if kept is not None else None
            rows.append(kept_case(key, code, event.data, event.data.model_dump_json().encode()))
    upsert(conn, CASES, rows)
    note_retracted(conn, retracted)
    conn.execute(delete(CASES).where(CASES.c.case_key.in_(list(retracted))))
    return len(rows) + len(retracted)


def _take_reports(conn: Connection, reports: Sequence[IssueReported]) -> int:
    """Store the answers to reports again; without the request, which the log does not hold."""
    rows: dict[str, AnswerRow] = {}
    for report in reports:
        values = answer_values(
            UUID(report.subject), report.data.unit_code, report.recorded_at, report.id, fingerprint=None
        )
        rows.setdefault(values["key"], values)
    known = set(conn.scalars(select(IDEMPOTENCY.c.key).where(IDEMPOTENCY.c.key.in_(list(rows)))))
    missing = [values for key, values in rows.items() if key not in known]
    insert_missing(conn, IDEMPOTENCY, missing, unique="key")
    return len(missing)


def _take_attachments(
    conn: Connection, recorded: Sequence[tuple[Record, Envelope]], territory: Territory
) -> None:
    """Store the rows of attachments again: their files lie beside the store. The log knows role and unit, no person."""
    for _, event in recorded:
        by = f"{event.actor_role}@{event.actor_unit}"
        if isinstance(event, IssueAttachmentErased):
            note_erased(conn, event.data.attachment_id, by=by, at=event.recorded_at)
        elif isinstance(event, IssueAttachmentAdded) and territory.keeps(event.data.unit_code):
            put_attachments(conn, [kept_values(UUID(event.subject), event.data, by=by, at=event.recorded_at)])


def _note_published(conn: Connection, recorded: Sequence[tuple[Record, Envelope]], epoch: int) -> int:
    """Mark outbox rows whose events are in the log, so that they are not published again."""
    query = select(OUTBOX.c.event_id).where(OUTBOX.c.published_at.is_(None))
    waiting = set(conn.scalars(query)) if recorded else set()
    found = {event.id: record for record, event in recorded if event.id in waiting}
    for event_id, record in found.items():
        conn.execute(
            update(OUTBOX)
            .where(OUTBOX.c.event_id == event_id)
            .values(
                published_at=record.appended_at,
                epoch=epoch,
                partition=record.position.partition,
                log_offset=record.position.offset,
            )
        )
    return len(found)
