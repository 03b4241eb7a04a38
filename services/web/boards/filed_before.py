"""The closed period before, as it was filed, in the rows that a panel of figures compares with."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from dashboards.lines import Row
from events.fields import Channel
from events.periods import FiledLine, filing_id
from reporting.cases.metrics import METRICS
from reporting.dated.periods import Period
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
_BY_CHANNEL = "fields_by_channel"
"""The query that has what was received of a field in a column for each channel."""
WhyRunning = Literal["period_runs", "not_closed", "communes_missing", "not_filed"]
"""Why a period is compared with the figures of today: it runs, the one before was not closed, the sum of the province
misses communes, or the filed figures do not hold what the panel shows."""
_NOT_FILED = tuple(metric.key for metric in METRICS if metric.key not in FILED)


@dataclass(frozen=True, slots=True)
class FiledBefore:
    """The figures of the period before with which it was closed; `at` is when they were confirmed."""

    at: dt.datetime
    lines: tuple[FiledLine, ...]

    def rows(self, query: str) -> Sequence[Row] | None:
        """Return the rows as a query over the same days has them; None of a query that is no sum of filed figures."""
        if query == _BY_CHANNEL:
            return self._by_channel()
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

    def _by_channel(self) -> Sequence[Row]:
        names = [f"{channel}_count" for channel in get_args(Channel)]
        found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(names, 0))
        for line in self.lines:
            if line.received:
                found[line.field_code][f"{line.channel}_count"] += line.received
        return [{"field_code": field, **counts} for field, counts in sorted(found.items())]


def filed_before(parts: ViewParts, asked: Asked) -> FiledBefore | WhyRunning | None:
    """Return the closed figures of the period before the one that is asked for, or why there are none to compare with.

    None where days were asked for and no period. A running period is compared with as many days of the one before, and
    those were not filed. A province's sum that misses communes is not what all of them count now, so that the days
    before are counted again.

    Raises:
        NotReady: the engine cannot be reached.
    """
    if asked.period is None:
        return None
    if asked.window.last_on != asked.period[0].last_on:
        return "period_runs"
    return _closed(parts, asked, asked.period[1])


def _closed(parts: ViewParts, asked: Asked, period: Period) -> FiledBefore | WhyRunning:
    table, subject = FilingTable(parts.warehouse), filing_id(asked.unit_code, period.key)
    level = parts.tables.units.get(asked.unit_code).level
    if level == "province":
        whole = table.sum_of(subject)
        filed = None if whole is None else whole.filed
        if filed is None:
            return "not_closed"
        # A sum without some communes beside a count of all of them would show what is missing as growth.
        if filed.figures.missing:
            return "communes_missing"
        return FiledBefore(filed.at, filed.figures.lines)
    if level != "commune":
        return "not_filed"
    own = table.get(subject)
    if own is None or own.filed is None:
        return "not_closed"
    return FiledBefore(own.filed.at, own.filed.figures.lines)
