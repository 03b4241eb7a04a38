"""The register of villages on a board: every entry counts once, and what nobody stated is no nought."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.answer import answered
from dashboards.definitions import villages
from dashboards.definitions.villages import PROMISES, VILLAGES, by_gap, by_promiser, register, spots_of
from dashboards.lines import Row
from dashboards.panel import Limits
from events.codec import decode, encode
from events.envelope import Envelope
from events.fields import TextRef
from events.promises import (
    Commitment,
    Gap,
    Listing,
    Measurement,
    PromiseEvent,
    PromiseListed,
    PromiseMade,
    PromiseMeasured,
    spot_id,
)
from reporting.promises.register import Spot, fold_all

LISTED = dt.datetime(2026, 3, 2, 3, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 6, 30)
LIMITS: Limits = {"promise_recheck": 30}


@dataclass(frozen=True)
class Entry:
    """One village: what it lacks, which days were promised, what was measured last."""

    gap: Gap
    households: int | None
    days: list[int]
    works: bool | None


entries = st.builds(
    Entry,
    gap=st.sampled_from(["no_signal", "poor_signal", "no_grid_power"]),
    households=st.none() | st.integers(0, 90),
    days=st.lists(st.integers(-60, 60), max_size=2),
    works=st.none() | st.booleans(),
)


def facts(found: list[Entry]) -> list[Row]:
    said = [event for at, one in enumerate(found) for event in events_of(at, one)]
    return [{"spot_id": event.subject, "body": encode(event).decode()} for event in said]


def events_of(at: int, one: Entry) -> list[PromiseEvent]:
    key = str(spot_id("15607", f"village {at}", one.gap))
    said: list[tuple[type[PromiseEvent], object]] = [
        (
            PromiseListed,
            Listing(
                unit_code="15607",
                gap=one.gap,
                department="38.so_khcn",
                village=TextRef(id=UUID(int=at), sha256="0" * 64),
                household_count=one.households,
            ),
        )
    ]
    said += [
        (PromiseMade, Commitment(promiser="38.viettel", promised_on=TODAY + dt.timedelta(days=day)))
        for day in one.days
    ]
    if one.works is not None:
        said.append((PromiseMeasured, Measurement(measured_on=TODAY, works=one.works)))
    return [
        kind.model_validate(
            {
                "id": UUID(int=1 + at * 10 + number),
                "source": "/vn/38/15607",
                "subject": key,
                "partition_key": key,
                "time": LISTED,
                "recorded_at": LISTED if kind is not PromiseMeasured else LISTED + dt.timedelta(days=120),
                "data": data,
                "type": kind.model_fields["type"].default,
                "dataschema": kind.model_fields["dataschema"].default,
                "actor_role": "department_officer",
                "actor_unit": "38",
                "actor_body": "38.so_khcn",
            }
        )
        for number, (kind, data) in enumerate(said)
    ]


@given(st.lists(entries, max_size=6))
def test_every_entry_counts_once_in_each_panel(found: list[Entry]) -> None:
    rows = facts(found)
    spots = spots_of(register(rows))
    assert len(spots) == len(found)
    gaps = answered(VILLAGES, by_gap(register(rows), TODAY, LIMITS)).whole
    states = [spot.state(TODAY) for spot in spots]
    if found:
        names = ("late_count", "promised_count", "open_count", "again_count", "closed_count")
        assert sum(gaps.number(name) or 0 for name in names) == len(found)
        assert gaps.number("late_count") == states.count("late")
        assert gaps.number("open_count") == states.count("open")
    whole = answered(PROMISES, by_promiser(register(rows), TODAY, LIMITS)).whole
    assert (whole.number("spot_count") or 0) == len(found)
    assert (whole.number("late_count") or 0) == states.count("late")


@given(st.lists(entries, min_size=1, max_size=6))
def test_households_that_nobody_stated_are_no_nought_and_do_not_hide_the_others(found: list[Entry]) -> None:
    rows = facts(found)
    waiting = [one.households for one in found if one.works is not True]
    known = [households for households in waiting if households is not None]
    cell = answered(VILLAGES, by_gap(register(rows), TODAY, LIMITS)).whole.cells["household_count"]
    assert (cell.value, cell.sign) == ((sum(known), None) if known else (None, "not_reported"))


@given(st.lists(entries, max_size=6), st.randoms())
def test_entries_folded_one_by_one_are_the_register_folded_at_once(
    found: list[Entry], random: random.Random
) -> None:
    rows = facts(found)
    parted = sorted(rows, key=lambda _row: random.random())
    of_each = {row["spot_id"]: [one for one in rows if one["spot_id"] == row["spot_id"]] for row in parted}
    mixed = [of_each[row["spot_id"]].pop(0) for row in parted]  # entries anyhow, the facts of each in order
    at_once = fold_all(decode(str(row["body"]).encode()) for row in mixed)
    assert spots_of(register(mixed)) == [spot for spot in at_once if not spot.struck]


def test_only_an_entry_with_a_new_fact_is_folded_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = facts([Entry("no_signal", 3, [5], None), Entry("no_grid_power", 8, [1, 9], works=True)])
    folded: list[int] = []

    def counted(events: Iterable[Envelope]) -> list[Spot]:
        kept = list(events)
        folded.append(len(kept))
        return fold_all(kept)

    monkeypatch.setattr(villages, "fold_all", counted)
    villages.entry.cache_clear()
    register(rows[:-1])
    register(rows[:-1])
    assert folded == [2, 3], "each once"
    register(rows)
    assert folded == [2, 3, 4]


def test_a_promise_that_was_moved_is_not_kept_by_the_later_day() -> None:
    early, late = TODAY - dt.timedelta(days=40), TODAY + dt.timedelta(days=5)
    moved = Entry("no_signal", 3, [(early - TODAY).days, (late - TODAY).days], works=True)
    [row] = by_promiser(register(facts([moved])), TODAY, LIMITS)
    assert (row["due_count"], row["kept_count"], row["moved_count"], row["late_count"]) == (1, 0, 1, 0)


def test_a_register_without_entries_has_no_figures() -> None:
    answer = answered(VILLAGES, by_gap([], TODAY, LIMITS))
    assert {cell.sign for cell in answer.whole.cells.values()} == {"not_reported"}
    assert answered(PROMISES, by_promiser([], TODAY, LIMITS)).lines == ()
