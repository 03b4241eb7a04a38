"""Faults on which other issues depend: confirmed and cleared in their own issue, applied to waiting issues.

An issue that waits keeps its own state and its steps; only its clocks stand still, until every fault it waits for is
mended. This is folded from events, so no restart and no replay loses it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from events.envelope import Envelope
from events.faults import FaultCleared, FaultConfirmed, IssueReleased, IssueSuppressed
from reporting.issues.clocks import end_pause, suspend
from reporting.issues.escalations import Reason, mended
from reporting.issues.pauses import pause_of
from reporting.issues.permissions import STANDING, may
from reporting.issues.state import LIVE, Escalation, Fault, IssueState, Suppression


def step(state: IssueState, event: Envelope) -> IssueState | Reason:
    """Apply one event of a fault: confirm it, clear it, let an issue wait for it, or release the issue."""
    if not may(state, event, STANDING[event.type], state.root):
        return "actor_not_entitled"
    return _STEPS[event.type](state, event)


def may_confirm_fault(state: IssueState, one: Escalation) -> bool:
    """Return whether the lead body may confirm now that the issue is a fault on which others depend."""
    in_hand = one.state in LIVE | {"answered"} and one.was_sent
    return state.is_open and one == state.root and in_hand and state.active_fault is None


def may_clear_fault(state: IssueState, one: Escalation) -> bool:
    """Return whether the issue has a fault to clear."""
    return state.is_open and one == state.root and state.active_fault is not None


def _confirm(state: IssueState, event: FaultConfirmed) -> IssueState | Reason:
    root, said = state.root, event.data
    inside = all(
        code == state.province_code or len(code) > len(state.province_code) for code in said.unit_codes
    )
    if root is None or not may_confirm_fault(state, root) or not inside:
        return "illegal_transition"
    confirmed = Fault(
        id=event.id,
        unit_codes=said.unit_codes,
        began_at=min(said.began_at, event.recorded_at),
        confirmed_at=event.recorded_at,
        escalation_id=root.id,
    )
    return replace(state, faults=(*state.faults, confirmed))


def _clear(state: IssueState, event: FaultCleared) -> IssueState | Reason:
    lasting = state.active_fault
    if not state.is_open or lasting is None or lasting.id != event.data.fault_id:
        return "illegal_transition"
    cleared = mended(lasting, event)
    return replace(state, faults=(*state.faults[:-1], cleared))


def _suppress(state: IssueState, event: IssueSuppressed) -> IssueState | Reason:
    said = event.data
    known = {one.fault_id for one in state.suppressions}
    if not state.is_open or said.fault_id in known or said.fault_issue_id == state.id:
        return "illegal_transition"
    waits = Suppression(
        pause_id=event.id,
        fault_id=said.fault_id,
        fault_issue_id=said.fault_issue_id,
        fault_kind=said.fault_kind,
        since=max(said.since, state.reported_at),
    )
    return suspend(replace(state, suppressions=(*state.suppressions, waits)), pause_of(waits))


def _release(state: IssueState, event: IssueReleased) -> IssueState | Reason:
    waits = next((one for one in state.suppressions if one.fault_id == event.data.fault_id), None)
    if waits is None:
        return "illegal_transition"
    left = tuple(one for one in state.suppressions if one != waits)
    return replace(end_pause(state, waits.pause_id, event.data.until), suppressions=left)


_STEPS: dict[str, Callable[[IssueState, Any], IssueState | Reason]] = {
    "fault.confirmed": _confirm,
    "fault.cleared": _clear,
    "issue.suppressed": _suppress,
    "issue.released": _release,
}

TYPES: tuple[str, ...] = tuple(_STEPS)
"""The types of event that are folded here."""
