"""Fields of a browser's form: trimmed texts, and the check that our own page sent them (FastAPI dependencies)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from services.errors import Forbidden, NotFound
from services.web.shell.identity import from_own_site


class Blank(dict[str, str]):
    """Texts by name; a missing one is empty."""

    def __missing__(self, name: str) -> str:
        """Return an empty text."""
        return ""


def _clean(value: str) -> str:
    # PostgreSQL cannot store a NUL in a text.
    return value.replace("\x00", "").strip()


async def form_of(request: Request) -> dict[str, str]:
    """Return the filled fields of a form, trimmed, without files, empty fields and NUL characters."""
    async with request.form(max_files=0) as form:
        texts = {name: _clean(value) for name, value in form.items() if isinstance(value, str)}
    return {name: text for name, text in texts.items() if text}


async def choices_of(request: Request) -> dict[str, list[str]]:
    """Return every value of each field as `form_of` returns one, for fields with several checkboxes."""
    async with request.form(max_files=0) as form:
        texts = {
            name: [_clean(value) for value in form.getlist(name) if isinstance(value, str)] for name in form
        }
    return {name: [text for text in values if text] for name, values in texts.items() if any(values)}


def uuid_of(text: str | None) -> UUID | None:
    """Read an id from a field of a form; None where the field is empty.

    Raises:
        NotFound: the text is not an id.
    """
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound(f"{text!r} is no id") from None


def own_site(request: Request) -> None:
    """Refuse a form sent from another site; for forms without an actor.

    Raises:
        Forbidden: the request does not come from our own pages.
    """
    if not from_own_site(request):
        raise Forbidden("this form counts only when our own page sends it")


Filled = Annotated[dict[str, str], Depends(form_of)]
"""The filled fields of the form that was sent, as a parameter of a route."""

Ticked = Annotated[dict[str, list[str]], Depends(choices_of)]
"""Every value of each field of the form that was sent, as a parameter of a route."""
