"""Dated keys of issues that may have one cause: the kind, the system behind it, area and window of time.

A key only suggests. A person decides whether issues have one cause.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple, cast

from reporting.dated.csv_rows import Row, Validity, check_apart, rows, table_error
from reporting.issues.joining import may_be_joined
from reporting.issues.state import IssueState

ANY = "*"
_TABLE = "grouping.csv"
_COLUMNS = (
    *("kind", "cause", "area", "window_days", "likeness_percent", "confidence", "source"),
    *("valid_from", "valid_to"),
)


@dataclass(frozen=True, slots=True)
class GroupingKey:
    """The grouping key of a kind of issue.

    Attributes:
        cause: the system or network behind the kind; kinds of one cause belong together.
        area: the area that the communes must share: one commune or one province.
        window_days: the most days between the reports.
        likeness_percent: the percentage from which texts count as alike (token_set_ratio).
    """

    kind: str
    cause: str
    area: Literal["commune", "province"]
    window_days: int
    likeness_percent: int
    validity: Validity


class Suggestion(NamedTuple):
    """An issue that may have the same cause as others, with the grounds of the suggestion.

    `found_by` is `key`, or `likeness` where the texts are alike too; `likeness` is the highest percentage found.
    """

    issue: IssueState
    found_by: Literal["key", "likeness"]
    days_apart: int
    likeness: int = 0


class GroupingTable:
    """All grouping keys; built by `parse_grouping`."""

    def __init__(self, keys: Sequence[GroupingKey]) -> None:
        self._keys = tuple(keys)

    def key_of(self, kind: str, on: dt.date) -> GroupingKey:
        """Return the key of a kind on a day; a kind without a row of its own is grouped with itself.

        Raises:
            TableError: no row holds on that day.
        """
        held = [one for one in self._keys if one.kind in {kind, ANY} and one.validity.holds_on(on)]
        if held:
            return min(held, key=lambda one: one.kind == ANY)
        raise table_error(_TABLE, 1, "kind", f"no row for {kind} holds on {on.isoformat()}")

    def same_cause(self, kind: str, other: str, on: dt.date) -> bool:
        """Return whether issues of two kinds may have one cause."""
        if kind == other:
            return True
        cause = self.key_of(kind, on).cause
        return bool(cause) and cause == self.key_of(other, on).cause

    def kinds_like(self, kind: str, on: dt.date) -> tuple[str, ...]:
        """Return the kinds that may have one cause with a kind, itself first."""
        cause = self.key_of(kind, on).cause
        others = (
            one.kind for one in self._keys if cause and one.cause == cause and one.validity.holds_on(on)
        )
        return tuple(dict.fromkeys((kind, *others)))


def reach(
    kind: str, anchors: Sequence[tuple[dt.datetime, str]], table: GroupingTable, on: dt.date
) -> tuple[dt.datetime, dt.datetime]:
    """Return the earliest and latest time of a report that can share the key; see `candidates`."""
    # Days apart are counted whole, so that a window ends just before one day more.
    window = dt.timedelta(days=table.key_of(kind, on).window_days + 1)
    instants = [at for at, _ in anchors]
    return min(instants) - window, max(instants) + window


def candidates(
    kind: str,
    anchors: Sequence[tuple[dt.datetime, str]],
    issues: Iterable[IssueState],
    table: GroupingTable,
    on: dt.date,
) -> list[Suggestion]:
    """Return the issues that may be joined and share the key of a problem, the nearest in time first.

    Args:
        kind: of the problem.
        anchors: when and from which commune its members were reported; of an empty problem, when it was opened.
        issues: the issues to search.
        on: the day of the table.
    """
    key = table.key_of(kind, on)
    alike = cache(lambda other: table.same_cause(kind, other, on))  # few kinds occur among many issues
    found = []
    for issue in issues:
        if not may_be_joined(issue) or not alike(issue.report.kind):
            continue
        near = [
            abs((issue.reported_at - at).days)
            for at, unit in anchors
            if key.area == "province" or unit in {"", issue.unit_code}
        ]
        if near and min(near) <= key.window_days:
            found.append(Suggestion(issue, "key", min(near)))
    return sorted(found, key=lambda one: (one.days_apart, one.issue.unit_code, one.issue.id))


def parse_grouping(grouping_csv: str) -> GroupingTable:
    """Read the table.

    Raises:
        TableError: names file, line and column; also where no row stands for any kind.
    """
    found = rows(_TABLE, grouping_csv, _COLUMNS)
    check_apart((row.text("kind"), row.validity(), row) for row in found)
    if not any(row.cells["kind"] == ANY for row in found):
        raise table_error(_TABLE, 1, "kind", f"there is no row for any kind ({ANY})")
    return GroupingTable([_key(row) for row in found])


def _key(row: Row) -> GroupingKey:
    row.text("source")
    row.choice("confidence", ("high", "med", "low"))
    return GroupingKey(
        kind=row.text("kind"),
        cause=row.cells["cause"],
        area=cast("Literal['commune', 'province']", row.choice("area", ("commune", "province"))),
        window_days=row.whole("window_days", 0, 400),
        likeness_percent=row.whole("likeness_percent", 1, 100),
        validity=row.validity(),
    )
