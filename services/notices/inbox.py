"""The notices of each person: those of their body and role, the read ones, the muted templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from reporting.notice import TEMPLATES
from services.access.actors import Actor
from services.errors import NotFound
from services.notices.alike import Entry
from services.notices.words import WrittenNotice, written
from services.store.notice_tables import NOTICE_READERS, NOTICE_READS, NOTICES
from services.store.row_writer import upsert
from services.store.store import Store

COUNTED_FOR = dt.timedelta(days=30)
"""An older notice no longer counts as unread; it is still listed."""

MOST_COUNTED = 100
# These roles look after other people's work: only notices addressed to their role are theirs.
_BY_ROLE_ONLY = frozenset({"administrator", "auditor"})


@dataclass(frozen=True, slots=True)
class Reader:
    """The choices of a person: templates not to list, and until when everything counts as read."""

    muted: frozenset[str] = frozenset()
    read_until: dt.datetime | None = None


def reader_of(store: Store, actor: Actor) -> Reader:
    """Return the choices of a person; the default choices if they made none."""
    with store.read() as conn:
        row = conn.execute(select(NOTICE_READERS).where(NOTICE_READERS.c.subject == actor.subject)).first()
    return Reader() if row is None else Reader(frozenset(filter(None, row.muted.split(","))), row.read_until)


def listed_for(actor: Actor, reader: Reader) -> Select[Any]:
    """Return the query of all notices of a person that are listed, with when each was read."""
    return _listed(actor, reader, NOTICES, NOTICE_READS.c.read_at)


def entry_of(row: Row[Any], reader: Reader | None = None) -> Entry:
    """Return the entry of a row of `listed_for`; without a reader's choices only what was opened counts as read."""
    return Entry(written(row), _is_read(row, reader or Reader()))


def unread_count(store: Store, actor: Actor, now: dt.datetime) -> int:
    """Count the unread notices of the last thirty days, up to a hundred."""
    reader = reader_of(store, actor)
    since = max(now - COUNTED_FOR, reader.read_until or now - COUNTED_FOR)
    unread = (
        _listed(actor, reader, NOTICES.c.id)
        .where(NOTICES.c.noted_at > since, NOTICE_READS.c.read_at.is_(None))
        .limit(MOST_COUNTED)
    )
    with store.read() as conn:
        return conn.scalar(select(func.count()).select_from(unread.subquery())) or 0


def open_notice(store: Store, actor: Actor, notice_id: UUID, now: dt.datetime) -> WrittenNotice:
    """Return a notice of the actor, and store that it was read.

    Raises:
        NotFound: no notice has that id, or it is another's.
    """
    with store.begin() as conn:
        row = conn.execute(select(NOTICES).where(NOTICES.c.id == notice_id, _addressed_to(actor))).first()
        if row is None:
            raise NotFound("you have no notice of that id", field="id")
        upsert(conn, NOTICE_READS, [{"notice_id": notice_id, "subject": actor.subject, "read_at": now}])
    return written(row)


def read_all(store: Store, actor: Actor, now: dt.datetime) -> None:
    """Mark everything up to now as read."""
    _choose(store, actor, now, Reader(reader_of(store, actor).muted, now))


def mute(store: Store, actor: Actor, templates: Collection[str], now: dt.datetime) -> None:
    """Mute these templates: only others are listed; notices on the body's deadlines can be muted too."""
    muted = frozenset(templates) & frozenset(TEMPLATES)
    _choose(store, actor, now, Reader(muted, reader_of(store, actor).read_until))


def _choose(store: Store, actor: Actor, now: dt.datetime, reader: Reader) -> None:
    row = {
        "subject": actor.subject,
        "muted": ",".join(sorted(reader.muted)),
        "read_until": reader.read_until,
        "changed_at": now,
    }
    with store.begin() as conn:
        upsert(conn, NOTICE_READERS, [row])


def _listed(actor: Actor, reader: Reader, *columns: Any) -> Select[Any]:
    mine = and_(NOTICE_READS.c.notice_id == NOTICES.c.id, NOTICE_READS.c.subject == actor.subject)
    asked: Select[Any] = select(*columns).select_from(NOTICES.outerjoin(NOTICE_READS, mine))
    return asked.where(_addressed_to(actor), NOTICES.c.template.not_in(reader.muted))


def _addressed_to(actor: Actor) -> ColumnElement[bool]:
    named = NOTICES.c.roles.contains(f",{actor.role},", autoescape=True)
    if actor.role in _BY_ROLE_ONLY:
        return and_(NOTICES.c.territory == actor.unit_code, named)
    if actor.body is None:
        whose = NOTICES.c.territory == actor.unit_code
    else:
        whose = NOTICES.c.body.in_(_bodies_of(actor, actor.body))
    return and_(whose, or_(NOTICES.c.roles == "", named))


def _bodies_of(actor: Actor, body: str) -> Sequence[str]:
    """Return the bodies whose notices a person gets: the provincial office works for the committee too."""
    return (body, f"{actor.unit_code}.ubnd") if actor.role == "province_reviewer" else (body,)


def _is_read(row: Row[Any], reader: Reader) -> bool:
    return row.read_at is not None or (reader.read_until is not None and row.noted_at <= reader.read_until)
