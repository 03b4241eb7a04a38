"""The steps that an actor may take today, delegations of the day included; for pages, interfaces and conflicts alike."""

from __future__ import annotations

import datetime as dt

from reporting.allowed import allowed_actions
from reporting.issue_state import Escalation, IssueState
from services.actors import Actor
from services.tables import DatedTables


def allowed_to(
    actor: Actor, state: IssueState, one: Escalation | None, tables: DatedTables, on: dt.date
) -> tuple[str, ...]:
    """Name the steps on an issue, or on one of its escalations, that an actor may take on a local day."""
    return allowed_actions(
        state,
        one,
        role=actor.role,
        unit_code=actor.unit_code,
        body=actor.body,
        delegated=tables.delegations.find(actor.unit_code, actor.role, on) is not None,
    )
