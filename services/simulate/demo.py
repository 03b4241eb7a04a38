"""Fill a fresh demo: Bát Mọt's known season of 2025, Thanh Hóa's last days before the pages open, the rest behind them."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from reporting.dated.calendar import LOCAL, local_day
from services.boot.demo_mode import FILLED
from services.simulate.counters import every_case, lasting_to
from services.simulate.filing import file_and_restate
from services.simulate.journal import Journal
from services.simulate.profiles import BAT_MOT
from services.simulate.province import Province
from services.simulate.run import live_days, opened_simulation, province_of, reach_present, send_days
from services.store.notes import noted

if TYPE_CHECKING:
    from services.boot.system import Echo, System
    from services.store.store import Store

PROVINCE = "38"
SEASON = (dt.date(2025, 7, 1), dt.date(2025, 10, 14))
SEASON_CASES = 332
FIRST_DAYS = 30
"""How many days stand in full when the pages open."""
LIVED_DAYS = FIRST_DAYS + 7
"""How many days of difficulties are simulated: those that stand, and a week so that they begin with what is open and late."""


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """The contents that a demo is to have, noted when its first days stand.

    Attributes:
        start: the first day of Thanh Hóa's past.
        until: the present at the first start; nobody works after it.
        whole_nation: the other provinces are simulated too.
    """

    seed: str
    start: dt.date
    days: int
    until: dt.datetime
    whole_nation: bool

    @property
    def full_from(self) -> dt.date:
        """Return the first of the days that stand when the pages open."""
        return self._last(FIRST_DAYS)

    @property
    def lived_from(self) -> dt.date:
        """Return the first day with difficulties."""
        return self._last(LIVED_DAYS)

    def _last(self, days: int) -> dt.date:
        return self.start + dt.timedelta(days=max(0, self.days - days) if self.whole_nation else 0)


def plan_of(store: Store) -> DemoPlan | None:
    """Return the plan of a demo whose first days stand; None before that, and of a demo that was filled at once."""
    said = noted(store, FILLED)
    if said is None or not said.startswith("{"):
        return None
    plan = orjson.loads(said)
    return DemoPlan(
        seed=plan["seed"],
        start=dt.date.fromisoformat(plan["start"]),
        days=plan["days"],
        until=dt.datetime.fromisoformat(plan["until"]),
        whole_nation=plan["whole_nation"],
    )


def fill_demo(
    system: System, *, today: dt.datetime, days: int, seed: str, whole_nation: bool, echo: Echo
) -> None:
    """Simulate once what stands when the pages open; a start after a kill goes on with it.

    Without the whole nation that is everything.
    """
    if noted(system.intake_side.store, FILLED) is not None:
        return
    began = time.monotonic()
    start = local_day(today) - dt.timedelta(days=days - 1)
    with opened_simulation(system, PROVINCE, start, days, seed) as journal:
        known = journal.simulation
        plan = DemoPlan(known.seed, known.start, known.days, known.until, whole_nation)
        shown = (local_day(known.until) - plan.full_from).days + 1
        echo(
            f"liencap: simulating the last {shown} days in Thanh Hóa; this first start takes about a minute where two "
            "processors are free"
        )
        with system.parts.relay.holding():
            live_season(system, known.seed, journal)
        province = province_of(system, journal)
        live_days(system, province, journal, plan.lived_from, echo=echo)
        midnight = dt.datetime.combine(plan.full_from, dt.time.min, LOCAL)
        wanted = lasting_to(midnight) if whole_nation else every_case
        # Nobody waits for an answer yet: what leaves together is landed and counted in few large batches.
        with system.parts.relay.holding():
            send_days(province, journal, echo=echo, wanted=wanted)
        reach_present(system, province, journal)
        if not whole_nation:
            # Nothing fills behind the pages of a demo of one province.
            communes = [profile.unit_code for profile in province.profiles]
            province.refused += file_and_restate(system, PROVINCE, communes, known.seed)
        journal.end(noted=(FILLED, orjson.dumps(plan).decode()))
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
