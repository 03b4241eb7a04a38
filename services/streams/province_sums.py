"""Sum the roll-ups of the communes of each province, for boards over many communes; docs/decisions/0046-sums-of-provinces.md.

A sum is read only where its checksum is that of the rows that its communes have at that moment, so nothing is lost where
one is missing or behind: the communes are read in its place. That is why sums may wait, and no batch makes any.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from reporting.table import Table
from reporting.tables import PROVINCE_DAYS, PROVINCE_MONTHS
from services.warehouse.named_queries import named_query

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

AT_ONCE = 340
"""Keys summed in one turn of each kind: ten days of all provinces. Others of the leading worker wait behind a turn."""
_MARGIN_NANOSECONDS = 600 * 1_000_000_000
"""Rows appear later than the reading of the clock that is their version."""
_WHOLE_NANOSECONDS = 3_600 * 1_000_000_000
"""A rebuild puts rows in place long after their version: all is compared from time to time."""


class ProvinceSums:
    """Keeps `province_days` and `province_months` near the roll-ups of the communes.

    Args:
        provinces: the province of every commune.
        at_once: how many keys of days, and of months, one turn sums at most.
    """

    def __init__(self, warehouse: Warehouse, provinces: Mapping[str, str], *, at_once: int = AT_ONCE) -> None:
        self._warehouse = warehouse
        self._at_once = at_once
        self._communes = {"units": list(provinces), "provinces": list(provinces.values())}
        self._since = 0
        self._compared_at = 0

    def recount(self) -> int:
        """Sum the newest of the days and months that have no sum of the rows that are there; return how many.

        Raises:
            NotReady: the engine cannot be reached; the same call may be retried.
        """
        at = self._warehouse.clock()
        if at - self._compared_at > _WHOLE_NANOSECONDS:
            self._since, self._compared_at = 0, at
        summed = [
            self._sum(PROVINCE_DAYS, "days"),
            self._sum(PROVINCE_MONTHS, "months"),
        ]
        if max(summed) < self._at_once:
            self._since = at - _MARGIN_NANOSECONDS
        return sum(summed)

    def _sum(self, table: Table, spans: str) -> int:
        due = self._warehouse.query(
            f"tally_provinces_due_{spans}", since=self._since, limit=self._at_once, **self._communes
        )
        if not due:
            return 0
        starts: list[dt.date] = [row["starts_on"] for row in due]
        named = set(keys := [row["province_code"] for row in due])
        among = [pair for pair in zip(*self._communes.values(), strict=True) if pair[1] in named]
        names = ", ".join(name for name, _ in table.columns)
        self._warehouse.command(
            f"INSERT INTO {table.name} ({names}) {named_query(f'tally_province_{spans}')}",
            version=self._warehouse.clock(),
            keys=keys,
            units=[unit for unit, _ in among],
            provinces=[code for _, code in among],
            **{spans: starts},
        )
        return len(due)
