"""Issues to join to a problem, suggested by grouping key and by likeness of their texts; a person decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from rapidfuzz import fuzz, process

from reporting.dated.calendar import local_day
from reporting.issues.state import IssueState
from reporting.problems.fold import ProblemState
from reporting.problems.grouping import GroupingTable, Suggestion, candidates, reach
from services.access.scope import Scope
from services.acting.parts import ActParts
from services.language.vietnamese import unaccented
from services.store.texts import TextStore

MOST_SUGGESTED = 30
MOST_LOOKED_AT = 100
"""Highest number of issues with the same key to compare, the latest reported: reading costs more than comparing."""
MOST_COMPARED = 10
"""Highest number of members to compare a text with, the latest joined: 5,000 issues with all of 166 take seconds."""


def suggestions_for(
    parts: ActParts, problem: ProblemState, scope: Scope, members: Sequence[IssueState]
) -> list[Suggestion]:
    """Return issues that may have the problem's cause, the likeliest first.

    Args:
        scope: the units and bodies whose issues the actor may join.
        members: the issues already joined.
    """
    on, table = local_day(parts.clock()), parts.tables.grouping
    anchors = [(one.reported_at, one.unit_code) for one in members] or [(problem.opened_at, "")]
    issues = parts.issue_table.joinable(
        kinds=table.kinds_like(problem.kind, on),
        reported=reach(problem.kind, anchors, table, on),
        units=scope.units,
        bodies=scope.bodies,
        limit=MOST_LOOKED_AT,
    )
    found = candidates(problem.kind, anchors, issues, table, on)
    ratios = likeness(parts.texts, [one.issue for one in found], members[-MOST_COMPARED:])
    return _ranked(found, ratios, table, problem.kind, on)[:MOST_SUGGESTED]


def problems_for(parts: ActParts, issue: IssueState, problems: Iterable[ProblemState]) -> list[ProblemState]:
    """Return the live problems that may be the cause of an issue, those of its own kind first."""
    on, table = local_day(parts.clock()), parts.tables.grouping
    window = dt.timedelta(days=table.key_of(issue.report.kind, on).window_days)
    fitting = [
        one
        for one in problems
        if one.is_live
        and table.same_cause(one.kind, issue.report.kind, on)
        and any(abs(at - issue.reported_at) <= window for at in _instants(one))
    ]
    return sorted(fitting, key=lambda one: (one.kind != issue.report.kind, -len(one.members)))


def likeness(texts: TextStore, ours: Sequence[IssueState], theirs: Sequence[IssueState]) -> dict[UUID, int]:
    """Return, for each issue of `ours`, the highest likeness of its texts with any of `theirs`, in percent.

    The measure is rapidfuzz's `token_set_ratio` over words without accents: order, repetition and marks do not count.
    Issues without texts, or with erased texts, are left out.
    """
    words = _words(texts, [*ours, *theirs])
    mine = {one.id: words[one.id] for one in ours if one.id in words}
    return compared(mine, [words[one.id] for one in theirs if one.id in words])


def compared(ours: Mapping[UUID, str], theirs: Sequence[str]) -> dict[UUID, int]:
    """Return the highest likeness of each text with any of the others, in percent."""
    if not ours or not theirs:
        return {}
    found = process.cdist(list(ours.values()), list(theirs), scorer=fuzz.token_set_ratio)
    return {issue_id: round(float(best)) for issue_id, best in zip(ours, found.max(axis=1), strict=True)}


def _words(texts: TextStore, issues: Iterable[IssueState]) -> dict[UUID, str]:
    refs = {
        one.id: [
            ref.id for ref in (one.report.place, one.report.content, one.report.tried) if ref is not None
        ]
        for one in issues
    }
    kept = texts.fetch(ref for found in refs.values() for ref in found)
    said = {
        issue_id: unaccented(" ".join(kept.get(ref) or "" for ref in found)).strip()
        for issue_id, found in refs.items()
    }
    return {issue_id: words for issue_id, words in said.items() if words}


def _ranked(
    found: Sequence[Suggestion], ratios: Mapping[UUID, int], table: GroupingTable, kind: str, on: dt.date
) -> list[Suggestion]:
    least = table.key_of(kind, on).likeness_percent
    noted = [
        one._replace(likeness=ratio, found_by="likeness" if ratio >= least else "key")
        for one in found
        for ratio in (ratios.get(one.issue.id, 0),)
    ]
    return sorted(noted, key=lambda one: (one.found_by != "likeness", -one.likeness, one.days_apart))


def _instants(problem: ProblemState) -> list[dt.datetime]:
    return [problem.opened_at, *(one.added_at for one in problem.members)]
