"""The delivery log for auditors: body, channel, time, number of attempts and outcome of each delivery."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true

from reporting.keyset import Turn
from services.store.keyset import Portion, portion_of
from services.store.notice_tables import DELIVERIES, NOTICES, SUBSCRIPTIONS
from services.store.store import Store

STATES = ("waiting", "sent", "failed")
PAGE_SIZE = 100


def deliveries_within(
    store: Store, territories: Collection[str] | None, *, state: str | None = None, turn: Turn | None = None
) -> Portion:
    """Return a page of deliveries to bodies of these units, the latest first."""
    asked: Select[Any] = (
        select(
            NOTICES.c.template,
            NOTICES.c.body,
            NOTICES.c.kind,
            NOTICES.c.detail,
            NOTICES.c.unit_code,
            NOTICES.c.urgent,
            SUBSCRIPTIONS.c.channel,
            SUBSCRIPTIONS.c.address,
            SUBSCRIPTIONS.c.daily,
            *(
                DELIVERIES.c[name]
                for name in ("id", "state", "due_at", "attempts", "noted_at", "last_at", "outcome")
            ),
        )
        .join(NOTICES, NOTICES.c.id == DELIVERIES.c.notice_id)
        .join(SUBSCRIPTIONS, SUBSCRIPTIONS.c.id == DELIVERIES.c.subscription_id)
        .where(_within(territories))
    )
    if state is not None:
        asked = asked.where(DELIVERIES.c.state == state)
    with store.read() as conn:
        return portion_of(conn, asked, DELIVERIES.c.noted_at, DELIVERIES.c.id, turn or Turn(), PAGE_SIZE)


def counts_within(store: Store, territories: Collection[str] | None) -> dict[str, int]:
    """Count the deliveries to bodies of these units by state."""
    asked = (
        select(DELIVERIES.c.state, func.count())
        .join(NOTICES, NOTICES.c.id == DELIVERIES.c.notice_id)
        .where(_within(territories))
        .group_by(DELIVERIES.c.state)
    )
    with store.read() as conn:
        found = {row[0]: row[1] for row in conn.execute(asked)}
    return {state: found.get(state, 0) for state in STATES}


def _within(territories: Collection[str] | None) -> ColumnElement[bool]:
    return true() if territories is None else NOTICES.c.territory.in_(list(territories))
