"""Which issues and escalations an actor may read, and the steps that it may take on them."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import structlog
from sqlalchemy import select

from events.codec import decode
from events.issues import report_event_id
from reporting.dated.calendar import local_day
from reporting.issues.allowed import Occasion, allowed_actions
from reporting.issues.fold import fold
from reporting.issues.state import Escalation, IssueState
from services.access.actors import Actor
from services.access.policy import may_see_issue
from services.acting.parts import ActParts
from services.dated_tables import DatedTables
from services.errors import Forbidden, NotFound
from services.store.store import OUTBOX

_log = structlog.get_logger("services.web")


def visible_issue(parts: ActParts, actor: Actor, issue_id: UUID, *, to_act: bool = False) -> IssueState:
    """Return an issue that the actor may read.

    Args:
        to_act: an act records its actor itself, so the read before it is not logged.

    Raises:
        NotFound: no such issue.
        Forbidden: the issue is another unit's, and never was with the actor's body.
    """
    state = parts.issue_table.get(issue_id) or _just_recorded(parts, issue_id)
    if state is None:
        raise NotFound(f"there is no issue {issue_id}", field="id")
    return _seen(parts, actor, state, to_act=to_act)


def visible_escalation(
    parts: ActParts, actor: Actor, escalation_id: UUID, *, to_act: bool = False
) -> tuple[IssueState, Escalation]:
    """Return an escalation that the actor may read, with its issue; `to_act` as for `visible_issue`.

    Raises:
        NotFound: no such escalation.
        Forbidden: its issue is another unit's, and never was with the actor's body.
    """
    state = parts.issue_table.holding(escalation_id)
    about = state.escalation(escalation_id) if state is not None else None
    if state is None or about is None:
        raise NotFound(f"there is no escalation {escalation_id}", field="id")
    return _seen(parts, actor, state, to_act=to_act), about


def allowed_to(
    actor: Actor, state: IssueState, one: Escalation | None, tables: DatedTables, at: dt.datetime
) -> tuple[str, ...]:
    """Return the steps that an actor may take on an issue, or on one of its escalations, at an instant."""
    return allowed_actions(
        state,
        one,
        Occasion(at, tables.pause_reasons, tables.dependencies),
        role=actor.role,
        unit_code=actor.unit_code,
        body=actor.body,
        delegated=tables.delegations.find(actor.unit_code, actor.role, local_day(at)) is not None,
    )


def issue_bodies(state: IssueState) -> set[str]:
    """Return the bodies that hold or held an issue, sent it or received it: they may read it.

    An unsent proposal does not count: only its sender may read it.
    """
    asked = {one.from_body for one in state.escalations}
    asked |= {one.lead_body for one in state.escalations if one.was_sent}
    return asked | {holding.body for holding in state.holdings if holding.body is not None}


def _just_recorded(parts: ActParts, issue_id: UUID) -> IssueState | None:
    """Fold the report alone: it is acknowledged, and the streams have not landed it yet."""
    wanted = select(OUTBOX.c.value).where(OUTBOX.c.event_id == report_event_id(issue_id))
    with parts.store.read() as conn:
        value = conn.scalar(wanted)
    return fold(None, decode(value)).state if value is not None else None


def _seen(parts: ActParts, actor: Actor, state: IssueState, *, to_act: bool) -> IssueState:
    if not may_see_issue(actor, state.unit_code, issue_bodies(state), units=parts.tables.units):
        whose = actor.body or actor.unit_code
        raise Forbidden(f"{actor.role} of {whose} may not read this issue of unit {state.unit_code}")
    if not to_act:
        who = {"role": actor.role, "unit": actor.unit_code, "body": actor.body, "subject": actor.subject}
        _log.info("issue.read", issue_id=str(state.id), **who)
    return state
