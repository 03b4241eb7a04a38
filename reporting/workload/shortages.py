"""What a commune's load gives reason to report: that people are missing, or that they are unevenly spread."""

from __future__ import annotations

from typing import Literal

from reporting.workload.loads import Limits, Load

Shortage = Literal["staff_shortage", "workload_imbalance"]


def shortage_of(load: Load, limits: Limits) -> Shortage | None:
    """Return the kind of difficulty: no time for the work is a shortage; much more than like communes an imbalance."""
    if load.per_day > limits.officer_day:
        return "staff_shortage"
    return "workload_imbalance" if load.standing == "over" else None
