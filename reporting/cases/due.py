"""Compute when a case is due: by its source, else by procedure and calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from events.cases import CaseState, Pause
from reporting.cases.dates import Course
from reporting.cases.source_row import CaseRow
from reporting.dated.calendar import LOCAL, WorkingCalendar
from reporting.dated.procedures import Procedure, ProcedureTable
from reporting.dated.start_rules import StartRules
from reporting.errors import RuleError, UnknownProcedure

# A source that gives only the day of reception means that this day counts, so assume the morning.
_MORNING = dt.time(8)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CaseRules:
    """The dated tables for the due day of a case, and the age in days up to which a fact is live."""

    calendar: WorkingCalendar
    procedures: ProcedureTable
    start_rules: StartRules
    today_lane_days: int = 45
    _found: dict[tuple[str, dt.date], Procedure | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def procedure(self, code: str | None, on: dt.date) -> Procedure | None:
        """Return the procedure of that code on that day; None where the table has none."""
        if code is None:
            return None
        # The rows of one call need few procedures on few days, ten thousand times.
        if (code, on) not in self._found:
            try:
                self._found[code, on] = self.procedures.get(code, on)
            except UnknownProcedure:
                self._found[code, on] = None
        return self._found[code, on]


@dataclass(frozen=True, slots=True)
class CaseDue:
    """A due day; `calendar_version` is set where we computed the day, and names the calendar."""

    due_on: dt.date | None = None
    due_at: dt.datetime | None = None
    calendar_version: str | None = None


NO_DUE = CaseDue()


def due_of(
    known: CaseState | None, row: CaseRow, course: Course, procedure: Procedure | None, rules: CaseRules
) -> CaseDue:
    """Return when the case is due after a row.

    The source's day stands. A day that we computed is computed anew only if reception or procedure changed, and
    moves by the working days of each pause that ended; a new calendar alone moves nothing.

    Raises:
        RuleError: the source's due day lies before the reception.
    """
    if course.received_on is None:
        return NO_DUE
    if row.due is not None:
        return _as_the_source_says(known, row, course.received_on, rules)
    if known is not None and known.due_on is not None and not _rests_on_something_else(known, row, course):
        kept = CaseDue(known.due_on, known.due_at, known.calendar_version)
        if course.resumed is None or kept.calendar_version is None:
            return kept
        return _moved(kept, (course.resumed,), course.received_on, procedure, rules)
    if procedure is None:
        return NO_DUE
    return _computed(row, course, procedure, rules)


def _rests_on_something_else(known: CaseState, row: CaseRow, course: Course) -> bool:
    ours = known.calendar_version is not None
    other_procedure = row.procedure_code is not None and row.procedure_code != known.procedure_code
    # A source that shows all pauses states those that we counted anew.
    other_pauses = row.pauses is not None and course.pauses != known.pauses
    return ours and (course.received_on != known.received_on or other_procedure or other_pauses)


def _as_the_source_says(
    known: CaseState | None, row: CaseRow, received_on: dt.date, rules: CaseRules
) -> CaseDue:
    given = row.due
    if given is None or given.day < received_on:
        raise RuleError(
            f"NgayHenTra ({given and given.day}) lies before NgayTiepNhan ({received_on})", field="NgayHenTra"
        )
    if known is not None and known.due_on == given.day and given.at in {None, known.due_at}:
        return CaseDue(known.due_on, known.due_at, known.calendar_version)
    return CaseDue(given.day, given.at or rules.calendar.day_end(given.day))


def _computed(row: CaseRow, course: Course, procedure: Procedure, rules: CaseRules) -> CaseDue:
    day = course.received_on or course.submitted_on
    stated = row.received.at if row.received is not None and row.received.day == day else None
    due = rules.calendar.due(
        stated or dt.datetime.combine(day, _MORNING, LOCAL),
        procedure.working_days,
        days_kind=procedure.days_kind,
        cutoff=procedure.same_day_cutoff,
        start_rule=rules.start_rules.of(procedure.code, day).rule,
        after_hours=rules.start_rules.of(procedure.code, day, "after_hours").rule,
    )
    found = CaseDue(due.due_on, due.due_at, due.calendar_version)
    ended = tuple(p for p in course.pauses if p.to_on is not None and p.to_on != course.closed_on)
    return _moved(found, ended, day, procedure, rules) if ended else found


def _moved(
    due: CaseDue,
    pauses: tuple[Pause, ...],
    received_on: dt.date,
    procedure: Procedure | None,
    rules: CaseRules,
) -> CaseDue:
    """Add the days of the pauses, in the procedure's own kind of days.

    The clock stands still from the first day of a pause and runs again on its last. The day of reception counts
    for nobody, and a case that was late before it paused stays late.
    """
    day = due.due_on
    if day is None:
        return due
    calendar = rules.calendar
    for pause in pauses:
        to_on = pause.to_on or pause.from_on
        if pause.from_on > day or to_on == pause.from_on:
            continue
        start = max(pause.from_on, received_on + _DAY)
        if procedure is not None and procedure.days_kind == "calendar":
            day = max(day + max(to_on - start, dt.timedelta()), to_on)
        else:
            lost = calendar.working_days_between(start - _DAY, to_on - _DAY)
            day = max(calendar.add_working_days(day, max(lost, 0)), to_on)
        if not calendar.is_working(day):
            day = calendar.add_working_days(day, 1)
    if day == due.due_on:
        return due
    return CaseDue(day, calendar.day_end(day), calendar.version)
