"""The family `lesson.*`: a lesson of digital literacy ("bình dân học vụ số") was held in a village, or never was."""

from __future__ import annotations

from typing import Literal
from uuid import UUID, uuid5

from events.envelope import Envelope
from events.fields import CommuneCode, Count, LocalDate, Payload, TextRef, UuidSubject

_LESSONS = UUID("4f0a6f0e-7c1d-5b52-9f3c-2a8f5d6c7e10")


class Lesson(Payload):
    """Where and when a lesson was held, and how many people it reached: a count, nobody's name.

    `confirmed_count` are those whom the national app confirmed as having learnt it, where somebody counted them.
    """

    unit_code: CommuneCode
    held_on: LocalDate
    village: TextRef
    people_count: Count
    confirmed_count: Count | None = None


class LessonStriking(Payload):
    """Why an entry was a mistake."""

    reason_code: Literal["recorded_twice", "not_held", "wrong_village"]


class LessonEvent(Envelope):
    """An event about one lesson; `subject` and partition key are the id that `lesson_id` gives."""

    subject: UuidSubject


class LessonHeld(LessonEvent):
    """A lesson was held; recorded again it states the counts anew."""

    type: Literal["lesson.held"] = "lesson.held"
    dataschema: Literal["urn:liencap:lesson.held:1"] = "urn:liencap:lesson.held:1"
    data: Lesson


class LessonStruck(LessonEvent):
    """The entry was a mistake and counts no longer."""

    type: Literal["lesson.struck"] = "lesson.struck"
    dataschema: Literal["urn:liencap:lesson.struck:1"] = "urn:liencap:lesson.struck:1"
    data: LessonStriking


LESSON_EVENTS: tuple[type[LessonEvent], ...] = (LessonHeld, LessonStruck)


def lesson_id(unit_code: str, held_on: str, village_key: str) -> UUID:
    """Return the id of a lesson: the same village and day is the same lesson.

    Args:
        unit_code: the commune.
        held_on: the local day, in ISO form.
        village_key: the name of the village in small letters with its marks; names that differ in marks are two.
    """
    return uuid5(_LESSONS, f"{unit_code}\0{held_on}\0{village_key}")
