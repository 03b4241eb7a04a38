"""The book of notices: one entry per notice, with the deliveries that the subscriptions of its body need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID, uuid5

from sqlalchemy import Connection, select

from reporting.dated.bodies import territory_of
from reporting.dated.calendar import WorkingCalendar
from reporting.dated.notice_hours import NoticeHoursTable
from reporting.notice import Notice
from services.store.notice_tables import (
    DELIVERIES,
    NOTICE_STARTS,
    NOTICES,
    SUBSCRIPTIONS,
)
from services.store.row_writer import Values, insert_missing
from services.store.store import Store

_AT_ONCE = 200


class Ends(Protocol):
    """The part of the log that returns its ends."""

    @property
    def epoch(self) -> int:
        """Return the number of this log."""
        ...

    def end_positions(self, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset that the next record will get."""
        ...


@dataclass(frozen=True, slots=True)
class Starts:
    """The offset on each partition of a topic from which notices are derived."""

    offsets: Mapping[tuple[str, int], int]

    def covers(self, topic: str, partition: int, offset: int) -> bool:
        """Return whether a record is recent enough for a notice."""
        return offset >= self.offsets.get((topic, partition), 0)


class NoticeBook:
    """Write each notice once, also if it is derived twice. Safe to use from several threads.

    Args:
        store: keeps the notices.
        calendar: gives the working days and the end of the office day.
        hours: gives the hours in which notices are sent, and the hour of the digest.
    """

    def __init__(self, store: Store, calendar: WorkingCalendar, hours: NoticeHoursTable) -> None:
        self._store = store
        self._calendar = calendar
        self._hours = hours

    def starts(self, log: Ends, topics: Sequence[str]) -> Starts:
        """Return the offsets from which notices are derived; the first call on a log stores its ends.

        So no history is notified: not on a first start on an old log, nor after the log was replaced, nor in
        a replay.
        """
        rows = [
            {"topic": topic, "partition": partition, "epoch": log.epoch, "log_offset": end}
            for topic in topics
            for partition, end in log.end_positions(topic).items()
        ]
        of_this_log = NOTICE_STARTS.c.epoch == log.epoch
        with self._store.begin() as conn:
            asked = select(NOTICE_STARTS).where(of_this_log)
            known = {(row.topic, row.partition) for row in conn.execute(asked)}
            missing = [row for row in rows if (row["topic"], row["partition"]) not in known]
            if missing:
                conn.execute(NOTICE_STARTS.insert(), missing)
            found = conn.execute(asked).all()
        return Starts({(row.topic, row.partition): row.log_offset for row in found})

    def write(self, notices: Iterable[Notice], now: dt.datetime) -> int:
        """Write the new notices with their deliveries in one transaction; return the number of new ones."""
        wanted = {notice.id: notice for notice in notices}
        if not wanted:
            return 0
        with self._store.begin() as conn:
            fresh = _missing(conn, wanted)
            insert_missing(conn, NOTICES, [_row(notice, now) for notice in fresh], unique="id")
            insert_missing(conn, DELIVERIES, self._deliveries(conn, fresh, now), unique="id")
        return len(fresh)

    def write_past(self, notices: Iterable[Notice]) -> int:
        """Write the new notices of a simulated past, each noted at its own instant; return the number of new ones.

        They have no deliveries: the past of a simulation is sent to nobody today.
        """
        wanted = {notice.id: notice for notice in notices}
        if not wanted:
            return 0
        with self._store.begin() as conn:
            fresh = _missing(conn, wanted)
            insert_missing(conn, NOTICES, [_row(notice, notice.occurred_at) for notice in fresh], unique="id")
        return len(fresh)

    def _deliveries(self, conn: Connection, fresh: Sequence[Notice], now: dt.datetime) -> list[Values]:
        bodies = {notice.recipient.body for notice in fresh}
        asked = select(SUBSCRIPTIONS).where(
            SUBSCRIPTIONS.c.ended_at.is_(None), SUBSCRIPTIONS.c.body.in_(bodies)
        )
        subscriptions = conn.execute(asked).all() if fresh else []
        return [
            {
                "id": uuid5(notice.id, str(one.id)),
                "notice_id": notice.id,
                "subscription_id": one.id,
                "state": "waiting",
                "due_at": self._leaves_at(notice, one.channel, now, daily=one.daily),
                "attempts": 0,
                "noted_at": now,
            }
            for notice in fresh
            for one in subscriptions
            if one.body == notice.recipient.body
        ]

    def _leaves_at(self, notice: Notice, channel: str, now: dt.datetime, *, daily: bool) -> dt.datetime:
        # Quiet hours are for people: a machine receives a webhook at any hour.
        if channel == "webhook":
            return now
        return self._hours.leaves_at(now, self._calendar, urgent=notice.urgent, daily=daily)


def _missing(conn: Connection, wanted: Mapping[UUID, Notice]) -> list[Notice]:
    known = _known(conn, list(wanted))
    return [notice for one, notice in wanted.items() if one not in known]


def _known(conn: Connection, ids: Sequence[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for start in range(0, len(ids), _AT_ONCE):
        asked = select(NOTICES.c.id).where(NOTICES.c.id.in_(ids[start : start + _AT_ONCE]))
        found |= set(conn.scalars(asked))
    return found


def _row(notice: Notice, now: dt.datetime) -> Values:
    roles = notice.recipient.roles
    return {
        "id": notice.id,
        "cause": notice.cause,
        "template": notice.template,
        "body": notice.recipient.body,
        "territory": territory_of(notice.recipient.body),
        "roles": f",{','.join(roles)}," if roles else "",
        "urgent": notice.urgent,
        "unit_code": notice.unit_code,
        "kind": notice.kind,
        "issue_id": notice.issue_id,
        "escalation_id": notice.escalation_id,
        "spot_id": notice.spot_id,
        "detail": notice.detail,
        "occurred_at": notice.occurred_at,
        "noted_at": now,
    }
