"""Cut a list into pages by the keys of its rows, and keep the query of the address when the page changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Query, Request

from reporting.keyset import Key, Turn, window, written

PAGE_SIZE = 50
T = TypeVar("T")


def turn_of(
    after: Annotated[str, Query(alias="sau", max_length=400)] = "",
    before: Annotated[str, Query(alias="truoc", max_length=400)] = "",
) -> Turn:
    """Read from the address where a page begins (a FastAPI dependency)."""
    return Turn(after, before)


Turned = Annotated[Turn, Depends(turn_of)]
"""Where a page begins, as a parameter of a route."""


class Link(Protocol):
    """Makes the address of a list with some of its choices changed."""

    def __call__(self, *, sau: str, truoc: str) -> str:
        """Return the address of another page of it."""
        ...


@dataclass(frozen=True, slots=True)
class Pages:
    """Which rows of the list are shown, counted from 1, and the addresses of the neighbouring pages."""

    first: int
    last: int
    whole: int
    previous_url: str | None
    next_url: str | None


def cut(
    found: Sequence[T], key: Callable[[T], Key], turn: Turn, link: Link, *, size: int = PAGE_SIZE
) -> tuple[Sequence[T], Pages]:
    """Return one page of a list.

    Args:
        found: the whole list, sorted by `key`.
        key: the place of a row.
        turn: where the page begins.
        link: makes the addresses of the neighbouring pages.
        size: so many rows a page has.
    """
    keys = [key(one) for one in found]
    shown = window(keys, turn, size)
    before = after = None
    if not shown and (turn.after or turn.before) and found:
        # Whatever came after the row is gone by now.
        before = link(sau="", truoc="")
    if shown and shown.start > 0:
        before = link(sau="", truoc=written(keys[shown.start]))
    if shown and shown.stop < len(found):
        after = link(sau=written(keys[shown.stop - 1]), truoc="")
    pages = Pages(shown.start + 1, shown.stop, len(found), before, after)
    return found[shown.start : shown.stop], pages


def turned(request: Request, turn: Turn | None) -> str | None:
    """Return the address of this list where another page begins; None where there is none."""
    return None if turn is None else address(request, sau=turn.after, truoc=turn.before)


def address(request: Request, **changes: object) -> str:
    """Return the address of this page with some query values changed; an empty value is left out."""
    kept = {
        name: value
        for name, value in request.query_params.items()
        if name not in {"lang", "theme", "done", "of"}
    }
    query = {**kept, **{name: str(value) for name, value in changes.items()}}
    url = request.url.replace(query="").include_query_params(
        **{name: value for name, value in query.items() if value}
    )
    return f"{url.path}?{url.query}" if url.query else url.path
