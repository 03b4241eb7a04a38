"""Comparison of a repeated correction with the recorded one: its facts and its texts."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from events.envelope import Envelope
from events.fields import TextRef
from events.issues import REPORT_FACTS, REPORT_TEXTS, IssueCorrected
from reporting.issues.state import IssueState
from services.acting.act_inputs import AmendInput, CorrectInput
from services.acting.texts import is_same_text

Stated = str | int | TextRef | None
"""A fact or a text of a report."""


def same_correction(
    sent: AmendInput | CorrectInput,
    state: IssueState,
    event_id: UUID,
    texts: Mapping[str, str],
    before: Envelope | None,
) -> bool:
    """Return whether a request repeats a recorded correction.

    A retry names every field that the correction changed, and no other value for a field that it left as it was.

    Args:
        texts: hash of each text that the correction recorded, by field.
        before: the recorded event, where the outbox still has it; its facts may not be folded yet.
    """
    folded = next((one for one in state.amended if one.id == event_id), None)
    facts: dict[str, Stated] = {}
    if isinstance(before, IssueCorrected):
        facts = {name: getattr(before.data, name) for name in REPORT_FACTS}
    elif folded is not None:
        facts = {one.field: one.now for one in folded.facts}
    then = _report_after(state, event_id)
    if isinstance(sent, AmendInput):
        for name in REPORT_FACTS:
            value, recorded = getattr(sent, name), facts.get(name)
            if value != recorded and (recorded is not None or (value is not None and value != then[name])):
                return False
    return all(_same_words(getattr(sent, name), texts.get(name), then[name]) for name in REPORT_TEXTS)


def _same_words(words: str | None, recorded: str | None, then: Stated) -> bool:
    if recorded is not None:
        return words is not None and is_same_text(words, recorded)
    return words is None or (isinstance(then, TextRef) and is_same_text(words, then.sha256))


def _report_after(state: IssueState, event_id: UUID) -> dict[str, Stated]:
    """Return the facts and texts of the report after one correction, before the later ones."""
    then = {name: getattr(state.report, name) for name in (*REPORT_FACTS, *REPORT_TEXTS)}
    amended = {one.id: one for one in state.amended}
    for act in reversed(state.acts):
        if act.id == event_id:
            return then
        if act.refused is not None:
            continue
        if act.id in amended:
            done = amended[act.id]
            then.update({one.field: one.was for one in done.facts})
            then.update({one.field: one.was for one in done.texts})
        elif act.type == "escalation.corrected":
            then.update({one.field: one.text for one in state.replaced if one.until == act.recorded_at})
    return {name: getattr(state.report, name) for name in then}
