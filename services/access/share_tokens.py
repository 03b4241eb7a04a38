"""Signed names of share links: one opens only what it was made for, and nobody makes one without the secret. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypedDict
from uuid import UUID

from itsdangerous import BadData

from services.access.tokens import serializer
from services.errors import LinkOver

_FINGERPRINT = 24
NO_SUCH_LINK = "there is no such link, or it was changed on the way: ask for it again"


class _Content(TypedDict):
    id: str
    of: str


def share_token(secret: str, link_id: UUID, content: Sequence[str]) -> str:
    """Sign the name of a link over everything that it carries.

    Raises:
        SetupError: the secret is too short to sign with.
    """
    signed: _Content = {"id": link_id.hex, "of": _fingerprint(content)}
    return str(serializer(secret, "share").dumps(signed))


def link_id_of(secret: str, token: str) -> UUID:
    """Return the id of a link whose name was signed here.

    Raises:
        LinkOver: the name was not signed here, or was changed.
    """
    return UUID(_content(secret, token)["id"])


def check_content(secret: str, token: str, content: Sequence[str]) -> None:
    """Check that a link still carries what was signed.

    Raises:
        LinkOver: it carries something else.
    """
    if _content(secret, token)["of"] != _fingerprint(content):
        raise LinkOver(NO_SUCH_LINK, field="link")


def _content(secret: str, token: str) -> _Content:
    try:
        content: _Content = serializer(secret, "share").loads(token)
    except BadData:
        raise LinkOver(NO_SUCH_LINK, field="link") from None
    return content


def _fingerprint(content: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(content).encode()).hexdigest()[:_FINGERPRINT]
