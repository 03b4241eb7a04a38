"""What a browser's form brings: trimmed texts, and the proof that our own page sent it (FastAPI dependencies)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from services.errors import Forbidden, NotFound
from services.web.shell.identity import from_own_site


class Blank(dict[str, str]):
    """Texts by name; one that is not there is empty."""

    def __missing__(self, name: str) -> str:
        """Return an empty text."""
        return ""


async def form_of(request: Request) -> dict[str, str]:
    """Return the filled fields of a form, trimmed; files and empty fields are left out, and what no store keeps."""
    async with request.form(max_files=0) as form:
        # PostgreSQL keeps no text that holds a NUL, and it means nothing in one.
        texts = {
            name: value.replace("\x00", "").strip() for name, value in form.items() if isinstance(value, str)
        }
    return {name: text for name, text in texts.items() if text}


async def choices_of(request: Request) -> dict[str, list[str]]:
    """Return every value of each field: for boxes of which several may be ticked."""
    async with request.form(max_files=0) as form:
        return {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form}


def uuid_of(text: str | None) -> UUID | None:
    """Read an id from a field of a form; none where the field is empty.

    Raises:
        NotFound: nothing has such an id.
    """
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound(f"{text!r} is no id") from None


def own_site(request: Request) -> None:
    """Refuse a form that another site made the browser send; for forms that need no actor.

    Raises:
        Forbidden: the request does not come from our own pages.
    """
    if not from_own_site(request):
        raise Forbidden("this form counts only when our own page sends it")


Filled = Annotated[dict[str, str], Depends(form_of)]
"""The filled fields of the form that was sent, as a parameter of a route."""

Ticked = Annotated[dict[str, list[str]], Depends(choices_of)]
"""Every value of each field of the form that was sent, as a parameter of a route."""
