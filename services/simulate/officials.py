"""Draw the next step of simulated officials on an issue: approve, send, accept, answer, confirm."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID, uuid5

from reporting.dated.calendar import local_day
from reporting.dated.units import UnitTable
from reporting.issues.permissions import OFFICE_ROLES, STANDING
from reporting.issues.state import Escalation, IssueState
from services.access.actors import Actor
from services.acting.act_inputs import EscalationAct
from services.acting.contents import TYPE_OF_ESCALATION_ACT, TYPE_OF_ISSUE_ACT
from services.acting.visible import allowed_to
from services.dated_tables import DatedTables
from services.simulate.difficulties import POWER_CUT, neighbours

# Probability of a step on a day on which it is allowed; design assumptions for a demonstration.
CHANCE: dict[str, float] = {
    "approve": 0.7,
    "send": 0.8,
    "acknowledge": 0.75,
    "accept": 0.6,
    "confirm_fault": 0.6,
    "clear_fault": 0.15,
    "pause": 0.03,
    "resume": 0.25,
    "return": 0.03,
    "answer": 0.16,
    "escalate": 0.02,
    "confirm": 0.45,
    "dispute": 0.03,
    "arbitrate": 0.5,
}
ANSWERS: dict[str, str] = {
    "solved": "Đã khắc phục xong, đề nghị xã kiểm tra và xác nhận",
    "guidance": "Hướng dẫn: thực hiện theo quy trình đã gửi kèm trên hệ thống quản lý văn bản",
    "waiting_resources": "Đã đưa vào kế hoạch, chờ bố trí kinh phí",
}

_MOVES = frozenset((*TYPE_OF_ESCALATION_ACT.values(), *TYPE_OF_ISSUE_ACT.values())) - {"issue.joined"}

Sent = dict[str, str | int | Sequence[str] | dict[str, str]]
"""The fields of a form for an act."""


@dataclass(frozen=True, slots=True)
class Move:
    """One step of an actor today; without `escalation_id` it is a step on the issue itself."""

    issue_id: UUID
    escalation_id: UUID | None
    act: str
    actor: Actor
    sent: Sent
    key: UUID


def moves_of(
    state: IssueState,
    tables: DatedTables,
    now: dt.datetime,
    seed: str,
    chances: Mapping[str, float] = CHANCE,
) -> Iterator[Move]:
    """Yield at most one move for an issue on a day; the same seed, day and state give the same move."""
    day = local_day(now)
    drawn = f"{seed}:official:{state.report.kind}:{state.unit_code}:{state.reported_at}:{state.version}:{day}"
    rng = random.Random(drawn)
    for about in (None, *reversed(state.escalations)):
        for actor in _actors(state, about):
            allowed = allowed_to(actor, state, about, tables, now)
            for act in (name for name in chances if name in allowed):
                if rng.random() < chances[act] and _makes_sense(state, about, act):
                    sent = _sent(state, about, act, actor, day, rng, tables.units)
                    yield Move(
                        state.id,
                        about.id if about else None,
                        act,
                        actor,
                        sent,
                        uuid5(state.id, f"{act}:{state.version}"),
                    )
                    return


def has_moved(state: IssueState, now: dt.datetime) -> bool:
    """Return whether an official took a step on an issue at this very instant."""
    return any(act.recorded_at == now and act.type in _MOVES for act in state.acts)


def _makes_sense(state: IssueState, about: Escalation | None, act: str) -> bool:
    if act == "pause":
        owed = [clock for clock in state.clocks if about is not None and clock.escalation_id == about.id]
        return any(clock.clock == "first_answer" and clock.state == "running" for clock in owed)
    is_cut = state.report.kind == POWER_CUT and state.report.severity == "urgent"
    if act == "confirm_fault":
        return is_cut and not state.faults
    if act == "answer" and is_cut:
        return bool(state.faults) and state.active_fault is None
    return act != "escalate" or (state.verdict is not None and state.verdict.ministry_body is not None)


def _actors(state: IssueState, about: Escalation | None) -> tuple[Actor, ...]:
    """Return the actors who could take a step: the commune's people, or those of the body that leads."""
    commune = tuple(
        Actor(role, state.unit_code, state.own_body, f"simulated-{role}-{state.unit_code}")
        for role in ("commune_chair", "commune_clerk", "commune_officer")
    )
    province = state.province_code
    office = Actor("province_reviewer", province, state.office_body, f"simulated-office-{province}")
    leader = Actor("province_leader", province, f"{province}.ubnd", f"simulated-leader-{province}")
    if about is None:
        return (commune[2],)
    if about.from_body == f"{province}.ubnd":
        ministry = Actor("ministry_officer", "vn", about.lead_body, "simulated-ministry")
        return (leader, office, ministry)
    department = Actor("department_officer", province, about.lead_body, f"simulated-{about.lead_body}")
    receiver = office if about.lead_body in {state.office_body, f"{province}.ubnd"} else department
    return (*commune[:2], receiver, office)


def _sent(
    state: IssueState,
    about: Escalation | None,
    act: str,
    actor: Actor,
    day: dt.date,
    rng: random.Random,
    units: UnitTable,
) -> Sent:
    sent: Sent = {"expected_version": state.version}
    if act == "send":
        sent["document"] = _document(state, actor, day, rng, units)
    if act in {"return", "dispute", "escalate", "arbitrate"}:
        sent["reason"] = (
            "Đề nghị xem xét lại cho đúng cơ quan có thẩm quyền và tình hình thực tế tại địa phương"
        )
    if act == "return":
        sent["proposed_body"] = f"{state.province_code}.so_tai_chinh"
    if act == "arbitrate":
        sent["lead_body"] = (about.proposed_body if about else None) or f"{state.province_code}.so_khcn"
    if act == "pause":
        sent |= {"pause_reason": "waiting_commune", "reason": "Chờ xã gửi danh sách và vị trí cụ thể"}
        sent["document"] = _letter(day, rng)
    if act == "confirm_fault":
        communes = [unit.code for unit in units.communes_of(state.province_code)]
        sent["units"] = neighbours(communes, state.unit_code)
    if act == "answer":
        sent |= _answer(day, rng)
    if about is not None and _records(actor, about, act):
        sent["on_behalf_of"] = about.lead_body
    return sent


def _records(actor: Actor, about: Escalation, act: str) -> bool:
    """Return whether the province records an act of another body, which does not sign in.

    It also pauses for that body, though it might for the commune's committee; any other act it takes as itself if it may.
    """
    if actor.role not in OFFICE_ROLES or about.lead_body == actor.body:
        return False
    relations = STANDING.get(TYPE_OF_ESCALATION_ACT[cast("EscalationAct", act)], {}).get(actor.role, ())
    return act == "pause" or (bool(relations) and {"house", "records"}.issuperset(relations))


def _answer(day: dt.date, rng: random.Random) -> Sent:
    kind = rng.choices(list(ANSWERS), (6, 3, 1))[0]
    answer: Sent = {"kind": kind, "text": ANSWERS[kind]}
    if kind == "waiting_resources":
        answer["expected_on"] = (day + dt.timedelta(days=rng.randint(30, 150))).isoformat()
    # Support and guidance need no document, but may have one; every other answer needs one.
    answer["document"] = _letter(day, rng)
    return answer


def _letter(day: dt.date, rng: random.Random) -> dict[str, str]:
    return {
        "kind": "official_letter",
        "number": f"{rng.randint(100, 3000)}/CV",
        "date": day.isoformat(),
    }


def _document(
    state: IssueState, actor: Actor, day: dt.date, rng: random.Random, units: UnitTable
) -> dict[str, str]:
    by_commune = actor.unit_code == state.unit_code
    number = f"{rng.randint(1, 240):02d}/TTr-UBND"
    return {
        "kind": "proposal",
        "number": number,
        "date": day.isoformat(),
        "capacity": "tm" if by_commune or units.get(actor.unit_code).level == "province" else "direct",
    }
