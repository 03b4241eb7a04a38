"""The filing of one commune for one period: folded from events. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from events.envelope import Envelope
from events.periods import (
    Confirmation,
    PeriodAccepted,
    PeriodClosed,
    PeriodConfirmed,
    PeriodEvent,
    PeriodReminded,
    PeriodReopenAsked,
    PeriodReopened,
    PeriodWishWithdrawn,
    filing_id,
)
from reporting.dated.calendar import local_day

FilingState = Literal["confirmed", "accepted", "closed", "reopen_asked", "reopened"]
Refusal = Literal[
    "actor_not_entitled",
    "not_over",
    "not_in_turn",
    "other_figures",
    "same_person",
    "other_person",
    "other_subject",
    "no_reason",
]

ROLES: dict[str, frozenset[str]] = {
    "period.confirmed": frozenset({"commune_chair"}),
    "period.accepted": frozenset({"province_reviewer", "province_leader"}),
    "period.closed": frozenset({"province_leader"}),
    "period.reopen_asked": frozenset({"commune_chair", "province_reviewer", "province_leader"}),
    "period.reopened": frozenset({"province_leader"}),
    "period.wish_withdrawn": frozenset({"commune_chair", "province_reviewer", "province_leader"}),
    "period.reminded": frozenset({"system"}),
    "period.summed": frozenset({"province_reviewer", "province_leader"}),
    "period.sum_closed": frozenset({"province_leader"}),
    "period.sum_reminded": frozenset({"system"}),
}
"""Type of event → the roles that may say it: of the commune itself, of the province in which it lies, or the product."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a filing: what was done, when, by whom, and where it needs one why; `person` is a pseudonym."""

    event_id: UUID
    type: str
    at: dt.datetime
    role: str
    unit_code: str
    person: UUID
    reason_code: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """The figures of one confirmation; they never change."""

    id: UUID
    at: dt.datetime
    figures: Confirmation


@dataclass(frozen=True, slots=True)
class Filing:
    """What one commune filed for one period.

    Attributes:
        confirmed: the confirmation that holds.
        closed: every confirmation with which the period was closed, the last one last.
        asked: the step that asks to open it again, while nobody has opened it.
    """

    id: UUID
    unit_code: str
    period: str
    state: FilingState
    confirmed: Filed
    steps: tuple[Step, ...]
    closed: tuple[Filed, ...] = ()
    asked: Step | None = None

    @property
    def filed(self) -> Filed | None:
        """Return the figures as filed: those with which the period was closed last; None before that."""
        return self.closed[-1] if self.closed else None

    @property
    def corrected_for(self) -> str:
        """Return why what was filed last is a correction: the reason of the wish that opened it; empty the first time."""
        if len(self.closed) <= 1:
            return ""
        last = max(at for at, step in enumerate(self.steps) if step.type == "period.closed")
        return [one.reason_code for one in self.steps[:last] if one.type == "period.reopen_asked"][-1]

    @property
    def first_confirmed_at(self) -> dt.datetime:
        """Return when the commune confirmed for the first time: timeliness goes by it."""
        return self.steps[0].at


def fold(filing: Filing | None, event: Envelope) -> tuple[Filing | None, Refusal | None]:
    """Apply one event; return the filing, and the reason where the event is refused."""
    if not isinstance(event, PeriodEvent) or event.type not in STEPS:
        return filing, "other_subject"
    refused = _refused(event) if not isinstance(event, PeriodReminded) else _refused_reminder(event)
    if refused is not None:
        return filing, refused
    if filing is None and not isinstance(event, PeriodConfirmed | PeriodReminded):
        return None, "not_in_turn"
    return STEPS[event.type](filing, event)


def fold_all(events: Iterable[Envelope]) -> list[Filing]:
    """Fold the events of many filings, in the order of the log, each event once."""
    filings: dict[str, Filing | None] = {}
    known: set[UUID] = set()
    for event in events:
        if event.id not in known:
            known.add(event.id)
            filings[event.subject] = fold(filings.get(event.subject), event)[0]
    return [filing for filing in filings.values() if filing is not None]


def _refused(event: Any) -> Refusal | None:
    """Check what holds for every event: whose filing it is, and who speaks."""
    said = event.data
    if event.subject != str(filing_id(said.unit_code, said.period)):
        return "other_subject"
    place: list[str] = [*event.source.split("/"), "", ""]
    province, unit_code = place[2], place[3]
    own = said.unit_code if event.actor_role == "commune_chair" else province
    if event.actor_role not in ROLES[event.type] or unit_code != said.unit_code or event.actor_unit != own:
        return "actor_not_entitled"
    return None


def _refused_reminder(event: PeriodReminded) -> Refusal | None:
    if event.subject != str(filing_id(event.data.province_code, event.data.period)):
        return "other_subject"
    return None if event.actor_role in ROLES[event.type] else "actor_not_entitled"


def step_of(event: Any) -> Step:
    """Return the step that an event is."""
    return Step(
        event.id,
        event.type,
        event.recorded_at,
        event.actor_role,
        event.actor_unit,
        event.data.person,
        getattr(event.data, "reason_code", None) or "",
    )


def _confirm(filing: Filing | None, event: PeriodConfirmed) -> tuple[Filing | None, Refusal | None]:
    said = event.data
    if local_day(event.recorded_at) <= said.last_on:
        return filing, "not_over"
    confirmed = Filed(event.id, event.recorded_at, said)
    if filing is None:
        first = Filing(
            UUID(event.subject), said.unit_code, said.period, "confirmed", confirmed, (step_of(event),)
        )
        return first, None
    if filing.state not in {"confirmed", "reopened"}:
        return filing, "not_in_turn"
    return replace(_taken(filing, event, "confirmed"), confirmed=confirmed), None


def _accept(filing: Filing, event: PeriodAccepted) -> tuple[Filing, Refusal | None]:
    if filing.state != "confirmed":
        return filing, "not_in_turn"
    if event.data.confirmed_id != filing.confirmed.id:
        return filing, "other_figures"
    return _taken(filing, event, "accepted"), None


def _close(filing: Filing, event: PeriodClosed) -> tuple[Filing, Refusal | None]:
    if filing.state != "accepted":
        return filing, "not_in_turn"
    if event.data.confirmed_id != filing.confirmed.id:
        return filing, "other_figures"
    return replace(_taken(filing, event, "closed"), closed=(*filing.closed, filing.confirmed)), None


def _ask_to_reopen(filing: Filing, event: PeriodReopenAsked) -> tuple[Filing, Refusal | None]:
    if filing.state != "closed":
        return filing, "not_in_turn"
    return replace(_taken(filing, event, "reopen_asked"), asked=step_of(event)), None


def _reopen(filing: Filing, event: PeriodReopened) -> tuple[Filing, Refusal | None]:
    asked = filing.asked
    if asked is None or asked.event_id != event.data.asked_id:
        return filing, "not_in_turn"
    if asked.person == event.data.person:
        return filing, "same_person"
    return replace(_taken(filing, event, "reopened"), asked=None), None


def _withdraw(filing: Filing, event: PeriodWishWithdrawn) -> tuple[Filing, Refusal | None]:
    asked = filing.asked
    if asked is None or asked.event_id != event.data.asked_id:
        return filing, "not_in_turn"
    if asked.person != event.data.person:
        return filing, "other_person"
    return replace(_taken(filing, event, "closed"), asked=None), None


def _remind(filing: Filing | None, _event: PeriodReminded) -> tuple[Filing | None, Refusal | None]:
    """Leave the filing as it is: a reminder is read by whoever is reminded."""
    return filing, None


def _taken(filing: Filing, event: Any, state: FilingState) -> Filing:
    return replace(filing, state=state, steps=(*filing.steps, step_of(event)))


STEPS: dict[str, Callable[[Any, Any], tuple[Filing | None, Refusal | None]]] = {
    "period.confirmed": _confirm,
    "period.accepted": _accept,
    "period.closed": _close,
    "period.reopen_asked": _ask_to_reopen,
    "period.reopened": _reopen,
    "period.wish_withdrawn": _withdraw,
    "period.reminded": _remind,
}
"""Type of event → the step that folds it into the filing."""
