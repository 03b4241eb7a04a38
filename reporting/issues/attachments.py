"""Attachments of an issue: who may add one to what, and what the issue keeps of it. The content is kept elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from events.attachments import AttachmentPurpose, IssueAttachmentAdded, IssueAttachmentErased
from events.envelope import Envelope
from reporting.issues.attached import Attached
from reporting.issues.escalations import Reason
from reporting.issues.permissions import ATTACHING, STANDING, may
from reporting.issues.state import Escalation, IssueState


def step(state: IssueState, event: Envelope) -> IssueState | Reason:
    """Apply one event of an attachment."""
    return _STEPS[event.type](state, event)


def may_attach(state: IssueState, event: IssueAttachmentAdded) -> bool:
    """Return whether the actor may add this attachment to the report, the proposal or the answer that it names."""
    said = event.data
    about = state.escalation(said.escalation_id) if said.escalation_id is not None else None
    return may(state, event, ATTACHING[said.purpose], about)


def _add(state: IssueState, event: IssueAttachmentAdded) -> IssueState | Reason:
    said = event.data
    if said.unit_code != state.unit_code:
        return "illegal_transition"
    if not may_attach(state, event):
        return "actor_not_entitled"
    about = state.escalation(said.escalation_id) if said.escalation_id is not None else None
    if not _TAKES[said.purpose](about) or _find(state, said.attachment_id) is not None:
        return "illegal_transition"
    return replace(state, attachments=(*state.attachments, Attached(said=said, at=event.recorded_at)))


def _erase(state: IssueState, event: IssueAttachmentErased) -> IssueState | Reason:
    if not may(state, event, STANDING[event.type], None):
        return "actor_not_entitled"
    wanted = event.data.attachment_id
    known = _find(state, wanted)
    if known is None or known.erased_at is not None:
        return "illegal_transition"
    gone = replace(known, erased_at=event.recorded_at)
    kept = tuple(gone if one is known else one for one in state.attachments)
    return replace(state, attachments=kept)


def _find(state: IssueState, attachment_id: UUID) -> Attached | None:
    return next((one for one in state.attachments if one.said.attachment_id == attachment_id), None)


def _is_report(about: Escalation | None) -> bool:
    return about is None


def _is_proposal(about: Escalation | None) -> bool:
    return about is not None


def _was_sent(about: Escalation | None) -> bool:
    return about is not None and about.was_sent


# A picture that waited on a device may come after the issue ended: it was taken for the report all the same.
_TAKES: Mapping[AttachmentPurpose, Callable[[Escalation | None], bool]] = {
    "report": _is_report,
    "proposal": _is_proposal,
    "answer": _was_sent,
}
_STEPS: dict[str, Callable[[IssueState, Any], IssueState | Reason]] = {
    "issue.attachment_added": _add,
    "issue.attachment_erased": _erase,
}
TYPES = tuple(_STEPS)
