"""What a row of roll-ups says by field and channel, as one mapping that tests compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reporting.cases.marks import MARKS


def counts_of(row: Mapping[str, Any]) -> dict[str, int]:
    """Return what a row counts, by `field|channel|mark`; nothing where it counts none."""
    places = list(zip(row["groups.field_code"], row["groups.channel"], strict=True))
    return {
        f"{field}|{channel}|{mark}": count
        for mark in MARKS
        for (field, channel), count in zip(places, row[f"groups.{mark}"], strict=True)
        if count
    }
