"""Scopes of tokens: families of addresses, to read or to write. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.errors import BadInput, Forbidden

FAMILIES: dict[str, re.Pattern[str]] = {
    "cases": re.compile(r"/api/v1/communes/[^/]+/(?:cases|late-cases)(?:/|$)"),
    "issues": re.compile(
        r"/api/v1/(?:communes/[^/]+/issues|issues|escalations|precedents|attachments)(?:/|$)"
    ),
    "problems": re.compile(r"/api/v1/problems(?:/|$)"),
    "promises": re.compile(r"/api/v1/promises(?:/|$)"),
    "lessons": re.compile(r"/api/v1/lessons(?:/|$)"),
    "filings": re.compile(r"/api/v1/(?:filings|sums)(?:/|$)"),
    "figures": re.compile(r"/api/v1/units/[^/]+/"),
    "texts": re.compile(r"/api/v1/texts/"),
    "tokens": re.compile(r"/api/v1/tokens(?:/|$)"),
}
"""Family → its addresses in the JSON API."""
OPEN = re.compile(r"/api/v1/(?:session|kinds|bodies|units|periods)$")
"""The product's own tables and who one is: every token reads them."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
_SCOPE = re.compile(r"([a-z]+):(read|write)")


def checked_scopes(wanted: Sequence[str]) -> tuple[str, ...]:
    """Return scopes in order, each once; none stands for everything that the role may do.

    Raises:
        BadInput: one is no scope; the error names those that are.
    """
    for scope in wanted:
        found = _SCOPE.fullmatch(scope)
        if found is None or found[1] not in FAMILIES:
            raise BadInput(
                f"{scope!r} is no scope: one of {', '.join(FAMILIES)}, with :read or :write behind it",
                field="scope",
            )
    return tuple(sorted(set(wanted)))


def check_scope(scopes: Sequence[str], method: str, path: str) -> None:
    """Check that a narrowed token may send a request; to write is to read, too.

    Raises:
        Forbidden: the request is outside its scopes, or of no family: pages are for people.
    """
    if not scopes or (method in READING and OPEN.match(path)):
        return
    family = family_of(path)
    needed = "read" if method in READING else "write"
    if family is None or (f"{family}:{needed}" not in scopes and f"{family}:write" not in scopes):
        wanted = f"{family}:{needed}" if family is not None else "no scope for this address"
        raise Forbidden(f"this token is for {', '.join(scopes)}, and the request needs {wanted}")


def family_of(path: str) -> str | None:
    """Return the family of an address, or None."""
    return next((name for name, addresses in FAMILIES.items() if addresses.match(path)), None)
