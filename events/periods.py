"""The family `period.*`: a commune confirms the figures of a period, its province accepts and closes them, two reopen."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID, uuid5

from pydantic import Field, model_validator

from events.envelope import Envelope
from events.fields import Channel, CommuneCode, Count, LocalDate, Payload, ProvinceCode, Slug, UuidSubject

_FILINGS = UUID("7c1f4a0e-52d7-5c39-9a54-1f0d8e6b2a97")
_PERSONS = UUID("e2a90d5b-0b1c-5e55-8f0e-93c7d41f6b08")

PeriodKey = Annotated[str, Field(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])|-q[1-4]|-h[12]|-m9)?$")]
"""A reporting period: 2026-11, 2026-q4, 2026-h2, 2026-m9, 2026."""


class LogPosition(Payload):
    """The last record of one partition that figures rest on."""

    topic: Literal["cases", "cases-backfill"]
    partition: Annotated[int, Field(ge=0, le=1_000)]
    offset: Annotated[int, Field(ge=0, le=9_007_199_254_740_991)]


class LogGap(Payload):
    """Positions of one partition, both ends included, that lie below the last record and hold no fact: set aside then."""

    topic: Literal["cases", "cases-backfill"]
    partition: Annotated[int, Field(ge=0, le=1_000)]
    first: Annotated[int, Field(ge=0, le=9_007_199_254_740_991)]
    last: Annotated[int, Field(ge=0, le=9_007_199_254_740_991)]


class FiledLine(Payload):
    """The figures of one field and channel over the period; stocks are counted at its end. What is left out is 0."""

    field_code: Slug
    channel: Channel
    submitted: Count = 0
    received: Count = 0
    refused: Count = 0
    resolved: Count = 0
    resolved_early: Count = 0
    resolved_on_time: Count = 0
    resolved_late: Count = 0
    resolved_undated: Count = 0
    withdrawn: Count = 0
    stopped: Count = 0
    returned: Count = 0
    became_overdue: Count = 0
    carried_over: Count = 0
    open: Count = 0
    overdue: Count = 0
    paused: Count = 0


class _OfPeriod(Payload):
    """What every event of the family says: whose period, and which person said it.

    `person` is a pseudonym that `person_id` derives: it tells two persons apart and names nobody.
    """

    unit_code: CommuneCode
    period: PeriodKey
    person: UUID


class Confirmation(_OfPeriod):
    """The figures that a commune stands for, and the position of the log up to which they were counted.

    `gaps` are what had not landed below these positions: should such a record land one day, it is later than the figures.
    `nothing_occurred` is the zero report ("không phát sinh"): said in words, and only of a period without a figure.
    """

    first_on: LocalDate
    last_on: LocalDate
    nothing_occurred: bool
    epoch: Annotated[int, Field(ge=1, le=65_535)]
    positions: tuple[LogPosition, ...]
    gaps: tuple[LogGap, ...] = ()
    lines: tuple[FiledLine, ...]

    @model_validator(mode="after")
    def _zero_is_said(self) -> Self:
        if self.nothing_occurred != (not self.lines):
            raise ValueError("a period without a figure is a zero report, and no other is")
        return self


class Acceptance(_OfPeriod):
    """That the province accepts the figures of one confirmation."""

    confirmed_id: UUID


class Closure(_OfPeriod):
    """That the province closes the period with the figures of one confirmation."""

    confirmed_id: UUID


class ReopeningWish(_OfPeriod):
    """Why a closed period is to be opened again."""

    reason_code: Literal["late_data", "wrong_figures", "wrong_unit"]


class Reopening(_OfPeriod):
    """That a second person opens the period again; `asked_id` is the event of the first."""

    asked_id: UUID


class WishWithdrawal(_OfPeriod):
    """That the person of a wish takes it back: the period stays closed; `asked_id` is the event of the wish."""

    asked_id: UUID


class Reminder(Payload):
    """Which communes of a province have not confirmed a period, some days before the sending day or after it."""

    province_code: ProvinceCode
    period: PeriodKey
    mark: Literal["before", "after"]
    due_on: LocalDate
    unit_codes: Annotated[tuple[CommuneCode, ...], Field(min_length=1, max_length=1_000)]
    row_id: Annotated[str, Field(max_length=80)]
    table_version: Annotated[str, Field(max_length=80)]


class SumReminder(Payload):
    """That a province has not closed its own sum of a period, some days before its sending day or after it."""

    province_code: ProvinceCode
    period: PeriodKey
    mark: Literal["before", "after"]
    due_on: LocalDate
    receiver: Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,80}$")]
    row_id: Annotated[str, Field(max_length=80)]
    table_version: Annotated[str, Field(max_length=80)]


class SummedPart(Payload):
    """One commune in the sum of its province: the confirmation that the province accepted."""

    unit_code: CommuneCode
    confirmed_id: UUID


class SumConfirmation(Payload):
    """What a province files upward: the sum of the communes that it accepted, and those that are not in it.

    `reason_code` says why it is filed once more after it was closed; the first time there is none.
    """

    province_code: ProvinceCode
    period: PeriodKey
    person: UUID
    first_on: LocalDate
    last_on: LocalDate
    receiver: Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,80}$")]
    due_on: LocalDate
    parts: Annotated[tuple[SummedPart, ...], Field(min_length=1, max_length=1_000)]
    missing: Annotated[tuple[CommuneCode, ...], Field(max_length=1_000)]
    lines: tuple[FiledLine, ...]
    reason_code: Literal["late_data", "wrong_figures", "wrong_unit"] | None = None


class SumClosure(Payload):
    """That the province closes its period with one sum: it stands as it was sent."""

    province_code: ProvinceCode
    period: PeriodKey
    person: UUID
    summed_id: UUID


class PeriodEvent(Envelope):
    """An event about one period of one commune; `subject` and partition key are the id that `filing_id` gives."""

    subject: UuidSubject


class PeriodConfirmed(PeriodEvent):
    """The commune confirmed its figures."""

    type: Literal["period.confirmed"] = "period.confirmed"
    dataschema: Literal["urn:liencap:period.confirmed:1"] = "urn:liencap:period.confirmed:1"
    data: Confirmation


class PeriodAccepted(PeriodEvent):
    """The province accepted what the commune confirmed."""

    type: Literal["period.accepted"] = "period.accepted"
    dataschema: Literal["urn:liencap:period.accepted:1"] = "urn:liencap:period.accepted:1"
    data: Acceptance


class PeriodClosed(PeriodEvent):
    """The figures of the period are filed; what is recorded later changes the running view alone."""

    type: Literal["period.closed"] = "period.closed"
    dataschema: Literal["urn:liencap:period.closed:1"] = "urn:liencap:period.closed:1"
    data: Closure


class PeriodReopenAsked(PeriodEvent):
    """Somebody asked to open a closed period again."""

    type: Literal["period.reopen_asked"] = "period.reopen_asked"
    dataschema: Literal["urn:liencap:period.reopen_asked:1"] = "urn:liencap:period.reopen_asked:1"
    data: ReopeningWish


class PeriodReopened(PeriodEvent):
    """Somebody else opened it: the commune confirms once more."""

    type: Literal["period.reopened"] = "period.reopened"
    dataschema: Literal["urn:liencap:period.reopened:1"] = "urn:liencap:period.reopened:1"
    data: Reopening


class PeriodWishWithdrawn(PeriodEvent):
    """Whoever asked took the wish back."""

    type: Literal["period.wish_withdrawn"] = "period.wish_withdrawn"
    dataschema: Literal["urn:liencap:period.wish_withdrawn:1"] = "urn:liencap:period.wish_withdrawn:1"
    data: WishWithdrawal


class PeriodReminded(PeriodEvent):
    """The product reminded a province's communes that have not confirmed; `subject` is the id of the province's filing."""

    type: Literal["period.reminded"] = "period.reminded"
    dataschema: Literal["urn:liencap:period.reminded:1"] = "urn:liencap:period.reminded:1"
    data: Reminder


class PeriodSummed(PeriodEvent):
    """The province confirmed its sum to the receiver above; `subject` is the id of the province's filing."""

    type: Literal["period.summed"] = "period.summed"
    dataschema: Literal["urn:liencap:period.summed:1"] = "urn:liencap:period.summed:1"
    data: SumConfirmation


class PeriodSumClosed(PeriodEvent):
    """The province closed its period with that sum."""

    type: Literal["period.sum_closed"] = "period.sum_closed"
    dataschema: Literal["urn:liencap:period.sum_closed:1"] = "urn:liencap:period.sum_closed:1"
    data: SumClosure


class PeriodSumReminded(PeriodEvent):
    """The product reminded a province of its own sending day; `subject` is the id of the province's filing."""

    type: Literal["period.sum_reminded"] = "period.sum_reminded"
    dataschema: Literal["urn:liencap:period.sum_reminded:1"] = "urn:liencap:period.sum_reminded:1"
    data: SumReminder


PERIOD_EVENTS: tuple[type[PeriodEvent], ...] = (
    PeriodConfirmed,
    PeriodAccepted,
    PeriodClosed,
    PeriodReopenAsked,
    PeriodReopened,
    PeriodWishWithdrawn,
    PeriodReminded,
    PeriodSummed,
    PeriodSumClosed,
    PeriodSumReminded,
)


def filing_id(unit_code: str, period: str) -> UUID:
    """Return the id of the filing of a commune, or of a province, for a period."""
    return uuid5(_FILINGS, f"{unit_code}\0{period}")


def person_id(unit_code: str, subject: str) -> UUID:
    """Return the pseudonym under which a person of a unit stands in events, whatever role the person acts in."""
    return uuid5(_PERSONS, f"{unit_code}\0{subject}")
