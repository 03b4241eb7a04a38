"""Turns of steps: the states of an issue and its escalations from which a step may be taken."""

from __future__ import annotations

import datetime as dt

from reporting.dated.bodies import territory_of
from reporting.dated.calendar import local_day
from reporting.issues.state import LIVE, Escalation, GivenAnswer, IssueState

CONFIRMABLE = frozenset({"solved", "guidance"})
"""Answers that the commune confirms; all others are noted (practice: silence never confirms)."""

NEEDS_WORDS = CONFIRMABLE
"""Answers that say in words what was done or how it is done: the commune cannot confirm what it was not told."""

FINAL_REFUSALS = frozenset({"refused", "not_competent"})
"""Answers after which the commune may end the issue itself."""

NEEDS_DOCUMENT = frozenset({"refused", "not_competent", "waiting_resources"})
"""Answers to an official document that need one themselves."""

STATES_BEFORE: dict[str, frozenset[str]] = {
    "escalation.approved": frozenset({"proposed"}),
    "escalation.correction_asked": frozenset({"proposed"}),
    "escalation.corrected": frozenset({"in_correction"}),
    "escalation.sent": frozenset({"awaiting_document"}),
    "escalation.acknowledged": frozenset({"sent"}),
    "escalation.accepted": frozenset({"sent", "acknowledged"}),
    "escalation.returned": frozenset({"sent", "acknowledged"}),
    "escalation.reminded": frozenset({"sent", "acknowledged", "accepted"}),
    "escalation.withdrawn": LIVE,
}


UNREAD = frozenset({"proposed", "in_correction", "awaiting_document", "sent", "withdrawn"})
"""States of an escalation that no body above has acknowledged."""


_MOVES_NOTHING = frozenset({"escalation.reminded", "issue.attachment_erased"})
"""Steps of others by which nobody takes the matter up."""


def may_amend(state: IssueState) -> bool:
    """Return whether the author may still correct the report: while nobody above has acted on it."""
    unread = all(one.state in UNREAD and one.acknowledged_at is None for one in state.escalations)
    return state.is_open and unread and state.joined is None and not state.faults and not _is_read(state)


def _is_read(state: IssueState) -> bool:
    """Return whether somebody above took a step on the report, such as a pause, also one that ended since."""
    return any(
        act.refused is None
        and act.type not in _MOVES_NOTHING
        and act.actor_role != "system"
        and act.actor_unit != state.unit_code
        and act.on_behalf_of != state.own_body
        for act in state.acts
    )


def amenders(state: IssueState, role: str | None) -> bool:
    """Return whether a role may correct: once its leader approved a proposal, the leader alone."""
    root = state.root
    approved = root is not None and root.formal and root.state in {"awaiting_document", "sent"}
    return role == "commune_chair" or not approved


def lead_by_table(state: IssueState) -> str | None:
    """Return the body of the province to which the verdict hands the issue; None where it names none.

    A matter that the commune decides itself is guided by the first body of the province.
    """
    verdict = state.verdict
    if verdict is None or verdict.lead_body is None:
        return None
    upper = (verdict.lead_body, *verdict.other_bodies)
    return next((body for body in upper if territory_of(body) == state.province_code), None)


def awaits_hand_off(state: IssueState) -> bool:
    """Return whether the verdict has yet to be followed by its hand-off: the first, or the one after a correction."""
    root = state.root
    return root is None or (root.replaced_by is not None and state.escalation(root.replaced_by) is None)


def may_be_corrected(escalation: Escalation) -> bool:
    """Return whether a draft rests on the words of the report: a commune's own, not a petition of its province."""
    return escalation.parent_id is None


def waits_for_resources(escalation: Escalation) -> bool:
    """Return whether the lead body promised to act once it has the means; such a body may answer again."""
    given = escalation.answer
    return escalation.state == "answered" and given is not None and given.kind == "waiting_resources"


def petition_is_live(state: IssueState, escalation: Escalation) -> bool:
    """Return whether the province has a live petition to a ministry for the escalation."""
    petition = state.petition_of(escalation)
    return petition is not None and petition.state in LIVE


def may_answer(state: IssueState, escalation: Escalation) -> bool:
    """Return whether an escalation can be answered in its present state.

    An official document must be accepted first; support, guidance and a ministry may answer at once. While a
    ministry has the province's petition, the province waits for the ministry.
    """
    if petition_is_live(state, escalation) or escalation.awaits_office_since is not None:
        return False
    at_once = not escalation.formal or escalation.level == "ministry"
    return (
        escalation.state == "accepted"
        or waits_for_resources(escalation)
        or (at_once and escalation.state in {"sent", "acknowledged"})
    )


def may_petition(state: IssueState, escalation: Escalation) -> bool:
    """Return whether the province may petition a ministry: after acceptance, one petition at a time."""
    in_turn = escalation.state == "accepted" or waits_for_resources(escalation)
    return escalation == state.root and in_turn and not petition_is_live(state, escalation)


def may_arbitrate(state: IssueState, escalation: Escalation) -> bool:
    """Return whether the provincial office may name the lead: of a returned issue, or one it is to sort."""
    sorts = (
        escalation.state in {"sent", "acknowledged", "accepted"} and escalation.lead_body == state.office_body
    )
    waits = escalation.awaits_office_since is not None
    return escalation == state.root and (waits or (sorts and not petition_is_live(state, escalation)))


def may_remind(state: IssueState, escalation: Escalation, at: dt.datetime) -> bool:
    """Return whether the provincial office may remind the lead body: of a step that it awaits, once on a local day.

    While a ministry has the province's petition, the ministry is reminded and not the body that waits for it.
    """
    if escalation.lead_body in {state.office_body, f"{state.province_code}.ubnd"}:
        return False
    if petition_is_live(state, escalation) or escalation.awaits_office_since is not None:
        return False
    return not any(
        act.type == "escalation.reminded"
        and act.escalation_id == escalation.id
        and act.refused is None
        and local_day(act.recorded_at) == local_day(at)
        for act in state.acts
    )


def may_propose_for_means(state: IssueState) -> bool:
    """Return whether the commune may propose by itself, because its means do not suffice."""
    root = state.root
    if state.verdict is None or state.lane == "outside" or state.undecided is not None:
        return False
    if state.state not in {"received", "answered", "disputed"}:
        return False
    if root is None:
        return True
    return root.state in {"withdrawn", "answered"} and root.awaits_office_since is None


def may_dispute(state: IssueState) -> bool:
    """Return whether the commune may dispute the answer, to have the issue looked at again."""
    if state.undecided is not None:
        return True
    root = state.root
    if root is None or root.state != "answered" or root.awaits_office_since is not None:
        return False
    return state.state in {"solution_claimed", "answered"} and not petition_is_live(state, root)


def may_withdraw(state: IssueState) -> bool:
    """Return whether the commune may withdraw the issue: while it is open and no answer stands."""
    return state.is_open and state.state not in {"solution_claimed", "answered"}


def closing_reasons(state: IssueState) -> frozenset[str]:
    """Return the reasons for which the issue may be closed now."""
    found = set()
    if state.state == "confirmed":
        found.add("confirmed")
    elif state.is_open and state.lane == "outside":
        found.add("outside")
    elif state.is_open:
        found.add("resolved_by_commune")
        answer = _latest_answer(state)
        if state.state == "answered" and answer is not None and answer.kind in FINAL_REFUSALS:
            found.add("answered")
    return frozenset(found)


def _latest_answer(state: IssueState) -> GivenAnswer | None:
    """Return the present answer of the issue: its problem's, or its own body's."""
    if state.undecided is not None:
        return state.undecided.answer
    return state.root.answer if state.root is not None else None
