from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.event import listen

from reporting.dated.calendar import LOCAL, local_day
from reporting.dated.procedures import Procedure
from reporting.privacy import lint
from services.intake.intake import Intake
from services.intake.issue_input import LONGEST_SAYING
from services.intake.keys import ProvinceKeys
from services.simulate.cases import CaseWorld, Sending, draw_day
from services.simulate.counters import Counters, every_case, lasting_to, over_before, unsent
from services.simulate.dead_spots import fill_register, follow_promises
from services.simulate.demo import DemoPlan
from services.simulate.difficulties import draw_difficulties, neighbours
from services.simulate.difficulties_elsewhere import PLACES, draw_elsewhere
from services.simulate.profiles import BAT_MOT, profile_of, profiles_of
from services.simulate.sample import LEAST, NO_COUNTER, chosen, sample_of
from services.simulate.shared_causes import share_causes
from services.store.store import Store
from services.warehouse.problem_table import ProblemFilter
from services.warehouse.promise_table import PromiseTable
from tests.services.world import World, tables
from tests.stores import empty_store

MONDAY = dt.date(2026, 9, 21)


def world() -> CaseWorld:
    by_field: dict[str, list[Procedure]] = defaultdict(list)
    for procedure in tables().procedures.all(MONDAY):
        by_field[procedure.field_code].append(procedure)
    communes = tuple(unit.code for unit in tables().units.communes_of("38"))
    return CaseWorld(tables().calendar, dict[str, Sequence[Procedure]](by_field), "H56", communes)


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


def test_some_cases_are_undated_stopped_received_for_another_commune_or_helped_by_one() -> None:
    drawn = [
        (unit.code, sending)
        for unit in tables().units.communes_of("38")
        for day in (MONDAY, MONDAY + dt.timedelta(days=1))
        for sending in draw_day(world(), profile_of(unit, "s"), day, "s")
    ]
    rows = [sending.row for _, sending in drawn]
    assert any("MaTTHC" not in row and "NgayHenTra" not in row for row in rows)
    assert any(row["TrangThai"] == 8 for row in rows)
    helped = [(code, sending.row) for code, sending in drawn if "MaDonViHoTro" in sending.row]
    assert helped
    assert all(row["MaDonViHoTro"] != code and row["KenhThucHien"] == "2" for code, row in helped)
    for_another = [(code, sending.row) for code, sending in drawn if sending.by_feed]
    assert for_another
    assert all(row["MaDonViTiepNhan"] == code != row["MaDonViThamQuyen"] for code, row in for_another)
    # The known season of Bát Mọt stays as plain as it was.
    plain = draw_day(
        world(), profile_of(tables().units.get(BAT_MOT), "s"), MONDAY, "s", exactly=300, accepted_only=True
    )
    assert all("MaTTHC" in each.row and each.row["TrangThai"] != 8 and not each.by_feed for each in plain)


def test_the_same_seed_writes_the_same_words_and_not_one_sentence_for_all() -> None:
    profiles = [profile_of(unit, "s") for unit in tables().units.communes_of("38")]
    days = [MONDAY + dt.timedelta(n) for n in range(40)]
    first, again = (
        [each for day in days for each in draw_difficulties(profiles, day, "s")] for _ in range(2)
    )
    assert first == again
    said = {(each.body["kind"], each.body["content"]) for each in first}
    assert len(said) > len({kind for kind, _ in said}) + 8


def test_the_communes_that_stand_for_a_province_are_its_islands_city_highland_and_delta() -> None:
    units = tables().units
    islands = set()
    for province in units.provinces(MONDAY):
        communes = units.communes_of(province.code, MONDAY)
        picked = chosen(communes)
        assert len(picked) >= LEAST, province.name
        assert set(picked) <= set(communes)
        assert {unit.kind for unit in communes} - {"dac_khu"} <= {unit.kind for unit in picked}
        areas = [unit.area_km2 or 0 for unit in communes if unit.kind == "xa"]
        assert {min(areas), max(areas)} <= {unit.area_km2 or 0 for unit in picked if unit.kind == "xa"}
        islands |= {unit.code for unit in communes if unit.kind == "dac_khu"} - {one.code for one in picked}
    assert islands == NO_COUNTER


def test_elsewhere_five_provinces_share_kinds_and_nobody_names_a_village_of_bat_mot() -> None:
    spread: dict[str, set[str]] = defaultdict(set)
    ids: list[object] = []
    for province in list(tables().units.provinces(MONDAY))[:8]:
        profiles = sample_of(tables().units.communes_of(province.code, MONDAY), province.code)
        for n in range(30):
            for each in draw_elsewhere(profiles, MONDAY + dt.timedelta(n), province.code):
                spread[str(each.body["kind"])].add(province.code)
                ids.append(each.body["id"])
                assert each.body.get("place") not in PLACES
    assert len(ids) == len(set(ids))
    assert len(spread["mobile_dead_spot"]) == 8
    assert sum(len(provinces) >= 5 for provinces in spread.values()) >= 3
    assert set(spread) <= {kind.key for kind in tables().competence.kinds(MONDAY)}


def test_a_case_is_over_before_an_instant_or_lasts_to_it() -> None:
    profile, middle = profile_of(tables().units.get("14797"), "s"), MONDAY + dt.timedelta(10)
    noon = dt.datetime.combine(middle, dt.time(12), LOCAL)
    sent: list[list[Sending]] = []
    for wanted in (over_before(noon), lasting_to(noon), every_case):
        counters = Counters(world(), "38", "s")
        for n in range(20):
            counters.arrive(profile, MONDAY + dt.timedelta(n), wanted=wanted)
        ready = counters.take_ready([profile.unit_code], noon + dt.timedelta(days=400))
        assert counters.waiting_count == 0
        sent.append(list(ready[profile.unit_code]))
    before, lasting, every = sent
    assert max(each.at for each in before) < noon
    assert {str(each.row["MaHoSo"]) for each in before}.isdisjoint(
        str(each.row["MaHoSo"]) for each in lasting
    )
    assert sorted([*before, *lasting], key=repr) == sorted(every, key=repr)


def test_the_counters_of_a_day_send_in_as_few_transactions_as_their_rows_need(tmp_path: Path) -> None:
    profiles = [profile_of(unit, "s") for unit in tables().units.communes_of("38")[:40]]
    closing_at = dt.datetime.combine(MONDAY, dt.time(17), LOCAL)
    counters = Counters(world(), "38", "s")
    commits: list[object] = []
    for profile in profiles:
        counters.arrive(profile, MONDAY)
    ready = counters.take_ready([profile.unit_code for profile in profiles], closing_at)
    assert len(ready) > 30
    with closing(Store(empty_store(tmp_path / "store.db"))) as store:
        intake = Intake(store, tables(), ProvinceKeys(tmp_path / "keys"))
        listen(store.engine, "commit", commits.append)
        created, refused = counters.send(intake, ready, closing_at)
        assert (len(commits), refused) == (1, [])
        assert created == len({str(each.row["MaHoSo"]) for rows in ready.values() for each in rows})
        assert not any(unsent(store, ready, closing_at).values())


def test_difficulties_begin_a_week_before_the_days_that_stand_and_alone_on_the_first_day() -> None:
    until = dt.datetime.combine(MONDAY, dt.time(12), LOCAL)
    plan = DemoPlan("s", MONDAY - dt.timedelta(89), 90, until, whole_nation=True)
    assert plan.full_from == MONDAY - dt.timedelta(29)
    assert plan.lived_from == MONDAY - dt.timedelta(36)
    assert replace(plan, whole_nation=False).lived_from == plan.start
    assert replace(plan, start=MONDAY - dt.timedelta(9), days=10).lived_from == MONDAY - dt.timedelta(9)


def test_nothing_arrives_on_a_holiday() -> None:
    profile = profile_of(tables().units.get("14797"), "s")
    assert draw_day(world(), profile, dt.date(2026, 9, 2), "s") == []


def test_every_simulated_difficulty_is_of_a_kind_that_the_table_knows() -> None:
    profiles = [profile_of(unit, "s") for unit in tables().units.communes_of("38")]
    kinds = {kind.key for kind in tables().competence.kinds(MONDAY)}
    drawn = [each for n in range(40) for each in draw_difficulties(profiles, MONDAY + dt.timedelta(n), "s")]
    assert len(drawn) > 50
    assert {str(each.body["kind"]) for each in drawn} <= kinds
    placed = [each.body for each in drawn if each.body["kind"] in tables().place_kinds.on(MONDAY)]
    assert placed
    assert [body for body in placed if not body.get("place")] == []
    for body in (each.body for each in drawn):
        for text in (str(body["content"]), str(body["request"])):
            assert 0 < len(text) <= LONGEST_SAYING
            assert lint(text) == ()
    assert {each.body["kind"] for each in drawn if each.unit_code == BAT_MOT} == {
        "mobile_dead_spot",
        "power_unstable",
        "digital_illiteracy",
        "newborn_personal_id",
        "land_db_not_connected",
    }


def test_a_commune_reports_a_kind_once_a_day_and_what_strikes_many_takes_the_place_of_its_own() -> None:
    profiles = [profile_of(unit, "lien-cap") for unit in tables().units.communes_of("38")]
    struck = draw_difficulties(profiles, dt.date(2026, 11, 26), "lien-cap")
    drawn = [each for each in struck if each.unit_code == "14878"]
    assert [(each.body["kind"], each.body["severity"]) for each in drawn] == [("no_fixed_internet", "high")]


def test_when_a_line_fails_its_neighbours_report_on_the_next_day_what_failed_with_it() -> None:
    profiles = [profile_of(unit, "s") for unit in tables().units.communes_of("38")]
    codes = [profile.unit_code for profile in profiles]
    days = [MONDAY + dt.timedelta(n) for n in range(14)]
    drawn = {day: list(draw_difficulties(profiles, day, "s")) for day in days}
    cuts = [(day, each) for day in days for each in drawn[day] if each.body["severity"] == "urgent"]
    assert len(cuts) == 1
    day, cut = cuts[0]
    felt = neighbours(codes, cut.unit_code)
    assert cut.unit_code in felt
    after = {each.unit_code for each in drawn[day + dt.timedelta(1)] if each.body["severity"] == "high"}
    assert set(felt) <= after


@pytest.mark.warehouse
@pytest.mark.slow
def test_the_register_fills_in_a_world_and_missed_days_are_measured_or_moved(world: World) -> None:
    day = local_day(world.clock()) - dt.timedelta(days=200)
    profiles = [profile_of(unit, "s") for unit in world.parts.tables.units.communes_of("38")]
    fill_register(world.parts, profiles, "38", day, "s")
    world.settle()
    listed = PromiseTable(world.parts.warehouse).within("/vn/38")
    assert len(listed) == 20
    assert any(spot.unit_code == BAT_MOT for spot in listed)
    assert 0 < sum(spot.promise is not None for spot in listed) < len(listed)
    for week in range(1, 25):
        follow_promises(world.parts, "38", day + dt.timedelta(weeks=week), "s")
        world.settle()
    later = PromiseTable(world.parts.warehouse).within("/vn/38")
    assert any(len(spot.promises) > 1 for spot in later)
    assert any(spot.measurements for spot in later)


@pytest.mark.warehouse
@pytest.mark.slow
def test_the_office_answers_once_what_three_communes_report(world: World) -> None:
    for unit in world.parts.tables.units.communes_of("38")[:3]:
        world.report(unit_code=unit.code, kind="newborn_personal_id")
    today = local_day(world.clock())
    for ahead in (0, 1, 5):
        states = [each for each in world.parts.issue_table.every() if each.is_open]
        share_causes(world.parts, "38", states, today + dt.timedelta(days=ahead))
        world.settle()
    (problem,) = world.parts.problem_table.list(ProblemFilter(scopes=("38",)))
    assert problem.state == "answered"
    assert {each.state for each in world.parts.issue_table.every()} == {"solution_claimed"}


def test_some_communes_are_heard_only_days_after_the_others() -> None:
    profiles = profiles_of(tables().units.communes_of("38"), "demo")
    counters = Counters(world(), "38", "demo")
    days = [dt.datetime(2026, 9, 7 + number, 17, tzinfo=LOCAL) for number in range(4)]
    first, *_, later = (set(counters.on_line(profiles, day)) for day in days)
    assert 1 <= len(later - first) < len(profiles) // 5
