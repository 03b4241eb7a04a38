"""Pages of rows of the store, the latest first, that go on from a row: nothing is skipped or shown twice meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Row, Select, and_, or_

from reporting.keyset import EPOCH, Key, Turn, instant_key, read, written

_MOST = 2**63 - 1
"""The highest number that a store compares with."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Rows of one page; `previous` and `next` are where the neighbouring pages begin, None where there is none."""

    rows: Sequence[Row[Any]]
    previous: Turn | None
    next: Turn | None


def portion_of(
    conn: Connection,
    asked: Select[Any],
    at: Column[dt.datetime],
    identity: Column[Any],
    turn: Turn,
    size: int,
) -> Portion:
    """Return one page of a query, the latest first; of one instant, by identity.

    Args:
        conn: a transaction that reads.
        asked: the query without an order.
        at: the instant of a row, among the columns that are asked for.
        identity: its id, a UUID or a number, among them too.
        turn: where the page begins.
        size: so many rows a page has.
    """
    numbered = identity.type.python_type is int
    before, after = _place(turn.before, numbered=numbered), _place(turn.after, numbered=numbered)
    if before is not None:
        asked = asked.where(or_(at > before[0], and_(at == before[0], identity < before[1])))
        found = list(conn.execute(asked.order_by(at, identity.desc()).limit(size + 1)))
        rows = found[:size][::-1]
    else:
        if after is not None:
            asked = asked.where(or_(at < after[0], and_(at == after[0], identity > after[1])))
        found = list(conn.execute(asked.order_by(at.desc(), identity).limit(size + 1)))
        rows = found[:size]
    if not rows:
        # Whatever came after the row is gone by now: the way back leads to the beginning.
        return Portion(rows, Turn() if after or before else None, None)
    more = len(found) > size
    first, last = (written(_key(row, at.key, identity.key)) for row in (rows[0], rows[-1]))
    previous = Turn(before=first) if after is not None or (before is not None and more) else None
    following = Turn(after=last) if before is not None or more else None
    return Portion(rows, previous, following)


def _key(row: Row[Any], at: str, identity: str) -> Key:
    named: UUID | int = getattr(row, identity)
    return instant_key(getattr(row, at)), named if isinstance(named, int) else named.hex


def _place(text: str, *, numbered: bool) -> tuple[dt.datetime, UUID | int] | None:
    key = read(text, (0, 0) if numbered else (0, ""))
    if key is None:
        return None
    try:
        at = EPOCH + dt.timedelta(microseconds=int(key[0]))
        return at, max(-_MOST, min(int(key[1]), _MOST)) if numbered else UUID(str(key[1]))
    except (ValueError, OverflowError):
        return None
