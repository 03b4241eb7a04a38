"""Take in a batch of case rows: for each row its case, its state and its events in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, TypedDict
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection, select

from events.cases import CaseEvent, CaseState
from events.errors import LienCapError
from reporting.cases.advance import Advance, Receipt, advance, check_adds_only, take_over
from reporting.cases.claims import Claim, Sender, claim, unit_in
from reporting.cases.due import CaseRules
from reporting.cases.source_row import AS_KNOWN, CaseRow
from reporting.dated.bodies import BodyTable
from reporting.dated.calendar import local_day
from reporting.dated.late_causes import LateCauses
from reporting.dated.units import UnitTable
from reporting.errors import IllegalTransition, UnknownUnit
from reporting.privacy import case_key
from services.access.actors import Actor
from services.errors import BadInput
from services.intake.keys import ProvinceKey
from services.intake.known_keys import check_keys
from services.intake.national_rows import Columns, read_row
from services.store.import_cases import Changed, last_seqs, note_changed, note_confirmed
from services.store.outbox import Enqueued, enqueue_all
from services.store.row_writer import upsert
from services.store.store import CASES, Store

Outcome = Literal["created", "advanced", "unchanged", "rejected"]
RowSource = Literal["api", "snapshot"]

CHUNK = 2_500
"""Rows per transaction: others who write wait for one chunk, and a chunk pays for one flush to the disk."""

_EVENT_IDS = uuid.UUID("0f3f5e0a-5d0c-5b6e-9f0b-6f1d6c1f7a01")
_LONGEST_SHOWN = 100
_log = structlog.get_logger("services.commune")


@dataclass(frozen=True, slots=True)
class RowResult:
    """Outcome of one row.

    Attributes:
        row: index in the call, from 0.
        reason: why the row was rejected, in a sentence; `field` is the national name of the column.
        status_code: present status of the case, where the case is known and the sender's.
        allowed: the statuses that may follow, for a refused step.
    """

    row: int
    dossier_code: str | None
    outcome: Outcome
    reason: str | None = None
    field: str | None = None
    status_code: int | None = None
    allowed: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """Values shared by all rows of a call."""

    unit_code: str
    province_code: str
    units: UnitTable
    bodies: BodyTable
    late_causes: LateCauses
    key: ProvinceKey
    actor: Actor
    receipt: Receipt
    rules: CaseRules
    run_id: UUID | None = None
    """The import whose rows these are, which can be taken back."""


@dataclass(slots=True)
class _Held:
    """A case while its chunk is processed; `run_id` is the import that changed it, and `before` its state until then."""

    state: CaseState
    written: bytes
    dossier_code: str | None
    touched: bool = False
    run_id: UUID | None = None
    before: bytes | None = None


class KeptCase(TypedDict):
    """A case as a row of the table `cases`; `state` is its state as JSON."""

    case_key: str
    dossier_code: str | None
    unit_code: str
    received_unit_code: str
    status_code: int
    due_on: date | None
    closed_on: date | None
    paused_on: date | None
    seq: int
    state: bytes


@dataclass(slots=True)
class _Chunk:
    held: dict[str, _Held]
    retracted: dict[str, int] = field(default_factory=dict)
    """The last `seq` of cases that were taken back, which may come again."""
    events: list[Enqueued] = field(default_factory=list)
    unchanged: dict[str, UUID | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Read:
    """A valid row, with the key of its case.

    `former_key` is the key of the code as it was written, where earlier releases made another key of it.
    """

    number: int
    row: CaseRow
    case_key: str
    former_key: str | None = None


@dataclass(frozen=True, slots=True)
class PreparedRows:
    """The rows of one call, read and checked one by one."""

    call: Call
    read: Sequence[_Read | RowResult]


def sync_rows(store: Store, call: Call, rows: Sequence[Columns], *, dry_run: bool = False) -> list[RowResult]:
    """Take in rows in their order; a rejected row affects no other.

    When this returns, every row with the outcome `created` or `advanced` is durable together with its event. A row is
    recognised by its content, so that a repeated call changes nothing. With `dry_run` nothing is written.
    """
    prepared = read_rows(call, rows)
    if dry_run:
        with store.read() as conn:
            return _take_all(_loaded(conn, prepared.read), prepared)
    return sync_calls(store, [prepared])[0]


def sync_calls(store: Store, calls: Sequence[PreparedRows]) -> list[list[RowResult]]:
    """Take in the rows of several calls in their order, in as few transactions; return the results of each call."""
    results: list[list[RowResult]] = [[] for _ in calls]
    for chunk in _chunks(calls):
        with store.begin() as conn:
            written = write_rows(conn, [part for _, part in chunk])
        for (number, _), some in zip(chunk, written, strict=True):
            results[number] += some
    return results


def _chunks(calls: Sequence[PreparedRows]) -> Iterator[list[tuple[int, PreparedRows]]]:
    """Yield what goes into each transaction: parts of calls, each with the number of its call."""
    chunk: list[tuple[int, PreparedRows]] = []
    room = CHUNK
    for number, prepared in enumerate(calls):
        start = 0
        while start < len(prepared.read):
            part = PreparedRows(prepared.call, prepared.read[start : start + room])
            chunk.append((number, part))
            start, room = start + len(part.read), room - len(part.read)
            if room == 0:
                yield chunk
                chunk, room = [], CHUNK
    if chunk:
        yield chunk


def read_rows(call: Call, rows: Sequence[Columns]) -> PreparedRows:
    """Read the rows of a call; needs no store."""
    return PreparedRows(call, [_read(number, row, call) for number, row in enumerate(rows)])


def write_rows(conn: Connection, calls: Sequence[PreparedRows]) -> list[list[RowResult]]:
    """Take in the rows of calls, in their order, and return the results of each call."""
    chunk = _loaded(conn, [each for prepared in calls for each in prepared.read])
    results = [_take_all(chunk, prepared) for prepared in calls]
    _save(conn, chunk)
    return results


class _Communes:
    """Communes by code, each read once from the table of units."""

    def __init__(self, units: UnitTable) -> None:
        self._units = units
        self._known: dict[str, str | None] = {}

    def province_of(self, code: str) -> str | None:
        """Return the province of a commune; None for a code of another level."""
        if code not in self._known:
            try:
                is_commune = self._units.get(code).level == "commune"
                self._known[code] = self._units.province_of(code) if is_commune else None
            except UnknownUnit:
                self._known[code] = None
        return self._known[code]

    def named_in(self, dossier_code: str) -> frozenset[str]:
        """Return the communes that a dossier code names: one of today, or the successors of a former one."""
        code = unit_in(dossier_code)
        if code is None:
            return frozenset()
        if self.province_of(code) is not None:
            return frozenset({code})
        return frozenset(one.new_code for one in self._units.successors(code))


def _read(number: int, raw: object, call: Call) -> _Read | RowResult:
    if not isinstance(raw, Mapping):
        return RowResult(number, None, "rejected", "a row is an object of named columns")
    try:
        row = read_row(raw)
        check_keys(
            row, call.bodies, call.late_causes, call.rules.procedures, local_day(call.receipt.recorded_at)
        )
    except BadInput as error:
        shown = raw.get("MaHoSo")
        code = shown[:_LONGEST_SHOWN] if isinstance(shown, str) else None
        return RowResult(number, code, "rejected", error.message, error.field)
    key = case_key(call.key.secret, row.dossier_code)
    return _Read(number, row, key, _former_key(raw, row.dossier_code, call))


def _former_key(raw: Columns, folded: str, call: Call) -> str | None:
    """Return the key that releases before the folding of codes gave a case; a case that has it keeps it."""
    written = raw.get("MaHoSo")
    if not isinstance(written, str) or written.strip() == folded:
        return None
    return case_key(call.key.secret, written)


def _take_all(chunk: _Chunk, prepared: PreparedRows) -> list[RowResult]:
    call, communes = prepared.call, _Communes(prepared.call.units)
    return [
        each if isinstance(each, RowResult) else _take(each, chunk, communes, call) for each in prepared.read
    ]


def _take(read: _Read, chunk: _Chunk, communes: _Communes, call: Call) -> RowResult:
    key = read.case_key
    if read.former_key is not None and key not in chunk.held and read.former_key in chunk.held:
        key = read.former_key
    held = chunk.held.get(key)
    known = held.state if held is not None else None
    code = read.row.dossier_code
    try:
        claimed = _claim(read.row, known, communes, call)
    except LienCapError as error:
        # A refusal of a foreign case has no status: the sender learns nothing about it.
        return RowResult(read.number, code, "rejected", error.message, error.field)
    status = known.status_code if known is not None and not claimed.takes_over else None
    try:
        step = _step(known, claimed, call, chunk.retracted.get(key, 0))
        if step is not None and known is not None and read.row.status_code == AS_KNOWN:
            check_adds_only(known, step.state)
    except IllegalTransition as error:
        allowed = tuple(int(each) for each in error.allowed)
        return RowResult(read.number, code, "rejected", error.message, error.field, status, allowed)
    except LienCapError as error:
        return RowResult(read.number, code, "rejected", error.message, error.field, status)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, detail["loc"])) or None
        return RowResult(read.number, code, "rejected", detail["msg"], where, status)
    if step is None:
        chunk.unchanged[key] = call.run_id
        if held is not None and held.dossier_code is None:
            held.dossier_code, held.touched = code, True
        return RowResult(read.number, code, "unchanged", status_code=status)
    written = step.state.model_dump_json()
    chunk.events.append(Enqueued(event_of(key, step, written, call), backfill=step.state.backfill))
    kept_code = held.dossier_code if held is not None and held.dossier_code else code
    chunk.held[key] = _Held(
        step.state,
        written.encode(),
        kept_code,
        touched=True,
        run_id=call.run_id,
        before=_before(held, call.run_id),
    )
    outcome: Outcome = "created" if known is None else "advanced"
    return RowResult(read.number, code, outcome, status_code=step.state.status_code)


def _before(held: _Held | None, run_id: UUID | None) -> bytes | None:
    """Return the state of a case before its import began: nothing where the case was not known."""
    if held is None:
        return None
    return held.before if run_id is not None and held.run_id == run_id else held.written


def _claim(row: CaseRow, known: CaseState | None, communes: _Communes, call: Call) -> Claim:
    """Check that a row names only communes of the sender's province, and return what of it the sender may state."""
    named = (
        ("MaDonViTiepNhan", row.received_unit_code),
        ("MaDonViThamQuyen", row.unit_code),
        ("MaDonViHoTro", row.helped_unit_code),
    )
    for column, code in named:
        if code is not None and code != call.unit_code and communes.province_of(code) != call.province_code:
            raise BadInput(f"{code} is no commune of province {call.province_code}", field=column)
    sender = Sender(call.unit_code, from_above=call.actor.unit_code != call.unit_code)
    # A row that only adds a step begins no case and takes none over; what it may not touch it learns nothing about.
    one_step = call.receipt.one_step or row.status_code == AS_KNOWN
    claimed = claim(row, known, sender, communes.named_in(row.dossier_code), one_step=one_step)
    if row.status_code != AS_KNOWN or known is None:
        return claimed
    return replace(claimed, row=replace(claimed.row, status_code=known.status_code, adds_only=True))


def _step(known: CaseState | None, claimed: Claim, call: Call, last_seq: int) -> Advance | None:
    if known is None or not claimed.takes_over:
        return advance(known, claimed.row, call.receipt, call.rules, last_seq=last_seq)
    taken = take_over(known, claimed.row, call.receipt, call.rules)
    _log.warning("case.taken_over", by_unit=call.unit_code, from_unit=known.unit_code)
    return taken


def event_of(key: str, step: Advance, written: str, call: Call) -> CaseEvent:
    """Return the event of a step; `written` is the state after it as JSON."""
    # The id follows from the content: two contents under one seq become two events, which an audit finds.
    event_id = uuid.uuid5(_EVENT_IDS, f"{key}:{step.event_cls.__name__}:{written}")
    make: Callable[..., CaseEvent] = step.event_cls
    return make(
        id=event_id,
        source=f"/vn/{call.province_code}/{call.unit_code}",
        subject=key,
        time=call.receipt.recorded_at,
        recorded_at=call.receipt.recorded_at,
        partition_key=step.state.unit_code,
        actor_role=call.actor.role,
        actor_unit=call.actor.unit_code,
        actor_body=call.actor.body,
        data=step.state,
    )


def _loaded(conn: Connection, read: Sequence[_Read | RowResult]) -> _Chunk:
    rows = [each for each in read if isinstance(each, _Read)]
    keys = {key for each in rows for key in (each.case_key, each.former_key) if key is not None}
    held = held_cases(conn, keys)
    return _Chunk(held, last_seqs(conn, keys - held.keys()))


def held_cases(conn: Connection, keys: AbstractSet[str]) -> dict[str, _Held]:
    """Return those of some cases that the store knows, by key."""
    query = select(CASES.c.case_key, CASES.c.dossier_code, CASES.c.state).where(CASES.c.case_key.in_(keys))
    return {
        row.case_key: _Held(CaseState.model_validate_json(row.state), row.state, row.dossier_code)
        for row in conn.execute(query)
    }


def _save(conn: Connection, chunk: _Chunk) -> None:
    touched = ((key, held) for key, held in chunk.held.items() if held.touched)
    upsert(
        conn, CASES, [kept_case(key, held.dossier_code, held.state, held.written) for key, held in touched]
    )
    changed = [
        Changed(held.run_id, key, held.state.seq, held.before)
        for key, held in chunk.held.items()
        if held.run_id is not None
    ]
    note_changed(conn, changed)
    note_confirmed(conn, chunk.unchanged)
    enqueue_all(conn, chunk.events)


def kept_case(key: str, dossier_code: str | None, state: CaseState, written: bytes) -> KeptCase:
    """Return a case as a row of the table `cases`; `written` is its state as JSON."""
    running = state.pauses[-1] if state.pauses and state.pauses[-1].to_on is None else None
    return {
        "case_key": key,
        "dossier_code": dossier_code,
        "unit_code": state.unit_code,
        "received_unit_code": state.received_unit_code,
        "status_code": state.status_code,
        "due_on": state.due_on,
        "closed_on": state.closed_on,
        "paused_on": running.from_on if running is not None else None,
        "seq": state.seq,
        "state": written,
    }
