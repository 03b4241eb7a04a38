"""Copy the figures with which communes closed their periods into a table, for boards that are drawn by another program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from events.periods import FiledLine
from reporting.copied_tables import CLOSED_FIGURES
from reporting.filings.figures import FILED
from reporting.filings.register import Filing
from services.warehouse.arrow import table_of
from services.warehouse.client import Warehouse
from services.warehouse.filing_table import FilingTable

_COLUMNS = tuple(name for name, _ in CLOSED_FIGURES.columns)
_KEPT = f"""
SELECT {", ".join(_COLUMNS[:-1])}
FROM closed_figures FINAL
WHERE unit_code = {{unit:String}} AND period = {{period:String}}
"""


class Closed(NamedTuple):
    """The counts of one field and channel of a closed period; the row that marks the period as closed has neither."""

    unit_code: str
    period: str
    first_on: dt.date
    last_on: dt.date
    confirmed_at: dt.datetime
    field_code: str
    channel: str
    counts: tuple[int, ...]


def write_closed_figures(warehouse: Warehouse, filing_ids: Iterable[UUID] | None = None) -> int:
    """Write what differs from the closed figures of some filings, by default of all, and return how many rows that took.

    Raises:
        NotReady: the engine cannot be reached.
    """
    table = FilingTable(warehouse)
    held = table.load(table.ids() if filing_ids is None else filing_ids)
    return sum(_write(warehouse, one) for one in held.values())


def _write(warehouse: Warehouse, filing: Filing) -> int:
    wanted = {(one.field_code, one.channel): one for one in _rows_of(filing)}
    if not wanted:
        return 0
    version, kept = 0, {}
    for row in warehouse.rows(_KEPT, unit=filing.unit_code, period=filing.period):
        version = max(version, int(row["version"]))
        one = Closed(
            row["unit_code"],
            row["period"],
            row["first_on"],
            row["last_on"],
            _at(row["confirmed_at"]),
            row["field_code"],
            row["channel"],
            tuple(row[name] for name in FILED),
        )
        kept[one.field_code, one.channel] = one
    rows = [(*one[:-1], *one.counts, version + 1, 0) for key, one in wanted.items() if kept.get(key) != one]
    rows += [(*one[:-1], *one.counts, version + 1, 1) for key, one in kept.items() if key not in wanted]
    if rows:
        columns = dict(zip(_COLUMNS, zip(*rows, strict=True), strict=True))
        warehouse.insert(CLOSED_FIGURES.name, table_of(CLOSED_FIGURES, columns))
    return len(rows)


def _rows_of(filing: Filing) -> Iterator[Closed]:
    """Yield the rows of a filing that was closed, first the row that marks it as closed."""
    filed = filing.filed
    if filed is None:
        return
    figures = filed.figures
    of_all = (filing.unit_code, filing.period, figures.first_on, figures.last_on, filed.at)
    yield Closed(*of_all, "", "", (0,) * len(FILED))
    for line in figures.lines:
        yield Closed(*of_all, line.field_code, line.channel, _counts(line))


def _counts(line: FiledLine) -> tuple[int, ...]:
    return tuple(getattr(line, name) for name in FILED)


def _at(value: dt.datetime) -> dt.datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=dt.UTC)
