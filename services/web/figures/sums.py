"""Which queries over many communes read sums of provinces, where these stand for the communes' rows; both say the same."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reporting.dated.units import UnitTable

SUMMED = MappingProxyType(
    {
        "units_total": "summed_total",
        "unit_rollups_by_day": "summed_by_day",
        "unit_rollups_by_field": "summed_by_field",
        "unit_rollups_by_channel": "summed_by_channel",
        "unit_rollups_by_field_and_channel": "summed_by_field_and_channel",
    }
)
"""Query over communes → the one with the same rows and columns, which takes their provinces too."""


def summed(name: str, units: Sequence[str], table: UnitTable) -> tuple[str, dict[str, list[str]]]:
    """Return the query to ask in the place of another, and the parameters that it takes beside the other's.

    One commune has nothing to sum.
    """
    if name not in SUMMED or len(units) <= 1:
        return name, {}
    return SUMMED[name], {"provinces": [table.province_of(code) for code in units]}
