"""When the table changes: last year's issues keep their verdict, and the change is shown before it is made."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace

import pytest

from events.escalations import EscalationProposed, Proposal
from events.issues import IssueCompetenceAssessed
from reporting.competence.table import CompetenceTable, parse_competence
from reporting.issues.competence_diff import moves
from reporting.issues.competence_proposals import as_csv, proposals
from reporting.issues.fold import fold
from reporting.issues.follow_ups import owed
from reporting.issues.state import IssueState
from tests.reporting.competence_tables import BEYOND, row, table_of
from tests.reporting.stories import Story, tables
from tests.reporting.tables import altered, lines, shipped

LAPSED = dt.date(2027, 3, 1)


def with_another_lead() -> CompetenceTable:
    """Return the shipped table with mobile dead spots led by the department of industry and trade."""
    number = 2 + [line["key"] for line in lines("competence.csv")].index("mobile_dead_spot")
    changed = altered("competence.csv", number, "province_bodies", "{province}.so_cong_thuong")
    return parse(changed)


def parse(competence_csv: str) -> CompetenceTable:
    return parse_competence(
        competence_csv, shipped("clock_policies.csv"), shipped("kind_groups.csv"), tables().bodies
    )


def returned_and_named_anew(name: str = "a story") -> Story:
    """Tell of a dead spot that was returned and that the office then gave to another department."""
    story = Story(name=name)
    story.approve()
    story.send()
    story.give_back()
    story.arbitrate("38.so_cong_thuong")
    assert story.root.lead_body == "38.so_cong_thuong"
    return story


def test_an_issue_keeps_the_verdict_of_its_day_when_the_table_changes_and_its_log_is_replayed() -> None:
    story = Story()
    changed = replace(tables().follow_ups, competence=with_another_lead())
    state: IssueState | None = None
    for event in story.log:
        state, _ = fold(state, event)
    assert state == story.state
    assert state is not None
    assert owed(state, changed) == []
    assert state.verdict is not None
    assert state.verdict.lead_body == "38.so_khcn"


def test_an_issue_is_assessed_by_the_rows_of_the_day_on_which_it_was_recorded() -> None:
    table = table_of(
        row(key="mobile_dead_spot", valid_to="2025-11-01"),
        row(key="mobile_dead_spot", valid_from="2025-11-01", **BEYOND),
    )
    story = Story()
    reported, state = story.log[0], None
    state, _ = fold(None, reported)
    assert state is not None
    (assessed, *_) = owed(state, replace(tables().follow_ups, competence=table))
    assert isinstance(assessed, IssueCompetenceAssessed)
    # Whoever works it off a year later still reads the row of October 2025.
    assert assessed.data.row_id == "mobile_dead_spot@2025-07-01"
    assert assessed.data.facts is not None
    assert assessed.data.facts.assessed_on == dt.date(2025, 10, 13)


def test_a_changed_lead_shows_which_open_issues_would_go_elsewhere() -> None:
    story, other = Story(name="one"), Story(kind="no_grid_power", name="two")
    found = moves([other.state, story.state], tables().competence, with_another_lead())
    assert [(one.issue_id, one.elsewhere) for one in found] == [(story.id, True)]
    leads = next(change for change in found[0].changes if change.part == "lead_body")
    assert (leads.old, leads.new) == ("38.so_khcn", "38.so_cong_thuong")


def test_another_deadline_alone_sends_nothing_elsewhere() -> None:
    number = 2 + [line["key"] for line in lines("competence.csv")].index("mobile_dead_spot")
    slower = parse(altered("competence.csv", number, "response_days", "20"))
    (move,) = moves([Story().state], tables().competence, slower)
    assert not move.elsewhere
    assert [change.part for change in move.changes] == ["response_days"]


def test_an_issue_that_ended_does_not_move() -> None:
    story = Story()
    story.approve()
    story.send()
    story.acknowledge()
    story.accept()
    story.answer("solved")
    story.confirm()
    assert not story.state.is_open
    assert moves([story.state], tables().competence, with_another_lead()) == []


def test_the_day_the_decrees_lapse_shows_what_then_goes_to_the_provincial_office() -> None:
    story = Story()
    table = tables().competence
    assert moves([story.state], table, table) == []
    prolonged = parse(shipped("competence.csv").replace(",2027-03-01\n", ",\n"))
    assert moves([story.state], table, prolonged) == []
    (move,) = moves([story.state], table, prolonged, LAPSED)
    assert {change.part for change in move.changes} >= {"finding", "lead_body"}


def test_a_lead_that_the_office_names_after_a_return_becomes_a_proposed_row() -> None:
    stories = [returned_and_named_anew("one"), returned_and_named_anew("two")]
    (proposed,) = proposals([story.state for story in stories], tables().competence)
    assert (proposed.replaces, proposed.lead_body) == ("mobile_dead_spot@2025-07-01", "38.so_cong_thuong")
    assert set(proposed.issue_ids) == {story.id for story in stories}
    assert proposed.cells["approved_by"] == ""
    assert proposed.cells["province_bodies"].startswith("{province}.so_cong_thuong;{province}.so_khcn")
    assert proposed.cells["source"].startswith(
        "Đề xuất của Văn phòng UBND cấp tỉnh (mã 38) sau 2 lượt phân công lại"
    )


def test_a_proposed_row_can_be_copied_into_the_table_and_is_then_followed() -> None:
    story = returned_and_named_anew()
    (proposed,) = proposals([story.state], tables().competence)
    copied = next(csv.DictReader(io.StringIO(as_csv([proposed]))))
    copied["approved_by"] = "Quyết định 31/QĐ-UBND ngày 20/10/2025"
    old = [
        line | ({"valid_to": copied["valid_from"]} if line["key"] == "mobile_dead_spot" else {})
        for line in lines("competence.csv")
    ]
    table = table_of(*old, copied)
    day = dt.date.fromisoformat(copied["valid_from"])
    (move,) = moves([Story(name="later").state], tables().competence, table, day)
    assert move.elsewhere
    assert proposals([story.state], table) != []  # what was decided under the old row stays what it was


def test_an_office_that_follows_the_table_proposes_nothing() -> None:
    story = Story(kind="unclear")
    assert proposals([story.state, Story().state], tables().competence) == []


@pytest.mark.parametrize("lead", ["38.so_khcn"])
def test_naming_the_lead_of_the_row_again_proposes_nothing(lead: str) -> None:
    story = Story(name="again")
    story.approve()
    story.send()
    story.give_back()
    story.arbitrate(lead)
    assert proposals([story.state], tables().competence) == []


def test_a_proposal_never_enters_the_table_by_itself() -> None:
    story = returned_and_named_anew("by itself")
    said = [event for event in story.log if isinstance(event, EscalationProposed)]
    assert isinstance(said[-1].data, Proposal)
    verdict = Story(name="next").state.verdict
    assert verdict is not None
    assert verdict.lead_body == "38.so_khcn"
