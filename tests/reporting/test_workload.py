"""Workload per person: scenarios in plain words, and identities that hold for any communes, weights and staff."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.dated.staff import parse_staff
from reporting.dated.units import Unit
from reporting.dated.vice_chairs import parse_vice_chairs
from reporting.dated.workload_weights import parse_workload_weights
from reporting.errors import TableError
from reporting.workload.loads import LIKES, Given, Limits, Load, like_of, loads_of, sum_of_loads
from reporting.workload.shortages import shortage_of
from reporting.workload.vice_chairs import vice_chairs_of
from reporting.workload.weeks import Received, weeks_of
from reporting.workload.work import Counted, Flow, Work, sum_of, work_by_field
from tests.reporting.stories import tables
from tests.reporting.tables import shipped

DAY = dt.date(2026, 11, 30)
WEIGHTS = tables().weights.on(DAY)
LIMITS = Limits(overload=150, quiet=60, officer_day=420, large_area=90, silent_days=5)
DAYS = 20
STAFF_HEAD = "unit_code,role,field_code,people,confidence,source,valid_from,valid_to"
FIELDS = tables().procedures.fields()
COMMUNES = tables().units.communes_of("38")
SMALL = [unit for unit in COMMUNES if like_of(unit, LIMITS.large_area) == "xa_small"]


def work(cases: int, minutes: int = 30) -> Work:
    """Work of so many received cases, all of them still open."""
    return Work(Flow(0, cases, 0, cases), Flow(0, cases * minutes, 0, cases * minutes))


def given_of(unit: Unit, cases: int, people: int | None) -> Given:
    days = None if people is None else {"": people * DAYS}
    return Given(unit, work(cases), people, days)


def test_five_like_communes_have_a_median_and_the_busy_one_lacks_what_the_quiet_one_can_lend() -> None:
    cases = [100, 100, 100, 300, 20]
    found = loads_of([given_of(unit, n, 2) for unit, n in zip(SMALL, cases, strict=False)], LIMITS, DAYS)
    usual, busy, quiet = (found.of(SMALL[number].code) for number in (0, 3, 4))
    assert usual is not None
    assert busy is not None
    assert quiet is not None
    assert found.medians == {"xa_small": Fraction(100 * 30, 2 * DAYS)}
    assert (usual.standing, busy.standing, quiet.standing) == ("usual", "over", "quiet")
    assert (busy.lacks, busy.lends) == (4, 0)
    assert (quiet.lacks, quiet.lends) == (0, 1)
    assert found.loads[0] is busy, "the highest first"


def test_below_five_like_communes_there_is_no_median_and_nobody_stands_high_or_low() -> None:
    found = loads_of([given_of(unit, 100, 2) for unit in SMALL[:4]], LIMITS, DAYS)
    assert found.medians == {}
    assert {one.standing for one in found.loads} == {"alone"}


def test_a_commune_without_staff_figures_or_without_cases_is_in_no_comparison_and_is_named() -> None:
    known = [given_of(unit, 100, 2) for unit in SMALL[:5]]
    others = [given_of(SMALL[5], 900, None), given_of(SMALL[6], 0, 3), given_of(SMALL[7], 50, 0)]
    found = loads_of(known + others, LIMITS, DAYS)
    assert found.missing == {
        SMALL[5].code: "no_staff",
        SMALL[6].code: "no_cases",
        SMALL[7].code: "zero_staff",
    }
    assert found.medians == loads_of(known, LIMITS, DAYS).medians
    assert found.of(SMALL[5].code) is None


def test_a_commune_of_whose_figures_many_days_are_missing_is_silent_and_lends_nobody() -> None:
    known = [given_of(unit, 100, 2) for unit in SMALL[:5]]
    broken = replace(given_of(SMALL[5], 5, 4), unknown_days=6)
    found = loads_of([*known, broken], LIMITS, DAYS)
    assert found.missing == {SMALL[5].code: "silent"}
    assert found.medians == loads_of(known, LIMITS, DAYS).medians
    heard = loads_of([*known, replace(broken, unknown_days=5)], LIMITS, DAYS).of(SMALL[5].code)
    assert heard is not None
    assert (heard.standing, heard.lends) == ("quiet", 3)


def test_nought_people_a_number_that_ended_and_none_at_all_are_three_reasons() -> None:
    said = Given(SMALL[0], work(9), 0, {"": 0})
    ended = Given(SMALL[1], work(9), None, {"": 2 * DAYS})
    never = Given(SMALL[2], work(9), None, None)
    found = loads_of([said, ended, never], LIMITS, DAYS)
    assert list(found.missing.values()) == ["zero_staff", "staff_ended", "no_staff"]
    assert loads_of([given_of(SMALL[0], 9, 2)], LIMITS, 0).missing == {SMALL[0].code: "no_days"}


def test_a_load_is_of_one_person_on_the_last_day_or_over_the_whole_period() -> None:
    one, two = given_of(SMALL[0], 9, 1), given_of(SMALL[1], 9, 2)
    left = Given(SMALL[2], work(9), 1, {"": 2 * DAYS - 1})
    joined = Given(SMALL[3], work(9), 2, {"": DAYS})
    found = loads_of([one, two, left, joined], LIMITS, DAYS)
    of_one = {load.unit_code: found.is_of_one(load) for load in found.loads}
    assert [of_one[unit.code] for unit in SMALL[:4]] == [True, False, True, True]


@pytest.mark.parametrize("alone", [1, 900])
def test_a_commune_of_one_person_is_compared_and_its_load_is_in_no_median(alone: int) -> None:
    """Whoever knows the other loads could work it out of the median."""
    others = [given_of(unit, 100 + n, 2) for n, unit in enumerate(SMALL[:5])]
    found = loads_of([*others, given_of(SMALL[5], alone, 1)], LIMITS, DAYS)
    assert found.medians == loads_of(others, LIMITS, DAYS).medians != {}
    own = found.of(SMALL[5].code)
    assert own is not None
    assert (own.peers_load, own.standing) == (found.medians["xa_small"], "quiet" if alone == 1 else "over")
    assert loads_of([*others[1:], given_of(SMALL[5], alone, 1)], LIMITS, DAYS).medians == {}


def test_like_communes_are_of_one_kind_and_rural_ones_of_one_size() -> None:
    groups = {like_of(unit, LIMITS.large_area) for unit in COMMUNES}
    assert groups == {"phuong", "xa_large", "xa_small"}
    assert like_of(tables().units.get("15607"), LIMITS.large_area) == "xa_large"


def test_more_work_than_time_is_a_shortage_and_more_than_like_communes_an_imbalance() -> None:
    def load(minutes: int, standing: str) -> Load:
        held = Work(Flow(0, 1, 0, 1), Flow(0, minutes, 0, minutes))
        return Load("15607", "xa_large", held, 1, 1, Fraction(100), standing)  # type: ignore[arg-type]

    assert shortage_of(load(421, "usual"), LIMITS) == "staff_shortage"
    assert shortage_of(load(421, "over"), LIMITS) == "staff_shortage"
    assert shortage_of(load(420, "over"), LIMITS) == "workload_imbalance"
    assert shortage_of(load(420, "usual"), LIMITS) is None


def test_a_week_with_far_more_than_the_usual_is_a_peak_and_one_of_holidays_has_no_load() -> None:
    monday = dt.date(2026, 11, 2)
    received = [
        Received(monday + dt.timedelta(weeks=n), "chung_thuc", "", count)
        for n, count in enumerate((10, 10, 30, 10, 4))
    ]
    days = {
        monday + dt.timedelta(weeks=n, days=d): 2 for n in (0, 1, 2, 3) for d in range(5)
    }  # the last week has no day of work
    weeks = weeks_of(monday, monday + dt.timedelta(days=34), received, WEIGHTS, days, 130)
    assert [one.is_peak for one in weeks] == [False, False, True, False, False]
    assert weeks[4].per_day is None
    assert sum(one.case_count for one in weeks) == 64


def test_a_third_vice_chair_is_decided_in_the_province_while_its_total_has_room() -> None:
    frame = tables().vice_chairs.frame_on(DAY)
    assert frame is not None
    codes = [unit.code for unit in COMMUNES]
    two_each = vice_chairs_of(dict.fromkeys(codes, 2), frame)
    assert (two_each.total, two_each.known, two_each.room) == (415, 332, 83)
    assert two_each.decided == "in_province"
    full = vice_chairs_of({code: 2 + (n < 83) for n, code in enumerate(codes)}, frame)
    assert (full.room, full.decided) == (0, "beyond_province")
    unsaid = vice_chairs_of({**dict.fromkeys(codes, 2), codes[0]: None}, frame)
    assert (unsaid.room, unsaid.decided, unsaid.not_known) == (None, "not_known", (codes[0],))
    assert tables().vice_chairs.frame_on(dt.date(2025, 11, 16)) is None
    assert vice_chairs_of(dict.fromkeys(codes, 2), None).decided == "not_known"


def test_a_weight_is_that_of_the_procedure_else_of_the_field_else_of_all_others() -> None:
    assert WEIGHTS.minutes("ho_tich", "1.004884") == 90
    assert WEIGHTS.minutes("ho_tich", "1.001193") == 40
    assert WEIGHTS.minutes("quan_su", "1.000000") == 45
    assert {one.confidence for one in WEIGHTS.rows} == {"low"}, "nobody has published a norm"


def test_staff_is_counted_by_working_day_and_a_day_without_a_row_leaves_no_figure() -> None:
    table = parse_staff(
        f"""{STAFF_HEAD}
15607,centre,,4,medium,x,2025-07-01,2026-11-10
15607,centre,,3,medium,x,2026-11-10,
15607,centre,ho_tich,1,medium,x,2026-11-10,
15607,vice_chair,,2,medium,x,2025-07-01,
""",
        tables().units,
        FIELDS,
    )
    days = [dt.date(2026, 11, day) for day in (9, 10, 11)]
    assert table.days_of("15607", "centre", days) == {"": 4 + 3 + 3, "ho_tich": 2}
    assert table.people_on("15607", "centre", days[-1]) == 4
    assert table.people_on("15607", "vice_chair", days[-1]) == 2
    assert table.people_on("15622", "centre", days[-1]) is None
    assert table.days_of("15607", "centre", [dt.date(2025, 6, 30), *days]) is None
    assert tables().staff.people_on("15607", "centre", DAY) == 4


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("38,centre,,4,medium,x,2025-07-01,", "unit_code"),
        ("15607,boss,,4,medium,x,2025-07-01,", "role"),
        ("15607,centre,nothing,4,medium,x,2025-07-01,", "field_code"),
        ("15607,centre,,-1,medium,x,2025-07-01,", "people"),
        ("15607,centre,,4,medium,,2025-07-01,", "source"),
    ],
)
def test_the_table_of_staff_is_read_strictly(row: str, column: str) -> None:
    with pytest.raises(TableError) as refused:
        parse_staff(f"{STAFF_HEAD}\n{row}", tables().units, FIELDS)
    assert refused.value.field == column


def test_weights_and_frames_are_read_strictly() -> None:
    weights = shipped("workload_weights.csv")
    with pytest.raises(TableError, match="a procedure has a field"):
        parse_workload_weights(weights.replace("*,,45", "*,1.001193,45"), FIELDS)
    without = parse_workload_weights(weights.replace("*,,45", "quan_su,,45"), FIELDS)
    with pytest.raises(TableError, match="no row for"):
        without.on(DAY)
    frames, examples = shipped("vice_chair_frames.csv"), shipped("vice_chair_examples.csv")
    with pytest.raises(TableError, match="no number"):
        parse_vice_chairs(frames.replace("2.5,", "two,"), examples, tables().units)
    with pytest.raises(TableError, match="criterion"):
        parse_vice_chairs(frames, examples.replace("population_at_least", "friends"), tables().units)
    with pytest.raises(TableError, match="province_code"):
        parse_vice_chairs(frames, examples.replace("79,", "99,"), tables().units)


def flows() -> st.SearchStrategy[Flow]:
    def closed(carried: int, received: int, share: int) -> Flow:
        resolved = (carried + received) * share // 10
        return Flow(carried, received, resolved, carried + received - resolved)

    return st.builds(closed, st.integers(0, 40), st.integers(0, 400), st.integers(0, 10))


COUNTED = st.lists(
    st.builds(
        Counted,
        st.sampled_from([unit.code for unit in SMALL[:9]]),
        st.sampled_from(["ho_tich", "dat_dai", "quan_su"]),
        st.sampled_from(["", "1.004884", "1.001193"]),
        flows(),
    ),
    max_size=40,
)
PEOPLE = st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=9, max_size=9)


@given(COUNTED, PEOPLE)
@settings(max_examples=60)
def test_every_number_closes(counted: list[Counted], people: list[int | None]) -> None:
    by_unit = work_by_field(counted, WEIGHTS)
    works = {code: sum_of(fields.values()) for code, fields in by_unit.items()}
    whole = sum_of(works.values())
    # Parts are the whole, and what came in went out or is open: in cases and in minutes.
    assert whole.cases == sum_of(Work(one.cases) for one in counted).cases
    assert whole.cases.closes
    assert whole.minutes.closes
    given_ = [
        Given(unit, works.get(unit.code, Work()), count, None if count is None else {"": count * DAYS})
        for unit, count in zip(SMALL, people, strict=False)
    ]
    found = loads_of(given_, LIMITS, DAYS)
    assert sorted([one.unit_code for one in found.loads] + list(found.missing)) == sorted(
        one.unit.code for one in given_
    )
    for one in found.loads:
        assert one.per_day * one.officer_days == one.work.minutes.to_handle
        assert one.backlog_days(420) * one.people * 420 == one.work.minutes.open
        assert not (one.lends and one.lacks)
        assert one.lends < one.people
        if one.peers_load is not None and one.lends:
            left = (one.people - one.lends) * DAYS
            assert Fraction(one.work.minutes.to_handle, left) <= one.peers_load
        if one.peers_load is not None and one.lacks:
            with_more = (one.people + one.lacks) * DAYS
            assert Fraction(one.work.minutes.to_handle, with_more) <= one.peers_load
    summed, _, days = sum_of_loads(found.loads)
    assert sum((one.per_day * one.officer_days for one in found.loads), Fraction()) == (
        summed.minutes.to_handle
    )
    assert days == sum(one.officer_days for one in found.loads)
    for like, value in found.medians.items():
        own = [one.per_day for one in found.loads if one.like == like and not found.is_of_one(one)]
        assert sum(one <= value for one in own) * 2 >= len(own)
        assert sum(one >= value for one in own) * 2 >= len(own)
    assert set(found.medians) <= set(LIKES)


@given(
    st.lists(st.tuples(st.integers(0, 34), st.sampled_from(["ho_tich", "dat_dai"]), st.integers(1, 60))),
    st.integers(0, 6),
    st.integers(0, 30),
)
@settings(max_examples=40)
def test_the_weeks_of_a_period_are_the_period(
    drawn: list[tuple[int, str, int]], begins: int, length: int
) -> None:
    first = dt.date(2026, 10, 5) + dt.timedelta(days=begins)
    last = first + dt.timedelta(days=length)
    received = []
    for offset, field, count in drawn:
        day = first + dt.timedelta(days=offset)
        if day <= last:
            received.append(Received(day - dt.timedelta(days=day.weekday()), field, "", count))
    days = {day: 3 for n in range(length + 1) if (day := first + dt.timedelta(days=n)).weekday() < 5}
    weeks = weeks_of(first, last, received, WEIGHTS, days, 130)
    assert sum(one.case_count for one in weeks) == sum(one.case_count for one in received)
    assert sum(one.officer_days for one in weeks) == sum(days.values())
    assert sum(one.minutes for one in weeks) == sum(
        one.case_count * WEIGHTS.minutes(one.field_code, "") for one in received
    )
    assert (weeks[0].first_on, weeks[-1].last_on) == (first, last)
    assert all((b.first_on - a.last_on).days == 1 for a, b in pairwise(weeks))
