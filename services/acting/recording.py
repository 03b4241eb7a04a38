"""Shared steps of every recorded act: its texts, its envelope, its key, and the error for whoever acts too late."""

from __future__ import annotations

import datetime as dt
from uuid import UUID, uuid5

from sqlalchemy import Connection, select

from events.codec import decode
from events.envelope import Envelope
from events.fields import TextRef
from reporting.dated.bodies import NATION
from reporting.dated.units import UnitTable
from reporting.issues.state import Act
from services.access.actors import Actor
from services.acting.context import Content
from services.acting.parts import ActParts
from services.acting.texts import Put
from services.errors import Conflict, Current, KeyReused, LatestAct
from services.store.store import OUTBOX


def is_recorded(conn: Connection, event_id: UUID, *, subject: UUID, event_type: str) -> bool:
    """Return whether the event of an act is in the outbox.

    Raises:
        KeyReused: the outbox has another act under this id.
    """
    value = conn.scalar(select(OUTBOX.c.value).where(OUTBOX.c.event_id == event_id))
    if value is None:
        return False
    recorded = decode(value)
    if (recorded.subject, recorded.type) != (str(subject), event_type):
        raise other_act()
    return True


def other_act() -> KeyReused:
    """Build the error for a key under which another act is recorded."""
    return KeyReused("this key belongs to another act: make a new one", field="Idempotency-Key")


def keeper(parts: ActParts, conn: Connection, event_id: UUID, unit_code: str) -> Put:
    """Return the function that stores the texts of an act; ids follow from the act, so a retry finds its own texts."""

    def put(text: str, purpose: str) -> TextRef:
        text_id = uuid5(event_id, purpose)
        return parts.texts.put(conn, text, unit_code=unit_code, purpose=purpose, text_id=text_id)

    return put


def event_by(
    actor: Actor,
    units: UnitTable,
    content: Content,
    *,
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
            "source": source_of(actor, units),
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
