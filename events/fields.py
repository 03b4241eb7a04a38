"""Types of the fields that events share: codes, instants, dates, counts, references to erasable text."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

# Bounds that every table of the warehouse can hold; an event outside them is a mistake, not history.
FIRST_DAY = dt.date(1990, 1, 1)
LAST_DAY = dt.date(2099, 12, 31)


def _utc(value: dt.datetime) -> dt.datetime:
    if not FIRST_DAY.year <= value.year <= LAST_DAY.year:
        raise ValueError(f"the instant must lie between {FIRST_DAY.year} and {LAST_DAY.year}")
    return value.astimezone(dt.UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""An instant, carried in UTC; names end in `_at`."""

LocalDate = Annotated[dt.date, Field(ge=FIRST_DAY, le=LAST_DAY)]
"""A calendar day in Asia/Ho_Chi_Minh; names end in `_on`."""

# [0-9] rather than \d, which also takes the digits of other scripts.
COMMUNE_CODE = r"^[0-9]{5}$"
SLUG = r"^[a-z0-9][a-z0-9_.]{0,79}$"
PROCEDURE_CODE = r"^[0-9]\.[0-9]{6}(\.([0-9]{3}\.[0-9]{2}\.[0-9]{2}\.)?[A-Z][0-9]{2})?(\.[0-9]{2})?$"

CommuneCode = Annotated[str, Field(pattern=COMMUNE_CODE)]
ProvinceCode = Annotated[str, Field(pattern=r"^[0-9]{2}$")]
UnitCode = Annotated[str, Field(pattern=r"^([0-9]{2}|[0-9]{5}|vn)$")]
"""A commune (5 digits), a province (2 digits) or the nation (`vn`)."""

Slug = Annotated[str, Field(pattern=SLUG)]
"""A key of a dated table: a kind, a field, a body, a reason."""

ProcedureCode = Annotated[str, Field(pattern=PROCEDURE_CODE)]
"""A national procedure code, with a provincial suffix where the source gives one (vietnam.md 3.3)."""

CaseKey = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""HMAC-SHA256 of the dossier code; the code itself never travels."""

KeyId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Count = Annotated[int, Field(ge=0, le=10_000_000)]
Dong = Annotated[int, Field(ge=0, le=1_000_000_000_000_000)]
"""An amount in đồng, up to a million billion."""
Sequence = Annotated[int, Field(ge=1, le=9_007_199_254_740_991)]

Channel = Literal["counter", "online", "post", "unknown"]
"""How a case was filed; `unknown` where its source does not say."""
Severity = Literal["low", "medium", "high", "urgent"]
PlaceType = Literal[
    "village", "service_centre", "office", "school", "health_station", "road_bridge", "land", "whole_unit"
]
TriedStep = Literal["none", "own_means", "guidance_asked", "support_called", "enterprise_met", "mediated"]
"""The furthest step that a commune took by itself."""
Lane = Literal["support", "guidance", "proposal", "phone_first", "outside"]
Level = Literal["commune", "province", "ministry"]
DeadlineSource = Literal["law", "regulation", "document", "default"]
DaysKind = Literal["working", "calendar"]
SigningCapacity = Literal["direct", "tm", "kt", "tl", "tuq"]
AnswerKind = Literal["solved", "guidance", "passed_on", "not_competent", "waiting_resources", "refused"]


class Payload(BaseModel):
    """The base of everything inside an event: frozen, strict, unknown fields rejected."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class TextRef(Payload):
    """Name a text in the erasable text store; the log never holds the text itself."""

    id: UUID
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _names_a_uuid(value: str) -> str:
    try:
        plain = str(UUID(value))
    except ValueError:
        raise ValueError("the subject of this event must be a UUID") from None
    if value != plain:  # in braces, as a URN, in capitals: another key to a log, the same thing to a fold
        raise ValueError("the subject of this event must be a UUID in small letters, with hyphens alone")
    return value


UuidSubject = Annotated[
    str,
    Field(min_length=1, max_length=80, json_schema_extra={"format": "uuid"}),
    AfterValidator(_names_a_uuid),
]
"""A subject that is an id: a UUID as text. Any other text is refused on decoding, for every reader alike."""

RowId = Annotated[str, Field(max_length=80)]
"""The row of a dated table on which an event rests."""
TableVersion = Annotated[str, Field(max_length=40)]
"""The version of a dated table on which an event rests."""
DocumentNumber = Annotated[str, Field(pattern=r"^[0-9]{1,6}/[0-9A-ZĐa-zđ.&/-]{1,40}$")]
"""Number and symbol of an official document: 15/TTr-UBND."""


class Document(Payload):
    """Name an official document by what identifies it; the signer's name is a text that can be erased."""

    kind: Literal["report", "proposal", "official_letter", "decision", "plan", "notice", "other"]
    number: DocumentNumber
    issued_on: LocalDate
    issuer: Slug
    capacity: SigningCapacity = "tm"
    urgency: Literal["normal", "urgent", "very_urgent"] = "normal"
    signer: TextRef | None = None
