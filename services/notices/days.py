"""The list of a person's notices: pages of whole local days, so that what is alike stands on one page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func

from reporting.dated.calendar import LOCAL, local_day
from reporting.keyset import Turn, read, written
from services.access.actors import Actor
from services.notices.alike import Alike, Bundle, Entry, bundled
from services.notices.inbox import entry_of, listed_for, reader_of
from services.store.keyset import Portion, portion_of
from services.store.notice_tables import NOTICE_READS, NOTICES
from services.store.row_writer import upsert
from services.store.store import Store

PAGE_SIZE = 50
"""A page ends with the day that brings it to so many rows."""

READ_AT_ONCE = 500
_at = NOTICES.c.occurred_at


@dataclass(frozen=True, slots=True)
class Days:
    """The rows of whole days, the latest first, and where the neighbouring pages begin."""

    bundles: Sequence[Bundle]
    previous: Turn | None
    next: Turn | None


def days_for(store: Store, actor: Actor, turn: Turn | None = None) -> Days:
    """Return a page of the actor's notices."""
    turn = turn or Turn()
    reader = reader_of(store, actor)
    asked = listed_for(actor, reader)
    before, after = _day(turn.before), _day(turn.after)
    with store.read() as conn:
        if before is not None:
            rows, more = _whole_days(conn, asked.where(_at >= _begin(before + dt.timedelta(1))), latest=False)
        else:
            earlier = asked if after is None else asked.where(_at < _begin(after))
            rows, more = _whole_days(conn, earlier, latest=True)
    bundles = bundled(entry_of(row, reader) for row in rows)
    if not bundles:
        return Days((), Turn() if before or after else None, None)
    first, last = bundles[0].alike.day, bundles[-1].alike.day
    previous = Turn(before=_written(first)) if after is not None or (before is not None and more) else None
    following = Turn(after=_written(last)) if before is not None or more else None
    return Days(bundles, previous, following)


def entries_alike(
    store: Store, actor: Actor, alike: Alike, turn: Turn | None = None
) -> tuple[list[Entry], Portion]:
    """Return a page of the actor's notices that are alike, the latest first, and where its neighbours begin."""
    reader = reader_of(store, actor)
    with store.read() as conn:
        found = portion_of(conn, _alike(actor, alike, store), _at, NOTICES.c.id, turn or Turn(), PAGE_SIZE)
    return [entry_of(row, reader) for row in found.rows], found


def read_alike(store: Store, actor: Actor, alike: Alike, now: dt.datetime) -> None:
    """Mark the actor's notices that are alike as read."""
    with store.begin() as conn:
        found = conn.execute(_alike(actor, alike, store).where(NOTICE_READS.c.read_at.is_(None)))
        rows = [{"notice_id": row.id, "subject": actor.subject, "read_at": now} for row in found]
        if rows:
            upsert(conn, NOTICE_READS, rows)


def _alike(actor: Actor, alike: Alike, store: Store) -> Select[Any]:
    return listed_for(actor, reader_of(store, actor)).where(
        _at >= _begin(alike.day),
        _at < _begin(alike.day + dt.timedelta(1)),
        NOTICES.c.template == alike.template,
        func.coalesce(NOTICES.c.detail, "") == alike.detail,
        func.coalesce(NOTICES.c.kind, "") == alike.kind,
        NOTICES.c.urgent.is_(alike.urgent),
    )


def _whole_days(conn: Connection, asked: Select[Any], *, latest: bool) -> tuple[list[Row[Any]], bool]:
    """Return whole days of a query until they fill a page, the latest notice first, and whether more days follow.

    Args:
        latest: whether the days are taken from the latest on; else from the earliest.
    """
    order = (_at.desc(), NOTICES.c.id) if latest else (_at, NOTICES.c.id.desc())
    found = list(conn.execute(asked.order_by(*order).limit(READ_AT_ONCE + 1)))
    taken: list[Row[Any]] = []
    count = 0
    for day, of_day in groupby(found, key=lambda row: local_day(row.occurred_at)):
        rows = list(of_day)
        if len(found) > READ_AT_ONCE and rows[-1] is found[-1]:
            if taken:
                return _latest_first(taken, latest), True
            # One day holds more than was read: it is read whole.
            within = and_(_at >= _begin(day), _at < _begin(day + dt.timedelta(1)))
            rows = list(conn.execute(asked.where(within).order_by(*order)))
            beyond = _at < _begin(day) if latest else _at >= _begin(day + dt.timedelta(1))
            return _latest_first(rows, latest), conn.execute(asked.where(beyond).limit(1)).first() is not None
        taken += rows
        count += len(bundled(entry_of(row) for row in rows))
        if count >= PAGE_SIZE:
            break
    return _latest_first(taken, latest), len(taken) < len(found)


def _latest_first(rows: list[Row[Any]], latest: bool) -> list[Row[Any]]:
    return rows if latest else rows[::-1]


def _begin(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, LOCAL)


def _written(day: dt.date) -> str:
    return written((day.isoformat(),))


def _day(text: str) -> dt.date | None:
    key = read(text, ("",))
    try:
        found = None if key is None else dt.date.fromisoformat(str(key[0]))
    except ValueError:
        return None
    # The first and the last day that a calendar can hold have no neighbour.
    return found if found is not None and dt.date.min < found < dt.date.max else None
