"""What a simulation must hold: one stuck outbox, lessons, data that do not agree, staff as a table."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from events.cases import LinkedData
from events.codec import decode
from events.sources import SourceHeartbeat
from reporting.dated.calendar import LOCAL
from reporting.dated.procedures import Procedure
from reporting.dated.staff import parse_staff
from services.intake.heartbeats import Heartbeats
from services.intake.national_rows import read_row
from services.simulate.cases import CaseWorld, draw_day
from services.simulate.lessons import drawn as drawn_lessons
from services.simulate.profiles import BAT_MOT, profiles_of
from services.simulate.staff import staff_csv
from services.simulate.stuck import STUCK_WORKING_DAYS, stuck_of
from services.store.store import OUTBOX, Store
from tests.services.world import tables
from tests.stores import empty_store

UNTIL = dt.datetime(2026, 11, 30, 15, tzinfo=LOCAL)
UNITS = tables().units.communes_of("38")
PROFILES = profiles_of(UNITS, "kinds")


def test_one_commune_of_a_large_province_is_stuck_for_some_working_days_up_to_the_end() -> None:
    stuck = stuck_of(PROFILES, UNTIL, tables().calendar, "kinds")
    assert stuck is not None
    assert stuck == stuck_of(PROFILES, UNTIL, tables().calendar, "kinds")
    assert stuck.unit_code != BAT_MOT
    held = [
        day for n in range(30) if stuck.holds(stuck.unit_code, day := UNTIL.date() - dt.timedelta(days=n))
    ]
    assert held[0] == UNTIL.date()
    assert sum(map(tables().calendar.is_working, held[1:])) == STUCK_WORKING_DAYS
    assert not stuck.holds(BAT_MOT, UNTIL.date())
    assert stuck_of(PROFILES[:5], UNTIL, tables().calendar, "kinds") is None


def test_its_heartbeats_state_what_waits_at_its_own_end_and_those_of_others_do_not(tmp_path: Path) -> None:
    stuck = stuck_of(PROFILES, UNTIL, tables().calendar, "kinds")
    assert stuck is not None
    with closing(Store(empty_store(tmp_path / "store.db"))) as store:
        beats = Heartbeats(store, tables().units, lambda: UNTIL)
        beats.mark_active(stuck.unit_code, UNTIL.astimezone(dt.UTC), waiting=stuck.waiting())
        beats.mark_active(BAT_MOT, UNTIL.astimezone(dt.UTC))
        assert beats.beat() == 2
        with store.read() as conn:
            events = [decode(value) for value in conn.scalars(select(OUTBOX.c.value))]
    found = {event.subject: event.data for event in events if isinstance(event, SourceHeartbeat)}
    assert (found[stuck.unit_code].outbox_count, found[BAT_MOT].outbox_count) == (stuck.depth, 0)
    assert found[stuck.unit_code].oldest_unsent_at == stuck.waiting().oldest_at


def test_the_staff_of_a_simulation_is_a_table_that_an_installation_reads() -> None:
    found = parse_staff(staff_csv(UNITS, "kinds"), tables().units, tables().procedures.fields())
    assert all(found.people_on(unit.code, "centre", UNTIL.date()) for unit in UNITS)
    assert found.people_on(BAT_MOT, "centre", UNTIL.date()) == 4


def test_cases_that_take_days_wait_for_data_at_bodies_that_the_table_names() -> None:
    by_field: dict[str, list[Procedure]] = defaultdict(list)
    for procedure in tables().procedures.all(UNTIL.date()):
        by_field[procedure.field_code].append(procedure)
    world = CaseWorld(tables().calendar, {**by_field}, "H56")
    rows = [
        read_row(sending.row)
        for profile in PROFILES
        for sending in draw_day(world, profile, dt.date(2026, 11, 23), "kinds")
    ]
    data: Counter[LinkedData | str] = Counter(row.mismatch for row in rows if row.mismatch)
    assert len(data) > 1
    assert any(row.entered_twice for row in rows)
    assert all(tables().bodies.knows(row.mismatch_body) for row in rows if row.mismatch_body)


def test_lessons_are_the_same_for_a_seed_and_confirm_no_more_people_than_came() -> None:
    day = dt.date(2026, 11, 23)
    drawn = list(drawn_lessons(PROFILES, day, "kinds"))
    assert drawn == list(drawn_lessons(PROFILES, day, "kinds"))
    assert drawn
