"""Operators' work on the engine and the log of one installation: audit, replay, rebuild; beside workers or alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from events.log import EventLog
from events.topics import ISSUES, Topic
from services.boot.alignment import align, must_be_of_one_log
from services.boot.installation import open_attachments
from services.boot.open import ENGINE_SECONDS, open_log, open_store, open_warehouse, utc_now
from services.boot.system import Echo
from services.consuming.dead_letters import survey
from services.errors import BadInput
from services.maintenance.audit import SHOWN, AuditReport, audit
from services.maintenance.rebuild import rebuild
from services.maintenance.refold import IssuesProgress, Refold, progress_of
from services.maintenance.replay import Bound, replay
from services.settings import Settings
from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Engine and log, without streams and without intake.

    Attributes:
        alone: no worker can run beside this process, which has the engine to itself.
        attachment_faults: names each attachment whose file is lost, and each file that should be gone.
    """

    warehouse: Warehouse
    log: EventLog
    alone: bool
    attachment_faults: Callable[[], Sequence[str]] = tuple

    def audit(self) -> AuditReport:
        """Check positions, recount the roll-ups, compare attachments with their hashes."""
        report = audit(self.warehouse, self.log)
        found = {"attachments": tuple(self.attachment_faults()[:SHOWN])}
        return replace(report, findings=report.findings | found)

    def rebuild(self, echo: Echo) -> bool:
        """Recompute every derived table from the facts; return whether nothing was left to do."""
        complete = rebuild(self.warehouse, echo, refold=self._refold())
        for letters in survey(self.log):
            for one in letters.given_up.values():
                echo(one.line())
        return complete

    def replay(
        self,
        topics: Collection[Topic],
        echo: Echo,
        *,
        start: Bound = None,
        stop: Bound = None,
        into: str | None = None,
    ) -> bool:
        """Land a part of the log once more; return whether every readable record of it has a fact.

        Args:
            topics: which topics.
            echo: takes one line of progress.
            start: the first offset or instant; None means the beginning.
            stop: the offset or instant before which the part ends; None means the present end of the log.
            into: a database beside the one in use; None means the one in use.

        Raises:
            BadInput: `into` names the database in use.
            LogUnavailable: the log does not answer.
            NotReady: the engine does not answer.
        """
        if into == self.warehouse.database:
            raise BadInput(f"{into} is the database in use; leave --into out to land into it", field="into")
        if into is None:
            return self._replay(self.warehouse, topics, echo, start, stop, self._refold())
        with closing(self.warehouse.named(into)) as other:
            migrate(other)
            # A database beside holds only replayed facts: up to the end of the log, or none of it.
            reached = self.log.end_positions(ISSUES.name)
            found = Refold(other, lambda: self._landed_by_hand(reached))
            return self._replay(other, topics, echo, start, stop, found)

    def _replay(
        self,
        warehouse: Warehouse,
        topics: Collection[Topic],
        echo: Echo,
        start: Bound,
        stop: Bound,
        refold: Refold,
    ) -> bool:
        ok = all(one.ok for one in replay(self.log, warehouse, topics, echo, start=start, stop=stop))
        if ISSUES in topics:
            issues = refold.run()
            echo(issues.line())
            ok = ok and not issues.left
        echo("replay: ok" if ok else "replay: NOT COMPLETE")
        return ok

    def _refold(self) -> Refold:
        ends = None if self.alone else partial(self.log.end_positions, ISSUES.name)
        return Refold(self.warehouse, partial(progress_of, self.log), ends=ends)

    def _landed_by_hand(self, reached: dict[int, int]) -> IssuesProgress:
        return replace(progress_of(self.log), landed=reached)


@contextmanager
def upkeep(settings: Settings) -> Iterator[Upkeep]:
    """Open engine and log alone, for audit, replay and rebuild; over HTTP workers may run beside it.

    Raises:
        SetupError: another process has this installation's engine open, or engine and log are not aligned.
    """
    alone = settings.engine_folder is not None
    with open_warehouse(settings) as pages, closing(pages.named(pages.database)) as warehouse:
        warehouse.wait(ENGINE_SECONDS)
        if alone:
            migrate(warehouse)
        with open_log(settings) as log:
            (align if alone else must_be_of_one_log)(log, warehouse)
            yield Upkeep(warehouse, log, alone, partial(_attachment_faults, settings))


def _attachment_faults(settings: Settings) -> list[str]:
    with open_store(settings) as store:
        return open_attachments(settings.data, store, utc_now).faults()
