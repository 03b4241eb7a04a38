"""Read the workload of a commune or a province over a window: facts from the engine, staff and weights from dated tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from reporting.dated.staff import StaffRole
from reporting.dated.thresholds import Threshold, ThresholdKey
from reporting.dated.units import Unit
from reporting.dated.workload_weights import Weights
from reporting.workload.loads import Given, Limits, Load, Loads, Missing, loads_of
from reporting.workload.vice_chairs import ViceChairs, vice_chairs_of
from reporting.workload.weeks import Received, Week, weeks_of
from reporting.workload.work import Counted, Flow, Work, sum_of, work_by_field
from services.web.figures.dated_rows import rows_that_hold
from services.web.figures.figures import asked_of, communes_in
from services.web.figures.schemas import Total
from services.web.figures.silence import unknown_working_days
from services.web.figures.unit_figures import Newest
from services.web.figures.windows import Window
from services.web.shell.parts import ViewParts

COUNTED: StaffRole = "centre"
"""The role whose days of work are counted: no table states how much of their time the others give to cases."""
CONVENTIONS: tuple[ThresholdKey, ...] = (
    "overload",
    "quiet_load",
    "peak_week",
    "officer_day",
    "large_area",
    "silent_days",
)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CountRow:
    """Row of `workload_counts`."""

    unit_code: str
    field_code: str
    procedure_code: str
    carried_over: int
    received: int
    resolved: int
    open: int


@dataclass(frozen=True, slots=True)
class WeekRow:
    """Row of `workload_weeks`."""

    week: dt.date
    field_code: str
    procedure_code: str
    case_count: int


@dataclass(frozen=True, slots=True)
class Workload:
    """The workload of a unit over a window.

    Attributes:
        all_loads: of every commune of the province, because medians are over them.
        shown: those of the unit itself: the commune, or the communes of the province.
        missing: communes of the unit that are left out, and why.
        fields: the work of the communes shown, by field.
        people_of: of a commune, how many people of which field it has on the last day.
        figures: what the figures of other pages count of the communes shown.
        vice_chairs: of the province.
        own_vice_chairs: of the commune, where the unit is one and a row states it.
        as_of: when the newest event behind it was recorded; nothing where there is none.
    """

    unit: Unit
    window: Window
    all_loads: Loads
    shown: Sequence[Load]
    missing: Mapping[str, Missing]
    fields: Mapping[str, Work]
    people_of: Mapping[str, int]
    weeks: Sequence[Week]
    figures: Flow
    vice_chairs: ViceChairs
    own_vice_chairs: int | None
    limits: Limits
    conventions: Sequence[Threshold]
    weights: Weights
    as_of: dt.datetime | None


@dataclass(frozen=True, slots=True)
class WorkloadReader:
    """Reads workloads."""

    parts: ViewParts

    def read(self, unit_code: str, window: Window, *, with_single: bool) -> Workload:
        """Return the workload of a commune or a province.

        Args:
            with_single: whoever reads it is of the commune or of its province's office, and may have the load of
                communes in which one person works; for others they are left out.

        Raises:
            UnknownUnit: no such unit.
            NoRowThen: no weights or conventions hold at the end of the window.
            NotReady: the engine cannot be reached.
        """
        tables = self.parts.tables
        unit, on = tables.units.get(unit_code), window.last_on
        own = communes_in(self.parts, unit_code)
        weights, conventions = self._weights(on), self._conventions(on)
        limits, days = _limits(conventions), self._working_days(window)
        communes = communes_in(self.parts, tables.units.province_of(unit_code))
        works = self._works(communes, window, weights)
        silent = unknown_working_days(self.parts.warehouse, tables, communes, days, self.parts.clock())
        given = [self._given(code, works, days, on, silent.get(code, 0)) for code in communes]
        loads = loads_of(given, limits, len(days))
        shown = [
            one for one in loads.loads if one.unit_code in own and (with_single or not loads.is_of_one(one))
        ]
        codes = [one.unit_code for one in shown]
        chairs = {code: tables.staff.people_on(code, "vice_chair", on) for code in communes}
        [newest] = self.parts.warehouse.query_of(Newest, "figures_as_of", units=list(own))
        return Workload(
            unit=unit,
            window=window,
            all_loads=loads,
            shown=shown,
            missing=_missing(loads, own, shown),
            fields=_by_field(works, codes),
            people_of=self._people(codes, on),
            weeks=self._weeks(codes, window, weights, days, _value(conventions, "peak_week")),
            figures=self._figures(codes, window),
            vice_chairs=vice_chairs_of(chairs, tables.vice_chairs.frame_on(on)),
            own_vice_chairs=chairs.get(unit_code),
            limits=limits,
            conventions=conventions,
            weights=weights,
            as_of=newest.as_of if newest.is_known else None,
        )

    @property
    def version(self) -> str:
        """Return the versions of the tables behind the numbers."""
        tables = self.parts.tables
        return f"{tables.staff.version}, {tables.weights.version}, {tables.thresholds.version}"

    def _weights(self, on: dt.date) -> Weights:
        with rows_that_hold():
            return self.parts.tables.weights.on(on)

    def _conventions(self, on: dt.date) -> list[Threshold]:
        with rows_that_hold():
            return [self.parts.tables.thresholds.get(key, on) for key in CONVENTIONS]

    def _working_days(self, window: Window) -> list[dt.date]:
        calendar = self.parts.tables.calendar
        days = (window.last_on - window.first_on).days + 1
        return [day for n in range(days) if calendar.is_working(day := window.first_on + n * _DAY)]

    def _works(
        self, communes: Sequence[str], window: Window, weights: Weights
    ) -> Mapping[str, Mapping[str, Work]]:
        rows = self.parts.warehouse.query_of(CountRow, "workload_counts", **asked_of(tuple(communes), window))
        return work_by_field(
            (
                Counted(
                    row.unit_code,
                    row.field_code,
                    row.procedure_code,
                    Flow(row.carried_over, row.received, row.resolved, row.open),
                )
                for row in rows
            ),
            weights,
        )

    def _given(
        self,
        code: str,
        works: Mapping[str, Mapping[str, Work]],
        days: Sequence[dt.date],
        on: dt.date,
        unknown_days: int,
    ) -> Given:
        tables = self.parts.tables
        return Given(
            unit=tables.units.get(code),
            work=sum_of(works.get(code, {}).values()),
            people=tables.staff.people_on(code, COUNTED, on),
            officer_days=tables.staff.days_of(code, COUNTED, days) if days else {},
            unknown_days=unknown_days,
        )

    def _people(self, codes: Sequence[str], on: dt.date) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for code in codes:
            for row in self.parts.tables.staff.rows_on(code, COUNTED, on):
                found[row.field_code] = found.get(row.field_code, 0) + row.people
        return found

    def _weeks(
        self,
        codes: Sequence[str],
        window: Window,
        weights: Weights,
        days: Sequence[dt.date],
        peak: int,
    ) -> Sequence[Week]:
        staff = self.parts.tables.staff
        rows = self.parts.warehouse.query_of(WeekRow, "workload_weeks", **asked_of(tuple(codes), window))
        people = {day: sum(staff.people_on(code, COUNTED, day) or 0 for code in codes) for day in days}
        received = [Received(row.week, row.field_code, row.procedure_code, row.case_count) for row in rows]
        return weeks_of(window.first_on, window.last_on, received, weights, people, peak)

    def _figures(self, codes: Sequence[str], window: Window) -> Flow:
        [total] = self.parts.warehouse.query_of(Total, "units_total", **asked_of(tuple(codes), window))
        return Flow(total.carried_over, total.received, total.resolved, total.open)


def _missing(loads: Loads, own: Collection[str], shown: Sequence[Load]) -> Mapping[str, Missing]:
    """Return which communes of a unit are left out of what a reader gets, and why."""
    kept = {one.unit_code for one in loads.loads if one.unit_code in own} - {one.unit_code for one in shown}
    of_one: dict[str, Missing] = dict.fromkeys(sorted(kept), "one_person")
    return {code: why for code, why in loads.missing.items() if code in own} | of_one


def _by_field(works: Mapping[str, Mapping[str, Work]], codes: Sequence[str]) -> Mapping[str, Work]:
    found: dict[str, Work] = {}
    for code in codes:
        for field, work in works[code].items():
            found[field] = found[field].plus(work) if field in found else work
    return dict(sorted(found.items(), key=lambda item: (-item[1].minutes.to_handle, item[0])))


def _value(conventions: Sequence[Threshold], key: ThresholdKey) -> int:
    return next(one.value for one in conventions if one.key == key)


def _limits(conventions: Sequence[Threshold]) -> Limits:
    return Limits(
        overload=_value(conventions, "overload"),
        quiet=_value(conventions, "quiet_load"),
        officer_day=_value(conventions, "officer_day"),
        large_area=_value(conventions, "large_area"),
        silent_days=_value(conventions, "silent_days"),
    )
