"""The page of operators about Grafana: which boards are published there, since when, and what differs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from services.access.policy import require
from services.grafana.standing import Standing
from services.web.shell.dues import Tone
from services.web.shell.identity import Here, Who
from services.web.shell.layout import layout_of

router = APIRouter(include_in_schema=False)

GRAFANA = "/van-hanh/grafana"
State = Literal["same", "edited", "differs", "missing", "left_over", "unseen"]
_TONES: dict[State, Tone] = {
    "same": "ok",
    "edited": "near",
    "differs": "near",
    "missing": "late",
    "left_over": "plain",
    "unseen": "plain",
}
_ASKING: frozenset[State] = frozenset({"edited", "differs", "missing"})


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in Grafana: its state, and the instant at which it was saved last, where Grafana has it."""

    standing: Standing
    state: State
    tone: Tone
    saved_at: dt.datetime | None


@router.get(GRAFANA)
def grafana(request: Request, parts: Here, actor: Who) -> HTMLResponse:
    """Show how the boards in Grafana stand, as of the last look; the page waits for no answer of Grafana."""
    require(actor, "operations.read", actor.unit_code, units=parts.tables.units)
    watch = parts.grafana
    look = watch.latest() if watch is not None else None
    lines = [line_of(one) for one in look.standings] if look is not None else []
    lines.sort(key=lambda line: line.state not in _ASKING)  # what asks for a step stands first
    return layout_of(request).render(
        request,
        "web/grafana.html",
        grafana_url=watch.address if watch is not None else "",
        look=look,
        lines=lines,
        differing=sum(line.state in _ASKING for line in lines),
    )


def line_of(standing: Standing) -> Line:
    """Return the line of one thing."""
    state = _state_of(standing)
    return Line(standing, state, _TONES[state], _instant(standing.saved_at))


def _state_of(standing: Standing) -> State:
    if standing.is_unseen:
        return "unseen"
    if standing.is_left_over:
        return "left_over"
    if not standing.is_there:
        return "missing"
    if standing.refusal:
        return "edited"
    return "differs" if standing.differences else "same"


def _instant(text: str) -> dt.datetime | None:
    """Return the instant that Grafana wrote; nothing where it wrote something else."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
