"""Whatever acts are tried, in whatever order: one holder, one version, one state for one log, nothing owed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from events.clocks import ClockStarted
from events.escalations import EscalationProposed
from reporting.dated.bodies import NATION, territory_of
from reporting.issues.fold import fold_all
from reporting.issues.follow_ups import owed
from reporting.issues.ledger import hours_by_holder
from reporting.issues.pauses import joined, pausers_of, reasons_for, stoppable
from reporting.issues.state import ENDED, LIVE, QUIET, Escalation, IssueState, Outcome
from reporting.issues.turns import closing_reasons
from reporting.notice import Notice
from reporting.notices import notices_of
from tests.reporting.stories import (
    A_LITTLE,
    CHAIR,
    CLERK,
    LEADER,
    MINISTRY,
    OFFICER,
    REVIEWER,
    SCIENCE,
    SYSTEM,
    Story,
    document,
    follow_up_tables,
    tables,
)

KINDS = st.sampled_from(
    [
        "mobile_dead_spot",
        "unclear",
        "one_stop_system_error",
        "digital_illiteracy",
        "landslide_relocation",
        "nobody_knows",
    ]
)
OTHER = {"actor_role": "department_officer", "actor_unit": "38", "actor_body": "38.so_cong_thuong"}
STRANGER = {"actor_role": "commune_chair", "actor_unit": "14845"}
PEOPLE = (OFFICER, CHAIR, CLERK, REVIEWER, LEADER, SCIENCE, OTHER, MINISTRY)
ACTORS = st.sampled_from([*PEOPLE, SYSTEM, STRANGER])
ANSWERS = st.sampled_from(
    ["solved", "guidance", "passed_on", "not_competent", "waiting_resources", "refused"]
)
STEPS = st.sampled_from(
    ["approve", "ask_correction", "correct", "send", "acknowledge", "accept", "give_back", "take_back"]
)
BODIES = st.sampled_from(
    ["38.so_khcn", "38.so_cong_thuong", "38.vp_ubnd", "bo_khcn", "40.so_khcn", "14845.ubnd"]
)
REASONS = st.sampled_from(["waiting_commune", "waiting_applicant", "force_majeure"])
TIME = tables().working_time
LEVELS = st.sampled_from(["province", "ministry"])
NAME_OF_STEP = {"give_back": "return", "take_back": "withdraw"}


class AnIssue(RuleBasedStateMachine):
    """People try steps in any order; most are refused, and a refused one leaves only its act."""

    story: Story

    @initialize(kind=KINDS)
    def report(self, kind: str) -> None:
        self.story = Story(kind)
        self.told: list[Notice] = []

    def _one(self, pick: int) -> Escalation | None:
        found = self.story.state.escalations
        return found[pick % len(found)] if found else None

    def _tried(self, before: IssueState, outcome: Outcome) -> None:
        """A refused act changes nothing but the list of acts."""
        after = self.story.state
        if not outcome.accepted:
            assert (after.version, after.escalations, after.state, after.holder_body) == (
                before.version,
                before.escalations,
                before.state,
                before.holder_body,
            )
            assert after.acts[len(before.acts)].refused == outcome.reason_code

    @rule(pick=st.integers(0, 1000), kind=ANSWERS, wait=st.integers(0, 200), late=st.sampled_from([0, 0, 30]))
    def go_on(self, pick: int, kind: str, wait: int, late: int) -> None:
        """Take one of the steps that the interface offers to somebody: it must be accepted, however late it comes."""
        story = self.story
        story.watched(story.now + dt.timedelta(hours=wait))
        state = story.state
        offered = [
            (actor, one, name)
            for actor in PEOPLE
            for one in (None, *state.escalations)
            for name in story.offered(actor, one)
            if (name not in {"withdraw", "close", "propose"} or pick % 7 == 0)
        ]
        if not offered:
            return
        actor, one, name = offered[pick % len(offered)]
        recorded_at = story.now - dt.timedelta(hours=late)
        more: dict[str, Any] = {"recorded_at": recorded_at, "time": recorded_at} if late else {}
        if (
            one is not None
            and actor in (REVIEWER, LEADER)
            and name in {"acknowledge", "accept", "return", "answer", "pause", "resume"}
        ):
            more["on_behalf_of"] = one.lead_body
        if one is None and actor == REVIEWER:
            more["on_behalf_of"] = "15607.ubnd"
        assert self._offered_step(actor, one, name, kind, more).accepted, (name, actor)

    def _offered_step(
        self, actor: dict[str, Any], one: Escalation | None, name: str, kind: str, more: dict[str, Any]
    ) -> Outcome:
        story = self.story
        if one is None and name in {"close", "propose", "withdraw"}:
            by_hand: dict[str, Callable[[], Outcome]] = {
                "close": lambda: story.close(self._reason(), actor),
                "propose": lambda: story.propose("means", "38.so_khcn", actor),
                "withdraw": lambda: story.withdraw(actor),
            }
            return by_hand[name]()
        about = [one] if one is not None else []
        steps: dict[str, Callable[[], Outcome]] = {
            "answer": lambda: story.answer(kind, actor, one, document=document(), **more),
            "escalate": lambda: story.petition_ministry(actor),
            "pause": lambda: self._pause_offered(actor, one, more),
            "confirm_fault": lambda: story.confirm_fault(actor),
            "clear_fault": lambda: story.clear_fault(actor),
        }
        if name in steps:
            return steps[name]()
        if name == "arbitrate":
            return story.arbitrate("38.so_cong_thuong" if kind == "solved" else "38.so_khcn", actor)
        if name in {"confirm_fault", "clear_fault"}:
            faulted: Outcome = getattr(story, name)(actor, **more)
            return faulted
        own = {"return": "give_back", "withdraw": "take_back"}.get(name, name)
        assert hasattr(story, own), f"{own}: no story takes it; next: `Story` in tests/reporting/stories.py"
        outcome: Outcome = getattr(story, own)(actor, *about, **more)
        return outcome

    def _pause_offered(self, actor: dict[str, Any], one: Escalation | None, more: dict[str, Any]) -> Outcome:
        assert one is not None
        state, at = self.story.state, self.story.now + A_LITTLE
        who = (actor["actor_role"], actor["actor_unit"], actor.get("actor_body"), more.get("on_behalf_of"))
        row = reasons_for(state, one, pausers_of(*who, one), tables().pause_reasons, at)[0]
        clocks = tuple(clock.id for clock in stoppable(state, one, row, at))
        return self.story.pause(row.reason, actor, one, clocks=clocks, document=document(), **more)

    def _reason(self) -> str:
        return "answered" if "answered" in closing_reasons(self.story.state) else "resolved_by_commune"

    @rule(name=STEPS, actor=ACTORS, pick=st.integers(0, 5), behalf=st.booleans(), wait=st.integers(0, 400))
    def step(self, name: str, actor: dict[str, Any], pick: int, behalf: bool, wait: int) -> None:
        one, before = self._one(pick), self.story.state
        if one is None:
            return
        self.story.now += dt.timedelta(hours=wait)
        more = {"on_behalf_of": one.lead_body} if behalf else {}
        said = self.story.offered(actor, one)
        outcome = getattr(self.story, name)(actor, one, **more)
        if outcome.accepted:
            assert NAME_OF_STEP.get(name, name.removesuffix("_")) in said
        self._tried(before, outcome)

    @rule(kind=ANSWERS, actor=ACTORS, pick=st.integers(0, 5), behalf=st.booleans(), documented=st.booleans())
    def answer(self, kind: str, actor: dict[str, Any], pick: int, behalf: bool, documented: bool) -> None:
        one, before = self._one(pick), self.story.state
        if one is None:
            return
        more: dict[str, Any] = {"on_behalf_of": one.lead_body} if behalf else {}
        if documented:
            more["document"] = document()
        self._tried(before, self.story.answer(kind, actor, one, **more))

    @rule(actor=ACTORS, lead=BODIES, level=LEVELS, pick=st.integers(0, 5))
    def petition(self, actor: dict[str, Any], lead: str, level: str, pick: int) -> None:
        one, before = self._one(pick), self.story.state
        if one is not None:
            outcome = self.story.petition_ministry(actor, lead, level=level, parent_id=one.id)
            self._tried(before, outcome)

    @rule(actor=ACTORS, lead=BODIES)
    def arbitrate(self, actor: dict[str, Any], lead: str) -> None:
        before = self.story.state
        if before.root is not None:
            self._tried(before, self.story.arbitrate(lead, actor))

    @rule(actor=ACTORS, lead=BODIES, level=LEVELS)
    def propose(self, actor: dict[str, Any], lead: str, level: str) -> None:
        before = self.story.state
        self._tried(before, self.story.propose("means", lead, actor, level=level))

    @rule(name=st.sampled_from(["confirm", "dispute", "withdraw"]), actor=ACTORS, chance=st.integers(0, 3))
    def decide(self, name: str, actor: dict[str, Any], chance: int) -> None:
        if name == "withdraw" and chance:
            return  # an issue that ends early shows little
        before = self.story.state
        self._tried(before, getattr(self.story, name)(actor))

    @rule(reason=st.sampled_from(["confirmed", "answered", "outside", "resolved_by_commune"]), actor=ACTORS)
    def close(self, reason: str, actor: dict[str, Any]) -> None:
        before = self.story.state
        self._tried(before, self.story.close(reason, actor))

    @rule(actor=ACTORS, wait=st.integers(0, 400))
    def join(self, actor: dict[str, Any], wait: int) -> None:
        before = self.story.state
        self.story.now += dt.timedelta(hours=wait)
        self._tried(before, self.story.join(actor))

    @rule(actor=ACTORS)
    def unjoin(self, actor: dict[str, Any]) -> None:
        before = self.story.state
        self._tried(before, self.story.unjoin(actor))

    @rule(kind=st.sampled_from(["solved", "guidance", "refused", "waiting_resources"]), old=st.booleans())
    def problem_answered(self, kind: str, old: bool) -> None:
        before = self.story.state
        if before.joined is not None:
            self._tried(before, self.story.problem_answered(kind, before.joined.number + (0 if old else 1)))

    @rule(reason=REASONS, actor=ACTORS, pick=st.integers(0, 5), behalf=st.booleans(), late=st.integers(0, 90))
    def pause(self, reason: str, actor: dict[str, Any], pick: int, behalf: bool, late: int) -> None:
        """Pause, now and then by a word that was recorded long before it came."""
        one, before = self._one(pick), self.story.state
        if one is None or not [clock for clock in before.clocks if clock.escalation_id == one.id]:
            return
        clocks = tuple(clock.id for clock in before.clocks if clock.escalation_id == one.id)[-2:]
        more: dict[str, Any] = {"on_behalf_of": one.lead_body} if behalf else {}
        recorded_at = self.story.now - dt.timedelta(hours=late)
        more |= {"recorded_at": recorded_at, "time": recorded_at}
        outcome = self.story.pause(reason, actor, one, clocks=clocks, **more)
        self._tried(before, outcome)

    @rule(actor=ACTORS, pick=st.integers(0, 5), behalf=st.booleans(), wait=st.integers(0, 900))
    def resume(self, actor: dict[str, Any], pick: int, behalf: bool, wait: int) -> None:
        one, before = self._one(pick), self.story.state
        self.story.now += dt.timedelta(hours=wait)
        if one is not None:
            more = {"on_behalf_of": one.lead_body} if behalf else {}
            self._tried(before, self.story.resume(actor, one, **more))

    @rule(
        number=st.integers(1, 2),
        actor=st.sampled_from([SYSTEM, SYSTEM, SYSTEM, LEADER]),
        ago=st.integers(0, 9),
    )
    def suppress(self, number: int, actor: dict[str, Any], ago: int) -> None:
        before, since = self.story.state, self.story.now - dt.timedelta(hours=ago)
        self._tried(before, self.story.suppress(number, actor=actor, since=since))

    @rule(number=st.integers(1, 2), wait=st.integers(0, 400), ago=st.integers(0, 9))
    def release(self, number: int, wait: int, ago: int) -> None:
        before = self.story.state
        self.story.now += dt.timedelta(hours=wait)
        self._tried(before, self.story.release(number, until=self.story.now - dt.timedelta(hours=ago)))

    @rule(wait=st.integers(0, 900))
    def time_passes(self, wait: int) -> None:
        """Time and the watch alone bring words about clocks, and nothing else."""
        before = self.story.state
        self.story.watched(self.story.now + dt.timedelta(hours=wait))
        after = self.story.state
        assert (after.state, after.level, after.holder_body, after.escalations, after.version) == (
            before.state,
            before.level,
            before.holder_body,
            before.escalations,
            before.version,
        )

    @rule(pick=st.integers(0, 200))
    def deliver_again(self, pick: int) -> None:
        before = self.story.state
        event = self.story.log[pick % len(self.story.log)]
        assert self.story.apply(event).known
        assert self.story.state == before
        self.story.log.pop()

    @rule()
    def act_on_an_old_version(self) -> None:
        before = self.story.state
        outcome = self.story.withdraw(OFFICER, expected_version=before.version - 1)
        assert outcome.reason_code == "version_conflict"
        self._tried(before, outcome)

    @invariant()
    def one_holder_while_it_is_open(self) -> None:
        state = self.story.state
        assert (state.holder_body is None) == (state.state in ENDED)
        assert state.holdings[-1].body == state.holder_body
        live = [one for one in state.escalations if one.state in LIVE]
        assert len([one for one in live if one.parent_id is None]) <= 1
        if not state.is_open:
            assert live == []
            assert not [clock for clock in state.clocks if clock.stopped_at is None]

    @invariant()
    def the_version_counts_what_was_accepted(self) -> None:
        counted = [act for act in self.story.state.acts if act.refused is None and act.type not in QUIET]
        assert self.story.state.version == len(counted)

    @invariant()
    def the_log_gives_the_state_and_nothing_is_owed(self) -> None:
        state = self.story.state
        assert fold_all(self.story.log) == state
        assert owed(state, follow_up_tables()) == []

    @invariant()
    def nothing_reaches_a_ministry_without_its_province(self) -> None:
        for one in self.story.state.escalations:
            if territory_of(one.lead_body) == NATION:
                assert (one.level, one.trigger, one.from_body) == ("ministry", "petition", "38.ubnd")
                assert one.parent_id is not None
                if one.sent_at is not None:
                    assert one.approved_at is not None
                    assert one.document is not None
            else:
                assert territory_of(one.lead_body) == "38"

    @invariant()
    def clocks_stop_and_never_run_twice(self) -> None:
        state = self.story.state
        assert len({clock.id for clock in state.clocks}) == len(state.clocks)
        for clock in state.clocks:
            # A promise may name a day that is over: the letter was recorded late.
            assert clock.clock == "promise" or clock.due_at > clock.started_at
            assert clock.deadline_source in {"default", "document", "law"}

    @invariant()
    def a_replay_tells_everybody_the_same_and_nobody_twice(self) -> None:
        found = [notice for event in self.story.log for notice in notices_of(event, self.story.state)]
        assert found[: len(self.told)] == self.told
        assert len({notice.id for notice in found}) == len(found)
        self.told = found

    @invariant()
    def the_ledger_holds_every_office_hour_once(self) -> None:
        state, now = self.story.state, self.story.now
        held = hours_by_holder(state, now, TIME)
        until = state.holdings[-1].since if not state.is_open else max(now, state.holdings[-1].since)
        whole = TIME.between(state.reported_at, until)
        assert sum((one.running + one.paused for one in held), dt.timedelta()) == whole
        assert all(one.running >= dt.timedelta() for one in held)

    @invariant()
    def a_pause_takes_no_office_time_and_gives_none(self) -> None:
        started = {
            event.data.clock_id: event.data.due_at
            for event in self.story.log
            if isinstance(event, ClockStarted)
        }
        for clock in self.story.state.clocks:
            if clock.state != "running" or clock.days_kind != "working":
                continue
            stood = joined((pause.from_at, pause.to_at) for pause in clock.pauses if pause.to_at is not None)
            paused = sum((TIME.between(*span) for span in stood), dt.timedelta())
            allowed = TIME.between(clock.started_at, started[clock.id])
            assert TIME.between(clock.started_at, clock.due_at) - paused == allowed

    @invariant()
    def what_is_closed_was_confirmed_or_says_why(self) -> None:
        state, root = self.story.state, self.story.state.root
        if state.state != "closed":
            return
        assert state.closed_reason in {"confirmed", "answered", "outside", "resolved_by_commune"}
        own = root is not None and root.answer is not None and root.rounds[-1].decided_at is not None
        # An issue that is over may be unjoined still: it was confirmed as a member then.
        shared = any(one.decision == "confirmed" for one in state.memberships)
        assert state.closed_reason != "confirmed" or own or shared
        assert (
            state.closed_reason != "answered"
            or (root is not None and root.answer is not None)
            or any(one.answer is not None for one in state.memberships)
        )

    @invariant()
    def no_level_changes_without_a_person(self) -> None:
        people = {
            event.data.escalation_id
            for event in self.story.log
            if isinstance(event, EscalationProposed) and event.actor_role != "system"
        }
        for one in self.story.state.escalations:
            assert one.id in people or (one.level == "province" and one.trigger == "competence")

    @invariant()
    def it_comes_back_from_json(self) -> None:
        assert IssueState.from_json(self.story.state.to_json()) == self.story.state


# Shrinking a machine takes minutes; the story of a failure is short enough to read as it is.
AnIssue.TestCase.settings = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
)
TestAnIssue = AnIssue.TestCase
