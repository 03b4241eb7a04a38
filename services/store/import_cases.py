"""The cases that each import changed, in the operational store, so that a run can be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete, or_, select, update

from services.store.import_tables import IMPORT_CASES, RETRACTED_CASES
from services.store.row_writer import insert_rows, upsert

BY_AN_ACT = UUID(int=0)


class Changed(NamedTuple):
    """A case that a run changed: the last `seq` that the run gave, and the state before the run, if there was one."""

    run_id: UUID
    case_key: str
    seq: int
    state_before: bytes | None
    confirmed_by: UUID | None = None
    """The later import that stated the same, BY_AN_ACT, or nobody."""


def note_changed(conn: Connection, changed: Sequence[Changed]) -> None:
    """Note cases in the transaction of their change.

    Of a case that the run changed before, the first state stays, unless somebody else changed it in between: then what
    the run found now is what taking it back comes to.
    """
    if not changed:
        return
    run_id = changed[0].run_id
    keys = [one.case_key for one in changed]
    query = select(IMPORT_CASES).where(IMPORT_CASES.c.run_id == run_id, IMPORT_CASES.c.case_key.in_(keys))
    known = {row.case_key: row for row in conn.execute(query)}
    insert_rows(conn, IMPORT_CASES, [one._asdict() for one in changed if one.case_key not in known])
    again = [
        one._replace(state_before=known[one.case_key].state_before)
        if _seq_of(one.state_before) == known[one.case_key].seq
        else one
        for one in changed
        if one.case_key in known
    ]
    upsert(conn, IMPORT_CASES, [one._asdict() for one in again])


def note_confirmed(conn: Connection, confirmed: Mapping[str, UUID | None]) -> None:
    """Note that an import, or an act where there is none, states what stands: taking another import back leaves it.

    What an act has confirmed stays so: no import that confirms it too can be taken back and leave it open again, and
    a repeated call writes nothing.
    """
    for run_id in {one or BY_AN_ACT for one in confirmed.values()}:
        keys = [key for key, one in confirmed.items() if (one or BY_AN_ACT) == run_id]
        conn.execute(
            update(IMPORT_CASES)
            .where(
                IMPORT_CASES.c.case_key.in_(keys),
                IMPORT_CASES.c.run_id != run_id,
                or_(
                    IMPORT_CASES.c.confirmed_by.is_(None),
                    IMPORT_CASES.c.confirmed_by.not_in((BY_AN_ACT, run_id)),
                ),
            )
            .values(confirmed_by=run_id)
        )


def forget_confirmed(conn: Connection, run_id: UUID) -> None:
    """Forget what an import confirmed, because it is taken back itself."""
    confirmed = IMPORT_CASES.c.confirmed_by == run_id
    conn.execute(update(IMPORT_CASES).where(confirmed).values(confirmed_by=None))


def _seq_of(state: bytes | None) -> int | None:
    return None if state is None else int(json.loads(state)["seq"])


def note_restored(conn: Connection, case_key: str, before: int, after: int) -> None:
    """Note that a former state of a case stands again under a new `seq`, for the run that had given the former one."""
    conn.execute(
        update(IMPORT_CASES)
        .where(IMPORT_CASES.c.case_key == case_key, IMPORT_CASES.c.seq == before)
        .values(seq=after)
    )


def changed_by(conn: Connection, run_id: UUID, after: str, most: int) -> list[Changed]:
    """Return some of the cases that a run changed and that were not taken back, in the order of their keys."""
    query = (
        select(IMPORT_CASES)
        .where(IMPORT_CASES.c.run_id == run_id, IMPORT_CASES.c.case_key > after)
        .order_by(IMPORT_CASES.c.case_key)
        .limit(most)
    )
    return [
        Changed(row.run_id, row.case_key, row.seq, row.state_before, row.confirmed_by)
        for row in conn.execute(query)
    ]


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
