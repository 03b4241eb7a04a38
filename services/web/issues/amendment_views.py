"""The corrections of a report by its author, for readers: what each field was and what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reporting.issues.amended import Amended, ChangedFact
from reporting.issues.state import IssueState
from services.web.issues.schemas import AmendmentView, ChangeView
from services.web.issues.text_views import Texts, text_of

Label = Callable[..., str]
"""Returns the label `group.value` in the reader's language."""
NAMED = ("severity", "place_type", "tried_step")
"""Facts whose values are keys with a label."""


def amendments_shown(
    state: IssueState,
    texts: Texts,
    label: Label,
    words: Mapping[str, str],
    unit_of: Callable[[str], str],
) -> list[AmendmentView]:
    """Return the corrections in the order in which they were made."""
    return [
        AmendmentView(
            event_id=one.id,
            at=one.at,
            actor_role=one.actor_role,
            actor_role_label=None if one.actor_role is None else label("role", one.actor_role, **words),
            actor_unit_name=None if one.actor_unit is None else unit_of(one.actor_unit),
            note=text_of(one.note, texts),
            changes=_changes(one, texts, label),
        )
        for one in state.amended
    ]


def _changes(one: Amended, texts: Texts, label: Label) -> list[ChangeView]:
    facts = (
        ChangeView(
            field=fact.field,
            was=_value(fact, fact.was, label),
            now=_value(fact, fact.now, label),
            was_text=None,
            now_text=None,
        )
        for fact in one.facts
    )
    words = (
        ChangeView(
            field=text.field,
            was=None,
            now=None,
            was_text=text_of(text.was, texts),
            now_text=text_of(text.now, texts),
        )
        for text in one.texts
    )
    return [*facts, *words]


def _value(fact: ChangedFact, value: str | int | None, label: Label) -> str | int | None:
    return label(fact.field, value) if fact.field in NAMED and value is not None else value
