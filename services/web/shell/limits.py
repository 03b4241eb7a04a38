"""ASGI middleware of every app: a body over the limit is never read whole, and every answer has its safety headers."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.errors import TooLarge
from services.web.shell.error_documents import problem_of, problem_response

_SYNC = re.compile(r"/cases/sync/?$")
SAFETY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


STRICT_TRANSPORT = f"max-age={365 * 24 * 3600}"


class BodyLimit:
    """Refuses a body over the limit: at once where its length is declared, else as soon as it passes the limit."""

    def __init__(self, app: ASGIApp, *, limit_of: Callable[[str], int]) -> None:
        self._app = app
        self._limit_of = limit_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or return 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdigit() or int(declared) > limit:
            await _refuse(scope, receive, send, limit)
            return
        await _Counted(self._app, limit).run(scope, receive, send)


class _Counted:
    """One request whose body is counted while it is read."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit
        self._seen = 0
        self._answered = False

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted() -> Message:
            message = await receive()
            self._seen += len(message.get("body", b""))
            if self._is_over:
                raise TooLarge(_sentence(self._limit), field="body")
            return message

        async def watched(message: Message) -> None:
            # The framework catches `TooLarge` while it parses a body and answers 400; drop that answer and send 413.
            if not self._is_over or self._answered:
                self._answered = True
                await send(message)

        try:
            await self._app(scope, counted, watched)
        except TooLarge:
            if self._answered or not self._is_over:
                raise
        if self._is_over and not self._answered:
            await _refuse(scope, receive, send, self._limit)

    @property
    def _is_over(self) -> bool:
        return self._seen > self._limit


class SafetyHeaders:
    """Sets the safety headers on every answer, errors included, and keeps redirects on this host.

    Args:
        is_https: people come over https though this process serves http: a proxy before it ends TLS.
    """

    def __init__(self, app: ASGIApp, *, is_https: bool = False) -> None:
        self._app = app
        self._is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of its answer."""

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFETY_HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("cache-control", "no-store")
                if self._is_https or scope["scheme"] == "https":
                    headers.setdefault("strict-transport-security", STRICT_TRANSPORT)
                if message["status"] == HTTPStatus.TEMPORARY_REDIRECT and "location" in headers:
                    headers["location"] = _on_this_host(headers["location"])
            await send(message)

        await self._app(scope, receive, completed if scope["type"] == "http" else send)


def _on_this_host(location: str) -> str:
    """Return an address without its host: the framework takes it from the request when it moves a closing slash."""
    parts = urlsplit(location)
    path = f"/{parts.path.lstrip('/')}"
    return f"{path}?{parts.query}" if parts.query else path


def limits_of(usual: int, sync: int) -> Callable[[str], int]:
    """Return the limit in bytes as a function of the path: a sync request carries 10,000 rows."""
    return lambda path: sync if _SYNC.search(path) else usual


def _sentence(limit: int) -> str:
    return f"the body may have {limit:,} bytes: send fewer rows per call"


async def _refuse(scope: Scope, receive: Receive, send: Send, limit: int) -> None:
    found = problem_of(TooLarge(_sentence(limit), field="body"), scope["path"])
    response = problem_response(found)
    response.headers["connection"] = "close"
    await response(scope, receive, send)
