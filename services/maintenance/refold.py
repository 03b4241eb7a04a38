"""Correct the rows of issues and problems in place: refold each from the facts, and write the row where it differs.

The tables are never exchanged: `decide` folds onto the row that it read, and would continue from an older one. A
corrected row has the position of the row that it replaces, and wins by its generation; the next event wins over it.
docs/decisions/0017-issue-rows-are-corrected-in-place.md explains why.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from events.codec import decode
from events.log import EventLog, Position
from events.topics import ISSUES
from reporting.issues import fold as issues
from reporting.problems import fold as problems
from reporting.table import Table
from reporting.tables import ISSUE_EVENTS, ISSUES_CURRENT, PROBLEM_EVENTS, PROBLEMS_CURRENT
from services.streams.decide import Decide
from services.streams.land import Land
from services.warehouse import issue_table, problem_table
from services.warehouse.folded import Columns, LatestStates, generation_of
from services.warehouse.folded_table import FoldedTable

if TYPE_CHECKING:
    from services.warehouse.client import Raw, Warehouse

PAGE = 500
ROUND_SECONDS = 1.0
ROUNDS = 60

_PAGE_OF_IDS = """
    SELECT DISTINCT {key} AS id FROM {facts} WHERE {key} > {{after:UUID}} ORDER BY {key} LIMIT {{limit:UInt32}}
"""
_ROWS = "SELECT * FROM {rows} FINAL WHERE {key} IN {{ids:Array(UUID)}}"
_HISTORIES = """
    SELECT {key} AS id, body, epoch, topic, partition, offset
    FROM {facts} FINAL
    WHERE {key} IN {{ids:Array(UUID)}}
    ORDER BY {key}, epoch, offset
"""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A kind of aggregate that is folded into one row each: issues, problems.

    Attributes:
        facts: table of its events; `rows` is that of the folded states; `key` is the key column in both.
        shown: the columns of a state's row that are compared.
    """

    facts: Table
    rows: Table
    key: str
    fold: Callable[[Any, Any], Any]
    shown: Callable[[Any], Columns]
    open_rows: Callable[[Warehouse], FoldedTable[Any]]

    def sql(self, template: str) -> str:
        """Return a statement with the names of its tables filled in."""
        return template.format(key=self.key, facts=self.facts.name, rows=self.rows.name)


AGGREGATES = (
    Aggregate(
        PROBLEM_EVENTS,
        PROBLEMS_CURRENT,
        "problem_id",
        problems.fold,
        problem_table.columns_of,
        problem_table.ProblemTable,
    ),
    Aggregate(
        ISSUE_EVENTS,
        ISSUES_CURRENT,
        "issue_id",
        issues.fold,
        issue_table.columns_of,
        issue_table.IssueTable,
    ),
)

Place = tuple[int, int]
"""(epoch, offset) of a record; all records of an aggregate lie in one partition."""


@dataclass(frozen=True, slots=True)
class IssuesProgress:
    """IssuesProgress of the streams on topic `issues`: partition → offset of the next record, in the log of `epoch`.

    Attributes:
        landed: offsets below which every readable record has a fact.
        decided: offsets below which `decide` has finished: rows written, follow-ups emitted.
    """

    epoch: int
    landed: Mapping[int, int]
    decided: Mapping[int, int]

    def is_landed(self, place: Place, partition: int) -> bool:
        """Return whether this record and all before it have facts."""
        return place < (self.epoch, self.landed.get(partition, 0))

    def is_due(self, place: Place, partition: int) -> bool:
        """Return whether a row must include this record; it must not include one that `decide` has not finished."""
        return place < (self.epoch, self.passed(partition))

    def passed(self, partition: int) -> int:
        """Return the offset below which records are both landed and decided."""
        return min(self.landed.get(partition, 0), self.decided.get(partition, 0))


def progress_of(log: EventLog) -> IssuesProgress:
    """Read the groups' positions from the log."""
    decided = log.committed(Decide.group, ISSUES.name)
    return IssuesProgress(log.epoch, log.committed(Land.group, ISSUES.name), decided)


@dataclass(slots=True)
class Tallied:
    """The result of a refold: issues and problems compared, rows written, and those left unfinished."""

    looked_at: int = 0
    corrected: int = 0
    left: int = 0

    def line(self) -> str:
        """Return the result as one line."""
        left = (
            f", {self.left:,} left: their row is ahead of the facts, or `decide` does not move on; rebuild again later"
            if self.left
            else ""
        )
        return (
            f"issues and problems: {self.looked_at:,} folded again, {self.corrected:,} rows corrected{left}"
        )


def _go_on(_step: str) -> None:
    """Do nothing between the steps; tests insert a pause here."""


class Refold:
    """Refolds every issue and problem and corrects its row, pass by pass until nothing differs; emits nothing.

    Args:
        warehouse: the facts and the rows.
        progress: returns the present progress of the streams.
        ends: returns, by partition, the next offset of topic `issues`; a running `decide` may have read a row before
            its correction, so such an issue is compared once more after `decide` has passed the ends of that moment.
            None where no stream runs.
        pause: waits this many seconds between two passes.
        between: called with the name of the next step.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        progress: Callable[[], IssuesProgress],
        *,
        ends: Callable[[], Mapping[int, int]] | None = None,
        pause: Callable[[float], None] = time.sleep,
        between: Callable[[str], None] = _go_on,
    ) -> None:
        self._warehouse = warehouse
        self._progress = progress
        self._ends = ends
        self._pause = pause
        self._between = between
        self._open: dict[str, dict[UUID, int]] = {one.key: {} for one in AGGREGATES}
        """The aggregates to compare again, each with the offset that the streams must have passed by then."""

    def run(self) -> Tallied:
        """Correct the rows that differ.

        Raises:
            NotReady: the engine cannot be reached.
            LogUnavailable: the log does not return its groups' positions.
        """
        found = Tallied()
        self._await_landing()
        for aggregate in AGGREGATES:
            for ids in self._pages(aggregate):
                found.looked_at += len(ids)
                found.corrected += self._look(aggregate, ids)
        for _ in range(ROUNDS):
            if not any(self._open.values()):
                break
            if self._ends is not None:
                self._pause(ROUND_SECONDS)
            corrected = sum(self._look_again(aggregate) for aggregate in AGGREGATES)
            found.corrected += corrected
            if self._ends is None and not corrected:
                break
        found.left = sum(map(len, self._open.values()))
        return found

    def _look_again(self, aggregate: Aggregate) -> int:
        left = list(self._open[aggregate.key])
        return sum(self._look(aggregate, left[start : start + PAGE]) for start in range(0, len(left), PAGE))

    def _await_landing(self) -> None:
        """Wait until every record that `decide` has finished is landed: else an issue without a row is missed."""
        decided = self._progress().decided
        for _ in range(ROUNDS if self._ends is not None else 0):
            landed = self._progress().landed
            if all(landed.get(partition, 0) >= offset for partition, offset in decided.items()):
                return
            self._pause(ROUND_SECONDS)

    def _pages(self, aggregate: Aggregate) -> Iterator[list[UUID]]:
        after = UUID(int=0)
        while rows := self._warehouse.rows(aggregate.sql(_PAGE_OF_IDS), after=after, limit=PAGE):
            yield [row["id"] for row in rows]
            after = rows[-1]["id"]

    def _look(self, aggregate: Aggregate, ids: Sequence[UUID]) -> int:
        """Compare some aggregates with their facts and write the rows that differ; return how many."""
        left = self._open[aggregate.key]
        # In this order: a record that was landed when the row was read is among the facts that are read after it.
        progress = self._progress()
        self._between("rows")
        found = self._warehouse.rows(aggregate.sql(_ROWS), ids=list(ids))
        rows = {row[aggregate.key]: row for row in found}
        self._between("facts")
        facts = self._warehouse.rows(aggregate.sql(_HISTORIES), ids=list(ids))
        corrected = []
        for subject_id, history in itertools.groupby(facts, key=itemgetter("id")):
            known = list(history)
            row, partition = rows.get(subject_id), known[0]["partition"]
            if row is not None and not progress.is_landed(_place(row), partition):
                left.setdefault(subject_id, 0)
                continue
            right = _refolded(aggregate, known, row, progress)
            if right is None or (row is not None and _shows(row, aggregate.shown(right.state))):
                if progress.passed(partition) >= left.get(subject_id, 0) or self._ends is None:
                    left.pop(subject_id, None)
                continue
            corrected.append(right)
        self._between("save")
        aggregate.open_rows(self._warehouse).save(corrected)
        ends = self._ends() if self._ends is not None and corrected else {}
        for one in corrected:
            left[one.state.id] = ends.get(one.position.partition, 0)
        return len(corrected)


def _place(row: Raw) -> Place:
    return row["epoch"], row["offset"]


def _shows(row: Raw, columns: Columns) -> bool:
    return all(row[name] == value for name, value in columns.items())


def _refolded(
    aggregate: Aggregate,
    history: Iterable[Raw],
    row: Raw | None,
    progress: IssuesProgress,
) -> LatestStates[Any] | None:
    """Fold the records that the row must include: those that `decide` has finished, and that of the row."""
    reached = (0, 0) if row is None else _place(row)
    state, last = None, reached
    for fact in history:
        place = _place(fact)
        if place > reached and not progress.is_due(place, fact["partition"]):
            continue
        after, outcome = aggregate.fold(state, decode(fact["body"].encode()))
        if after is not None and not outcome.known:
            state, last, at = after, max(last, place), fact
    if state is None:
        return None
    epoch, offset = last
    generation = 0 if row is None else generation_of(row["row_version"], row["epoch"], row["offset"])
    return LatestStates(state, Position(at["topic"], at["partition"], offset), epoch, generation + 1)
