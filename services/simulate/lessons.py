"""Hold the lessons of digital literacy of simulated communes: some each working day, in the villages of their commune."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from uuid import UUID, uuid5

from services.access.actors import Actor
from services.acting.lesson_acts import LessonBook, LessonInput
from services.simulate.profiles import Profile
from services.web.shell.parts import ViewParts

# Design assumptions for a demonstration, not measurements.
LESSON_PER_DAY = 0.012
PEOPLE = (8, 45)
VILLAGES: Sequence[str] = ("Thôn 1", "Thôn 2", "Thôn 3", "Thôn 4", "Bản Na", "Bản Lát")
_IDS = UUID("c8f3b1d2-3b5a-5d0c-8a9e-52b7f0c4d611")


def hold_lessons(parts: ViewParts, profiles: Sequence[Profile], day: dt.date, seed: str) -> None:
    """Record the lessons of a day; the same seed holds the same ones, so that a repetition records nothing."""
    book = LessonBook(parts.store, parts.texts, parts.tables, parts.clock)
    for code, lesson in drawn(profiles, day, seed):
        book.record(Actor("commune_officer", code, f"{code}.ubnd", f"simulated-{code}"), lesson)


def drawn(profiles: Sequence[Profile], day: dt.date, seed: str) -> Iterator[tuple[str, LessonInput]]:
    """Yield the lessons of a day, each with its commune."""
    rng = random.Random(f"{seed}:lessons:{day}")
    for profile in profiles:
        if rng.random() >= LESSON_PER_DAY:
            continue
        people = rng.randint(*PEOPLE)
        yield (
            profile.unit_code,
            LessonInput(
                id=uuid5(_IDS, f"{seed}:{profile.unit_code}:{day}"),
                held_on=day,
                village=rng.choice(VILLAGES),
                people_count=people,
                confirmed_count=rng.randint(0, people) if rng.random() < 0.7 else None,
            ),
        )
