"""The family `signal.*`: thresholds that an issue reached; shown to people, without a further effect."""

from __future__ import annotations

from typing import Literal

from events.envelope import Envelope
from events.fields import Count, Payload, RowId, Slug, TableVersion, UnitCode, UuidSubject

Trigger = Literal[
    "blocking",
    "blocking_overdue",
    "recurrence",
    "spread_in_province",
    "spread_over_provinces",
    "outage_office",
    "outage_leader",
    "outage_ministry",
    "emergency_recorded_late",
]


class Signal(Payload):
    """What was measured against which threshold, and for which unit."""

    trigger: Trigger
    unit_code: UnitCode
    measured_count: Count
    threshold_count: Count
    measure: Slug
    row_id: RowId
    table_version: TableVersion


class SignalEvent(Envelope):
    """An event about a signal; `subject` and partition key are the id of the issue on which it is shown."""

    subject: UuidSubject


class SignalRaised(SignalEvent):
    """A threshold was reached."""

    type: Literal["signal.raised"] = "signal.raised"
    dataschema: Literal["urn:liencap:signal.raised:1"] = "urn:liencap:signal.raised:1"
    data: Signal


SIGNAL_EVENTS: tuple[type[SignalEvent], ...] = (SignalRaised,)
