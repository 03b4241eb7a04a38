"""Join similar issues of several communes as the simulated provincial office, and answer all of them once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from uuid import uuid5

from reporting.issues.state import IssueState
from reporting.problems.fold import ProblemState
from services.access.actors import Actor
from services.acting.act_inputs import AnswerAllInput, JoinInput
from services.acting.inputs import OpeningInput
from services.acting.issue_acts import act_on_issue
from services.acting.problem_acts import act_on_problem, open_problem
from services.warehouse.problem_table import ProblemFilter
from services.web.shell.parts import ViewParts

# Kind, name of the problem, kind of answer, its words: causes that one body can answer for all.
CAUSES: Mapping[str, tuple[str, str, str]] = {
    "newborn_personal_id": (
        "Liên thông khai sinh: chậm trả số định danh cho trẻ mới sinh",
        "guidance",
        "Gửi lại hồ sơ ở trạng thái chờ phản hồi; quá một ngày làm việc chưa có số thì báo đầu mối Công an tỉnh",
    ),
    "land_db_not_connected": (
        "Chưa kết nối cơ sở dữ liệu đất đai với phần mềm một cửa",
        "solved",
        "Đã mở kết nối cho tài khoản của bộ phận một cửa, đề nghị kiểm tra và xác nhận",
    ),
    "equipment_lack": (
        "Thiếu máy quét, đường truyền tại Trung tâm Phục vụ hành chính công",
        "waiting_resources",
        "Đã tổng hợp nhu cầu, đưa vào kế hoạch mua sắm tập trung",
    ),
}
LEAST_COMMUNES = 2
DAYS_TO_ANSWER = 4
DAYS_TO_RESOURCES = 90


def share_causes(parts: ViewParts, province_code: str, states: Sequence[IssueState], day: dt.date) -> int:
    """Take the office's next step of each cause: open a problem, join matching issues, answer later; return how many.

    A problem takes members from the day after its opening on.

    Raises:
        LienCapError: a step was refused; no step is taken in part.
    """
    office = Actor(
        "province_reviewer", province_code, f"{province_code}.vp_ubnd", f"simulated-{province_code}"
    )
    asked = ProblemFilter(scopes=(province_code,), live_only=True)
    live = {one.kind: one for one in parts.problem_table.list(asked)}
    taken, now = 0, parts.clock()
    for kind, waiting in _waiting_by_kind(states):
        problem = live.get(kind)
        if problem is not None and problem.opened_at == now:
            continue  # opened just now, before the process died in this step
        if problem is not None:
            for state in waiting:
                sent = JoinInput(expected_version=state.version, problem=problem.id, found_by="key")
                act_on_issue(parts, office, state.id, sent, key=uuid5(state.id, f"join:{state.version}"))
                taken += 1
        elif len({state.unit_code for state in waiting}) >= LEAST_COMMUNES:
            opening = OpeningInput(kind=kind, title=CAUSES[kind][0])
            open_problem(parts, office, opening, key=uuid5(waiting[0].id, f"problem:{day}"))
            taken += 1
    for problem in live.values():
        if problem.state == "open" and problem.kind in CAUSES and _age(problem, day) >= DAYS_TO_ANSWER:
            act_on_problem(parts, office, problem.id, _answer(problem, day), key=uuid5(problem.id, "answer"))
            taken += 1
    return taken


def _waiting_by_kind(states: Sequence[IssueState]) -> Iterator[tuple[str, list[IssueState]]]:
    """Yield the issues, by kind, that wait at a body, belong to no problem and have no answer."""
    found: dict[str, list[IssueState]] = defaultdict(list)
    for state in states:
        if state.report.kind in CAUSES and state.joined is None and state.state == "received":
            found[state.report.kind].append(state)
    yield from sorted(found.items())


def _age(problem: ProblemState, day: dt.date) -> int:
    return (day - problem.opened_at.date()).days


def _answer(problem: ProblemState, day: dt.date) -> AnswerAllInput:
    _, kind, text = CAUSES[problem.kind]
    sent = {
        "expected_version": problem.version,
        "kind": kind,
        "text": text,
        "expected_on": day + dt.timedelta(days=DAYS_TO_RESOURCES) if kind == "waiting_resources" else None,
        "document": {"number": f"{day:%j}/VP-HCC", "date": day},
    }
    return AnswerAllInput.model_validate(sent)
