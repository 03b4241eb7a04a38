"""The simulated ministry makes one problem of what many provinces ask of it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from uuid import uuid5

from reporting.dated.calendar import local_day
from reporting.issues.state import IssueState
from services.access.actors import Actor
from services.acting.act_inputs import JoinInput
from services.acting.inputs import OpeningInput
from services.acting.issue_acts import act_on_issue
from services.acting.problem_acts import open_problem
from services.consuming.progress import settle
from services.simulate.province import SETTLE_SECONDS
from services.warehouse.problem_table import ProblemFilter

if TYPE_CHECKING:
    from services.boot.system import System

MINISTRY = "bo_khcn"
TITLES = {
    "mobile_dead_spot": "Vùng lõm sóng di động ở xã miền núi, hải đảo của nhiều tỉnh",
    "no_fixed_internet": "Thôn, bản chưa có Internet cố định ở nhiều tỉnh",
}
MOST = 10_000


def share_nationally(system: System) -> None:
    """Open a problem for each kind that enough provinces petition for, and join what they ask; then wait for the streams.

    Raises:
        LienCapError: a step was refused.
    """
    parts = system.parts
    officer = Actor("ministry_officer", "vn", MINISTRY, f"simulated-{MINISTRY}")
    many = parts.tables.thresholds.get("spread_provinces", local_day(parts.clock())).value
    live = {one.kind: one for one in parts.problem_table.list(ProblemFilter(scopes=("vn",), live_only=True))}
    for kind, asked in _petitioned(system).items():
        if len({state.province_code for state in asked}) < many:
            continue
        problem = live.get(kind)
        if problem is None:
            opening = OpeningInput(kind=kind, title=TITLES[kind])
            opened = open_problem(parts, officer, opening, key=uuid5(asked[0].id, "national problem"))
            problem_id = opened.problem_id
            _settle(system)
        else:
            problem_id = problem.id
        for state in asked:
            sent = JoinInput(expected_version=state.version, problem=problem_id, found_by="key")
            act_on_issue(parts, officer, state.id, sent, key=uuid5(state.id, f"national:{state.version}"))
    _settle(system)


def _petitioned(system: System) -> dict[str, list[IssueState]]:
    """Return, by kind, the open issues that wait at the ministry and belong to no problem."""
    found: dict[str, list[IssueState]] = defaultdict(list)
    waiting = system.parts.issue_table.list(bodies=(MINISTRY,), open_only=True, limit=MOST)
    for state in sorted(waiting, key=lambda state: state.id):
        asked = any(one.lead_body == MINISTRY and one.was_sent for one in state.escalations)
        if asked and state.report.kind in TITLES and state.joined is None and state.is_open:
            found[state.report.kind].append(state)
    return found


def _settle(system: System) -> None:
    system.parts.relay.publish_all()
    settle(system.runtime, SETTLE_SECONDS)
