"""The desk of each reader: what of all issues is theirs to see, under which views, and whose steps they look after. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from reporting.issues.need import today_of
from reporting.issues.permissions import DEPARTMENT_ROLES
from reporting.issues.state import IssueState
from services.access.actors import Actor
from services.dated_tables import DatedTables
from services.web.issues import queue
from services.web.issues.queue import Desk


def desk_of(actor: Actor, issues: Iterable[IssueState], tables: DatedTables, now: dt.datetime) -> Desk:
    """Return the desk of somebody, from the issues that they may see."""
    today = today_of(now, tables.calendar)
    own: frozenset[str] | None
    if len(actor.unit_code) > len("38"):
        own = frozenset({f"{actor.unit_code}.ubnd"})
        return Desk(tuple(queue.of_commune(issues)), queue.COMMUNE, today, own)
    if actor.unit_code == "vn":
        own = frozenset({actor.body}) if actor.body is not None else None
        return Desk(tuple(queue.petitions_to(issues, actor.body)), queue.MINISTRY, today, own)
    if is_of_department(actor) and actor.body is not None:
        items = queue.hand_offs(issues, actor.body)
        return Desk(tuple(items), queue.DEPARTMENT, today, frozenset({actor.body}))
    own = frozenset(body.id for body in tables.bodies.of_unit(actor.unit_code))
    return Desk(tuple(queue.hand_offs(issues)), queue.OFFICE, today, own)


def is_of_department(actor: Actor) -> bool:
    """Return whether somebody works in a department: they see what it leads, not all of the province."""
    return actor.role in DEPARTMENT_ROLES
