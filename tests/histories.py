"""Made-up histories of cases, for tests: random states, corrections of anything, and how they arrive."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from events.cases import CASE_EVENTS, CaseCorrected, CaseDates, CaseEvent, CaseRetracted, CaseState, Pause
from events.log import Position, Record
from services.consuming.step import Delivered

UNITS = ("15607", "15608", "14812")
FIELDS = ("civil", "land")
CHANNELS = ("counter", "online")
FIRST = dt.date(2026, 1, 20)


def seeded(seed: int) -> random.Random:
    """Return a source of test data that says the same thing every time."""
    return random.Random(seed)


def latest_states(history: Sequence[CaseEvent]) -> dict[str, CaseState]:
    """Return the latest state of each case by its key; a case that was retracted counts nowhere."""
    latest = {event.subject: event for event in sorted(history, key=lambda e: e.data.seq)}
    return {key: event.data for key, event in latest.items() if not isinstance(event, CaseRetracted)}


def case_key(number: int) -> str:
    """Return the key of the case of that number."""
    return hashlib.sha256(str(number).encode()).hexdigest()


def state(seq: int, previous: CaseDates | None = None, **dates: Any) -> CaseState:
    """Build a state from what matters to a test."""
    unit = dates.setdefault("unit_code", UNITS[0])
    dates.setdefault("field_code", FIELDS[0])
    dates.setdefault("channel", CHANNELS[0])
    dates.setdefault("submitted_on", dates.get("received_on") or FIRST)
    return CaseState(**dates, key_id="k1", seq=seq, status_code=2, received_unit_code=unit, previous=previous)


def case_event(
    case: CaseState, key: str, *, number: int = 0, cls: type[CaseEvent] = CaseCorrected
) -> CaseEvent:
    """Wrap a state; the id follows from case, seq and number, so that building it twice gives one event."""
    at = dt.datetime(2026, 3, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=case.seq % 1000)
    digest = hashlib.sha256(f"{key}|{case.seq}|{number}".encode()).digest()
    make: Any = cls
    made: CaseEvent = make(
        id=UUID(bytes=digest[:16], version=4),
        source=f"/vn/38/{case.unit_code}",
        subject=key,
        time=at,
        recorded_at=at,
        partition_key=case.unit_code,
        data=case,
    )
    return made


def dates_of(case: CaseState) -> CaseDates:
    """Return what `previous` says about a state."""
    return CaseDates(**{name: getattr(case, name) for name in CaseDates.model_fields})


def random_dates(r: random.Random) -> dict[str, Any]:
    """Return the dates of some valid state: any of them, near the turn of two months, now and then years back."""
    base = FIRST if r.random() < 0.9 else FIRST - dt.timedelta(days=365 * r.randint(1, 6))

    def day(after: dt.date = base, span: int = 25) -> dt.date:
        return after + dt.timedelta(days=r.randrange(span))

    made: dict[str, Any] = {
        "unit_code": r.choice(UNITS),
        "field_code": r.choice(FIELDS),
        "channel": r.choice(CHANNELS),
        "submitted_on": day(),
    }
    shape = r.random()
    if shape < 0.1:
        return made
    if shape < 0.2:
        return made | {"refused_on": day()}
    received = day()
    made["received_on"] = received
    if r.random() < 0.85:
        made["due_on"] = day(received - dt.timedelta(days=2))
    pauses = []
    for _ in range(r.choice((0, 0, 0, 1, 2, 3))):
        start = day(received - dt.timedelta(days=3))
        end = None if r.random() < 0.3 else day(start, 8)
        pauses.append(Pause(reason=r.choice(("supplement", "fee")), from_on=start, to_on=end))
    made["pauses"] = tuple(pauses)
    if r.random() < 0.6:
        made["closed_on"] = day(received)
        made["close_kind"] = r.choice(("finished", "finished", "finished", "withdrawn", "stopped"))
        if r.random() < 0.5:
            made["returned_on"] = day(made["closed_on"])
    return made


def random_history(r: random.Random, cases: int = 4, steps: int = 5) -> list[CaseEvent]:
    """Return events of several cases; each names by `previous` the state before it, wherever it moved."""
    made: list[CaseEvent] = []
    for number in range(cases):
        before: CaseState | None = None
        seq = r.randint(1, 5)
        for _ in range(r.randint(1, steps)):
            after = state(seq, None if before is None else dates_of(before), **random_dates(r))
            made.append(case_event(after, case_key(number), cls=r.choice(CASE_EVENTS)))
            before = after
            seq += r.randint(1, 3)
    return made


def arrivals(r: random.Random, history: Sequence[CaseEvent]) -> list[list[Delivered]]:
    """Put a history into a log that holds some events twice, and deliver it in any order, some of it again.

    The log holds every event at least once; a record may be delivered several times, in batches of any size.
    """
    logged = list(history) + [event for event in history if r.random() < 0.3]
    r.shuffle(logged)
    ends: dict[int, itertools.count[int]] = {}
    delivered = []
    for event in logged:
        partition = r.randrange(2)
        offset = next(ends.setdefault(partition, itertools.count()))
        record = Record(Position("cases", partition, offset), event.partition_key, b"", {}, event.recorded_at)
        delivered.append(Delivered(record, event))
    delivered += [a for a in delivered if r.random() < 0.3]
    r.shuffle(delivered)
    batches = []
    while delivered:
        size = r.randint(1, len(delivered))
        batches.append(delivered[:size])
        delivered = delivered[size:]
    return batches


randoms = st.integers(0, 2**48).map(seeded)
"""A seed of everything random in a test; a failing one is a number to try again."""
