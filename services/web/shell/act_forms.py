"""Read an act from the fields of a form, and put what was wrong with it beside the right one."""

from __future__ import annotations

from typing import TypeVar

from services.acting.inputs import ActInput

# Name in the form → name in the document.
_DOCUMENT = {
    "document_kind": "kind",
    "number": "number",
    "issued_on": "date",
    "signer": "signer",
    "document_capacity": "capacity",
    "urgency": "urgency",
}
# Faults that belong beside a field of another name.
_BESIDE = {"date": "issued_on", "document": "number", "answer_kind": "kind"}

Sent = TypeVar("Sent", bound=ActInput)


def beside_fields(errors: dict[str, str]) -> dict[str, str]:
    """Return each fault under the name of the field that it stands beside."""
    return {_BESIDE.get(name, name): words for name, words in errors.items()}


def sent_of(model: type[Sent], typed: dict[str, str]) -> Sent:
    """Read an act from the fields of a form; a document counts once its number or its day is filled.

    Raises:
        ValidationError: names the field that is wrong.
    """
    members: dict[str, str | dict[str, str]] = {
        name: typed[name] for name in model.model_fields if name != "document" and name in typed
    }
    if "document" in model.model_fields and ("number" in typed or "issued_on" in typed):
        members["document"] = {inside: typed[name] for name, inside in _DOCUMENT.items() if name in typed}
    return model.model_validate(members)
