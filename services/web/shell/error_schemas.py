"""Errors as RFC 9457 documents, and which of them an operation of the JSON API can return."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """One wrong field with its error."""

    model_config = ConfigDict(frozen=True)

    field: str
    detail: str


class LatestActView(BaseModel):
    """The latest accepted act, which won a conflict."""

    model_config = ConfigDict(frozen=True)

    event: str
    actor_role: str | None
    actor_unit: str | None
    recorded_at: dt.datetime


class ProblemDocument(BaseModel):
    """An error as RFC 9457 defines it; members after `instance` are present where they are known."""

    # RFC 9457 allows members of one's own; those of this product are named below.
    model_config = ConfigDict(frozen=True, extra="allow")

    type: Annotated[str, Field(examples=["urn:liencap:problem:conflict"])]
    title: str
    status: int
    detail: str
    instance: Annotated[str, Field(description="The address that was asked.")]
    field: Annotated[
        str | None, Field(description="The first field that was wrong, as a path with dots.")
    ] = None
    fault: Annotated[str | None, Field(description="What is wrong with that field, as a key.")] = None
    errors: Annotated[list[FieldProblem] | None, Field(description="Every field that was wrong.")] = None
    current: Annotated[str | None, Field(description="The status of a case now.")] = None
    current_status: Annotated[int | None, Field(description="The national status code of a case now.")] = None
    allowed: Annotated[list[str | int] | None, Field(description="What may be done instead.")] = None
    reason: Annotated[str | None, Field(description="Why it conflicts, as a key.")] = None
    state: Annotated[str | None, Field(description="The state now.")] = None
    version: Annotated[int | None, Field(description="The version now.")] = None
    latest_act: Annotated[LatestActView | None, Field(description="Who was first.")] = None
    error_id: Annotated[str | None, Field(description="Under which id the operator finds it.")] = None
    missing: Annotated[dict[str, str] | None, Field(description="Which parts are not there, and why.")] = None


_SAID = {
    400: "The body cannot be read.",
    401: "Who asks is not known: no token, or one that does not hold.",
    403: "The role or the unit does not allow it.",
    404: "There is no such thing, or not one that the actor may see.",
    409: "Someone else acted first, the state does not allow it, or the key was used for something else.",
    413: "The body is too large.",
    422: "What was sent is wrong; names the fields.",
    429: "Too many failures from this address: wait as long as `Retry-After` says.",
    503: "A part that is needed is not there now: try again.",
}

Responses = dict[int | str, dict[str, object]]
"""The `responses` of FastAPI."""


def problems(*statuses: int) -> Responses:
    """Return the documented errors of an operation, one description for each status."""
    content = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}}}
    return {
        HTTPStatus(status).value: {"description": _SAID[status], "content": content} for status in statuses
    }


ASKED = problems(401, 403, 422)
"""Errors of an operation that reads tables in memory."""
READ = problems(401, 403, 404, 422, 503)
"""Errors of an operation that reads the store or the engine."""
SENT = problems(400, 401, 403, 404, 413, 422, 503)
"""Errors of an operation that records a body."""
ACTED = problems(400, 401, 403, 404, 409, 413, 422, 503)
"""Errors of an operation that may conflict with an earlier act."""
