"""However the two logs are interleaved, repeated or caught up later: the same members, one effective answer for each."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any
from uuid import UUID, uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

from events.envelope import Envelope
from events.issues import IssueJoined, IssueUnjoined, Joining, Unjoining
from events.problems import (
    CommonAnswer,
    Opening,
    ProblemAnswered,
    ProblemOpened,
    ProblemWithdrawn,
    Retraction,
)
from reporting.issues.fold import fold
from reporting.issues.state import IssueState
from reporting.problems import fold as problems
from reporting.problems.fold import ProblemState
from reporting.problems.owed import missing, of_issue, of_problem
from tests.reporting.stories import MORNING, NAMES, REVIEWER, TEXT, Story

ISSUES = [Story(name=f"member {number}") for number in range(3)]
PROBLEMS = [uuid5(NAMES, f"cause {number}") for number in range(2)]
Step = tuple[str, int, int]

seeds = st.integers(0, 2**32)
steps = st.lists(
    st.tuples(st.sampled_from(["join", "unjoin", "answer"]), st.integers(0, 2), st.integers(0, 1)),
    min_size=1,
    max_size=14,
)


def event_of(number: int, step: Step) -> Envelope:
    """Make what a person says; each event has an id of its own, whether it will be taken or not."""
    name, issue, problem = step
    data: Any
    cls: Any
    subject = PROBLEMS[problem]
    if name in {"join", "unjoin"}:
        subject = ISSUES[issue].id
        cls, data = IssueJoined, Joining(problem_id=PROBLEMS[problem])
        if name == "unjoin":
            cls, data = IssueUnjoined, Unjoining(problem_id=PROBLEMS[problem], reason=TEXT)
    elif name == "answer":
        cls, data = ProblemAnswered, CommonAnswer(answer_kind="solved", text=TEXT)
    elif name == "withdraw":
        cls, data = ProblemWithdrawn, Retraction(reason=TEXT)
    else:
        cls = ProblemOpened
        data = Opening(scope="38", kind="mobile_dead_spot", lead_body="38.so_khcn", title=TEXT)
    made: Envelope = cls(
        id=uuid5(NAMES, f"said {number}"),
        source="/vn/38",
        subject=str(subject),
        partition_key=str(subject),
        time=MORNING,
        recorded_at=MORNING,
        data=data,
        **REVIEWER,
    )
    return made


class Logs:
    """The logs of all aggregates; what is owed goes to the end of another log at some time, perhaps twice."""

    def __init__(self, said: list[Envelope], seed: int, *, silent: bool = False) -> None:
        self.issues: dict[UUID, IssueState] = {story.id: story.state for story in ISSUES}
        self.problems: dict[UUID, ProblemState] = {}
        self.rng = random.Random(seed)
        self.silent = silent
        # What people say keeps its order within each log; between the logs anything goes.
        self.logs: dict[str, list[Envelope]] = {}
        self.owed: list[Envelope] = []
        for event in said:
            self.logs.setdefault(event.subject, []).append(event)

    def run(self) -> Logs:
        """Fold everything there is, in some order; a crash hands some events over again."""
        read: dict[str, int] = dict.fromkeys(self.logs, 0)
        while True:
            open_logs = [name for name, log in self.logs.items() if read.setdefault(name, 0) < len(log)]
            if self.owed and (not open_logs or self.rng.random() < 0.5):
                event = self.owed.pop(self.rng.randrange(len(self.owed)))
                self.logs.setdefault(event.subject, []).append(event)
                if self.rng.random() < 0.3:
                    self.owed.append(event)
                continue
            if not open_logs:
                return self
            name = self.rng.choice(open_logs)
            self.fold(self.logs[name][read[name]])
            read[name] += 1
            if self.rng.random() < 0.2:
                read[name] = max(0, read[name] - self.rng.randint(1, 3))

    def fold(self, event: Envelope) -> None:
        about = UUID(event.subject)
        if event.type.startswith("problem."):
            problem, outcome = problems.fold(self.problems.get(about), event)
            if problem is not None:
                self.problems[about] = problem
            owed = [] if outcome.known else list(of_problem(problem, event, outcome))
        else:
            issue, outcome = fold(self.issues[about], event)
            assert issue is not None
            self.issues[about] = issue
            owed = list(of_issue(issue, event)) if outcome.accepted and not outcome.known else []
        if not self.silent:
            self.owed += owed

    def caught_up(self) -> Logs:
        """Find by comparing what a silent run did not say, and go on until nothing is missing."""
        self.silent = False
        while found := list(self.missing()):
            self.logs, self.owed = {}, found
            self.run()
        return self

    def missing(self) -> list[Envelope]:
        return [
            event
            for issue in self.issues.values()
            for problem in self.problems.values()
            for event in missing(issue, problem)
        ]

    def essence(self) -> Any:
        """Return what people see: who belongs where, and which answer it has."""
        joined = {
            issue.id: (issue.joined.problem_id, issue.joined.joined_by, issue.joined.number, issue.state)
            if issue.joined is not None
            else (None, issue.state)
            for issue in self.issues.values()
        }
        members = {
            one.id: (one.state, {member.joined_by for member in one.members}, set(one.gone))
            for one in self.problems.values()
        }
        return joined, members

    def check(self) -> None:
        live = {issue.id: issue.joined for issue in self.issues.values() if issue.joined is not None}
        for problem in self.problems.values():
            mine = {one: is_in for one, is_in in live.items() if is_in.problem_id == problem.id}
            assert {member.issue_id: member.joined_by for member in problem.members} == {
                one: is_in.joined_by for one, is_in in mine.items()
            }
            assert len(problem.members) == len({member.issue_id for member in problem.members})
            newest = problem.answer.number if problem.answer is not None else 0
            assert {is_in.number for is_in in mine.values()} <= {newest}
            assert not (problem.state == "withdrawn" and problem.members)
        for issue in self.issues.values():
            taken = [
                act.id for act in issue.acts if act.type == "issue.problem_answered" and act.refused is None
            ]
            assert max(Counter(taken).values(), default=1) == 1
            assert (issue.state == "solution_claimed") == bool(
                issue.joined is not None and issue.joined.number
            )
        assert self.missing() == []


def events_by(script: list[Step], *more: Step) -> list[Envelope]:
    opening: list[Step] = [("open", 0, 0), ("open", 0, 1)]
    return [event_of(number, step) for number, step in enumerate([*opening, *script, *more])]


@settings(max_examples=120, deadline=None)
@given(steps, seeds, seeds)
def test_every_order_ends_in_the_same_states_with_one_answer_each(
    script: list[Step], one: int, other: int
) -> None:
    said = events_by(script)
    first, second = Logs(said, one).run(), Logs(said, other).run()
    first.check()
    second.check()
    assert first.essence() == second.essence()


@settings(max_examples=80, deadline=None)
@given(steps, seeds)
def test_a_catch_up_that_said_nothing_is_made_good_by_comparing(script: list[Step], seed: int) -> None:
    said = events_by(script)
    spoken = Logs(said, seed).run()
    silent = Logs(said, seed, silent=True).run().caught_up()
    silent.check()
    assert silent.essence() == spoken.essence()


@settings(max_examples=80, deadline=None)
@given(steps, st.integers(0, 1), seeds)
def test_a_withdrawn_problem_keeps_nobody_in_any_order(script: list[Step], which: int, seed: int) -> None:
    logs = Logs(events_by(script, ("withdraw", 0, which)), seed).run()
    logs.check()
    assert logs.problems[PROBLEMS[which]].state == "withdrawn"
