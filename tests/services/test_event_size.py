"""How long an event of a case is, over the work that the simulation draws."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from events.codec import decode
from reporting.dated.calendar import LOCAL
from reporting.dated.procedures import Procedure
from services.intake.intake import Intake
from services.intake.keys import ProvinceKeys
from services.simulate.cases import CaseWorld
from services.simulate.counters import Counters
from services.simulate.profiles import profiles_of
from services.store.store import OUTBOX, Store
from services.streams.read_cases import _in_columns
from tests.services.world import tables
from tests.strategies import written_out

MOST_BYTES = 800
FIRST_DAY = dt.date(2026, 9, 1)


def simulated(folder: Path, communes: int, days: int) -> list[bytes]:
    """Return the events of cases of some communes over some days, as the outbox of a province holds them."""
    units = tables().units.communes_of("38")
    profiles = profiles_of(units, "s")[:communes]
    by_field: dict[str, list[Procedure]] = defaultdict(list)
    for procedure in tables().procedures.all(FIRST_DAY):
        by_field[procedure.field_code].append(procedure)
    world = CaseWorld(
        tables().calendar,
        dict[str, Sequence[Procedure]](by_field),
        "H56",
        tuple(profile.unit_code for profile in profiles),
    )
    counters = Counters(world, "38", "s")
    with closing(Store(f"sqlite:///{folder / 'store.db'}")) as store:
        intake = Intake(store, tables(), ProvinceKeys(folder / "keys"))
        for number in range(days):
            day = FIRST_DAY + dt.timedelta(days=number)
            for profile in profiles:
                counters.arrive(profile, day)
            closing_at = dt.datetime.combine(day, dt.time(17), LOCAL)
            ready = counters.take_ready(counters.on_line(profiles, closing_at), closing_at)
            counters.send(intake, ready, closing_at)
        with store.read() as conn:
            return list(conn.scalars(select(OUTBOX.c.value).order_by(OUTBOX.c.id)))


def test_the_events_of_simulated_counters_are_short_and_taken_in_columns(tmp_path: Path) -> None:
    values = simulated(tmp_path, communes=12, days=21)
    assert len(values) > 1_000
    size = sum(map(len, values)) / len(values)
    full = sum(len(written_out(decode(value))) for value in values) / len(values)
    assert size <= MOST_BYTES, f"{size:.0f} bytes, {full:.0f} with all stated"
    assert len(_in_columns(values, 1)[0]) == len(values)
