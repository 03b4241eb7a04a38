"""Any window over any units shows what a count of the cases themselves shows: on the edges of months, inside one, over years."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from events.cases import CaseEvent
from reporting.cases.metrics import METRICS
from services.streams.land import Land
from services.streams.province_sums import ProvinceSums
from services.streams.tally import Tally
from services.warehouse.client import Warehouse
from services.web.figures.sums import SUMMED, sums_asked
from tests.histories import CHANNELS, FIELDS, UNITS, case_event, case_key, random_dates, seeded, state
from tests.services.test_land import arrived
from tests.services.test_queries import added, metrics_of, oracle

pytestmark = pytest.mark.warehouse

FIRST, LAST = dt.date(2023, 11, 1), dt.date(2026, 4, 30)
DAY = dt.timedelta(days=1)
Window = tuple[dt.date, dt.date]
Reading = Callable[[Warehouse, str, list[str], Window], list[dict[str, Any]]]
LIMITS = {"channel": "", "common_communes": 1, "recurrence_count": 1, "late_common": 50, "late_single": 50}
PROVINCES = dict(zip(UNITS, ("38", "38", "40"), strict=True))


def month_end(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def windows() -> st.SearchStrategy[Window]:
    """Draw windows of every kind: any, whole months, one day, inside one month."""
    days = st.dates(FIRST, LAST)
    pairs = st.tuples(days, days).map(lambda pair: (min(pair), max(pair)))
    return st.one_of(
        pairs,
        pairs.map(lambda pair: (pair[0].replace(day=1), month_end(pair[1]))),
        pairs.map(lambda pair: (month_end(pair[0]), max(month_end(pair[0]), pair[1].replace(day=1)))),
        days.map(lambda day: (day, day)),
        st.tuples(days, st.integers(0, 30)).map(
            lambda drawn: (drawn[0], min(month_end(drawn[0]), drawn[0] + drawn[1] * DAY))
        ),
    )


@pytest.fixture(scope="module")
def history() -> list[CaseEvent]:
    """Return cases of more than two years, each in the state in which it is."""
    r = seeded(51)
    made = []
    for number in range(150):
        dates = random_dates(r)
        moved = r.randrange((LAST - FIRST).days) * DAY - (dt.date(2026, 1, 20) - FIRST)
        made.append(
            case_event(
                state(1, **{name: _moved(one, moved) for name, one in dates.items()}), case_key(number)
            )
        )
    return made


def _moved(value: Any, by: dt.timedelta) -> Any:
    if isinstance(value, dt.date):
        return value + by
    if isinstance(value, tuple):
        return tuple(
            pause.model_copy(
                update={"from_on": pause.from_on + by, "to_on": pause.to_on and pause.to_on + by}
            )
            for pause in value
        )
    return value


def late_of(history: list[CaseEvent]) -> list[CaseEvent]:
    """Return cases that come last, into months that are long over."""
    return history[::5]


@pytest.fixture(scope="module")
def filled(warehouse_module: Warehouse, history: list[CaseEvent]) -> Warehouse:
    """Fill the roll-ups, and sum provinces when not all is there yet; what comes then comes twice, and is summed nowhere."""
    late = late_of(history)
    early = [one for one in history if one not in late]
    Land(warehouse_module).handle(arrived(*early))
    assert ProvinceSums(warehouse_module, PROVINCES, at_once=9_999).recount() > len(early)
    for _ in range(2):
        Land(warehouse_module).handle(arrived(*late, start=len(early)))
    return warehouse_module


@settings(max_examples=10)
@given(window=windows(), units=st.sets(st.sampled_from(UNITS), min_size=1).map(sorted))
@example(window=(dt.date(2025, 3, 1), dt.date(2025, 3, 31)), units=[*UNITS])
@example(window=(dt.date(2025, 3, 1), dt.date(2025, 4, 1)), units=[*UNITS])
@example(window=(dt.date(2025, 2, 28), dt.date(2025, 3, 31)), units=[*UNITS])
@example(window=(dt.date(2024, 1, 1), dt.date(2024, 12, 31)), units=[*UNITS])
@example(window=(FIRST, LAST), units=[*UNITS])
def test_any_window_shows_what_the_definitions_say(
    filled: Warehouse, history: list[CaseEvent], window: Window, units: list[str]
) -> None:
    first, last = window
    asked = {"units": units, "from": first, "to": last}

    def counted(*groups: str) -> dict[str, int]:
        return added([oracle(history, unit, first, last, *groups) for unit in units])

    [total] = filled.query("units_total", **asked)
    assert metrics_of(total) == counted()
    communes = filled.query("province_overview", **asked)
    assert {row["unit_code"]: metrics_of(row) for row in communes} == {
        unit: oracle(history, unit, first, last) for unit in units
    }
    [province] = filled.query("ministry_by_province", provinces=["38"] * len(units), **asked)
    assert metrics_of(province) == counted()
    flows = [oracle(history, unit, first, last) for unit in units]
    assert province["reporting_unit_count"] == sum(one["received"] + one["resolved"] > 0 for one in flows)
    for query, columns, groups in (
        ("unit_rollups_by_field", ("field_code",), [(field,) for field in FIELDS]),
        ("unit_rollups_by_channel", ("channel",), [(channel,) for channel in CHANNELS]),
        (
            "unit_rollups_by_field_and_channel",
            ("field_code", "channel"),
            list(itertools.product(FIELDS, CHANNELS)),
        ),
    ):
        rows = filled.query(query, **asked)
        found = {tuple(row[column] for column in columns): metrics_of(row) for row in rows}
        assert len(found) == len(rows)
        assert {group: numbers for group, numbers in found.items() if any(numbers.values())} == {
            group: numbers for group in groups if any((numbers := counted(*group)).values())
        }
    reporting = filled.query("units_reporting", **asked)
    assert reporting == [{"reporting_unit_count": province["reporting_unit_count"]}]
    for query in SUMMED:
        if query == "late_fields" and len({PROVINCES[unit] for unit in units}) < 2:
            continue  # of one province its communes are the places
        assert by_sums(filled, query, units, window) == by_communes(filled, query, units, window), query
    days = filled.query("unit_rollups_by_day", **asked)
    assert [row["day"] for row in days] == [first + n * DAY for n in range((last - first).days + 1)]
    for metric in METRICS:
        if metric.kind == "flow":
            assert sum(row[metric.key] for row in days) == total[metric.key]
        elif not metric.eve:
            assert days[-1][metric.key] == total[metric.key]


def by_communes(warehouse: Warehouse, query: str, units: list[str], window: Window) -> list[dict[str, Any]]:
    provinces = [PROVINCES[unit] for unit in units]
    found = warehouse.query(query, units=units, provinces=provinces, **LIMITS, **span(window))
    return in_order(found)


def by_sums(warehouse: Warehouse, query: str, units: list[str], window: Window) -> list[dict[str, Any]]:
    sums = sums_asked(warehouse, units, PROVINCES.__getitem__, *window)
    return in_order(warehouse.query(SUMMED[query], **{**LIMITS, **sums, **span(window)}))


def span(window: Window) -> dict[str, dt.date]:
    return {"from": window[0], "to": window[1]}


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "lateness": sorted(row["lateness"])} if "lateness" in row else row for row in rows]


def everything(warehouse: Warehouse, units: list[str], read: Reading) -> list[object]:
    return [read(warehouse, query, units, (dt.date(2024, 1, 5), dt.date(2026, 3, 9))) for query in SUMMED]


def test_a_sum_is_read_only_while_it_is_made_of_the_rows_of_the_communes_asked_for(filled: Warehouse) -> None:
    """Sums that are made to say something else show when they are read; all rows counted again, nobody reads them."""
    sums = ProvinceSums(filled, PROVINCES, at_once=9_999)
    sums.recount()
    whole, part = [*UNITS], [UNITS[0], UNITS[2]]
    true_whole, true_part = everything(filled, whole, by_communes), everything(filled, part, by_communes)
    assert everything(filled, whole, by_sums) == true_whole
    assert everything(filled, part, by_sums) == true_part
    for table in ("province_days", "province_months"):
        filled.command(
            f"INSERT INTO {table} SELECT * REPLACE (version + 1 AS version, opened + 1 AS opened,"  # noqa: S608 -- fixed names
            " arrayMap(n -> n + 1, groups.opened) AS `groups.opened`,"
            f" arrayMap(n -> n + 1, groups.closed_late) AS `groups.closed_late`) FROM {table} FINAL"
        )
    assert all(
        read != true for read, true in zip(everything(filled, whole, by_sums), true_whole, strict=True)
    ), "sums are read"
    Tally(filled).recount(
        [(row["unit_code"], row["day"]) for row in filled.rows("SELECT * FROM rollups_daily FINAL")]
    )
    assert everything(filled, whole, by_sums) == true_whole
    assert sums.recount() > 0
    assert sums.recount() == 0
    assert everything(filled, whole, by_sums) == true_whole


def test_a_turn_sums_the_newest_and_the_next_goes_on(warehouse: Warehouse, history: list[CaseEvent]) -> None:
    Land(warehouse).handle(arrived(*history[:12]))
    sums = ProvinceSums(warehouse, PROVINCES, at_once=7)
    sums.recount()
    [held] = warehouse.rows("SELECT count() AS n, min(day) AS first_on FROM province_days FINAL")
    [whole] = warehouse.rows("SELECT max(day) AS last_on, min(day) AS first_on FROM rollups_daily")
    assert held["n"] == 7
    assert held["first_on"] > whole["first_on"]
    while sums.recount():
        pass
    [held] = warehouse.rows("SELECT min(day) AS first_on, max(day) AS last_on FROM province_days FINAL")
    assert held == {"first_on": whole["first_on"], "last_on": whole["last_on"]}


@settings(max_examples=6)
@given(on=st.dates(FIRST, LAST), days=st.integers(0, 60))
@example(on=FIRST, days=0)
@example(on=LAST, days=0)
def test_when_each_place_last_had_figures_is_found_in_its_days(
    filled: Warehouse, on: dt.date, days: int
) -> None:
    asked = {"units": [*UNITS], "provinces": ["38"] * len(UNITS), "from": on - days * DAY, "to": on}
    found = {row["place_code"]: row["last_on_of_all"] for row in filled.query("reporting_places", **asked)}
    held = filled.rows(
        "SELECT unit_code, max(day) AS last_on FROM rollups_daily FINAL WHERE day <= {to:Date} AND opened + closed > 0"
        " GROUP BY unit_code",
        to=on,
    )
    assert found == dict.fromkeys(UNITS) | {row["unit_code"]: row["last_on"] for row in held}


def test_only_a_condition_on_the_key_is_tested_before_rows_replace_each_other(warehouse: Warehouse) -> None:
    """The first saves the reading of a whole year; any other would show a row that is replaced."""
    for version, opened in ((1, 7), (2, 0)):
        warehouse.command(
            "INSERT INTO rollups_daily (unit_code, day, version, opened)"
            " SELECT '15607', '2026-02-02', {version:UInt64}, {opened:UInt32}",
            version=version,
            opened=opened,
        )
    asked = "SELECT opened FROM rollups_daily FINAL WHERE unit_code = '15607' AND day = '2026-02-02'"
    assert warehouse.rows(asked) == [{"opened": 0}]
    assert warehouse.rows(f"{asked} AND opened > 0") == []
    plan = " ".join(row["explain"] for row in warehouse.rows(f"EXPLAIN actions = 1 {asked} AND opened > 0"))
    _, _, tested_first = plan.partition("Prewhere filter column:")
    assert "day = " in tested_first
    assert "unit_code = " in tested_first
    assert "opened" not in tested_first
