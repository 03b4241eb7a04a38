"""The watch over periods: which communes have not confirmed, and which provinces not closed their sum, near the sending day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from events.envelope import Envelope
from events.periods import PeriodReminded, PeriodSumReminded, Reminder, SumReminder, filing_id
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


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A reminder that is due: of the communes of a province, or of the province's own sum."""

    province: Unit
    sending: Sending
    mark: Mark
    of_sum: bool

    @property
    def id(self) -> UUID:
        """Return the id of the reminder: one for each province, period and mark, whichever watcher is first."""
        what = "sum_reminded" if self.of_sum else "reminded"
        subject = filing_id(self.province.code, self.sending.period.key)
        return uuid5(subject, f"{what}:{self.mark}:{self.sending.due_on}")


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
        ids = [one.id for one in wanted]
        said = {row["event_id"] for row in self._warehouse.rows(_REMINDED, events=ids)}
        found = [
            event
            for one in wanted
            if one.id not in said and (event := self._reminder(one, reporting, now)) is not None
        ]
        self._nothing_due = None if found else seen
        return found

    def _marks(self, day: dt.date) -> Iterator[_Wanted]:
        """Yield the reminders of a day by province: those that a commune of it would get, and its own."""
        tables = self._tables
        lead = tables.thresholds.get("filing_remind", day).value
        for period in tables.periods.latest_ended(day):
            for province in tables.units.provinces():
                communes = tables.units.communes_of(province.code)
                for sender in (*communes[:1], province):
                    sending = tables.sending.of("procedure_control", sender, period)
                    mark = None if sending is None else mark_on(day, sending, tables.calendar, lead)
                    if sending is not None and mark is not None:
                        yield _Wanted(province, sending, mark, sender is province)

    def _reminder(self, one: _Wanted, reporting: set[str], now: dt.datetime) -> Envelope | None:
        """Return the reminder, or None where nobody needs it."""
        codes = [unit.code for unit in self._tables.units.communes_of(one.province.code)]
        codes = [code for code in codes if code in reporting]
        return self._of_sum(one, codes, now) if one.of_sum else self._of_communes(one, codes, now)

    def _of_communes(self, one: _Wanted, codes: list[str], now: dt.datetime) -> Envelope | None:
        """Return the reminder of the communes that have figures and have not confirmed; None where all have."""
        tables, province, period = self._tables, one.province, one.sending.period
        confirmed = {filing.unit_code for filing in self._filings(codes, period.key)}
        missing = tuple(code for code in codes if code not in confirmed)
        if not missing:
            return None
        said = Reminder(
            province_code=province.code,
            period=period.key,
            mark=one.mark,
            due_on=one.sending.due_on,
            unit_codes=missing,
            row_id=tables.thresholds.get("filing_remind", local_day(now)).id,
            table_version=tables.thresholds.version,
        )
        return PeriodReminded(data=said, **self._envelope(one, now))

    def _of_sum(self, one: _Wanted, codes: list[str], now: dt.datetime) -> Envelope | None:
        """Return the reminder of a province that has figures and has not closed its sum; None where it has."""
        tables, sending = self._tables, one.sending
        filing = FilingTable(self._warehouse).sum_of(filing_id(one.province.code, sending.period.key))
        if not codes or (filing is not None and filing.closed):
            return None
        said = SumReminder(
            province_code=one.province.code,
            period=sending.period.key,
            mark=one.mark,
            due_on=sending.due_on,
            receiver=sending.receiver,
            row_id=tables.thresholds.get("filing_remind", local_day(now)).id,
            table_version=tables.thresholds.version,
        )
        return PeriodSumReminded(data=said, **self._envelope(one, now))

    def _envelope(self, one: _Wanted, now: dt.datetime) -> dict[str, Any]:
        feed, subject = f"/vn/{one.province.code}/watch", filing_id(one.province.code, one.sending.period.key)
        return product_envelope.envelope(feed, subject, one.id, now, recorded_at=now)

    def _filings(self, codes: list[str], period: str) -> Iterator[Any]:
        if codes:
            yield from FilingTable(self._warehouse).load(filing_id(code, period) for code in codes).values()
