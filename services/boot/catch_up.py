"""After tables were lost: once everything is folded again in silence, say what is really still owed."""

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
    """A log that remembers below which positions a catch-up stays silent."""

    @property
    def quiet_before(self) -> Mapping[int, int]:
        """Tell partition → offset of topic `issues`."""
        ...

    def keep_quiet_before(self, quiet_before: Mapping[int, int]) -> None:
        """Note it for every worker."""
        ...


class EveryIssue(Protocol):
    """The rows of issues."""

    def every(self) -> Iterable[IssueState]:
        """Yield every issue there is."""
        ...


class BothRows(Protocol):
    """The rows of issues and of problems."""

    @property
    def issues(self) -> EveryIssue:
        """Return those of issues."""
        ...

    @property
    def problems(self) -> StateTable[ProblemState]:
        """Return those of problems."""
        ...


class CatchUp:
    """Look, from time to time and in the worker that leads, whether a catch-up has come to its end."""

    def __init__(self, log: QuietLog, rows: BothRows, tables: DatedTables) -> None:
        self._log = log
        self._rows = rows
        self._tables = tables
        self._beside: Mapping[str, Mapping[int, int]] = {}

    @property
    def pending(self) -> bool:
        """Tell whether a catch-up lasts: what time brought about cannot be seen in rows that are half folded."""
        return bool(self._log.quiet_before)

    def look(self) -> int:
        """Say what issues lack when all below the noted positions is folded; return how many events that were.

        The topics beside must have landed too, as far as they reached at the first look.
        """
        quiet = self._log.quiet_before
        if not quiet:
            return 0
        done = self._log.committed(Decide.group, ISSUES.name)
        if any(done.get(partition, 0) < offset for partition, offset in quiet.items()):
            return 0
        if not self._is_landed():
            return 0
        said = sweep(self._rows.issues.every(), self._rows.problems, self._log, self._tables)
        self._log.keep_quiet_before({})
        return said

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
