"""A case that moved while communes confirmed counts once in their sum, or is named."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reporting.filings.hand_overs import split_case

_UNITS = ("15607", "15622", "15700")
_COURSES = st.lists(st.sampled_from(_UNITS), min_size=1, max_size=5)
_MOMENTS = st.fixed_dictionaries({unit: st.integers(0, 4) for unit in _UNITS})


@given(_COURSES, _MOMENTS)
def test_a_case_that_never_leaves_the_communes_of_a_sum_is_named_unless_exactly_one_counts_it(
    course: list[str], moments: dict[str, int]
) -> None:
    places = {unit: course[min(moment, len(course) - 1)] for unit, moment in moments.items()}
    holders = tuple(unit for unit in _UNITS if places[unit] == unit)
    found = split_case("x", places)
    if len(holders) == 1:
        assert found is None
    else:
        assert found is not None
        assert found.split == ("twice" if holders else "between")
        assert found.unit_codes == holders or not holders


@given(_COURSES)
def test_communes_that_confirm_at_one_moment_count_each_case_once(course: list[str]) -> None:
    assert split_case("x", dict.fromkeys(_UNITS, course[-1])) is None


def test_a_case_that_went_to_a_commune_outside_the_sum_or_counted_nowhere_is_not_missing() -> None:
    assert split_case("x", {"15607": "outside", "15622": "15607"}) is None
    assert split_case("x", {}) is None
    # Received late, and moved after both had confirmed: neither knew it.
    assert split_case("x", {"15622": "15607"}) is None
