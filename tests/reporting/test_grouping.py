"""Grouping keys are dated data; a key suggests, nothing more."""

from __future__ import annotations

import datetime as dt

import pytest

from reporting.errors import TableError
from reporting.problems.grouping import candidates, parse_grouping, reach
from tests.reporting.stories import MORNING, Story, tables

ON = dt.date(2026, 3, 2)
HEADER = "kind,cause,area,window_days,likeness_percent,confidence,source,valid_from,valid_to\n"
ANY = "*,,province,60,80,low,Quy ước,2025-01-01,\n"
NETWORK = (
    "mobile_dead_spot,telecom_network,province,30,75,low,Quy ước,2025-01-01,\n"
    "no_fixed_internet,telecom_network,province,30,75,low,Quy ước,2025-01-01,\n"
)


def test_kinds_of_one_system_may_have_one_cause_and_others_only_with_their_own() -> None:
    table = parse_grouping(HEADER + NETWORK + ANY)
    assert table.same_cause("mobile_dead_spot", "no_fixed_internet", ON)
    assert table.same_cause("teacher_shortage", "teacher_shortage", ON)
    assert not table.same_cause("teacher_shortage", "staff_shortage", ON)
    assert not table.same_cause("mobile_dead_spot", "teacher_shortage", ON)


def test_what_lies_outside_the_window_is_no_candidate() -> None:
    table = parse_grouping(HEADER + NETWORK + ANY)
    issue = Story("mobile_dead_spot").state

    def found(days: int, kind: str = "no_fixed_internet") -> int:
        anchors = [(MORNING + dt.timedelta(days=days), "14845")]
        return len(candidates(kind, anchors, [issue], table, ON))

    assert [found(days) for days in (-40, -30, 0, 30, 40)] == [0, 1, 1, 1, 0]
    assert found(0, "teacher_shortage") == 0


def test_the_kinds_of_one_cause_are_named_together() -> None:
    table = parse_grouping(HEADER + NETWORK + ANY)
    assert table.kinds_like("no_fixed_internet", ON) == ("no_fixed_internet", "mobile_dead_spot")
    assert table.kinds_like("teacher_shortage", ON) == ("teacher_shortage",)


def test_no_candidate_lies_out_of_reach() -> None:
    table = parse_grouping(HEADER + NETWORK + ANY)
    issue = Story("mobile_dead_spot").state
    for hours in range(-32 * 24, 32 * 24, 7):
        anchors = [(MORNING + dt.timedelta(hours=hours), "14845")]
        since, until = reach("mobile_dead_spot", anchors, table, ON)
        assert since <= issue.reported_at <= until or not candidates(
            "mobile_dead_spot", anchors, [issue], table, ON
        )


def test_an_area_of_one_commune_takes_only_its_own() -> None:
    table = parse_grouping(HEADER + "power_unstable,power_grid,commune,7,75,low,Quy ước,2025-01-01,\n" + ANY)
    issue = Story("power_unstable").state
    own, other = [(MORNING, "15607")], [(MORNING, "14845")]
    assert len(candidates("power_unstable", own, [issue], table, ON)) == 1
    assert candidates("power_unstable", other, [issue], table, ON) == []


def test_what_is_joined_or_over_is_no_candidate() -> None:
    table = tables().grouping
    joined, over, free = Story(name="joined"), Story(name="over"), Story(name="free")
    joined.join()
    over.withdraw()
    found = candidates(
        "mobile_dead_spot", [(MORNING, "15607")], [joined.state, over.state, free.state], table, ON
    )
    assert [one.issue.id for one in found] == [free.id]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        (HEADER + NETWORK, "kind"),
        (HEADER + ANY.replace("province", "nation"), "area"),
        (HEADER + ANY.replace(",80,", ",0,"), "likeness_percent"),
        (HEADER + ANY + ANY, "valid_from"),
        (HEADER + ANY.replace("Quy ước", ""), "source"),
    ],
)
def test_a_table_that_does_not_hold_is_refused_by_its_column(text: str, column: str) -> None:
    with pytest.raises(TableError) as refused:
        parse_grouping(text)
    assert refused.value.field == column


def test_the_table_of_the_package_knows_only_kinds_that_exist() -> None:
    kinds = {row.kind.key for row in tables().competence.rows()}
    for kind in ("mobile_dead_spot", "civil_status_db", "lgsp_outage"):
        assert kind in kinds
        assert tables().grouping.key_of(kind, ON).kind == kind
