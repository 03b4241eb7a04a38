"""Every event type of the contract, by its name."""

from __future__ import annotations

from events.attachments import ATTACHMENT_EVENTS
from events.cases import CASE_EVENTS
from events.clocks import CLOCK_EVENTS
from events.envelope import Envelope
from events.escalations import ESCALATION_EVENTS
from events.faults import FAULT_EVENTS
from events.issues import ISSUE_EVENTS
from events.lessons import LESSON_EVENTS
from events.periods import PERIOD_EVENTS
from events.problems import PROBLEM_EVENTS
from events.promises import PROMISE_EVENTS
from events.signals import SIGNAL_EVENTS
from events.sources import SOURCE_EVENTS

ALL_EVENTS: tuple[type[Envelope], ...] = (
    *CASE_EVENTS,
    *ISSUE_EVENTS,
    *ATTACHMENT_EVENTS,
    *ESCALATION_EVENTS,
    *CLOCK_EVENTS,
    *FAULT_EVENTS,
    *PROBLEM_EVENTS,
    *SIGNAL_EVENTS,
    *SOURCE_EVENTS,
    *PROMISE_EVENTS,
    *LESSON_EVENTS,
    *PERIOD_EVENTS,
)

EVENT_TYPES: dict[str, type[Envelope]] = {str(cls.model_fields["type"].default): cls for cls in ALL_EVENTS}
