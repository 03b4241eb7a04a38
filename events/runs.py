"""Pass records on as runs: neighbours of one partition together, without one object per record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple, overload

from events.log import Record


class Run(NamedTuple):
    """Records of one partition, in the order of their offsets.

    Attributes:
        offsets: ascending; a log may leave gaps.
        values: the bytes of each.
        record: builds the record at an index of the run; few records are ever built.
    """

    topic: str
    partition: int
    offsets: Sequence[int]
    values: Sequence[bytes]
    record: Callable[[int], Record]


class Runs(Sequence[Record]):
    """The records that a bulk source polled: a sequence, each record built on access."""

    def __init__(self, runs: Iterable[Run]) -> None:
        self.runs = tuple(run for run in runs if run.offsets)
        self._count = sum(len(run.offsets) for run in self.runs)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Record: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Record]: ...

    def __getitem__(self, at: int | slice) -> Record | Sequence[Record]:
        if isinstance(at, slice):
            places = range(self._count)[at]
            return self if places == range(self._count) else [self[place] for place in places]
        place = at if at >= 0 else at + self._count
        for run in self.runs:
            if 0 <= place < len(run.offsets):
                return run.record(place)
            place -= len(run.offsets)
        raise IndexError(at)


def runs_of(records: Sequence[Record]) -> Sequence[Run]:
    """Return the runs of a sequence of records, in the same order."""
    if isinstance(records, Runs):
        return records.runs
    found = []
    for (topic, partition), some in groupby(records, lambda r: (r.position.topic, r.position.partition)):
        run = list(some)
        offsets = [record.position.offset for record in run]
        found.append(Run(topic, partition, offsets, [record.value for record in run], run.__getitem__))
    return found


def values_of(records: Sequence[Record]) -> Sequence[bytes]:
    """Return the bytes of records."""
    if isinstance(records, Runs):
        return [value for run in records.runs for value in run.values]
    return [record.value for record in records]


def ends_of(records: Sequence[Record]) -> Mapping[tuple[str, int], int]:
    """Return the offset after the last record of each (topic, partition)."""
    ends: dict[tuple[str, int], int] = {}
    for run in runs_of(records):
        lane = (run.topic, run.partition)
        ends[lane] = max(ends.get(lane, 0), max(run.offsets) + 1)
    return ends
