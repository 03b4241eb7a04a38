"""Who acts in the kept week, and how: through the product's own doors, each act settled before the next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from services.access.actors import Actor
from services.acting.act_inputs import ESCALATION_INPUTS, ISSUE_INPUTS, PROBLEM_INPUTS
from services.acting.inputs import OpeningInput
from services.acting.issue_acts import act_on_escalation, act_on_issue
from services.acting.problem_acts import act_on_problem, open_problem
from services.boot.system import System
from services.consuming.progress import settle
from services.intake.issue_input import IssueInput
from services.simulate.province import SimulatedClock
from services.web.shell.parts import Parts

NAMES = UUID("b5a0c8f6-94c1-4b51-8f5e-0d6f4445810a")
PROVINCE = "38"
OUTSIDE = frozenset({"third_vice_chair"})
"""Kinds of these stories that take no text."""
A_LITTLE = dt.timedelta(seconds=20)
SETTLE_SECONDS = 120.0

OFFICE = Actor("province_reviewer", PROVINCE, "38.vp_ubnd", "kept-office")
LEADER = Actor("province_leader", PROVINCE, "38.ubnd", "kept-leader")
SCIENCE = Actor("department_officer", PROVINCE, "38.so_khcn", "kept-science")
TRADE = Actor("department_officer", PROVINCE, "38.so_cong_thuong", "kept-trade")
MINISTRY = Actor("ministry_officer", "vn", "bo_khcn", "kept-ministry")


def officer(unit_code: str) -> Actor:
    """Name an officer of a commune."""
    return Actor("commune_officer", unit_code, f"{unit_code}.ubnd", f"kept-officer-{unit_code}")


def chair(unit_code: str) -> Actor:
    """Name the chair of a commune."""
    return Actor("commune_chair", unit_code, f"{unit_code}.ubnd", f"kept-chair-{unit_code}")


def clerk(unit_code: str) -> Actor:
    """Name the clerk of a commune."""
    return Actor("commune_clerk", unit_code, f"{unit_code}.ubnd", f"kept-clerk-{unit_code}")


def named(name: str) -> UUID:
    """Return the id of an issue by its name in the week's stories."""
    return uuid5(NAMES, name)


@dataclass(slots=True)
class Cast:
    """Those who act, on a system whose clock they move."""

    system: System
    parts: Parts
    clock: SimulatedClock

    def settle(self) -> None:
        """Publish what was recorded and wait until everything has followed from it."""
        self.parts.relay.publish_all()
        assert settle(self.system.runtime, SETTLE_SECONDS), self.system.runtime.health()

    def report(self, name: str, unit_code: str, kind: str, by: Actor | None = None, **more: Any) -> None:
        """Report a difficulty."""
        self.clock.now += A_LITTLE
        words = (
            {}
            if kind in OUTSIDE
            else {"content": "Xã không tự giải quyết được", "request": "Đề nghị xem xét"}
        )
        said = {
            "id": str(named(name)),
            "kind": kind,
            "severity": "high",
            "people_affected": 120,
            **words,
            **more,
        }
        body = IssueInput.model_validate(said)
        self.parts.intake.report_issue(unit_code, body, actor=by or officer(unit_code), now=self.clock.now)
        self.settle()

    def act(self, name: str, by: Actor, act: str, *, index: int = -1, **sent: Any) -> None:
        """Take a step on an issue, or on one of its hand-offs: the latest, unless `index` says which."""
        self.clock.now += A_LITTLE
        state = self.parts.issue_table.get(named(name))
        assert state is not None, name
        given = {"expected_version": state.version, **sent}
        key = uuid5(state.id, f"{act}:{state.version}")
        if act in ISSUE_INPUTS:
            act_on_issue(self.parts, by, state.id, ISSUE_INPUTS[act].model_validate(given), key=key)
        else:
            about = state.escalations[index].id
            step = ESCALATION_INPUTS[act].model_validate(given)
            act_on_escalation(self.parts, by, about, step, key=key)
        self.settle()

    def open(self, name: str, kind: str, title: str) -> UUID:
        """Let the provincial office open a problem."""
        self.clock.now += A_LITTLE
        opening = OpeningInput(kind=kind, title=title)
        opened = open_problem(self.parts, OFFICE, opening, key=uuid5(NAMES, name))
        self.settle()
        return opened.problem_id

    def act_on_problem(self, problem_id: UUID, act: str, **sent: Any) -> None:
        """Let the provincial office take a step on a problem."""
        self.clock.now += A_LITTLE
        state = self.parts.problem_table.get(problem_id)
        assert state is not None
        given = PROBLEM_INPUTS[act].model_validate({"expected_version": state.version, **sent})
        key = uuid5(problem_id, f"{act}:{state.version}")
        act_on_problem(self.parts, OFFICE, problem_id, given, key=key)
        self.settle()

    def lead_of(self, name: str) -> Actor:
        """Name an officer of the body that leads the latest hand-off of an issue."""
        state = self.parts.issue_table.get(named(name))
        assert state is not None, name
        body = state.escalations[-1].lead_body
        return Actor("department_officer", PROVINCE, body, f"kept-{body}")
