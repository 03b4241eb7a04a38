"""Events that an issue owes its problem, and a problem its issues: each is folded from its own log alone.

Ids follow from the membership and the cause (UUIDv5), so that an event emitted again is the same event.
`of_issue` and `of_problem` derive the owed events from the folded event. After a catch-up, which emits
nothing, `missing` finds the owed events by comparing the two states.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

from events.envelope import Envelope
from events.issues import IssueJoined, IssueProblemAnswered, IssueUnjoined, SharedAnswer, Unjoining
from events.problems import (
    Membership,
    MembershipEnd,
    ProblemAnswered,
    ProblemMemberAdded,
    ProblemMemberRemoved,
    ProblemWithdrawn,
)
from reporting.dated.bodies import NATION
from reporting.issues import product_envelope
from reporting.issues.state import IssueState, Joined, Outcome
from reporting.problems.fold import Member, ProblemState


def of_issue(state: IssueState, event: Envelope) -> Iterator[Envelope]:
    """Yield the events that an accepted event of an issue owes its problem; `state` is the issue after it."""
    if isinstance(event, IssueJoined) and state.joined is not None:
        yield _added(state, state.joined)
    elif isinstance(event, IssueUnjoined):
        yield _removed(state, state.joined_before[-1])


def of_problem(state: ProblemState | None, event: Envelope, outcome: Outcome) -> Iterator[Envelope]:
    """Yield the events that an event of a problem owes its issues; `state` is the problem after it.

    A membership that the problem refuses is ended by an event, so that no issue waits for an answer that
    never comes.
    """
    if isinstance(event, ProblemMemberAdded):
        said = event.data
        if not outcome.accepted:
            withdrawn = state is not None and state.state == "withdrawn"
            reason = "problem_withdrawn" if withdrawn else "not_taken"
            yield _let_go(UUID(event.subject), said.issue_id, said.joined_by, reason, event)
        elif state is not None:
            yield from _answer_for(state, [one for one in state.members if one.joined_by == said.joined_by])
    elif not outcome.accepted or state is None:
        return
    elif isinstance(event, ProblemAnswered):
        yield from _answer_for(state, state.members)
    elif isinstance(event, ProblemWithdrawn):
        for one in state.members:
            yield _let_go(state.id, one.issue_id, one.joined_by, "problem_withdrawn", event)


def missing(issue: IssueState, problem: ProblemState | None) -> Iterator[Envelope]:
    """Yield the missing events between an issue and a problem that it belongs or belonged to.

    Args:
        problem: None where it has no row: then no event can be derived.
    """
    for was in issue.joined_before:
        if problem is not None and was.problem_id == problem.id and was.joined_by not in problem.gone:
            yield _removed(issue, was)
    one = issue.joined
    if one is None or problem is None or one.problem_id != problem.id:
        return
    member = next((found for found in problem.members if found.joined_by == one.joined_by), None)
    if member is None and one.joined_by not in problem.gone:
        yield _added(issue, one)
    elif member is not None and problem.state == "withdrawn":
        withdrawn = next(act for act in reversed(problem.acts) if act.type == "problem.withdrawn")
        yield _let_go(problem.id, issue.id, one.joined_by, "problem_withdrawn", withdrawn)
    elif member is not None and problem.answer is not None and one.number < problem.answer.number:
        yield from _answer_for(problem, [member])


def _added(state: IssueState, joined: Joined) -> Envelope:
    by = next(act for act in state.acts if act.id == joined.joined_by)
    said = Membership(
        issue_id=state.id,
        joined_by=joined.joined_by,
        unit_code=state.unit_code,
        province_code=state.province_code,
        by_unit=by.actor_unit or "",
    )
    event_id = member_added_id(joined.joined_by)
    return ProblemMemberAdded(data=said, **_to_problem(state, joined, event_id, joined.joined_by, joined.at))


def member_added_id(joined_by: UUID) -> UUID:
    """Return the id of the event that adds a member to a problem, from the id of the act that joined it."""
    return uuid5(joined_by, "problem.member_added")


def _removed(state: IssueState, was: Joined) -> Envelope:
    said = MembershipEnd(issue_id=state.id, joined_by=was.joined_by)
    event_id = uuid5(was.joined_by, "problem.member_removed")
    return ProblemMemberRemoved(
        data=said, **_to_problem(state, was, event_id, was.joined_by, was.ended_at or was.at)
    )


def _answer_for(state: ProblemState, members: Any) -> Iterator[Envelope]:
    """Yield the standing answer for each of some members; each membership gets each answer once."""
    answer = state.answer
    if answer is None or state.state == "withdrawn":
        return
    member: Member
    for member in members:
        yield IssueProblemAnswered(
            data=SharedAnswer(
                problem_id=state.id,
                joined_by=member.joined_by,
                answer_id=answer.id,
                number=answer.number,
                answer_kind=answer.given.kind,  # type: ignore[arg-type]  # a problem takes only these
                body=answer.body,
                answered_at=answer.given.at,
                text=answer.given.text,
                document=answer.given.document,
                expected_on=answer.given.expected_on,
            ),
            **product_envelope.envelope(
                _feed(state.scope),
                member.issue_id,
                uuid5(member.joined_by, str(answer.id)),
                # A member that was added later gets the answer from then on: its commune could not see it
                # before.
                max(answer.given.at, member.added_at),
                cause=answer.id,
            ),
        )


def _let_go(problem_id: UUID, issue_id: UUID, joined_by: UUID, reason: Any, cause: Any) -> Envelope:
    """Return the event by which the product ends a membership; `cause` is an event or an act."""
    said = Unjoining(problem_id=problem_id, joined_by=joined_by, reason_code=reason)
    event_id = uuid5(joined_by, f"issue.unjoined:{reason}")
    about = product_envelope.envelope(_feed(NATION), issue_id, event_id, cause.recorded_at, cause=cause.id)
    return IssueUnjoined(data=said, **about)


def _to_problem(
    state: IssueState, one: Joined, event_id: UUID, cause: UUID, at: dt.datetime
) -> dict[str, Any]:
    feed = product_envelope.feed("decide", state.province_code, state.unit_code)
    return product_envelope.envelope(feed, one.problem_id, event_id, at, cause=cause)


def _feed(scope: str) -> str:
    return "/vn/decide" if scope == NATION else f"/vn/{scope}/decide"
