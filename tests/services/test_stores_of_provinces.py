"""Two stores on one log, each of its own provinces: none recovers, records or notifies what is another's."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from events.cases import CaseState
from reporting.dated.territory import parse_territory
from services.access.actors import SYSTEM
from services.boot.open import open_intake
from services.boot.provinces import must_serve, notify_group
from services.boot.steps import readers
from services.boot.system import PAGES, IntakeSide
from services.dated_tables import load_tables
from services.errors import KeptElsewhere, SetupError
from services.intake.issue_input import read_issue
from services.settings import load_settings
from services.store.store import CASES, IDEMPOTENCY, Store
from services.warehouse.client import Warehouse
from tests.services.world import SAID, open_world

TABLES = load_tables()
THANH_HOA, NGHE_AN = "15607", TABLES.units.communes_of("40")[0].code
NOW = dt.datetime(2026, 7, 15, 2, 0, tzinfo=dt.UTC)


class Country:
    """One log and one folder of keys, and a store for each province."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, provinces: str) -> str:
        return f"sqlite:///{self.folder / f'store-{provinces}.db'}"

    @contextmanager
    def side(self, provinces: str) -> Iterator[IntakeSide]:
        """Open the intake of one store; what was forgotten is looked up in the log first."""
        settings = load_settings(data=self.folder, store_url=self.url(provinces), provinces=provinces)
        with open_intake(settings, clock=lambda: NOW) as side:
            yield side

    def kept(self, provinces: str) -> set[tuple[str, str]]:
        """Name whose cases and whose reports a store holds."""
        with closing(Store(self.url(provinces))) as store, store.read() as conn:
            states = [CaseState.model_validate_json(state) for state in conn.scalars(select(CASES.c.state))]
            reports = conn.scalars(select(IDEMPOTENCY.c.unit_code)).all()
        return {("case", state.unit_code) for state in states} | {("report", code) for code in reports}


@pytest.fixture
def country(tmp_path: Path) -> Country:
    return Country(tmp_path)


def take(side: IntakeSide, unit_code: str, number: int = 1) -> None:
    """Let a commune bring in a case and report a difficulty, and publish both."""
    row = {"MaHoSo": f"A-{number}", "MaTTHC": "1.004873", "NgayTiepNhan": "15/07/2026", "TrangThai": 2}
    [result] = side.intake.sync_cases(unit_code, [row], actor=SYSTEM, now=NOW)
    assert result.outcome == "created", result
    side.intake.report_issue(unit_code, report(), actor=SYSTEM, now=NOW)
    side.relay.publish_all()


def report() -> Any:
    return read_issue(
        {"id": str(uuid.uuid4()), "kind": "mobile_dead_spot", "severity": "high", "place": "Bản Vịn", **SAID}
    )


@pytest.mark.slow
def test_a_restart_takes_over_nothing_of_another_province(country: Country) -> None:
    with country.side("38") as ours:
        take(ours, THANH_HOA)
    with country.side("40") as theirs:
        take(theirs, NGHE_AN)
    with country.side("38") as ours:
        take(ours, THANH_HOA, 2)
    assert country.kept("38") == {("case", THANH_HOA), ("report", THANH_HOA)}
    assert country.kept("40") == {("case", NGHE_AN), ("report", NGHE_AN)}


@pytest.mark.slow
def test_a_fresh_store_takes_over_what_is_its_own_and_nothing_else(country: Country) -> None:
    with country.side("38,40") as both:
        take(both, THANH_HOA)
        take(both, NGHE_AN)
    with country.side("40"):
        pass
    assert country.kept("40") == {("case", NGHE_AN), ("report", NGHE_AN)}
    with country.side("vn"):
        pass
    assert country.kept("vn") == set()


def test_a_store_takes_in_nothing_of_another_province_and_gives_no_sign_of_life_for_it(
    country: Country,
) -> None:
    with country.side("38,vn") as side:
        row = {"MaHoSo": "A-1", "MaTTHC": "1.004873", "NgayTiepNhan": "15/07/2026", "TrangThai": 2}
        with pytest.raises(KeptElsewhere, match="this one keeps 38, vn"):
            side.intake.sync_cases(NGHE_AN, [row], actor=SYSTEM, now=NOW)
        with pytest.raises(KeptElsewhere, match="kept in another store"):
            side.intake.report_issue(NGHE_AN, report(), actor=SYSTEM, now=NOW)
        with pytest.raises(KeptElsewhere):
            side.intake.take_step(NGHE_AN, "A-1", {"TrangThai": 4}, actor=SYSTEM, now=NOW)
        assert side.heartbeats.beat() == 0
        take(side, THANH_HOA)
        assert side.heartbeats.beat() == 1
    assert country.kept("38,vn") == {("case", THANH_HOA), ("report", THANH_HOA)}


def test_a_setting_that_names_no_province_is_refused_before_anything_is_opened(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / "new", provinces="38, 15607")
    with (
        pytest.raises(SetupError, match="LIENCAP_PROVINCES: 15607 is a commune, in province 38"),
        open_intake(settings),
    ):
        pass
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("provinces", "refused"),
    [("", set()), ("38", {"ministry"}), ("vn", {"commune", "province"}), ("38,vn", set())],
)
def test_a_service_starts_on_a_store_of_those_who_use_it(provinces: str, refused: set[str]) -> None:
    territory = parse_territory(provinces, TABLES.units)
    for role in PAGES:
        with pytest.raises(SetupError, match="needs a store") if role in refused else nullcontext():
            must_serve(territory, role)


def test_a_store_keeps_the_name_of_its_group_when_it_is_given_another_province(country: Country) -> None:
    with closing(Store(country.url("38"))) as one, closing(Store(country.url("40"))) as other:
        alone, before, after = (parse_territory(each, TABLES.units) for each in ("", "38", "38,40,vn"))
        names = [notify_group(one, each) for each in (before, after, before)]
        assert len(set(names)) == 1
        assert notify_group(other, after) not in names
        assert notify_group(one, alone) == notify_group(other, alone) == "notify"
        assert (names[0], ("issues", "sources", "promises", "periods")) in readers(names[0])


@pytest.mark.warehouse
def test_who_belongs_to_another_store_reads_here_and_changes_nothing(
    tmp_path: Path, warehouse: Warehouse
) -> None:
    with open_world(tmp_path, warehouse, provinces="vn,40") as world:
        nothing = f"/api/v1/escalations/{uuid.uuid4()}"
        for who, status in [
            (("department_officer", "38", "38.so_khcn"), 421),
            (("commune_officer", THANH_HOA), 421),
            (("commune_officer", NGHE_AN), 404),
            (("ministry_officer", "vn", "bo_khcn"), 404),
        ]:
            client = world.as_(*who)
            answer = client.post(f"{nothing}/acknowledge", json={"expected_version": 1})
            assert answer.status_code == status, answer.text
            assert client.get(nothing).status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        sync = f"/api/v1/communes/{THANH_HOA}/cases/sync"
        refused = world.as_("administrator", "vn").post(sync, json=[]).json()
        assert refused["type"] == "urn:liencap:problem:kept-elsewhere"
        assert "this one keeps 40, vn" in refused["detail"]
        # Who looks after the others does it in every store.
        erased = world.as_("auditor", "38").post(
            f"/api/v1/texts/{uuid.uuid4()}/erase", json={"reason": "wrong"}
        )
        assert erased.status_code == 404
