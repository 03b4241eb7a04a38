"""Let the time of an escalation stand still, and run again: checked against the dated table of reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from events.clocks import ClockPause, ClockPaused, ClockResumed, ClockResumption
from reporting.bodies import territory_of
from reporting.issue_state import Escalation, IssueState
from reporting.pause_reasons import Pauser, PauseReason, PauseReasons, Refusal
from reporting.pauses import open_pauses, pausable, unstopped
from services.acting.ground import Content, Ground, document_if_sent
from services.actors import Actor
from services.errors import BadInput, Forbidden

_SAID: dict[Refusal, str] = {
    "unknown_reason": "there is no such reason in the table of pauses",
    "no_pause": "waiting for this is no pause: the time goes on",
    "clock_not_covered": "for this reason none of the deadlines that run here stands still",
    "document_required": "this deadline is set by law, regulation or document: a pause needs a document too",
}


def pausers_of(actor: Actor, about: Escalation, *, on_behalf_of: str | None = None) -> Iterator[Pauser]:
    """Say as whom an actor may give a reason: as the body that leads, as the provincial office, or as both."""
    speaks_for_all = actor.body is None and actor.unit_code == territory_of(about.lead_body)
    if speaks_for_all or about.lead_body in {actor.body, on_behalf_of}:
        yield "lead"
    if actor.role in {"province_reviewer", "province_leader"}:
        yield "office"


def pause(ground: Ground, about: Escalation) -> Content:
    """Build the content of a pause.

    Raises:
        BadInput: no reason, one that is no pause, or a document that is missing; names the field.
        Forbidden: the actor may not give this reason.
    """
    sent, reasons = ground.sent, ground.tables.pause_reasons
    if sent.pause_reason is None:
        raise BadInput("say what is waited for", field="pause_reason")
    row = reasons.find(sent.pause_reason, ground.on)
    # Where all stand still already, the fold says who was first, or takes the second reason beside the first.
    running = pausable(ground.state, about) or unstopped(ground.state, about)
    covered = [clock for clock in running if row is not None and clock.clock in row.clocks] or running
    who = tuple(pausers_of(ground.actor, about, on_behalf_of=sent.on_behalf_of))
    if not who:
        _refuse([])
    if not covered:
        raise BadInput(_SAID["clock_not_covered"], field="pause_reason")
    for clock in covered:
        refusals = [
            reasons.refusal(
                sent.pause_reason,
                clock.clock,
                clock.deadline_source,
                each,
                ground.on,
                documented=sent.document is not None,
            )
            for each in who
        ]
        if None not in refusals:
            _refuse([refusal for refusal in refusals if refusal is not None])
    data = ClockPause(
        escalation_id=about.id,
        clock_ids=tuple(clock.id for clock in covered),
        pause_reason=sent.pause_reason,
        row_id=row.id if row is not None else sent.pause_reason,
        table_version=reasons.version,
        note=ground.note(),
        document=document_if_sent(ground, about),
    )
    return ClockPaused, data


def resume(ground: Ground, about: Escalation) -> Content:
    """Build the content of the end of a pause: of the one that lasts, or of the one that is named.

    Raises:
        BadInput: several last, and none is named.
    """
    lasting = open_pauses(ground.state, about)
    pause_id = ground.sent.pause_id
    if pause_id is None and len(lasting) > 1:
        raise BadInput("several pauses last: say which ends", field="pause_id")
    if pause_id is None:
        # Where none lasts the fold says so; it has the last word on what is in turn.
        pause_id = lasting[0].id if lasting else ground.event_id
    return ClockResumed, ClockResumption(escalation_id=about.id, pause_id=pause_id, note=ground.note())


def reasons_for(
    actor: Actor, state: IssueState, about: Escalation, reasons: PauseReasons, on: dt.date
) -> tuple[PauseReason, ...]:
    """Return the reasons that an actor could give for itself, for a deadline that runs."""
    running = {clock.clock for clock in pausable(state, about)}
    found = {one.reason: one for who in pausers_of(actor, about) for one in reasons.open_to(who, on)}
    return tuple(one for one in found.values() if one.clocks & running)


def _refuse(refusals: list[Refusal]) -> None:
    refusal = next((one for one in refusals if one != "not_entitled"), None)
    if refusal is None:
        raise Forbidden("this role or body may not give this reason for a pause")
    raise BadInput(_SAID[refusal], field="document" if refusal == "document_required" else "pause_reason")
