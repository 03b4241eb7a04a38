"""The register of villages without signal, power or a fixed line: folded from events, read on a day. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from events.envelope import Envelope
from events.fields import Document, TextRef
from events.promises import (
    Gap,
    PromiseAskedAgain,
    PromiseListed,
    PromiseMade,
    PromiseMeasured,
    PromiseMissed,
    PromiseStruck,
)
from reporting.dated.calendar import local_day
from reporting.issues.permissions import DEPARTMENT_ROLES, OFFICE_ROLES

SpotState = Literal["open", "promised", "late", "closed", "struck"]
Refusal = Literal["not_listed", "struck", "actor_not_entitled", "measured_in_future", "not_due"]
Change = Literal["made", "moved", "missed", "closed", "reopened", "asked_again"]
"""The effect of an event: a day promised, moved or missed; the entry closed, reopened or due for a check."""

_COMMUNE = frozenset({"commune_officer", "commune_chair", "commune_clerk"})
_KEEPERS = DEPARTMENT_ROLES | OFFICE_ROLES
_PRODUCT = frozenset({"system"})

ROLES: dict[str, frozenset[str]] = {
    "promise.listed": _KEEPERS,
    "promise.made": _KEEPERS,
    "promise.measured": _COMMUNE | DEPARTMENT_ROLES,
    "promise.struck": _KEEPERS,
    "promise.missed": _PRODUCT,
    "promise.asked_again": _PRODUCT,
}
"""Type of event → the roles that may say it; of people the register asks for their unit and department as well."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A promised day, and when it was recorded; `missed` once the watch has emitted that it went by."""

    id: UUID
    promiser: str
    promised_on: dt.date
    made_at: dt.datetime
    document: Document | None = None
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement on the spot, with the unit of the person who took it."""

    measured_on: dt.date
    works: bool
    by_unit: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """Effect of one event, with the department at the time it was folded; immutable input for notices."""

    event_id: UUID
    change: Change
    department: str


@dataclass(frozen=True, slots=True)
class Spot:
    """One village and its gap. Nothing here stops the time: waiting for an operator is no pause.

    Attributes:
        asked_on: the days on which the watch asked whether the closed entry still works.
    """

    id: UUID
    unit_code: str
    gap: Gap
    department: str
    village: TextRef
    household_count: int | None
    listed_at: dt.datetime
    promises: tuple[Promise, ...] = ()
    measurements: tuple[Measured, ...] = ()
    struck: bool = False
    asked_on: tuple[dt.date, ...] = ()
    turns: tuple[Turn, ...] = ()

    @property
    def promise(self) -> Promise | None:
        """Return the promise that holds: the one recorded last."""
        return self.promises[-1] if self.promises else None

    @property
    def closed_on(self) -> dt.date | None:
        """Return the day from which every measurement found the supply working; only a measurement closes."""
        since: dt.date | None = None
        for found in sorted(self.measurements, key=lambda one: one.measured_on):
            since = (since or found.measured_on) if found.works else None
        return since

    def state(self, on: dt.date) -> SpotState:
        """Return the state of the entry on a local day."""
        if self.struck:
            return "struck"
        if self.closed_on is not None:
            return "closed"
        if self.promise is None:
            return "open"
        return "late" if on > self.promise.promised_on else "promised"

    def slipped_days(self, on: dt.date) -> int:
        """Return the calendar days by which the first promise was missed, or was moved, by a local day."""
        if self.promise is None:
            return 0
        end = self.closed_on or max(on, self.promise.promised_on)
        first = self.promises[0].promised_on
        return max((end - first).days, 0) if end > first else 0

    def is_to_be_asked_again(self, on: dt.date, recheck_days: int) -> bool:
        """Return whether a closed entry is due for a check: `recheck_days` later, and not measured since."""
        closed = self.closed_on
        if closed is None or self.struck:
            return False
        again = closed + dt.timedelta(days=recheck_days)
        return on >= again and not any(one.measured_on >= again for one in self.measurements)

    def is_missed_unsaid(self, on: dt.date) -> bool:
        """Return whether the promised day went by and no `promise.missed` was emitted yet."""
        return self.promise is not None and not self.promise.missed and self.state(on) == "late"

    def is_unasked(self, on: dt.date, recheck_days: int) -> bool:
        """Return whether a check is due and no `promise.asked_again` was emitted since the closing."""
        closed = self.closed_on
        if closed is None or not self.is_to_be_asked_again(on, recheck_days):
            return False
        return not any(day >= closed for day in self.asked_on)

    def turn_of(self, event_id: UUID) -> Turn | None:
        """Return the effect of an event; None where it had none or was refused."""
        return next((turn for turn in self.turns if turn.event_id == event_id), None)


def fold(spot: Spot | None, event: Envelope) -> tuple[Spot | None, Refusal | None]:
    """Apply one event; return the entry, and the reason where the event is refused.

    A promise equal to the one that holds, and a listing equal to the entry, change nothing.
    """
    if isinstance(event, PromiseListed):
        return _list(spot, event)
    if spot is None or spot.struck:
        return spot, "not_listed" if spot is None else "struck"
    if event.actor_role not in ROLES[event.type]:
        return spot, "actor_not_entitled"
    return STEPS[event.type](spot, event)


def fold_all(events: Iterable[Envelope]) -> list[Spot]:
    """Fold the events of many spots, in the order of the log, each event once; another type is another event."""
    spots: dict[str, Spot | None] = {}
    known: set[tuple[UUID, str]] = set()
    for event in events:
        if (event.id, event.type) not in known:
            known.add((event.id, event.type))
            spots[event.subject] = fold(spots.get(event.subject), event)[0]
    return [spot for spot in spots.values() if spot is not None]


def _list(spot: Spot | None, event: PromiseListed) -> tuple[Spot | None, Refusal | None]:
    said = event.data
    if not _keeps(event, said.department, said.unit_code):
        return spot, "actor_not_entitled"
    listed = Spot(
        id=UUID(event.subject),
        unit_code=said.unit_code,
        gap=said.gap,
        department=said.department,
        village=said.village,
        household_count=said.household_count,
        listed_at=event.recorded_at,
    )
    if spot is None:
        return listed, None
    # Listed again: promises and measurements stay, the entry is corrected, and a mistaken strike is undone.
    return replace(
        listed,
        listed_at=spot.listed_at,
        promises=spot.promises,
        measurements=spot.measurements,
        asked_on=spot.asked_on,
        turns=spot.turns,
    ), None


def _promise(spot: Spot, event: PromiseMade) -> Spot:
    said, held = event.data, spot.promise
    if held and (held.promiser, held.promised_on) == (said.promiser, said.promised_on):
        return spot
    made = Promise(event.id, said.promiser, said.promised_on, event.recorded_at, said.document)
    return _turned(replace(spot, promises=(*spot.promises, made)), event, "moved" if held else "made")


def _keep(spot: Spot, event: Envelope) -> tuple[Spot, Refusal | None]:
    """Apply an event that only the keeper of the register may cause."""
    if not _keeps(event, spot.department, spot.unit_code):
        return spot, "actor_not_entitled"
    if isinstance(event, PromiseMade):
        return _promise(spot, event), None
    return (replace(spot, struck=True) if isinstance(event, PromiseStruck) else spot), None


def _measure(spot: Spot, event: PromiseMeasured) -> tuple[Spot, Refusal | None]:
    of_commune = event.actor_role in _COMMUNE and event.actor_unit == spot.unit_code
    of_department = event.actor_role in DEPARTMENT_ROLES and event.actor_body == spot.department
    if not of_commune and not of_department:
        return spot, "actor_not_entitled"
    if event.data.measured_on > local_day(event.recorded_at):
        return spot, "measured_in_future"
    found = Measured(
        event.data.measured_on, event.data.works, event.actor_unit or spot.unit_code, event.recorded_at
    )
    now = replace(spot, measurements=(*spot.measurements, found))
    if (now.closed_on is None) == (spot.closed_on is None):
        return now, None
    return _turned(now, event, "reopened" if now.closed_on is None else "closed"), None


def _by_time(spot: Spot, event: PromiseMissed | PromiseAskedAgain) -> tuple[Spot, Refusal | None]:
    """Apply an event of the watch; a measurement or promise made meanwhile voids it."""
    if isinstance(event, PromiseAskedAgain):
        if spot.closed_on != event.data.closed_on:
            return spot, "not_due"
        asked = replace(spot, asked_on=(*spot.asked_on, local_day(event.recorded_at)))
        return _turned(asked, event, "asked_again"), None
    held = spot.promise
    if held is None or held.id != event.data.promise_id or held.missed or spot.closed_on is not None:
        return spot, "not_due"
    missed = replace(spot, promises=(*spot.promises[:-1], replace(held, missed=True)))
    return _turned(missed, event, "missed"), None


def _turned(spot: Spot, event: Envelope, change: Change) -> Spot:
    return replace(spot, turns=(*spot.turns, Turn(event.id, change, spot.department)))


def _keeps(event: Envelope, department: str, unit_code: str) -> bool:
    """Return whether the actor keeps this register: the department, or the provincial office for it."""
    province = department.partition(".")[0]
    if event.source.split("/")[2:4] != [province, unit_code]:
        return False
    if event.actor_role in DEPARTMENT_ROLES:
        return event.actor_body == department
    return (
        event.actor_role in OFFICE_ROLES and event.actor_unit == province and event.on_behalf_of == department
    )


STEPS: dict[str, Callable[[Spot, Any], tuple[Spot | None, Refusal | None]]] = {
    "promise.listed": _list,
    "promise.made": _keep,
    "promise.struck": _keep,
    "promise.measured": _measure,
    "promise.missed": _by_time,
    "promise.asked_again": _by_time,
}
"""Type of event → the step that folds it into the register."""
