"""Dated thresholds besides time and competence at which a person should look, each with its source."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from reporting.dated.csv_rows import Row, Validity, check_apart, rows, table_error

ThresholdKey = Literal[
    "remind_share",
    "warn_share",
    "blocked_cases",
    "blocked_overdue_cases",
    "recurrence_count",
    "recurrence_window",
    "spread_communes",
    "spread_provinces",
    "common_communes",
    "outage_office",
    "outage_leader",
    "outage_ministry",
    "emergency_recorded",
    "device_clock_off",
    "promise_recheck",
    "late_common",
    "late_single",
    "late_record",
    "overload",
    "quiet_load",
    "peak_week",
    "officer_day",
    "large_area",
    "silent_days",
    "letters_stuck",
    "filing_remind",
    "file_rejected",
    "file_no_due_day",
    "file_one_unit",
    "file_repeated_keys",
    "file_unknown_fields",
    "file_unreadable_text",
    "file_few_rows",
    "file_one_unit_rows",
    "attachment_photo",
    "attachment_photo_sent",
    "attachment_photo_side",
    "attachment_document",
    "attachment_count",
]

_TABLE = "thresholds.csv"
_COLUMNS = ("key", "value", "unit", "kinds", "confidence", "source", "valid_from", "valid_to")
_UNITS = (
    "percent",
    "cases",
    "issues",
    "days",
    "communes",
    "provinces",
    "minutes",
    "km2",
    "rows",
    "kilobytes",
    "pixels",
    "files",
)


@dataclass(frozen=True, slots=True)
class Threshold:
    """One number with its unit; `kinds` are the kinds of difficulty it applies to, none standing for all."""

    id: str
    key: str
    value: int
    unit: str
    kinds: frozenset[str]
    confidence: str
    source: str
    validity: Validity


class Thresholds:
    """All thresholds; built by `parse_thresholds`."""

    def __init__(self, found: Sequence[Threshold], version: str) -> None:
        self.version = version
        self._found = tuple(found)

    def get(self, key: ThresholdKey, on: dt.date) -> Threshold:
        """Return the threshold that holds on a local day.

        Raises:
            TableError: no row holds on that day.
        """
        for one in self._found:
            if one.key == key and one.validity.holds_on(on):
                return one
        raise table_error(_TABLE, 1, "key", f"no row for {key} holds on {on.isoformat()}")


def parse_thresholds(thresholds_csv: str, shipped_csv: str = "") -> Thresholds:
    """Read the table; every key must have a row.

    Args:
        shipped_csv: the table of the release: it has the rows of keys that an older table of one's own lacks.

    Raises:
        TableError: names file, line and column.
    """
    own, shipped = _read(thresholds_csv), _read(shipped_csv) if shipped_csv else []
    known = {one.key for one in own}
    added = [one for one in shipped if one.key not in known]
    for key in sorted(set(get_args(ThresholdKey)) - {one.key for one in (*own, *added)}):
        raise table_error(_TABLE, 1, "key", f"{key} has no row")
    digest = hashlib.sha256(thresholds_csv.encode()).hexdigest()
    return Thresholds([*own, *added], f"thresholds-{digest[:8]}")


def _read(thresholds_csv: str) -> list[Threshold]:
    found = [(_threshold(row), row) for row in rows(_TABLE, thresholds_csv, _COLUMNS)]
    check_apart((one.key, one.validity, row) for one, row in found)
    return [one for one, _ in found]


def _threshold(row: Row) -> Threshold:
    key = cast("ThresholdKey", row.choice("key", get_args(ThresholdKey)))
    validity = row.validity()
    unit = row.choice("unit", _UNITS)
    return Threshold(
        id=f"{key}@{validity.valid_from.isoformat()}",
        key=key,
        value=row.whole("value", 0 if unit == "rows" else 1, 100_000),
        unit=unit,
        kinds=frozenset(row.words("kinds")),
        confidence=row.confidence(),
        source=row.text("source"),
        validity=validity,
    )
