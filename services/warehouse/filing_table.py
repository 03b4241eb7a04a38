"""Filings, folded from their facts at each read, and figures counted from the facts known at a point."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from events.codec import decode
from events.periods import Confirmation, FiledLine, LogPosition
from reporting.dated.calendar import LOCAL
from reporting.dated.periods import Period
from reporting.filings.figures import FILED, CaseCount, LaterEvent, line_of
from reporting.filings.register import Filing, fold_all

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

# The view `period_facts` would read the bodies of every filing: the engine does not bring a condition behind its LIMIT BY.
_OF_FILINGS = """
    SELECT body
    FROM
    (
        SELECT body, epoch, topic, partition, offset
        FROM period_events FINAL
        WHERE filing_id IN {filings:Array(UUID)}
        ORDER BY epoch, topic, partition, offset
        LIMIT 1 BY event_id
    )
    ORDER BY epoch, topic, partition, offset
"""
_ALWAYS = dt.datetime(2299, 1, 1, tzinfo=dt.UTC)
_FIRST_DAY = dt.date(1970, 1, 1)
"""Before it nothing is known."""
_NEWEST_EPOCH = 65_535
_EVERY_OFFSET = 2**62


@dataclass(frozen=True, slots=True)
class Known:
    """A point of what is known: up to these positions of an epoch, or recorded before an instant, or everything."""

    epoch: int = _NEWEST_EPOCH
    positions: tuple[LogPosition, ...] = ()
    until: dt.datetime = _ALWAYS
    elsewhere: int = _EVERY_OFFSET

    @staticmethod
    def now() -> Known:
        """Return everything that has landed."""
        return Known()

    @staticmethod
    def at_the_end_of(day: dt.date) -> Known:
        """Return what was recorded by the end of a local day; of a day that no record can lie behind, everything."""
        if day >= _ALWAYS.date():
            return Known()
        after = max(day, _FIRST_DAY) + dt.timedelta(days=1)
        return Known(until=dt.datetime.combine(after, dt.time.min, LOCAL).astimezone(dt.UTC))

    @staticmethod
    def at(epoch: int, positions: Iterable[LogPosition]) -> Known:
        """Return what stood in the log up to some positions; partitions that are not named held nothing."""
        return Known(epoch, tuple(positions), elsewhere=-1)

    @staticmethod
    def of(filed: Confirmation) -> Known:
        """Return what a confirmation rests on."""
        return Known.at(filed.epoch, filed.positions)

    def asked(self) -> dict[str, Any]:
        """Return the parameters of the queries."""
        return {
            "epoch": self.epoch,
            # The engine takes no empty list here, and no partition has an empty name.
            "places": ["", *(f"{one.topic}/{one.partition}" for one in self.positions)],
            "offsets": [-1, *(one.offset for one in self.positions)],
            "elsewhere": self.elsewhere,
            "until": self.until,
        }


class FilingTable:
    """Reads filings, without a cache."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def get(self, filing_id: UUID) -> Filing | None:
        """Return one filing, or None."""
        return self.load([filing_id]).get(filing_id)

    def load(self, filing_ids: Iterable[UUID]) -> dict[UUID, Filing]:
        """Return the existing filings among some ids."""
        rows = self._warehouse.rows(_OF_FILINGS, filings=list(filing_ids))
        return {one.id: one for one in fold_all(decode(row["body"].encode()) for row in rows)}


class KnownFigures:
    """Counts figures of periods from the facts known at a point."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def newest(self) -> Known:
        """Return the point up to which cases have landed, as positions that an event can state."""
        rows = self._warehouse.query("landed_case_positions")
        found = [
            LogPosition(topic=row["topic"], partition=row["partition"], offset=row["offset"]) for row in rows
        ]
        return Known.at(max((row["epoch"] for row in rows), default=1), found)

    def lines(self, unit_code: str, period: Period, known: Known) -> tuple[FiledLine, ...]:
        """Return the figures of a unit's period, without lines that are 0 throughout."""
        return self.lines_of([unit_code], period, known)[unit_code]

    def lines_of(
        self, unit_codes: Sequence[str], period: Period, known: Known
    ) -> dict[str, tuple[FiledLine, ...]]:
        """Return the figures of several units' period, counted at once."""
        rows = self._warehouse.query("figures_as_known", **_asked(unit_codes, period, known))
        found: dict[str, tuple[FiledLine, ...]] = dict.fromkeys(unit_codes, ())
        for row in rows:
            line = line_of(row["field_code"], row["channel"], row)
            if line is not None:
                found[row["unit_code"]] = (*found[row["unit_code"]], line)
        return found

    def cases(self, unit_code: str, period: Period, known: Known) -> list[CaseCount]:
        """Return what each case counts in the figures of a unit's period."""
        rows = self._warehouse.query("case_figures_as_known", **_asked([unit_code], period, known))
        return [
            CaseCount(
                row["case_key"],
                row["field_code"],
                row["channel"],
                {key: row[key] for key in FILED if row[key]},
            )
            for row in rows
        ]

    def later(self, case_keys: Sequence[str], known: Known) -> list[LaterEvent]:
        """Return the events of some cases that were recorded after a point."""
        rows = self._warehouse.query("later_case_events", cases=list(case_keys), **known.asked())
        return [
            LaterEvent(row["event_id"], row["case_key"], row["event_type"], row["reason_code"])
            for row in rows
        ]


def _asked(unit_codes: Sequence[str], period: Period, known: Known) -> dict[str, Any]:
    return {"units": list(unit_codes), "from": period.first_on, "to": period.last_on, **known.asked()}
