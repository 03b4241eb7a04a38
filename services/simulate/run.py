"""Drive a simulated province day by day: its difficulties with its own clock, then its cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reporting.dated.bodies import NATION
from reporting.dated.calendar import LOCAL, local_day
from services.consuming.progress import settle
from services.errors import SetupError
from services.simulate.counters import Wanted, every_case, over_before
from services.simulate.customs import HOME, Customs
from services.simulate.filing import file_and_restate
from services.simulate.journal import Journal, opened
from services.simulate.province import SETTLE_SECONDS, Province
from services.store.simulations import Simulation

if TYPE_CHECKING:
    from services.boot.system import Echo, System

LOOKED_AT = dt.time(17, 30)
"""When the watch looks at a simulated day: the office has closed, and what fell due at its end is past."""

OPENS_AT = dt.time(8)
SAY_EVERY_DAYS = 10
_DAY = dt.timedelta(days=1)


def simulate_province(
    system: System,
    province_code: str,
    start: dt.date,
    days: int,
    seed: str,
    *,
    echo: Echo,
    customs: Customs = HOME,
) -> Province:
    """Simulate this many days from `start` on, but nothing after the present instant.

    A simulation of the province that was interrupted is gone on with instead, from where it stood.

    Returns:
        The province, with counts of cases and issues, and the steps that were refused.

    Raises:
        UnknownUnit: no province has that code.
        KeptElsewhere: the store keeps other provinces, or nothing of the ministries, which act here too.
        SetupError: several processes share the log, and the store is not the one that all of them ask.
    """
    with opened_simulation(system, province_code, start, days, seed) as journal:
        province = simulate_days(system, journal, echo=echo, customs=customs)
        reach_present(system, province, journal)
        communes = [profile.unit_code for profile in province.profiles]
        province.refused += file_and_restate(system, province_code, communes, seed)
        journal.end()
    return province


@contextmanager
def opened_simulation(
    system: System,
    province_code: str,
    start: dt.date,
    days: int,
    seed: str,
    *,
    before_each: Callable[[], None] = lambda: None,
) -> Iterator[Journal]:
    """Begin a simulation or go on with one; errors as for `simulate_province`.

    Args:
        before_each: called before each step.
    """
    side = system.intake_side
    side.tables.units.get(province_code)
    for unit_code in (province_code, NATION):
        side.intake.must_keep(unit_code)
    settings, now = side.settings, side.clock()
    if settings.kafka_servers is not None and settings.provinces:
        raise SetupError(
            "a simulation notes in the store how far it is, and every worker must ask that store: simulate where one "
            "store keeps every province (without LIENCAP_PROVINCES)"
        )
    wanted = Simulation(province_code, seed, start, days, until=now, present=now)
    with opened(side.store, wanted, before_each=before_each) as journal:
        if journal.resumed:
            system.parts.relay.publish_all()
            settle(system.runtime, SETTLE_SECONDS)
        yield journal


def simulate_days(system: System, journal: Journal, *, echo: Echo, customs: Customs = HOME) -> Province:
    """Simulate the days of a simulation: all difficulties, then the cases."""
    province = province_of(system, journal, customs=customs)
    live_days(system, province, journal, journal.simulation.start, echo=echo)
    send_days(province, journal, echo=echo)
    return province


def province_of(system: System, journal: Journal, *, customs: Customs = HOME) -> Province:
    """Return the province of a simulation."""
    asked = journal.simulation
    province = Province(system, asked.province_code, asked.seed, journal, customs=customs)
    province.get_stuck(asked.until)
    return province


def live_days(system: System, province: Province, journal: Journal, first: dt.date, *, echo: Echo) -> None:
    """Simulate the difficulties from a day on to the last of a simulation; the watch looks after each working day."""
    asked = journal.simulation
    if journal.resumed:
        echo(f"liencap: going on with the simulation of {asked.province_code} that was interrupted")
    for day in _worked(asked, asked.start):
        if day < first:
            province.note_lines(day, asked.until)
    province.fill_register(first)
    days = list(_worked(asked, first))
    for number, day in enumerate(days, 1):
        province.live(day, asked.until)
        for at in _looks(system, _midnight(day), min(_midnight(day + _DAY), asked.until)):
            journal.take(province.look_once(at))
        if number % SAY_EVERY_DAYS == 0 or number == len(days):
            echo(f"liencap: simulated {number} of {len(days)} days, {province.issue_count:,} difficulties")


def send_days(province: Province, journal: Journal, *, echo: Echo, wanted: Wanted = every_case) -> None:
    """Send the cases of a simulation's days, whose difficulties stand.

    Args:
        wanted: which cases; others may be sent later, because nothing but figures follows from a case.
    """
    asked = journal.simulation
    days = list(_worked(asked, asked.start))
    for number, day in enumerate(days, 1):
        province.receive(day, wanted)
        province.send(day, asked.until)
        if number % SAY_EVERY_DAYS == 0 or number == len(days):
            # The streams land them while the next days are sent, also where the relay is held: on another processor.
            province.publish()
            echo(f"liencap: sent the cases of {number} of {len(days)} days, {province.case_count:,} cases")
    echo("liencap: all cases are sent, waiting until they are counted")
    province.settle()
    echo(f"liencap: simulated {province.case_count:,} cases")


def _worked(simulation: Simulation, first: dt.date) -> Iterator[dt.date]:
    """Yield the days of a simulation, from one on, on which somebody works before the present of the beginning."""
    day, end = first, simulation.start + simulation.days * _DAY
    while day < end and dt.datetime.combine(day, OPENS_AT, LOCAL) <= simulation.until:
        yield day
        day += _DAY


def reach_present(system: System, province: Province, journal: Journal) -> None:
    """Let the time pass in which nobody works any more: from the last simulated day to the present instant."""
    wanted, present = journal.simulation, system.intake_side.clock()
    journal.reach(present)
    worked_until = min(_midnight(wanted.start + wanted.days * _DAY), wanted.until)
    for at in _looks(system, worked_until, present):
        province.look(at)
    province.look(present)
    province.settle()


def _looks(system: System, after: dt.datetime, until: dt.datetime) -> Iterator[dt.datetime]:
    """Yield the instants in a span at which the watch looks: the end of each working day."""
    day = local_day(after)
    while (at := dt.datetime.combine(day, LOOKED_AT, LOCAL)) <= until:
        if at > after and system.intake_side.tables.calendar.is_working(day):
            yield at
        day += _DAY


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, LOCAL)


def send_earlier_cases(system: System, journal: Journal, before: dt.date, *, customs: Customs = HOME) -> int:
    """Send the cases that were over before a day, as their counters did then; return how many.

    Nothing follows from a case but figures, and those of its days alone: no figure from that day on moves.
    """
    asked = journal.simulation
    province = Province(system, asked.province_code, asked.seed, journal, customs=customs)
    wanted, day = over_before(_midnight(before)), asked.start
    while day < before or province.counters.waiting_count:
        province.note_lines(day, asked.until)
        if day < before:
            province.receive(day, wanted)
        province.send(day, asked.until, everything=day >= before)
        day += _DAY
    province.settle()
    return province.case_count
