"""Draw the difficulties of the provinces of which a few communes are simulated: their own, and those that many provinces share."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Iterator, Sequence

from services.simulate.difficulties import CAUSES, Difficulty, draw_difficulties, report_of
from services.simulate.profiles import Profile

TUESDAY, THURSDAY = 1, 3
SHARED_BY_REMOTE = "mobile_dead_spot"
SHARED = ("newborn_personal_id", "land_db_not_connected", "no_fixed_internet", "ministry_system_error")
"""Kinds whose cause lies above every province, so that several report them at once."""

PLACES = {"Bản Vịn": "Các thôn xa trung tâm", "Bản Đục": "Thôn cuối xã"}
"""Villages of Bát Mọt → what a commune elsewhere names in their stead."""


def draw_elsewhere(profiles: Sequence[Profile], day: dt.date, seed: str) -> Iterator[Difficulty]:
    """Yield the reports of one day: what each commune meets, and twice a week what many provinces share."""
    rng = random.Random(f"{seed}:shared:{day}")
    drawn = [*draw_difficulties(profiles, day, seed)]
    if day.weekday() == TUESDAY:
        struck = rng.choice([each for each in profiles if each.remote] or list(profiles))
        drawn.append(_shared(struck, day, SHARED_BY_REMOTE, rng, seed))
    elif day.weekday() == THURSDAY:
        drawn.append(_shared(rng.choice(profiles), day, rng.choice(SHARED), rng, seed))
    seen: set[str] = set()
    for one in drawn:
        place, said = one.body.get("place"), str(one.body["id"])
        if said in seen:
            continue  # a commune met by itself what it shares
        seen.add(said)
        body = one.body if place not in PLACES else {**one.body, "place": PLACES[str(place)]}
        yield dataclasses.replace(one, body=body)


def _shared(profile: Profile, day: dt.date, kind: str, rng: random.Random, seed: str) -> Difficulty:
    cause = next(cause for cause in CAUSES if cause[0] == kind)
    return report_of(profile.unit_code, day, cause[:5], rng, seed)
