"""Simulate the rest of a demo behind its pages: Thanh Hóa's earlier cases, then the other provinces one after another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from events.errors import LienCapError
from reporting.dated.calendar import local_day
from services.boot.demo_mode import FILLED
from services.simulate.customs import Customs
from services.simulate.demo import FIRST_DAYS, PROVINCE, DemoPlan
from services.simulate.difficulties_elsewhere import draw_elsewhere
from services.simulate.filing import file_and_restate
from services.simulate.journal import opened
from services.simulate.officials import CHANCE
from services.simulate.run import opened_simulation, reach_present, send_earlier_cases, simulate_days
from services.simulate.sample import sample_of
from services.simulate.shared_nationally import share_nationally
from services.store.notes import noted
from services.store.simulations import Simulation

if TYPE_CHECKING:
    from services.boot.system import Echo, System

PETITIONING = {**CHANCE, "escalate": 0.35}
"""Chances of the steps in the other provinces, which have few communes: more of what they cannot solve goes to ministries."""


def provinces_in_order(system: System) -> list[str]:
    """Return the provinces in the order in which they become complete: Thanh Hóa first."""
    day = local_day(system.intake_side.clock())
    codes = [unit.code for unit in system.intake_side.tables.units.provinces(day)]
    return sorted(codes, key=lambda code: (code != PROVINCE, code))


def is_complete(system: System, code: str) -> bool:
    """Return whether a province of the demo stands in full."""
    return noted(system.intake_side.store, _note_of(code)) is not None


def complete(system: System, plan: DemoPlan, code: str, before_each: Callable[[], None], echo: Echo) -> None:
    """Simulate what a province of the demo lacks; a later call goes on where this one was stopped.

    Args:
        before_each: called before each step; it may wait, or raise to stop.
    """
    if code == PROVINCE:
        _complete_first(system, plan, before_each)
    else:
        _simulate(system, plan, code, before_each)
        _share(system, echo)
    echo(f"liencap: {system.intake_side.tables.units.get(code).name} stands in full")


def _complete_first(system: System, plan: DemoPlan, before_each: Callable[[], None]) -> None:
    wanted = Simulation(
        PROVINCE, plan.seed, plan.start, plan.days, until=plan.until, present=plan.until, cases_only=True
    )
    with opened(system.intake_side.store, wanted, before_each=before_each) as journal:
        send_earlier_cases(system, journal, plan.full_from)
        units = system.intake_side.tables.units
        file_and_restate(system, PROVINCE, [unit.code for unit in units.communes_of(PROVINCE)], plan.seed)
        journal.end(noted=(_note_of(PROVINCE), ""))


def _simulate(system: System, plan: DemoPlan, code: str, before_each: Callable[[], None]) -> None:
    days = min(plan.days, FIRST_DAYS)
    start = local_day(plan.until) - dt.timedelta(days=days - 1)
    with opened_simulation(
        system, code, start, days, f"{plan.seed}:{code}", before_each=before_each
    ) as journal:
        province = simulate_days(system, journal, echo=_quiet, customs=_customs_of(code))
        reach_present(system, province, journal)
        journal.end(noted=(_note_of(code), ""))


def _share(system: System, echo: Echo) -> None:
    """Let the ministry share what it can; a step that is refused is tried again after the next province."""
    try:
        share_nationally(system)
    except LienCapError as error:
        echo(f"liencap: a simulated step of a ministry was refused: {error.message}")


def _customs_of(code: str) -> Customs:
    # The number of the agency in a dossier code is made up, as the cases are.
    return Customs(sample_of, draw_elsewhere, PETITIONING, f"H{code}")


def _note_of(code: str) -> str:
    return f"{FILLED}/{code}"


def _quiet(_line: str) -> None:
    """Drop a line: one for each province is enough."""
