"""After tables were lost: refold without emitting events, then emit the missing follow-ups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from events.topics import ISSUES
from services.consuming.runtime import StepRuntime
from services.dated_tables import DatedTables
from services.streams.decide import Decide, sweep
from services.streams.land import Land, has_landed
from services.warehouse.issue_table import IssueTable
from services.warehouse.problem_table import ProblemTable

if TYPE_CHECKING:
    from services.boot.system import Log

LONGEST_WAIT = 4 * 3_600.0


class CatchUp:
    """Checks, from time to time and in the leading worker, whether a catch-up has finished.

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
        """Return whether a catch-up lasts: half-folded rows do not show which timed events are due."""
        return bool(self._log.quiet_before)

    def wait(self, runtime: StepRuntime) -> None:
        """Wait for the end of it, so that no page shows rows that are half folded; look from time to time beyond that."""
        if self.pending:
            runtime.wait_idle(LONGEST_WAIT)
            self.look()

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
        emitted = sweep(self._issues.every(), self._problems, self._log, self._tables)
        self._log.keep_quiet_before({})
        return emitted

    def _is_landed(self) -> bool:
        self._beside = self._beside or {
            topic: self._log.end_positions(topic) for topic in Land.topics if topic != ISSUES.name
        }
        return all(has_landed(self._log, topic, ends) for topic, ends in self._beside.items())
