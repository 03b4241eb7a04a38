"""After tables were lost: refold without emitting events, then emit the missing follow-ups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from events.log import EventLog
from events.topics import ISSUES, PROMISES, SOURCES
from reporting.issues.state import IssueState
from reporting.problems.fold import ProblemState
from services.dated_tables import DatedTables
from services.streams.decide import Decide, StateTable, sweep
from services.streams.land import Land


class QuietLog(EventLog, Protocol):
    """A log that stores the offsets below which a catch-up emits nothing."""

    @property
    def quiet_before(self) -> Mapping[int, int]:
        """Return partition → offset of topic `issues`."""
        ...

    def keep_quiet_before(self, quiet_before: Mapping[int, int]) -> None:
        """Store the offsets for every worker."""
        ...


class EveryIssue(Protocol):
    """The rows of issues."""

    def every(self) -> Iterable[IssueState]:
        """Yield every issue."""
        ...


class BothRows(Protocol):
    """The rows of issues and of problems."""

    @property
    def issues(self) -> EveryIssue:
        """Return the rows of issues."""
        ...

    @property
    def problems(self) -> StateTable[ProblemState]:
        """Return the rows of problems."""
        ...


class CatchUp:
    """Checks, from time to time and in the leading worker, whether a catch-up has finished."""

    def __init__(self, log: QuietLog, rows: BothRows, tables: DatedTables) -> None:
        self._log = log
        self._rows = rows
        self._tables = tables
        self._beside: Mapping[str, Mapping[int, int]] = {}

    @property
    def pending(self) -> bool:
        """Return whether a catch-up lasts: half-folded rows do not show which timed events are due."""
        return bool(self._log.quiet_before)

    def look(self) -> int:
        """Emit the missing follow-ups once everything below the stored offsets is folded; return how many.

        The other topics must have landed too, up to their ends at the first check.
        """
        quiet = self._log.quiet_before
        if not quiet:
            return 0
        done = self._log.committed(Decide.group, ISSUES.name)
        if any(done.get(partition, 0) < offset for partition, offset in quiet.items()):
            return 0
        if not self._is_landed():
            return 0
        emitted = sweep(self._rows.issues.every(), self._rows.problems, self._log, self._tables)
        self._log.keep_quiet_before({})
        return emitted

    def _is_landed(self) -> bool:
        self._beside = self._beside or {
            topic: self._log.end_positions(topic) for topic in (SOURCES.name, PROMISES.name)
        }
        landed = {topic: self._log.committed(Land.group, topic) for topic in self._beside}
        return all(
            landed[topic].get(partition, 0) >= end
            for topic, ends in self._beside.items()
            for partition, end in ends.items()
        )
