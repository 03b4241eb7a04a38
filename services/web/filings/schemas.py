"""Periods, filings and the ledger of what changed after them: request bodies and answers of the JSON API."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from events.fields import DeadlineSource
from events.periods import FiledLine
from reporting.dated.periods import PeriodKind
from reporting.filings.figures import Cause
from reporting.filings.sums import Moved
from services.acting.filing_acts import ReopenReason
from services.web.shell.schemas import Answer

ShownState = Literal["open", "confirmed", "accepted", "closed", "reopen_asked", "reopened"]
Timeliness = Literal["running", "awaited", "on_time", "late", "missing"]
"""The period still runs; its day has not passed; confirmed by its day, or after it; not confirmed and its day passed."""


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ConfirmationSent(_Sent):
    """The figures that the person saw, by their digest; a zero report is explicit."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    nothing_occurred: bool = False


class ConfirmedSent(_Sent):
    """The confirmation whose figures are accepted or closed."""

    confirmed_id: UUID


class ReopeningWishSent(_Sent):
    """Why a closed period is to be opened again."""

    reason_code: ReopenReason


class ReopeningSent(_Sent):
    """The wish that is granted, or taken back by its person."""

    asked_id: UUID


class SendingView(Answer):
    """To whom the report of a period goes, and by which day; a `default` day is a reminder, never "overdue"."""

    receiver: str
    receiver_name: str | None
    due_on: dt.date
    deadline_source: DeadlineSource
    source: str
    confidence: str


class PeriodView(Answer):
    """One reporting period, both days included."""

    key: str
    kind: PeriodKind
    name: str
    first_on: dt.date
    last_on: dt.date
    sending: SendingView | None


class PeriodList(Answer):
    """The periods in which a day lies, and the last of each kind that has ended."""

    running: list[PeriodView]
    ended: list[PeriodView]


class StepView(Answer):
    """One step of a filing; `person` is a pseudonym."""

    event_id: UUID
    event: str
    at: dt.datetime
    actor_role: str
    actor_unit: str
    person: UUID


class Figures(Answer):
    """Figures of a period: their sum, and a line for each field and channel."""

    total: dict[str, int]
    lines: list[FiledLine]


class FilingLine(Answer):
    """One commune in the list of a province."""

    unit_code: str
    unit_name: str
    state: ShownState
    timeliness: Timeliness
    confirmed_id: UUID | None
    confirmed_at: dt.datetime | None
    nothing_occurred: bool | None
    closed_at: dt.datetime | None
    changed_count: int | None = Field(description="Numbers that differ from what was filed; null before.")


class FilingList(Answer):
    """The filings of a period: completeness is how many of `unit_count` have confirmed, timeliness how many in time."""

    period: PeriodView
    unit_count: int
    confirmed_count: int
    on_time_count: int
    late_count: int
    missing_count: int
    accepted_count: int
    closed_count: int
    items: list[FilingLine]


class FilingView(Answer):
    """One commune's filing with its three truths: as filed, as known on a day, as known now.

    `confirmed` are the figures that the commune confirmed last: those that its province accepts and closes.
    `digest` names the figures known now: whoever confirms them sends it back.
    """

    period: PeriodView
    unit_code: str
    unit_name: str
    state: ShownState
    timeliness: Timeliness
    confirmed_id: UUID | None
    asked_id: UUID | None
    is_own_wish: bool = Field(description="The actor asked to open the period again, and may take that back.")
    digest: str
    nothing_occurred: bool
    confirmed: Figures | None
    filed_at: dt.datetime | None
    filed: Figures | None
    known_on: dt.date | None
    known: Figures | None
    now: Figures
    steps: list[StepView]


class SumSent(_Sent):
    """The sum that the person saw, by its digest; a reason where it was closed before."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    reason_code: ReopenReason | None = None


class SumClosingSent(_Sent):
    """The sum that is closed."""

    summed_id: UUID


class SumPartView(Answer):
    """One commune and the sum: whether it is in it as confirmed last, and whether it would be now."""

    unit_code: str
    unit_name: str
    state: ShownState
    in_sum: bool
    in_now: bool
    moved: Moved | None = Field(description="How it differs from the sum as filed; null where it does not.")


class SumView(Answer):
    """A province's own filing: the sum of the communes that it accepted, which are in it, and which are missing.

    `digest` names the sum of now; null where no commune's figures are accepted, or where a case moved between communes
    while they confirmed: the sum would count it twice or not at all, and those in `confirm_anew` confirm first.
    """

    period: PeriodView
    province_code: str
    province_name: str
    state: Literal["open", "confirmed", "closed"]
    timeliness: Timeliness
    summed_id: UUID | None
    summed_at: dt.datetime | None
    receiver: str | None
    reason_code: ReopenReason | None
    digest: str | None
    confirm_anew: list[str]
    accepted_count: int
    missing_count: int
    moved_count: int | None
    summed: Figures | None
    filed_at: dt.datetime | None
    filed: Figures | None
    now: Figures
    parts: list[SumPartView]
    steps: list[StepView]


class CauseView(Answer):
    """How many cases changed a number for a cause; of `unexplained`, or by how much no case accounts for it."""

    cause: Cause
    case_count: int


MOST_EVENTS = 100
"""How many events a number of the ledger names; a cell of a workbook holds no more than some hundred ids."""


class RestatementView(Answer):
    """One number that differs from what was filed, and the events recorded since that brought it about, the first 100."""

    unit_code: str
    period: str
    field_code: str
    channel: str
    number: str
    filed: int
    now: int
    case_count: int
    causes: list[CauseView]
    event_count: int
    event_ids: list[UUID]


class RestatementLedger(Answer):
    """The numbers that a recount of a closed period has otherwise than the figures that were filed; empty where nothing differs."""

    period: PeriodView
    unit_code: str
    filed_id: UUID
    filed_at: dt.datetime
    items: list[RestatementView]


class StepRecorded(Answer):
    """A recorded step; `created` is false where it was recorded before, `queued` true while it is not folded yet."""

    filing_id: UUID
    event_id: UUID
    created: bool
    queued: bool
