"""The tables and columns that boards outside the product may read."""

from __future__ import annotations

from reporting.copied_tables import CLOSED_FIGURES, DEAD_LETTERS, VOCABULARIES
from reporting.tables import (
    CASE_EVENTS,
    ISSUES_CURRENT,
    ROLLUPS_DAILY,
    ROLLUPS_MONTHLY,
    SOURCE_STATES,
)

ON_DASHBOARDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (ROLLUPS_DAILY.name, ROLLUPS_MONTHLY.name, "rollup_openings", SOURCE_STATES.name, "sources_current"),
        (),
    ),
    VOCABULARIES.name: (),
    CLOSED_FIGURES.name: (),
    DEAD_LETTERS.name: (),
    ISSUES_CURRENT.name: tuple(name for name, _ in ISSUES_CURRENT.columns if name != "body"),
    # Up to when cases have landed, and nothing about a case.
    CASE_EVENTS.name: ("unit_code", "recorded_at", "recorded_on"),
}
"""What a user of the role `dashboards` reads: table or view → its columns; none named means all of them."""
