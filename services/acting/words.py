"""What people write beside an act: searched for personal data, kept in the text store, named by a reference."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import ValidationError

from events.fields import Document, TextRef
from reporting.privacy import check, lint
from services.errors import BadInput
from services.web.inputs import ActInput, DocumentInput

Put = Callable[[str, str], TextRef]
"""Keeps (text, purpose) in the transaction of the act and returns its reference."""


def check_words(sent: ActInput) -> None:
    """Let an act pass only if no text in it looks like personal data; a signer's own name is expected, no more.

    Raises:
        PersonalData: names the field and what was found.
    """
    for field, text in (("reason", sent.reason), ("text", sent.text)):
        if text is not None:
            check(text, field)
    signer = sent.document.signer if sent.document is not None else None
    if signer is not None and any(trace.kind != "name" for trace in lint(signer)):
        check(signer, "document.signer")


def document_of(sent: DocumentInput, issuer: str, put: Put) -> Document:
    """Build the document that an event names; its signer's name goes to the text store.

    Raises:
        BadInput: a member that no document can have; names it.
    """
    members = {
        "kind": sent.kind,
        "number": sent.number,
        "issued_on": sent.issued_on,
        "issuer": sent.issuer or issuer,
        "capacity": sent.capacity,
        "urgency": sent.urgency,
        "signer": None if sent.signer is None else put(sent.signer, "signer"),
    }
    try:
        return Document.model_validate(members)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        field = f"document.{fault['loc'][0]}"
        raise BadInput(f"{field}: {fault['msg']}", field=field) from None
