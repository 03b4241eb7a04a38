"""Models that all answers of the JSON API share."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Base of every answer; immutable, and read by pages as it is."""

    # A member with a default is always written, so the document marks it as required.
    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class Named(Answer):
    """A key of a table with its name in the reader's language."""

    id: str
    name: str | None


class Queued(Answer):
    """The act is recorded durably and not folded yet; read the issue again in a moment."""

    state: Literal["queued"] = "queued"
    event_id: UUID
    issue_id: UUID
