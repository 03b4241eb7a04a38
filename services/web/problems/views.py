"""Problems for readers: title, counts, answers, members, and suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from reporting.dated.bodies import NATION
from reporting.issues.state import IssueState
from reporting.problems.fold import Answered, ProblemState, allowed_on_problem
from reporting.problems.grouping import Suggestion
from services.access.actors import Actor
from services.access.policy import MAY, may_see_issue
from services.acting.suggestions import problems_for, suggestions_for
from services.acting.visible import issue_bodies
from services.errors import Forbidden
from services.language.labels import Lang
from services.warehouse.problem_table import ProblemCount, ProblemFilter
from services.web.issues.listing import scope_of
from services.web.issues.text_views import Texts, text_of, texts_of_answer
from services.web.issues.views import Viewer
from services.web.problems.schemas import (
    MemberView,
    ProblemAnswerView,
    ProblemCounts,
    ProblemLine,
    ProblemView,
    SuggestionView,
)
from services.web.shell.parts import ViewParts


class LinkedProblem(ProblemLine):
    """A line of a list on a page, with the address of its problem."""

    href: str


class ProblemViewer:
    """Builds views of problems for one actor in one language; made per request."""

    def __init__(self, parts: ViewParts, actor: Actor, lang: Lang = "vi") -> None:
        self._parts = parts
        self._actor = actor
        self._lang: Lang = lang
        self._issues = Viewer(parts, lang, actor)
        self._members: dict[tuple[UUID, int], list[IssueState]] = {}

    def lines(self, found: Sequence[ProblemState]) -> list[ProblemLine]:
        """Return problems as lines of a list, with their counts."""
        counts = self._parts.problem_table.counts(one.id for one in found)
        texts = self._parts.texts.fetch(one.title.id for one in found)
        return [self._line(one, counts.get(one.id), texts) for one in found]

    def whole(self, state: ProblemState) -> ProblemView:
        """Return one problem with its answers and the members that the actor may read."""
        [line] = self.lines([state])
        texts = self._parts.texts.fetch(ref.id for one in state.answers for ref in texts_of_answer(one.given))
        return ProblemView(
            **vars(line),
            answers=[self._answer(one, texts) for one in state.answers],
            members=self._member_lines(state),
        )

    def _member_lines(self, state: ProblemState) -> list[MemberView]:
        members = self.members_of(state)
        self._issues.read_ahead(members)
        return [self._member(one) for one in members]

    def members_of(self, state: ProblemState) -> list[IssueState]:
        """Return the members that the actor may read, in joining order; read once per version."""
        key = (state.id, state.version)
        if key not in self._members:
            self._members[key] = self._read_members(state)
        return self._members[key]

    def _read_members(self, state: ProblemState) -> list[IssueState]:
        rows = self._parts.issue_table.load(one.issue_id for one in state.members)
        found = [rows[one.issue_id].state for one in state.members if one.issue_id in rows]
        # The issue is folded before its problem: skip an issue that was just unjoined and still is a member there.
        found = [one for one in found if one.joined is not None and one.joined.problem_id == state.id]
        units = self._parts.tables.units
        return [
            one for one in found if may_see_issue(self._actor, one.unit_code, issue_bodies(one), units=units)
        ]

    def suggestions(self, state: ProblemState) -> list[SuggestionView]:
        """Return the open issues that the actor may read and that may have this cause, with the reasons."""
        if not state.is_live or self._actor.unit_code != state.scope:
            return []
        scope = scope_of(self._parts, self._actor, None)
        found = suggestions_for(self._parts, state, scope, self.members_of(state))
        self._issues.read_ahead(one.issue for one in found)
        return [self._suggestion(one) for one in found if "join" in self._issues.allowed(one.issue)]

    def _line(self, state: ProblemState, counts: ProblemCount | None, texts: Texts) -> ProblemLine:
        title = text_of(state.title, texts)
        latest = state.answer
        return ProblemLine(
            id=state.id,
            title=title.text if title else None,
            erased=bool(title and title.erased),
            scope=state.scope,
            scope_name=self._issues.unit_name(state.scope),
            kind=state.kind,
            kind_label=self._issues.kind_label(state.kind),
            lead_body=state.lead_body,
            lead_name=self._issues.body_name(state.lead_body),
            state=state.state,
            state_label=self._parts.labels.text(f"shared.state.{state.state}", self._lang),
            version=state.version,
            opened_at=state.opened_at,
            updated_at=state.updated_at,
            answered_at=latest.given.at if latest is not None else None,
            answer_kind=latest.given.kind if latest is not None else None,
            counts=ProblemCounts() if counts is None else counts_shown(counts),
            allowed=self._allowed(state),
        )

    def _allowed(self, state: ProblemState) -> list[str]:
        who = self._actor
        return list(allowed_on_problem(state, role=who.role, unit_code=who.unit_code, body=who.body))

    def _answer(self, one: Answered, texts: Texts) -> ProblemAnswerView:
        return ProblemAnswerView(
            **vars(self._issues.answer(one.given, texts)),
            id=one.id,
            number=one.number,
            body=one.body,
            body_name=self._issues.body_name(one.body),
        )

    def _member(self, issue: IssueState) -> MemberView:
        joined = issue.joined
        mark = "joined"
        if joined is not None and joined.answer is not None:
            claimed = "claimed" if issue.state == "solution_claimed" else "answered"
            mark = joined.decision or claimed
        return MemberView(
            **vars(self._issues.summary(issue)),
            mark=mark,
            mark_label=self._parts.labels.text(f"shared.mark.{mark}", self._lang),
            found_by=joined.found_by if joined is not None else None,
        )

    def _suggestion(self, one: Suggestion) -> SuggestionView:
        when = "shared.because.days" if one.days_apart else "shared.because.same_day"
        apart = self._parts.labels.text(when, self._lang, days=one.days_apart)
        reason = self._parts.labels.text(
            f"shared.because.{one.found_by}", self._lang, apart=apart, likeness=one.likeness
        )
        return SuggestionView(
            issue=self._issues.summary(one.issue),
            found_by=one.found_by,
            likeness=one.likeness,
            days_apart=one.days_apart,
            reason=reason,
        )


def counts_shown(counts: ProblemCount) -> ProblemCounts:
    """Return the counts of a problem for the API."""
    return ProblemCounts(
        member_count=counts.member_count,
        answered_count=counts.answered_count,
        claimed_count=counts.claimed_count,
        confirmed_count=counts.confirmed_count,
        disputed_count=counts.disputed_count,
        unit_count=counts.unit_count,
        province_count=counts.province_count,
    )


def fitting_problems(parts: ViewParts, actor: Actor, lang: Lang, issue: IssueState) -> list[ProblemLine]:
    """Show the live problems that the actor may read and that may have the issue's cause."""
    live = parts.problem_table.list(problems_of(actor, live_only=True))
    return ProblemViewer(parts, actor, lang).lines(problems_for(parts, issue, live))


def problems_of(
    actor: Actor, *, kind: str | None = None, live_only: bool = False, least_provinces: int = 0
) -> ProblemFilter:
    """Return the filter of the problems that an actor may read: those of its province, of its ministry, or all.

    Raises:
        Forbidden: the role reads no lists of problems; a commune reads its problem with its issue.
    """
    relation = MAY["problem.read"].get(actor.role)
    if relation is None:
        raise Forbidden(f"{actor.role} reads no lists of problems")
    everywhere = actor.unit_code == NATION and relation != "body"
    return ProblemFilter(
        scopes=None if everywhere else (actor.unit_code,),
        lead_body=actor.body if relation == "body" else None,
        kind=kind,
        live_only=live_only,
        least_provinces=least_provinces,
    )
