"""A deputy approves by a dated delegation, in the stated capacity, and never what the same role drew up."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from events.escalations import Approval, CorrectionWish, EscalationApproved, EscalationCorrectionAsked
from reporting.dated.delegations import as_event, parse_delegations
from reporting.errors import TableError
from reporting.issues.fold import Outcome
from reporting.issues.state import IssueState
from tests.reporting.stories import CLERK, OFFICER, TEXT, Story, tables
from tests.reporting.tables import shipped

HEADER = shipped("delegations.csv").splitlines()[0]
ROW = "15607,commune_officer,tuq,7/QĐ-UBND,2025-09-30,15607.ubnd,high,Quyết định của xã,2025-10-01,2025-11-01"
ON = dt.date(2025, 10, 13)


def table(*rows: str) -> Any:
    return parse_delegations("\n".join((HEADER, *rows)), tables().units)


def approve(story: Story, actor: dict[str, Any], capacity: str = "tuq", *, day: dt.date = ON) -> Outcome:
    row = table(ROW).find("15607", "commune_officer", day)
    said = Approval.model_validate(
        {
            "escalation_id": story.root.id,
            "capacity": capacity,
            "delegation": None if row is None else as_event(row),
        }
    )
    return story.take(EscalationApproved, said, actor)


def test_nobody_is_delegated_until_a_unit_says_so() -> None:
    assert tables().delegations.find("15607", "commune_officer", ON) is None


def test_a_delegation_holds_from_one_day_to_another_for_one_role_of_one_unit() -> None:
    found = table(ROW)
    assert found.find("15607", "commune_officer", ON).capacity == "tuq"
    assert found.find("15607", "commune_officer", dt.date(2025, 11, 1)) is None
    assert found.find("15607", "commune_clerk", ON) is None
    assert found.find("15622", "commune_officer", ON) is None


def test_who_is_delegated_approves_and_the_document_stands_beside_it() -> None:
    story = Story()
    assert approve(story, OFFICER).accepted
    assert (story.root.state, story.root.capacity) == ("awaiting_document", "tuq")
    assert story.root.delegation is not None
    assert story.root.delegation.number == "7/QĐ-UBND"
    assert IssueState.from_json(story.state.to_json()) == story.state


@pytest.mark.parametrize("capacity", ["direct", "tm"])
def test_a_delegate_never_signs_as_the_chair(capacity: str) -> None:
    assert approve(Story(), OFFICER, capacity).reason_code == "actor_not_entitled"


def test_without_a_delegation_or_after_its_last_day_nothing_is_approved() -> None:
    assert approve(Story(), OFFICER, day=dt.date(2025, 12, 1)).reason_code == "actor_not_entitled"
    story = Story()
    story.now = dt.datetime(2025, 11, 3, 2, tzinfo=dt.UTC)
    assert approve(story, OFFICER).reason_code == "actor_not_entitled"


def test_drafting_and_approving_are_separate() -> None:
    story = Story()
    story.take_back()
    assert story.propose("means", "38.so_khcn", OFFICER).accepted
    assert approve(story, OFFICER).reason_code == "actor_not_entitled"
    assert approve(story, CLERK).accepted


def ask_correction(story: Story, actor: dict[str, Any], *, day: dt.date = ON) -> Outcome:
    row = table(ROW).find("15607", "commune_officer", day)
    said = {"escalation_id": story.root.id, "reason": TEXT, "delegation": row and as_event(row)}
    return story.take(EscalationCorrectionAsked, CorrectionWish.model_validate(said), actor)


def test_who_is_delegated_sends_a_draft_back_too() -> None:
    story = Story()
    assert ask_correction(story, OFFICER).accepted
    assert (story.root.state, story.root.correction_reason) == ("in_correction", TEXT)
    assert story.correct(CLERK).accepted
    assert story.root.state == "proposed"


def test_without_a_delegation_or_of_ones_own_draft_nothing_is_sent_back() -> None:
    assert ask_correction(Story(), OFFICER, day=dt.date(2025, 12, 1)).reason_code == "actor_not_entitled"
    story = Story()
    story.take_back()
    assert story.propose("means", "38.so_khcn", OFFICER).accepted
    assert ask_correction(story, OFFICER).reason_code == "actor_not_entitled"


@pytest.mark.parametrize("step", ["approve", "ask_correction"])
def test_the_step_is_offered_to_who_is_delegated(step: str) -> None:
    story = Story()

    def offered(*, delegated: bool) -> bool:
        return step in story.offered(OFFICER, story.root, delegated=delegated)

    assert offered(delegated=True)
    assert not offered(delegated=False)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("15607,", "99999,", "unit"),
        ("commune_officer", "province_reviewer", "role"),
        ("tuq", "direct", "capacity"),
        ("7/QĐ-UBND", "số bảy", "number"),
        ("15607.ubnd", "UBND xã", "issuer"),
    ],
)
def test_the_table_is_read_strictly(old: str, new: str, column: str) -> None:
    with pytest.raises(TableError, match=f"column {column}"):
        table(ROW.replace(old, new))
