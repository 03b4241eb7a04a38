"""The closed period before, as it was filed, in the rows that a panel of figures compares with."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboards.lines import Row
from events.periods import FiledLine, filing_id
from reporting.cases.metrics import METRICS
from reporting.filings.figures import FILED
from services.warehouse.filing_table import FilingTable
from services.web.boards.asked import Asked
from services.web.shell.parts import ViewParts

_KEYS: Mapping[str, tuple[str, ...]] = {
    "units_total": (),
    "unit_rollups_by_field": ("field_code",),
    "unit_rollups_by_channel": ("channel",),
    "unit_rollups_by_field_and_channel": ("field_code", "channel"),
}
"""The queries whose rows are sums of filed figures, by the columns that make a row of each."""
_NOT_FILED = tuple(metric.key for metric in METRICS if metric.key not in FILED)


@dataclass(frozen=True, slots=True)
class FiledBefore:
    """The figures of the period before with which it was closed; `at` is when they were confirmed."""

    at: dt.datetime
    lines: tuple[FiledLine, ...]

    def rows(self, query: str) -> Sequence[Row] | None:
        """Return the rows as a query over the same days has them; None of a query that is no sum of filed figures."""
        keys = _KEYS.get(query)
        if keys is None:
            return None
        found: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: dict.fromkeys(FILED, 0))
        if not keys:
            found[()] = dict.fromkeys(FILED, 0)
        for line in self.lines:
            counts = found[tuple(getattr(line, key) for key in keys)]
            for number in FILED:
                counts[number] += getattr(line, number)
        return [
            {**dict(zip(keys, place, strict=True)), **counts, **dict.fromkeys(_NOT_FILED)}
            for place, counts in sorted(found.items())
        ]


def filed_before(parts: ViewParts, asked: Asked) -> FiledBefore | None:
    """Return the closed figures of the period before the one that is asked for; None where it was not closed.

    A running period is compared with as many days of the one before, and those were not filed. A province's sum that
    misses communes is not what all of them count now: None, so that the days before are counted again.

    Raises:
        NotReady: the engine cannot be reached.
    """
    if asked.period is None or asked.window.last_on != asked.period[0].last_on:
        return None
    table, subject = FilingTable(parts.warehouse), filing_id(asked.unit_code, asked.period[1].key)
    level = parts.tables.units.get(asked.unit_code).level
    if level == "province":
        whole = table.sum_of(subject)
        filed = None if whole is None else whole.filed
        # A sum without some communes beside a count of all of them would show what is missing as growth.
        if filed is None or filed.figures.missing:
            return None
        return FiledBefore(filed.at, filed.figures.lines)
    if level != "commune":
        return None
    own = table.get(subject)
    if own is None or own.filed is None:
        return None
    return FiledBefore(own.filed.at, own.filed.figures.lines)
