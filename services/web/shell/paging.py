"""Cut a list into pages, and keep the query of the address when the page changes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Query, Request

PAGE_SIZE = 50
Turned = Annotated[int, Query(alias="trang", ge=1, le=10_000)]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pages:
    """The current page, and the addresses of its neighbours."""

    number: int
    last: int
    previous_url: str | None
    next_url: str | None


def cut(found: Sequence[T], request: Request, number: int) -> tuple[Sequence[T], Pages]:
    """Return one page of a list; a number after the last page returns the last."""
    last = max(1, math.ceil(len(found) / PAGE_SIZE))
    number = min(number, last)
    shown = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    before = address(request, trang=number - 1) if number > 1 else None
    after = address(request, trang=number + 1) if number < last else None
    return shown, Pages(number, last, before, after)


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
