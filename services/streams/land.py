"""Land events in the warehouse: facts first, then the rows derived from them; every write is idempotent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from events.cases import CaseEvent
from events.lessons import LessonEvent
from events.periods import PeriodClosed, PeriodEvent
from events.problems import ProblemEvent
from events.promises import PromiseEvent
from events.sources import SourceEvent
from events.topics import CASES, CASES_BACKFILL, FACT_TOPICS
from reporting.issues.state import Outcome
from services.arrivals import AnnouncedArrivals
from services.consuming.step import Delivered
from services.streams.case_rows import Lines, current_rows, fact_rows, state_rows, touched_by
from services.streams.event_rows import (
    issue_event_rows,
    lesson_event_rows,
    period_event_rows,
    problem_event_rows,
    promise_event_rows,
    source_event_rows,
    source_state_rows,
)
from services.streams.mark_rows import mark_rows
from services.streams.read_cases import DeliveredColumns, read_cases
from services.streams.tally import Tally

if TYPE_CHECKING:
    from events.log import EventLog
    from services.warehouse.client import Warehouse
from services.warehouse.closed_figures import write_closed_figures

_WORTH_THE_VIEW = 400
"""For fewer states the engine takes longer to plan the view than this process to make the marks."""


class Land:
    """Writes every delivered event as a fact, by its family, whatever its topic.

    A batch that fails half-way is delivered again: each row replaces its earlier copy.
    """

    group = "land"
    topics: tuple[str, ...] = tuple(topic.name for topic in FACT_TOPICS if topic is not CASES)
    sets_aside = True
    max_records = 1_000
    read = staticmethod(read_cases)

    def __init__(
        self,
        warehouse: Warehouse,
        *,
        epoch: int = 1,
        tally: Tally | None = None,
        arrivals: AnnouncedArrivals | None = None,
    ) -> None:
        self._warehouse = warehouse
        self._epoch = epoch
        self._tally = tally or Tally(warehouse)
        self._arrivals = arrivals

    def handle(self, batch: Sequence[Delivered]) -> None:
        """Land a batch; when this returns, its rows are durable and its roll-ups are right.

        Raises:
            NotReady: the engine cannot be reached; the same batch may be delivered again.
        """
        cases, others = _sorted_out(batch)
        sources = [d for d in others if isinstance(d.event, SourceEvent)]
        problems = [d for d in others if isinstance(d.event, ProblemEvent)]
        promises = [d for d in others if isinstance(d.event, PromiseEvent)]
        periods = [d for d in others if isinstance(d.event, PeriodEvent)]
        lessons = [d for d in others if isinstance(d.event, LessonEvent)]
        apart = SourceEvent | ProblemEvent | PromiseEvent | PeriodEvent | LessonEvent
        issues = [d for d in others if not isinstance(d.event, apart)]
        if cases is not None:
            self._land_cases(cases)
        if sources:
            facts = source_event_rows(sources, self._epoch)
            self._warehouse.insert("source_events", facts)
            self._warehouse.insert("source_states", source_state_rows(facts))
        if issues:
            self._warehouse.insert("issue_events", issue_event_rows(issues, self._epoch))
        if problems:
            self._warehouse.insert("problem_events", problem_event_rows(problems, self._epoch))
        if promises:
            self._warehouse.insert("promise_events", promise_event_rows(promises, self._epoch))
            self._announce(promises)
        if periods:
            self._warehouse.insert("period_events", period_event_rows(periods, self._epoch))
            if closed := {UUID(d.event.subject) for d in periods if isinstance(d.event, PeriodClosed)}:
                write_closed_figures(self._warehouse, closed)
            self._announce(periods)
        if lessons:
            self._warehouse.insert("lesson_events", lesson_event_rows(lessons, self._epoch))
            self._announce(lessons)

    def _announce(self, landed: Sequence[Delivered]) -> None:
        """Let waiting callers go on: registers are folded at each read, so what has landed can be read."""
        if self._arrivals is not None:
            self._arrivals.announce((d.event.id, Outcome(accepted=True)) for d in landed)

    def _land_cases(self, lines: Lines) -> None:
        states = state_rows(lines.rows)
        self._warehouse.insert("case_events", fact_rows(lines, self._epoch))
        # Marks before states: a reader of a state in `cases_current` may rely on its marks.
        if states.num_rows < _WORTH_THE_VIEW:
            self._warehouse.insert("case_marks", mark_rows(states))
        else:
            self._warehouse.insert("case_states", states)
        self._warehouse.insert("cases_current", current_rows(lines.rows))
        touched = touched_by(lines.rows, states)
        self._tally.recount(touched.changed, touched.unchanged)


def _sorted_out(batch: Sequence[Delivered]) -> tuple[Lines | None, list[Delivered]]:
    """Return the events of cases in columns, if any, and the events of other families."""
    if isinstance(batch, DeliveredColumns):
        return batch.cases(), batch.others()
    cases = [d for d in batch if isinstance(d.event, CaseEvent)]
    return Lines.of(cases) if cases else None, [d for d in batch if not isinstance(d.event, CaseEvent)]


class LandCases(Land):
    """Lands the live topic of cases, then tallies the touched keys."""

    group = "land-cases"
    topics = (CASES.name,)
    max_records = 20_000  # only a runner that is behind polls so many, and large batches catch up fastest


class LandBackfill(Land):
    """Lands the topic for history, in a runner of its own so that live events never wait for it."""

    group = "land-backfill"
    topics = (CASES_BACKFILL.name,)
    max_records = 20_000


def has_landed(log: EventLog, topic: str, ends: Mapping[int, int] | None = None) -> bool:
    """Return whether `Land` has gone past everything that lies in one of its topics, or past earlier ends of it.

    Raises:
        LogUnavailable: the log cannot be asked now.
    """
    done = log.committed(Land.group, topic)
    ends = log.end_positions(topic) if ends is None else ends
    return all(done.get(partition, 0) >= end for partition, end in ends.items())
