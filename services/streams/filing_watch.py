"""The watch over the periods of communes: who has not confirmed shortly before the sending day, or after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from events.envelope import Envelope
from events.periods import PeriodReminded, Reminder, filing_id
from reporting.dated.calendar import local_day
from reporting.dated.sending import Sending
from reporting.dated.units import Unit
from reporting.filings.reminders import Mark, mark_on
from reporting.issues import product_envelope
from services.dated_tables import DatedTables
from services.warehouse.filing_table import FilingTable

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

_MARK = "SELECT count() AS facts, max(landed_at) AS last FROM period_events"
_REPORTING = "SELECT DISTINCT unit_code FROM rollups_monthly"
_REMINDED = "SELECT event_id FROM period_events WHERE event_id IN {events:Array(UUID)}"


class FilingWatch:
    """Checks once a day, and whenever a step of a period landed; most days no sending day is near, and nothing is read.

    A reminder goes out once: its id is derived, and what the log holds is not emitted again. Its memory only saves reads.
    """

    def __init__(self, warehouse: Warehouse, tables: DatedTables) -> None:
        self._warehouse = warehouse
        self._tables = tables
        self._nothing_due: tuple[dt.date, Any] | None = None

    def due(self, now: dt.datetime) -> list[Envelope]:
        """Return the reminders that are due at an instant and are not in the log yet.

        Raises:
            NotReady: the engine cannot be reached.
        """
        day = local_day(now)
        wanted = list(self._marks(day))
        if not wanted:
            return []
        (row,) = self._warehouse.rows(_MARK)
        seen = (day, (row["facts"], row["last"]))
        if seen == self._nothing_due:
            return []
        reporting = {row["unit_code"] for row in self._warehouse.rows(_REPORTING)}
        ids = [_id(province, sending, mark) for province, sending, mark in wanted]
        said = {row["event_id"] for row in self._warehouse.rows(_REMINDED, events=ids)}
        found = [
            event
            for (province, sending, mark), event_id in zip(wanted, ids, strict=True)
            if event_id not in said
            and (event := self._reminder(province, sending, mark, reporting, now)) is not None
        ]
        self._nothing_due = None if found else seen
        return found

    def _marks(self, day: dt.date) -> Iterator[tuple[Unit, Sending, Mark]]:
        """Yield the reminders of a day by province: those that a commune of it would get."""
        tables = self._tables
        lead = tables.thresholds.get("filing_remind", day).value
        for period in tables.periods.latest_ended(day):
            for province in tables.units.provinces():
                communes = tables.units.communes_of(province.code)
                sending = tables.sending.of("procedure_control", communes[0], period) if communes else None
                mark = None if sending is None else mark_on(day, sending, tables.calendar, lead)
                if sending is not None and mark is not None:
                    yield province, sending, mark

    def _reminder(
        self, province: Unit, sending: Sending, mark: Mark, reporting: set[str], now: dt.datetime
    ) -> Envelope | None:
        """Return the reminder of the communes that have figures and have not confirmed; None where all have."""
        tables, period = self._tables, sending.period
        codes = [one.code for one in tables.units.communes_of(province.code) if one.code in reporting]
        confirmed = {one.unit_code for one in self._filings(codes, period.key)}
        missing = tuple(code for code in codes if code not in confirmed)
        if not missing:
            return None
        said = Reminder(
            province_code=province.code,
            period=period.key,
            mark=mark,
            due_on=sending.due_on,
            unit_codes=missing,
            row_id=tables.thresholds.get("filing_remind", local_day(now)).id,
            table_version=tables.thresholds.version,
        )
        feed, event_id = f"/vn/{province.code}/watch", _id(province, sending, mark)
        subject = filing_id(province.code, period.key)
        return PeriodReminded(
            data=said, **product_envelope.envelope(feed, subject, event_id, now, recorded_at=now)
        )

    def _filings(self, codes: list[str], period: str) -> Iterator[Any]:
        if codes:
            yield from FilingTable(self._warehouse).load(filing_id(code, period) for code in codes).values()


def _id(province: Unit, sending: Sending, mark: Mark) -> UUID:
    """Return the id of a reminder: one for each province, period and mark, whichever watcher is first."""
    return uuid5(filing_id(province.code, sending.period.key), f"reminded:{mark}:{sending.due_on}")
