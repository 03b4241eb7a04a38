from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from reporting.procedures import Procedure
from services.simulate.cases import CaseWorld, Sending, draw_day
from services.simulate.difficulties import draw_difficulties
from services.simulate.profiles import BAT_MOT, profile_of
from tests.services.world import tables

MONDAY = dt.date(2026, 9, 21)


def world() -> CaseWorld:
    by_field: dict[str, list[Procedure]] = defaultdict(list)
    for procedure in tables().procedures.all(MONDAY):
        by_field[procedure.field_code].append(procedure)
    return CaseWorld(tables().calendar, dict[str, Sequence[Procedure]](by_field), "H56")


def test_the_same_seed_draws_the_same_work() -> None:
    profile = profile_of(tables().units.get("14797"), "a")
    first, again = (draw_day(world(), profile, MONDAY, "a") for _ in range(2))
    assert first
    assert first == again
    assert draw_day(world(), profile, MONDAY, "b") != first


def test_each_simulated_case_moves_forward_in_time() -> None:
    lives: dict[object, list[Sending]] = defaultdict(list)
    for unit in tables().units.communes_of("38"):
        for sending in draw_day(world(), profile_of(unit, "s"), MONDAY, "s"):
            lives[sending.row["MaHoSo"]].append(sending)
    assert len(lives) > 300
    assert all([s.at for s in life] == sorted(s.at for s in life) for life in lives.values())
    ends = {life[-1].row["TrangThai"] for life in lives.values()}
    assert {3, 10} <= ends


def test_nothing_arrives_on_a_holiday() -> None:
    profile = profile_of(tables().units.get("14797"), "s")
    assert draw_day(world(), profile, dt.date(2026, 9, 2), "s") == []


def test_every_simulated_difficulty_is_of_a_kind_that_the_table_knows() -> None:
    profiles = [profile_of(unit, "s") for unit in tables().units.communes_of("38")]
    kinds = {kind.key for kind in tables().competence.kinds(MONDAY)}
    drawn = [each for n in range(40) for each in draw_difficulties(profiles, MONDAY + dt.timedelta(n), "s")]
    assert len(drawn) > 50
    assert {str(each.body["kind"]) for each in drawn} <= kinds
    assert {each.body["kind"] for each in drawn if each.unit_code == BAT_MOT} == {
        "mobile_dead_spot",
        "power_unstable",
        "digital_illiteracy",
        "newborn_personal_id",
        "land_db_not_connected",
    }
