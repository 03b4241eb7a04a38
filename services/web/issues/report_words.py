"""The words of reports, for lists: the texts of all its issues are read at once, erased ones left out."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from events.fields import TextRef
from reporting.issues.state import IssueState
from services.store.texts import TextStore
from services.web.issues.text_views import Texts, texts_of_report

LONGEST_LINE = 120
"""So many characters of what somebody wrote stand in a row of a list."""


class ReportWords:
    """The words of reports, each read once however many rows, searches and previews need it; made per request."""

    def __init__(self, store: TextStore) -> None:
        self._store = store
        self._read: Texts = {}

    def read_ahead(self, states: Iterable[IssueState]) -> None:
        """Read what the lines of these issues will need."""
        wanted = {ref.id for state in states for ref in texts_of_report(state)} - self._read.keys()
        if wanted:
            self._read |= {**dict.fromkeys(wanted), **self._store.fetch(wanted)}

    def place(self, state: IssueState) -> str | None:
        """Return where in the commune it is."""
        return self._said(state, state.report.place)

    def content(self, state: IssueState) -> str | None:
        """Return what the difficulty is; reports of earlier releases wrote it beside what was tried."""
        return self._said(state, state.report.content) or self._said(state, state.report.tried)

    def request(self, state: IssueState) -> str | None:
        """Return what is asked for."""
        return self._said(state, state.report.request)

    def headline(self, state: IssueState) -> str | None:
        """Return the place and the first words of what the difficulty is."""
        return headline_of(self.place(state), self.content(state))

    def asked_for(self, state: IssueState) -> str | None:
        """Return the first words of what is asked for."""
        said = self.request(state)
        return first_words(said) if said else None

    def searched(self, state: IssueState) -> list[str | None]:
        """Return the words by which a list is searched: place, difficulty, what was tried."""
        return [
            self.place(state),
            self._said(state, state.report.content),
            self._said(state, state.report.tried),
        ]

    def _said(self, state: IssueState, ref: TextRef | None) -> str | None:
        if ref is None:
            return None
        self.read_ahead([state])
        return self._read.get(ref.id)


def headline_of(place: str | None, content: str | None) -> str | None:
    """Return the place and the first words of what the difficulty is, on one line; None where neither is known."""
    parts = (" ".join(words.split()) for words in (place, content) if words)
    said = " – ".join(filter(None, parts))
    return first_words(said) if said else None


def first_words(text: str, most: int = LONGEST_LINE) -> str:
    """Return a text on one line, cut between two words where it is longer than `most` characters."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    whole = cut if line[most - 1] == " " else cut.rpartition(" ")[0] or cut
    return f"{whole.rstrip(' ,;:–')}…"


def places_of(texts: TextStore, states: Iterable[IssueState]) -> dict[UUID, str]:
    """Return the place of each issue whose place was written and is not erased; fetched together."""
    refs = {state.id: state.report.place.id for state in states if state.report.place is not None}
    found = texts.fetch(refs.values())
    return {issue_id: text for issue_id, ref in refs.items() if (text := found.get(ref))}
