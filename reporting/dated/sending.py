"""Who receives the report of a period, and by which day it is sent: dated data, because the receiver changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast, get_args

from events.fields import DaysKind, DeadlineSource
from reporting.dated.bodies import BodyTable
from reporting.dated.calendar import WorkingCalendar
from reporting.dated.csv_rows import Row, Validity, check_apart, rows
from reporting.dated.periods import Period
from reporting.dated.units import Unit, UnitTable

Regime = Literal["procedure_control", "difficulties"]
"""Rules of reporting: the figures of cases, and the annex of difficulties."""
Sender = Literal["commune", "province"]

_TABLE = "report_sending.csv"
_COLUMNS = (
    *("regime", "level", "receiver", "days", "days_kind", "deadline_source"),
    *("source", "confidence", "valid_from", "valid_to"),
)
_MOST_DAYS = 60
_DAY = dt.timedelta(days=1)
_OWN_PROVINCE = "{province}"


@dataclass(frozen=True, slots=True)
class Sending:
    """To whom one unit sends the report of one period, and by when.

    Attributes:
        receiver: a body of bodies.csv.
        due_on: the last day on which it is sent in time.
        deadline_source: a `default` day is a reminder mark and never "overdue".
    """

    regime: Regime
    period: Period
    receiver: str
    due_on: dt.date
    deadline_source: DeadlineSource
    source: str
    confidence: str

    def is_late(self, on: dt.date) -> bool:
        """Return whether a report that is sent on a local day comes after the last day for it."""
        return on > self.due_on


@dataclass(frozen=True, slots=True)
class _Rule:
    regime: Regime
    level: Sender
    receiver: str
    days: int
    days_kind: DaysKind
    deadline_source: DeadlineSource
    source: str
    confidence: str
    validity: Validity


class SendingRules:
    """The rules by regime and level of the sender; built by `parse_report_sending`."""

    def __init__(self, rules: Iterable[_Rule], units: UnitTable, calendar: WorkingCalendar) -> None:
        self._rules = tuple(rules)
        self._units = units
        self._calendar = calendar

    def of(self, regime: Regime, unit: Unit, period: Period) -> Sending | None:
        """Return to whom a unit sends the report of a period and by when; None where no rule says it.

        The rule is the one that holds on the day after the period: before it nothing can be sent.

        Raises:
            OutsideCalendar: the day lies before 1990 or after 2099.
        """
        opens_on = period.last_on + _DAY
        for rule in self._rules:
            if (rule.regime, rule.level) == (regime, unit.level) and rule.validity.holds_on(opens_on):
                return Sending(
                    regime=regime,
                    period=period,
                    receiver=_receiver(rule.receiver, self._units.province_of(unit.code)),
                    due_on=_due_on(rule, period, self._calendar),
                    deadline_source=rule.deadline_source,
                    source=rule.source,
                    confidence=rule.confidence,
                )
        return None


def parse_report_sending(
    report_sending_csv: str, bodies: BodyTable, calendar: WorkingCalendar
) -> SendingRules:
    """Read the table and check its receivers against the bodies.

    Raises:
        TableError: names file, line and column.
    """
    found = [(_rule(row), row) for row in rows(_TABLE, report_sending_csv, _COLUMNS)]
    _, province = bodies.samples[0]
    for rule, row in found:
        if not bodies.knows(_receiver(rule.receiver, province.code)):
            row.refuse("receiver", f"there is no body {rule.receiver!r} in bodies.csv")
    check_apart(((rule.regime, rule.level), rule.validity, row) for rule, row in found)
    return SendingRules((rule for rule, _ in found), bodies.units, calendar)


def _receiver(written: str, province: str) -> str:
    return written.replace(_OWN_PROVINCE, province)


def _due_on(rule: _Rule, period: Period, calendar: WorkingCalendar) -> dt.date:
    """Return the last day to send: a calendar day that is off moves to the next office day, as deadlines do."""
    if rule.days_kind == "working":
        return calendar.add_working_days(period.last_on, rule.days)
    day = period.last_on + dt.timedelta(days=rule.days)
    return day if calendar.is_working(day) else calendar.add_working_days(day, 1)


def _rule(row: Row) -> _Rule:
    return _Rule(
        regime=cast("Regime", row.choice("regime", get_args(Regime))),
        level=cast("Sender", row.choice("level", get_args(Sender))),
        receiver=row.text("receiver"),
        days=row.whole("days", 1, _MOST_DAYS),
        days_kind=cast("DaysKind", row.choice("days_kind", get_args(DaysKind))),
        deadline_source=cast("DeadlineSource", row.choice("deadline_source", get_args(DeadlineSource))),
        source=row.text("source"),
        confidence=row.confidence(),
        validity=row.validity(),
    )
