"""What an item of work needs: its group and place, for any issue, at any instant."""

from __future__ import annotations

import datetime as dt
import itertools
from functools import cache
from uuid import uuid5

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from reporting.dated.calendar import local_day
from reporting.issues.clock import IssueClock
from reporting.issues.need import (
    NEEDS,
    Item,
    by_need,
    gravity,
    is_near,
    is_past,
    need_of,
    today_of,
)
from reporting.problems.same_cause import same_cause
from tests.reporting.stories import MORNING, NAMES, Story, tables

CALENDAR = tables().calendar
BASE = Story().on_its_way().state
OURS = frozenset({"38.vp_ubnd", "38.so_khcn"})
HOLDERS = st.sampled_from(["38.so_khcn", "38.vp_ubnd", "15607.ubnd", "bo_khcn"])
instants = st.integers(-40 * 24 * 60, 40 * 24 * 60).map(
    lambda minutes: MORNING + dt.timedelta(minutes=minutes)
)


@st.composite
def clocks(draw: st.DrawFn) -> IssueClock:
    base = BASE.clocks[-1]
    return replace(
        base,
        state=draw(st.sampled_from(["running", "paused", "breached"])),
        holder_body=draw(HOLDERS),
        due_at=draw(instants),
        stopped_at=draw(st.sampled_from([None, None, MORNING])),
        escalation_id=BASE.escalations[-1].id,
    )


@st.composite
def items(draw: st.DrawFn) -> Item:
    report = BASE.report.model_copy(
        update={"severity": draw(st.sampled_from(["urgent", "high", "medium", "low"]))}
    )
    number = draw(st.integers(0, 10_000_000))
    one = replace(BASE.escalations[-1], id=uuid5(NAMES, str(number)), sent_at=draw(instants))
    found = tuple(replace(clock, escalation_id=one.id) for clock in draw(st.lists(clocks(), max_size=3)))
    return Item(replace(BASE, report=report, escalations=(one,), clocks=found), one)


@given(item=items(), now=instants)
def test_near_is_what_ends_by_the_end_of_the_next_working_day_and_has_not_passed(
    item: Item, now: dt.datetime
) -> None:
    today, clock = today_of(now, CALENDAR), item.clock
    assert CALENDAR.working_days_between(today.on, today.next_on) == 1
    if clock is None:
        return
    near = is_near(clock, today)
    assert near == (
        clock.state == "running"
        and now <= clock.due_at < CALENDAR.day_end(today.next_on) + dt.timedelta(days=1)
        and local_day(clock.due_at) <= today.next_on
    )
    assert not (near and is_past(clock, now))
    if need_of(item, None, today) in {"today", "next"}:
        assert near


@given(item=items(), now=instants)
def test_whoever_has_the_move_a_passed_deadline_is_past_and_one_that_stands_never_is(
    item: Item, now: dt.datetime
) -> None:
    today, clock = today_of(now, CALENDAR), item.clock
    for ours in (None, OURS, frozenset[str]()):
        need = need_of(item, ours, today)
        assert need in NEEDS
        if clock is not None:
            assert (need == "past") == is_past(clock, now)
            assert (need == "stopped") == (clock.state == "paused")
            assert need != "done"
        if ours is None:
            assert need != "elsewhere"


@given(found=st.lists(items(), max_size=12), now=instants)
def test_an_order_by_need_keeps_every_item_and_puts_the_gravest_and_first_due_first(
    found: list[Item], now: dt.datetime
) -> None:
    today = today_of(now, CALENDAR)
    order = by_need(found, OURS, today)
    assert sorted(map(id, found)) == sorted(id(item) for _, item in order)
    assert by_need(reversed(found), OURS, today) == order or len(
        {item.hand_off.id for item in found if item.hand_off}
    ) < len(found)
    for (before, first), (after, second) in itertools.pairwise(order):
        assert NEEDS.index(before) <= NEEDS.index(after)
        if before == after:
            assert gravity(first.issue) <= gravity(second.issue)
            if gravity(first.issue) == gravity(second.issue) and first.clock and second.clock:
                assert first.clock.due_at <= second.clock.due_at


def test_on_a_friday_the_next_working_day_is_monday() -> None:
    friday = dt.datetime(2025, 10, 17, 3, tzinfo=dt.UTC)
    assert today_of(friday, CALENDAR).next_on == dt.date(2025, 10, 20)
    saturday = friday + dt.timedelta(days=1)
    assert today_of(saturday, CALENDAR).next_on == dt.date(2025, 10, 20)


@cache
def outage(unit_code: str, days: int = 0, kind: str = "one_stop_system_error") -> Item:
    story = Story(kind, name=f"{kind} {unit_code} {days}", at=MORNING + dt.timedelta(days=days))
    return Item(replace(story.state, unit_code=unit_code), story.root)


def grouped(*found: Item) -> list[set[str]]:
    groups = same_cause(found, tables().grouping, MORNING.date(), 3)
    return [{item.issue.unit_code for item in group} for group in groups]


def test_one_outage_in_three_communes_may_have_one_cause() -> None:
    two = [outage("15607"), outage("15622")]
    assert grouped(*two) == []
    assert grouped(*two, outage("14758")) == [{"15607", "15622", "14758"}]
    # Twice from one commune is still one commune.
    assert grouped(*two, outage("15622", days=1)) == []


def test_reports_far_apart_or_of_places_of_their_own_have_no_common_cause() -> None:
    assert grouped(outage("15607"), outage("15622"), outage("14758", days=200)) == []
    joined = outage("14758")
    story = Story("one_stop_system_error", name="joined")
    assert story.join().accepted
    assert (
        grouped(outage("15607"), outage("15622"), Item(replace(story.state, unit_code="14758"), story.root))
        == []
    )
    assert joined.hand_off is not None


@given(
    found=st.lists(
        st.tuples(
            st.sampled_from(["15607", "15622", "14758", "14845"]),
            st.integers(0, 40),
            st.sampled_from(["one_stop_system_error", "mobile_dead_spot", "online_payment_failure"]),
        ),
        max_size=15,
        unique=True,
    )
)
def test_no_item_is_in_two_groups_and_each_group_spans_enough_communes(
    found: list[tuple[str, int, str]],
) -> None:
    known = [outage(*one) for one in found]
    groups = same_cause(known, tables().grouping, MORNING.date(), 3)
    members = [id(item) for group in groups for item in group]
    assert len(members) == len(set(members))
    assert set(members) <= {id(item) for item in known}
    assert all(len({item.issue.unit_code for item in group}) >= 3 for group in groups)
