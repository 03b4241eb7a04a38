"""Fill the register of villages without signal, power or a line: promised, moved, late, measured."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Iterator, Sequence

from reporting.dated.calendar import LOCAL
from reporting.promises.register import Spot
from services.access.actors import Actor
from services.acting.promise_acts import SpotInput, village_key
from services.simulate.profiles import BAT_MOT, Profile
from services.warehouse.promise_table import PromiseTable
from services.web.promises.views import register_of
from services.web.shell.parts import ViewParts

VILLAGES: Sequence[str] = ("Bản Na", "Bản Lát", "Bản Pù Đứa", "Bản Sài Khao", "Thôn Hón", "Bản Mùa Xuân")
BAT_MOT_VILLAGES: Sequence[str] = ("Bản Vịn", "Bản Đục", "Thôn Khẹo", "Thôn Phống")
GAPS = (("no_signal", 4), ("poor_signal", 4), ("no_fixed_line", 3), ("no_grid_power", 1))
ENTERPRISES = {
    "no_signal": ("viettel", "vnpt"),
    "poor_signal": ("viettel", "vnpt", "mobifone"),
    "no_fixed_line": ("vnpt", "viettel"),
    "no_grid_power": ("dien_luc",),
}
REMOTE_COMMUNES = 8


def fill_register(
    parts: ViewParts, profiles: Sequence[Profile], province: str, day: dt.date, seed: str
) -> None:
    """List villages in the register on a day, three in four with a promise of an enterprise.

    Raises:
        LienCapError: an entry was refused.
    """
    rng = random.Random(f"{seed}:register")
    register, keeper = register_of(_at(parts, day)), _keeper(province)
    for unit_code, village in _villages(profiles, rng):
        gap = rng.choices([each for each, _ in GAPS], [weight for _, weight in GAPS])[0]
        promised = rng.random() < 0.75
        said = {
            "unit_code": unit_code,
            "village": village,
            "village_key": village_key(village),
            "gap": gap,
            "household_count": rng.randint(18, 140),
        }
        if promised:
            said["promiser"] = f"{province}.{rng.choice(ENTERPRISES[gap])}"
            said["promised_on"] = day + dt.timedelta(days=rng.randint(5, 60))
        register.add(keeper, keeper.body or "", SpotInput.model_validate(said))


def follow_promises(parts: ViewParts, province: str, day: dt.date, seed: str) -> int:
    """Measure or move some promises that fell due: communes measure, the department records; return how many.

    Raises:
        LienCapError: a step was refused.
    """
    register, keeper, taken = register_of(_at(parts, day)), _keeper(province), 0
    for spot in _due(parts, province, day):
        rng = random.Random(f"{seed}:promise:{spot.unit_code}:{spot.gap}:{day}")
        drawn, promise = rng.random(), spot.promise
        if drawn < 0.12:
            officer = Actor("commune_officer", spot.unit_code, f"{spot.unit_code}.ubnd", "simulated")
            register.measure(officer, spot, day, works=rng.random() < 0.7)
            taken += 1
        elif drawn < 0.2 and promise is not None:
            register.promise(keeper, spot, promise.promiser, day + dt.timedelta(days=rng.randint(20, 60)))
            taken += 1
    return taken


def _due(parts: ViewParts, province: str, day: dt.date) -> list[Spot]:
    found = PromiseTable(parts.warehouse).within(f"/vn/{province}")
    return [spot for spot in found if spot.state(day) == "late"]


def _villages(profiles: Sequence[Profile], rng: random.Random) -> Iterator[tuple[str, str]]:
    if any(each.unit_code == BAT_MOT for each in profiles):
        yield from ((BAT_MOT, village) for village in BAT_MOT_VILLAGES)
    remote = [each.unit_code for each in profiles if each.remote and each.unit_code != BAT_MOT]
    for unit_code in rng.sample(remote, min(REMOTE_COMMUNES, len(remote))):
        yield from ((unit_code, village) for village in rng.sample(VILLAGES, 2))


def _keeper(province: str) -> Actor:
    body = f"{province}.so_khcn"
    return Actor("department_officer", province, body, f"simulated-{body}")


def _at(parts: ViewParts, day: dt.date) -> ViewParts:
    """Return the parts with a clock fixed at nine in the morning of a day."""
    instant = dt.datetime.combine(day, dt.time(9), LOCAL).astimezone(dt.UTC)
    return dataclasses.replace(parts, clock=lambda: instant)
