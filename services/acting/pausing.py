"""Pause and resume the deadlines of an escalation, checked against the dated table of reasons."""

from __future__ import annotations

import datetime as dt

from events.clocks import ClockPause, ClockPaused, ClockResumed, ClockResumption
from reporting.dated.pause_reasons import Pauser, PauseReason, PauseReasons, Refusal
from reporting.issues import pauses
from reporting.issues.state import Escalation, IssueState
from services.access.actors import Actor
from services.acting.act_inputs import PauseInput, ResumeInput
from services.acting.context import ActContext, Content, document_if_sent
from services.errors import BadInput, Forbidden

_SAID: dict[Refusal, str] = {
    "unknown_reason": "there is no such reason in the table of pauses",
    "no_pause": "waiting for this is no pause: the time goes on",
    "clock_not_covered": "for this reason none of the deadlines that run here stands still",
    "document_required": "this deadline is set by law, regulation or document: a pause needs a document too",
}


def pause(sent: PauseInput, context: ActContext, about: Escalation) -> Content:
    """Build the content of a pause.

    Raises:
        BadInput: no reason, a reason that pauses nothing, or a missing document; the error names the field.
        Forbidden: the reason is not the actor's to give.
    """
    reasons = context.tables.pause_reasons
    if sent.pause_reason is None:
        raise BadInput("say what is waited for", field="pause_reason", error_key="missing")
    row = reasons.find(sent.pause_reason, context.on)
    who = _pausers(context.actor, about, sent.on_behalf_of)
    if not who:
        _refuse([])
    # The fold refuses a pause where every clock is paused for this reason already, or has run out.
    lasting = pauses.unstopped(context.state, about)
    if row is not None:
        covered = pauses.covered(context.state, about, row)
        lasting = pauses.stoppable(context.state, about, row, context.at) or covered or lasting
    if not lasting:
        raise BadInput(_SAID["clock_not_covered"], field="pause_reason")
    for clock in lasting:
        refusals = [
            reasons.refusal(
                sent.pause_reason,
                clock.clock,
                clock.deadline_source,
                each,
                context.on,
                documented=sent.document is not None,
            )
            for each in who
        ]
        if None not in refusals:
            _refuse([refusal for refusal in refusals if refusal is not None])
    data = ClockPause(
        escalation_id=about.id,
        clock_ids=tuple(clock.id for clock in lasting),
        pause_reason=sent.pause_reason,
        row_id=row.id if row is not None else sent.pause_reason,
        table_version=reasons.version,
        note=context.note(),
        document=document_if_sent(context, sent, about),
    )
    return ClockPaused, data


def resume(sent: ResumeInput, context: ActContext, about: Escalation) -> Content:
    """Build the content of the end of a pause: the named one, or the only one that lasts.

    Raises:
        BadInput: several pauses last, and none is named.
    """
    lasting = pauses.open_pauses(context.state, about)
    pause_id = sent.pause_id
    if pause_id is None and len(lasting) > 1:
        raise BadInput("several pauses last: say which ends", field="pause_id")
    if pause_id is None:
        # The fold refuses the act where no pause lasts.
        pause_id = lasting[0].id if lasting else context.event_id
    return ClockResumed, ClockResumption(escalation_id=about.id, pause_id=pause_id, note=context.note())


def own_reasons(
    actor: Actor, state: IssueState, about: Escalation, reasons: PauseReasons, at: dt.datetime
) -> tuple[PauseReason, ...]:
    """Return the reasons that an actor may give on its own behalf."""
    return pauses.reasons_for(state, about, _pausers(actor, about, None), reasons, at)


def _pausers(actor: Actor, about: Escalation, behalf: str | None) -> tuple[Pauser, ...]:
    return tuple(pauses.pausers_of(actor.role, actor.unit_code, actor.body, behalf, about))


def _refuse(refusals: list[Refusal]) -> None:
    refusal = next((one for one in refusals if one != "not_entitled"), None)
    if refusal is None:
        raise Forbidden("this role or body may not give this reason for a pause")
    if refusal == "document_required":
        raise BadInput(_SAID[refusal], field="document", error_key="document")
    raise BadInput(_SAID[refusal], field="pause_reason")
