"""The register of lessons: entries for the JSON API and for pages."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.web.shell.schemas import Answer


class LessonView(Answer):
    """One lesson; `village` is null where its name was erased, `event_id` is the event that recorded it last."""

    id: UUID
    event_id: UUID
    unit_code: str
    unit_name: str
    held_on: dt.date
    village: str | None
    people_count: int
    confirmed_count: int | None


class LessonList(Answer):
    """The lessons that the reader may see, the latest first."""

    items: list[LessonView]


class LessonStrike(BaseModel):
    """Why an entry was a mistake, and the `event_id` of the entry that was shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_id: UUID
    reason_code: Literal["recorded_twice", "not_held", "wrong_village"]


class LessonRecorded(Answer):
    """The recorded lesson; `created` is false where the same was recorded before."""

    lesson_id: UUID
    event_id: UUID
    created: bool
