"""Shared parts of request bodies, and the bodies that belong to no single act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from events.fields import Document, SigningCapacity, Slug
from services.intake.issue_input import in_one_form

MAX_TEXT = 5_000
Words = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Title = Annotated[str, Field(min_length=5, max_length=200)]


def _plain_capacity(value: object) -> object:
    """Map `TM.` or `KT. CHỦ TỊCH`, as printed on documents, to `tm` or `kt`."""
    return value.partition(".")[0].strip().lower() if isinstance(value, str) else value


Capacity = Annotated[SigningCapacity, BeforeValidator(_plain_capacity)]


class Input(BaseModel):
    """Base of every request body: an unknown field is refused, so that a misspelt one is not dropped silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _in_one_form(cls, sent: object) -> object:
        """Write the same words in one form, whether a browser's form, a letter or a program sent them."""
        if not isinstance(sent, Mapping):
            return sent
        return {name: in_one_form(said) if isinstance(said, str) else said for name, said in sent.items()}


class DocumentInput(Input):
    """An official document in a request.

    The issuer is a body's id or its name; by default the acting body.
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
    """Fields of every act.

    Attributes:
        expected_version: the version that the actor saw; an act in between is a conflict.
        reason: why something is returned, withdrawn, disputed or petitioned; a note to any other act.
        text: the text of an answer or a confirmation; a note to any other act.
        on_behalf_of: the body for which the act is recorded, because it does not sign in itself.
    """

    other_acts_take: ClassVar[frozenset[str]] = frozenset()
    written: ClassVar[tuple[str, ...]] = ("reason", "text")
    """Fields in which people write: each is searched for personal data."""

    expected_version: Annotated[int, Field(ge=0)]
    reason: Words | None = None
    text: Annotated[Words | None, Field(validation_alias=AliasChoices("text", "answer"))] = None
    on_behalf_of: Slug | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_what_other_acts_take(cls, sent: object) -> object:
        """Drop the fields that only other acts have, so that a client with one form for all acts is not refused."""
        if not isinstance(sent, Mapping):
            return sent
        own = {*cls.model_fields, "answer_kind" if "kind" in cls.model_fields else ""}
        foreign = cls.other_acts_take - own
        return {name: said for name, said in sent.items() if name not in foreign}


class DocumentedInput(ActInput):
    """Fields of an act that may name an official document."""

    document: DocumentInput | None = None


class OpeningInput(Input):
    """A problem to open; its lead body is by default the actor's own."""

    kind: Slug
    title: Title
    lead_body: Slug | None = None


class ErasureInput(Input):
    """The reason for which a text is erased."""

    reason: Annotated[str, Field(min_length=5, max_length=500)]
