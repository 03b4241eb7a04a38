"""Two stores on one log, each of its own provinces: none takes over, takes in or hears what is another's."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from events.cases import CaseState
from services.actors import SYSTEM
from services.adapters.store import CASES, IDEMPOTENCY, Store
from services.bootstrap import open_intake
from services.commune.issue_input import read_issue
from services.errors import LienCapError, SetupFault
from services.settings import load_settings
from services.system import IntakeSide
from services.tables import load_tables

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
    return read_issue({"id": str(uuid.uuid4()), "kind": "mobile_dead_spot", "severity": "high"})


def test_a_restart_takes_over_nothing_of_another_province(country: Country) -> None:
    with country.side("38") as ours:
        take(ours, THANH_HOA)
    with country.side("40") as theirs:
        take(theirs, NGHE_AN)
    with country.side("38") as ours:
        take(ours, THANH_HOA, 2)
    assert country.kept("38") == {("case", THANH_HOA), ("report", THANH_HOA)}
    assert country.kept("40") == {("case", NGHE_AN), ("report", NGHE_AN)}


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
        with pytest.raises(LienCapError, match="this one keeps 38, vn") as cases:
            side.intake.sync_cases(NGHE_AN, [row], actor=SYSTEM, now=NOW)
        with pytest.raises(LienCapError, match="kept in another store") as issues:
            side.intake.report_issue(NGHE_AN, report(), actor=SYSTEM, now=NOW)
        with pytest.raises(LienCapError) as step:
            side.intake.take_step(NGHE_AN, "A-1", {"TrangThai": 4}, actor=SYSTEM, now=NOW)
        assert {each.value.slug for each in (cases, issues, step)} == {"kept-elsewhere"}
        assert side.heartbeats.beat() == 0
        take(side, THANH_HOA)
        assert side.heartbeats.beat() == 1
    assert country.kept("38,vn") == {("case", THANH_HOA), ("report", THANH_HOA)}


def test_a_setting_that_names_no_province_is_refused_before_anything_is_opened(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / "new", provinces="38, 15607")
    with (
        pytest.raises(SetupFault, match="LIENCAP_PROVINCES: 15607 is a commune, in province 38"),
        open_intake(settings),
    ):
        pass
    assert not (tmp_path / "new").exists()
