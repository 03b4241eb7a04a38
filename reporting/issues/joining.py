"""The issue's side of a problem: joining, the shared answer, its confirmation or dispute, unjoining.

Joining overwrites nothing: the issue's own escalations and clocks stay under the problem's answer, so an
unjoined issue continues where it was. Joining alone pauses no clock, because the bodies still owe an answer.
The problem's answer meets their clocks; unjoining lets those clocks run on from their first instant. The
commune has a deadline to confirm or dispute the shared answer, as for an answer of its own; unjoining ends
that deadline.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from msgspec.structs import replace

from events.envelope import Envelope
from events.issues import IssueJoined, IssueProblemAnswered, IssueUnjoined
from reporting.issues import pauses
from reporting.issues.clock import IssueClock
from reporting.issues.escalations import Reason, put
from reporting.issues.permissions import STANDING, may_as_any
from reporting.issues.state import LIVE, GivenAnswer, IssueState, Joined, Round
from reporting.issues.turns import CONFIRMABLE


def step(state: IssueState, event: Envelope) -> IssueState | Reason:
    """Apply a joining, an unjoining, or the answer of the problem."""
    if not may_as_any(state, event, STANDING[event.type]):
        return "actor_not_entitled"
    return _STEPS[event.type](state, event)


def may_be_joined(state: IssueState) -> bool:
    """Return whether the issue can be joined to a problem now."""
    return state.is_open and state.joined is None and state.lane != "outside"


def holder_of(state: IssueState, one: Joined) -> str | None:
    """Return the body with the next step on a shared answer: the commune, or the body that promised means."""
    waits = one.answer is not None and one.answer.kind == "waiting_resources"
    return one.body if waits else state.own_body


def _join(state: IssueState, event: IssueJoined) -> IssueState | Reason:
    if not may_be_joined(state):
        return "illegal_transition"
    said = event.data
    joined = Joined(
        problem_id=said.problem_id, joined_by=event.id, at=event.recorded_at, found_by=said.found_by
    )
    return replace(state, joined=joined)


def _unjoin(state: IssueState, event: IssueUnjoined) -> IssueState | Reason:
    """Unjoin the issue: it continues from its own escalations; an ended issue stays ended."""
    was, said = state.joined, event.data
    if was is None or said.problem_id != was.problem_id or said.joined_by not in {None, was.joined_by}:
        return "illegal_transition"
    if (event.actor_role == "system") != (said.reason_code != "by_hand"):
        return "actor_not_entitled"
    ended = replace(was, ended_at=event.recorded_at)
    apart = replace(state, joined=None, joined_before=(*state.joined_before, ended))
    if not state.is_open or was.answer is None:
        return apart
    standing = _standing_state(apart) if was.decision is None else state.state
    return replace(apart, state=standing, clocks=_running_again(apart, was))


def _take_answer(state: IssueState, event: IssueProblemAnswered) -> IssueState | Reason:
    """Take an answer if it is for this membership and newer than the one that the issue has."""
    one, said = state.joined, event.data
    if one is None or one.joined_by != said.joined_by or said.number <= one.number or not state.is_open:
        return "illegal_transition"
    given = GivenAnswer(
        kind=said.answer_kind,
        at=event.recorded_at,
        text=said.text,
        document=said.document,
        expected_on=said.expected_on,
    )
    answered = replace(
        one,
        answer=given,
        answer_id=said.answer_id,
        number=said.number,
        body=said.body,
        decision=None,
        decided_at=None,
    )
    claimed = "solution_claimed" if said.answer_kind in CONFIRMABLE else "answered"
    return replace(state, joined=answered, state=claimed)


def decided(state: IssueState, decision: Literal["confirmed", "disputed"], event: Envelope) -> IssueState:
    """Record the commune's decision on the problem's answer, if that answer is undecided."""
    one = state.undecided
    if one is None:
        return state
    return replace(state, joined=replace(one, decision=decision, decided_at=event.recorded_at))


def dispute(state: IssueState, event: Envelope) -> IssueState:
    """Go back to the issue's own escalations: the problem's answer does not hold at this place.

    A body that works on the issue is asked once more, in another round; its earlier clocks were met by the
    answer. The clocks of a proposal not sent yet run on. If the issue's own body had answered too, its answer
    stands again.
    """
    one, root = state.undecided, state.root
    noted = decided(state, "disputed", event)
    if one is None or root is None:
        return replace(noted, state="disputed")
    if root.state == "answered":
        return replace(noted, state=_standing_state(noted), clocks=_running_again(noted, one))
    if root.state in LIVE and root.was_sent:
        again = replace(root, rounds=(*root.rounds, Round(asked_at=event.recorded_at)))
        return put(noted, again, state="disputed", clocks=_met_for_good(noted, one))
    return replace(noted, state="disputed", clocks=_running_again(noted, one))


def _standing_state(state: IssueState) -> str:
    """Return the state that the issue's own escalations give it."""
    root = state.root
    if root is None:
        return "received"
    if root.state == "answered" and root.answer is not None and root.rounds[-1].decided_at is None:
        return "solution_claimed" if root.answer.kind in CONFIRMABLE else "answered"
    return "disputed" if root.state == "answered" or len(root.rounds) > 1 else "received"


def _running_again(state: IssueState, one: Joined) -> tuple[IssueClock, ...]:
    """Let the clocks run on that only the problem's answer met; a due instant that went by stays past."""
    return tuple(
        replace(pauses.run_on(clock, state.suppressions), met_by=None)
        if clock.met_by == one.joined_by
        else clock
        for clock in state.clocks
    )


def _met_for_good(state: IssueState, one: Joined) -> tuple[IssueClock, ...]:
    return tuple(
        replace(clock, met_by=None) if clock.met_by == one.joined_by else clock for clock in state.clocks
    )


_STEPS: dict[str, Callable[[IssueState, Any], IssueState | Reason]] = {
    "issue.joined": _join,
    "issue.unjoined": _unjoin,
    "issue.problem_answered": _take_answer,
}

TYPES: tuple[str, ...] = tuple(_STEPS)
"""The types of event that are folded here."""
