"""Say to a person, beside the field, what was wrong with what they sent."""

from __future__ import annotations

from pydantic import ValidationError

from events.errors import LienCapError
from services.web.labels import Labels, Lang
from services.web.problems import PROBLEMS

WHOLE = "form"
"""The name under which a fault of no single field is said."""
_SERVER_FAULT = 500


def faults_of(error: LienCapError | ValidationError, labels: Labels, lang: Lang) -> dict[str, str]:
    """Return field → sentence for an error that the person can mend.

    Raises:
        LienCapError: the error itself, where it lies with the server and not with what was sent.
    """
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_input=False)
        return {
            str(fault["loc"][-1]) if fault["loc"] else WHOLE: _words(fault["type"], labels, lang)
            for fault in found
        }
    if PROBLEMS[error.slug][0] >= _SERVER_FAULT:
        raise error
    field = (error.field or WHOLE).rpartition(".")[2]
    return {field: labels.text(f"problem.{error.slug}", lang)}


def _words(kind: str, labels: Labels, lang: Lang) -> str:
    group = {"missing": "missing", "string_too_short": "missing", "string_too_long": "too_long"}.get(kind)
    if group is None:
        group = next((name for name in ("int", "date", "uuid") if kind.startswith(name)), "wrong")
    return labels.text(f"form_fault.{group}", lang)
