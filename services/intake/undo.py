"""Take back what an import changed: cases that it made count for nothing, the others are as before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, delete

from events.cases import CaseRetracted, CaseState
from reporting.cases.taking_back import take_back
from services.intake.case_sync import Call, KeptCase, event_of, held_cases, kept_case
from services.store.import_cases import Changed, forget_changed, note_restored, note_retracted
from services.store.outbox import Enqueued, enqueue_all
from services.store.row_writer import upsert
from services.store.store import CASES


@dataclass(frozen=True, slots=True)
class TouchedLater:
    """A case that a later import or act changed, so that it stays as it is."""

    unit_code: str
    dossier_code: str | None
    case_key: str


@dataclass(frozen=True, slots=True)
class Undone:
    """How many cases count for nothing any more, how many are as before, and which stay."""

    retracted_count: int
    restored_count: int
    stayed: tuple[TouchedLater, ...]


def undo_cases(conn: Connection, changed: Sequence[Changed], call_of: Callable[[str], Call]) -> Undone:
    """Take back the changes of one run, each with its event, in the caller's transaction.

    A case whose last statement is not the run's stays, and so does the note of what the run changed of it.

    Args:
        call_of: returns the call in whose name the case of a commune is taken back.
    """
    held, called = held_cases(conn, {one.case_key for one in changed}), cache(call_of)
    events: list[Enqueued] = []
    restored: list[KeptCase] = []
    retracted: dict[str, int] = {}
    stayed: list[TouchedLater] = []
    for one in changed:
        known = held.get(one.case_key)
        if known is None:
            continue  # taken back already, by an undo that was cut off before its notes were deleted
        if known.state.seq != one.seq or one.confirmed_by is not None:
            stayed.append(TouchedLater(known.state.unit_code, known.dossier_code, one.case_key))
            continue
        call = called(known.state.unit_code)
        before = CaseState.model_validate_json(one.state_before) if one.state_before else None
        step = take_back(known.state, before, call.receipt.recorded_at)
        written = step.state.model_dump_json()
        events.append(Enqueued(event_of(one.case_key, step, written, call), backfill=step.state.backfill))
        if issubclass(step.event_cls, CaseRetracted):
            retracted[one.case_key] = step.state.seq
        else:
            if before is not None:
                note_restored(conn, one.case_key, before.seq, step.state.seq)
            restored.append(kept_case(one.case_key, known.dossier_code, step.state, written.encode()))
    conn.execute(delete(CASES).where(CASES.c.case_key.in_(list(retracted))))
    note_retracted(conn, retracted)
    upsert(conn, CASES, restored)
    if changed:
        staying = {one.case_key for one in stayed}
        forget_changed(
            conn, changed[0].run_id, [one.case_key for one in changed if one.case_key not in staying]
        )
    enqueue_all(conn, events)
    return Undone(len(retracted), len(restored), tuple(stayed))
