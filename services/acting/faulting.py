"""Confirm and clear a fault: a difficulty with an area, on which others depend."""

from __future__ import annotations

import datetime as dt

from events.faults import FaultClearance, FaultCleared, FaultConfirmation, FaultConfirmed
from reporting.errors import UnknownUnit
from reporting.issues.state import Escalation, IssueState
from services.acting.act_inputs import ConfirmFaultInput
from services.acting.context import ActContext, Content, document_if_sent
from services.errors import BadInput, Conflict


def confirm_fault(sent: ConfirmFaultInput, context: ActContext, about: Escalation) -> Content:
    """Build the content of a confirmation; the area is the reporting commune by default.

    Raises:
        BadInput: nothing depends on this kind, or a unit lies outside the province; the error names the field.
        Conflict: another escalation of the issue is the current one.
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
    """Build the content of a clearance; the fold refuses it where no fault lasts.

    Raises:
        Conflict: another escalation of the issue is the current one.
    """
    _in_hand(context, about)
    lasting = context.state.active_fault
    fault_id = context.event_id if lasting is None else lasting.id
    return FaultCleared, FaultClearance(fault_id=fault_id, note=context.note())


def _in_hand(context: ActContext, about: Escalation) -> None:
    # The event names no escalation: the lead of the commune's latest one decides what is a fault.
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
    """Return the time that the commune reported, but never one after the receipt (a device's clock may be ahead)."""
    said = state.report.occurred_at
    return state.reported_at if said is None else min(said, state.reported_at)
