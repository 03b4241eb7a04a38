"""Permissions: which role may take which step on an issue, by its relation to the bodies concerned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from events.attachments import AttachmentPurpose
from events.envelope import Envelope
from events.escalations import EscalationApproved, EscalationCorrectionAsked
from reporting.dated.bodies import NATION, territory_of
from reporting.dated.calendar import local_day
from reporting.dated.csv_rows import Validity
from reporting.issues.state import Escalation, IssueState

Relation = Literal[
    "reporter",
    "over_reporter",
    "sender",
    "lead",
    "house",
    "records",
    "office",
    "product",
    "delegate",
    "watches",
]
"""The relation that an actor must have to the issue.

reporter       works in the commune that reported it
over_reporter  works in its province and states that it acts for the commune's committee (phone, paper)
sender         works in the unit of the body that sends
lead           acts for the body that leads; a role without a body acts for every body of its unit
house          works in the province of the body that leads, and records for that body, unless it is its own
records        works in the province that petitions, and records for a central body that does not sign in
office         works in the province of the issue, for its people's committee
product        is the product itself
delegate       works in the unit of the body that sends, and its decision rests on a delegation that holds on the day
watches        works in the commune that reported it, in its province, or for the nation
"""

OFFICE_ROLES = frozenset({"province_reviewer", "province_leader"})
DEPARTMENT_ROLES = frozenset({"department_officer", "department_leader"})

_REPORTER: dict[str, tuple[Relation, ...]] = {
    "commune_officer": ("reporter",),
    "commune_chair": ("reporter",),
}
_FOR_REPORTER: dict[str, tuple[Relation, ...]] = {**_REPORTER, "province_reviewer": ("over_reporter",)}
_SENDER: dict[str, tuple[Relation, ...]] = {
    "commune_officer": ("sender",),
    "commune_chair": ("sender",),
    "province_reviewer": ("sender",),
    "province_leader": ("sender",),
}
_LEAD: dict[str, tuple[Relation, ...]] = {
    "province_reviewer": ("house", "records"),
    "province_leader": ("house", "records"),
    "department_officer": ("lead",),
    "department_leader": ("lead",),
    "ministry_officer": ("lead",),
}
# pause_reasons.csv states which of these roles may give which reason for a pause.
_LEAD_OR_OFFICE: dict[str, tuple[Relation, ...]] = {
    **_LEAD,
    "province_reviewer": ("house", "records", "office"),
    "province_leader": ("house", "records", "office"),
}
_PRODUCT: dict[str, tuple[Relation, ...]] = {"system": ("product",)}
_OFFICE: dict[str, tuple[Relation, ...]] = {"province_reviewer": ("office",), "province_leader": ("office",)}
# The province for its own issues; a lead body, a ministry too, for issues sent to it: no level is skipped.
_JOINING: dict[str, tuple[Relation, ...]] = {
    **_OFFICE,
    "department_officer": ("lead",),
    "department_leader": ("lead",),
    "ministry_officer": ("lead",),
}
ATTACHING: dict[AttachmentPurpose, dict[str, tuple[Relation, ...]]] = {
    "report": {**_FOR_REPORTER, "commune_clerk": ("reporter",)},
    "proposal": {**_SENDER, "commune_clerk": ("sender",)},
    "answer": _LEAD,
}
"""What an attachment belongs to → role → relations, one of which must hold."""
_ATTACHING: dict[str, tuple[Relation, ...]] = {
    role: tuple(dict.fromkeys(one for table in ATTACHING.values() for one in table.get(role, ())))
    for role in dict.fromkeys(role for table in ATTACHING.values() for role in table)
}

STANDING: dict[str, dict[str, tuple[Relation, ...]]] = {
    "issue.reported": {**_FOR_REPORTER, "commune_clerk": ("reporter",), **_PRODUCT},
    "issue.competence_assessed": _PRODUCT,
    "issue.corrected": {**_REPORTER, "commune_clerk": ("reporter",)},
    "issue.confirmed": _FOR_REPORTER,
    "issue.disputed": _FOR_REPORTER,
    "issue.withdrawn": _REPORTER,
    "issue.closed": {**_REPORTER, **_PRODUCT},
    "issue.joined": _JOINING,
    "issue.unjoined": {**_JOINING, **_PRODUCT},
    "issue.problem_answered": _PRODUCT,
    "issue.attachment_added": _ATTACHING,
    "issue.attachment_erased": {"auditor": ("watches",), "administrator": ("watches",)},
    "issue.suppressed": _PRODUCT,
    "issue.released": _PRODUCT,
    "fault.confirmed": _LEAD_OR_OFFICE,
    "fault.cleared": _LEAD_OR_OFFICE,
    "signal.raised": _PRODUCT,
    "escalation.referred": _PRODUCT,
    "escalation.approved": {
        "commune_chair": ("sender",),
        "province_leader": ("sender",),
        "commune_officer": ("delegate",),
        "commune_clerk": ("delegate",),
        "province_reviewer": ("delegate",),
    },
    "escalation.correction_asked": {
        "commune_chair": ("sender",),
        "commune_officer": ("delegate",),
        "commune_clerk": ("delegate",),
    },
    "escalation.corrected": {"commune_officer": ("sender",), "commune_clerk": ("sender",)},
    "escalation.sent": {**_SENDER, "commune_clerk": ("sender",)},
    "escalation.acknowledged": _LEAD,
    "escalation.accepted": _LEAD,
    "escalation.returned": _LEAD,
    "escalation.answered": _LEAD,
    "escalation.reminded": _OFFICE,
    "escalation.withdrawn": _SENDER,
    "clock.started": _PRODUCT,
    "clock.reached": _PRODUCT,
    "clock.breached": _PRODUCT,
    "clock.paused": _LEAD_OR_OFFICE,
    "clock.resumed": _LEAD_OR_OFFICE,
    "clock.rescheduled": _PRODUCT,
}
"""Type of event → role → relations, one of which must hold."""

PROPOSING: dict[str, dict[str, tuple[Relation, ...]]] = {
    "competence": _PRODUCT,
    "means": _REPORTER,
    "arbitration": _OFFICE,
    "petition": {
        **_OFFICE,
        "department_officer": ("lead",),
        "department_leader": ("lead",),
    },
}
"""Trigger of a proposal → role → relations; the escalation that is meant is the one petitioned for."""


def may(
    state: IssueState, event: Envelope, table: dict[str, tuple[Relation, ...]], about: Escalation | None
) -> bool:
    """Return whether the actor of an event may take its step.

    Args:
        state: the issue.
        event: its envelope names the actor.
        table: role → relations, a row of `STANDING` or `PROPOSING`.
        about: the escalation that the step changes, if there is one.
    """
    return any(_HOLDS[relation](state, event, about) for relation in table.get(event.actor_role or "", ()))


def may_as_any(state: IssueState, event: Envelope, table: dict[str, tuple[Relation, ...]]) -> bool:
    """Return whether the actor may take a step on the issue itself, also as a body that it was sent to."""
    sent = (one for one in state.escalations if one.was_sent)
    return any(may(state, event, table, about) for about in (None, *sent))


def _reporter(state: IssueState, event: Envelope, _: Escalation | None) -> bool:
    return event.actor_unit == state.unit_code and event.on_behalf_of in {None, state.own_body}


def _over_reporter(state: IssueState, event: Envelope, _: Escalation | None) -> bool:
    return event.actor_unit == state.province_code and event.on_behalf_of == state.own_body


def _sender(_: IssueState, event: Envelope, about: Escalation | None) -> bool:
    return about is not None and event.actor_unit == territory_of(about.from_body)


def _lead(_: IssueState, event: Envelope, about: Escalation | None) -> bool:
    if about is None or event.on_behalf_of not in {None, about.lead_body}:
        return False
    if event.actor_body is not None:
        return event.actor_body == about.lead_body
    return event.actor_unit == territory_of(about.lead_body)


def _house(_: IssueState, event: Envelope, about: Escalation | None) -> bool:
    if about is None or event.actor_unit != territory_of(about.lead_body):
        return False
    # A step recorded for another body always names that body.
    own = is_own_house(about.lead_body, event.actor_body)
    return event.on_behalf_of == about.lead_body or (own and event.on_behalf_of is None)


def is_own_house(lead_body: str, actor_body: str | None) -> bool:
    """Return whether the provincial office acts for itself: for its own body, or the committee it serves."""
    province = territory_of(lead_body)
    return lead_body in {actor_body, f"{province}.ubnd", f"{province}.vp_ubnd"}


def _records(_: IssueState, event: Envelope, about: Escalation | None) -> bool:
    if about is None or territory_of(about.lead_body) != NATION:
        return False
    return event.actor_unit == territory_of(about.from_body) and event.on_behalf_of == about.lead_body


def _office(state: IssueState, event: Envelope, _: Escalation | None) -> bool:
    return event.actor_unit == state.province_code


def _delegate(state: IssueState, event: Envelope, about: Escalation | None) -> bool:
    """Return whether a role may decide on a draft in its leader's stead: within the delegation, never on its own."""
    if about is None or not _sender(state, event, about) or event.actor_role == about.drafted_by:
        return False
    if not isinstance(event, EscalationApproved | EscalationCorrectionAsked):
        return bool(getattr(event, "delegated", False))
    said = event.data
    if said.delegation is None:
        return False
    if isinstance(event, EscalationApproved) and event.data.capacity not in {"kt", "tl", "tuq"}:
        return False
    held = Validity(said.delegation.valid_from, said.delegation.valid_to)
    return held.holds_on(local_day(event.recorded_at))


def _watches(state: IssueState, event: Envelope, _: Escalation | None) -> bool:
    return event.actor_unit in {state.unit_code, state.province_code, NATION}


def _product(_state: IssueState, _event: Envelope, _about: Escalation | None) -> bool:
    return True


_HOLDS: dict[Relation, Callable[[IssueState, Envelope, Escalation | None], bool]] = {
    "reporter": _reporter,
    "over_reporter": _over_reporter,
    "sender": _sender,
    "lead": _lead,
    "house": _house,
    "records": _records,
    "office": _office,
    "product": _product,
    "delegate": _delegate,
    "watches": _watches,
}
