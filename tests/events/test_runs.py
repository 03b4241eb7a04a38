"""A sequence of runs is the sequence of its records, whoever asks."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.log import Position, Record
from events.runs import Run, Runs, ends_of, runs_of, values_of

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)

lanes = st.lists(
    st.tuples(st.integers(0, 2), st.lists(st.integers(0, 50), unique=True, max_size=6).map(sorted)),
    max_size=5,
)


def records_of(drawn: list[tuple[int, list[int]]]) -> list[Record]:
    return [
        Record(Position("cases", partition, offset), "k", b"%d/%d" % (partition, offset), {}, NOW)
        for partition, offsets in drawn
        for offset in offsets
    ]


def as_runs(drawn: list[tuple[int, list[int]]]) -> Runs:
    runs = []
    for partition, offsets in drawn:
        held = records_of([(partition, offsets)])
        runs.append(Run("cases", partition, offsets, [r.value for r in held], held.__getitem__))
    return Runs(runs)


@given(lanes, st.slices(12))
def test_runs_are_their_records(drawn: list[tuple[int, list[int]]], some: slice) -> None:
    records, runs = records_of(drawn), as_runs(drawn)
    assert len(runs) == len(records)
    assert list(runs) == records
    assert list(runs[some]) == records[some]
    assert [runs[-at - 1] for at in range(len(records))] == records[::-1]


@given(lanes)
def test_records_and_runs_say_the_same_of_values_places_and_ends(drawn: list[tuple[int, list[int]]]) -> None:
    records, runs = records_of(drawn), as_runs(drawn)
    assert values_of(runs) == values_of(records) == [record.value for record in records]
    for some in (records, runs):
        places = [(run.topic, run.partition, offset) for run in runs_of(some) for offset in run.offsets]
        assert places == [(r.position.topic, r.position.partition, r.position.offset) for r in records]
    expected: dict[tuple[str, int], int] = {}
    for partition, offsets in drawn:
        if offsets:
            expected["cases", partition] = max(offsets[-1] + 1, expected.get(("cases", partition), 0))
    assert ends_of(records) == ends_of(runs) == expected


def test_a_record_behind_the_last_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        as_runs([(0, [1, 2])])[2]
