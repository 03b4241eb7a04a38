"""Derive the notices of an event: who is notified, by the event and by lasting facts of the issue.

A notice names an event, the kind of difficulty and the unit; it never carries a text. Of the state it uses
only facts that no later event changes, so a replay, years later, derives the same notices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from events.clocks import ClockBreached, ClockPaused, ClockReached, ClockRescheduled
from events.envelope import Envelope, Role
from events.escalations import (
    EscalationAnswered,
    EscalationApproved,
    EscalationCorrected,
    EscalationCorrectionAsked,
    EscalationProposed,
    EscalationReferred,
    EscalationReminded,
    EscalationReturned,
    EscalationSent,
    EscalationWithdrawn,
)
from events.faults import FaultCleared, FaultConfirmed, IssueReleased, IssueSuppressed
from events.issues import (
    IssueClosed,
    IssueCompetenceAssessed,
    IssueConfirmed,
    IssueCorrected,
    IssueDisputed,
    IssueProblemAnswered,
    IssueWithdrawn,
)
from events.signals import SignalRaised
from events.sources import SourceEvent, SourceRecovered, SourceSilent
from reporting.dated.bodies import NATION, territory_of
from reporting.issues.amending import hand_off_of
from reporting.issues.state import Escalation, Fault, IssueState
from reporting.issues.turns import CONFIRMABLE
from reporting.notice import Notice, Recipient, Template, notice_of, speakers_of

_PROVINCE_CODE_LENGTH = 2
_FOR_LEADERS = frozenset({"outage_leader", "outage_ministry"})


def notices_of(event: Envelope, state: IssueState | None) -> tuple[Notice, ...]:
    """Return the notices that an event causes; none for an event that was refused.

    Args:
        event: any event of the topics `issues` and `sources`.
        state: the issue at this event or at any later one; None for an event of a source.
    """
    if isinstance(event, SourceEvent):
        return _of_source(event)
    about = ABOUT.get(type(event))
    if about is None or state is None:
        return ()
    outcome = state.outcome_of(event.id, event.type)
    if outcome is None or not outcome.accepted:
        return ()
    return tuple(_notice(event, state, *told) for told in about(state, event))


Told = tuple[Template, Recipient, Escalation | None, str | None]
"""Template, recipient, the escalation concerned, the detail."""


def _notice(
    event: Envelope,
    state: IssueState,
    template: Template,
    recipient: Recipient,
    one: Escalation | None,
    detail: str | None,
) -> Notice:
    return notice_of(
        event,
        template,
        recipient,
        urgent=state.report.severity == "urgent" or state.lane == "phone_first",
        unit_code=state.unit_code,
        kind=state.report.kind,
        issue_id=state.id,
        escalation_id=None if one is None else one.id,
        detail=detail,
    )


def leaders_of(body: str) -> Recipient:
    """Return the leaders of a body; for the provincial office, those of the people's committee."""
    territory = territory_of(body)
    if territory == NATION:
        return Recipient(body, ("ministry_officer",))
    if len(territory) != _PROVINCE_CODE_LENGTH:
        return Recipient(body, ("commune_chair",))
    if body in {f"{territory}.ubnd", f"{territory}.vp_ubnd"}:
        return Recipient(f"{territory}.ubnd", ("province_leader",))
    return Recipient(body, ("department_leader",))


def _clerks_of(body: str) -> Recipient:
    """Return the people who prepare the document of a body."""
    roles: tuple[Role, ...] = ("commune_clerk",)
    if len(territory_of(body)) == _PROVINCE_CODE_LENGTH:
        roles = ("province_reviewer",)
    return Recipient(body, roles)


def _proposed(state: IssueState, event: EscalationProposed) -> list[Told]:
    one = state.escalation(event.data.escalation_id)
    if event.data.trigger == "arbitration":
        # The office has named the lead: without an approval or a new document, the issue arrives there at
        # once.
        return [("arrived", Recipient(event.data.lead_body), one, None)]
    return [("approval_wanted", leaders_of(event.data.from_body), one, None)]


def _referred(state: IssueState, event: EscalationReferred) -> list[Told]:
    one = state.escalation(event.data.escalation_id)
    return [("arrived", Recipient(event.data.lead_body), one, None)]


def _approved(state: IssueState, event: EscalationApproved) -> list[Told]:
    one = _about(state, event)
    return [("document_wanted", _clerks_of(one.from_body), one, None)]


def _correction_asked(state: IssueState, event: EscalationCorrectionAsked) -> list[Told]:
    """Notify those who may correct the draft; the reason is on its page."""
    one = _about(state, event)
    drafting: tuple[Role, ...] = ("commune_officer", "commune_clerk")
    return [("correction_wanted", Recipient(one.from_body, drafting), one, None)]


def _corrected(state: IssueState, event: EscalationCorrected) -> list[Told]:
    one = _about(state, event)
    return [("approval_wanted", leaders_of(one.from_body), one, None)]


def _report_corrected(state: IssueState, event: IssueCorrected) -> list[Told]:
    """Notify the leaders who had asked for the correction of their draft, and the body that has the signed document."""
    done = next(one for one in state.amended if one.id == event.id)
    one = None if done.answers is None else state.escalation(done.answers)
    told: list[Told] = [] if one is None else [("approval_wanted", leaders_of(one.from_body), one, None)]
    at = event.recorded_at
    return [
        *told,
        *(
            ("report_corrected", Recipient(one.lead_body), one, None)
            for one in state.escalations
            if one.document is not None
            and one.sent_at is not None
            and one.sent_at <= at <= (one.ended_at or at)
        ),
    ]


def _assessed(state: IssueState, event: IssueCompetenceAssessed) -> list[Told]:
    """Notify the body that had the issue until a correction changed who is competent."""
    return [
        ("withdrawn", Recipient(one.lead_body), one, None)
        for one in state.escalations
        if one.replaced_by == hand_off_of(event.id) and one.was_sent
    ]


def _sent(state: IssueState, event: EscalationSent) -> list[Told]:
    one = _about(state, event)
    return [("arrived", Recipient(one.lead_body), one, None)]


def _reminded(state: IssueState, event: EscalationReminded) -> list[Told]:
    one = _about(state, event)
    return [("reminded", Recipient(one.lead_body), one, None)]


def _returned(state: IssueState, event: EscalationReturned) -> list[Told]:
    one = _about(state, event)
    told: list[Told] = [("returned", Recipient(one.from_body), one, None)]
    if one.parent_id is None:
        return [*told, ("lead_wanted", Recipient(state.office_body), one, None)]
    return told


def _answered(state: IssueState, event: EscalationAnswered) -> list[Told]:
    one, kind = _about(state, event), event.data.answer_kind
    if one.parent_id is not None:
        parent = state.escalation(one.parent_id)
        heard = dict.fromkeys((one.from_body, *((parent.lead_body,) if parent is not None else ())))
        return [("answered", Recipient(body), one, kind) for body in heard]
    own = Recipient(state.own_body)
    if kind in CONFIRMABLE:
        return [("confirmation_wanted", own, one, kind)]
    told: list[Told] = [("answered", own, one, kind)]
    return [*told, ("lead_wanted", Recipient(state.office_body), one, kind)] if kind == "passed_on" else told


def _problem_answered(state: IssueState, event: IssueProblemAnswered) -> list[Told]:
    kind = event.data.answer_kind
    template: Template = "confirmation_wanted" if kind in CONFIRMABLE else "answered"
    return [(template, Recipient(state.own_body), None, kind)]


def _disputed(state: IssueState, event: IssueDisputed) -> list[Told]:
    """Notify the body that answered at the first dispute, the provincial office at the second.

    A dispute of a problem's answer notifies the problem's body, and the issue's own lead if that is asked
    once more.
    """
    for one in state.escalations:
        for number, found in enumerate(one.rounds):
            if found.decided_at == event.recorded_at:
                if number == 0:
                    return [("disputed", Recipient(one.lead_body), one, None)]
                return [("lead_wanted", Recipient(state.office_body), one, None)]
    told: list[Told] = [
        ("disputed", Recipient(one.lead_body), one, None)
        for one in state.escalations
        if any(found.asked_at == event.recorded_at for found in one.rounds[1:])
    ]
    known = {recipient.body for _, recipient, _, _ in told}
    for was in state.memberships:
        then = was.at <= event.recorded_at and (was.ended_at is None or event.recorded_at < was.ended_at)
        if then and was.body is not None and was.body not in known:
            told.append(("disputed", Recipient(was.body), None, None))
    return told


def _step_withdrawn(state: IssueState, event: EscalationWithdrawn) -> list[Told]:
    one = _about(state, event)
    return [("withdrawn", Recipient(one.lead_body), one, None)] if one.was_sent else []


def _issue_withdrawn(state: IssueState, event: IssueWithdrawn) -> list[Told]:
    """Notify the bodies that had the issue when the commune withdrew it."""
    told: list[Told] = [
        ("withdrawn", Recipient(one.lead_body), one, None)
        for one in state.escalations
        if one.was_sent and one.state == "withdrawn" and one.ended_at == event.recorded_at
    ]
    return [*told, *_fault_ended(state, event)]


def _fault_confirmed(state: IssueState, event: FaultConfirmed) -> list[Told]:
    return _about_fault("fault_confirmed", state, [one for one in state.faults if one.id == event.id], event)


def _fault_ended(state: IssueState, event: Envelope) -> list[Told]:
    """Notify of the end of a fault: by its clearance, or with the issue that reported it."""
    ended = [one for one in state.faults if one.cleared_by == event.id]
    return _about_fault("fault_cleared", state, ended, event)


def _about_fault(template: Template, state: IssueState, found: list[Fault], event: Envelope) -> list[Told]:
    """Notify the reporting commune, the named units and the provincial office, except the actor itself."""
    said_by = speakers_of(event)
    return [
        (template, Recipient(body), state.escalation(one.escalation_id) if one.escalation_id else None, None)
        for one in found
        for body in dict.fromkeys(
            (state.own_body, *(f"{code}.ubnd" for code in one.unit_codes), state.office_body)
        )
        if body not in said_by and body != f"{state.province_code}.ubnd"
    ]


def _suppressed(state: IssueState, _event: IssueSuppressed) -> list[Told]:
    return [("suppressed", Recipient(state.own_body), None, None)]


def _released(state: IssueState, _event: IssueReleased) -> list[Told]:
    return [("released", Recipient(state.own_body), None, None)]


def _paused(state: IssueState, event: ClockPaused) -> list[Told]:
    """Notify the commune that the time for its answer stands still."""
    return [("paused", Recipient(state.own_body), state.escalation(event.data.escalation_id), None)]


def _resumed(state: IssueState, event: ClockRescheduled) -> list[Told]:
    """Notify the holder of the clock that its time runs again."""
    clock = state.clock(event.data.clock_id)
    if clock is None:
        return []
    one = state.escalation(clock.escalation_id) if clock.escalation_id else None
    return [("resumed", Recipient(clock.holder_body), one, clock.clock)]


def _reached(state: IssueState, event: ClockReached) -> list[Told]:
    """Notify the holder alone, before the end of its time."""
    clock = state.clock(event.data.clock_id)
    if clock is None:
        return []
    one = state.escalation(clock.escalation_id) if clock.escalation_id else None
    holder = leaders_of(clock.holder_body) if clock.clock == "approve" else Recipient(clock.holder_body)
    return [(event.data.mark, holder, one, clock.clock)]


def _breached(state: IssueState, event: ClockBreached) -> list[Told]:
    """Notify the holder's leader and the provincial office of a breach; nothing moves by itself."""
    clock = state.clock(event.data.clock_id)
    if clock is None:
        return []
    one = state.escalation(clock.escalation_id) if clock.escalation_id else None
    template: Template = "reminder_passed" if clock.is_reminder else "overdue"
    told = dict.fromkeys((leaders_of(clock.holder_body), Recipient(state.office_body)))
    return [(template, recipient, one, clock.clock) for recipient in told]


def _signal(state: IssueState, event: SignalRaised) -> list[Told]:
    """Notify the provincial office, and its leaders where the threshold is theirs; they decide the rest."""
    told = [Recipient(state.office_body)]
    if event.data.trigger in _FOR_LEADERS:
        told.append(leaders_of(state.office_body))
    return [("signal", recipient, None, event.data.trigger) for recipient in told]


def _about(state: IssueState, event: Any) -> Escalation:
    found = state.escalation(event.data.escalation_id)
    assert found is not None, "an accepted step names an escalation of its issue"  # noqa: S101 -- the fold saw to it
    return found


def _of_source(event: SourceEvent) -> tuple[Notice, ...]:
    parts = event.source.split("/")
    if not isinstance(event, SourceSilent | SourceRecovered) or len(parts[2]) != _PROVINCE_CODE_LENGTH:
        return ()
    template: Template = "source_silent" if isinstance(event, SourceSilent) else "source_recovered"
    recipient = Recipient(f"{parts[2]}.vp_ubnd", ("administrator",))
    return (notice_of(event, template, recipient, unit_code=event.data.unit_code),)


ABOUT: dict[type[Envelope], Callable[[IssueState, Any], list[Told]]] = {
    EscalationProposed: _proposed,
    EscalationReferred: _referred,
    EscalationApproved: _approved,
    EscalationCorrectionAsked: _correction_asked,
    EscalationCorrected: _corrected,
    EscalationSent: _sent,
    EscalationReturned: _returned,
    EscalationAnswered: _answered,
    EscalationReminded: _reminded,
    EscalationWithdrawn: _step_withdrawn,
    IssueCorrected: _report_corrected,
    IssueCompetenceAssessed: _assessed,
    IssueDisputed: _disputed,
    IssueProblemAnswered: _problem_answered,
    IssueWithdrawn: _issue_withdrawn,
    IssueConfirmed: _fault_ended,
    IssueClosed: _fault_ended,
    FaultConfirmed: _fault_confirmed,
    FaultCleared: _fault_ended,
    IssueSuppressed: _suppressed,
    IssueReleased: _released,
    ClockPaused: _paused,
    ClockRescheduled: _resumed,
    ClockReached: _reached,
    ClockBreached: _breached,
    SignalRaised: _signal,
}
