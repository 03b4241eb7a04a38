"""The cases that each import changed, in the operational store, so that a run can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete, select

from services.store.import_tables import IMPORT_CASES, RETRACTED_CASES
from services.store.row_writer import insert_rows, upsert


class Changed(NamedTuple):
    """A case that a run changed: the last `seq` that the run gave, and the state before the run, if there was one."""

    run_id: UUID
    case_key: str
    seq: int
    state_before: bytes | None


def note_changed(conn: Connection, changed: Sequence[Changed]) -> None:
    """Note cases in the transaction of their change; of a case that the run changed before, the first state stays."""
    if not changed:
        return
    run_id = changed[0].run_id
    keys = [one.case_key for one in changed]
    query = select(IMPORT_CASES.c.case_key).where(
        IMPORT_CASES.c.run_id == run_id, IMPORT_CASES.c.case_key.in_(keys)
    )
    known = set(conn.scalars(query))
    insert_rows(conn, IMPORT_CASES, [one._asdict() for one in changed if one.case_key not in known])
    again = [
        {"run_id": run_id, "case_key": one.case_key, "seq": one.seq}
        for one in changed
        if one.case_key in known
    ]
    upsert(conn, IMPORT_CASES, again)


def changed_by(conn: Connection, run_id: UUID, after: str, most: int) -> list[Changed]:
    """Return some of the cases that a run changed and that were not taken back, in the order of their keys."""
    query = (
        select(IMPORT_CASES)
        .where(IMPORT_CASES.c.run_id == run_id, IMPORT_CASES.c.case_key > after)
        .order_by(IMPORT_CASES.c.case_key)
        .limit(most)
    )
    return [Changed(row.run_id, row.case_key, row.seq, row.state_before) for row in conn.execute(query)]


def forget_changed(conn: Connection, run_id: UUID, keys: Iterable[str]) -> None:
    """Delete the notes of cases that were taken back."""
    conn.execute(
        delete(IMPORT_CASES).where(IMPORT_CASES.c.run_id == run_id, IMPORT_CASES.c.case_key.in_(list(keys)))
    )


def last_seqs(conn: Connection, keys: AbstractSet[str]) -> dict[str, int]:
    """Return the last `seq` of those of some cases that were taken back."""
    query = select(RETRACTED_CASES).where(RETRACTED_CASES.c.case_key.in_(keys))
    return {row.case_key: row.seq for row in conn.execute(query)} if keys else {}


def note_retracted(conn: Connection, seqs: dict[str, int]) -> None:
    """Keep the last `seq` of cases that were taken back."""
    upsert(conn, RETRACTED_CASES, [{"case_key": key, "seq": seq} for key, seq in seqs.items()])
