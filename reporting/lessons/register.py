"""The register of lessons of digital literacy: folded from events. Pure.

`reporting/queries/parts/held_lessons.sql` states the same rules over the facts, for boards.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from events.envelope import Envelope
from events.fields import TextRef
from events.lessons import LessonHeld, LessonStruck
from reporting.dated.calendar import local_day

Refusal = Literal["not_recorded", "actor_not_entitled", "held_in_future"]

_COMMUNE = frozenset({"commune_officer", "commune_chair", "commune_clerk"})
ROLES: dict[str, frozenset[str]] = {"lesson.held": _COMMUNE, "lesson.struck": _COMMUNE}
"""Type of event → the roles that may emit it, each for its own commune."""


@dataclass(frozen=True, slots=True)
class HeldLesson:
    """One lesson as it was recorded last, by the event `event_id`."""

    id: UUID
    event_id: UUID
    unit_code: str
    held_on: dt.date
    village: TextRef
    people_count: int
    confirmed_count: int | None
    recorded_at: dt.datetime
    struck: bool = False


def fold(lesson: HeldLesson | None, event: Envelope) -> tuple[HeldLesson | None, Refusal | None]:
    """Apply one event; return the entry, and the reason where the event is refused."""
    if event.actor_role not in ROLES[event.type] or event.source.split("/")[-1] != event.actor_unit:
        return lesson, "actor_not_entitled"
    return STEPS[event.type](lesson, event)


def fold_all(events: Iterable[Envelope]) -> list[HeldLesson]:
    """Fold the events of many lessons, in the order of the log, each event once.

    The entries of each unit are its own: under whatever subject, an event changes no other unit's.
    """
    lessons: dict[tuple[str, str | None], HeldLesson | None] = {}
    known: set[UUID] = set()
    for event in events:
        if event.id not in known:
            known.add(event.id)
            key = event.subject, event.actor_unit
            lessons[key] = fold(lessons.get(key), event)[0]
    return [lesson for lesson in lessons.values() if lesson is not None]


def _hold(lesson: HeldLesson | None, event: LessonHeld) -> tuple[HeldLesson | None, Refusal | None]:
    said = event.data
    if event.actor_unit != said.unit_code:
        return lesson, "actor_not_entitled"
    if said.held_on > local_day(event.recorded_at):
        return lesson, "held_in_future"
    return HeldLesson(
        id=UUID(event.subject),
        event_id=event.id,
        unit_code=said.unit_code,
        held_on=said.held_on,
        village=said.village,
        people_count=said.people_count,
        confirmed_count=said.confirmed_count,
        recorded_at=event.recorded_at,
    ), None


def _strike(lesson: HeldLesson | None, event: LessonStruck) -> tuple[HeldLesson | None, Refusal | None]:
    if lesson is None:
        return None, "not_recorded"
    if event.actor_unit != lesson.unit_code:
        return lesson, "actor_not_entitled"
    return replace(lesson, struck=True), None


STEPS: dict[str, Callable[[HeldLesson | None, Any], tuple[HeldLesson | None, Refusal | None]]] = {
    "lesson.held": _hold,
    "lesson.struck": _strike,
}
"""Type of event → the step that folds it into the register."""
