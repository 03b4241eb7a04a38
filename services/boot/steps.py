"""Wire the streams and their timers from the parts that `open` has opened; names no adapter that differs between modes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import structlog

from reporting.dated.territory import Territory
from reporting.dated.units import UnitTable
from services.arrivals import AnnouncedArrivals
from services.boot.alignment import Alignment, Reading
from services.boot.catch_up import CatchUp
from services.boot.provinces import notify_group
from services.boot.system import Log
from services.consuming.runtime import StepRuntime
from services.consuming.step import StreamStep
from services.dated_tables import DatedTables
from services.errors import NotReady
from services.notices.book import NoticeBook
from services.store.simulations import simulated_until
from services.store.store import Store
from services.streams.decide import Decide
from services.streams.land import Land, LandBackfill, LandCases, has_landed
from services.streams.letter_rows import LetterRows
from services.streams.notify import TOPICS as NOTIFY_TOPICS
from services.streams.notify import Notify
from services.streams.province_sums import ProvinceSums
from services.streams.tally import Tally
from services.streams.watch import Scope, Watch
from services.warehouse.client import Warehouse
from services.warehouse.issue_table import IssueTable
from services.warehouse.problem_table import ProblemTable
from services.warehouse.promise_table import PromiseTable

Clock = Callable[[], dt.datetime]
WATCH_SECONDS = 30.0
COUNT_SECONDS = 60.0
"""How long roll-ups that are counted apart from their batch may wait: months that are not over, which no balance begins
after, and days on which nothing changed unless an event was lost. The longer, the more batches share a count."""
LETTER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class FoldedTables:
    """The tables of folded states: issues and problems."""

    issues: IssueTable
    problems: ProblemTable

    @staticmethod
    def of(warehouse: Warehouse, *, epoch: int = 1) -> FoldedTables:
        """Open both tables, for the log of this epoch."""
        return FoldedTables(IssueTable(warehouse, epoch=epoch), ProblemTable(warehouse, epoch=epoch))


@dataclass(frozen=True, slots=True)
class NoticeDesk:
    """The book of notices of one store, its territory, and the consumer group that derives the notices."""

    book: NoticeBook
    territory: Territory
    group: str
    simulated_until: Callable[[], dict[str, dt.datetime]]

    @staticmethod
    def of(store: Store, tables: DatedTables, territory: Territory) -> NoticeDesk:
        """Open the desk of a store."""
        book = NoticeBook(store, tables.calendar, tables.notice_hours)
        return NoticeDesk(book, territory, notify_group(store, territory), partial(simulated_until, store))


def build_steps(
    log: Log,
    tables: DatedTables,
    warehouse: Warehouse,
    rows: FoldedTables,
    announced: AnnouncedArrivals,
    desk: NoticeDesk,
    alignment: Alignment,
    clock: Clock,
    tally: Tally,
) -> list[StreamStep]:
    """Return every stream step with its collaborators."""
    return [
        LandCases(warehouse, epoch=alignment.epoch, tally=tally),
        LandBackfill(warehouse, epoch=alignment.epoch, tally=tally),
        Land(warehouse, epoch=alignment.epoch, tally=tally, arrivals=announced),
        Decide(
            rows.issues,
            log,
            tables,
            announced,
            problem_table=rows.problems,
            emit_from=alignment.quiet_before,
        ),
        Notify(
            rows.issues,
            PromiseTable(warehouse),
            log,
            desk.book,
            desk.book.starts(log, NOTIFY_TOPICS),
            clock,
            territory=desk.territory,
            group=desk.group,
            simulated_until=desk.simulated_until,
        ),
    ]


def readers(notify_group: str) -> list[Reading]:
    """Return (group, topics) of every reader of the log; of the notice groups, that of one store."""
    shared = [(step.group, step.topics) for step in (LandCases, LandBackfill, Land, Decide)]
    return [*shared, (notify_group, NOTIFY_TOPICS)]


def watch_time(
    runtime: StepRuntime,
    log: Log,
    tables: DatedTables,
    warehouse: Warehouse,
    clock: Clock,
    store: Store,
    after_loss: CatchUp,
) -> None:
    """Let the leading worker emit timed events; not during a catch-up after lost tables.

    A province whose past is being simulated is left to its simulation, which has a clock of its own.
    """
    watch = Watch(
        warehouse,
        log,
        tables,
        scope=lambda: Scope(without=frozenset(simulated_until(store))),
        has_landed=lambda topic: has_landed(log, topic),
    )

    def tick() -> int:
        return watch.tick(clock()) if runtime.leads and not after_loss.pending else 0

    runtime.timers.every(
        WATCH_SECONDS, lambda: runtime.leads and after_loss.look(), "emit missing follow-ups"
    )
    runtime.timers.every(WATCH_SECONDS, tick, "watch")


def copy_letters(runtime: StepRuntime, log: Log, warehouse: Warehouse) -> None:
    """Let the leading worker copy into the warehouse which records were set aside."""
    rows = LetterRows(log, warehouse)
    runtime.timers.every(LETTER_SECONDS, lambda: runtime.leads and rows.copy(), "copy dead letters")


def count_later(stack: ExitStack, runtime: StepRuntime, tally: Tally) -> None:
    """Let the leading worker count from time to time what batches left; also before all is called done, and at the end.

    Called before the stop of the runtime is put on the stack, so that nothing lands any more when the end comes.
    """

    def at_the_end() -> None:
        try:
            tally.recount_due()
        except NotReady as error:
            structlog.get_logger("tally").warning(
                "roll-ups stay due until the next start", reason=error.message
            )

    stack.callback(at_the_end)
    runtime.timers.every(COUNT_SECONDS, lambda: runtime.leads and tally.recount_due(), "count what is due")
    runtime.before_idle(tally.recount_due)


def sum_provinces(runtime: StepRuntime, warehouse: Warehouse, units: UnitTable) -> None:
    """Let the leading worker sum the roll-ups of provinces; boards read communes where a sum is missing or behind."""
    provinces = {one.code: above.code for above in units.provinces() for one in units.communes_of(above.code)}
    sums = ProvinceSums(warehouse, provinces)
    runtime.timers.every(COUNT_SECONDS, lambda: runtime.leads and sums.recount(), "sum provinces")


def warm_up() -> None:
    """Load pyarrow's conversions now, and pandas with them, so that no first act waits a second for them."""
    pa.array([0])
