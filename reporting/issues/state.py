"""The state of one issue: its report, verdict, hand-offs, clocks, and every act that was taken or refused.

The whole aggregate is one value, so that it is one row: written as JSON, it reads back equal.
"""

from __future__ import annotations

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec

from events.escalations import Delegation
from events.fields import AnswerKind, Document, Level, SigningCapacity, TextRef
from events.issues import CompetenceVerdict, IssueReport
from events.signals import Signal
from reporting.issues.amended import Amended
from reporting.issues.attached import Attached
from reporting.issues.clock import IssueClock
from reporting.issues.state_json import reader_of, write_state

ENDED = frozenset({"confirmed", "withdrawn", "closed"})
"""States of an issue in which nobody holds it any more."""

QUIET = frozenset(
    {
        "clock.started",
        "clock.reached",
        "clock.breached",
        "clock.rescheduled",
        "issue.attachment_added",
        "issue.attachment_erased",
        "issue.suppressed",
        "issue.released",
        "signal.raised",
        "escalation.reminded",
    }
)
"""Events that raise no version, because they move nothing that an act rests on: no person's act conflicts with one."""

ID_TAKEN: Final = "id_taken"
"""The reason of refusing an event whose id another event has."""

LIVE = frozenset({"proposed", "in_correction", "awaiting_document", "sent", "acknowledged", "accepted"})
"""States of an escalation in which somebody has the next step to take."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The outcome of an event.

    Attributes:
        reason_code: the reason of the refusal; None where the event was accepted.
        known: the event had been folded before, and changed nothing this time.
    """

    accepted: bool
    reason_code: str | None = None
    known: bool = False


class Act(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event as the issue keeps it; `refused` is the reason why it did not count."""

    id: UUID
    type: str
    at: dt.datetime
    recorded_at: dt.datetime
    actor_role: str | None = None
    actor_unit: str | None = None
    actor_body: str | None = None
    on_behalf_of: str | None = None
    escalation_id: UUID | None = None
    clock_id: UUID | None = None
    text: TextRef | None = None
    document: Document | None = None
    refused: str | None = None


def outcome_in(acts: tuple[Act, ...], event_id: UUID, event_type: str | None = None) -> Outcome | None:
    """Return the outcome of an event from the folded acts; None where it is none of them.

    One id belongs to one event; the type distinguishes it from another event that was refused for that id.
    """
    wanted = event_id.int  # comparing numbers is several times faster than comparing UUIDs
    for act in acts:
        if act.id.int == wanted and event_type in {None, act.type}:
            return Outcome(accepted=act.refused is None, reason_code=act.refused)
    return None


def met_before(acts: tuple[Act, ...], event_id: UUID, event_type: str) -> Outcome | None:
    """Return the outcome of a repetition (known) or of an event under another's id (ID_TAKEN), else None."""
    wanted, taken = event_id.int, False
    for act in acts:
        if act.id.int == wanted:
            if act.type == event_type:
                return Outcome(accepted=act.refused is None, reason_code=act.refused, known=True)
            taken = True
    return Outcome(accepted=False, reason_code=ID_TAKEN) if taken else None


class GivenAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The latest answer to an escalation."""

    kind: AnswerKind
    at: dt.datetime
    text: TextRef | None = None
    document: Document | None = None
    expected_on: dt.date | None = None
    on_behalf_of: str | None = None


class Round(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request to the lead body: by the dispatch, or by a dispute.

    Attributes:
        answered_ats: when the body answered; more than once where it first waited for resources.
        decided_at: when the commune confirmed or disputed.
    """

    asked_at: dt.datetime
    answered_ats: tuple[dt.datetime, ...] = ()
    decided_at: dt.datetime | None = None


class Escalation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One hand-off. Its instants are those at which the steps were recorded.

    Attributes:
        formal: the hand-off is an official document, so some answers need a document too.
        correction_reason: why the leader last asked for a correction of the draft.
        drafted_by: the role that drew it up; drafting and approving are separate.
        delegation: the basis of the approval, where the leader did not approve in person.
        ended_at: when it was returned, withdrawn or closed.
        awaits_office_since: since when the provincial office has to name the lead.
    """

    id: UUID
    state: str
    from_body: str
    lead_body: str
    level: Level
    trigger: str
    formal: bool
    proposed_at: dt.datetime
    parent_id: UUID | None = None
    replaces_id: UUID | None = None
    replaced_by: UUID | None = None
    drafted_by: str | None = None
    basis: str | None = None
    question: TextRef | None = None
    capacity: SigningCapacity | None = None
    delegation: Delegation | None = None
    document: Document | None = None
    answer: GivenAnswer | None = None
    return_reason: TextRef | None = None
    correction_reason: TextRef | None = None
    proposed_body: str | None = None
    on_behalf_of: str | None = None
    rounds: tuple[Round, ...] = ()
    approved_at: dt.datetime | None = None
    sent_at: dt.datetime | None = None
    acknowledged_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    awaits_office_since: dt.datetime | None = None
    office_named_at: dt.datetime | None = None

    @property
    def was_sent(self) -> bool:
        """Return whether the escalation was ever sent: before that its lead body does not see it."""
        return self.sent_at is not None


class ReplacedText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A text of the report that a correction replaced: it is still shown to whoever looks back, and can be erased."""

    field: str
    text: TextRef
    until: dt.datetime


class RaisedSignal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A threshold that was reached, and when the product noticed it."""

    said: Signal
    at: dt.datetime


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A confirmed fault on which other issues depend: where, since when, and until when.

    Attributes:
        id: of the event that confirmed the fault.
        unit_codes: communes, or the province.
        escalation_id: the hand-off whose lead confirmed the fault.
        cleared_by: the event that ended the fault: its clearance, or the end of the issue.
    """

    id: UUID
    unit_codes: tuple[str, ...]
    began_at: dt.datetime
    confirmed_at: dt.datetime
    cleared_at: dt.datetime | None = None
    escalation_id: UUID | None = None
    cleared_by: UUID | None = None


class Suppression(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A confirmed fault elsewhere that an issue depends on; `pause_id` names the pause of its clocks."""

    pause_id: UUID
    fault_id: UUID
    fault_issue_id: UUID
    fault_kind: str
    since: dt.datetime


class Joined(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A membership of the issue in a problem, and the problem's answer as it reached the issue.

    Attributes:
        joined_by: the event that joined the issue; it names this membership.
        found_by: a person alone, or a suggestion (key, likeness) that a person accepted.
        number: the number of this answer among the problem's answers.
        body: the body that answered.
        decision: the commune's decision on the answer: confirmed or disputed; `decided_at` when.
    """

    problem_id: UUID
    joined_by: UUID
    at: dt.datetime
    found_by: str = "person"
    answer: GivenAnswer | None = None
    answer_id: UUID | None = None
    number: int = 0
    body: str | None = None
    decision: str | None = None
    decided_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None


class Holding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body that had the next step from an instant on; None: nobody."""

    body: str | None
    since: dt.datetime


class IssueState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One issue, folded from its events.

    Attributes:
        version: number of accepted events other than `QUIET` ones.
        holder_body: the one body that has the next step; None once the issue ended.
        holdings: the ledger of holders, in order.
        acts: every event that was folded, in order of the log.
        joined: the problem that the issue belongs to; `joined_before` those that it was unjoined from.
        signals: thresholds that were reached; they are shown and change nothing.
        faults: each confirmation of the issue as a fault on which others depend; only the last one can be
            active.
        report: as it was reported, with the texts that corrections of its draft put in; `replaced` holds the
            others.
        amended: the corrections by the author, in order; `reassess` is the one after which nobody has assessed yet who
            is competent.
        suppressions: the active faults elsewhere for which the issue waits; its steps may be taken all the
            same.
        attachments: every attachment of the report, its proposals and answers; also those that were erased.
    """

    id: UUID
    unit_code: str
    province_code: str
    report: IssueReport
    state: str
    version: int
    reported_at: dt.datetime
    updated_at: dt.datetime
    holder_body: str | None = None
    verdict: CompetenceVerdict | None = None
    assessed_by: UUID | None = None
    escalations: tuple[Escalation, ...] = ()
    clocks: tuple[IssueClock, ...] = ()
    holdings: tuple[Holding, ...] = ()
    acts: tuple[Act, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    faults: tuple[Fault, ...] = ()
    signals: tuple[RaisedSignal, ...] = ()
    ended_at: dt.datetime | None = None
    closed_reason: str | None = None
    joined: Joined | None = None
    joined_before: tuple[Joined, ...] = ()
    replaced: tuple[ReplacedText, ...] = ()
    amended: tuple[Amended, ...] = ()
    reassess: UUID | None = None
    attachments: tuple[Attached, ...] = ()

    @property
    def lane(self) -> str | None:
        """Return the lane of the verdict; None before there is one."""
        return self.verdict.lane if self.verdict else None

    @property
    def level(self) -> str | None:
        """Return the level of the verdict; None before there is one."""
        return self.verdict.level if self.verdict else None

    @property
    def is_open(self) -> bool:
        """Return whether somebody still has a step to take."""
        return self.state not in ENDED

    @property
    def shown_state(self) -> str:
        """Return the state as people see it: `suppressed` while the issue waits for a fault elsewhere."""
        return "suppressed" if self.suppressions and self.is_open else self.state

    @property
    def active_fault(self) -> Fault | None:
        """Return the confirmed fault that lasts, if there is one."""
        return self.faults[-1] if self.faults and self.faults[-1].cleared_at is None else None

    @property
    def own_body(self) -> str:
        """Return the people's committee of the commune that reported the issue."""
        return f"{self.unit_code}.ubnd"

    @property
    def office_body(self) -> str:
        """Return the provincial office, which names the lead of every issue that has none."""
        return f"{self.province_code}.vp_ubnd"

    @property
    def root(self) -> Escalation | None:
        """Return the latest escalation of the commune itself, without those of the province to a ministry."""
        return next((one for one in reversed(self.escalations) if one.parent_id is None), None)

    def petition_of(self, escalation: Escalation) -> Escalation | None:
        """Return the province's latest petition to a ministry for that escalation."""
        return next((one for one in reversed(self.escalations) if one.parent_id == escalation.id), None)

    def escalation(self, escalation_id: UUID) -> Escalation | None:
        """Return the escalation of that id."""
        return next((one for one in self.escalations if one.id == escalation_id), None)

    @property
    def undecided(self) -> Joined | None:
        """Return the membership whose problem was answered and whose commune has not yet decided on it."""
        one = self.joined
        return one if one is not None and one.answer is not None and one.decision is None else None

    @property
    def memberships(self) -> tuple[Joined, ...]:
        """Return the memberships in problems, past and present, in order."""
        return (*self.joined_before, *((self.joined,) if self.joined is not None else ()))

    def clock(self, clock_id: UUID) -> IssueClock | None:
        """Return the clock of that id."""
        return next((one for one in self.clocks if one.id == clock_id), None)

    @property
    def bounce_count(self) -> int:
        """Count how often a body returned the issue as not its own, or passed it on."""
        return sum(
            one.return_reason is not None or (one.answer is not None and one.answer.kind == "passed_on")
            for one in self.escalations
        )

    @property
    def rejected(self) -> tuple[Act, ...]:
        """Return the acts of people that were refused, each with its reason."""
        return tuple(act for act in self.acts if act.refused and act.actor_role != "system")

    @property
    def applied(self) -> frozenset[tuple[UUID, str]]:
        """Return id and type of all events that were folded."""
        return frozenset((act.id, act.type) for act in self.acts)

    def outcome_of(self, event_id: UUID, event_type: str | None = None) -> Outcome | None:
        """Return the outcome of an event; None where it has not been folded."""
        return outcome_in(self.acts, event_id, event_type)

    def to_json(self) -> bytes:
        """Return the whole state as JSON."""
        return write_state(self)

    @staticmethod
    def from_json(value: bytes | str) -> IssueState:
        """Return the state that `to_json` wrote.

        Raises:
            msgspec.ValidationError: the value is not the state of an issue.
        """
        return _read(value)


_read = reader_of(IssueState)
