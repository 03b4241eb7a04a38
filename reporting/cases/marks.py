"""Marks: the dated facts about a case that metrics count. The view `case_states_to_marks` makes them (reporting/migrations/)."""

from __future__ import annotations

MARKS: tuple[str, ...] = (
    "submitted",
    "opened",
    "refused",
    "closed",
    "closed_early",
    "closed_on_time",
    "closed_late",
    "closed_undated",
    "closed_withdrawn",
    "closed_stopped",
    "returned",
    "overdue_in",
    "overdue_out",
    "paused_in",
    "paused_out",
)
"""Every name that a mark can have; `rollups_daily` has a column for each, `case_marks` a bit in this order, so that a new one is the last."""
