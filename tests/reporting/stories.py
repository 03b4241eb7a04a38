"""Stories of an issue in few words: each step is an event that is folded, with its follow-ups."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from events.clocks import (
    ClockBreach,
    ClockBreached,
    ClockPause,
    ClockPaused,
    ClockReached,
    ClockResumed,
    ClockResumption,
    ClockShare,
)
from events.envelope import Envelope
from events.escalations import (
    Answer,
    Approval,
    Correction,
    CorrectionWish,
    Dispatch,
    EscalationAccepted,
    EscalationAcknowledged,
    EscalationAnswered,
    EscalationApproved,
    EscalationCorrected,
    EscalationCorrectionAsked,
    EscalationProposed,
    EscalationReminded,
    EscalationReturned,
    EscalationSent,
    EscalationWithdrawn,
    Proposal,
    Return,
    Step,
)
from events.faults import (
    FaultClearance,
    FaultCleared,
    FaultConfirmation,
    FaultConfirmed,
    IssueReleased,
    IssueSuppressed,
    Released,
    Suppressed,
)
from events.fields import Document, TextRef
from events.issues import (
    Amendment,
    Closing,
    IssueClosed,
    IssueConfirmed,
    IssueCorrected,
    IssueDisputed,
    IssueJoined,
    IssueProblemAnswered,
    IssueReport,
    IssueReported,
    IssueUnjoined,
    IssueWithdrawn,
    Joining,
    SharedAnswer,
    Statement,
    Unjoining,
)
from reporting.issues.allowed import Occasion, allowed_actions
from reporting.issues.clock import IssueClock
from reporting.issues.fold import Outcome, fold
from reporting.issues.follow_ups import FollowUpTables, owed
from reporting.issues.pauses import open_pauses
from reporting.issues.state import Escalation, IssueState
from services.dated_tables import DatedTables, load_tables

NAMES = UUID("5d8f0b9e-7a39-4c7e-9d0a-52c7e9a3b001")
MORNING = dt.datetime(2025, 10, 13, 1, 30, tzinfo=dt.UTC)
"""A Monday, 08:30 local."""
A_LITTLE = dt.timedelta(minutes=5)
"""From one step to the next."""

BAT_MOT = "15607"
OFFICER = {"actor_role": "commune_officer", "actor_unit": BAT_MOT}
CHAIR = {"actor_role": "commune_chair", "actor_unit": BAT_MOT}
CLERK = {"actor_role": "commune_clerk", "actor_unit": BAT_MOT}
REVIEWER = {"actor_role": "province_reviewer", "actor_unit": "38", "actor_body": "38.vp_ubnd"}
LEADER = {"actor_role": "province_leader", "actor_unit": "38", "actor_body": "38.ubnd"}
SCIENCE = {"actor_role": "department_officer", "actor_unit": "38", "actor_body": "38.so_khcn"}
MINISTRY = {"actor_role": "ministry_officer", "actor_unit": "vn", "actor_body": "bo_khcn"}
SYSTEM = {"actor_role": "system", "actor_unit": "vn"}
CAUSE = uuid5(NAMES, "a common cause")
TEXT = TextRef(id=uuid5(NAMES, "text"), sha256="0" * 64)


@cache
def tables() -> DatedTables:
    """Load the dated tables of the package once."""
    return load_tables()


def follow_up_tables() -> FollowUpTables:
    """Return what follow-ups rest on."""
    return tables().follow_ups


def document(number: str = "12/CV-UBND", issuer: str = "15607.ubnd") -> Document:
    """Make an official document."""
    return Document(kind="official_letter", number=number, issued_on=dt.date(2025, 10, 14), issuer=issuer)


class Story:
    """One issue, folded step by step. Every method that takes a step returns its outcome."""

    def __init__(
        self,
        kind: str = "mobile_dead_spot",
        *,
        severity: str = "high",
        name: str = "a story",
        at: dt.datetime = MORNING,
        **facts: Any,
    ) -> None:
        self.id = uuid5(NAMES, name)
        self.now = at
        self.log: list[Envelope] = []
        self.said: list[Envelope] = []
        self._state: IssueState | None = None
        report = IssueReport.model_validate(
            {"unit_code": BAT_MOT, "kind": kind, "severity": severity, **facts}
        )
        self.take(IssueReported, report, OFFICER)

    @property
    def state(self) -> IssueState:
        assert self._state is not None
        return self._state

    @property
    def root(self) -> Escalation:
        found = self.state.root
        assert found is not None
        return found

    @property
    def petition(self) -> Escalation:
        found = self.state.petition_of(self.root)
        assert found is not None
        return found

    def take(self, cls: Any, said: Any, actor: dict[str, Any], **envelope: Any) -> Outcome:
        """Fold one event and whatever it brings about."""
        self.now += A_LITTLE
        event = cls(
            id=envelope.pop("id", uuid5(self.id, f"step {len(self.log)}")),
            source=f"/vn/38/{BAT_MOT}",
            subject=str(self.id),
            partition_key=str(self.id),
            time=envelope.pop("time", self.now),
            recorded_at=envelope.pop("recorded_at", self.now),
            data=said,
            **actor,
            **envelope,
        )
        return self.apply(event)

    def apply(self, event: Envelope) -> Outcome:
        self.log.append(event)
        self._state, outcome = fold(self._state, event)
        for consequence in owed(self.state, follow_up_tables()):
            self.said.append(consequence)
            self.log.append(consequence)
            self._state, _ = fold(self._state, consequence)
        return outcome

    def amend(
        self, actor: dict[str, Any] = OFFICER, changed: dict[str, Any] | None = None, **more: Any
    ) -> Outcome:
        """Correct the report; `changed` by its fields, by default other numbers each time."""
        said = {"people_affected": 1000 + len(self.log)} if changed is None else changed
        return self.take(IssueCorrected, Amendment.model_validate(said), actor, **more)

    def approve(self, actor: dict[str, Any] = CHAIR, one: Escalation | None = None, **more: Any) -> Outcome:
        return self.take(EscalationApproved, Approval(escalation_id=(one or self.root).id), actor, **more)

    def ask_correction(
        self, actor: dict[str, Any] = CHAIR, one: Escalation | None = None, **more: Any
    ) -> Outcome:
        said = CorrectionWish(escalation_id=(one or self.root).id, reason=TEXT)
        return self.take(EscalationCorrectionAsked, said, actor, **more)

    def correct(
        self,
        actor: dict[str, Any] = OFFICER,
        one: Escalation | None = None,
        texts: dict[str, TextRef] | None = None,
        **more: Any,
    ) -> Outcome:
        """Correct the draft; `texts` by the fields of the report."""
        said = Correction.model_validate(
            {"escalation_id": (one or self.root).id, "note": TEXT, **(texts or {})}
        )
        return self.take(EscalationCorrected, said, actor, **more)

    def send(self, actor: dict[str, Any] = CLERK, one: Escalation | None = None, **more: Any) -> Outcome:
        return self.take(
            EscalationSent, Dispatch(escalation_id=(one or self.root).id, document=document()), actor, **more
        )

    def acknowledge(
        self, actor: dict[str, Any] = SCIENCE, one: Escalation | None = None, **more: Any
    ) -> Outcome:
        return self.take(EscalationAcknowledged, Step(escalation_id=(one or self.root).id), actor, **more)

    def accept(self, actor: dict[str, Any] = SCIENCE, one: Escalation | None = None, **more: Any) -> Outcome:
        return self.take(EscalationAccepted, Step(escalation_id=(one or self.root).id), actor, **more)

    def give_back(
        self, actor: dict[str, Any] = SCIENCE, one: Escalation | None = None, **more: Any
    ) -> Outcome:
        said = Return(escalation_id=(one or self.root).id, reason=TEXT, proposed_body="38.so_cong_thuong")
        return self.take(EscalationReturned, said, actor, **more)

    def answer(
        self,
        kind: str = "solved",
        actor: dict[str, Any] = SCIENCE,
        one: Escalation | None = None,
        **more: Any,
    ) -> Outcome:
        said = Answer.model_validate(
            {
                "escalation_id": (one or self.root).id,
                "answer_kind": kind,
                "text": TEXT,
                "document": more.pop("document", None),
                "expected_on": dt.date(2025, 12, 1) if kind == "waiting_resources" else None,
            }
        )
        return self.take(EscalationAnswered, said, actor, **more)

    def remind(self, actor: dict[str, Any] = REVIEWER, one: Escalation | None = None, **more: Any) -> Outcome:
        return self.take(EscalationReminded, Step(escalation_id=(one or self.root).id), actor, **more)

    def take_back(self, actor: dict[str, Any] = CHAIR, one: Escalation | None = None, **more: Any) -> Outcome:
        return self.take(EscalationWithdrawn, Step(escalation_id=(one or self.root).id), actor, **more)

    def propose(self, trigger: str, lead_body: str, actor: dict[str, Any], **more: Any) -> Outcome:
        """Propose by hand: for lack of means, as arbitration, or as a petition to a ministry."""
        said: dict[str, Any] = {
            "escalation_id": more.pop("escalation_id", uuid5(self.id, f"proposal {len(self.log)}")),
            "from_body": more.pop("from_body", "15607.ubnd"),
            "lead_body": lead_body,
            "level": more.pop("level", "province"),
            "trigger": trigger,
            "parent_id": more.pop("parent_id", None),
            "replaces_id": more.pop("replaces_id", None),
            "question": more.pop("question", None),
        }
        return self.take(EscalationProposed, Proposal.model_validate(said), actor, **more)

    def arbitrate(self, lead_body: str, actor: dict[str, Any] = REVIEWER, **more: Any) -> Outcome:
        return self.propose("arbitration", lead_body, actor, replaces_id=self.root.id, **more)

    def petition_ministry(
        self, actor: dict[str, Any] = SCIENCE, lead_body: str = "bo_khcn", **more: Any
    ) -> Outcome:
        from_body = more.pop("from_body", "38.ubnd")
        level = more.pop("level", "ministry")
        parent_id = more.pop("parent_id", self.root.id)
        return self.propose(
            "petition", lead_body, actor, from_body=from_body, level=level, parent_id=parent_id, **more
        )

    def confirm(self, actor: dict[str, Any] = OFFICER, **more: Any) -> Outcome:
        return self.take(IssueConfirmed, Statement(), actor, **more)

    def dispute(self, actor: dict[str, Any] = OFFICER, **more: Any) -> Outcome:
        return self.take(IssueDisputed, Statement(text=TEXT), actor, **more)

    def withdraw(self, actor: dict[str, Any] = OFFICER, **more: Any) -> Outcome:
        return self.take(IssueWithdrawn, Statement(), actor, **more)

    def close(self, reason: str, actor: dict[str, Any] = CHAIR, **more: Any) -> Outcome:
        return self.take(IssueClosed, Closing.model_validate({"reason_code": reason}), actor, **more)

    def join(self, actor: dict[str, Any] = REVIEWER, **more: Any) -> Outcome:
        return self.take(IssueJoined, Joining(problem_id=CAUSE), actor, **more)

    def unjoin(self, actor: dict[str, Any] = REVIEWER, **more: Any) -> Outcome:
        return self.take(IssueUnjoined, Unjoining(problem_id=CAUSE, reason=TEXT), actor, **more)

    def problem_answered(self, kind: str, number: int, **more: Any) -> Outcome:
        """Bring the answer of the problem that the issue belongs to."""
        joined = self.state.joined
        assert joined is not None
        said = SharedAnswer.model_validate(
            {
                "problem_id": joined.problem_id,
                "joined_by": joined.joined_by,
                "answer_id": uuid5(CAUSE, f"answer {number}"),
                "number": max(number, 1),
                "answer_kind": kind,
                "body": "38.so_khcn",
                "answered_at": self.now,
            }
        )
        return self.take(IssueProblemAnswered, said, SYSTEM, **more)

    def pause(
        self,
        reason: str = "waiting_commune",
        actor: dict[str, Any] = SCIENCE,
        one: Escalation | None = None,
        **more: Any,
    ) -> Outcome:
        """Let the first answer of an escalation stand still; other `clocks` may be named."""
        about = one or self.root
        clocks = more.pop("clocks", None) or (self.clock("first_answer", about).id,)
        said = ClockPause(
            escalation_id=about.id,
            clock_ids=clocks,
            pause_reason=reason,
            row_id=f"{reason}@2025-01-01",
            table_version="1",
            document=more.pop("document", None),
        )
        return self.take(ClockPaused, said, actor, **more)

    def resume(self, actor: dict[str, Any] = SCIENCE, one: Escalation | None = None, **more: Any) -> Outcome:
        """End the pause of an escalation that lasts, or the one that is named."""
        about = one or self.root
        lasting = open_pauses(self.state, about)
        pause_id = more.pop("pause_id", None) or (lasting[0].id if lasting else self.id)
        return self.take(
            ClockResumed, ClockResumption(escalation_id=about.id, pause_id=pause_id), actor, **more
        )

    def confirm_fault(self, actor: dict[str, Any] = REVIEWER, **more: Any) -> Outcome:
        """Say that this issue is a fault on which others depend."""
        said = FaultConfirmation(
            unit_codes=more.pop("units", (BAT_MOT,)), began_at=more.pop("began_at", self.state.reported_at)
        )
        return self.take(FaultConfirmed, said, actor, **more)

    def clear_fault(self, actor: dict[str, Any] = REVIEWER, **more: Any) -> Outcome:
        lasting = self.state.active_fault
        said = FaultClearance(fault_id=more.pop("fault_id", None) or (lasting.id if lasting else self.id))
        return self.take(FaultCleared, said, actor, **more)

    def suppress(self, number: int = 1, **more: Any) -> Outcome:
        """Let the issue wait for the fault of that number."""
        said = Suppressed(
            fault_id=uuid5(NAMES, f"fault {number}"),
            fault_issue_id=more.pop("fault_issue_id", uuid5(NAMES, f"issue of fault {number}")),
            fault_kind="power_unstable",
            path=(self.state.report.kind, "power_unstable"),
            since=more.pop("since", self.now),
            table_version="1",
        )
        return self.take(IssueSuppressed, said, more.pop("actor", SYSTEM), **more)

    def release(self, number: int = 1, **more: Any) -> Outcome:
        said = Released(fault_id=uuid5(NAMES, f"fault {number}"), until=more.pop("until", self.now))
        return self.take(IssueReleased, said, more.pop("actor", SYSTEM), **more)

    def watched(self, now: dt.datetime) -> int:
        """Let time pass until an instant, and the watch say what it brought; return how much was said."""
        self.now = max(self.now, now)
        said = 0
        for clock in self.state.clocks:
            for event in _words_about(clock, self.now):
                said += self._by_the_product(*event).accepted
        return said

    def _by_the_product(self, cls: Any, event_id: UUID, said: Any) -> Outcome:
        return self.take(cls, said, SYSTEM, id=event_id, recorded_at=self.now)

    def offered(self, actor: dict[str, Any], one: Escalation | None = None, **more: Any) -> tuple[str, ...]:
        """Name the steps that somebody may take next, on the issue or on one of its escalations."""
        return allowed_actions(
            self.state,
            one,
            Occasion(self.now + A_LITTLE, tables().pause_reasons, tables().dependencies),
            role=actor["actor_role"],
            unit_code=actor["actor_unit"],
            body=actor.get("actor_body"),
            **more,
        )

    def on_its_way(self) -> Story:
        """Bring a proposal to the department's desk."""
        assert self.approve().accepted
        assert self.send().accepted
        return self

    def taken_on(self) -> Story:
        """Bring a proposal so far that the department works on it."""
        self.on_its_way()
        assert self.acknowledge().accepted
        assert self.accept().accepted
        return self

    def clock(self, name: str, one: Escalation | None = None) -> Any:
        """Return the last clock of that name."""
        about = one or self.root
        return [
            clock for clock in self.state.clocks if clock.clock == name and clock.escalation_id == about.id
        ][-1]


def _words_about(clock: IssueClock, now: dt.datetime) -> list[tuple[Any, UUID, Any]]:
    """Say what the watch says of a clock (services/streams/watch.py)."""
    if clock.state != "running" or clock.stopped_at is not None:
        return []
    if clock.due_at < now:
        event_id = uuid5(clock.id, f"clock.breached:{clock.due_at.isoformat()}")
        return [(ClockBreached, event_id, ClockBreach(clock_id=clock.id, due_at=clock.due_at))]
    for mark, at in (("warning", clock.warn_at), ("reminder", clock.remind_at)):
        if at is not None and at < now and clock.said not in {mark, "warning"}:
            event_id = uuid5(clock.id, f"clock.reached:{mark}:{at.isoformat()}")
            said = ClockShare.model_validate({"clock_id": clock.id, "mark": mark, "reached_at": at})
            return [(ClockReached, event_id, said)]
    return []


def rerouted() -> tuple[Story, Any]:
    """Correct a report that was sent for help, and let the new verdict name another body, by a proposal; return both."""
    story = Story("one_stop_system_error")
    state, log = story.state, list(story.log)
    story.amend(changed={"severity": "urgent"})
    correction, verdict = story.log[len(log) : len(log) + 2]
    lead = next(body for body in ("38.so_khcn", "38.so_cong_thuong") if body != story.root.lead_body)
    said = verdict.data.model_copy(update={"lane": "proposal", "lead_body": lead, "other_bodies": ()})
    story.log = [*log, correction]
    story._state, _ = fold(state, correction)
    changed = verdict.model_copy(update={"data": said})
    assert story.apply(changed).accepted
    return story, changed
