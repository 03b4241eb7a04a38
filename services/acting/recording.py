"""Shared steps of every recorded act: its texts, its envelope, its key, and the error for whoever acts too late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy import Connection, select

from events.codec import decode
from events.envelope import Envelope
from events.fields import TextRef
from reporting.dated.bodies import NATION
from reporting.dated.units import UnitTable
from reporting.issues.state import Act, Outcome
from services.access.actors import Actor
from services.acting.context import Content
from services.acting.parts import ActParts
from services.acting.texts import Put
from services.arrivals import Family
from services.errors import BadInput, Conflict, Current, KeyReused, LatestAct
from services.store.outbox import enqueue
from services.store.store import OUTBOX


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The event of one act: recorded with its texts in one transaction, then awaited.

    Attributes:
        subject: the issue or the problem that the act is about.
        unit_code: whose texts are kept.
    """

    parts: ActParts
    actor: Actor
    family: Family
    subject: UUID
    unit_code: str
    event_id: UUID
    event_type: str

    def record(
        self,
        content: Callable[[Put, dt.datetime], Content],
        check: Callable[[Envelope], None],
        *,
        expected_version: int | None,
        on_behalf_of: str | None,
    ) -> Envelope | None:
        """Record the act, unless it was recorded before; nothing is stored where `check` raises.

        Returns:
            The event that was recorded under this id before, or None.

        Raises:
            KeyReused: another act is recorded under this id.
        """
        with self.parts.store.begin() as conn:
            before = event_recorded(conn, self.event_id)
            if before is None:
                now = self.parts.clock()
                event = event_by(
                    self.actor,
                    content(self._keeper(conn), now),
                    source=source_of(self.actor, self.parts.tables.units),
                    event_id=self.event_id,
                    subject=self.subject,
                    now=now,
                    expected_version=expected_version,
                    on_behalf_of=on_behalf_of,
                )
                check(event)
                enqueue(conn, event)
            elif (before.subject, before.type) != (str(self.subject), self.event_type):
                raise other_act()
        return before

    def outcome(self) -> Outcome | None:
        """Wait for the outcome of the act; None where it was not folded within the waiting time."""
        parts = self.parts
        return parts.arrivals.wait_for(
            self.event_id, parts.wait_seconds, subject=self.subject, family=self.family
        )

    def _keeper(self, conn: Connection) -> Put:
        """Return the function that stores the texts of the act; ids follow from the act, so that a repeated request finds its own."""

        def put(text: str, purpose: str) -> TextRef:
            text_id = uuid5(self.event_id, purpose)
            return self.parts.texts.put(
                conn, text, unit_code=self.unit_code, purpose=purpose, text_id=text_id
            )

        return put


def event_recorded(conn: Connection, event_id: UUID) -> Envelope | None:
    """Return the event that stands in the outbox under an id."""
    value = conn.scalar(select(OUTBOX.c.value).where(OUTBOX.c.event_id == event_id))
    return None if value is None else decode(value)


def check_allowed(outcome: Outcome, conflict: Callable[[str | None], Conflict], *, is_stale: bool) -> None:
    """Raise what the trial fold refused, or a conflict where the actor saw an older version.

    Raises:
        Conflict: somebody else was first, or the state does not allow it.
        BadInput: it needs a document.
    """
    if is_stale:
        raise conflict("version_conflict")
    if outcome.reason_code == "document_required":
        raise BadInput(
            "this answer needs an official document: number and date", field="document", error_key="document"
        )
    if not outcome.accepted:
        raise conflict(outcome.reason_code)


def other_act() -> KeyReused:
    """Build the error for a key under which another act is recorded."""
    return KeyReused("this key belongs to another act: make a new one", field="Idempotency-Key")


def event_by(
    actor: Actor,
    content: Content,
    *,
    source: str,
    event_id: UUID,
    subject: UUID,
    now: dt.datetime,
    expected_version: int | None,
    on_behalf_of: str | None,
) -> Envelope:
    """Return the envelope of an actor's content about a subject."""
    kind, data = content
    return kind.model_validate(
        {
            "id": event_id,
            "source": source,
            "subject": str(subject),
            "time": now,
            "recorded_at": now,
            "partition_key": str(subject),
            "expected_version": expected_version,
            "actor_role": actor.role,
            "actor_unit": actor.unit_code,
            "actor_body": actor.body,
            "on_behalf_of": on_behalf_of,
            "data": data,
            **{name: kind.model_fields[name].default for name in ("type", "dataschema")},
        }
    )


def conflict(
    reason: str | None, latest: Act | None, *, state: str, version: int, allowed: list[str] | None = None
) -> Conflict:
    """Build the 409: current state, version, latest act, allowed acts."""
    current = Current(reason=reason, state=state, version=version, latest_act=_shown(latest))
    if allowed is not None:
        current["allowed"] = allowed
    if reason == "version_conflict":
        sentence = f"somebody else was first: the version is {version} now, look again"
        return Conflict(sentence, field="expected_version", **current)
    return Conflict(f"the state {state} does not allow this step", **current)


def _shown(latest: Act | None) -> LatestAct | None:
    if latest is None:
        return None
    return LatestAct(
        event=latest.type,
        actor_role=latest.actor_role,
        actor_unit=latest.actor_unit,
        recorded_at=latest.recorded_at,
    )


def source_of(actor: Actor, units: UnitTable) -> str:
    """Return the `source` of an actor's events: the path from the nation down to its unit."""
    if actor.unit_code == NATION:
        return "/vn"
    province = units.province_of(actor.unit_code)
    return f"/vn/{province}" if province == actor.unit_code else f"/vn/{province}/{actor.unit_code}"
