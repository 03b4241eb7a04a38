"""The addresses for a body's notices: rows that a named actor adds and ends; without one nothing is sent."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import Row, select, update

from services.access.actors import Actor, label_of
from services.errors import BadInput, Conflict, NotFound
from services.language.labels import Lang
from services.notices.webhook import new_secret, split_address
from services.store.notice_tables import SUBSCRIPTIONS
from services.store.store import Store

ChannelName = Literal["email", "webhook"]
MOST_PER_BODY = 10
_LONGEST = 500
# One plain address: no second recipient and no header can be hidden in it.
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def add_subscription(
    store: Store,
    actor: Actor,
    now: dt.datetime,
    *,
    body: str,
    channel: ChannelName,
    address: str,
    lang: Lang = "vi",
    daily: bool = False,
) -> tuple[UUID, str | None]:
    """Add an address for a body's notices; return its id and, for a webhook, its secret, which is shown once.

    Raises:
        BadInput: the address does not fit its channel.
        Conflict: the body has the address already, or has the most addresses allowed.
    """
    address = address.strip()
    _check(channel, address)
    secret = new_secret() if channel == "webhook" else None
    subscription_id = uuid4()
    row = {
        "id": subscription_id,
        "body": body,
        "channel": channel,
        "address": address,
        "secret": secret,
        "lang": lang,
        "daily": daily and channel == "email",
        "added_at": now,
        "added_by": label_of(actor),
    }
    active = select(SUBSCRIPTIONS.c.address).where(
        SUBSCRIPTIONS.c.body == body, SUBSCRIPTIONS.c.ended_at.is_(None)
    )
    with store.begin() as conn:
        known = conn.scalars(active).all()
        if address in known:
            raise Conflict("this address gets the notices of this body already", field="address")
        if len(known) >= MOST_PER_BODY:
            raise Conflict(f"a body has at most {MOST_PER_BODY} addresses: end one first", field="address")
        conn.execute(SUBSCRIPTIONS.insert(), [row])
    return subscription_id, secret


def end_subscription(store: Store, actor: Actor, now: dt.datetime, subscription_id: UUID) -> None:
    """End a subscription; its waiting deliveries are not sent. Ending twice keeps the first end."""
    with store.begin() as conn:
        conn.execute(
            update(SUBSCRIPTIONS)
            .where(SUBSCRIPTIONS.c.id == subscription_id, SUBSCRIPTIONS.c.ended_at.is_(None))
            .values(ended_at=now, ended_by=label_of(actor))
        )


def body_of_subscription(store: Store, subscription_id: UUID) -> str:
    """Return the body of a subscription.

    Raises:
        NotFound: no subscription has that id.
    """
    with store.read() as conn:
        body = conn.scalar(select(SUBSCRIPTIONS.c.body).where(SUBSCRIPTIONS.c.id == subscription_id))
    if body is None:
        raise NotFound("there is no subscription of that id", field="id")
    return str(body)


def subscriptions_of(store: Store, bodies: Collection[str]) -> Sequence[Row[Any]]:
    """Return the active subscriptions of these bodies, by body and address; without their secrets."""
    shown = [column for column in SUBSCRIPTIONS.c if column.name != "secret"]
    asked = select(*shown).where(SUBSCRIPTIONS.c.body.in_(list(bodies)), SUBSCRIPTIONS.c.ended_at.is_(None))
    with store.read() as conn:
        return conn.execute(asked.order_by(SUBSCRIPTIONS.c.body, SUBSCRIPTIONS.c.address)).all()


def _check(channel: ChannelName, address: str) -> None:
    if len(address) > _LONGEST:
        raise BadInput(f"an address has at most {_LONGEST} characters", field="address", error_key="too_long")
    if channel == "webhook":
        split_address(address)
    else:
        check_mail_address(address)


def check_mail_address(address: str) -> None:
    """Check that a text is one plain e-mail address.

    Raises:
        BadInput: it is none, or more than one.
    """
    if len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        raise BadInput(
            "write one e-mail address, as van-thu@example.gov.vn", field="address", error_key="email"
        )
