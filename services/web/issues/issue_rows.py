"""Difficulties and hand-offs as rows of a page: where and what first, then who has it, then how many days are left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request

from reporting.issues.state import IssueState
from services.language.formats import Formats
from services.language.labels import Labels
from services.web.issues.list_rows import ListRow
from services.web.shell.dues import Due, Dues
from services.web.shell.layout import dues_of, lang_of, tone_of
from services.web.shell.parts import Parts
from services.web.shell.rows import Row


def places_of(parts: Parts, states: Iterable[IssueState]) -> dict[UUID, str]:
    """Return the place of each issue whose place was written and is not erased; fetched together."""
    refs = {state.id: state.report.place.id for state in states if state.report.place is not None}
    texts = parts.texts.fetch(refs.values())
    return {issue_id: text for issue_id, ref in refs.items() if (text := texts.get(ref))}


@dataclass(frozen=True, slots=True)
class ReportWords:
    """The two texts of a report; None where one was not written, or was erased."""

    content: str | None
    request: str | None


def words_of_reports(parts: Parts, states: Sequence[IssueState]) -> dict[str, ReportWords]:
    """Return row id → the difficulty and the request of each issue; fetched together."""
    refs = {
        (state.id, name): ref.id
        for state in states
        for name, ref in (("content", state.report.content), ("request", state.report.request))
        if ref is not None
    }
    texts = parts.texts.fetch(refs.values())
    written = {key: texts.get(ref) for key, ref in refs.items()}
    return {
        str(state.id): ReportWords(written.get((state.id, "content")), written.get((state.id, "request")))
        for state in states
    }


@dataclass(frozen=True, slots=True)
class IssueRows:
    """Makes rows in the language of a request."""

    dues: Dues
    labels: Labels

    def rows(self, found: Sequence[ListRow], *, with_unit: bool = False) -> list[Row]:
        """Return a row for each; `with_unit` where they come from many units."""
        return [self.row(one, with_unit=with_unit) for one in found]

    def row(self, one: ListRow, *, with_unit: bool = False) -> Row:
        """Return the row; it ends with the days to its deadline, or else with its state."""
        issue = one.issue
        stands = Due(tone_of(one.state), one.state_label)
        due = stands if one.due is None else self.dues.of(one.due)
        more = (
            issue.kind_label if issue.headline else "",
            issue.unit_name if with_unit else "",
            one.state_label if due is not stands else "",
            self._count("look.people", issue.people_affected),
            self._count("look.cases", issue.cases_blocked),
            one.holder_name or "",
            self.dues.since(self.dues.local(issue.reported_at)),
        )
        return Row(
            id=str(issue.id),
            href=one.href,
            name=issue.headline or issue.kind_label,
            more=tuple(filter(None, more)),
            due=due,
            is_urgent=issue.severity == "urgent",
        )

    def _count(self, key: str, count: int | None) -> str:
        lang = self.dues.formats.lang
        return self.labels.text(key, lang, count=Formats(lang).number(count)) if count else ""


def issue_rows(request: Request, parts: Parts) -> IssueRows:
    """Return the maker of rows for a page."""
    return IssueRows(dues_of(parts, lang_of(request)), parts.labels)
