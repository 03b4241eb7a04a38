"""Errors as RFC 9457 problem documents; the one place that maps kinds of error to HTTP statuses."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Unpack

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from events.errors import LienCapError
from reporting.errors import IllegalTransition
from services.errors import BadInput, Conflict, Current, Overloaded, TooManyAttempts
from services.web.shell.error_schemas import MEDIA_TYPE, FieldProblem, ProblemDocument

_URN = "urn:liencap:problem:"

# Slug of the error tree → (status, title); a test checks that it is complete.
PROBLEMS: dict[str, tuple[int, str]] = {
    "error": (500, "Something went wrong"),
    "contract": (422, "Not an event of this contract"),
    "malformed-event": (400, "Not an event"),
    "unknown-event-type": (422, "Unknown event type"),
    "unknown-event-version": (422, "Unknown event version"),
    "invalid-event": (422, "The event breaks a rule"),
    "log": (503, "The event log failed"),
    "log-unavailable": (503, "The event log does not answer"),
    "unknown-topic": (500, "Unknown topic"),
    "event-too-large": (413, "The event is too large"),
    "rule": (422, "Not allowed by a rule"),
    "unknown-unit": (404, "Unknown unit"),
    "unknown-kind": (422, "Unknown kind of difficulty"),
    "unknown-body": (422, "Unknown body"),
    "unknown-procedure": (422, "Unknown procedure"),
    "unknown-period": (404, "Unknown reporting period"),
    "unknown-form": (404, "Unknown prescribed form"),
    "no-one-letter": (422, "These issues do not make one letter"),
    "illegal-transition": (409, "Not allowed from the current status"),
    "table-fault": (500, "A dated table cannot be read"),
    "outside-calendar": (422, "A day that the calendar does not know"),
    "personal-data": (422, "The text holds personal data"),
    "service": (500, "Something went wrong"),
    "unauthenticated": (401, "Who asks is not known"),
    "too-many-attempts": (429, "Too many failed sign-ins"),
    "forbidden": (403, "Not allowed for this role or unit"),
    "unit-ended": (403, "The unit has ended and can only be read"),
    "not-found": (404, "Not found"),
    "link-over": (404, "The link opens nothing any more"),
    "not-own-case": (403, "The case does not count for this unit"),
    "kept-elsewhere": (421, "Kept in another store"),
    "conflict": (409, "Someone else acted first, or the state does not allow it"),
    "key-reused": (409, "The key was used for something else"),
    "bad-input": (422, "The request is wrong"),
    "too-large": (413, "The request is too large"),
    "not-ready": (503, "Not ready yet"),
    "overloaded": (503, "Too much at once"),
    "undelivered": (502, "The message was not taken"),
    "setup-fault": (500, "The set-up lacks something"),
    "unusable-file": (422, "The file cannot be used"),
    "implausible-file": (422, "The file as a whole is not plausible"),
    "unusable-mapping": (422, "The mapping cannot be used"),
    "broken-row": (422, "The row cannot be read"),
    # Errors of the framework, which have no class in the error tree.
    "broken-json": (400, "The body cannot be read"),
    "method-not-allowed": (405, "The address does not take this method"),
    "unexpected": (500, "Something went wrong"),
}
_OF_STATUS = {
    400: "broken-json",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
}


class Members(Current, total=False):
    """Optional members of a problem document."""

    field: str
    fault: str
    errors: list[FieldProblem]
    current: str
    error_id: str
    missing: dict[str, str]


_SAID_WITHOUT_DETAIL = "It was not your request. It is in the log under this id: tell the operator."


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: its slug in the error tree, and the document for scripts."""

    slug: str
    document: ProblemDocument

    @property
    def status(self) -> int:
        """Return the HTTP status of the problem."""
        return self.document.status


ErrorPage = Callable[[Request, Problem], Response]
"""Shows a problem to a person; the pages bring one, scripts get JSON."""


def problem(slug: str, detail: str, instance: str, **members: Unpack[Members]) -> Problem:
    """Build the problem of a slug, with the status and title of that slug."""
    status, title = PROBLEMS[slug]
    known = {"type": _URN + slug, "title": title, "status": status, "detail": detail, "instance": instance}
    # RFC 9457: an unknown member is absent, not null.
    return Problem(slug, ProblemDocument.model_validate(known | dict(members)))


def problem_of(error: Exception, instance: str) -> Problem:
    """Translate an error; a foreign one is logged under an id, and its detail is not sent."""
    if isinstance(error, IllegalTransition):
        standing: Members = {**_of_field(error), "current": error.current, "allowed": error.allowed}
        return problem(error.slug, error.message, instance, **standing)
    if isinstance(error, Conflict):
        known: Members = {**_of_field(error), **error.current}
        return problem(error.slug, error.message, instance, **known)
    if isinstance(error, LienCapError) and PROBLEMS[error.slug][0] != HTTPStatus.INTERNAL_SERVER_ERROR:
        members = _of_field(error)
        if isinstance(error, BadInput) and error.error_key:
            members["fault"] = error.error_key
        return problem(error.slug, error.message, instance, **members)
    if isinstance(error, RequestValidationError):
        return _problem_of_validation(error.errors(), instance)
    if isinstance(error, HTTPException):
        slug = _OF_STATUS.get(error.status_code, "bad-input")
        found = problem(slug, str(error.detail), instance)
        return replace(found, document=found.document.model_copy(update={"status": error.status_code}))
    error_id = secrets.token_hex(8)
    structlog.get_logger("services.web").error(
        "request.failed", error_id=error_id, path=instance, exc_info=error
    )
    return problem("unexpected", _SAID_WITHOUT_DETAIL, instance, error_id=error_id)


def problem_response(found: Problem) -> Response:
    """Return a problem as a JSON response with its status."""
    headers = (
        {"WWW-Authenticate": 'Bearer realm="liencap"'} if found.status == HTTPStatus.UNAUTHORIZED else None
    )
    members = found.document.model_dump(exclude_unset=True)
    return Response(orjson.dumps(members), found.status, headers, media_type=MEDIA_TYPE)


def refused_form(status: int, instance: str, field: str | None, sentence: str) -> bytes:
    """Return the document for a form that its page would show again: the sentence is the page's, for the sender."""
    slug = "conflict" if status == HTTPStatus.CONFLICT else "bad-input"
    members = Members() if field is None else Members(field=field)
    found = problem(slug, sentence, instance, **members)
    return orjson.dumps(found.document.model_copy(update={"status": status}).model_dump(exclude_unset=True))


def install_error_documents(app: FastAPI, page: ErrorPage | None = None) -> None:
    """Install the error handlers of an app: a page for requests that accept HTML, else JSON."""

    def answer(request: Request, error: Exception) -> Response:
        found = problem_of(error, request.url.path)
        response = (
            page(request, found) if page is not None and _wants_page(request) else problem_response(found)
        )
        if isinstance(error, HTTPException) and error.headers:
            response.headers.update(error.headers)
        if isinstance(error, Overloaded | TooManyAttempts):
            response.headers["retry-after"] = str(error.retry_after)
        return response

    for kind in (LienCapError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)
    app.add_middleware(_Unexpected, answer=answer)


class _Unexpected:
    """Answers errors without a handler. A middleware, because the framework's own handler runs outside all others."""

    def __init__(self, app: ASGIApp, *, answer: Callable[[Request, Exception], Response]) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            # Nobody is there to answer, and nothing of ours failed.
            structlog.get_logger("services.web").info("request.left", path=scope["path"])
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            response = await run_in_threadpool(self._answer, Request(scope), error)
            await response(scope, receive, send)


def asks_for_document(request: Request) -> bool:
    """Return whether a form was sent by a device that kept it, which reads a refusal and shows no page."""
    return request.headers.get("accept", "") == MEDIA_TYPE


def _wants_page(request: Request) -> bool:
    api = request.url.path.startswith("/api/")
    return not api and "text/html" in request.headers.get("accept", "")


def _problem_of_validation(errors: Sequence[Any], instance: str) -> Problem:
    """Return a problem for the first wrong field that lists them all; sent values are not repeated (personal data)."""
    first = errors[0]
    if first["type"] == "json_invalid":
        return problem(
            "broken-json", f"The body is not JSON: {first['ctx']['error']}", instance, field="body"
        )
    said = [FieldProblem(field=_pointer(error["loc"]), detail=str(error["msg"])) for error in errors[:50]]
    detail = f"{said[0].field}: {said[0].detail}"
    return problem("bad-input", detail, instance, field=said[0].field, errors=said)


def _of_field(error: LienCapError) -> Members:
    return Members() if error.field is None else Members(field=error.field)


def _pointer(loc: Sequence[int | str]) -> str:
    """Return the path of a wrong field as scripts know it: `place`, `rows.3.MaHoSo`, `from`."""
    parts = [str(step) for step in loc]
    if len(parts) > 1 and parts[0] in {"body", "query", "path", "header", "cookie"}:
        parts = parts[1:]
    return ".".join(parts)
