"""Dated policies of clocks: how long a holder has; most are reminder marks, not law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast, get_args

from events.clocks import ClockName
from events.fields import DaysKind, DeadlineSource, Lane, Level
from reporting.dated.csv_rows import Row, Validity, check_apart, rows, table_error

SILENCE = "source_silence"
OFFICE_DAY = "office_day"
ANY = "*"

_TABLE = "clock_policies.csv"
_COLUMNS = (
    *("clock", "lane", "level", "days", "days_kind", "deadline_source", "confidence", "source"),
    *("valid_from", "valid_to"),
)


@dataclass(frozen=True, slots=True)
class ClockPolicy:
    """The days that a holder has, how they are counted, and their source."""

    clock: str
    lane: str
    level: str
    days: int
    days_kind: DaysKind
    deadline_source: DeadlineSource
    confidence: str
    source: str
    validity: Validity


@dataclass(frozen=True, slots=True)
class SilencePolicy:
    """Working hours without a sign of life after which a source counts as silent."""

    hours: int
    validity: Validity


class ClockPolicies:
    """All policies, and the length of an office day; built by `parse_clock_policies`."""

    def __init__(
        self, policies: Sequence[ClockPolicy], silences: Sequence[SilencePolicy], office_day: dt.timedelta
    ) -> None:
        self.office_day = office_day
        self._policies = tuple(policies)
        self._silences = tuple(silences)

    def find(self, clock: str, lane: str, level: str, on: dt.date) -> ClockPolicy:
        """Return the most particular policy for a clock: lane and level, then level, then lane, then any.

        Raises:
            TableError: no row holds on that day; the table must have one for every clock.
        """
        fitting = [
            policy
            for policy in self._policies
            if policy.clock == clock
            and policy.lane in {lane, ANY}
            and policy.level in {level, ANY}
            and policy.validity.holds_on(on)
        ]
        if not fitting:
            raise table_error(
                _TABLE, 1, "clock", f"no row for {clock} ({lane}, {level}) holds on {on.isoformat()}"
            )
        return max(fitting, key=lambda policy: (policy.level != ANY, policy.lane != ANY))

    def silence(self, on: dt.date) -> SilencePolicy:
        """Return the policy for silent sources.

        Raises:
            TableError: no row holds on that day.
        """
        for policy in self._silences:
            if policy.validity.holds_on(on):
                return policy
        raise table_error(_TABLE, 1, "clock", f"no row for {SILENCE} holds on {on.isoformat()}")


def parse_clock_policies(clock_policies_csv: str) -> ClockPolicies:
    """Read the table.

    Raises:
        TableError: names file, line and column; also where a clock has no row for any lane and level.
    """
    found = rows(_TABLE, clock_policies_csv, _COLUMNS)
    check_apart(
        ((row.text("clock"), row.text("lane"), row.text("level")), row.validity(), row) for row in found
    )
    names = (*get_args(ClockName), SILENCE, OFFICE_DAY)
    for row in found:
        row.choice("clock", names)
    policies = [_policy(row) for row in found if row.cells["clock"] in get_args(ClockName)]
    office_days = [_hours(row) for row in found if row.cells["clock"] == OFFICE_DAY]
    if len(office_days) != 1:
        raise table_error(_TABLE, 1, "clock", f"{OFFICE_DAY} needs exactly one row")
    silences = [SilencePolicy(_hours(row), row.validity()) for row in found if row.cells["clock"] == SILENCE]
    catch_all = {policy.clock for policy in policies if policy.lane == policy.level == ANY}
    for name in sorted(set(get_args(ClockName)) - catch_all - {"promise"}):
        raise table_error(_TABLE, 1, "clock", f"{name} has no row for any lane and any level")
    if not silences:
        raise table_error(_TABLE, 1, "clock", f"{SILENCE} has no row")
    return ClockPolicies(policies, silences, dt.timedelta(hours=office_days[0]))


def _policy(row: Row) -> ClockPolicy:
    return ClockPolicy(
        clock=row.text("clock"),
        lane=row.choice("lane", (*get_args(Lane), ANY)),
        level=row.choice("level", (*get_args(Level), ANY)),
        days=row.whole("days", 0, 400),
        days_kind=cast("DaysKind", row.choice("days_kind", get_args(DaysKind))),
        deadline_source=cast("DeadlineSource", row.choice("deadline_source", get_args(DeadlineSource))),
        confidence=row.choice("confidence", ("high", "med", "low")),
        source=row.text("source"),
        validity=row.validity(),
    )


def _hours(row: Row) -> int:
    row.choice("days_kind", ("hours",))
    return row.whole("days", 1, 1000)
