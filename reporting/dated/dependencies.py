"""Dated dependencies: kinds, and late reports, that follow from a fault of power, mast, Internet, system."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from reporting.dated.csv_rows import Row, Validity, check_apart, rows

LATE_REPORT = "late_report"
"""Not a kind that anybody reports: the late report of a feed, excused while the feed depends on a fault."""

_TABLE = "dependencies.csv"
_COLUMNS = ("kind", "depends_on", "confidence", "source", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Dependency:
    """One kind that follows from another."""

    kind: str
    depends_on: str
    confidence: str
    source: str
    validity: Validity


class Dependencies:
    """The chains; built by `parse_dependencies`."""

    def __init__(self, found: Sequence[Dependency], version: str) -> None:
        self.version = version
        self._found = tuple(found)

    def all(self) -> tuple[Dependency, ...]:
        """Return every dependency, past and future ones too."""
        return self._found

    def of_fault(self, kind: str, on: dt.date) -> dict[str, tuple[str, ...]]:
        """Return the kinds that follow from a fault on a local day, each with its shortest path to it."""
        return _paths_to(kind, (one for one in self._found if one.validity.holds_on(on)))


def parse_dependencies(dependencies_csv: str, kinds: Collection[str]) -> Dependencies:
    """Read the table.

    Args:
        dependencies_csv: the file.
        kinds: every kind of difficulty.

    Raises:
        TableError: names file, line and column; also where a kind would depend on itself.
    """
    found: list[tuple[Dependency, Row]] = []
    for row in rows(_TABLE, dependencies_csv, _COLUMNS):
        one = Dependency(
            kind=row.choice("kind", {*kinds, LATE_REPORT}),
            depends_on=row.choice("depends_on", kinds),
            confidence=row.confidence(),
            source=row.text("source"),
            validity=row.validity(),
        )
        found.append((one, row))
        if one.depends_on == one.kind or one.depends_on in _paths_to(one.kind, (each for each, _ in found)):
            row.refuse("depends_on", f"{one.kind} would depend on itself by way of {one.depends_on}")
    check_apart(((one.kind, one.depends_on), one.validity, row) for one, row in found)
    digest = hashlib.sha256(dependencies_csv.encode()).hexdigest()
    return Dependencies([one for one, _ in found], f"dependencies-{digest[:8]}")


def _paths_to(kind: str, chains: Iterable[Dependency]) -> dict[str, tuple[str, ...]]:
    """Return the kinds that follow from a kind, each with the shortest path to that kind."""
    followers: dict[str, list[str]] = defaultdict(list)
    for one in chains:
        followers[one.depends_on].append(one.kind)
    paths: dict[str, tuple[str, ...]] = {kind: (kind,)}
    waiting = deque([kind])
    while waiting:
        reached = waiting.popleft()
        for follower in followers[reached]:
            if follower not in paths:
                paths[follower] = (follower, *paths[reached])
                waiting.append(follower)
    del paths[kind]
    return paths
