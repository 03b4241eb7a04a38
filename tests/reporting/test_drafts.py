"""A draft that its leader sends back for correction: whose it is, what changes, and that nothing written is lost."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.fields import TextRef
from events.issues import REPORT_TEXTS
from reporting.issues.state import IssueState
from reporting.notices import notices_of
from tests.reporting.stories import CHAIR, CLERK, LEADER, OFFICER, REVIEWER, SCIENCE, Story

REFS = st.integers(1, 10_000).map(lambda number: TextRef(id=UUID(int=number), sha256=f"{number:064x}"))
WORDS = st.dictionaries(st.sampled_from(REPORT_TEXTS), REFS)


def written(state: IssueState) -> list[UUID]:
    """Name every text that the report shows or showed."""
    now = (getattr(state.report, name) for name in REPORT_TEXTS)
    return sorted([*(ref.id for ref in now if ref is not None), *(one.text.id for one in state.replaced)])


def test_a_draft_that_is_sent_back_is_with_the_commune_until_it_comes_again() -> None:
    story = Story()
    assert story.ask_correction().accepted
    assert (story.root.state, story.state.holder_body) == ("in_correction", "15607.ubnd")
    assert not story.approve().accepted
    assert not story.send().accepted
    assert story.correct().accepted
    assert (story.root.state, story.state.holder_body) == ("proposed", "15607.ubnd")
    assert story.approve().accepted


@pytest.mark.parametrize("actor", [OFFICER, CLERK, REVIEWER, LEADER, SCIENCE])
def test_the_chair_alone_asks_for_a_correction(actor: dict[str, str]) -> None:
    assert Story().ask_correction(actor).reason_code == "actor_not_entitled"


@pytest.mark.parametrize("actor", [CHAIR, REVIEWER, LEADER, SCIENCE])
def test_those_who_draft_correct_and_nobody_else(actor: dict[str, str]) -> None:
    story = Story()
    story.ask_correction()
    assert story.correct(actor).reason_code == "actor_not_entitled"
    assert story.correct(CLERK).accepted


def test_nothing_is_corrected_that_nobody_sent_back_or_that_was_approved() -> None:
    story = Story()
    assert story.correct().reason_code == "illegal_transition"
    story.approve()
    assert story.ask_correction().reason_code == "illegal_transition"
    assert story.correct().reason_code == "illegal_transition"


def test_a_petition_of_the_province_is_no_draft_of_the_commune() -> None:
    story = Story().taken_on()
    story.petition_ministry()
    assert not story.ask_correction(LEADER, story.petition).accepted
    assert not story.ask_correction(CHAIR, story.petition).accepted


def test_the_time_for_the_approval_is_neither_stopped_nor_begun_again() -> None:
    story = Story()
    before = story.clock("approve")
    story.ask_correction()
    story.now += dt.timedelta(hours=30)
    story.correct()
    assert [clock.id for clock in story.state.clocks if clock.clock == "approve"] == [before.id]
    assert story.clock("approve").due_at == before.due_at
    assert story.clock("approve").state == before.state


def test_those_who_draft_hear_of_it_and_then_the_leader_again() -> None:
    story = Story()
    story.ask_correction()
    [asked] = notices_of(story.log[-1], story.state)
    assert (asked.template, asked.recipient.roles) == (
        "correction_wanted",
        ("commune_officer", "commune_clerk"),
    )
    story.correct()
    [again] = notices_of(story.log[-1], story.state)
    assert (again.template, again.recipient.roles) == ("approval_wanted", ("commune_chair",))


@given(first=WORDS, rounds=st.lists(WORDS, max_size=4))
def test_corrections_change_words_alone_and_lose_none(
    first: dict[str, TextRef], rounds: list[dict[str, TextRef]]
) -> None:
    facts_and_words: dict[str, Any] = dict(first)
    story = Story(**facts_and_words)
    facts = story.state.report.model_dump(exclude=set(REPORT_TEXTS))
    expected, everything = dict(first), [ref.id for ref in first.values()]
    for words in rounds:
        assert story.ask_correction().accepted
        assert story.correct(texts=words).accepted
        expected |= words
        everything += [ref.id for ref in words.values()]
    report = story.state.report
    assert {name: ref for name in REPORT_TEXTS if (ref := getattr(report, name)) is not None} == expected
    assert report.model_dump(exclude=set(REPORT_TEXTS)) == facts
    assert written(story.state) == sorted(everything)
    assert IssueState.from_json(story.state.to_json()) == story.state
