"""Fill a fresh demo once: Bát Mọt's known season of 2025, then a province at work up to today."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

from reporting.dated.calendar import LOCAL, local_day
from services.simulate.journal import Journal
from services.simulate.profiles import BAT_MOT
from services.simulate.run import Province, opened_simulation, reach_present, simulate_days
from services.store.notes import noted

if TYPE_CHECKING:
    from services.boot.system import Echo, System

PROVINCE = "38"
SEASON = (dt.date(2025, 7, 1), dt.date(2025, 10, 14))
SEASON_CASES = 332
FILLED = "demo_filled"


def fill_demo(system: System, *, today: dt.datetime, days: int, seed: str, echo: Echo) -> None:
    """Simulate the demo's past once; a start after a kill goes on with it, and the store records that it is done."""
    if noted(system.intake_side.store, FILLED) is not None:
        return
    began = time.monotonic()
    start = local_day(today) - dt.timedelta(days=days - 1)
    with opened_simulation(system, PROVINCE, start, days, seed) as journal:
        known = journal.simulation
        echo(
            f"liencap: simulating {known.days} days of work in Thanh Hóa; this first start takes a few minutes"
        )
        live_season(system, known.seed, journal)
        province = simulate_days(system, journal, echo=echo)
        reach_present(system, province, journal)
        journal.end(noted=(FILLED, f"{known.seed} {known.start} {known.days}"))
    echo(
        f"liencap: {province.case_count:,} cases and {province.issue_count:,} difficulties in "
        f"{time.monotonic() - began:.0f} s; {len(province.refused)} simulated steps were refused"
    )


def live_season(system: System, seed: str, journal: Journal) -> None:
    """Send exactly 332 accepted cases of Bát Mọt, 2025-07-01 to 2025-10-14, finished by the end of 2025."""
    first, last = SEASON
    calendar = system.intake_side.tables.calendar
    open_days = [day for day in _days(first, last) if calendar.is_working(day)]
    province = Province(system, PROVINCE, f"{seed}:season", journal)
    profile = next(each for each in province.profiles if each.unit_code == BAT_MOT)
    province.profiles = [profile]
    share, extra = divmod(SEASON_CASES, len(open_days))
    for number, day in enumerate(open_days):
        province.counters.arrive(profile, day, exactly=share + (number < extra), accepted_only=True)
    for week in range(26):
        province.send_all(dt.datetime.combine(first + dt.timedelta(days=7 * (week + 1)), dt.time(17), LOCAL))


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
