"""What the bodies of requests share, and those that belong to no single act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from events.fields import Document, SigningCapacity, Slug

MAX_TEXT = 5_000
Words = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Title = Annotated[str, Field(min_length=5, max_length=200)]


def _plain_capacity(value: object) -> object:
    """Read `TM.` or `KT. CHỦ TỊCH`, as it stands on documents, like `tm` and `kt`."""
    return value.partition(".")[0].strip().lower() if isinstance(value, str) else value


Capacity = Annotated[SigningCapacity, BeforeValidator(_plain_capacity)]


class Input(BaseModel):
    """The base of every request body: unknown fields are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nul(cls, sent: object) -> object:
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
    """What every act may carry.

    Attributes:
        expected_version: the version that the actor saw; somebody else's act in between is a conflict.
        reason: why it is returned, withdrawn, disputed or petitioned; to any other act a note that goes with it.
        text: the words of an answer or a confirmation; to any other act a note as well.
        on_behalf_of: the body that does not sign in and for which this is recorded.
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
        """Leave out what only other acts take: whoever sends one form for all of them is not refused."""
        if not isinstance(sent, Mapping):
            return sent
        own = {*cls.model_fields, "answer_kind" if "kind" in cls.model_fields else ""}
        foreign = cls.other_acts_take - own
        return {name: said for name, said in sent.items() if name not in foreign}


class DocumentedInput(ActInput):
    """What an act may carry that may name an official document."""

    document: DocumentInput | None = None


class OpeningInput(Input):
    """A problem to be opened; its lead body is the actor's own where it is not said."""

    kind: Slug
    title: Title
    lead_body: Slug | None = None


class ErasureInput(Input):
    """Why a text is erased."""

    reason: Annotated[str, Field(min_length=5, max_length=500)]
