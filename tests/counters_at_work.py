"""The case events of a simulated province, as its counters send them through the product's intake; for tests and benches."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from events.topics import CASES
from reporting.dated.calendar import LOCAL
from reporting.dated.procedures import Procedure
from services.dated_tables import DatedTables
from services.intake.intake import Intake
from services.intake.keys import ProvinceKeys
from services.simulate.cases import CaseWorld
from services.simulate.counters import Counters
from services.simulate.profiles import profiles_of
from services.store.store import OUTBOX, Store

PROVINCE = "38"


def sent_by_counters(
    folder: Path, tables: DatedTables, days: Iterable[dt.date], *, seed: str, communes: int | None = None
) -> list[bytes]:
    """Let the counters of the first communes work and send, day by day; return what the outbox holds of cases."""
    profiles = profiles_of(tables.units.communes_of(PROVINCE), seed)[:communes]
    by_field: dict[str, list[Procedure]] = defaultdict(list)
    days = list(days)
    for procedure in tables.procedures.all(days[0]):
        by_field[procedure.field_code].append(procedure)
    world = CaseWorld(
        tables.calendar,
        dict[str, Sequence[Procedure]](by_field),
        "H56",
        tuple(profile.unit_code for profile in profiles),
    )
    counters = Counters(world, PROVINCE, seed)
    with closing(Store(f"sqlite:///{folder / 'store.db'}")) as store:
        intake = Intake(store, tables, ProvinceKeys(folder / "keys"))
        for day in days:
            for profile in profiles:
                counters.arrive(profile, day)
            closing_at = dt.datetime.combine(day, dt.time(17), LOCAL)
            ready = counters.take_ready(counters.on_line(profiles, closing_at), closing_at)
            counters.send(intake, ready, closing_at)
        with store.read() as conn:
            told = select(OUTBOX.c.value).where(OUTBOX.c.topic == CASES.name).order_by(OUTBOX.c.id)
            return [bytes(value) for value in conn.scalars(told)]
