"""The family `promise.*`: villages without signal, power or a fixed line, promises, and measurements."""

from __future__ import annotations

from typing import Literal
from uuid import UUID, uuid5

from events.envelope import Envelope
from events.fields import (
    CommuneCode,
    Count,
    Document,
    LocalDate,
    Payload,
    RowId,
    Slug,
    TableVersion,
    TextRef,
    UuidSubject,
)

Gap = Literal["no_signal", "poor_signal", "no_grid_power", "no_fixed_line"]
"""The missing supply of a village; no signal at all ("trắng sóng") is not poor signal ("lõm sóng")."""

_SPOTS = UUID("0b6d3c5e-9a0f-5b7e-8a54-6f2d1c9e7b31")


class Listing(Payload):
    """A village that lacks something, and the department in whose register it stands; its name can be erased."""

    unit_code: CommuneCode
    gap: Gap
    department: Slug
    village: TextRef
    household_count: Count | None = None


class Commitment(Payload):
    """Who promised to end it by which day; an enterprise promises, the department records it."""

    promiser: Slug
    promised_on: LocalDate
    document: Document | None = None


class Measurement(Payload):
    """What somebody of the commune or of the department found on the spot."""

    measured_on: LocalDate
    works: bool
    note: TextRef | None = None


class Striking(Payload):
    """Why an entry was a mistake."""

    reason_code: Literal["listed_twice", "no_such_village", "wrong_gap"]


class Lapse(Payload):
    """A promised day that is over, and nothing was measured that works; `promise_id` is the event that promised it."""

    promise_id: UUID
    promiser: Slug
    promised_on: LocalDate


class Recheck(Payload):
    """That an entry was closed so long ago that it is asked about again, by which row of the thresholds."""

    closed_on: LocalDate
    recheck_days: Count
    row_id: RowId
    table_version: TableVersion


class PromiseEvent(Envelope):
    """An event about one village and one gap; `subject` and partition key are the id that `spot_id` gives."""

    subject: UuidSubject


class PromiseListed(PromiseEvent):
    """A village stands in the register from now on."""

    type: Literal["promise.listed"] = "promise.listed"
    dataschema: Literal["urn:liencap:promise.listed:1"] = "urn:liencap:promise.listed:1"
    data: Listing


class PromiseMade(PromiseEvent):
    """A day was promised, or another one than before."""

    type: Literal["promise.made"] = "promise.made"
    dataschema: Literal["urn:liencap:promise.made:1"] = "urn:liencap:promise.made:1"
    data: Commitment


class PromiseMeasured(PromiseEvent):
    """It was measured whether the village has now what it lacked."""

    type: Literal["promise.measured"] = "promise.measured"
    dataschema: Literal["urn:liencap:promise.measured:1"] = "urn:liencap:promise.measured:1"
    data: Measurement


class PromiseStruck(PromiseEvent):
    """The entry was a mistake and counts no longer."""

    type: Literal["promise.struck"] = "promise.struck"
    dataschema: Literal["urn:liencap:promise.struck:1"] = "urn:liencap:promise.struck:1"
    data: Striking


class PromiseMissed(PromiseEvent):
    """The day that was promised went by; said by the watch, once for each promise."""

    type: Literal["promise.missed"] = "promise.missed"
    dataschema: Literal["urn:liencap:promise.missed:1"] = "urn:liencap:promise.missed:1"
    data: Lapse


class PromiseAskedAgain(PromiseEvent):
    """It is time to ask whether what was closed still works; said by the watch, once for each time it was closed."""

    type: Literal["promise.asked_again"] = "promise.asked_again"
    dataschema: Literal["urn:liencap:promise.asked_again:1"] = "urn:liencap:promise.asked_again:1"
    data: Recheck


PROMISE_EVENTS: tuple[type[PromiseEvent], ...] = (
    PromiseListed,
    PromiseMade,
    PromiseMeasured,
    PromiseStruck,
    PromiseMissed,
    PromiseAskedAgain,
)


def spot_id(unit_code: str, village_key: str, gap: Gap) -> UUID:
    """Return the id of a village's gap: the same village listed again is the same spot.

    Args:
        unit_code: the commune.
        village_key: the village's own code, or its folded name, which is the same for every spelling.
        gap: the missing supply.
    """
    return uuid5(_SPOTS, f"{unit_code}\0{village_key}\0{gap}")
