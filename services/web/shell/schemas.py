"""What every answer of the JSON API shares."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """The base of every answer: made once, never changed; pages read it as it is."""

    # A member that has a default is there all the same: the document says that it always is.
    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class Named(Answer):
    """A key of a table with its name in the language of the reader."""

    id: str
    name: str | None


class Queued(Answer):
    """The act is recorded durably and cannot be seen yet: ask for the issue in a moment."""

    state: Literal["queued"] = "queued"
    event_id: UUID
    issue_id: UUID
