"""Ids of acts, derived from the unit, the body and the client's key; never equal to an id of the product's own."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4, uuid5

from reporting.issues.state import Act
from services.access.actors import Actor
from services.acting.recording import event_recorded
from services.store.store import Store

_ACTS = UUID("5d0f7a52-2c0e-4f0b-9b52-0b8f4c1f6e34")


def act_id(actor: Actor, subject: UUID | str, key: UUID | None) -> UUID:
    """Return the id of the act with this key on a subject; the same key of another unit or body is another act."""
    who = (str(subject), actor.unit_code, actor.body or "", str(key or uuid4()))
    return uuid5(_ACTS, "\0".join(who))


def id_of_act(
    store: Store, actor: Actor, acts: Sequence[Act], *, subject: UUID, event_type: str, key: UUID | None
) -> UUID:
    """Return the id of an act on a subject, given the subject's acts so far.

    Earlier releases recorded acts under the key itself. Such an act keeps its id when its own unit and body retry
    it, so that it is not recorded twice.
    """
    if key is not None and _is_under_its_key(store, actor, acts, subject, event_type, key):
        return key
    return act_id(actor, subject, key)


def _is_under_its_key(
    store: Store, actor: Actor, acts: Sequence[Act], subject: UUID, event_type: str, key: UUID
) -> bool:
    whose = (event_type, actor.unit_code, actor.body)
    if any(act.id == key and (act.type, act.actor_unit, act.actor_body) == whose for act in acts):
        return True
    with store.read() as conn:
        event = event_recorded(conn, key)
    return event is not None and (event.subject, event.type, event.actor_unit, event.actor_body) == (
        str(subject),
        *whose,
    )
