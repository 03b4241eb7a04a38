"""Each type of event is allowed to somebody, read by something and emitted somewhere; if not, the next file is named."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import pytest

from events.cases import CaseEvent
from events.clocks import ClockEvent
from events.envelope import Envelope
from events.escalations import EscalationEvent
from events.faults import FaultEvent
from events.issues import IssueEvent
from events.lessons import LessonEvent
from events.periods import PeriodEvent
from events.problems import ProblemEvent
from events.promises import PromiseEvent
from events.registry import ALL_EVENTS, EVENT_TYPES
from events.signals import SignalEvent
from events.sources import SourceEvent
from reporting.event_readers import KEPT_ONLY, LATEST, reader_of, type_of
from reporting.filings import register as filings
from reporting.issues import fold as issues
from reporting.issues.permissions import STANDING
from reporting.lessons import register as lessons
from reporting.problems import fold as problems
from reporting.promises import register
from tests.architecture.emitted import ROOT, makers, values_in

_OF_ISSUES = "`STANDING` in reporting/issues/permissions.py"
PERMISSIONS: Mapping[str, tuple[Mapping[str, object], str]] = {
    **dict.fromkeys(("issue", "escalation", "clock", "fault", "signal"), (STANDING, _OF_ISSUES)),
    "problem": (problems.ROLES, "`ROLES` in reporting/problems/fold.py"),
    "promise": (register.ROLES, "`ROLES` in reporting/promises/register.py"),
    "lesson": (lessons.ROLES, "`ROLES` in reporting/lessons/register.py"),
    "period": (filings.ROLES, "`ROLES` in reporting/filings/register.py"),
}
READERS = {
    "issue": "`_ISSUE_STEPS` in reporting/issues/fold.py (or `_STEPS` in reporting/issues/joining.py)",
    "signal": "`_ISSUE_STEPS` in reporting/issues/fold.py",
    "escalation": "`_STEPS` in reporting/issues/escalations.py",
    "clock": "`_STEPS` in reporting/issues/clocks.py",
    "fault": "`_STEPS` in reporting/issues/faults.py",
    "problem": "`STEPS` in reporting/problems/fold.py",
    "promise": "`STEPS` in reporting/promises/register.py",
    "lesson": "`STEPS` in reporting/lessons/register.py",
    "period": "`STEPS` in reporting/filings/register.py",
    "source": "`source_state_rows` in services/streams/event_rows.py and `LATEST` in reporting/event_readers.py",
}
_OF_PEOPLE = "services/acting/contents.py (an act of a person)"
_OF_PRODUCT = "reporting/issues/follow_ups.py (it follows) or services/streams/watch.py (time brings it)"
EMITTERS = {
    "case": "`_BY_STATUS` or `_told_by` in reporting/cases/advance.py",
    **dict.fromkeys(("issue", "escalation", "clock", "fault"), f"{_OF_PEOPLE}, {_OF_PRODUCT}"),
    "signal": "services/streams/signal_watch.py",
    "problem": "services/acting/problem_acts.py (an act) or reporting/problems/owed.py (an issue owes it)",
    "promise": "services/acting/promise_acts.py (an act) or services/streams/promise_watch.py (time brings it)",
    "lesson": "services/acting/lesson_acts.py (an act of a person)",
    "period": "services/acting/filing_acts.py (an act of a person)",
    "source": "services/intake/heartbeats.py or services/streams/watch.py",
}
# Who may propose depends on the trigger: `PROPOSING` beside STANDING.
BY_TRIGGER = "escalation.proposed"


@cache
def emitted_in() -> Mapping[str, list[str]]:
    return makers()


def next_step(cls: type[Envelope]) -> str | None:
    """Name the next file of the recipe in docs/where-things-go.md; None where nothing is missing."""
    event_type = type_of(cls)
    family = event_type.partition(".")[0]
    allowed, where = PERMISSIONS.get(family, ({event_type: None}, ""))
    if event_type not in allowed and event_type != BY_TRIGGER:
        return f"{event_type}: nobody may emit it; next: {where}"
    if reader_of(cls) is None and event_type not in KEPT_ONLY:
        return f"{event_type}: nothing reads it; next: {READERS[family]}"
    if cls.__name__ not in emitted_in():
        return f"{event_type}: nothing emits it; next: {EMITTERS[family]}"
    return None


def test_no_type_of_event_lacks_a_step_of_its_recipe() -> None:
    assert [step for cls in ALL_EVENTS if (step := next_step(cls)) is not None] == []


class CaseForgotten(CaseEvent):
    type: Literal["case.forgotten"] = "case.forgotten"


class IssueForgotten(IssueEvent):
    type: Literal["issue.forgotten"] = "issue.forgotten"


class EscalationForgotten(EscalationEvent):
    type: Literal["escalation.forgotten"] = "escalation.forgotten"


class ClockForgotten(ClockEvent):
    type: Literal["clock.forgotten"] = "clock.forgotten"


class FaultForgotten(FaultEvent):
    type: Literal["fault.forgotten"] = "fault.forgotten"


class SignalForgotten(SignalEvent):
    type: Literal["signal.forgotten"] = "signal.forgotten"


class ProblemForgotten(ProblemEvent):
    type: Literal["problem.forgotten"] = "problem.forgotten"


class PromiseForgotten(PromiseEvent):
    type: Literal["promise.forgotten"] = "promise.forgotten"


class PeriodForgotten(PeriodEvent):
    type: Literal["period.forgotten"] = "period.forgotten"


class LessonForgotten(LessonEvent):
    type: Literal["lesson.forgotten"] = "lesson.forgotten"


class SourceForgotten(SourceEvent):
    type: Literal["source.forgotten"] = "source.forgotten"


def _do_nothing(*_: object) -> str:
    return "illegal_transition"


@pytest.mark.parametrize(
    "cls",
    [
        IssueForgotten,
        EscalationForgotten,
        ClockForgotten,
        FaultForgotten,
        SignalForgotten,
        ProblemForgotten,
        PromiseForgotten,
        PeriodForgotten,
        LessonForgotten,
    ],
)
def test_a_new_type_is_led_from_its_permissions_to_its_fold_and_to_its_emitter(
    cls: type[Envelope], monkeypatch: pytest.MonkeyPatch
) -> None:
    event_type = type_of(cls)
    family = event_type.partition(".")[0]
    allowed, where = PERMISSIONS[family]
    steps: Any = {
        "problem": problems.STEPS,
        "promise": register.STEPS,
        "lesson": lessons.STEPS,
        "period": filings.STEPS,
    }.get(family, issues.STEPS)
    assert next_step(cls) == f"{event_type}: nobody may emit it; next: {where}"
    monkeypatch.setitem(allowed, event_type, {})
    assert next_step(cls) == f"{event_type}: nothing reads it; next: {READERS[family]}"
    monkeypatch.setitem(steps, event_type, _do_nothing)
    assert next_step(cls) == f"{event_type}: nothing emits it; next: {EMITTERS[family]}"
    monkeypatch.setitem(emitted_in(), cls.__name__, ["a module"])
    assert next_step(cls) is None


def test_a_new_event_of_a_case_is_read_by_its_state_and_wants_an_emitter() -> None:
    assert next_step(CaseForgotten) == f"case.forgotten: nothing emits it; next: {EMITTERS['case']}"


def test_a_new_event_of_a_source_wants_a_reader() -> None:
    assert next_step(SourceForgotten) == f"source.forgotten: nothing reads it; next: {READERS['source']}"


def test_the_files_that_messages_name_are_there() -> None:
    named = " ".join((*(where for _, where in PERMISSIONS.values()), *READERS.values(), *EMITTERS.values()))
    paths = {word.strip("(),") for word in named.split() if ".py" in word}
    assert paths
    assert [path for path in sorted(paths) if not (ROOT / path).is_file()] == []


def test_the_view_of_marks_is_where_it_was_made_last() -> None:
    makes = "CREATE MATERIALIZED VIEW IF NOT EXISTS case_states_to_marks"
    found = sorted((ROOT / "reporting" / "migrations").glob("*.sql"))
    last = [path for path in found if makes in path.read_text(encoding="utf-8")][-1]
    assert f"`{last.relative_to(ROOT)}`" in str(reader_of(CaseForgotten)), (
        "`_MARKS` in reporting/event_readers.py"
    )


def test_registries_name_no_type_that_the_contract_does_not_have() -> None:
    registries = (
        STANDING,
        issues.STEPS,
        problems.STEPS,
        problems.ROLES,
        register.STEPS,
        register.ROLES,
        filings.STEPS,
        filings.ROLES,
    )
    named = {event_type for registry in (*registries, LATEST, KEPT_ONLY) for event_type in registry}
    assert named - set(EVENT_TYPES) == set()


def test_a_class_that_is_only_asked_about_is_not_emitted() -> None:
    source = """
from events.cases import CaseReceived, CaseRefused

def of(event: CaseRefused, known: dict[CaseRefused, int]) -> CaseRefused | None:
    if isinstance(event, CaseRefused) or type(event) is CaseRefused:
        return {CaseRefused: None}.get(event)
    return CaseReceived
"""
    found = set(values_in(source))
    assert "CaseReceived" in found
    assert "CaseRefused" not in found


def test_the_page_of_events_is_as_the_registries_have_it() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/event_table.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, f"run `python scripts/event_table.py`:\n{done.stdout}{done.stderr}"
