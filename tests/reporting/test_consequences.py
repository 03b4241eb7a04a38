"""The table of consequences names exactly what follow-ups and notices do, over stories of every family."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from hypothesis import Phase, settings
from msgspec.structs import replace

from events.clocks import ClockBreached
from events.envelope import Envelope
from events.periods import PeriodReminded, PeriodSumReminded, Reminder, SumReminder, filing_id
from events.registry import EVENT_TYPES
from events.sources import Silence, SourceRecovered, SourceSilent
from reporting.consequences import CONSEQUENCES, NOTHING
from reporting.filings.reminders import notices_of_period
from reporting.issues.fold import fold
from reporting.issues.follow_ups import lacking
from reporting.issues.state import IssueState
from reporting.notice import TEMPLATES
from reporting.notices import notices_of
from reporting.problems import fold as problems
from reporting.problems.owed import of_issue, of_problem
from reporting.promises.notices import notices_of_promise
from tests.reporting import test_promises as promises
from tests.reporting.problem_stories import Shared
from tests.reporting.stories import (
    CHAIR,
    MORNING,
    NAMES,
    SCIENCE,
    Story,
    document,
    follow_up_tables,
    rerouted,
)
from tests.reporting.test_issue_machine import AnIssue

Seen = dict[str, set[str]]


class Observed:
    """What was seen to follow and to be told, by type of event."""

    def __init__(self) -> None:
        self.follows: Seen = defaultdict(set)
        self.notices: Seen = defaultdict(set)

    def issue(self, log: Iterable[Envelope]) -> None:
        """Fold an issue, and note what each event makes it lack that it did not lack before."""
        state: IssueState | None = None
        before: set[Any] = set()
        for event in log:
            state, outcome = fold(state, event)
            if state is None:
                continue
            owed = {(one.id, one.type) for one in lacking(state, follow_up_tables())} - set(state.applied)
            if outcome.accepted and not outcome.known:
                self.follows[event.type] |= {event_type for _, event_type in owed - before}
                self.follows[event.type] |= {one.type for one in of_issue(state, event)}
            before = owed
            self.notices[event.type] |= {one.template for one in notices_of(event, state)}

    def problem(self, log: Iterable[Envelope]) -> None:
        state: problems.ProblemState | None = None
        for event in log:
            state, outcome = problems.fold(state, event)
            self.follows[event.type] |= {one.type for one in of_problem(state, event, outcome)}

    def undeclared(self) -> list[tuple[str, str]]:
        """Name what was seen and stands in no row of the table."""
        found = []
        for event_type in {*self.follows, *self.notices}:
            row = CONSEQUENCES.get(event_type, NOTHING)
            extra = self.follows[event_type] - set(row.follows) | self.notices[event_type] - set(row.notices)
            found += [(event_type, each) for each in sorted(extra)]
        return sorted(found)

    def unseen(self) -> list[tuple[str, str]]:
        """Name what the table says and no story showed."""
        return [
            (event_type, each)
            for event_type, row in CONSEQUENCES.items()
            for each in (*row.follows, *row.notices)
            if each not in self.follows[event_type] | self.notices[event_type]
        ]


def _fault() -> tuple[Story, dict[str, Any]]:
    story = Story("power_unstable")
    lead = SCIENCE | {"actor_body": story.root.lead_body}
    assert story.confirm_fault(lead).accepted
    return story, lead


def _faults() -> Iterable[Story]:
    for end in (Story.withdraw, lambda story: story.close("resolved_by_commune")):
        story, _ = _fault()
        assert end(story).accepted
        yield story
    story, lead = _fault()
    assert story.clear_fault(lead).accepted
    yield story
    story, lead = _fault()
    assert story.accept(lead).accepted
    assert story.answer(actor=lead).accepted
    assert story.confirm().accepted
    yield story


def _walked(story: Story, *steps: Callable[[Story], Any]) -> Story:
    for step in steps:
        step(story)
    return story


def _answered_again(story: Story) -> Any:
    return story.answer("solved", document=document())


def stories() -> Iterable[Story]:
    """Tell of issues all that can follow and be told."""
    yield Story(cases_blocked=100)
    yield Story("border_security")
    yield Story("one_stop_system_error")
    taken, sent = Story.taken_on, Story.on_its_way
    yield _walked(Story(), taken, Story.answer, Story.dispute, _answered_again, Story.dispute)
    yield _walked(Story(), taken, Story.answer, Story.confirm)
    yield _walked(Story(), taken, lambda one: one.answer("passed_on", document=document()))
    yield _walked(Story(), taken, lambda one: one.answer("refused", document=document()))
    yield _walked(Story(), sent, Story.give_back, lambda one: one.arbitrate("38.so_cong_thuong"))
    yield _walked(Story(), Story.ask_correction, Story.correct)
    yield _walked(Story(), Story.ask_correction, Story.amend)
    yield _walked(Story(), sent, lambda one: one.amend(CHAIR))
    yield _walked(Story(), lambda one: one.amend(changed={"cases_blocked": 100, "severity": "urgent"}))
    yield rerouted()[0]
    yield _walked(Story(), sent, Story.remind)
    yield _walked(Story(), sent, Story.take_back)
    yield _walked(Story(), sent, Story.withdraw)
    yield _walked(Story(), taken, Story.pause, Story.resume)
    yield _walked(Story(), taken, Story.suppress, Story.release)
    late = _walked(Story(), taken)
    clock = late.clock("first_answer")
    for at in (clock.remind_at, clock.warn_at, clock.due_at):
        late.watched(at + dt.timedelta(hours=1))
    yield late
    yield from _faults()
    # What is begun while the answer of the problem stands has its clock once the issue is let go.
    yield _walked(
        Story(),
        taken,
        Story.join,
        lambda one: one.problem_answered("solved", 1),
        Story.petition_ministry,
        Story.unjoin,
    )
    for kind in ("solved", "refused"):
        joined = _walked(Story(), taken, Story.join)
        assert joined.problem_answered(kind, 1).accepted
        assert joined.unjoin().accepted
        yield joined


def shared() -> Iterable[Shared]:
    """Tell of problems: answered for those who are there and who come later, and withdrawn under them."""
    told = Shared("a", "b")
    assert told.open().accepted
    assert told.join("a").accepted
    assert told.answer().accepted
    assert told.join("b").accepted
    assert told.unjoin("b").accepted
    yield told
    gone = Shared("c", "d")
    assert gone.open().accepted
    assert gone.join("c").accepted
    assert gone.withdraw().accepted
    assert gone.join("d").accepted
    yield gone


def _overdue(observed: Observed) -> None:
    """A deadline that a law set is overdue when it goes by; the table of these stories has only reminders."""
    story = Story().taken_on()
    story.watched(story.clock("first_answer").due_at + dt.timedelta(hours=1))
    clocks = tuple(replace(one, deadline_source="law") for one in story.state.clocks)
    state = replace(story.state, clocks=clocks)
    for event in story.log:
        if isinstance(event, ClockBreached):
            observed.notices[event.type] |= {one.template for one in notices_of(event, state)}


def _sources(observed: Observed) -> None:
    for cls in (SourceSilent, SourceRecovered):
        event = cls.model_validate(
            {
                "id": NAMES,
                "type": cls.model_fields["type"].default,
                "dataschema": cls.model_fields["dataschema"].default,
                "source": "/vn/38/15607/watch",
                "subject": "15607",
                "partition_key": "15607",
                "time": MORNING,
                "recorded_at": MORNING,
                "data": Silence(unit_code="15607", last_seen_at=MORNING),
            }
        )
        observed.notices[event.type] |= {one.template for one in notices_of(event, None)}


def _promises(observed: Observed) -> None:
    events = promises.whole_story()
    spot = promises.register(*events)
    for event in events:
        observed.notices[event.type] |= {one.template for one in notices_of_promise(event, spot)}


def _periods(observed: Observed) -> None:
    subject = str(filing_id("38", "2026-11"))
    marks: tuple[Literal["before", "after"], ...] = ("before", "after")
    for mark in marks:
        said = Reminder(
            province_code="38",
            period="2026-11",
            mark=mark,
            due_on=MORNING.date(),
            unit_codes=("15607",),
            row_id="filing_remind",
            table_version="-",
        )
        event = PeriodReminded(
            id=uuid5(NAMESPACE_URL, mark),
            source="/vn/38/watch",
            subject=subject,
            partition_key=subject,
            time=MORNING,
            recorded_at=MORNING,
            actor_role="system",
            actor_unit="vn",
            data=said,
        )
        of_sum = SumReminder(
            province_code="38",
            period="2026-11",
            mark=mark,
            due_on=MORNING.date(),
            receiver="bo_tu_phap",
            row_id="filing_remind",
            table_version="-",
        )
        own = PeriodSumReminded(
            id=uuid5(NAMESPACE_URL, f"sum {mark}"),
            source="/vn/38/watch",
            subject=subject,
            partition_key=subject,
            time=MORNING,
            recorded_at=MORNING,
            actor_role="system",
            actor_unit="vn",
            data=of_sum,
        )
        for one in (event, own):
            observed.notices[one.type] |= {notice.template for notice in notices_of_period(one)}


@cache
def observed() -> Observed:
    found = Observed()
    for story in stories():
        found.issue(story.log)
    for one in shared():
        found.problem(one.log)
        for story in one.issues.values():
            found.issue(story.log)
    _overdue(found)
    _sources(found)
    _promises(found)
    _periods(found)
    return found


def test_nothing_follows_and_nobody_is_notified_that_the_table_does_not_name() -> None:
    assert observed().undeclared() == []


def test_the_table_names_nothing_that_does_not_happen() -> None:
    assert observed().unseen() == []


def test_the_table_names_every_notice_and_only_types_of_the_contract() -> None:
    assert {template for row in CONSEQUENCES.values() for template in row.notices} == set(TEMPLATES)
    assert {*CONSEQUENCES, *(each for row in CONSEQUENCES.values() for each in row.follows)} <= set(
        EVENT_TYPES
    )
    assert [
        event_type for event_type, row in CONSEQUENCES.items() if bool(row.notices) != bool(row.whom)
    ] == []


class AWatchedIssue(AnIssue):
    """Whatever people try, in whatever order, nothing follows and nobody is told outside the table."""

    def teardown(self) -> None:
        found = Observed()
        found.issue(self.story.log)
        assert found.undeclared() == []


AWatchedIssue.TestCase.settings = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
)
TestAWatchedIssue = AWatchedIssue.TestCase
