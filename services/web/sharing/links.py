"""Share links in the store: made, counted, ended; opened only while their sharer has the right that they carry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, and_, delete, insert, or_, select, true, update

from events.envelope import Role
from events.errors import LienCapError
from reporting.dated.calendar import local_day
from services.access.actors import Actor, label_of
from services.access.policy import WATCHING, may
from services.access.share_tokens import NO_SUCH_LINK, check_content, link_id_of, share_token
from services.access.tokens import checked_actor
from services.errors import BadInput, Conflict, Forbidden, LinkOver, NotFound
from services.store.share_tables import SHARE_LINKS, SHARE_LOCKS
from services.web.sharing.targets import Target, pinned, target_of
from services.web.shell.parts import Parts

DAYS = (1, 7, 30, 90)
"""How long a link may open."""
MOST_AT_ONCE = 100
"""So many links of one desk open at the same time."""
_ENDED = "this link does not open any more: ask who shared it for a new one"


@dataclass(frozen=True, slots=True)
class ShareLink:
    """A row of the table."""

    id: UUID
    role: str
    unit_code: str
    body: str | None
    subject: str
    path: str
    query: str
    made_at: dt.datetime
    expires_at: dt.datetime
    ended_at: dt.datetime | None
    ended_by: str | None
    use_count: int
    last_used_at: dt.datetime | None

    @property
    def actor(self) -> Actor:
        """Return whose right the link carries."""
        return Actor(cast("Role", self.role), self.unit_code, self.body, self.subject)

    @property
    def target(self) -> Target:
        """Return what it opens."""
        return target_of(f"{self.path}?{self.query}" if self.query else self.path)

    @property
    def signed(self) -> tuple[str, ...]:
        """Return everything that its name is signed over."""
        return (
            *(self.role, self.unit_code, self.body or "", self.subject, self.path, self.query),
            self.expires_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        )

    def is_over(self, now: dt.datetime) -> bool:
        """Return whether it was ended, or its time is over."""
        return self.ended_at is not None or now >= self.expires_at


class ShareBook:
    """Makes, lists, ends and opens links."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def share(self, actor: Actor, address: str, days: int) -> ShareLink:
        """Make a link that opens an address with the right that the actor has now.

        Raises:
            BadInput: no link may lead there, or not for so many days.
            Forbidden: the actor may not open it, or may share nothing.
            Conflict: the desk has too many links that open.
        """
        if days not in DAYS:
            raise BadInput(f"a link opens for {', '.join(map(str, DAYS))} days", field="days")
        target, now = pinned(target_of(address), self._parts, actor), self._parts.clock()
        if self._is_locked(actor.subject):
            raise Forbidden("the administrator has ended sharing for you")
        if sum(not one.is_over(now) for one in self._of(_desk(actor))) >= MOST_AT_ONCE:
            raise Conflict(f"{MOST_AT_ONCE} links are open: end some first")
        link = ShareLink(
            id=uuid4(),
            role=actor.role,
            unit_code=actor.unit_code,
            body=actor.body,
            subject=actor.subject,
            path=target.path,
            query=target.query,
            made_at=now,
            expires_at=(now + dt.timedelta(days=days)).replace(microsecond=0),
            ended_at=None,
            ended_by=None,
            use_count=0,
            last_used_at=None,
        )
        with self._parts.store.begin() as conn:
            conn.execute(
                insert(SHARE_LINKS).values(**{one.name: getattr(link, one.name) for one in fields(link)})
            )
        return link

    def token(self, link: ShareLink) -> str:
        """Return the signed name of a link, the same each time until the keys are rotated."""
        return share_token(self._parts.access.keys(), link.id, link.signed)

    def open(self, token: str) -> ShareLink:
        """Return the link of a signed name, and count the use.

        Raises:
            LinkOver: it was not signed here, was changed, ended or expired; or its sharer has lost the right.
        """
        link = self._standing(token)
        used = update(SHARE_LINKS).where(SHARE_LINKS.c.id == link.id)
        with self._parts.store.begin() as conn:
            conn.execute(used.values(use_count=SHARE_LINKS.c.use_count + 1, last_used_at=self._parts.clock()))
        return link

    def _standing(self, token: str) -> ShareLink:
        keys = self._parts.access.keys()
        found = self._of(SHARE_LINKS.c.id == link_id_of(keys, token))
        if not found:
            raise LinkOver(NO_SUCH_LINK, field="link")
        [link] = found
        check_content(keys, token, link.signed)
        if link.is_over(self._parts.clock()) or self._is_locked(link.subject):
            raise LinkOver(_ENDED, field="link")
        try:
            self._check_right(link)
        except LienCapError:
            raise LinkOver(_ENDED, field="link") from None
        return link

    def _check_right(self, link: ShareLink) -> None:
        """Check that unit and body are there today and that the role may still open it."""
        tables, today = self._parts.tables, local_day(self._parts.clock())
        actor = checked_actor(link.actor)
        tables.units.get(actor.unit_code, today)
        if actor.body is not None:
            tables.bodies.get(actor.body)
        pinned(link.target, self._parts, actor)

    def listed(self, actor: Actor) -> list[ShareLink]:
        """Return the links of the actor's desk, the latest first; to who watches also those of its units."""
        if actor.role not in WATCHING:
            return self._of(_desk(actor))
        units = self._parts.tables.units
        found = self._of(true())
        return [one for one in found if units.is_within(one.unit_code, actor.unit_code)]

    def may_end(self, actor: Actor, link: ShareLink) -> bool:
        """Return whether somebody may end a link: their desk made it, or they administer its unit."""
        is_own = (link.role, link.unit_code, link.body) == (actor.role, actor.unit_code, actor.body)
        return is_own or self.may_lock(actor, link)

    def may_lock(self, actor: Actor, link: ShareLink) -> bool:
        """Return whether somebody may end sharing for who made a link."""
        units = self._parts.tables.units
        return actor.role == "administrator" and may(actor, "rollups.read", link.unit_code, units=units)

    def end(self, actor: Actor, link_id: UUID) -> None:
        """End a link.

        Raises:
            NotFound: there is no such link.
            Forbidden: it is another desk's.
        """
        link = self._one(link_id)
        if not self.may_end(actor, link):
            raise Forbidden("this link is another desk's")
        ended = update(SHARE_LINKS).where(SHARE_LINKS.c.id == link_id, SHARE_LINKS.c.ended_at.is_(None))
        with self._parts.store.begin() as conn:
            conn.execute(ended.values(ended_at=self._parts.clock(), ended_by=label_of(actor)))

    def lock(self, actor: Actor, link_id: UUID, *, locked: bool) -> None:
        """Let whoever made a link share nothing any more, or share again.

        Raises:
            NotFound: there is no such link.
            Forbidden: the actor does not administer its unit.
        """
        link = self._one(link_id)
        if not self.may_lock(actor, link):
            raise Forbidden("only who administers the unit ends sharing for somebody")
        with self._parts.store.begin() as conn:
            conn.execute(delete(SHARE_LOCKS).where(SHARE_LOCKS.c.subject == link.subject))
            if locked:
                row = {
                    "subject": link.subject,
                    "locked_at": self._parts.clock(),
                    "locked_by": label_of(actor),
                }
                conn.execute(insert(SHARE_LOCKS).values(**row))

    def locked(self, links: Sequence[ShareLink]) -> frozenset[str]:
        """Return who of those that made some links may share nothing."""
        asked = select(SHARE_LOCKS.c.subject)
        with self._parts.store.read() as conn:
            known = set(conn.scalars(asked))
        return frozenset(one.subject for one in links if one.subject in known)

    def _is_locked(self, subject: str) -> bool:
        asked = select(SHARE_LOCKS.c.subject).where(SHARE_LOCKS.c.subject == subject)
        with self._parts.store.read() as conn:
            return conn.scalar(asked) is not None

    def _one(self, link_id: UUID) -> ShareLink:
        found = self._of(SHARE_LINKS.c.id == link_id)
        if not found:
            raise NotFound("there is no such link", field="link")
        return found[0]

    def _of(self, which: ColumnElement[bool]) -> list[ShareLink]:
        asked = select(SHARE_LINKS).where(which).order_by(SHARE_LINKS.c.made_at.desc())
        with self._parts.store.read() as conn:
            return [_link(row) for row in conn.execute(asked)]


def _desk(actor: Actor) -> ColumnElement[bool]:
    """Return whose links are an actor's own: a new token is a new person, and the desk stays."""
    body = SHARE_LINKS.c.body.is_(None) if actor.body is None else SHARE_LINKS.c.body == actor.body
    return or_(
        and_(SHARE_LINKS.c.role == actor.role, SHARE_LINKS.c.unit_code == actor.unit_code, body),
        and_(SHARE_LINKS.c.subject == actor.subject, SHARE_LINKS.c.unit_code == actor.unit_code),
    )


def _link(row: Row[Any]) -> ShareLink:
    return ShareLink(**{one.name: getattr(row, one.name) for one in fields(ShareLink)})
