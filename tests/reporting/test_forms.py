"""Form II.06a by two rules: scenarios in plain words, and properties of the form, of its rules and of the bridge."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.cases import CaseDates
from reporting.errors import TableError, UnknownForm
from reporting.forms.bridge import bridge
from reporting.forms.checks import PLACES, check_before, check_figures, check_whole
from reporting.forms.placing import ARRIVALS, OUTCOMES, Outcome, Placed, line_of, place, sum_of
from reporting.forms.rules import ANSWERS, HONEST, IN_USE, RuleSet, Said, parse_forms
from reporting.forms.situations import CaseFacts, Situation, situation_of
from tests.histories import FIRST, random_dates, randoms
from tests.oracles.marks import marks_of
from tests.reporting.stories import tables
from tests.reporting.tables import shipped

FORM = tables().forms.on("II.06a", dt.date(2026, 11, 30))
FROM, TO = dt.date(2026, 10, 15), dt.date(2026, 11, 14)
BEFORE, INSIDE, AFTER = dt.date(2026, 9, 20), dt.date(2026, 10, 20), dt.date(2026, 11, 20)
Window = tuple[dt.date, dt.date]
_OPEN, _BY_END = (2, 4, 5, 6), {"finished": (9, 10), "withdrawn": (7, 8), "stopped": (8,)}


def case(status: int = 4, received: dt.date = INSIDE, **more: Any) -> CaseFacts:
    """A counter case due on 1 November that is open, if nothing else is said."""
    usual = CaseFacts(
        is_online=False,
        status_code=status,
        received_on=received,
        due_on=dt.date(2026, 11, 1),
        closed_on=None,
        close_kind="",
        pauses=(),
    )
    return usual._replace(**more)


def placed(one: CaseFacts) -> tuple[Placed | None, Placed | None]:
    """Return where the two rules count a case in the month up to 14 November."""
    found = situation_of(one, FROM, TO)
    if found is None:
        return None, None
    return place(found, FORM.in_use), place(found, FORM.honest)


def reason(one: CaseFacts) -> str:
    found = situation_of(one, FROM, TO)
    assert found is not None
    [line] = bridge(FORM, [("ho_tich", found, 1)])
    return line.reason


def test_both_rules_agree_on_cases_that_ended_in_time_late_and_that_run() -> None:
    ended: dict[str, Any] = {"closed_on": dt.date(2026, 11, 1), "close_kind": "finished"}
    agreed: list[tuple[CaseFacts, Outcome]] = [
        (case(9, closed_on=dt.date(2026, 10, 30), close_kind="finished"), "resolved_early"),
        (case(9, **ended), "resolved_on_time"),
        (case(10, closed_on=dt.date(2026, 11, 2), close_kind="finished"), "resolved_late"),
        (case(4, due_on=TO), "pending_within"),
        (case(4, due_on=dt.date(2026, 11, 13)), "pending_overdue"),
        (case(9, closed_on=AFTER, close_kind="finished", due_on=AFTER), "pending_within"),
    ]
    for one, outcome in agreed:
        assert placed(one) == (Placed("received_direct", outcome),) * 2


def test_a_case_without_a_due_day_is_on_time_by_the_rule_in_use_and_apart_by_the_honest_one() -> None:
    ended = case(9, due_on=None, closed_on=INSIDE, close_kind="finished")
    assert [one and one.outcome for one in placed(ended)] == ["resolved_on_time", "resolved_undated"]
    assert [one and one.outcome for one in placed(case(due_on=None))] == ["pending_within", "pending_undated"]
    assert (reason(ended), reason(case(due_on=None))) == ("undated_resolved", "undated_pending")


def test_a_withdrawn_case_lifts_the_share_on_time_only_by_the_rule_in_use() -> None:
    late = case(7, closed_on=TO, close_kind="withdrawn")
    assert [one and one.outcome for one in placed(late)] == ["resolved_on_time", "resolved_withdrawn"]
    assert reason(late) == "withdrawn"


def test_a_case_stopped_before_the_period_is_carried_over_for_ever_by_todays_status() -> None:
    stopped = case(8, BEFORE, closed_on=dt.date(2026, 9, 25), close_kind="stopped")
    assert placed(stopped) == (Placed("carried_over", "pending_within"), None)
    assert reason(stopped) == "stopped_before"


def test_a_case_stopped_in_the_period_is_resolved_apart_by_the_honest_rule() -> None:
    stopped = case(8, closed_on=dt.date(2026, 11, 5), close_kind="stopped")
    assert [one and one.outcome for one in placed(stopped)] == ["pending_within", "resolved_stopped"]
    assert reason(stopped) == "stopped_still_pending"


def test_a_case_that_waits_for_papers_is_never_overdue_by_the_rule_in_use() -> None:
    in_time = case(5, pauses=((dt.date(2026, 10, 25), None),))
    too_late = case(5, pauses=((dt.date(2026, 11, 5), None),))
    assert [one and one.outcome for one in placed(in_time)] == ["pending_within", "pending_waiting"]
    assert [one and one.outcome for one in placed(too_late)] == ["pending_within", "pending_overdue"]
    assert {reason(in_time), reason(too_late)} == {"waits_today"}


def test_papers_asked_for_after_the_period_change_nothing_in_it_but_a_fee_does() -> None:
    asked_later = ((AFTER, None),)
    assert [one and one.outcome for one in placed(case(5, pauses=asked_later))] == ["pending_overdue"] * 2
    assert [one and one.outcome for one in placed(case(6, pauses=asked_later))] == [
        "pending_within",
        "pending_overdue",
    ]


def test_a_pause_that_is_over_today_is_forgotten_by_the_rule_in_use() -> None:
    waited = case(4, pauses=((dt.date(2026, 10, 25), AFTER),))
    assert [one and one.outcome for one in placed(waited)] == ["pending_overdue", "pending_waiting"]
    assert reason(waited) == "waited_then"


def test_a_case_that_ended_while_its_clock_stood_still_is_late_only_by_the_rule_in_use() -> None:
    rested = case(
        9, closed_on=dt.date(2026, 11, 6), close_kind="finished", pauses=((dt.date(2026, 10, 25), TO),)
    )
    assert [one and one.outcome for one in placed(rested)] == ["resolved_late", "resolved_on_time"]
    assert reason(rested) == "clock_stood_still"


def test_what_was_received_later_or_ended_before_counts_by_neither_rule() -> None:
    assert placed(case(received=AFTER)) == (None, None)
    gone = case(9, BEFORE, closed_on=dt.date(2026, 10, 14), close_kind="finished")
    assert placed(gone) == (None, None)


def random_facts(r: random.Random) -> tuple[CaseDates, CaseFacts] | None:
    """Return the dates of some case and its facts with a status that fits; nothing where it was never received."""
    dates = CaseDates(**random_dates(r))
    if dates.received_on is None:
        return None
    facts = CaseFacts(
        is_online=dates.channel == "online",
        status_code=r.choice(_OPEN if dates.close_kind is None else _BY_END[dates.close_kind]),
        received_on=dates.received_on,
        due_on=dates.due_on,
        closed_on=dates.closed_on,
        close_kind=dates.close_kind or "",
        pauses=tuple((pause.from_on, pause.to_on) for pause in dates.pauses),
    )
    return dates, facts


def windows(r: random.Random) -> tuple[Window, Window]:
    """Return two windows, one right after the other."""
    first = FIRST + dt.timedelta(days=r.randrange(25))
    middle = first + dt.timedelta(days=r.randrange(1, 15))
    last = middle + dt.timedelta(days=r.randrange(1, 15))
    return (first, middle), (middle + dt.timedelta(days=1), last)


def situations(facts: list[CaseFacts], window: Window) -> list[tuple[Situation, int]]:
    found = (situation_of(one, *window) for one in facts)
    return list(Counter(one for one in found if one is not None).items())


def some_cases(r: random.Random, count: int = 25) -> list[tuple[CaseDates, CaseFacts]]:
    return [found for found in (random_facts(r) for _ in range(count)) if found is not None]


any_rules = st.fixed_dictionaries({aspect: st.sampled_from(said) for aspect, said in ANSWERS.items()})


def rules_of(says: dict[str, str]) -> RuleSet:
    row: Said = FORM.honest.rows[0]
    return RuleSet(HONEST, tuple(replace(row, aspect=aspect, value=value) for aspect, value in says.items()))


@settings(max_examples=25)
@given(randoms, any_rules)
def test_by_any_rule_what_came_in_is_resolved_or_pending_and_parts_are_the_whole(
    r: random.Random, says: dict[str, str]
) -> None:
    rules = rules_of(says)
    facts = [one for _, one in some_cases(r)]
    before, window = windows(r)
    line = line_of(situations(facts, window), rules)
    by_number = {column.number: line.number(column, FORM.columns) for column in FORM.columns}
    assert by_number[3] == by_number[4] + by_number[5] + by_number[6] == by_number[7] + by_number[11]
    beside = {
        start: sum(count for key, count in line.counts.items() if key.startswith(start))
        for start in ("resolved_", "pending_")
    }
    assert (by_number[7], by_number[11]) == (beside["resolved_"], beside["pending_"])
    earlier = line_of(situations(facts, before), rules)
    assert by_number[6] == earlier.number(FORM.columns[8], FORM.columns)
    assert check_whole({"x": line}).holds
    assert check_before({"x": line}, {"x": earlier}).holds


def test_the_rule_in_use_leaves_nothing_beside_the_prescribed_columns() -> None:
    facts = [one for _, one in some_cases(random.Random(7), 600)]
    for column in (4, 8):
        line = line_of(situations(facts, windows(random.Random(3))[1]), FORM.in_use)
        whole = FORM.columns[column]
        parts = [one for one in FORM.columns if one.number in whole.sums]
        assert line.number(whole, FORM.columns) == sum(line.number(one, FORM.columns) for one in parts)


@settings(max_examples=25)
@given(randoms)
def test_the_bridge_closes_every_place_and_names_a_reason_for_each_case(r: random.Random) -> None:
    facts = [one for _, one in some_cases(r)]
    found = situations(facts, windows(r)[1])
    lines = bridge(FORM, [("x", one, count) for one, count in found])
    used, honest = line_of(found, FORM.in_use), line_of(found, FORM.honest)
    for key in (*ARRIVALS, *OUTCOMES):
        moved = sum(line.moves(key) for line in lines)
        assert used.counts.get(key, 0) - honest.counts.get(key, 0) == moved, key
    assert "other" not in {line.reason for line in lines}
    assert len({line.key for line in lines}) == len(lines)
    assert sum(len(line.situations) for line in lines) == sum(
        place(one, FORM.in_use) != place(one, FORM.honest) for one, _ in found
    )


@settings(max_examples=25)
@given(randoms)
def test_the_honest_form_is_what_the_marks_of_the_same_days_say(r: random.Random) -> None:
    """The figures of all other pages are counted from marks: the honest form says the same, made from facts."""
    cases = some_cases(r)
    first, last = window = windows(r)[1]
    marked = Counter(
        (mark.name, mark.day < first) for dates, _ in cases for mark in marks_of(dates) if mark.day <= last
    )

    def whole(name: str) -> int:
        return marked[name, True] + marked[name, False]

    expected = {
        "carried_over": marked["opened", True] - marked["closed", True],
        "resolved_all": marked["closed", False],
        "resolved_early": marked["closed_early", False],
        "resolved_on_time": marked["closed_on_time", False],
        "resolved_late": marked["closed_late", False],
        "resolved_undated": marked["closed_undated", False],
        "resolved_withdrawn": marked["closed_withdrawn", False],
        "resolved_stopped": marked["closed_stopped", False],
        "pending_all": whole("opened") - whole("closed"),
        "pending_overdue": whole("overdue_in") - whole("overdue_out"),
    }
    honest = line_of(situations([one for _, one in cases], window), FORM.honest)
    assert all(check.holds for check in check_figures({"x": honest}, {"x": expected}))
    assert set(PLACES) - expected.keys() == {"received_online", "received_direct"}
    received = honest.counts.get("received_online", 0) + honest.counts.get("received_direct", 0)
    assert received == marked["opened", False]


def test_a_check_names_the_field_that_differs_even_where_the_sums_agree() -> None:
    one, other = line_of([], FORM.honest), line_of([], FORM.honest)
    left = replace(one, counts={"carried_over": 1}), replace(other, counts={"carried_over": 2})
    check = check_figures({"a": left[0], "b": left[1]}, {"a": {"carried_over": 2}, "b": {"carried_over": 1}})[
        0
    ]
    assert (check.left, check.right, check.holds, check.differing) == (3, 3, False, ("a", "b"))


def test_the_sum_of_lines_is_the_line_of_all() -> None:
    facts = [one for _, one in some_cases(random.Random(1), 400)]
    window = windows(random.Random(2))[0]
    halves = [line_of(situations(half, window), FORM.in_use) for half in (facts[:200], facts[200:])]
    assert sum_of(halves).counts == line_of(situations(facts, window), FORM.in_use).counts


def test_every_row_that_ships_has_a_source_and_who_receives_the_form_changes_on_its_day() -> None:
    for rules in (FORM.rules(IN_USE), FORM.rules(HONEST)):
        assert {row.aspect for row in rules.rows} == set(ANSWERS)
    receivers = [
        tables().forms.on("II.06a", day).layout["receiver"].value
        for day in (dt.date(2026, 1, 9), dt.date(2026, 1, 10))
    ]
    assert receivers == ["Văn phòng Chính phủ", "Bộ Tư pháp"]
    assert [column.number for column in FORM.columns] == list(range(3, 14))


def test_before_anything_is_known_of_the_form_there_is_none() -> None:
    with pytest.raises(UnknownForm, match="no layout"):
        tables().forms.on("II.06a", dt.date(2018, 1, 1))
    with pytest.raises(UnknownForm, match="no rule in_use"):
        tables().forms.on("II.06a", dt.date(2024, 1, 1))


@pytest.mark.parametrize(
    ("table", "old", "new", "column"),
    [
        ("form_rules.csv", "withdrawn,on_time", "withdrawn,early", "value"),
        ("form_rules.csv", "honest,waiting", "honest,resting", "aspect"),
        ("form_columns.csv", "4;5;6", "4;5;66", "sums"),
        ("form_columns.csv", "carried_over", "carried", "key"),
    ],
)
def test_a_row_that_means_nothing_is_refused_by_its_column(
    table: str, old: str, new: str, column: str
) -> None:
    given_tables = {name: shipped(name) for name in ("form_rules.csv", "form_columns.csv")}
    assert old in given_tables[table]
    given_tables[table] = given_tables[table].replace(old, new, 1)
    with pytest.raises(TableError) as error:
        parse_forms(given_tables["form_rules.csv"], given_tables["form_columns.csv"])
    assert error.value.field == column
