"""The rows of issues in the warehouse: read back whole, the later record wins, lists go page by page."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest

from events.log import Position
from reporting.issues.state import IssueState
from services.warehouse.client import Warehouse
from services.warehouse.folded import LatestStates
from services.warehouse.issue_table import Cursor, IssueTable
from tests.reporting.stories import MORNING, REVIEWER, Story, document

pytestmark = [pytest.mark.warehouse, pytest.mark.over_http]


def at(offset: int, partition: int = 3) -> Position:
    return Position("issues", partition, offset)


def grown(name: str = "grown") -> Story:
    story = Story(name=name).taken_on()
    story.petition_ministry()
    story.answer("refused", REVIEWER, on_behalf_of="38.so_khcn", document=document())
    return story


def test_an_issue_is_read_back_as_it_was_written(warehouse: Warehouse) -> None:
    rows, story = IssueTable(warehouse), grown()
    assert rows.get(story.id) is None
    rows.save([LatestStates(story.state, at(7))])
    assert rows.get(story.id) == story.state
    assert rows.load([story.id, uuid4()]) == {story.id: LatestStates(story.state, at(7), epoch=1)}
    assert rows.load([]) == {}


def test_the_columns_say_what_the_state_says(warehouse: Warehouse) -> None:
    rows, story = IssueTable(warehouse, epoch=2), grown()
    rows.save([LatestStates(story.state, at(7))])
    row: dict[str, Any] = warehouse.rows("SELECT * FROM issues_current FINAL")[0]
    state = story.state
    assert (row["unit_code"], row["province_code"], row["kind"]) == ("15607", "38", "mobile_dead_spot")
    assert (row["lane"], row["level"], row["severity"], row["state"]) == (
        "proposal",
        "province",
        "high",
        "received",
    )
    assert (row["holder_body"], row["version"]) == ("38.ubnd", state.version)
    assert (row["reported_at"], row["updated_at"]) == (state.reported_at, state.updated_at)
    assert row["escalation_ids"] == [one.id for one in state.escalations]
    assert row["escalation_states"] == ["accepted", "proposed"]
    assert row["escalation_bodies"] == ["38.so_khcn", ""]  # the ministry was not asked yet
    assert row["escalation_from_bodies"] == ["15607.ubnd", "38.ubnd"]
    assert row["escalation_units"] == ["38", "vn"]
    assert row["clock_ids"] == [clock.id for clock in state.clocks]
    assert row["clock_due_at"] == [clock.due_at for clock in state.clocks]
    assert row["clock_states"] == [clock.state for clock in state.clocks]
    assert set(row["clock_sources"]) == {"default"}
    assert (row["epoch"], row["topic"], row["partition"], row["offset"]) == (2, "issues", 3, 7)
    assert row["row_version"] == (2 << 48) + (7 << 8)


def test_a_step_taken_late_is_told_from_a_deadline_that_is_still_missed(warehouse: Warehouse) -> None:
    rows, story = IssueTable(warehouse), Story(name="late").on_its_way()
    late = story.clock("acknowledge").due_at + dt.timedelta(hours=1)
    story.acknowledge(recorded_at=late)
    rows.save([LatestStates(story.state, at(1))])
    row = warehouse.rows("SELECT clock_ids, clock_states FROM issues_current FINAL")[0]
    states = dict(zip(row["clock_ids"], row["clock_states"], strict=True))
    assert states[story.clock("acknowledge").id] == "late"
    assert states[story.clock("first_answer").id] == "running"


def test_the_later_record_wins_whenever_its_row_comes(warehouse: Warehouse) -> None:
    rows, story = IssueTable(warehouse), Story(name="zombie")
    young = story.state
    story.approve()
    rows.save([LatestStates(story.state, at(9))])
    rows.save([LatestStates(young, at(4))])
    assert rows.get(story.id) == story.state
    IssueTable(warehouse, epoch=2).save([LatestStates(young, at(0))])
    assert rows.get(story.id) == young


def test_an_escalation_leads_to_its_issue(warehouse: Warehouse) -> None:
    rows, story = IssueTable(warehouse), grown()
    rows.save([LatestStates(story.state, at(7)), LatestStates(Story(name="another").state, at(8))])
    assert rows.holding(story.petition.id) == story.state
    assert rows.holding(uuid4()) is None


def test_lists_are_filtered_by_place_body_state_and_kind(warehouse: Warehouse) -> None:
    rows = IssueTable(warehouse)
    fresh, under_way, asked = Story(name="fresh"), grown(), Story("one_stop_system_error", name="asked")
    ended = Story(name="ended")
    ended.withdraw()
    everyone = [fresh, under_way, asked, ended]
    rows.save([LatestStates(story.state, at(number)) for number, story in enumerate(everyone)])

    def found(**filters: Any) -> set[object]:
        return {state.id for state in rows.list(**filters)}

    assert found() == {story.id for story in everyone}
    assert found(units=["15607"]) == found(units=["38"]) == found()
    assert found(units=["14845", "40"]) == set()
    assert found(open_only=True) == {fresh.id, under_way.id, asked.id}
    assert found(state="withdrawn") == {ended.id}
    assert found(kind="one_stop_system_error") == {asked.id}
    assert found(bodies=["38.ubnd"]) == {under_way.id}
    assert found(bodies=["bo_khcn"]) == set()  # nothing was sent to it yet
    assert found(bodies=["38.so_khcn"]) == {under_way.id, asked.id}
    assert found(bodies=["15607.ubnd"], escalation_state="proposed") == {fresh.id}
    assert found(escalation_state="sent") == {asked.id}
    assert found(bodies=[]) == set()


def test_a_list_goes_on_where_the_page_before_ended(warehouse: Warehouse) -> None:
    rows = IssueTable(warehouse)
    stories = [Story(name=f"page {number}") for number in range(7)]
    rows.save([LatestStates(story.state, at(number)) for number, story in enumerate(stories)])
    seen: list[IssueState] = []
    after = None
    while page := rows.list(limit=3, after=after):
        seen += page
        after = Cursor(page[-1].reported_at, page[-1].id)
    assert len(seen) == 7
    assert {state.id for state in seen} == {story.id for story in stories}
    assert {state.id for state in rows.every(page_size=2)} == {story.id for story in stories}


def test_instants_keep_their_microseconds(warehouse: Warehouse) -> None:
    rows, story = IssueTable(warehouse), Story(name="micro")
    at_odds = story.state.reported_at + dt.timedelta(microseconds=123_457)
    rows.save(
        [
            LatestStates(Story(name="micro 2").state, at(1)),
            LatestStates(_reported(story.state, at_odds), at(2)),
        ]
    )
    assert rows.list(limit=1)[0].reported_at == at_odds
    found = rows.get(story.id)
    assert found is not None
    assert found.reported_at == at_odds


def _reported(state: IssueState, when: dt.datetime) -> IssueState:
    from msgspec.structs import replace  # noqa: PLC0415 -- only here a state is altered by hand

    return replace(state, reported_at=when)


def test_what_could_be_joined_is_of_its_kinds_and_days_open_and_in_no_problem(warehouse: Warehouse) -> None:
    rows, day = IssueTable(warehouse), dt.timedelta(days=1)
    early, late = Story(name="early"), Story(name="late", at=MORNING + 2 * day)
    joined, over, other = Story(name="joined"), Story(name="over"), Story("teacher_shortage", name="other")
    joined.join()
    over.withdraw()
    stories = (early, late, joined, over, other)
    rows.save([LatestStates(story.state, at(number)) for number, story in enumerate(stories)])

    def found(until: dt.datetime, **scope: Any) -> list[Any]:
        span = (MORNING - day, until)
        issues = rows.joinable(kinds=("mobile_dead_spot",), reported=span, limit=9, **scope)
        return [one.id for one in issues]

    assert found(MORNING + 3 * day) == [late.id, early.id]
    assert found(MORNING + day) == [early.id]
    assert found(MORNING + day, units=("38",)) == [early.id]
    assert found(MORNING + day, units=("01",)) == []
