"""The people of a simulated province: who could act on an issue, what they choose, what they send, how long they take.

Every share and every delay here is an assumption of the simulation, chosen so that each path is walked.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid5

from events.fields import TextRef
from reporting.dated.bodies import territory_of
from reporting.dated.calendar import LOCAL, WorkingCalendar, local_day
from services.access.actors import Actor
from services.acting.act_inputs import ESCALATION_INPUTS, ISSUE_INPUTS
from services.acting.contents import escalation_content, issue_content
from services.acting.context import ActContext
from services.acting.inputs import ActInput
from services.acting.visible import allowed_to

if TYPE_CHECKING:
    from events.envelope import Envelope
    from reporting.issues.state import Escalation, IssueState
    from services.dated_tables import DatedTables

PROVINCE = "38"
OFFICE = Actor("province_reviewer", PROVINCE, f"{PROVINCE}.vp_ubnd")
LEADER = Actor("province_leader", PROVINCE, f"{PROVINCE}.ubnd")
TEXT_HASH = "0" * 64

WEIGHT = {
    "approve": 10.0,
    "send": 10.0,
    "acknowledge": 4.0,
    "accept": 6.0,
    "return": 0.35,
    "answer": 6.0,
    "escalate": 0.35,
    "arbitrate": 8.0,
    "confirm": 10.0,
    "dispute": 0.8,
    "close": 0.08,
    "withdraw": 0.04,
    "propose": 0.05,
    "pause": 0.3,
    "resume": 3.0,
}
"""How an actor chooses among the steps that the rules allow; joins and faults have occasions of their own."""

ANSWERS = {
    "solved": 6.0,
    "guidance": 3.0,
    "waiting_resources": 0.7,
    "refused": 0.3,
    "passed_on": 0.3,
    "not_competent": 0.2,
}
RECORDED = frozenset({"acknowledge", "accept", "return", "answer", "pause", "resume"})
"""What the office records for a body that does not sign in."""

# Share, median working days and spread of those who act at once, in their time, and late.
PACES = {
    "sends": ((0.75, 0.6, 0.6), (0.20, 2.0, 0.5), (0.05, 8.0, 0.6)),
    "works": ((0.55, 4.0, 0.7), (0.30, 11.0, 0.5), (0.15, 32.0, 0.5)),
    "confirms": ((0.60, 1.5, 0.7), (0.30, 5.0, 0.5), (0.10, 20.0, 0.5)),
}


class Choice(NamedTuple):
    """One step that one actor may take; without `about` it is a step on the issue itself."""

    act: str
    actor: Actor
    about: Escalation | None


def choose(state: IssueState, now: dt.datetime, tables: DatedTables, rng: random.Random) -> Choice | None:
    """Draw one of the steps that rules and tables allow anybody to take now; None where there is none."""
    found = [
        Choice(act, actor, about)
        for about in (None, *state.escalations)
        if about is None or about.ended_at is None
        for actor in _actors(state, about)
        for act in allowed_to(actor, state, about, tables, now)
        if act in WEIGHT and _makes_sense(state, act, about)
    ]
    if not found:
        return None
    weights = [_weight(state, one) for one in found]
    return rng.choices(found, weights)[0]


def _weight(state: IssueState, one: Choice) -> float:
    if one.act == "close" and state.state == "answered":
        return 4.0
    return WEIGHT[one.act]


def _makes_sense(state: IssueState, act: str, about: Escalation | None) -> bool:
    if act == "escalate":
        return state.verdict is not None and state.verdict.ministry_body is not None
    if act == "pause":
        # Of the reasons of the table these people give one, and for what waits for an answer alone.
        owed = [clock for clock in state.clocks if about is not None and clock.escalation_id == about.id]
        return any(clock.clock == "first_answer" and clock.state == "running" for clock in owed)
    # Whoever promised means answers again near the promised day; `pace_of` brings that about.
    return act != "withdraw" or about is None


def _actors(state: IssueState, about: Escalation | None) -> tuple[Actor, ...]:
    if about is None:
        return (Actor("commune_officer", state.unit_code, state.own_body),)
    senders = (
        (LEADER, OFFICE)
        if about.from_body == LEADER.body
        else (
            Actor("commune_chair", state.unit_code, state.own_body),
            Actor("commune_clerk", state.unit_code, state.own_body),
        )
    )
    if territory_of(about.lead_body) != PROVINCE:
        return (*senders, Actor("ministry_officer", "vn", about.lead_body))
    if about.lead_body in {OFFICE.body, LEADER.body}:
        return (*senders, OFFICE)
    return (*senders, Actor("department_officer", PROVINCE, about.lead_body), OFFICE)


def event_of(
    state: IssueState,
    choice: Choice,
    sent: dict[str, Any],
    event_id: UUID,
    now: dt.datetime,
    tables: DatedTables,
) -> Envelope:
    """Build the event of a step as the service does from what a person sends."""

    def put(_text: str, purpose: str) -> TextRef:
        return TextRef(id=uuid5(event_id, purpose), sha256=TEXT_HASH)

    members = {"expected_version": state.version, **sent}
    given: ActInput
    if choice.about is None:
        given = on_issue = ISSUE_INPUTS[choice.act].model_validate(members)
        context = ActContext(state, choice.actor, given, put, tables, event_id, now)
        kind, data = issue_content(on_issue, context)
    else:
        given = step = ESCALATION_INPUTS[choice.act].model_validate(members)
        context = ActContext(state, choice.actor, given, put, tables, event_id, now)
        kind, data = escalation_content(step, context, choice.about)
    return kind.model_validate(
        {
            **envelope(choice.actor, state.id, event_id, now),
            "expected_version": state.version,
            "on_behalf_of": given.on_behalf_of,
            "data": data,
            **{name: kind.model_fields[name].default for name in ("type", "dataschema")},
        }
    )


def envelope(actor: Actor, subject: UUID, event_id: UUID, now: dt.datetime) -> dict[str, Any]:
    """Return what every event of a person carries."""
    where = {"vn": "/vn", PROVINCE: f"/vn/{PROVINCE}"}
    return {
        "id": event_id,
        "source": where.get(actor.unit_code, f"/vn/{PROVINCE}/{actor.unit_code}"),
        "subject": str(subject),
        "partition_key": str(subject),
        "time": now,
        "recorded_at": now,
        "actor_role": actor.role,
        "actor_unit": actor.unit_code,
        "actor_body": actor.body,
    }


def words_of(choice: Choice, now: dt.datetime, rng: random.Random) -> dict[str, Any]:
    """Draw what goes with a step: reasons, documents, the kind of an answer."""
    act, actor, about = choice
    sent: dict[str, Any] = {}
    if act == "send":
        sent["document"] = _document("proposal", f"{rng.randint(1, 240):02d}/TTr-UBND", now)
    if act in {"return", "dispute", "escalate", "arbitrate", "propose", "pause"}:
        sent["reason"] = "Đề nghị xem xét lại theo tình hình thực tế tại địa phương"
    if act == "return":
        sent["proposed_body"] = f"{PROVINCE}.so_tai_chinh"
    if act == "arbitrate" and about is not None:
        sent["lead_body"] = about.proposed_body or f"{PROVINCE}.so_noi_vu"
    if act == "answer":
        sent |= _answer(now, rng)
    if act == "pause":
        sent["pause_reason"] = "waiting_commune"
        sent["document"] = _document("official_letter", f"{rng.randint(1, 900)}/CV", now)
    for_another = about is not None and about.lead_body not in {OFFICE.body, LEADER.body}
    if about is not None and for_another and actor == OFFICE and act in RECORDED:
        sent["on_behalf_of"] = about.lead_body
    return sent


def _answer(now: dt.datetime, rng: random.Random) -> dict[str, Any]:
    kind = rng.choices(list(ANSWERS), list(ANSWERS.values()))[0]
    answer: dict[str, Any] = {"kind": kind, "text": "Trả lời theo văn bản kèm theo"}
    answer["document"] = _document("official_letter", f"{rng.randint(100, 3000)}/CV", now)
    if kind == "waiting_resources":
        answer["expected_on"] = (local_day(now) + dt.timedelta(days=rng.randint(20, 120))).isoformat()
    return answer


def _document(kind: str, number: str, now: dt.datetime) -> dict[str, Any]:
    return {"kind": kind, "number": number, "date": local_day(now).isoformat()}


def pace_of(state: IssueState) -> str:
    """Name how fast the next step comes: sending, working on an answer, or confirming one."""
    if state.state in {"solution_claimed", "answered"}:
        return "confirms"
    root = state.root
    return "works" if root is not None and root.state in {"acknowledged", "accepted"} else "sends"


def next_instant(
    state: IssueState, now: dt.datetime, calendar: WorkingCalendar, rng: random.Random
) -> dt.datetime:
    """Draw when somebody turns to an issue again, in office hours."""
    choices = PACES[pace_of(state)]
    _, median, spread = rng.choices(choices, [one[0] for one in choices])[0]
    return office_hour(now, median * rng.lognormvariate(0, spread), calendar, rng)


def office_hour(
    now: dt.datetime, working_days: float, calendar: WorkingCalendar, rng: random.Random
) -> dt.datetime:
    """Return an instant in office hours about so many working days later."""
    whole = int(working_days)
    day = local_day(now)
    if whole == 0 and calendar.is_working(day):
        later = now + dt.timedelta(hours=8 * working_days)
        if later.astimezone(LOCAL).hour < 17 and local_day(later) == day:
            return later
    day = calendar.add_working_days(day, max(whole, 1))
    at = dt.datetime.combine(day, dt.time(7, 30), LOCAL) + dt.timedelta(minutes=rng.randint(0, 560))
    return at.astimezone(dt.UTC)
