"""Texts of an act: checked for personal data, stored in the text store, referenced by id and hash."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable

from pydantic import ValidationError

from events.fields import Document, TextRef
from reporting.dated.bodies import BodyTable
from reporting.issues.turns import NEEDS_WORDS
from reporting.privacy import check, lint
from services.acting.act_inputs import AnswerAllInput, AnswerInput
from services.acting.inputs import ActInput, DocumentedInput, DocumentInput
from services.errors import BadInput

Put = Callable[[str, str], TextRef]
"""Stores (text, purpose) in the transaction of the act and returns its reference."""

_ID = re.compile(r"[a-z0-9][a-z0-9_.]{0,79}")
# Requests send `date`; the event's field is `issued_on`.
_AS_SENT = {"issued_on": "date"}
_FORMS = {"number": "write number and symbol as they stand on the document, such as 15/TTr-UBND"}


def check_said(texts: Iterable[tuple[str, str | None]], document: DocumentInput | None) -> None:
    """Check the texts of an act for personal data; a signer's field may hold the signer's name only.

    Args:
        texts: (field, text) pairs.

    Raises:
        PersonalData: a text looks like personal data; the error names the field and the trace.
    """
    for field, text in texts:
        if text is not None:
            check(text, field)
    signer = document.signer if document is not None else None
    if signer is not None and any(trace.kind != "name" for trace in lint(signer)):
        check(signer, "document.signer")


def check_words(sent: ActInput) -> None:
    """Check the texts and the document of an act as `check_said` does."""
    document = sent.document if isinstance(sent, DocumentedInput) else None
    check_said(((name, getattr(sent, name)) for name in sent.written), document)


def check_answer(sent: AnswerInput | AnswerAllInput) -> None:
    """Check the words and the expected day of an answer.

    An answer that solves or guides needs words, one that waits for resources a day, not before its document's day.
    An older answer in the log may lack its words: this is checked where acts come in, not in the fold.

    Raises:
        BadInput: the day is missing or too early; the error names the field.
    """
    if sent.kind in NEEDS_WORDS and sent.text is None and sent.reason is None:
        raise BadInput(
            "say what was done or how it is done: this answer needs words", field="text", error_key="missing"
        )
    if sent.kind == "waiting_resources" and sent.expected_on is None:
        raise BadInput(
            "waiting for resources names the day it is expected on", field="expected_on", error_key="missing"
        )
    if (
        sent.expected_on is not None
        and sent.document is not None
        and sent.expected_on < sent.document.issued_on
    ):
        raise BadInput(
            "the expected day lies before the document that promises it",
            field="expected_on",
            error_key="before_document",
        )


def same_words(sent: ActInput, kept: TextRef | None) -> bool:
    """Return whether a request has the stored text of an act: a retry repeats its text."""
    said = [words for words in (sent.reason, sent.text) if words is not None]
    if kept is None:
        return not said
    return any(is_same_text(words, kept.sha256) for words in said)


def document_of(sent: DocumentInput, issuer: str, put: Put) -> Document:
    """Build the document of an event; its signer's name goes to the text store.

    Raises:
        BadInput: a member is invalid; the error names it.
    """
    members = {
        "kind": sent.kind,
        "number": sent.number,
        "issued_on": sent.issued_on,
        "issuer": issuer,
        "capacity": sent.capacity,
        "urgency": sent.urgency,
        "signer": None if sent.signer is None else put(sent.signer, "signer"),
    }
    try:
        return Document.model_validate(members)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        member = str(detail["loc"][0])
        field = f"document.{_AS_SENT.get(member, member)}"
        raise BadInput(f"{field}: {_FORMS.get(member, detail['msg'])}", field=field) from None


def issuer_of(said: str, units: Iterable[str], bodies: BodyTable) -> str:
    """Return the id of a document's issuer, given its id or the name on its letter-head.

    Args:
        units: the units whose bodies are searched by name.

    Raises:
        BadInput: no body has this id and none of these units this name.
    """
    if _ID.fullmatch(said) and bodies.knows(said):
        return said
    wanted = _compared_name(said)
    for unit_code in units:
        for body in bodies.of_unit(unit_code):
            if wanted in {_compared_name(body.name_vi), _compared_name(body.name_en)}:
                return body.id
    raise BadInput(
        "document.issuer names no body: send an id as GET /api/v1/bodies?unit= lists them, or leave it out",
        field="document.issuer",
    )


def sha256_of(words: str) -> str:
    """Return the hash under which the text store keeps these words."""
    return hashlib.sha256(unicodedata.normalize("NFC", words).encode()).hexdigest()


def is_same_text(words: str, sha256: str) -> bool:
    """Return whether a stored text holds these words; earlier releases stored the line ends of a form."""
    return sha256 in {sha256_of(words), sha256_of(words.replace("\n", "\r\n"))}


def _compared_name(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
