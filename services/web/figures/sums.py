"""Choose the queries over the nation that read sums of provinces instead of the communes' rows: the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reporting.dated.units import UnitTable

SUMMED = MappingProxyType(
    {
        "unit_rollups_by_field": "summed_by_field",
        "unit_rollups_by_channel": "summed_by_channel",
        "unit_rollups_by_field_and_channel": "summed_by_field_and_channel",
    }
)
"""Query over communes → the one with the same rows and columns, which takes their provinces too. Totals, also those by day, are
no dearer to read commune by commune than to compare (docs/decisions/0046-sums-of-provinces.md)."""


def summed(name: str, units: Sequence[str], table: UnitTable) -> tuple[str, dict[str, list[str]]]:
    """Return the query to ask in the place of another, and the parameters that it takes beside the other's.

    Within one province sums save nothing.
    """
    if name not in SUMMED:
        return name, {}
    provinces = [table.province_of(code) for code in units]
    return (SUMMED[name], {"provinces": provinces}) if len(set(provinces)) > 1 else (name, {})
