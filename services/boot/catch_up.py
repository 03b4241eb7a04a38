"""After tables were lost: once everything is folded again in silence, say what is really still owed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from events.topics import ISSUES, PROMISES, SOURCES
from services.consuming.runtime import StepRuntime
from services.dated_tables import DatedTables
from services.streams.decide import Decide, sweep
from services.streams.land import Land
from services.warehouse.issue_table import IssueTable
from services.warehouse.problem_table import ProblemTable

if TYPE_CHECKING:
    from services.boot.system import Log

LONGEST_WAIT = 4 * 3_600.0


class CatchUp:
    """Look, from time to time and in the worker that leads, whether a catch-up has come to its end.

    The log keeps where it ends, so a start in the middle of it goes on in silence.
    """

    def __init__(self, log: Log, issues: IssueTable, problems: ProblemTable, tables: DatedTables) -> None:
        self._log = log
        self._issues = issues
        self._problems = problems
        self._tables = tables
        self._beside: Mapping[str, Mapping[int, int]] = {}

    @property
    def pending(self) -> bool:
        """Tell whether a catch-up lasts: what time brought about cannot be seen in rows that are half folded."""
        return bool(self._log.quiet_before)

    def wait(self, runtime: StepRuntime) -> None:
        """Wait for the end of it, so that no page shows rows that are half folded; look from time to time beyond that."""
        if self.pending:
            runtime.wait_idle(LONGEST_WAIT)
            self.look()

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
        said = sweep(self._issues.every(), self._problems, self._log, self._tables)
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
