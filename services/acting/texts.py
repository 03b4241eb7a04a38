"""What people write beside an act: searched for personal data, kept in the text store, named by a reference."""

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
"""Keeps (text, purpose) in the transaction of the act and returns its reference."""

_ID = re.compile(r"[a-z0-9][a-z0-9_.]{0,79}")
# Scripts send `date`; the event says `issued_on`.
_AS_SENT = {"issued_on": "date"}
_FORMS = {"number": "write number and symbol as they stand on the document, such as 15/TTr-UBND"}


def check_said(texts: Iterable[tuple[str, str | None]], document: DocumentInput | None) -> None:
    """Let an act pass only if no text in it looks like personal data; a signer's own name is expected, no more.

    Args:
        texts: what was written, each beside the name of its field.

    Raises:
        PersonalData: names the field and what was found.
    """
    for field, text in texts:
        if text is not None:
            check(text, field)
    signer = document.signer if document is not None else None
    if signer is not None and any(trace.kind != "name" for trace in lint(signer)):
        check(signer, "document.signer")


def check_words(sent: ActInput) -> None:
    """Let an act pass as `check_said` does."""
    document = sent.document if isinstance(sent, DocumentedInput) else None
    check_said(((name, getattr(sent, name)) for name in sent.written), document)


def check_answer(sent: AnswerInput | AnswerAllInput) -> None:
    """Let an answer pass only if it says what its kind must say.

    What solves or guides needs words, what waits for resources a day, and none before the document that promises it.
    An older answer in the log may lack its words: this is a rule of the door and not of the fold.

    Raises:
        BadInput: it does not; names the field.
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
    """Tell whether what was sent with an act is what was kept with it: a retry repeats its words."""
    said = [words for words in (sent.reason, sent.text) if words is not None]
    if kept is None:
        return not said
    return kept.sha256 in {sha256_of(words) for words in said}


def document_of(sent: DocumentInput, issuer: str, put: Put) -> Document:
    """Build the document that an event names; its signer's name goes to the text store.

    Raises:
        BadInput: a member that no document can have; names it.
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
    """Return the id of the body that issued a document, from its id or from its name as the letter-head has it.

    Args:
        units: where bodies are looked for by name.

    Raises:
        BadInput: no body has this id or, there, this name.
    """
    if _ID.fullmatch(said) and bodies.knows(said):
        return said
    wanted = _plain_file_name(said)
    for unit_code in units:
        for body in bodies.of_unit(unit_code):
            if wanted in {_plain_file_name(body.name_vi), _plain_file_name(body.name_en)}:
                return body.id
    raise BadInput(
        "document.issuer names no body: send an id as GET /api/v1/bodies?unit= lists them, or leave it out",
        field="document.issuer",
    )


def sha256_of(words: str) -> str:
    """Return the hash under which the text store keeps these words."""
    return hashlib.sha256(unicodedata.normalize("NFC", words).encode()).hexdigest()


def _plain_file_name(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
