"""ASGI middleware of every app: a body over the limit is never read whole, and every answer has its safety headers."""

from __future__ import annotations

import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from events.errors import LienCapError
from services.errors import Overloaded, TooLarge, Unauthenticated
from services.web.shell.error_documents import problem_of, problem_response

_WHOLE_FILES = re.compile(r"/cases/sync/?$|^/nhap-lieu/moi/?$")
STRANGERS_BYTES = 65_536
"""The largest body that is read before its sender is known: a form whose session ended, all fields full."""
LARGE_BYTES = 1_000_000
LARGE_AT_ONCE_BYTES = 200_000_000
_FULL = "other large requests are being read: send this one again in a few seconds"
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
    """Refuses a body over its limit: at once where its length is declared, else as soon as it passes the limit.

    Whoever did not sign in sends little, so that a stranger's sockets cost little memory; of large bodies so many bytes
    are taken at once, and the others may come again.

    Args:
        limit_of: path → bytes of the largest body.
        knows: whether the sender of a request signed in.
        large_at_once: bytes that all large bodies under way may have brought.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit_of: Callable[[str], int],
        knows: Callable[[Scope], Awaitable[bool]],
        large_at_once: int = LARGE_AT_ONCE_BYTES,
    ) -> None:
        self._app = app
        self._limit_of = limit_of
        self._knows = knows
        self._shared = _Shared(large_at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or return 401, 413 or 503."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit, most = self._limit_of(scope["path"]), _most(scope)
        if most is not None and most > limit:
            await _refuse(scope, receive, send, _too_large(limit))
            return
        refusal: LienCapError = _too_large(limit)
        if (most is None or most > STRANGERS_BYTES) and not await self._knows(scope):
            limit, refusal = min(limit, STRANGERS_BYTES), _unknown(limit)
        if (limit if most is None else most) > limit:
            await _refuse(scope, receive, send, refusal)
            return
        await _Counted(self._app, limit, refusal, self._shared).run(scope, receive, send)


@dataclass(slots=True)
class _Shared:
    """The bytes that all large bodies under way have brought: what was only declared takes nobody's place."""

    most: int
    held: int = 0


class _Counted:
    """One request whose body is counted while it is read."""

    def __init__(self, app: ASGIApp, limit: int, refusal: LienCapError, shared: _Shared) -> None:
        self._app = app
        self._limit = limit
        self._too_much = refusal
        self._shared = shared
        self._seen = 0
        self._held = 0
        self._refusal: LienCapError | None = None
        self._answered = False

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted() -> Message:
            message = await receive()
            self._count(len(message.get("body", b"")))
            if self._refusal is not None:
                raise self._refusal
            return message

        async def watched(message: Message) -> None:
            # The framework catches the refusal while it parses a body and answers 400; drop that, and send ours.
            if self._refusal is None or self._answered:
                self._answered = True
                await send(message)

        try:
            await self._app(scope, counted, watched)
        except LienCapError as error:
            if error is not self._refusal or self._answered:
                raise
        finally:
            self._shared.held -= self._held
        if self._refusal is not None and not self._answered:
            await _refuse(scope, receive, send, self._refusal)

    def _count(self, size: int) -> None:
        self._seen += size
        if self._seen > self._limit:
            self._refusal = self._too_much
        elif self._seen > LARGE_BYTES:
            more = self._seen - self._held
            self._held, self._shared.held = self._seen, self._shared.held + more
            if self._shared.held > self._shared.most:
                self._refusal = Overloaded(_FULL, field="body", retry_after=5)


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
                if "location" in headers:
                    headers["location"] = _within(headers["location"], scope)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("cache-control", "no-store")
                if self._is_https or scope["scheme"] == "https":
                    headers.setdefault("strict-transport-security", STRICT_TRANSPORT)
            await send(message)

        await self._app(scope, receive, completed if scope["type"] == "http" else send)


def limits_of(usual: int, sync: int) -> Callable[[str], int]:
    """Return the limit in bytes as a function of the path: a sync request carries 10,000 rows, an upload a file."""
    return lambda path: sync if _WHOLE_FILES.search(path) else usual


def _within(location: str, scope: Scope) -> str:
    """Return a redirect as a path where it leads to the host that the request named: any client can write one."""
    host = Headers(scope=scope).get("host", "")
    split = urlsplit(location)
    if not split.netloc or split.netloc != host:
        return location
    path = "/" + split.path.lstrip("/\\")
    return f"{path}?{split.query}" if split.query else path


def _most(scope: Scope) -> int | None:
    """Return the declared bytes of a body; None where it is sent without its length."""
    headers = Headers(scope=scope)
    if "transfer-encoding" in headers:
        return None
    declared = headers.get("content-length", "0")
    return int(declared) if declared.isascii() and declared.isdigit() else sys.maxsize


def _too_large(limit: int) -> LienCapError:
    return TooLarge(f"the body may have {limit:,} bytes: send fewer rows per call", field="body")


def _unknown(limit: int) -> LienCapError:
    return Unauthenticated(
        f"a body of more than {STRANGERS_BYTES:,} bytes (at most {limit:,} here) is read once its sender is known:"
        " sign in, or send 'Authorization: Bearer TOKEN'"
    )


async def _refuse(scope: Scope, receive: Receive, send: Send, error: LienCapError) -> None:
    response = problem_response(problem_of(error, scope["path"]))
    response.headers["connection"] = "close"
    if isinstance(error, Overloaded):
        response.headers["retry-after"] = str(error.retry_after)
    await response(scope, receive, send)
