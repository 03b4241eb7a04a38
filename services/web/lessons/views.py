"""The register of lessons for readers: those that an actor may see, the latest first."""

from __future__ import annotations

from uuid import UUID

from reporting.dated.bodies import unit_named
from reporting.lessons.register import HeldLesson
from services.access.actors import Actor
from services.access.policy import require
from services.acting.lesson_acts import LessonBook
from services.acting.recording import source_of
from services.errors import NotFound
from services.language.labels import Lang
from services.warehouse.lesson_table import LessonTable
from services.web.lessons.schemas import LessonView
from services.web.shell.parts import ViewParts


def book_of(parts: ViewParts) -> LessonBook:
    """Return the writer of the register."""
    return LessonBook(parts.store, parts.texts, parts.tables, parts.clock)


def lessons_of(parts: ViewParts, actor: Actor, lang: Lang) -> list[LessonView]:
    """Return the lessons of the actor's unit and what lies in it.

    Raises:
        Forbidden: the actor's role reads no lessons.
    """
    require(actor, "lessons.read", actor.unit_code, units=parts.tables.units)
    found = LessonTable(parts.warehouse).within(source_of(actor, parts.tables.units))
    names = parts.texts.fetch(lesson.village.id for lesson in found)
    views = [_view(parts, lesson, names.get(lesson.village.id), lang) for lesson in found]
    return sorted(views, key=lambda one: (-one.held_on.toordinal(), one.unit_code, str(one.id)))


def lesson_to_strike(parts: ViewParts, actor: Actor, lesson_id: UUID) -> HeldLesson:
    """Return a lesson that the actor may strike.

    Raises:
        NotFound: there is no such lesson.
        Forbidden: it is another commune's.
    """
    lesson = LessonTable(parts.warehouse).get(lesson_id)
    if lesson is None:
        raise NotFound("there is no lesson of that id", field="lesson_id")
    require(actor, "lessons.record", lesson.unit_code, units=parts.tables.units)
    return lesson


def _view(parts: ViewParts, lesson: HeldLesson, village: str | None, lang: Lang) -> LessonView:
    return LessonView(
        id=lesson.id,
        event_id=lesson.event_id,
        unit_code=lesson.unit_code,
        unit_name=unit_named(parts.tables.units.get(lesson.unit_code), lang),
        held_on=lesson.held_on,
        village=village,
        people_count=lesson.people_count,
        confirmed_count=lesson.confirmed_count,
    )
