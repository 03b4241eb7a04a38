"""The product's own steps without a wait: one log in memory, `Decide` at each event, `Watch` when it is called."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from events.codec import decode, encode
from events.log import Message, Position, Record
from events.topics import ISSUES
from reporting.issues.state import IssueState
from services.arrivals import AnnouncedArrivals
from services.consuming.step import Delivered
from services.streams.decide import Decide
from services.streams.watch import Watch
from services.warehouse.folded import LatestStates
from services.warehouse.issue_table import IssueTable
from services.warehouse.problem_table import ProblemTable

if TYPE_CHECKING:
    from events.envelope import Envelope
    from reporting.issues.state import Outcome
    from reporting.problems.fold import ProblemState
    from services.dated_tables import DatedTables
    from services.warehouse.client import Warehouse

State = TypeVar("State")
BEGAN = dt.datetime(2025, 7, 1, tzinfo=dt.UTC)
NOTHING_IS_SAID = 1 << 62


class RowsInMemory(Generic[State]):
    """Rows as `Decide` asks for them, with a note of those that changed since they were last handed on."""

    def __init__(self) -> None:
        self.held: dict[UUID, LatestStates[State]] = {}
        self._changed: set[UUID] = set()

    def load(self, ids: Iterable[UUID]) -> dict[UUID, LatestStates[State]]:
        """Return what is held of those subjects."""
        return {one: self.held[one] for one in ids if one in self.held}

    def save(self, folded: Sequence[LatestStates[Any]]) -> None:
        """Hold the rows."""
        for one in folded:
            self.held[one.state.id] = one
            self._changed.add(one.state.id)

    def states(self) -> Iterator[State]:
        """Yield every state."""
        return (one.state for one in self.held.values())

    def take_changed(self) -> list[LatestStates[State]]:
        """Return the rows that changed since the last time."""
        changed = [self.held[one] for one in self._changed]
        self._changed.clear()
        return changed


class OneLog:
    """A log of one partition: records wait to be read, and are kept in a file in their order."""

    def __init__(self) -> None:
        self.waiting: deque[Record] = deque()
        self.types: Counter[str] = Counter()
        self.count = 0
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 -- lives as long as the log

    def append(self, topic: str, messages: Sequence[Message]) -> list[Position]:
        """Take messages and give them places; words about sources are counted and go nowhere."""
        if topic != ISSUES.name:
            return []
        places = []
        for message in messages:
            place = Position(topic, 0, self.count)
            self.count += 1
            self.waiting.append(Record(place, message.key, message.value, {}, BEGAN))
            self._file.write(message.value + b"\n")
            places.append(place)
        return places

    def again(self) -> Iterator[Record]:
        """Yield every record from the beginning."""
        self._file.seek(0)
        for number, line in enumerate(self._file):
            yield Record(Position(ISSUES.name, 0, number), "", line[:-1], {}, BEGAN)


class Engine:
    """Fold what is said, say what follows, and look at the clocks: all by the steps that the product runs."""

    def __init__(self, warehouse: Warehouse, tables: DatedTables) -> None:
        self.tables = tables
        self.log = OneLog()
        self.issues = RowsInMemory[IssueState]()
        self.problems = RowsInMemory["ProblemState"]()
        self.arrivals = AnnouncedArrivals()
        self._decide = Decide(
            self.issues, self.log, tables, self.arrivals, problem_table=self.problems, emit_from={}
        )
        self._warehouse = warehouse
        self._issue_rows, self.problem_table = IssueTable(warehouse), ProblemTable(warehouse)
        self._watch = Watch(warehouse, self.log, tables)

    def emit(self, event: Envelope) -> Outcome:
        """Append one event, let everything follow from it, and return what became of it."""
        self.log.append(ISSUES.name, [Message(event.partition_key, encode(event))])
        self._settle()
        outcome = self.arrivals.wait_for(event.id, 0)
        if outcome is None:
            raise RuntimeError(f"nobody heard what became of {event.type} {event.id}")
        return outcome

    def state(self, issue_id: UUID) -> IssueState:
        """Return an issue as it is."""
        return self.issues.held[issue_id].state

    def write(self) -> None:
        """Bring the rows of the engine up to what was folded."""
        self._issue_rows.save(self.issues.take_changed())
        self.problem_table.save(self.problems.take_changed())

    def look(self, now: dt.datetime) -> None:
        """Let the watch look once at all clocks, faults and signals, as of an instant."""
        self.write()
        self._watch.tick(now)
        self._settle()

    def replay(self) -> tuple[dict[UUID, LatestStates[IssueState]], dict[UUID, LatestStates[ProblemState]]]:
        """Fold the whole log again from nothing, with rows of its own, and say nothing."""
        issues, problems = RowsInMemory[IssueState](), RowsInMemory["ProblemState"]()
        silent = {0: NOTHING_IS_SAID}
        decide = Decide(
            issues, OneLog(), self.tables, AnnouncedArrivals(), problem_table=problems, emit_from=silent
        )
        batch: list[Delivered] = []
        for record in self.log.again():
            batch.append(_delivered(record))
            if len(batch) == decide.max_records:
                decide.handle(batch)
                batch = []
        decide.handle(batch)
        return issues.held, problems.held

    def _settle(self) -> None:
        waiting = self.log.waiting
        while waiting:
            batch = [_delivered(waiting.popleft()) for _ in range(min(len(waiting), Decide.max_records))]
            self.log.types.update(one.event.type for one in batch)
            self._decide.handle(batch)


def _delivered(record: Record) -> Delivered:
    return Delivered(record, decode(record.value))
