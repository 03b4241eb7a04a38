"""Which roll-ups are to be counted later, kept in the engine so that no death forgets one.

A key is noted after the rows that it is counted from are visible, with the engine's clock at that moment; it is marked
as counted with a reading of the clock from before its recount. So a key whose latest note is not newer than its latest
mark was counted from everything that its writers had written; any other is due. Notes and marks only ever add up:
several workers, repeated batches and a death between any two statements lead to a recount too many, never too few.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

import pyarrow as pa

from reporting.tables import RECOUNTS_DUE
from services.warehouse.arrow import table_of

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

Key = tuple[dt.date, str]
"""The first day of a span, and a unit."""

DAY, MONTH = "day", "month"
_MARGIN_NANOSECONDS = 600 * 1_000_000_000
"""A note holds the instant at which its insert began; the engine ends an insert that hangs this long."""


class DueRecounts:
    """The keys of roll-ups that batches left to be counted later."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._settled_until = 0

    def note(self, days: Collection[Key], months: Collection[Key]) -> None:
        """Note keys as due; durable when this returns.

        Raises:
            NotReady: the engine cannot be reached; the same call may be retried.
        """
        rows = self._rows(days, months, counted=False, at=0)
        self._warehouse.insert(RECOUNTS_DUE.name, rows.drop_columns(["at"]))

    def due(self) -> tuple[set[Key], set[Key]]:
        """Return the days and the months that are due.

        Raises:
            NotReady: the engine cannot be reached.
        """
        since = max(0, self._settled_until - _MARGIN_NANOSECONDS)
        found: dict[str, set[Key]] = {DAY: set(), MONTH: set()}
        for row in self._warehouse.query("recounts_due", since=since):
            found[row["span"]].add((row["starts_on"], row["unit_code"]))
        return found[DAY], found[MONTH]

    def mark(self, days: Collection[Key], months: Collection[Key], *, at: int) -> None:
        """Mark all keys that `due` returned as counted, by recounts that began after this reading of the clock.

        Raises:
            NotReady: the engine cannot be reached; the keys stay due.
        """
        self._warehouse.insert(RECOUNTS_DUE.name, self._rows(days, months, counted=True, at=at))
        self._settled_until = at

    @staticmethod
    def _rows(days: Collection[Key], months: Collection[Key], *, counted: bool, at: int) -> pa.Table:
        keys = [*days, *months]
        return table_of(
            RECOUNTS_DUE,
            {
                "span": [DAY] * len(days) + [MONTH] * len(months),
                "starts_on": [day for day, _ in keys],
                "unit_code": [unit for _, unit in keys],
                "counted": [counted] * len(keys),
                "at": [at] * len(keys),
            },
        )
