"""Turn a value that the contract does not take into an error that names its field; for whatever people send."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.errors import BadInput


@contextmanager
def naming_the_field() -> Iterator[None]:
    """Raise what breaks a rule of a model as an error of ours; what was in the field is not repeated.

    Only around models that are made of what somebody sent: anywhere else a broken rule is a fault of the product.

    Raises:
        BadInput: names the first field that is wrong.
    """
    try:
        yield
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        field = str(detail["loc"][0]) if detail["loc"] else "body"
        raise BadInput(f"{field}: {detail['msg']}", field=field, error_key=error_key_of(detail)) from None


def error_key_of(detail: ErrorDetails) -> str:
    """Return the key of the sentence (`form_error.<key>`) that tells a person what is wrong with a value."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in {"missing", "string_too_short"}:
        return "too_short" if context.get("min_length", 1) > 1 else "missing"
    if kind == "string_too_long":
        return "too_long"
    if isinstance(context.get("ge", context.get("le")), str):
        return "date"  # the bounds of a number come as numbers, those of a day as text
    return next((name for name in ("int", "date", "uuid") if kind.startswith(name)), "wrong")
