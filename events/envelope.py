"""The CloudEvents 1.0 envelope that every event shares (structured JSON mode)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from events.fields import Instant, Payload, Slug, UnitCode

# How far a device's clock may run ahead of the receiver's; an event further in the future is refused.
ALLOWED_SKEW = dt.timedelta(hours=24)

Role = Literal[
    "commune_officer",
    "commune_chair",
    "commune_clerk",
    "province_reviewer",
    "province_leader",
    "department_officer",
    "department_leader",
    "ministry_viewer",
    "ministry_officer",
    "auditor",
    "administrator",
    "system",
]


STATED = ("specversion", "type", "dataschema")
"""Attributes with a default in the models that every encoded event states all the same: no reader guesses them."""


class Envelope(Payload):
    """Carry one event: who says what about which subject, when it happened and when it was received.

    Attribute names follow CloudEvents (lower case, no underscore) in JSON and the project's in Python.
    `time` is the device's clock, evidence only; `recorded_at` is the receipt, on which clocks run.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: Annotated[str, Field(pattern=r"^/vn(/[0-9]{2}(/[0-9]{5})?)?(/[a-z_]{1,40})?$")]
    type: str
    subject: Annotated[str, Field(min_length=1, max_length=80)]
    recorded_at: Annotated[Instant, Field(alias="recordedat")]
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    data: Payload
    partition_key: Annotated[str, Field(alias="partitionkey", min_length=1, max_length=80)]
    causation_id: Annotated[UUID | None, Field(alias="causationid")] = None
    expected_version: Annotated[int | None, Field(alias="expectedversion", ge=0)] = None
    actor_role: Annotated[Role | None, Field(alias="actorrole")] = None
    actor_unit: Annotated[UnitCode | None, Field(alias="actorunit")] = None
    actor_body: Annotated[Slug | None, Field(alias="actorbody")] = None
    on_behalf_of: Annotated[Slug | None, Field(alias="onbehalfof")] = None

    @model_validator(mode="after")
    def _not_from_the_future(self) -> Self:
        if self.time > self.recorded_at + ALLOWED_SKEW:
            raise ValueError("time lies in the future of recordedat beyond the allowed skew")
        return self

    @classmethod
    def version(cls) -> int:
        """Return the version that this release writes, read from the class's `dataschema`."""
        return int(str(cls.model_fields["dataschema"].default).rsplit(":", 1)[1])

    @classmethod
    def upgrade_attributes(cls, event: dict[str, Any]) -> dict[str, Any]:
        """Convert the attributes beside `data` of the version before this one into this version's."""
        return event

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Convert the `data` of the version before this one into this version's.

        Raises:
            LookupError: this is the first version.
        """
        raise LookupError(f"{cls.__name__} has no earlier version to read {sorted(data)} as")
