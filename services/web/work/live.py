"""Notify an open list of changes by server-sent events without content: the page fetches them itself."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from services.access.actors import Actor
from services.access.scope import Scope
from services.errors import NotReady
from services.web.issues.listing import scope_of
from services.web.shell.identity import Here, Who

router = APIRouter(prefix="/viec", include_in_schema=False)

BEAT_SECONDS = 4.0
"""So often it is asked whether something changed, once for all who may see the same."""
LONGEST_SECONDS = 600.0
"""After so long a stream ends and the browser asks again: a session that ended meanwhile is refused then."""
MOST_STREAMS = 200
MOST_OF_ONE = 6
"""So many streams one person may hold, as tabs do."""
_GLANCE_SECONDS = 0.5
_QUIET_SECONDS = 20.0
_HEADERS = {"cache-control": "private, no-store", "x-accel-buffering": "no"}
CHANGED = "event: changed\ndata: ask\n\n"
"""The only event that is sent: a browser dispatches no event without data."""
_NO_MORE = 204
"""An answer after which a browser does not ask again; the page goes on asking for itself once a minute."""

Mark = tuple[object, ...]


@dataclass(slots=True)
class Streams:
    """The open streams of one process: how many each person holds, and the latest mark of each scope."""

    open: Counter[tuple[str, ...]] = field(default_factory=Counter)
    marks: dict[Scope, tuple[float, Mark]] = field(default_factory=dict)

    def may_open(self, who: tuple[str, ...]) -> bool:
        """Return whether one more stream of somebody has room."""
        return self.open[who] < MOST_OF_ONE and self.open.total() < MOST_STREAMS

    async def mark(self, scope: Scope, read: Callable[[], Mark]) -> Mark | None:
        """Return the mark of a scope, asked for at most once a beat; None while the engine does not answer."""
        held = self.marks.get(scope)
        if held is not None and time.monotonic() - held[0] < BEAT_SECONDS:
            return held[1]
        try:
            found = await anyio.to_thread.run_sync(read)
        except NotReady:
            return None
        self.marks[scope] = (time.monotonic(), found)
        return found


@router.get("/dong")
async def live(request: Request, parts: Here, actor: Who) -> Response:
    """Emit `changed` whenever something that the reader may see has changed."""
    scope = scope_of(parts, actor, None)
    streams: Streams = request.app.state.streams
    who = _name(actor)
    if not streams.may_open(who):
        return Response(status_code=_NO_MORE)

    def read() -> Mark:
        return parts.issue_table.mark(units=scope.units, bodies=scope.bodies)

    stopping: Callable[[], bool] = request.app.state.stopping
    told = _told(streams, who, scope, read, stopping)
    return StreamingResponse(told, media_type="text/event-stream", headers=_HEADERS)


async def _told(
    streams: Streams,
    who: tuple[str, ...],
    scope: Scope,
    read: Callable[[], Mark],
    stopping: Callable[[], bool],
) -> AsyncIterator[str]:
    streams.open[who] += 1
    try:
        yield "retry: 5000\n\n"
        end, spoke = time.monotonic() + LONGEST_SECONDS, time.monotonic()
        before = await streams.mark(scope, read)
        while not stopping() and time.monotonic() < end:
            await asyncio.sleep(_GLANCE_SECONDS)
            found = await streams.mark(scope, read)
            if found is not None and before is not None and found != before:
                spoke = time.monotonic()
                yield CHANGED
            elif time.monotonic() - spoke > _QUIET_SECONDS:
                spoke = time.monotonic()
                yield ": quiet\n\n"
            before = found if found is not None else before
    finally:
        streams.open[who] -= 1
        if not streams.open[who]:
            del streams.open[who]


def _name(actor: Actor) -> tuple[str, ...]:
    return actor.role, actor.unit_code, actor.body or "", actor.subject or ""
