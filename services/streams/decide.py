"""Decide: fold the events of issues and problems into their rows, and emit the follow-up events."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import structlog

from events.envelope import Envelope
from events.log import Position
from events.topics import ISSUES
from reporting.errors import RuleError
from reporting.issues.fold import fold
from reporting.issues.follow_ups import FollowUpTables, owed
from reporting.issues.state import ID_TAKEN, IssueState, Outcome
from reporting.problems import fold as problems
from reporting.problems.fold import ProblemState
from reporting.problems.owed import missing, of_issue, of_problem
from services.arrivals import AnnouncedArrivals
from services.consuming.emit import Appends, say
from services.consuming.step import Delivered, subject_id
from services.dated_tables import DatedTables
from services.warehouse.folded import LatestStates

SWEEP_SIZE = 500

State = TypeVar("State")
Fold = Callable[[Any, Envelope], tuple[Any, Outcome]]
_log = structlog.get_logger("streams")


class StateTable(Protocol[State]):
    """The part of the rows of issues or problems that the step needs."""

    def load(self, ids: Iterable[UUID]) -> dict[UUID, LatestStates[State]]:
        """Return the states with a row, by id."""
        ...

    def save(self, folded: Sequence[LatestStates[State]]) -> None:
        """Write the rows in one insert."""
        ...


@dataclass(slots=True)
class _Done(Generic[State]):
    """The outcome of a batch for the states of one family."""

    held: Mapping[UUID, LatestStates[State]]
    states: dict[UUID, State]
    changed: dict[UUID, Position] = field(default_factory=dict)
    outcomes: list[tuple[UUID, Outcome]] = field(default_factory=list)
    owed: dict[UUID, Envelope] = field(default_factory=dict)

    @property
    def folded(self) -> list[LatestStates[State]]:
        """Return the states to write."""
        return [
            LatestStates(
                self.states[one], at, generation=self.held[one].generation if one in self.held else 0
            )
            for one, at in self.changed.items()
        ]


class Decide:
    """Folds issues and problems and emits their follow-ups. Write order: follow-up events, rows, then wake the waiters.

    Follow-ups are derived after each event, so that the cut of the log into batches does not matter. A repeated
    batch finds its events known; follow-ups emitted twice have the same ids, and count once.

    Args:
        rows: the rows of issues.
        log: the log that takes the follow-ups.
        tables: the dated tables of verdicts and deadlines.
        problem_table: the rows of problems.
        arrivals: notified of the outcome of each event, for whoever waits.
        emit_from: partition → offset below which nothing is emitted (a catch-up or a rebuilt table). `sweep` then
            emits the missing follow-ups.
    """

    group = "decide"
    topics: tuple[str, ...] = (ISSUES.name,)
    sets_aside = False
    max_records = 500

    def __init__(
        self,
        rows: StateTable[IssueState],
        log: Appends,
        tables: DatedTables,
        arrivals: AnnouncedArrivals,
        *,
        problem_table: StateTable[ProblemState],
        emit_from: Mapping[int, int] | None = None,
    ) -> None:
        self._rows = rows
        self._problem_rows = problem_table
        self._log = log
        self._tables = tables.follow_ups
        self._arrivals = arrivals
        self._emit_from = dict(emit_from or {})

    def handle(self, batch: Sequence[Delivered]) -> None:
        """Fold a batch; when this returns, follow-ups and rows are durable.

        Issues and problems are folded separately, each from its own events; they affect each other by events only.

        Raises:
            LogUnavailable: the log takes no follow-ups now; the same batch may be delivered again.
            NotReady: the engine cannot be reached; the same batch may be delivered again.
        """
        of_problems = [one for one in batch if one.event.type.startswith("problem.")]
        of_issues = [one for one in batch if not one.event.type.startswith("problem.")]
        issues = self._fold(of_issues, self._rows, fold, self._owed_by_issue)
        shared = self._fold(of_problems, self._problem_rows, problems.fold, of_problem)
        say(self._log, ISSUES.name, (issues.owed | shared.owed).values())
        self._rows.save(issues.folded)
        self._problem_rows.save(shared.folded)
        self._arrivals.announce(issues.outcomes + shared.outcomes)

    def _fold(
        self,
        batch: Sequence[Delivered],
        rows: StateTable[State],
        fold: Fold,
        owes: Callable[[State | None, Envelope, Outcome], Iterable[Envelope]],
    ) -> _Done[State]:
        # An event of another family may be in this topic, about a unit or a case: no issue is folded from it.
        about = [(item, one) for one in batch if (item := subject_id(one)) is not None]
        held = rows.load(dict.fromkeys(item for item, _ in about))
        done: _Done[State] = _Done(held, {item: one.state for item, one in held.items()})
        for item, delivered in about:
            event, position = delivered.event, delivered.record.position
            state, outcome = fold(done.states.get(item), event)
            done.outcomes.append((event.id, outcome))
            if outcome.known:
                continue
            if outcome.reason_code == ID_TAKEN:
                _log.error("event.id_taken", subject=str(item), event_id=str(event.id), type=event.type)
            if state is not None:
                done.states[item] = state
                done.changed[item] = position
            if position.offset >= self._emit_from.get(position.partition, 0):
                done.owed |= {one.id: one for one in owes(state, event, outcome)}
        return done

    def _owed_by_issue(
        self, state: IssueState | None, event: Envelope, outcome: Outcome
    ) -> Iterator[Envelope]:
        if state is not None and outcome.accepted:
            yield from owed_of(state, self._tables)
            yield from of_issue(state, event)


def owed_of(state: IssueState, tables: FollowUpTables) -> list[Envelope]:
    """Return the missing follow-ups of an issue; log an error where a table lacks a row, and return none.

    One issue without a row in a table must not stop the others of its partition; `sweep` tries again.
    """
    try:
        return owed(state, tables)
    except RuleError as error:
        _log.error("no follow-up for an issue", issue=str(state.id), reason=error.slug, message=error.message)
        return []


def sweep(
    states: Iterable[IssueState], problem_table: StateTable[ProblemState], log: Appends, tables: DatedTables
) -> int:
    """Emit the missing follow-ups of issues and problems, after a silent catch-up; return how many were emitted.

    A follow-up that is in the log already has the same id and counts once.
    """
    rest_on = tables.follow_ups
    said, rest = 0, iter(states)
    while portion := list(itertools.islice(rest, SWEEP_SIZE)):
        lacking = [event for state in portion for event in owed_of(state, rest_on)]
        said += say(log, ISSUES.name, [*lacking, *_missing_across(portion, problem_table)])
    return said


def _missing_across(
    states: Sequence[IssueState], problem_table: StateTable[ProblemState]
) -> Iterator[Envelope]:
    belongs = [
        (state, one.problem_id)
        for state in states
        for one in (*state.joined_before, *((state.joined,) if state.joined is not None else ()))
    ]
    loaded = problem_table.load(dict.fromkeys(problem_id for _, problem_id in belongs))
    for issue, problem_id in {
        (state.id, problem_id): (state, problem_id) for state, problem_id in belongs
    }.values():
        problem = loaded.get(problem_id)
        yield from missing(issue, problem.state if problem is not None else None)
