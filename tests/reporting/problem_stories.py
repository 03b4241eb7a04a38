"""Stories of a problem and its issues: every act is folded, and its effects are carried to the other log."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID, uuid5

from events.envelope import Envelope
from events.issues import IssueJoined, IssueUnjoined, Joining, Unjoining
from events.problems import (
    CommonAnswer,
    Conclusion,
    Naming,
    Opening,
    ProblemAnswered,
    ProblemClosed,
    ProblemOpened,
    ProblemRenamed,
    ProblemWithdrawn,
    Retraction,
)
from reporting.issues.state import Outcome
from reporting.problems.fold import ProblemState, fold
from reporting.problems.owed import of_issue, of_problem
from tests.reporting.stories import MORNING, NAMES, REVIEWER, SCIENCE, TEXT, Story, document


class Shared:
    """One problem and some issues. What is owed across is carried over at once, unless `holds_back` is set."""

    def __init__(self, *names: str, kind: str = "mobile_dead_spot", scope: str = "38") -> None:
        self.id = uuid5(NAMES, f"problem of {names}")
        self.issues = {name: Story(kind, name=name) for name in names}
        self.by_id = {str(story.id): story for story in self.issues.values()}
        self.now = MORNING
        self.log: list[Envelope] = []
        self.waiting: list[Envelope] = []
        self.holds_back = False
        self._state: ProblemState | None = None
        self.kind, self.scope = kind, scope

    @property
    def state(self) -> ProblemState:
        assert self._state is not None
        return self._state

    def issue(self, name: str) -> Story:
        return self.issues[name]

    def open(self, actor: dict[str, Any] = REVIEWER, lead_body: str = "38.so_khcn", **more: Any) -> Outcome:
        said = Opening(scope=more.pop("scope", self.scope), kind=self.kind, lead_body=lead_body, title=TEXT)
        return self.take(ProblemOpened, said, actor, **more)

    def rename(self, actor: dict[str, Any] = REVIEWER, **more: Any) -> Outcome:
        return self.take(ProblemRenamed, Naming(title=TEXT), actor, **more)

    def answer(self, kind: str = "solved", actor: dict[str, Any] = SCIENCE, **more: Any) -> Outcome:
        said = CommonAnswer.model_validate(
            {
                "answer_kind": kind,
                "text": TEXT,
                "document": more.pop("document", document() if kind != "solved" else None),
                "expected_on": dt.date(2025, 12, 1) if kind == "waiting_resources" else None,
            }
        )
        return self.take(ProblemAnswered, said, actor, **more)

    def withdraw(self, actor: dict[str, Any] = REVIEWER, **more: Any) -> Outcome:
        return self.take(ProblemWithdrawn, Retraction(reason=TEXT), actor, **more)

    def close(self, actor: dict[str, Any] = REVIEWER, **more: Any) -> Outcome:
        return self.take(ProblemClosed, Conclusion(member_count=1, confirmed_count=1), actor, **more)

    def join(self, name: str, actor: dict[str, Any] = REVIEWER, **more: Any) -> Outcome:
        said = Joining(problem_id=more.pop("problem_id", self.id))
        return self.on_issue(name, IssueJoined, said, actor, **more)

    def unjoin(self, name: str, actor: dict[str, Any] = REVIEWER, **more: Any) -> Outcome:
        said = Unjoining(problem_id=more.pop("problem_id", self.id), reason=TEXT)
        return self.on_issue(name, IssueUnjoined, said, actor, **more)

    def on_issue(self, name: str, cls: Any, said: Any, actor: dict[str, Any], **more: Any) -> Outcome:
        story = self.issues[name]
        outcome = story.take(cls, said, actor, **more)
        if outcome.accepted:
            event = next(one for one in reversed(story.log) if isinstance(one, cls))
            self.carry(of_issue(story.state, event))
        return outcome

    def take(self, cls: Any, said: Any, actor: dict[str, Any], **envelope: Any) -> Outcome:
        """Fold one event of the problem, and carry over what it owes."""
        self.now += dt.timedelta(minutes=7)
        event = cls(
            id=envelope.pop("id", uuid5(self.id, f"step {len(self.log)}")),
            source="/vn/38",
            subject=str(self.id),
            partition_key=str(self.id),
            time=self.now,
            recorded_at=self.now,
            data=said,
            **actor,
            **envelope,
        )
        return self.apply(event)

    def apply(self, event: Envelope) -> Outcome:
        self.log.append(event)
        self._state, outcome = fold(self._state, event)
        if not outcome.known:
            self.carry(of_problem(self._state, event, outcome))
        return outcome

    def carry(self, events: Any) -> None:
        self.waiting += events
        while self.waiting and not self.holds_back:
            self.deliver(self.waiting.pop(0))

    def deliver(self, event: Envelope) -> Outcome:
        """Fold an event where it belongs."""
        if event.type.startswith("problem."):
            return self.apply(event)
        story = self.by_id[event.subject]
        outcome = story.apply(event)
        if outcome.accepted and not outcome.known:
            self.carry(of_issue(story.state, event))
        return outcome

    def members(self) -> set[UUID]:
        return {one.issue_id for one in self.state.members}
