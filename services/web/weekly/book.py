"""Who asked for the weekly mail: rows that a person adds for themselves and ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, insert, select, update

from events.envelope import Role
from services.access.actors import Actor, label_of
from services.errors import Conflict, NotFound
from services.language.labels import Lang
from services.notices.subscriptions import check_mail_address
from services.store.store import Store
from services.store.weekly_tables import WEEKLY_MAILS

MOST_PER_DESK = 20


@dataclass(frozen=True, slots=True)
class WeeklyMail:
    """One address that gets the mail, and the right of who asked for it."""

    id: UUID
    role: str
    unit_code: str
    body: str | None
    subject: str
    address: str
    lang: Lang
    added_at: dt.datetime

    @property
    def actor(self) -> Actor:
        """Return with whose right the numbers are read."""
        return Actor(cast("Role", self.role), self.unit_code, self.body, self.subject)


class WeeklyBook:
    """Adds, lists and ends."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, actor: Actor, now: dt.datetime, address: str, lang: Lang) -> UUID:
        """Let an address get the mail from the next one on.

        Raises:
            BadInput: it is no e-mail address.
            Conflict: the desk has that address already, or too many.
        """
        address = address.strip()
        check_mail_address(address)
        known = self.of_desk(actor)
        if address in {one.address for one in known}:
            raise Conflict("this address gets the weekly mail already", field="address")
        if len(known) >= MOST_PER_DESK:
            raise Conflict(f"a desk has at most {MOST_PER_DESK} addresses: end one first", field="address")
        row = {
            "id": uuid4(),
            "role": actor.role,
            "unit_code": actor.unit_code,
            "body": actor.body,
            "subject": actor.subject,
            "address": address,
            "lang": lang,
            "added_at": now,
        }
        with self._store.begin() as conn:
            conn.execute(insert(WEEKLY_MAILS).values(**row))
        return cast("UUID", row["id"])

    def of_desk(self, actor: Actor) -> list[WeeklyMail]:
        """Return the addresses of an actor's role, unit and body: a new token is a new person, and the desk stays."""
        body = WEEKLY_MAILS.c.body.is_(None) if actor.body is None else WEEKLY_MAILS.c.body == actor.body
        return self._standing(
            WEEKLY_MAILS.c.role == actor.role, WEEKLY_MAILS.c.unit_code == actor.unit_code, body
        )

    def all(self) -> list[WeeklyMail]:
        """Return every address that gets the mail."""
        return self._standing()

    def end(self, actor: Actor, now: dt.datetime, mail_id: UUID) -> None:
        """End the mail to an address of the actor's desk.

        Raises:
            NotFound: the desk has no such address.
        """
        if mail_id not in {one.id for one in self.of_desk(actor)}:
            raise NotFound("your desk has no such address", field="id")
        self.end_of(mail_id, now, label_of(actor))

    def end_of(self, mail_id: UUID, now: dt.datetime, by: str) -> None:
        """End the mail to an address."""
        ended = update(WEEKLY_MAILS).where(WEEKLY_MAILS.c.id == mail_id, WEEKLY_MAILS.c.ended_at.is_(None))
        with self._store.begin() as conn:
            conn.execute(ended.values(ended_at=now, ended_by=by))

    def _standing(self, *which: ColumnElement[bool]) -> list[WeeklyMail]:
        asked = select(WEEKLY_MAILS).where(WEEKLY_MAILS.c.ended_at.is_(None), *which)
        with self._store.read() as conn:
            rows: Sequence[Row[Any]] = conn.execute(asked.order_by(WEEKLY_MAILS.c.added_at)).all()
        return [
            WeeklyMail(**{one.name: getattr(row, one.name) for one in fields(WeeklyMail)}) for row in rows
        ]
