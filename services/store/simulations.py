"""The provinces whose past is being simulated, and how far each has come: notes in the store, which outlive a process."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import orjson
from sqlalchemy import delete, select

from services.store.row_writer import upsert
from services.store.store import META, Store

_PREFIX = "simulation/"
_CASES_PREFIX = "earlier-cases/"


@dataclass(frozen=True, slots=True)
class Simulation:
    """A simulation that has begun and has not reached the present.

    Attributes:
        start: its first day.
        days: how many days of work it simulates.
        until: the present at its beginning; nobody works after it.
        present: the present that it is to reach: later than `until` where it went on after a restart.
        step_count: how many of its steps are done.
        cases_only: it sends cases of a past alone, after which nothing follows but figures: no watch waits for it.
    """

    province_code: str
    seed: str
    start: dt.date
    days: int
    until: dt.datetime
    present: dt.datetime
    step_count: int = 0
    cases_only: bool = False

    @property
    def name(self) -> str:
        """Return the name of its note."""
        return f"{_CASES_PREFIX if self.cases_only else _PREFIX}{self.province_code}"


def under_way(store: Store) -> tuple[Simulation, ...]:
    """Return every simulation that has not reached the present, without those that send cases alone."""
    asked = select(META.c.name, META.c.value).where(META.c.name.startswith(_PREFIX)).order_by(META.c.name)
    with store.read() as conn:
        return tuple(_read(row.name, row.value) for row in conn.execute(asked))


def begun(store: Store, wanted: Simulation) -> Simulation | None:
    """Return the simulation of the same province and kind that has begun and not ended, if there is one."""
    with store.read() as conn:
        value = conn.scalar(select(META.c.value).where(META.c.name == wanted.name))
    return None if value is None else _read(wanted.name, value)


def simulated_until(store: Store) -> dict[str, dt.datetime]:
    """Return, for each province whose simulation has not reached the present, until when its past is simulated."""
    return {one.province_code: one.present for one in under_way(store)}


def note_simulation(store: Store, simulation: Simulation) -> None:
    """Note durably how far a simulation has come."""
    said = {
        "seed": simulation.seed,
        "start": simulation.start,
        "days": simulation.days,
        "until": simulation.until,
        "present": simulation.present,
        "step_count": simulation.step_count,
    }
    with store.begin() as conn:
        upsert(conn, META, [{"name": simulation.name, "value": orjson.dumps(said).decode()}])


def end_simulation(store: Store, simulation: Simulation, *, noted: tuple[str, str] | None = None) -> None:
    """Note that a simulation has reached the present.

    Args:
        noted: the name and the value of a note that is written in the same transaction.
    """
    with store.begin() as conn:
        conn.execute(delete(META).where(META.c.name == simulation.name))
        if noted is not None:
            upsert(conn, META, [{"name": noted[0], "value": noted[1]}])


def _read(name: str, value: str) -> Simulation:
    said = orjson.loads(value)
    return Simulation(
        province_code=name.rpartition("/")[2],
        seed=said["seed"],
        start=dt.date.fromisoformat(said["start"]),
        days=said["days"],
        until=dt.datetime.fromisoformat(said["until"]),
        present=dt.datetime.fromisoformat(said["present"]),
        step_count=said["step_count"],
        cases_only=name.startswith(_CASES_PREFIX),
    )
