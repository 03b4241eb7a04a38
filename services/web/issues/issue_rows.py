"""Difficulties and hand-offs as rows of a page: where and what first, then who has it, then how many days are left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


def tried_of(parts: Parts, states: Iterable[IssueState]) -> dict[str, str]:
    """Return by the id of its row what was tried in each issue, where it was written and is not erased."""
    refs = {state.id: state.report.tried.id for state in states if state.report.tried is not None}
    texts = parts.texts.fetch(refs.values())
    return {str(issue_id): text for issue_id, ref in refs.items() if (text := texts.get(ref))}


@dataclass(frozen=True, slots=True)
class IssueRows:
    """Make rows in the language of a request."""

    dues: Dues
    labels: Labels
    places: Mapping[UUID, str]

    def rows(self, found: Sequence[ListRow], *, with_unit: bool = False) -> list[Row]:
        """Return a row for each; `with_unit` where they come from many units."""
        return [self.row(one, with_unit=with_unit) for one in found]

    def row(self, one: ListRow, *, with_unit: bool = False) -> Row:
        """Return the row: its days are those of its deadline, or else say how it stands."""
        issue = one.issue
        stands = Due(tone_of(one.state), one.state_label)
        due = stands if one.due is None else self.dues.of(one.due)
        more = (
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
            name=self.name(issue.id, issue.kind_label),
            more=tuple(filter(None, more)),
            due=due,
            is_urgent=issue.severity == "urgent",
        )

    def name(self, issue_id: UUID, kind_label: str) -> str:
        """Say where, then what."""
        place = self.places.get(issue_id)
        return f"{place}: {kind_label}" if place else kind_label

    def _count(self, key: str, count: int | None) -> str:
        lang = self.dues.formats.lang
        return self.labels.text(key, lang, count=Formats(lang).number(count)) if count else ""


def issue_rows(request: Request, parts: Parts, states: Iterable[IssueState]) -> IssueRows:
    """Return what makes rows of these issues for a page."""
    return IssueRows(dues_of(parts, lang_of(request)), parts.labels, places_of(parts, states))
