"""Confirm that a difficulty is a fault on which others depend, with its area, and clear it."""

from __future__ import annotations

import datetime as dt

from events.faults import FaultClearance, FaultCleared, FaultConfirmation, FaultConfirmed
from reporting.errors import UnknownUnit
from reporting.issues.state import Escalation, IssueState
from services.acting.act_inputs import ConfirmFaultInput
from services.acting.context import ActContext, Content, document_if_sent
from services.errors import BadInput, Conflict


def confirm_fault(sent: ConfirmFaultInput, context: ActContext, about: Escalation) -> Content:
    """Build the content of a confirmation: for the commune that reported it, unless an area is said.

    Raises:
        BadInput: nothing depends on this kind, or a unit lies outside the province; names the field.
        Conflict: another hand-off of the issue is the one in hand.
    """
    state = context.state
    _in_hand(context, about)
    if not context.tables.dependencies.of_fault(state.report.kind, context.on):
        raise BadInput("nothing depends on difficulties of this kind", field="kind")
    units = sent.units or (state.unit_code,)
    for unit_code in units:
        _in_the_province(context, unit_code)
    data = FaultConfirmation(
        unit_codes=units,
        began_at=sent.began_at or _began_at(state),
        note=context.note(),
        document=document_if_sent(context, sent, about),
    )
    return FaultConfirmed, data


def clear_fault(context: ActContext, about: Escalation) -> Content:
    """Build the content of a clearance; where no fault lasts the fold says so.

    Raises:
        Conflict: another hand-off of the issue is the one in hand.
    """
    _in_hand(context, about)
    lasting = context.state.active_fault
    fault_id = context.event_id if lasting is None else lasting.id
    return FaultCleared, FaultClearance(fault_id=fault_id, note=context.note())


def _in_hand(context: ActContext, about: Escalation) -> None:
    # The event names no hand-off: it is the commune's own latest whose lead says what is a fault.
    root = context.state.root
    if root is None or root.id != about.id:
        raise Conflict(
            "a fault is said of the commune's latest hand-off, and this is another", state=about.state
        )


def _in_the_province(context: ActContext, unit_code: str) -> None:
    province = context.state.province_code
    try:
        inside = context.tables.units.is_within(unit_code, province)
    except UnknownUnit:
        inside = False
    if not inside:
        raise BadInput(f"{unit_code} is no unit of the province {province}", field="units")


def _began_at(state: IssueState) -> dt.datetime:
    """Take the day that the commune named, unless its device was in the future."""
    said = state.report.occurred_at
    return state.reported_at if said is None else min(said, state.reported_at)
