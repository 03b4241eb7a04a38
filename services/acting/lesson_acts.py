"""Write into the register of lessons of digital literacy: a lesson held, or an entry struck."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID, uuid5

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Connection, select

from events.codec import decode
from events.envelope import Envelope
from events.fields import Count, LocalDate, TextRef
from events.lessons import Lesson, LessonHeld, LessonStriking, LessonStruck, lesson_id
from events.topics import PROMISES
from reporting.lessons.register import HeldLesson, Refusal, fold
from reporting.privacy import check
from services.access.actors import Actor
from services.acting.recording import event_by, event_recorded, source_of
from services.dated_tables import DatedTables
from services.errors import BadInput, Conflict, Forbidden, KeyReused
from services.input_errors import naming_the_field
from services.language.vietnamese import case_folded
from services.store.outbox import enqueue
from services.store.store import OUTBOX, Store
from services.store.texts import TextStore

_WHY: dict[Refusal, str] = {
    "not_recorded": "this lesson does not stand in the register",
    "actor_not_entitled": "only the commune itself records its lessons",
    "held_in_future": "a lesson that was held does not lie in the future",
}
_STRIKES = frozenset({"recorded_twice", "not_held", "wrong_village"})


def _plain(name: str) -> str:
    # PostgreSQL cannot store a NUL in a text.
    return unicodedata.normalize("NFC", " ".join(name.replace("\x00", "").split()))


def _village_key(name: str) -> str:
    # Marks stay: Thôn Mới and Thôn Mỏi are two villages.
    if not any(map(str.isalnum, name)):
        raise BadInput("the name of a village has letters or digits", field="village")
    return case_folded(name)


class LessonInput(BaseModel):
    """A lesson as its commune sends it; `id` is of the sender, and the same id is recorded once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    held_on: LocalDate
    village: Annotated[str, AfterValidator(_plain), Field(min_length=1, max_length=200)]
    people_count: Count
    confirmed_count: Count | None = None

    @model_validator(mode="after")
    def _confirmed_are_of_them(self) -> LessonInput:
        if self.confirmed_count is not None and self.confirmed_count > self.people_count:
            raise ValueError("no more people are confirmed than were reached")
        return self


@dataclass(frozen=True, slots=True)
class RecordedLesson:
    """The lesson of a call, and its event; `created` is false where the event was recorded before."""

    lesson_id: UUID
    event_id: UUID
    created: bool


class LessonBook:
    """Records into the register; each call is one transaction."""

    def __init__(
        self, store: Store, texts: TextStore, tables: DatedTables, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store = store
        self._texts = texts
        self._tables = tables
        self._clock = clock

    def record(self, actor: Actor, said: LessonInput) -> RecordedLesson:
        """Record a lesson of the actor's commune; for the same village and day the counts are stated anew.

        Raises:
            BadInput: the day lies in the future, or the village has neither letter nor digit.
            PersonalData: the village names a person; nothing is stored.
            Forbidden: the actor is of no commune.
            KeyReused: a lesson with other content is recorded under this id.
        """
        check(said.village, "village")
        found = lesson_id(actor.unit_code, said.held_on.isoformat(), _village_key(said.village))
        digest = hashlib.sha256(said.village.encode()).hexdigest()
        village = TextRef(id=uuid5(found, f"village:{digest}"), sha256=digest)
        with naming_the_field():
            lesson = Lesson(
                unit_code=actor.unit_code,
                held_on=said.held_on,
                village=village,
                people_count=said.people_count,
                confirmed_count=said.confirmed_count,
            )
        event = self._event(actor, found, _event_id(actor.unit_code, said.id), LessonHeld, lesson)
        _refuse(fold(None, event)[1])
        with self._store.begin() as conn:
            done = self._write(conn, found, event)
            if done.created:
                self._texts.put(
                    conn, said.village, unit_code=actor.unit_code, purpose="village", text_id=village.id
                )
            return done

    def strike(self, actor: Actor, lesson: HeldLesson, shown: UUID, reason_code: str) -> RecordedLesson:
        """Record that an entry was a mistake, as it was shown: recorded by the event `shown`.

        Raises:
            BadInput: no such reason.
            Forbidden: the lesson is another commune's.
            Conflict: it was recorded anew meanwhile.
        """
        if reason_code not in _STRIKES:
            raise BadInput("no such reason to strike an entry", field="reason_code")
        why = LessonStriking.model_validate({"reason_code": reason_code})
        # A lesson that is recorded again after it was struck can be struck again.
        event_id = uuid5(lesson.id, f"struck:{reason_code}:{shown}")
        event = self._event(actor, lesson.id, event_id, LessonStruck, why)
        _refuse(fold(lesson, event)[1])
        with self._store.begin() as conn:
            if shown != (_recorded_since(conn, lesson) or lesson.event_id):
                raise Conflict(
                    "this lesson was recorded anew meanwhile: look again",
                    field="event_id",
                    reason="changed_meanwhile",
                )
            return self._write(conn, lesson.id, event)

    def _event(self, actor: Actor, lesson: UUID, event_id: UUID, kind: type[Envelope], data: Any) -> Envelope:
        return event_by(
            actor,
            (kind, data),
            source=source_of(actor, self._tables.units),
            event_id=event_id,
            subject=lesson,
            now=self._clock(),
            expected_version=None,
            on_behalf_of=None,
        )

    def _write(self, conn: Connection, lesson: UUID, event: Envelope) -> RecordedLesson:
        if (before := event_recorded(conn, event.id)) is not None:
            if (before.subject, before.data) != (event.subject, event.data):
                raise KeyReused(
                    "a lesson with other content is recorded under this id: make a new one", field="id"
                )
            return RecordedLesson(lesson, event.id, created=False)
        enqueue(conn, event)
        return RecordedLesson(lesson, event.id, created=True)


def _recorded_since(conn: Connection, lesson: HeldLesson) -> UUID | None:
    """Return the event that recorded a lesson last, where the outbox knows it; it may not have landed."""
    query = (
        select(OUTBOX.c.value)
        .where(OUTBOX.c.topic == PROMISES.name, OUTBOX.c.key == str(lesson.id))
        .where(OUTBOX.c.failed_reason.is_(None))
        .order_by(OUTBOX.c.id.desc())
    )
    held = (event for event in map(decode, conn.scalars(query)) if isinstance(event, LessonHeld))
    last = next(held, None)
    # A restored store may know an older one alone.
    return last.id if last is not None and last.recorded_at >= lesson.recorded_at else None


def _event_id(unit_code: str, sent: UUID) -> UUID:
    return uuid5(sent, f"lesson.held:{unit_code}")


def _refuse(refused: Refusal | None) -> None:
    if refused == "held_in_future":
        raise BadInput(_WHY[refused], field="held_on", error_key="future")
    if refused is not None:
        raise (Forbidden if refused == "actor_not_entitled" else Conflict)(_WHY[refused])
