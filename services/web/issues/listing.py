"""Lists of the issues and escalations that an actor may see, page by page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from reporting.dated.bodies import NATION
from reporting.issues.state import Escalation, IssueState
from services.access.actors import Actor
from services.access.policy import MAY, require, stands_for
from services.access.scope import Scope
from services.access.tokens import unit_level
from services.acting.parts import ActParts
from services.errors import BadInput, Forbidden
from services.warehouse.issue_table import Cursor

Shown = TypeVar("Shown")
MOST_ISSUES = 5_000
"""Highest number of issues that a page reads to count and sort them."""
_UTC_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Page(Generic[Shown]):
    """One page of a list; `next` is the cursor of the following page, None on the last."""

    items: Sequence[Shown]
    next: str | None


def scope_of(parts: ActParts, actor: Actor, unit_code: str | None) -> Scope:
    """Return the units and bodies whose issues the actor may see.

    Raises:
        UnknownUnit: no such unit.
        Forbidden: the unit is neither the actor's own nor within it.
    """
    units = parts.tables.units
    if unit_code is not None:
        units.get(unit_code)
    relation = MAY["issue.read"].get(actor.role)
    wanted = unit_code or actor.unit_code
    if relation != "body":
        require(actor, "issue.read", wanted, units=units)
        return Scope(_units(wanted), None)
    if not units.is_within(wanted, actor.unit_code):
        raise Forbidden(f"{actor.role} of {actor.unit_code} may not do issue.read in unit {wanted}")
    return Scope(_units(wanted), bodies_of(parts, actor))


def bodies_of(parts: ActParts, actor: Actor) -> tuple[str, ...]:
    """Return the bodies that an actor acts for: its own, or every body of its unit."""
    if actor.body is not None:
        return (actor.body,)
    return tuple(body.id for body in parts.tables.bodies.of_unit(actor.unit_code))


def territories_of(parts: ActParts, unit_code: str) -> tuple[str, ...] | None:
    """Return a unit and the communes in it; None stands for the whole nation."""
    if unit_code == NATION:
        return None
    if unit_level(unit_code) != "province":
        return (unit_code,)
    return (unit_code, *(one.code for one in parts.tables.units.communes_of(unit_code)))


def issues_within(parts: ActParts, actor: Actor, *, open_only: bool = False) -> list[IssueState]:
    """Return the latest issues that the actor may see, at most `MOST_ISSUES`.

    Raises:
        Forbidden: as for `scope_of`.
    """
    scope = scope_of(parts, actor, None)
    return parts.issue_table.list(
        units=scope.units, bodies=scope.bodies, open_only=open_only, limit=MOST_ISSUES
    )


def list_issues(
    parts: ActParts,
    actor: Actor,
    *,
    unit_code: str | None = None,
    state: str | None = None,
    kind: str | None = None,
    open_only: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> Page[IssueState]:
    """Return the issues that the actor may see, the latest first.

    Raises:
        UnknownUnit, Forbidden: as for `scope_of`.
        BadInput: `after` is not a cursor of this list.
    """
    scope = scope_of(parts, actor, unit_code)
    issues = parts.issue_table.list(
        units=scope.units,
        bodies=scope.bodies,
        state=state,
        kind=kind,
        open_only=open_only,
        after=_cursor(after),
        limit=limit,
    )
    return Page(issues, _next(issues, limit))


def list_escalations(
    parts: ActParts,
    actor: Actor,
    *,
    unit_code: str | None = None,
    body: str | None = None,
    state: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[tuple[IssueState, Escalation]]:
    """Return the escalations that the actor may see, those of the latest issues first; a page holds whole issues.

    Raises:
        UnknownUnit, Forbidden: as for `scope_of`; Forbidden also for a body that is not the actor's.
        BadInput: `after` is not a cursor of this list.
    """
    scope = scope_of(parts, actor, unit_code)
    if body is not None and scope.bodies is not None and not stands_for(actor, body):
        raise Forbidden(f"{actor.role} of {actor.body or actor.unit_code} may not read what concerns {body}")
    bodies = scope.bodies if body is None else (body,)
    issues = parts.issue_table.list(
        units=scope.units, bodies=bodies, escalation_state=state, after=_cursor(after), limit=limit
    )
    found = [
        (issue, one)
        for issue in issues
        for one in issue.escalations
        if (state is None or one.state == state)
        and (bodies is None or (one.was_sent and one.lead_body in bodies) or one.from_body in bodies)
    ]
    return Page(found, _next(issues, limit))


def _units(wanted: str) -> tuple[str, ...] | None:
    return None if wanted == NATION else (wanted,)


def _next(issues: Sequence[IssueState], limit: int) -> str | None:
    if len(issues) < limit:
        return None
    last = issues[-1]
    return f"{(last.reported_at - _UTC_EPOCH) // dt.timedelta(microseconds=1)}.{last.id.hex}"


def _cursor(after: str | None) -> Cursor | None:
    if after is None:
        return None
    instant, _, issue_id = after.partition(".")
    try:
        return Cursor(_UTC_EPOCH + dt.timedelta(microseconds=int(instant)), UUID(issue_id))
    except (ValueError, OverflowError):
        raise BadInput("send `next` of the page before, as it came", field="after") from None
