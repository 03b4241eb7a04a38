"""What each event brings about at once: which events follow from it, and who is notified of it.

The code decides both: `issues/follow_ups.py` and `problems/owed.py` emit, `notices.py`, `promises/notices.py` and
`filings/reminders.py` notify. This table names what they may do, so that it can be read in one place; `tests/reporting/test_consequences.py`
compares it with what they do. What time alone brings about is emitted by `services/streams/watch.py`, and follows from no event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reporting.notice import Template


class Consequence(NamedTuple):
    """What one type of event may bring about.

    Attributes:
        follows: the types of event that the product emits when it is folded.
        notices: the templates of its notices.
        whom: who gets them.
    """

    follows: tuple[str, ...] = ()
    notices: tuple[Template, ...] = ()
    whom: str = ""


CONSEQUENCES: Mapping[str, Consequence] = {
    "issue.reported": Consequence(follows=("issue.competence_assessed", "signal.raised")),
    "issue.competence_assessed": Consequence(
        follows=("escalation.proposed", "escalation.referred", "issue.closed"),
        notices=("withdrawn",),
        whom="the body that had it, where a correction changed who is competent",
    ),
    "issue.corrected": Consequence(
        follows=("issue.competence_assessed", "signal.raised"),
        notices=("approval_wanted", "report_corrected"),
        whom="the leaders of the sender, where they had asked for it; the body to which a signed document was sent",
    ),
    "issue.confirmed": Consequence(
        follows=("issue.closed",),
        notices=("fault_cleared",),
        whom="where a fault ends with the issue: the communes that felt it, the provincial office",
    ),
    "issue.disputed": Consequence(
        follows=("clock.started",),
        notices=("disputed", "lead_wanted"),
        whom="the body that answered; the provincial office at the second dispute",
    ),
    "issue.withdrawn": Consequence(
        notices=("withdrawn", "fault_cleared"),
        whom="the bodies that had it on the desk; those that felt a fault that ends with it",
    ),
    "issue.closed": Consequence(
        notices=("fault_cleared",),
        whom="where a fault ends with the issue: the communes that felt it, the provincial office",
    ),
    "issue.joined": Consequence(follows=("problem.member_added",)),
    "issue.unjoined": Consequence(follows=("problem.member_removed", "clock.started")),
    "issue.problem_answered": Consequence(
        follows=("clock.started",),
        notices=("confirmation_wanted", "answered"),
        whom="the commune",
    ),
    "issue.suppressed": Consequence(notices=("suppressed",), whom="the commune"),
    "issue.released": Consequence(follows=("clock.rescheduled",), notices=("released",), whom="the commune"),
    "fault.confirmed": Consequence(
        notices=("fault_confirmed",), whom="the communes that feel it, the provincial office; not who said it"
    ),
    "fault.cleared": Consequence(
        notices=("fault_cleared",), whom="the communes that felt it, the provincial office; not who said it"
    ),
    "signal.raised": Consequence(
        notices=("signal",), whom="the provincial office; its leaders where the threshold is theirs"
    ),
    "escalation.proposed": Consequence(
        follows=("clock.started",),
        notices=("approval_wanted", "arrived"),
        whom="the leaders of the sender; the body that the office named as lead",
    ),
    "escalation.referred": Consequence(
        follows=("clock.started",), notices=("arrived",), whom="the lead body"
    ),
    "escalation.approved": Consequence(notices=("document_wanted",), whom="the clerks of the sender"),
    "escalation.correction_asked": Consequence(
        notices=("correction_wanted",), whom="the officers and clerks of the sender"
    ),
    "escalation.corrected": Consequence(notices=("approval_wanted",), whom="the leaders of the sender"),
    "escalation.sent": Consequence(follows=("clock.started",), notices=("arrived",), whom="the lead body"),
    "escalation.returned": Consequence(
        follows=("clock.started",),
        notices=("returned", "lead_wanted"),
        whom="the sender; the provincial office where it is the commune's",
    ),
    "escalation.answered": Consequence(
        follows=("clock.started",),
        notices=("confirmation_wanted", "answered", "lead_wanted"),
        whom="the commune, or the province and the body that asked; the office where it was passed on",
    ),
    "escalation.reminded": Consequence(notices=("reminded",), whom="the lead body"),
    "escalation.withdrawn": Consequence(notices=("withdrawn",), whom="the lead body that had it"),
    "clock.paused": Consequence(notices=("paused",), whom="the commune"),
    "clock.resumed": Consequence(follows=("clock.rescheduled",)),
    "clock.rescheduled": Consequence(notices=("resumed",), whom="the holder of the clock"),
    "clock.reached": Consequence(notices=("reminder", "warning"), whom="the holder of the clock"),
    "clock.breached": Consequence(
        notices=("overdue", "reminder_passed"), whom="the leaders of the holder, the provincial office"
    ),
    "problem.member_added": Consequence(follows=("issue.problem_answered", "issue.unjoined")),
    "problem.answered": Consequence(follows=("issue.problem_answered",)),
    "problem.withdrawn": Consequence(follows=("issue.unjoined",)),
    "source.silent": Consequence(notices=("source_silent",), whom="the operator of the province"),
    "source.recovered": Consequence(notices=("source_recovered",), whom="the operator of the province"),
    "promise.made": Consequence(
        notices=("promise_made", "promise_moved"), whom="the commune and the department; not who said it"
    ),
    "promise.measured": Consequence(
        notices=("promise_closed", "promise_reopened"),
        whom="the commune and the department; not who said it",
    ),
    "promise.missed": Consequence(notices=("promise_missed",), whom="the commune and the department"),
    "period.reminded": Consequence(
        notices=("filing_wanted", "filing_passed", "filings_missing"),
        whom="chair and officers of each commune that has not confirmed; the provincial office",
    ),
    "period.sum_reminded": Consequence(
        notices=("sum_wanted", "sum_passed"),
        whom="the office and the leader of the province that has not closed its sum",
    ),
    "promise.asked_again": Consequence(
        notices=("promise_asked_again",), whom="the commune and the department"
    ),
}
"""Type of event → what it may bring about; a type that is missing brings about nothing."""

NOTHING = Consequence()
