"""Read sums of provinces in place of the communes' rows where a board asks for several provinces: the same figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reporting.dated.units import UnitTable
    from services.warehouse.client import Warehouse
    from services.warehouse.named_queries import Params

SUMMED = MappingProxyType(
    {
        "unit_rollups_by_field": "summed_by_field",
        "unit_rollups_by_channel": "summed_by_channel",
        "unit_rollups_by_field_and_channel": "summed_by_field_and_channel",
        "late_fields": "summed_late_fields",
    }
)
"""Query over communes → the one with the same rows and columns from sums of provinces. Totals, also those by day, are no
dearer to read commune by commune than to compare (docs/decisions/0046-sums-of-provinces.md)."""
_NO_UNIT = ""


def summed(name: str, units: Sequence[str], table: UnitTable) -> str | None:
    """Return the query to ask in the place of another, with `sums_asked`; nothing where sums save nothing: in one province."""
    is_of_several = len({table.province_of(code) for code in units}) > 1
    return SUMMED.get(name) if is_of_several else None


def sums_asked(
    warehouse: Warehouse,
    units: Sequence[str],
    province_of: Callable[[str], str],
    first_on: dt.date,
    last_on: dt.date,
) -> Params:
    """Return what queries over sums of provinces ask beside their window; the same for all of them over these units.

    The codes of the communes are asked only if some day or month has no sum that stands for them.

    Raises:
        NotReady: the engine cannot be reached.
    """
    provinces = [province_of(code) for code in units]
    several = sorted(set(provinces))
    apart: dict[str, list[dt.date]] = {"day": [], "month": []}
    window = {"from": first_on, "to": last_on}
    for row in warehouse.query("sums_apart", units=list(units), provinces=several, **window):
        apart[row["span"]].append(row["starts_on"])
    is_apart = any(apart.values())
    return {
        "units": list(units) if is_apart else [_NO_UNIT],
        "unit_provinces": provinces if is_apart else [_NO_UNIT],
        "provinces": several,
        "apart_days": apart["day"],
        "apart_months": apart["month"],
    }
