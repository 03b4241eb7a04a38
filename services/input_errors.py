"""Translate a validation error of people's input into BadInput, which names the field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.errors import BadInput


@contextmanager
def naming_the_field() -> Iterator[None]:
    """Raise BadInput for a validation error of a model; the content of the field is not repeated.

    Only for models built from a request: elsewhere a validation error is a bug of the product.

    Raises:
        BadInput: a field is wrong; the error names the first one.
    """
    try:
        yield
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        field = str(detail["loc"][0]) if detail["loc"] else "body"
        raise BadInput(f"{field}: {detail['msg']}", field=field, error_key=error_key_of(detail)) from None


def error_key_of(detail: ErrorDetails) -> str:
    """Return the key of the sentence (`form_error.<key>`) that explains a wrong value to a person."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in {"missing", "string_too_short"}:
        return "too_short" if context.get("min_length", 1) > 1 else "missing"
    if kind == "string_too_long":
        return "too_long"
    if isinstance(context.get("ge", context.get("le")), str):
        return "date"  # bounds of a number are numbers, those of a day are text
    return next((name for name in ("int", "date", "uuid") if kind.startswith(name)), "wrong")
