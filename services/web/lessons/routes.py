"""JSON API of the register of lessons: list, record, strike."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from services.access.policy import require
from services.acting.lesson_acts import LessonInput, RecordedLesson
from services.language.labels import Lang
from services.web.lessons.schemas import LessonList, LessonRecorded, LessonStrike
from services.web.lessons.views import book_of, lesson_to_strike, lessons_of
from services.web.shell.error_schemas import ACTED, READ
from services.web.shell.identity import Here, Who

router = APIRouter(prefix="/api/v1/lessons", tags=["lessons"])


@router.get("", responses=READ)
def read_lessons(parts: Here, actor: Who, lang: Lang = "vi") -> LessonList:
    """List the lessons of digital literacy of the reader's unit, the latest first."""
    return LessonList(items=lessons_of(parts, actor, lang))


@router.post("", status_code=202, responses=ACTED)
def record_lesson(sent: LessonInput, parts: Here, actor: Who) -> LessonRecorded:
    """Record a lesson of the reader's commune; the same village and day states the counts anew.

    The same id with the same content is recorded once; with other content it is refused.
    """
    require(actor, "lessons.record", actor.unit_code, units=parts.tables.units)
    return _answer(book_of(parts).record(actor, sent))


@router.post("/{lesson_id}/strike", status_code=202, responses=ACTED)
def strike_lesson(lesson_id: UUID, sent: LessonStrike, parts: Here, actor: Who) -> LessonRecorded:
    """Record that an entry was a mistake, unless it was recorded anew since it was shown."""
    require(actor, "lessons.record", actor.unit_code, units=parts.tables.units)
    lesson = lesson_to_strike(parts, actor, lesson_id)
    return _answer(book_of(parts).strike(actor, lesson, sent.event_id, sent.reason_code))


def _answer(done: RecordedLesson) -> LessonRecorded:
    return LessonRecorded(lesson_id=done.lesson_id, event_id=done.event_id, created=done.created)
