"""One press that makes a common problem of items that may have one cause, and the press that takes it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID, uuid5

from reporting.dated.calendar import local_day
from reporting.issues.need import Item
from reporting.problems.owed import member_added_id
from services.access.actors import Actor
from services.acting.act_inputs import JoinInput, WithdrawProblemInput
from services.acting.inputs import OpeningInput
from services.acting.issue_acts import act_on_issue
from services.acting.problem_acts import act_on_problem, open_problem, visible_problem
from services.acting.visible import visible_escalation
from services.errors import BadInput, Conflict, Forbidden
from services.web.shell.parts import Parts
from services.web.work.many import MOST, take_out_of_problem

Refusal = Literal["none_chosen", "all_joined", "kinds_differ"]


@dataclass(frozen=True, slots=True)
class Made:
    """A common problem, the issues that were joined to it, and how many could not be."""

    problem_id: UUID
    joined: tuple[UUID, ...]
    refused: int


def make_common(parts: Parts, actor: Actor, sent: OpeningInput, hand_offs: Sequence[UUID], key: UUID) -> Made:
    """Open a problem and join to it the issues of some hand-offs; one that cannot be joined stops no other.

    Args:
        key: of the press; the same again makes no second problem.

    Raises:
        Forbidden, BadInput, PersonalData, UnknownKind, KeyReused: as for opening a problem.
        Conflict: it was recorded and cannot be seen yet.
    """
    opened = open_problem(parts, actor, sent, key=key)
    if opened.queued:
        raise Conflict("the problem is recorded and cannot be seen yet: join the issues in a moment")
    quick = replace(parts, wait_seconds=0.0)
    joined, refused, last = [], 0, None
    for hand_off in dict.fromkeys(hand_offs):
        state, _ = visible_escalation(parts, actor, hand_off, to_act=True)
        wanted = JoinInput(expected_version=state.version, problem=opened.problem_id, found_by="key")
        try:
            last = act_on_issue(quick, actor, state.id, wanted, key=uuid5(key, str(state.id))).event_id
        except (Conflict, Forbidden):
            refused += 1
            continue
        joined.append(state.id)
    if last is not None:
        # The issues know already, or will in a moment; the page that comes next shows what the problem knows.
        parts.arrivals.wait_for(
            member_added_id(last), parts.wait_seconds, subject=opened.problem_id, family="problem"
        )
    return Made(opened.problem_id, tuple(joined), refused)


def free_of(parts: Parts, actor: Actor, hand_offs: Sequence[UUID]) -> list[Item]:
    """Return the items of some hand-offs that are in no problem yet.

    Raises:
        BadInput: there are more than one press takes.
        NotFound, Forbidden: one is no item that the actor may see.
    """
    if len(hand_offs) > MOST:
        raise BadInput(f"tick at most {MOST} items", field="id")
    seen = (visible_escalation(parts, actor, one, to_act=True) for one in dict.fromkeys(hand_offs))
    return [Item(state, hand_off) for state, hand_off in seen if state.joined is None]


def refusal_of(parts: Parts, items: Sequence[Item], *, has_ticked: bool) -> Refusal | None:
    """Return why no common problem is made of items that somebody ticked; nothing where one is."""
    if not has_ticked:
        return "none_chosen"
    if not items:
        return "all_joined"
    on, alike = local_day(parts.clock()), parts.tables.grouping.same_cause
    first, *others = dict.fromkeys(item.issue.report.kind for item in items)
    return None if all(alike(first, other, on) for other in others) else "kinds_differ"


def take_back(parts: Parts, actor: Actor, made: Made, reason: str) -> int:
    """Take the issues out of a problem again and withdraw it; return how many came out.

    Raises:
        Forbidden, Conflict: as for unjoining and withdrawing.
    """
    count = take_out_of_problem(parts, actor, made.problem_id, made.joined, reason)
    state = visible_problem(parts, actor, made.problem_id)
    sent = WithdrawProblemInput(expected_version=state.version, reason=reason)
    act_on_problem(parts, actor, made.problem_id, sent, key=uuid5(made.problem_id, "undo"))
    return count
