"""The list that an item was opened from: pages send its address along, and after an act its next item is shown."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from fastapi import Request

from services.access.actors import Actor
from services.web.shell.parts import Parts
from services.web.work.asked import asked_of
from services.web.work.lists import WorkList
from services.web.work.places import place_of


def list_at(request: Request, parts: Parts, actor: Actor, hang: str) -> WorkList:
    """Return the list of an address that a page sent along; any other address is the list as one begins with it."""
    place = place_of(actor)
    asked = urlsplit(hang)
    query = asked.query if asked.path == place.base and not (asked.scheme or asked.netloc) else ""
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    wanted = asked_of(
        tab=given.get("tab", ""),
        state=given.get("state", ""),
        sort=given.get("sort", ""),
        body=given.get("body", ""),
        unit=given.get("unit", ""),
        kind=given.get("kind", ""),
        severity=given.get("severity", ""),
        since=given.get("since", ""),
        words=given.get("q", "")[:100],
        after=given.get("sau", ""),
        before=given.get("truoc", ""),
    )
    return WorkList(request, parts, actor, wanted, query=query)


def next_of(request: Request, parts: Parts, actor: Actor, hang: str, item_id: UUID, *, beside: bool) -> str:
    """Return where an act leads: to the item after this one, or to the list. To be asked before the act moves the item.

    Args:
        beside: whether the act was taken beside the list, not on the item's own page.
    """
    found = list_at(request, parts, actor, hang)
    following = found.after(str(item_id))
    if following is None:
        return found.here
    return found.peek_link(following) if beside else found.page_link(following)


def with_done(url: str, done: str, of: object) -> str:
    """Return an address with the act that was taken and its item."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'done': done, 'of': str(of)})}"
