"""Turn a value that the contract does not take into an error that names its field; for whatever people send."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

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
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = str(fault["loc"][0]) if fault["loc"] else "body"
        raise BadInput(f"{field}: {fault['msg']}", field=field) from None
