"""Pages that go on from a row: over rows that come and go, nothing that stays is skipped or shown twice."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.keyset import EPOCH, Key, Turn, instant_key, read, window, written

KEYS = st.tuples(st.integers(-3, 3), st.sampled_from("abc"), st.integers(0, 10**16))
SIZES = st.integers(1, 7)
CHANGES = st.lists(st.tuples(st.sets(KEYS, max_size=4), st.sets(KEYS, max_size=4)), max_size=30)


def shown(keys: list[Key], turn: Turn, size: int) -> list[Key]:
    rows = window(keys, turn, size)
    return keys[rows.start : rows.stop]


@given(first=st.sets(KEYS, max_size=40), changes=CHANGES, size=SIZES)
def test_rows_come_and_go_and_what_stays_is_shown_once(
    first: set[Key], changes: list[tuple[set[Key], set[Key]]], size: int
) -> None:
    there, stayed, turn = set(first), set(first), Turn()
    seen: list[Key] = []
    for come, go in [*changes, *[(set[Key](), set[Key]())] * 200]:
        found = shown(sorted(there), turn, size)
        seen += found
        if not found:
            break
        turn = Turn(after=written(found[-1]))
        there = (there | come) - go
        stayed -= go
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen)
    assert stayed <= set(seen)


@given(keys=st.sets(KEYS, min_size=1, max_size=40), size=SIZES)
def test_going_back_shows_what_going_on_showed(keys: set[Key], size: int) -> None:
    ordered = sorted(keys)
    pages, turn = list[list[Key]](), Turn()
    while found := shown(ordered, turn, size):
        pages.append(found)
        turn = Turn(after=written(found[-1]))
    assert [key for page in pages for key in page] == ordered
    for before, page in pairwise(pages):
        assert shown(ordered, Turn(before=written(page[0])), size) == before


@given(keys=st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab")), max_size=30), size=SIZES)
def test_rows_of_one_key_stand_on_one_page(keys: list[Key], size: int) -> None:
    ordered, turn = sorted(keys), Turn()
    pages = list[list[Key]]()
    while found := shown(ordered, turn, size):
        pages.append(found)
        turn = Turn(after=written(found[-1]))
    assert [key for page in pages for key in page] == ordered
    assert all(set(one).isdisjoint(other) for one, other in pairwise(pages))


@given(key=KEYS)
def test_a_key_is_read_as_it_was_written(key: Key) -> None:
    assert read(written(key), (0, "", 0)) == key
    assert read(written(key), ("", 0, 0)) is None
    assert read(written(key), (0, "")) is None


@pytest.mark.parametrize("text", ["", "x", "~~~", "bnVsbA", "W10", "đ", "W3RydWUsImEiLDBd", "A" * 400])
def test_what_is_no_key_asks_for_the_beginning(text: str) -> None:
    assert read(text, (0, "a", 0)) is None
    keys: list[Key] = [(1, "a", 1), (2, "b", 2)]
    assert shown(keys, Turn(after=text), 1) == shown(keys, Turn(before=text), 1) == keys[:1]


@given(st.datetimes(dt.datetime(1900, 1, 1), timezones=st.just(dt.UTC)))  # noqa: DTZ001 -- a bound of what is drawn
def test_instants_sort_as_their_keys(at: dt.datetime) -> None:
    assert EPOCH + dt.timedelta(microseconds=instant_key(at)) == at
