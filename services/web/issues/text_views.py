"""The texts of an issue: their references in a state, and each one fetched, absent or marked as erased."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from events.fields import TextRef
from reporting.issues.state import Escalation, GivenAnswer, IssueState
from services.web.issues.schemas import ReplacedTextView
from services.web.shell.document_schemas import TextView

Texts = dict[UUID, str | None]


def text_of(ref: TextRef | None, texts: Texts) -> TextView | None:
    """Return a text for a page: None where none was written, `erased` where it was erased."""
    if ref is None:
        return None
    # A store restored from a backup may lack a text that was never erased.
    return TextView(id=ref.id, text=texts.get(ref.id), erased=ref.id in texts and texts[ref.id] is None)


def texts_of(state: IssueState) -> Iterator[TextRef]:
    """Yield the reference of every text on the page of an issue."""
    found: Iterable[TextRef | None] = (
        *texts_of_report(state),
        *(one.text for one in state.replaced),
        *(ref for done in state.amended for one in done.texts for ref in (one.was, one.now)),
        *(act.text for act in state.acts),
    )
    yield from (ref for ref in found if ref is not None)
    for act in state.acts:
        if act.document is not None and act.document.signer is not None:
            yield act.document.signer
    for one in state.escalations:
        yield from texts_of_escalation(one)
    if state.joined is not None and state.joined.answer is not None:
        yield from texts_of_answer(state.joined.answer)


def texts_of_report(state: IssueState) -> Iterator[TextRef]:
    """Name the texts of the report itself."""
    report = state.report
    found = (report.place, report.content, report.request, report.tried)
    yield from (ref for ref in found if ref is not None)


def replaced_shown(state: IssueState, texts: Texts) -> list[ReplacedTextView]:
    """Show what corrections of the draft replaced, in the order in which they did."""
    shown = ((one, text_of(one.text, texts)) for one in state.replaced)
    return [
        ReplacedTextView(field=one.field, text=view, until=one.until)
        for one, view in shown
        if view is not None
    ]


def texts_of_answer(answer: GivenAnswer) -> Iterator[TextRef]:
    """Yield the reference of every text of an answer."""
    signer = answer.document.signer if answer.document is not None else None
    yield from (ref for ref in (answer.text, signer) if ref is not None)


def texts_of_escalation(one: Escalation) -> Iterator[TextRef]:
    """Yield the reference of every text of an escalation."""
    documents = (one.document, one.answer.document if one.answer else None)
    found = (
        one.question,
        one.return_reason,
        one.correction_reason,
        one.answer.text if one.answer else None,
        *(document.signer for document in documents if document is not None),
    )
    yield from (ref for ref in found if ref is not None)
