"""Filings, folded from their facts at each read, and figures counted from the facts known at a point."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from events.codec import decode
from events.periods import Confirmation, FiledLine, LogGap, LogPosition
from reporting.dated.calendar import LOCAL
from reporting.filings.figures import (
    FILED,
    CaseCount,
    Explained,
    LaterEvent,
    differences,
    explain,
    line_of,
    moved_cases,
)
from reporting.filings.register import Filing, fold_all
from reporting.filings.sums import SumFiling, fold_sums

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse
    from services.warehouse.named_queries import Params

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
_ALL = """
    SELECT filing_id, max(recorded_at) AS at
    FROM period_events
    WHERE event_type = 'period.confirmed'
    GROUP BY filing_id
    ORDER BY at DESC, filing_id
"""
_SUMS = """
    SELECT filing_id, max(recorded_at) AS at
    FROM period_events
    WHERE event_type = 'period.summed'
    GROUP BY filing_id
    ORDER BY at DESC, filing_id
"""
_EPOCHS = "SELECT DISTINCT epoch FROM case_events"
_ALWAYS = dt.datetime(2299, 1, 1, tzinfo=dt.UTC)
_FIRST_DAY = dt.date(1970, 1, 1)
"""Before it nothing is known."""
_NEWEST_EPOCH = 65_535
_EVERY_OFFSET = 2**62
MOST_GAPS = 2_000
"""An event names no more gaps, the newest; what lands in an older one later is a change without its cause."""


@dataclass(frozen=True, slots=True)
class Known:
    """A point of what is known: up to these positions of an epoch, or recorded before an instant, or everything.

    Attributes:
        gaps: positions below those that had not landed, of records that were set aside.
    """

    epoch: int = _NEWEST_EPOCH
    positions: tuple[LogPosition, ...] = ()
    gaps: tuple[LogGap, ...] = ()
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
    def at(epoch: int, positions: Iterable[LogPosition], gaps: Iterable[LogGap] = ()) -> Known:
        """Return what had landed up to some positions; partitions that are not named held nothing."""
        return Known(epoch, tuple(positions), tuple(gaps), elsewhere=-1)

    @staticmethod
    def of(filed: Confirmation) -> Known:
        """Return what a confirmation rests on."""
        return Known.at(filed.epoch, filed.positions, filed.gaps)

    def asked(self) -> Params:
        """Return the parameters of the queries."""
        return {
            "epoch": self.epoch,
            # The engine takes no empty list here, and no partition has an empty name.
            "places": ["", *(f"{one.topic}/{one.partition}" for one in self.positions)],
            "offsets": [-1, *(one.offset for one in self.positions)],
            "elsewhere": self.elsewhere,
            "gap_places": ["", *(f"{one.topic}/{one.partition}" for one in self.gaps)],
            "gap_firsts": [-1, *(one.first for one in self.gaps)],
            "gap_lasts": [-1, *(one.last for one in self.gaps)],
            "until": self.until,
        }


class Days(Protocol):
    """A window of days: a period, or a confirmation of one."""

    @property
    def first_on(self) -> dt.date:
        """Return the first day."""
        ...

    @property
    def last_on(self) -> dt.date:
        """Return the last day."""
        ...


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

    def sum_of(self, filing_id: UUID) -> SumFiling | None:
        """Return the filing of a province, or None."""
        rows = self._warehouse.rows(_OF_FILINGS, filings=[filing_id])
        return fold_sums(decode(row["body"].encode()) for row in rows)

    def sum_ids(self) -> list[UUID]:
        """Return the ids of all filings of provinces, the one that was confirmed last first."""
        return [row["filing_id"] for row in self._warehouse.rows(_SUMS)]

    def ids(self) -> list[UUID]:
        """Return the ids of all filings, the one that was confirmed last first."""
        return [row["filing_id"] for row in self._warehouse.rows(_ALL)]


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

    def gaps(self, known: Known) -> tuple[LogGap, ...]:
        """Return the newest gaps below positions: records that had not landed, because they were set aside.

        A record that was set aside after the last one that landed lies beyond the positions, and is later anyway.
        """
        reached = {(one.topic, one.partition): one.offset for one in known.positions}
        rows = self._warehouse.query("landed_case_gaps", epoch=known.epoch, limit=MOST_GAPS)
        return tuple(
            LogGap(topic=row["topic"], partition=row["partition"], first=row["first"], last=row["last"])
            for row in rows
            if row["last"] < reached.get((row["topic"], row["partition"]), -1)
        )

    def lines(self, unit_code: str, period: Days, known: Known) -> tuple[FiledLine, ...]:
        """Return the figures of a unit's period, without lines that are 0 throughout."""
        return self.lines_of([unit_code], period, known)[unit_code]

    def lines_of(
        self, unit_codes: Sequence[str], period: Days, known: Known
    ) -> dict[str, tuple[FiledLine, ...]]:
        """Return the figures of several units' period, counted at once."""
        rows = self._warehouse.query("figures_as_known", **_asked(unit_codes, period, known))
        found: dict[str, tuple[FiledLine, ...]] = dict.fromkeys(unit_codes, ())
        for row in rows:
            line = line_of(row["field_code"], row["channel"], row)
            if line is not None:
                found[row["unit_code"]] = (*found[row["unit_code"]], line)
        return found

    def cases(self, unit_code: str, period: Days, known: Known) -> list[CaseCount]:
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

    def places(self, unit_codes: Sequence[str], period: Days, known: Known) -> dict[str, str]:
        """Return for each case that counts in the figures of some units' period in which of them it does."""
        rows = self._warehouse.query("case_figures_as_known", **_asked(unit_codes, period, known))
        return {row["case_key"]: row["unit_code"] for row in rows if any(row[key] for key in FILED)}

    def handed_over(self, unit_codes: Sequence[str], known: Known) -> dict[str, tuple[str, ...]]:
        """Return the cases that moved between some units by what was not known at a point, with those units."""
        rows = self._warehouse.query("cases_handed_over", units=list(unit_codes), **known.asked())
        return {row["case_key"]: tuple(row["unit_codes"]) for row in rows}

    def restated(self, filed: Confirmation, now: Sequence[FiledLine] | None = None) -> list[Explained]:
        """Return each number that a count of today has otherwise than it was filed, with what brought it about.

        Args:
            now: the figures as they are known now, where they were counted already.
        """
        if now is None:
            now = self.lines(filed.unit_code, filed, Known.now())
        found = differences(filed.lines, now)
        if not found:
            return []
        then = Known.of(filed)
        before = self.cases(filed.unit_code, filed, then)
        after = self.cases(filed.unit_code, filed, Known.now())
        return explain(found, before, after, self.later(moved_cases(before, after), then))

    def epochs(self) -> frozenset[int]:
        """Return the epochs of the log that have facts of cases here."""
        return frozenset(row["epoch"] for row in self._warehouse.rows(_EPOCHS))

    def later(self, case_keys: Sequence[str], known: Known) -> list[LaterEvent]:
        """Return the events of some cases that were recorded after a point."""
        rows = self._warehouse.query("later_case_events", cases=list(case_keys), **known.asked())
        return [
            LaterEvent(
                row["event_id"],
                row["case_key"],
                row["event_type"],
                row["reason_code"],
                bool(row["was_set_aside"]),
            )
            for row in rows
        ]


def _asked(unit_codes: Sequence[str], period: Days, known: Known) -> Params:
    return {"units": list(unit_codes), "from": period.first_on, "to": period.last_on, **known.asked()}
