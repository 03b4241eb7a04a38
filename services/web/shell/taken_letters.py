"""ASGI middleware that confirms a letter of a device: only an answer with this header counts as received there."""

from __future__ import annotations

import re
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.web.shell.error_schemas import MEDIA_TYPE

LETTER = "letter"
"""Header with which a device names the letter that it sends: its key."""
TAKEN = "letter-taken"
"""Header that names the letter that was taken. A network that answers in place of the server does not set it."""
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


class TakenLetters:
    """Names the letter on each answer that took it, and returns 204 instead of a redirect that a device cannot read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; complete the answer where the request carries a letter."""
        letter = _letter_of(scope)
        if letter is None:
            await self._app(scope, receive, send)
            return
        reads_no_page = Headers(scope=scope).get("accept") == MEDIA_TYPE

        async def confirmed(message: Message) -> None:
            if message["type"] == "http.response.start":
                led_on = message["status"] == HTTPStatus.SEE_OTHER
                if led_on or HTTPStatus.OK <= message["status"] < HTTPStatus.MULTIPLE_CHOICES:
                    headers = MutableHeaders(scope=message)
                    headers[TAKEN] = letter
                    if led_on and reads_no_page:
                        message["status"] = int(HTTPStatus.NO_CONTENT)
                        del headers["location"], headers["content-length"]
            await send(message)

        await self._app(scope, receive, confirmed)


def _letter_of(scope: Scope) -> str | None:
    if scope["type"] != "http" or scope["method"] != "POST":
        return None
    letter = Headers(scope=scope).get(LETTER, "")
    return letter if _ID.fullmatch(letter) else None
