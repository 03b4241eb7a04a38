"""Errors of a form as sentences beside its fields."""

from __future__ import annotations

from pydantic import ValidationError

from events.errors import LienCapError
from services.errors import BadInput
from services.input_errors import error_key_of
from services.language.labels import Labels, Lang
from services.web.shell.error_documents import PROBLEMS

WHOLE = "form"
"""The name of an error that belongs to no single field."""
_SERVER_ERROR = 500


def form_errors_of(error: LienCapError | ValidationError, labels: Labels, lang: Lang) -> dict[str, str]:
    """Return field → sentence for an error that the sender can correct.

    Raises:
        LienCapError: the error itself, where the server caused it.
    """
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_input=False)
        return {
            str(error["loc"][-1]) if error["loc"] else WHOLE: labels.text(
                f"form_error.{error_key_of(error)}", lang
            )
            for error in found
        }
    if PROBLEMS[error.slug][0] >= _SERVER_ERROR:
        raise error
    field = (error.field or WHOLE).rpartition(".")[2]
    said = (
        f"form_error.{error.error_key}"
        if isinstance(error, BadInput) and error.error_key
        else f"problem.{error.slug}"
    )
    return {field: labels.text(said, lang)}
