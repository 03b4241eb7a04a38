"""Act on an issue or an escalation, for every role: the one entry for pages and scripts.

The fold alone decides what may be done, by whom and when. An act is folded before it is recorded, so that a refusal
is clear and leaves no trace; of two acts recorded at once, the first in the log counts.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from services.access.actors import Actor
from services.acting.act import ActionResult, ActOnIssue
from services.acting.act_ids import id_of_act
from services.acting.act_inputs import EscalationActInput, IssueActInput, JoinInput
from services.acting.contents import (
    TYPE_OF_ESCALATION_ACT,
    TYPE_OF_ISSUE_ACT,
    escalation_content,
    issue_content,
)
from services.acting.parts import ActParts
from services.acting.problem_acts import joinable_problem
from services.acting.visible import visible_escalation, visible_issue

__all__ = ["ActionResult", "act_on_escalation", "act_on_issue"]


def act_on_issue(
    parts: ActParts, actor: Actor, issue_id: UUID, sent: IssueActInput, *, key: UUID | None = None
) -> ActionResult:
    """Confirm, dispute, withdraw, close, propose, join or unjoin an issue.

    Args:
        sent: the request body; its model determines the act.
        key: made by the client; a retry of the same unit and body with the same key returns the first outcome.

    Raises:
        NotFound: no such issue.
        Forbidden: the actor may not read the issue, or may not take this step.
        Conflict: another act was first, or the state does not allow this one; holds state, version and latest act.
        BadInput, PersonalData, UnknownBody: a field is wrong; the error names it.
        KeyReused: the key belongs to another act.
    """
    state = visible_issue(parts, actor, issue_id, to_act=True)
    if isinstance(sent, JoinInput) and sent.problem is not None:
        joinable_problem(parts, actor, sent.problem)
    event_type = TYPE_OF_ISSUE_ACT[sent.act]
    event_id = id_of_act(parts.store, actor, state.acts, subject=state.id, event_type=event_type, key=key)
    return ActOnIssue(
        parts, actor, state, None, sent, event_type, event_id, partial(issue_content, sent)
    ).run()


def act_on_escalation(
    parts: ActParts,
    actor: Actor,
    escalation_id: UUID,
    sent: EscalationActInput,
    *,
    key: UUID | None = None,
) -> ActionResult:
    """Take a step of an escalation; arguments and errors as for `act_on_issue`."""
    state, about = visible_escalation(parts, actor, escalation_id, to_act=True)
    event_type = TYPE_OF_ESCALATION_ACT[sent.act]
    event_id = id_of_act(parts.store, actor, state.acts, subject=state.id, event_type=event_type, key=key)
    content = partial(escalation_content, sent, about=about)
    return ActOnIssue(parts, actor, state, about, sent, event_type, event_id, content).run()
