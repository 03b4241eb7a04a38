"""The course of an issue for readers: hours by holder, corrections, signals, faults."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from uuid import UUID

from reporting.dated.calendar import local_day
from reporting.issues.corrections import corrections_of
from reporting.issues.ledger import hours_by_holder
from reporting.issues.state import IssueState
from services.web.issues.schemas import (
    CorrectionView,
    ExplanationView,
    FaultView,
    HeldHours,
    SignalView,
    SuppressionView,
)
from services.web.shell.parts import ViewParts
from services.web.shell.schemas import Named

Label = Callable[..., str]
"""Returns the label `group.value` in the reader's language, with its placeholders filled."""

_HOUR = dt.timedelta(hours=1)


def explanation_shown(
    state: IssueState, name_of: Callable[[str | None], str | None]
) -> ExplanationView | None:
    """Show why an issue lies where it lies; nothing before it was assessed."""
    verdict = state.verdict
    if verdict is None:
        return None
    return ExplanationView(
        vi=verdict.explanation_vi,
        en=verdict.explanation_en,
        beyond_commune=verdict.beyond_commune,
        lead_body=verdict.lead_body,
        lead_name=name_of(verdict.lead_body),
        other_bodies=[Named(id=body, name=name_of(body)) for body in verdict.other_bodies],
        ministry_body=verdict.ministry_body,
        ministry_name=name_of(verdict.ministry_body),
        basis=verdict.basis,
        confidence=verdict.confidence,
        approved_by=verdict.approved_by,
        row_id=verdict.row_id,
        table_version=verdict.table_version,
        finding=verdict.finding,
        response_days=verdict.response_days,
        days_kind=verdict.days_kind,
        deadline_source=verdict.deadline_source,
    )


def ledger_shown(
    state: IssueState, parts: ViewParts, now: dt.datetime, name_of: Callable[[str | None], str | None]
) -> list[HeldHours]:
    """Return the office hours of an issue by holder."""
    return [
        HeldHours(
            body=held.body,
            name=name_of(held.body),
            running_hours=round(held.running / _HOUR, 1),
            paused_hours=round(held.paused / _HOUR, 1),
        )
        for held in hours_by_holder(state, now, parts.tables.working_time)
    ]


def corrections_shown(
    state: IssueState, parts: ViewParts, now: dt.datetime, events: Mapping[UUID, str], label: Label
) -> list[CorrectionView]:
    """Return the corrected instants of an issue; `events` maps the id of each act to its event."""
    days = parts.tables.thresholds.get("device_clock_off", local_day(now)).value
    return [
        CorrectionView(
            kind=one.kind,
            label=label("correction", one.kind),
            event_id=one.act_id,
            event_label=events[one.act_id],
            said_at=one.said_at,
            counted_at=one.counted_at,
        )
        for one in corrections_of(state, dt.timedelta(days=days))
    ]


def signals_shown(state: IssueState, label: Label) -> list[SignalView]:
    """Return the thresholds that an issue reached, each in a sentence with both numbers."""
    return [
        SignalView(
            trigger=one.said.trigger,
            label=label(
                "signal",
                one.said.trigger,
                measured=one.said.measured_count,
                threshold=one.said.threshold_count,
            ),
            unit_code=one.said.unit_code,
            measured_count=one.said.measured_count,
            threshold_count=one.said.threshold_count,
            measure=one.said.measure,
            at=one.at,
        )
        for one in state.signals
    ]


def fault_shown(state: IssueState, parts: ViewParts) -> FaultView | None:
    """Return the fault that lasts, where the issue was confirmed to be one."""
    fault = state.active_fault
    if fault is None:
        return None
    return FaultView(
        id=fault.id,
        unit_codes=list(fault.unit_codes),
        unit_names=[parts.tables.units.get(code).full_name for code in fault.unit_codes],
        began_at=fault.began_at,
        confirmed_at=fault.confirmed_at,
    )


def suppressions_shown(state: IssueState, kind_label: Callable[[str], str]) -> list[SuppressionView]:
    """Return the faults elsewhere that an issue waits for; `kind_label` names a kind."""
    return [
        SuppressionView(
            fault_issue_id=one.fault_issue_id,
            kind=one.fault_kind,
            kind_label=kind_label(one.fault_kind),
            since=one.since,
        )
        for one in state.suppressions
    ]
