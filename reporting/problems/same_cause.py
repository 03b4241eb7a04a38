"""Items of work that may have one cause: one system or network, one province, reports close in time.

As a grouping key does, this only suggests. A person decides whether they have one cause.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from reporting.issues.joining import may_be_joined
from reporting.issues.need import Item
from reporting.problems.grouping import GroupingTable

LONGEST_WINDOW_DAYS = 7
"""Causes that show within a week strike many at once, as an outage does; slower ones are suggested on a problem's page."""


def same_cause(
    items: Iterable[Item], table: GroupingTable, on: dt.date, least_units: int
) -> list[list[Item]]:
    """Return groups of items that may have one cause, each from so many communes at least; no item is in two.

    Args:
        items: in their order, which they keep within a group.
        table: grouping keys; only kinds behind which one system lies, and that strikes many at once, form groups.
        on: the day of the table.
        least_units: from how many communes on a group is one.
    """
    found = list(items)
    alike: dict[tuple[str, str], list[Item]] = {}
    for item in found:
        key = table.key_of(item.issue.report.kind, on)
        strikes_many = key.area == "province" and key.window_days <= LONGEST_WINDOW_DAYS
        if key.cause and strikes_many and may_be_joined(item.issue):
            alike.setdefault((key.cause, item.issue.province_code), []).append(item)
    order = {id(item): index for index, item in enumerate(found)}
    groups = [
        sorted(run, key=lambda item: order[id(item)])
        for members in alike.values()
        for run in _runs(members, table, on)
        if len({item.issue.unit_code for item in run}) >= least_units
    ]
    return sorted(groups, key=lambda group: order[id(group[0])])


def _runs(members: Sequence[Item], table: GroupingTable, on: dt.date) -> list[list[Item]]:
    """Part items where more days lie between two reports than the window of their kind allows."""
    runs: list[list[Item]] = []
    for item in sorted(members, key=lambda one: one.issue.reported_at):
        window = table.key_of(item.issue.report.kind, on).window_days
        if runs and (item.issue.reported_at - runs[-1][-1].issue.reported_at).days <= window:
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs
