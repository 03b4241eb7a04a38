"""Recompute the roll-ups of touched keys from the marks; never an increment, so that nothing counts twice."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from reporting.dated.calendar import LOCAL
from reporting.table import Table
from reporting.tables import ROLLUPS_DAILY, ROLLUPS_MONTHLY
from services.warehouse.named_queries import named_query

if TYPE_CHECKING:
    from services.streams.due_recounts import DueRecounts
    from services.warehouse.client import Warehouse

# Keys per statement: bounds the memory of one recount, and the address of a request over HTTP, in which its parameters
# travel (about 36 bytes for each key): ClickHouse takes 1 MiB, many a proxy before it 64 KiB.
_KEYS_AT_ONCE = 1_500

_TOUCHED = re.compile(r"^WITH touched AS\n\(\n.*?^\)$", re.DOTALL | re.MULTILINE)
"""The keys in the text of a query."""


def _today() -> dt.date:
    return dt.datetime.now(LOCAL).date()


def _go_on(_step: str) -> None:
    """Do nothing between the steps; tests insert a pause here."""


class Tally:
    """Recomputes `rollups_daily` and `rollups_monthly` from `case_marks` for some keys.

    The version of a row is the engine's clock, read in a statement of its own before the recount. So among several
    writers the row with the highest version was counted after every mark whose writer has finished: a mark is
    written before its writer reads the clock, and the highest version is not older than that reading.
    The months come after the days, with a reading of their own, by the same argument.

    Args:
        later: takes the keys that need not be counted with their batch, until `recount_due`; by default there are none.
        today: returns the local day.
        between: called with the name of the next step.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        *,
        later: DueRecounts | None = None,
        today: Callable[[], dt.date] = _today,
        between: Callable[[str], None] = _go_on,
    ) -> None:
        self._warehouse = warehouse
        self._later = later
        self._today = today
        self._between = between

    def recount(
        self,
        touched: Collection[tuple[str, dt.date]],
        unchanged: Collection[tuple[str, dt.date]] = (),
    ) -> None:
        """Recompute the rows of these (unit, day) keys and of their months.

        Where some keys may wait, `unchanged` days do, and so do the months that are not over: no balance begins after
        them yet.

        Args:
            touched: keys on which something changed.
            unchanged: keys on which nothing changed, if the past that the events state is true.

        Raises:
            NotReady: the engine cannot be reached; the same call may be retried.
        """
        now = touched if self._later is not None else {*touched, *unchanged}
        days = sorted((day, unit) for unit, day in now)
        self._replace(ROLLUPS_DAILY, "tally_days", "days", days)
        months = _months_of(days)
        if self._later is None:
            return self._replace(ROLLUPS_MONTHLY, "tally_months", "months", months)
        self._between("note")
        running = self._today().replace(day=1)
        over = [key for key in months if key[0] < running]
        self._later.note(
            sorted((day, unit) for unit, day in unchanged), [key for key in months if key[0] >= running]
        )
        return self._replace(ROLLUPS_MONTHLY, "tally_months", "months", over)

    def recount_due(self) -> int:
        """Recompute what was left to be counted later; return how many keys.

        Raises:
            NotReady: the engine cannot be reached; what was not recomputed stays due.
        """
        if self._later is None:
            return 0
        days, months = self._later.due()
        at = self._warehouse.clock()
        self._replace(ROLLUPS_DAILY, "tally_days", "days", sorted(days))
        months |= set(_months_of(days))
        self._replace(ROLLUPS_MONTHLY, "tally_months", "months", sorted(months))
        self._between("mark")
        self._later.mark(sorted(days), sorted(months), at=at)
        return len(days) + len(months)

    def recount_days(self, selection: str, **params: dt.date) -> None:
        """Recompute the days that a statement selects as (day, unit_code); `recount_months` recomputes their months.

        Raises:
            NotReady: the engine cannot be reached; the same call may be retried.
        """
        self._replace_selected(ROLLUPS_DAILY, "tally_days", selection, params)

    def recount_months(self, selection: str, **params: dt.date) -> None:
        """Recompute the months that a statement selects as (month, unit_code), from recomputed days.

        Raises:
            NotReady: the engine cannot be reached; the same call may be retried.
        """
        self._replace_selected(ROLLUPS_MONTHLY, "tally_months", selection, params)

    def _replace(self, table: Table, query: str, dates: str, keys: list[tuple[dt.date, str]]) -> None:
        if not keys:
            return
        version = self._warehouse.clock()
        self._between(query)
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[start : start + _KEYS_AT_ONCE]
            self._warehouse.command(
                f"INSERT INTO {table.name} ({_names(table)}) {named_query(query)}",
                version=version,
                units=[unit for _, unit in some],
                **{dates: [day for day, _ in some]},
            )

    def _replace_selected(
        self, table: Table, query: str, selection: str, params: Mapping[str, dt.date]
    ) -> None:
        version = self._warehouse.clock()
        self._between(query)
        counting = _TOUCHED.sub(lambda _: f"WITH touched AS ({selection})", named_query(query), count=1)
        self._warehouse.command(
            f"INSERT INTO {table.name} ({_names(table)}) {counting}", version=version, **params
        )


def _months_of(days: Collection[tuple[dt.date, str]]) -> list[tuple[dt.date, str]]:
    return sorted({(day.replace(day=1), unit) for day, unit in days})


def _names(table: Table) -> str:
    return ", ".join(name for name, _ in table.columns)
