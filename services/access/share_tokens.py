"""Signed names of share links: one opens only what it was made for, and nobody makes one without the secret. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypedDict
from uuid import UUID

from itsdangerous import BadData

from services.access.keys import Keys
from services.access.tokens import serializer
from services.errors import LinkOver

_FINGERPRINT = 24
NO_SUCH_LINK = "there is no such link, or it was changed on the way: ask for it again"


class _Content(TypedDict):
    id: str
    of: str


def share_token(keys: Keys, link_id: UUID, content: Sequence[str]) -> str:
    """Sign the name of a link over everything that it carries."""
    signed: _Content = {"id": link_id.hex, "of": _fingerprint(content)}
    return str(serializer(keys, "share").dumps(signed))


def link_id_of(keys: Keys, token: str) -> UUID:
    """Return the id of a link whose name was signed here.

    Raises:
        LinkOver: the name was not signed here, or was changed.
    """
    return UUID(_content(keys, token)["id"])


def check_content(keys: Keys, token: str, content: Sequence[str]) -> None:
    """Check that a link still carries what was signed.

    Raises:
        LinkOver: it carries something else.
    """
    if _content(keys, token)["of"] != _fingerprint(content):
        raise LinkOver(NO_SUCH_LINK, field="link")


def _content(keys: Keys, token: str) -> _Content:
    try:
        content: _Content = serializer(keys, "share").loads(token)
    except BadData:
        raise LinkOver(NO_SUCH_LINK, field="link") from None
    return content


def _fingerprint(content: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(content).encode()).hexdigest()[:_FINGERPRINT]
