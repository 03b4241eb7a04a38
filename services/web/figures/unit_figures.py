"""Figures of units for pages, from the named queries; nothing where no case was ever seen, which is not zero."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reporting.cases.metrics import METRICS
from services.language.labels import Lang
from services.warehouse.client import Warehouse
from services.web.figures.schemas import UnitRow

SHOWN = ("received", "resolved", "resolved_late", "open", "overdue", "paused")
"""The metrics that overviews show, by their keys in reporting.cases.metrics."""
_ANY = ("submitted", "received", "resolved", "refused", "carried_over", "open")


@dataclass(frozen=True, slots=True)
class Newest:
    """When the newest event of some cases was recorded; it holds where `is_known`."""

    as_of: dt.datetime
    is_known: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of some units from one day to another, and when the newest of it was recorded."""

    rows: dict[str, UnitRow]
    as_of: dt.datetime | None

    def of(self, code: str) -> UnitRow | None:
        """Return the figures of a unit; nothing where it has none."""
        row = self.rows.get(code)
        return row if row is not None and any(row.number(key) for key in _ANY) else None

    def total(self) -> dict[str, int]:
        """Return the sum over the units."""
        return {key: sum(row.number(key) for row in self.rows.values()) for key in SHOWN}


def figures_of(warehouse: Warehouse, units: Sequence[str], first_on: dt.date, last_on: dt.date) -> Figures:
    """Read the figures of some communes over a window of days, both ends included."""
    window = {"from": first_on, "to": last_on}
    found = warehouse.query_of(UnitRow, "province_overview", units=list(units), **window)
    [newest] = warehouse.query_of(Newest, "figures_as_of", units=list(units))
    as_of = newest.as_of if newest.is_known else None
    return Figures({row.unit_code: row for row in found}, _aware(as_of))


def metric_labels(lang: Lang) -> dict[str, str]:
    """Return the names of the metrics that overviews show."""
    return {
        metric.key: metric.label_en if lang == "en" else metric.label_vi
        for metric in METRICS
        if metric.key in SHOWN
    }


def _aware(instant: dt.datetime | None) -> dt.datetime | None:
    if instant is None:
        return None
    return instant.replace(tzinfo=dt.UTC) if instant.tzinfo is None else instant.astimezone(dt.UTC)
