"""The steps that an actor may take now, under the tables of the day; for pages, interfaces and conflicts alike."""

from __future__ import annotations

import datetime as dt

from reporting.dated.calendar import local_day
from reporting.issues.allowed import Occasion, allowed_actions
from reporting.issues.state import Escalation, IssueState
from services.access.actors import Actor
from services.dated_tables import DatedTables


def allowed_to(
    actor: Actor, state: IssueState, one: Escalation | None, tables: DatedTables, at: dt.datetime
) -> tuple[str, ...]:
    """Name the steps on an issue, or on one of its escalations, that an actor may take at an instant."""
    return allowed_actions(
        state,
        one,
        Occasion(at, tables.pause_reasons, tables.dependencies),
        role=actor.role,
        unit_code=actor.unit_code,
        body=actor.body,
        delegated=tables.delegations.find(actor.unit_code, actor.role, local_day(at)) is not None,
    )
