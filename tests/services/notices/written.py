"""A book with notices in it, for tests of delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from reporting.notices import notices_of
from services.access.actors import Actor
from services.notices.book import NoticeBook
from services.notices.subscriptions import add_subscription
from services.notices.words import Wording, WrittenNotice
from services.store.notice_tables import DELIVERIES
from services.store.store import Store
from tests.reporting.stories import Story
from tests.services.world import labels, tables

ADMINISTRATOR = Actor("administrator", "38", None, "who-adds")
NOON = dt.datetime(2025, 10, 14, 5, 0, tzinfo=dt.UTC)
"""A Tuesday, 12:00 local."""

LEAD = "38.so_khcn"
URL = "https://liencap.example.vn"


@cache
def wording() -> Wording:
    """Return the words of notices."""
    return Wording(labels(), tables())


def written_notice(template: str = "arrived", **more: Any) -> WrittenNotice:
    """Make one notice to the department about an issue of Bát Mọt."""
    about = {
        "kind": "mobile_dead_spot",
        "issue_id": UUID("0b0e0f52-7ed3-4b62-9d8f-0ad3b2b3c001"),
        "escalation_id": UUID("0b0e0f52-7ed3-4b62-9d8f-0ad3b2b3c002"),
        **more,
    }
    return WrittenNotice(
        UUID("0b0e0f52-7ed3-4b62-9d8f-0ad3b2b3c003"), template, LEAD, "38", "15607", NOON, **about
    )


def subscribed(store: Store, address: str, channel: Any = "email", **more: Any) -> tuple[UUID, str | None]:
    """Let the department have its notices at an address."""
    return add_subscription(store, ADMINISTRATOR, NOON, body=LEAD, channel=channel, address=address, **more)


def fill(store: Store, count: int = 1, *, severity: str = "high", at: dt.datetime = NOON) -> None:
    """Write down that so many proposals arrived at the department."""
    book = NoticeBook(store, tables().calendar, tables().notice_hours)
    for number in range(count):
        story = Story(name=f"arrived {number} {severity}", severity=severity).on_its_way()
        book.write(notices_of(story.log[-1], story.state), at)
        for event in story.log:
            book.write(notices_of(event, story.state), at)


def deliveries(store: Store) -> Sequence[Row[Any]]:
    """Read the delivery log."""
    with store.read() as conn:
        return list(conn.execute(select(DELIVERIES).order_by(DELIVERIES.c.due_at, DELIVERIES.c.id)))
