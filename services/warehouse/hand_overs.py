"""Find the cases that a province's sum counts twice or not at all, since its communes confirmed at positions of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from events.periods import Confirmation
from reporting.filings.hand_overs import SplitCase, split_case
from services.warehouse.filing_table import Known, KnownFigures


def split_cases(figures: KnownFigures, confirmations: Iterable[Confirmation]) -> list[SplitCase]:
    """Return the cases about which the confirmations of a sum disagree, by the facts that each of them rests on.

    It is one look for cases that moved meanwhile; only where there are some are their communes counted again. What was
    confirmed by a log whose facts this warehouse never had is left out.
    """
    epochs = figures.epochs()
    parts = sorted((one for one in confirmations if one.epoch in epochs), key=lambda one: one.unit_code)
    if len(parts) <= 1:
        return []
    moved = figures.handed_over([one.unit_code for one in parts], _known_to_all(parts))
    if not moved:
        return []
    units = sorted({unit for of_case in moved.values() for unit in of_case})
    confirmed = {one.unit_code: one for one in parts}
    counted = {unit: figures.places(units, confirmed[unit], Known.of(confirmed[unit])) for unit in units}
    found = (split_case(key, _places(key, units, counted)) for key in sorted(moved))
    return [one for one in found if one is not None]


def communes_of(cases: Iterable[SplitCase]) -> list[str]:
    """Return the communes that confirm anew, so that each case counts in one of them."""
    return sorted({code for one in cases for code in one.unit_codes})


def _places(case_key: str, units: Sequence[str], counted: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {unit: counted[unit][case_key] for unit in units if case_key in counted[unit]}


def _known_to_all(parts: Sequence[Confirmation]) -> Known:
    """Return a point at which nothing is known that one of the confirmations does not know."""
    epoch = min(one.epoch for one in parts)
    oldest = [one for one in parts if one.epoch == epoch]
    reached = [{(each.topic, each.partition): each for each in one.positions} for one in oldest]
    common = set.intersection(*(set(each) for each in reached))
    positions = [min((each[key] for each in reached), key=lambda one: one.offset) for key in sorted(common)]
    return Known.at(epoch, positions, dict.fromkeys(gap for one in oldest for gap in one.gaps))
