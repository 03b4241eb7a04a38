"""What people send to act on an issue or an escalation: bodies of requests, checked for shape only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from events.fields import AnswerKind, Document, LocalDate, SigningCapacity, Slug, UnitCode
from events.problems import ProblemAnswerKind

MAX_TEXT = 5_000
Words = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


def _plain_capacity(value: Any) -> Any:
    """Read `TM.` or `KT. CHỦ TỊCH`, as it stands on documents, like `tm` and `kt`."""
    return value.partition(".")[0].strip().lower() if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    """Read a list as a form sends it: one field, its parts apart by commas or blanks."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


Capacity = Annotated[SigningCapacity, BeforeValidator(_plain_capacity)]


class Input(BaseModel):
    """The base of every request body: unknown fields are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nul(cls, sent: Any) -> Any:
        """Leave out the character that means nothing in a text, and that PostgreSQL cannot keep."""
        if not isinstance(sent, Mapping):
            return sent
        return {
            name: said.replace("\x00", "") if isinstance(said, str) else said for name, said in sent.items()
        }


class DocumentInput(Input):
    """An official document as its sender names it.

    The issuer is a body's id or its name; the acting body where it is not said.
    """

    kind: Annotated[str, Field(description=f"one of {Document.model_fields['kind'].annotation}")] = (
        "official_letter"
    )
    number: Annotated[str, Field(min_length=1, max_length=60, examples=["15/TTr-UBND"])]
    issued_on: Annotated[dt.date, Field(validation_alias=AliasChoices("date", "issued_on"))]
    issuer: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    signer: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    capacity: Capacity = "tm"
    urgency: str = "normal"


class ActInput(Input):
    """What an act on an issue or an escalation may carry; each act says which of it it needs.

    Attributes:
        expected_version: the version that the actor saw; somebody else's act in between is a conflict.
        reason: why it is returned, withdrawn, disputed or petitioned; to any other act a note that goes with it.
        text: the words of an answer or a confirmation.
        kind: the kind of an answer.
        expected_on: the day that an answer `waiting_resources` names.
        proposed_body: who should have what is returned.
        lead_body: whom to petition, or who shall lead.
        on_behalf_of: the body that does not sign in and for which this is recorded.
        pause_reason: why the time stands still, a key of pause_reasons.csv.
        pause_id: which pause ends, where several last.
        problem: which problem an issue is joined to or unjoined from.
        found_by, likeness: what suggested it, and how alike the texts were, in percent.
        units: where a fault is felt; the reporting commune where it is not said.
        began_at: since when it is felt; since the report where it is not said.
    """

    expected_version: Annotated[int, Field(ge=0)]
    reason: Words | None = None
    text: Annotated[Words | None, Field(validation_alias=AliasChoices("text", "answer"))] = None
    kind: Annotated[AnswerKind | None, Field(validation_alias=AliasChoices("kind", "answer_kind"))] = None
    expected_on: LocalDate | None = None
    proposed_body: Slug | None = None
    lead_body: Slug | None = None
    document: DocumentInput | None = None
    capacity: Capacity = "direct"
    on_behalf_of: Slug | None = None
    pause_reason: Slug | None = None
    pause_id: UUID | None = None
    problem: UUID | None = None
    found_by: Literal["person", "key", "likeness"] = "person"
    likeness: Annotated[int, Field(ge=0, le=100)] | None = None
    units: Annotated[
        tuple[UnitCode, ...] | None, BeforeValidator(_listed), Field(min_length=1, max_length=400)
    ] = None
    began_at: AwareDatetime | None = None


class OpeningInput(Input):
    """A problem to be opened; its lead body is the actor's own where it is not said."""

    kind: Slug
    title: Annotated[str, Field(min_length=5, max_length=200)]
    lead_body: Slug | None = None


class ProblemActInput(Input):
    """What an act on a problem may carry; members as for `ActInput`.

    Attributes:
        title: the new name of the problem.
    """

    expected_version: Annotated[int, Field(ge=0)]
    title: Annotated[str, Field(min_length=5, max_length=200)] | None = None
    reason: Words | None = None
    text: Annotated[Words | None, Field(validation_alias=AliasChoices("text", "answer"))] = None
    kind: Annotated[ProblemAnswerKind | None, Field(validation_alias=AliasChoices("kind", "answer_kind"))] = (
        None
    )
    expected_on: LocalDate | None = None
    document: DocumentInput | None = None
    on_behalf_of: Slug | None = None


class ErasureInput(Input):
    """Why a text is erased."""

    reason: Annotated[str, Field(min_length=5, max_length=500)]


class SignInInput(Input):
    """Who signs in: with a token, or in a demo as a persona."""

    token: Annotated[str, Field(min_length=10, max_length=2_000)] | None = None
    role: str | None = None
    unit: str | None = None
    body: Slug | None = None
