from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.intervals import wilson


@given(st.integers(1, 100_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_an_interval_holds_its_share_and_stays_between_nought_and_one(counts: tuple[int, int]) -> None:
    part, whole = counts
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole <= high <= 1


@given(st.integers(0, 50))
def test_the_more_was_seen_the_narrower_it_is(part: int) -> None:
    few, many = wilson(part, 50), wilson(part * 100, 5_000)
    assert many[1] - many[0] < few[1] - few[0]


def test_it_is_the_interval_of_wilson() -> None:
    assert wilson(1, 10) == pytest.approx((0.017876, 0.404150), abs=1e-6)
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == 1


@pytest.mark.parametrize(("part", "whole"), [(0, 0), (3, 2), (-1, 5)])
def test_what_is_no_share_has_none(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(part, whole)
