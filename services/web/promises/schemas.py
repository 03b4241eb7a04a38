"""The register of promises: request bodies, and entries for the JSON API and for pages."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from events.fields import CommuneCode, Count, LocalDate, Slug
from events.promises import Gap
from services.web.shell.schemas import Answer

PromiseState = Literal["late", "open", "promised", "again", "closed"]


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VillageSent(_Sent):
    """A village to list; with a promiser and a day it is also promised."""

    department: Slug
    unit_code: CommuneCode
    village: Annotated[str, Field(min_length=1, max_length=200)]
    gap: Gap
    household_count: Count | None = None
    promiser: Slug | None = None
    promised_on: LocalDate | None = None


class DaySent(_Sent):
    """A promised day and its promiser."""

    promiser: Slug
    promised_on: LocalDate


class MeasurementSent(_Sent):
    """A measurement on the spot."""

    measured_on: LocalDate
    works: bool


class SpotView(Answer):
    """One village of the register; `village` is null where its name was erased."""

    id: UUID
    unit_code: str
    unit_name: str
    department: str
    village: str | None
    gap: Gap
    gap_label: str
    household_count: int | None
    promiser: str | None
    promiser_name: str | None
    promised_on: dt.date | None
    first_promised_on: dt.date | None
    moved_count: int
    slipped_days: int
    state: str
    state_label: str
    closed_on: dt.date | None
    measured_on: dt.date | None
    measured_works: bool | None


class SpotList(Answer):
    """The entries that the reader may see."""

    items: list[SpotView]


class SpotRecorded(Answer):
    """The recorded entry; `created` is false where everything was recorded before."""

    spot_id: UUID
    event_ids: list[UUID]
    created: bool
