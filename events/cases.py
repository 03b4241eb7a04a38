"""The family `case.*`: each event carries the whole state of its case, so that the latest `seq` wins without a fold.

Since version 2 an event leaves out what follows from the rest of it: the functions below say how. Version 1 stated all
of it, and an absent actor was nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from events.envelope import Envelope
from events.errors import InvalidEvent
from events.fields import (
    CaseKey,
    Channel,
    CommuneCode,
    Count,
    Instant,
    KeyId,
    LocalDate,
    Payload,
    ProcedureCode,
    Sequence,
    Slug,
    UnitCode,
)

StatusCode = Annotated[int, Field(ge=1, le=10)]
"""National status code `TrangThai` (vietnam.md 3.1)."""

PauseReason = Literal["supplement", "fee"]
CloseKind = Literal["finished", "withdrawn", "stopped"]
ApplicantKind = Literal["citizen", "organisation", "household_business", "unknown"]
Assisted = Literal["nobody", "counter", "other_unit", "home"]
"""Who helped to file: nobody, or where somebody did; missing where no source says it."""
AgeBand = Literal["60_plus", "under_60", "unknown"]
"""As coarse as the question needs: are those helped whom online procedures leave behind?"""
LinkedData = Literal["vneid", "population", "civil_status", "land", "other"]
"""Data of another body that a case rests on."""


COMMUNE_ROLES = ("commune_officer", "commune_chair", "commune_clerk")


def instant_of_receipt(said: Mapping[str, Any]) -> Any:
    """Return `recorded_at`: the device's clock showed the instant of receipt."""
    return said["recorded_at"]


def key_of_unit(said: Mapping[str, Any]) -> Any:
    """Return the competent unit: the partition key of its cases."""
    return said["data"].unit_code


def receiving_unit(said: Mapping[str, Any]) -> Any:
    """Return the competent unit: it received the case itself."""
    return said["unit_code"]


def own_unit(said: Mapping[str, Any]) -> str | None:
    """Return the unit of `source` for a role of a commune: its officers speak for their own."""
    return unit_of_source(said["source"]) if said["actor_role"] in COMMUNE_ROLES else None


def own_body(said: Mapping[str, Any]) -> str | None:
    """Return the People's Committee of that unit."""
    unit = own_unit(said)
    return None if unit is None else f"{unit}.ubnd"


@lru_cache(maxsize=8_192)
def unit_of_source(source: str) -> str:
    """Return the unit that a source of events names: /vn/38/15607 is 15607."""
    return next((part for part in reversed(source.split("/")) if part.isdigit()), "vn")


class Pause(Payload):
    """A span of days in which the clock of a case stood still; open while `to_on` is missing."""

    reason: PauseReason
    from_on: LocalDate
    to_on: LocalDate | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to_on is not None and self.to_on < self.from_on:
            raise ValueError("a pause cannot end before it began")
        return self


class CaseDates(Payload):
    """What places a case in the metrics: where it counts, how it is grouped, and its dated facts.

    The same shape describes the state before a change (`previous`), so that marks which no longer hold
    can be taken back.
    """

    unit_code: CommuneCode
    """The competent unit: sums go by it."""
    field_code: Slug
    channel: Channel
    submitted_on: LocalDate
    received_on: LocalDate | None = None
    refused_on: LocalDate | None = None
    due_on: LocalDate | None = None
    closed_on: LocalDate | None = None
    close_kind: CloseKind | None = None
    returned_on: LocalDate | None = None
    pauses: Annotated[tuple[Pause, ...], Field(max_length=40)] = ()

    @model_validator(mode="after")
    def _hang_together(self) -> Self:
        if (self.closed_on is None) != (self.close_kind is None):
            raise ValueError("closed_on and close_kind go together")
        if self.received_on is None and (self.closed_on or self.due_on):
            raise ValueError("a case that was not received has neither a due day nor an end")
        if self.received_on is not None and self.refused_on is not None:
            raise ValueError("a case is received or refused, not both")
        if self.closed_on and self.received_on and self.closed_on < self.received_on:
            raise ValueError("closed_on lies before received_on")
        return self


class CaseState(CaseDates):
    """The whole state of a case as its commune knows it; no name, no address, no dossier code."""

    key_id: KeyId
    seq: Sequence
    status_code: StatusCode
    received_unit_code: CommuneCode = Field(
        default_factory=receiving_unit, description="Left out where it is unit_code."
    )
    helped_unit_code: CommuneCode | None = None
    procedure_code: ProcedureCode | None = None
    applicant_kind: ApplicantKind = "unknown"
    due_at: Instant | None = None
    calendar_version: Annotated[str | None, Field(max_length=40)] = None
    supplement_count: Count = 0
    pause_known: bool = True
    personal_id_issued_on: LocalDate | None = None
    """When the child of a birth case got its personal number; the number itself is in no event."""
    personal_id_sent_on: LocalDate | None = None
    source_overdue: bool | None = None
    online_payment: bool | None = None
    backfill: bool = False
    reason_code: Slug | None = None
    assisted: Assisted | None = None
    age_band: AgeBand = "unknown"
    waiting_for: Slug | None = None
    """The body whose step a linked case awaits."""
    late_cause: Slug | None = None
    """Why the case ends late: a key of late_causes.csv; missing where nobody named it."""
    mismatch: LinkedData | None = None
    """Data that do not agree and hold the case up, or did last; missing where no source states it."""
    mismatch_body: Slug | None = None
    mismatch_from_on: LocalDate | None = None
    mismatch_to_on: LocalDate | None = None
    mismatch_earlier_to_on: LocalDate | None = None
    """When the mismatch before this one ended; a row that states days up to it repeats that one."""
    entered_twice: LinkedData | None = None
    """Data that were typed in again, though another system holds them."""
    previous: CaseDates | None = None


class CaseEvent(Envelope):
    """An event about one case; `subject` is the case key, the partition key is the competent unit."""

    subject: CaseKey
    time: Instant = Field(default_factory=instant_of_receipt, description="Left out where it is recordedat.")
    data: CaseState
    partition_key: Annotated[str, Field(min_length=1, max_length=80)] = Field(
        alias="partitionkey", default_factory=key_of_unit, description="Left out where it is data.unit_code."
    )
    actor_unit: UnitCode | None = Field(
        alias="actorunit",
        default_factory=own_unit,
        description="Left out where it is the unit of source and the role is one of a commune; null: nobody's.",
    )
    actor_body: Slug | None = Field(
        alias="actorbody",
        default_factory=own_body,
        description="Left out where it is <unit of source>.ubnd and the role is one of a commune; null: none.",
    )

    @classmethod
    def upgrade_attributes(cls, event: dict[str, Any]) -> dict[str, Any]:
        """Read version 1, where an actor that is left out is nobody."""
        _must_state(event, "time", "partitionkey")
        return {"actorunit": None, "actorbody": None, **event}

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Read version 1, which always names the unit that received the case."""
        _must_state(data, "received_unit_code")
        return data


def _must_state(part: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if name not in part:
            raise InvalidEvent(f"{name}: Field required", field=name)


class CaseSubmitted(CaseEvent):
    """Filed online, waiting for reception (status 1)."""

    type: Literal["case.submitted"] = "case.submitted"
    dataschema: Literal["urn:liencap:case.submitted:2"] = "urn:liencap:case.submitted:2"


class CaseReceived(CaseEvent):
    """Accepted at the counter; the clock starts (status 2)."""

    type: Literal["case.received"] = "case.received"
    dataschema: Literal["urn:liencap:case.received:2"] = "urn:liencap:case.received:2"


class CaseRefused(CaseEvent):
    """Not accepted (status 3)."""

    type: Literal["case.refused"] = "case.refused"
    dataschema: Literal["urn:liencap:case.refused:2"] = "urn:liencap:case.refused:2"


class CaseProcessingStarted(CaseEvent):
    """Taken up by the officer who decides (status 4)."""

    type: Literal["case.processing_started"] = "case.processing_started"
    dataschema: Literal["urn:liencap:case.processing_started:2"] = "urn:liencap:case.processing_started:2"


class CaseSupplementRequested(CaseEvent):
    """Papers are missing; the clock pauses (status 5)."""

    type: Literal["case.supplement_requested"] = "case.supplement_requested"
    dataschema: Literal["urn:liencap:case.supplement_requested:2"] = "urn:liencap:case.supplement_requested:2"


class CaseSupplemented(CaseEvent):
    """The missing papers came; the clock runs again."""

    type: Literal["case.supplemented"] = "case.supplemented"
    dataschema: Literal["urn:liencap:case.supplemented:2"] = "urn:liencap:case.supplemented:2"


class CaseFeeRequested(CaseEvent):
    """A fee is due; the clock pauses (status 6)."""

    type: Literal["case.fee_requested"] = "case.fee_requested"
    dataschema: Literal["urn:liencap:case.fee_requested:2"] = "urn:liencap:case.fee_requested:2"


class CaseResumed(CaseEvent):
    """The clock runs again after a fee, or after a withdrawn withdrawal."""

    type: Literal["case.resumed"] = "case.resumed"
    dataschema: Literal["urn:liencap:case.resumed:2"] = "urn:liencap:case.resumed:2"


class CaseExtended(CaseEvent):
    """The due day was moved with an apology (form 04)."""

    type: Literal["case.extended"] = "case.extended"
    dataschema: Literal["urn:liencap:case.extended:2"] = "urn:liencap:case.extended:2"


class CaseTransferred(CaseEvent):
    """The competent unit changed."""

    type: Literal["case.transferred"] = "case.transferred"
    dataschema: Literal["urn:liencap:case.transferred:2"] = "urn:liencap:case.transferred:2"


class CaseResultReady(CaseEvent):
    """Processing is finished (status 9)."""

    type: Literal["case.result_ready"] = "case.result_ready"
    dataschema: Literal["urn:liencap:case.result_ready:2"] = "urn:liencap:case.result_ready:2"


class CaseReturnedResult(CaseEvent):
    """The result was handed over (status 10)."""

    type: Literal["case.returned_result"] = "case.returned_result"
    dataschema: Literal["urn:liencap:case.returned_result:2"] = "urn:liencap:case.returned_result:2"


class CaseWithdrawn(CaseEvent):
    """The applicant asks for the case back (status 7)."""

    type: Literal["case.withdrawn"] = "case.withdrawn"
    dataschema: Literal["urn:liencap:case.withdrawn:2"] = "urn:liencap:case.withdrawn:2"


class CaseStopped(CaseEvent):
    """Processing was stopped (status 8, form 05)."""

    type: Literal["case.stopped"] = "case.stopped"
    dataschema: Literal["urn:liencap:case.stopped:2"] = "urn:liencap:case.stopped:2"


class CaseCorrected(CaseEvent):
    """An earlier statement was wrong or gained a step; `reason_code` says why, `previous` what it was."""

    type: Literal["case.corrected"] = "case.corrected"
    dataschema: Literal["urn:liencap:case.corrected:2"] = "urn:liencap:case.corrected:2"


class CaseRetracted(CaseEvent):
    """What an import stated of the case was taken back: the case counts for nothing; `data` is what was taken back."""

    type: Literal["case.retracted"] = "case.retracted"
    dataschema: Literal["urn:liencap:case.retracted:2"] = "urn:liencap:case.retracted:2"


CASE_EVENTS: tuple[type[CaseEvent], ...] = (
    CaseSubmitted,
    CaseReceived,
    CaseRefused,
    CaseProcessingStarted,
    CaseSupplementRequested,
    CaseSupplemented,
    CaseFeeRequested,
    CaseResumed,
    CaseExtended,
    CaseTransferred,
    CaseResultReady,
    CaseReturnedResult,
    CaseWithdrawn,
    CaseStopped,
    CaseCorrected,
    CaseRetracted,
)
