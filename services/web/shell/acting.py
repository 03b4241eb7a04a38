"""Parameters, documented answers and the 202 answer that all operations for acts share."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.language.labels import Lang
from services.web.shell.error_schemas import ACTED, Responses
from services.web.shell.identity import Here, Who
from services.web.shell.schemas import Answer, Queued

Key = Annotated[
    UUID | None,
    Header(
        alias="Idempotency-Key",
        description="Made by the client; a retry with it by the same unit and body is harmless. The act's own id is the "
        "`event_id` of the answer.",
    ),
]

_LATER = "It is recorded durably and cannot be seen yet: ask for it in a moment."


def answers_of_act(queued: type[Answer]) -> Responses:
    """Return the documented answers of an act, the one while it is queued among them."""
    return ACTED | {202: {"model": queued, "description": _LATER}}


ON_ISSUES: Responses = answers_of_act(Queued)
"""Answers of an act on an issue or an escalation."""


class Taking:
    """The actor, the language and the idempotency key of an act (a FastAPI dependency)."""

    def __init__(self, parts: Here, actor: Who, key: Key = None, lang: Lang = "vi") -> None:
        self.parts = parts
        self.actor = actor
        self.key = key
        self.lang: Lang = lang


def accepted(answer: BaseModel) -> JSONResponse:
    """Return 202 with what is known of an act that is recorded but not folded yet."""
    return JSONResponse(answer.model_dump(mode="json"), 202)
