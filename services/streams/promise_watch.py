"""The watch over the register of promises: promised days that passed, closed entries due for a new measurement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid5

from events.envelope import Envelope
from events.promises import Lapse, PromiseAskedAgain, PromiseMissed, Recheck
from reporting.dated.bodies import territory_of
from reporting.dated.calendar import LOCAL, local_day
from reporting.dated.thresholds import Thresholds
from reporting.issues import product_envelope
from reporting.promises.register import Promise, Spot
from services.warehouse.promise_table import PromiseTable

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

_EVERYWHERE = "/vn"
_MARK = "SELECT count() AS facts, max(landed_at) AS last FROM promise_events"


class PromiseWatch:
    """Checks the register once a day, and whenever something was written into it.

    Its memory only saves reads: a new leader checks once more, and the entries hold the events emitted so
    far.
    """

    def __init__(self, warehouse: Warehouse, thresholds: Thresholds) -> None:
        self._warehouse = warehouse
        self._thresholds = thresholds
        self._nothing_due: tuple[dt.date, Any] | None = None

    def due(self, now: dt.datetime) -> list[Envelope]:
        """Return the events that are due at an instant and are not in the register yet.

        Raises:
            NotReady: the engine cannot be reached.
        """
        (row,) = self._warehouse.rows(_MARK)
        seen = (local_day(now), (row["facts"], row["last"]))
        if seen == self._nothing_due:
            return []
        spots = PromiseTable(self._warehouse).within(_EVERYWHERE)
        found = [event for spot in spots for event in _due(spot, self._thresholds, now)]
        self._nothing_due = None if found else seen
        return found


def _due(spot: Spot, thresholds: Thresholds, now: dt.datetime) -> Iterator[Envelope]:
    on, held, closed_on = local_day(now), spot.promise, spot.closed_on
    if held is not None and spot.is_missed_unsaid(on):
        yield _missed(spot, held, now)
    recheck = thresholds.get("promise_recheck", on)
    if closed_on is not None and spot.is_unasked(on, recheck.value):
        said = Recheck(
            closed_on=closed_on,
            recheck_days=recheck.value,
            row_id=recheck.id,
            table_version=thresholds.version,
        )
        event_id = uuid5(spot.id, f"promise.asked_again:{closed_on.isoformat()}")
        at = _start_of(closed_on + dt.timedelta(days=recheck.value))
        about = product_envelope.envelope(_feed(spot), spot.id, event_id, at, recorded_at=now)
        yield PromiseAskedAgain(data=said, **about)


def _missed(spot: Spot, held: Promise, now: dt.datetime) -> Envelope:
    said = Lapse(promise_id=held.id, promiser=held.promiser, promised_on=held.promised_on)
    at = _start_of(held.promised_on + dt.timedelta(days=1))
    event_id = uuid5(held.id, "promise.missed")
    about = product_envelope.envelope(_feed(spot), spot.id, event_id, at, recorded_at=now)
    return PromiseMissed(data=said, **about)


def _start_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, LOCAL).astimezone(dt.UTC)


def _feed(spot: Spot) -> str:
    return product_envelope.feed("watch", territory_of(spot.department), spot.unit_code)
