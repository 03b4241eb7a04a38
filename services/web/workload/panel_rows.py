"""The workload as rows of panels, so that boards show the numbers of its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dashboards.lines import Row
from dashboards.vocabulary import Computed
from reporting.workload.loads import Load
from reporting.workload.work import Work
from services.web.workload.reading import Workload

_NO_LOAD: Row = {
    "minutes": 0,
    "open_minutes": 0,
    "officer_days": 0,
    "capacity": 0,
    "people_count": 0,
    "case_count": 0,
    "open_count": 0,
    "lend_count": 0,
    "lack_count": 0,
    "median": None,
    "standing": None,
}


def _units(found: Workload) -> Sequence[Row]:
    """Return the communes, also those that are left out, which have no figures."""
    rows: list[Row] = [_load_row(one, found.limits.officer_day) for one in found.shown]
    return rows + [{**_NO_LOAD, "unit_code": code} for code in found.missing]


def _load_row(one: Load, officer_day: int) -> Row:
    return {
        "unit_code": one.unit_code,
        "minutes": one.work.minutes.to_handle,
        "open_minutes": one.work.minutes.open,
        "officer_days": one.officer_days,
        "capacity": one.people * officer_day,
        "people_count": one.people,
        "case_count": one.work.cases.to_handle,
        "open_count": one.work.cases.open,
        "lend_count": one.lends,
        "lack_count": one.lacks,
        "median": None if one.peers_load is None else round(float(one.peers_load), 1),
        "standing": one.standing,
    }


def _fields(found: Workload) -> Sequence[Row]:
    return [_field_row(field, work) for field, work in found.fields.items()]


def _field_row(field: str, work: Work) -> Row:
    return {
        "field_code": field,
        "minutes": work.minutes.to_handle,
        "case_count": work.cases.to_handle,
        "received": work.cases.received,
        "open_count": work.cases.open,
    }


def _weeks(found: Workload) -> Sequence[Row]:
    return [
        {
            "week": week.first_on.isoformat(),
            "received": week.case_count,
            "minutes": week.minutes,
            "officer_days": week.officer_days,
            "peak": "peak" if week.is_peak else "usual",
        }
        for week in (found.weeks if found.shown else ())
    ]


def _vice_chairs(found: Workload) -> Sequence[Row]:
    chairs = found.vice_chairs
    return [
        {
            "commune_count": chairs.commune_count,
            "total": chairs.total,
            "known": chairs.known,
            "said_count": chairs.commune_count - len(chairs.not_known),
            "room": chairs.room,
            "decided": chairs.decided,
        }
    ]


ROWS: Mapping[Computed, Callable[[Workload], Sequence[Row]]] = {
    "workload_units": _units,
    "workload_fields": _fields,
    "workload_weeks": _weeks,
    "vice_chairs": _vice_chairs,
}
