"""An import that is taken back leaves the figures of before, and what others touched since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from reporting.dated.territory import Territory
from services.connectors.target import ImportTarget
from services.connectors.undoing import ImportUndo
from services.intake.recovery import recover
from services.maintenance.audit import audit
from services.maintenance.rebuild import rebuild
from services.store.import_runs import ImportRuns
from services.store.store import CASES, Store
from services.streams.land import LandBackfill, LandCases
from services.warehouse.client import Warehouse
from tests.services.connectors.installation import Installation
from tests.services.connectors.tables import mapping_file
from tests.services.test_audit import pump
from tests.services.test_land import empty
from tests.stores import empty_store

pytestmark = [pytest.mark.warehouse]
COMMUNE = ImportTarget(unit_code="15607")
MAPPING = """
kind = "cases"
[columns]
MaHoSo = "ma"
MaTTHC = "tthc"
TrangThai = "tt"
NgayTiepNhan = "nhan"
NgayKetThucXuLy = "xong"
NgayTrangThai = "luc"
"""
HEAD = "ma,tthc,tt,nhan,xong,luc"
DAYS = [dt.date(2026, 10, 1) + dt.timedelta(days=n) for n in range(40)]
COUNTED = "submitted + opened + closed + overdue_in + paused_in + paused_out > 0"
FIGURES = tuple(
    f"SELECT * EXCEPT (version) FROM {table} FINAL WHERE {COUNTED} ORDER BY unit_code, {day}"  # noqa: S608
    for table, day in (("rollups_daily", "day"), ("rollups_monthly", "month"))
)


class Office:
    """An installation whose log lands in the warehouse."""

    def __init__(self, here: Installation, warehouse: Warehouse, folder: Path) -> None:
        self.here, self.warehouse, self.folder = here, warehouse, folder
        self.undo = ImportUndo(here.intake, here.store, here.clock)
        self.runs = ImportRuns(here.store)
        self.mapping = mapping_file(folder, MAPPING)

    def take(self, rows: dict[str, str], name: str) -> Any:
        path = self.folder / name
        path.write_text("\n".join([HEAD, *(f"{key},{cells}" for key, cells in rows.items())]) + "\n")
        self.here.now += dt.timedelta(minutes=1)
        return self.here.cases.run(path, self.mapping, COMMUNE)

    def take_back(self, run_id: Any) -> Any:
        self.here.now += dt.timedelta(minutes=1)
        return self.undo.run(run_id)

    def figures(self) -> list[list[dict[str, Any]]]:
        self.here.relay.publish_all()
        for step in (LandCases, LandBackfill):
            pump(self.here.log, step(self.warehouse, epoch=self.here.log.epoch), step.topics[0])
        return [self.warehouse.rows(query) for query in FIGURES]

    def faults(self) -> list[str]:
        report = audit(self.warehouse, self.here.log)
        return [] if report.ok else list(report.lines())


@pytest.fixture
def office(tmp_path: Path, warehouse: Warehouse) -> Iterator[Office]:
    empty(warehouse)
    with Installation(tmp_path) as here:
        yield Office(here, warehouse, tmp_path)


def row(status: int, received: int, later: int = 0) -> str:
    on, then = DAYS[received], DAYS[received + later]
    end = str(then) if status >= 9 else ""
    return f"1.001612,{status},{on},{end},{then}"


ROWS = st.dictionaries(
    st.sampled_from([f"H{n}" for n in range(6)]),
    st.builds(row, st.sampled_from([2, 4, 5, 9]), st.integers(0, 15), st.integers(0, 20)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=ROWS, wrong=ROWS, right=ROWS)
def test_an_import_that_is_taken_back_leaves_the_figures_of_before(
    office: Office, before: dict[str, str], wrong: dict[str, str], right: dict[str, str]
) -> None:
    office.take(before, "before.csv")
    figures = office.figures()
    states = _kept(office.here.store)
    run = office.take(wrong, "wrong.csv").run_id
    office.figures()
    assert office.take_back(run).undone.stayed == ()
    assert office.figures() == figures
    assert _kept(office.here.store) == states
    assert not office.faults()
    office.take(right, "right.csv")
    office.figures()
    assert not office.faults()


def _kept(store: Store) -> dict[str, dict[str, Any]]:
    with store.read() as conn:
        rows = conn.execute(select(CASES)).all()
    own = ("seq", "state")
    return {one.case_key: {k: v for k, v in one._mapping.items() if k not in own} for one in rows}


def test_a_case_that_was_taken_back_is_in_no_list_and_may_come_again_otherwise(office: Office) -> None:
    run = office.take({"A": row(9, 3, 5)}, "wrong.csv").run_id
    wrong = office.figures()
    office.take_back(run)
    assert office.figures() == [[], []]
    assert _kept(office.here.store) == {}
    assert office.warehouse.rows("SELECT event_type FROM cases_current FINAL") == [
        {"event_type": "case.retracted"}
    ]
    summary = office.take({"A": row(4, 3)}, "right.csv")
    assert summary.counts == {"created": 1}, "a status before the wrong one is no step back"
    assert office.figures() != wrong
    assert [
        one["seq"] for one in office.warehouse.rows("SELECT seq FROM case_events ORDER BY seq")
    ] == sorted({one["seq"] for one in office.warehouse.rows("SELECT seq FROM case_events")})


def test_what_a_later_import_touched_stays_and_is_listed(office: Office) -> None:
    first = office.take({"A": row(4, 3), "B": row(4, 3)}, "first.csv").run_id
    office.take({"B": row(9, 3, 4)}, "second.csv")
    undone = office.take_back(first)
    assert (undone.undone.retracted_count, [one.dossier_code for one in undone.undone.stayed]) == (1, ["B"])
    assert "  15607 B" in undone.lines()
    assert [one["dossier_code"] for one in _kept(office.here.store).values()] == ["B"]
    again = office.take_back(first)
    assert [one.dossier_code for one in again.undone.stayed] == ["B"], "it can be tried again"


def test_the_same_file_can_be_imported_again_after_it_was_taken_back(office: Office) -> None:
    rows = {"A": row(4, 3), "B": row(9, 3, 4)}
    run = office.take(rows, "same.csv").run_id
    figures = office.figures()
    office.take_back(run)
    assert office.take(rows, "same.csv").counts == {"created": 2}
    assert office.figures() == figures


def test_a_rebuild_and_a_store_from_a_back_up_know_what_was_taken_back(
    office: Office, tmp_path: Path
) -> None:
    office.take({"A": row(9, 3, 5)}, "before.csv")
    office.figures()
    run = office.take({"A": row(9, 3, 6), "B": row(4, 3)}, "wrong.csv").run_id
    office.take_back(run)
    figures = office.figures()
    rebuild(office.warehouse, lambda _line: None)
    assert office.figures() == figures
    restored = Store(empty_store(tmp_path / "restored.db"))
    try:
        recover(restored, office.here.log, Territory(office.here.tables.units))
        assert set(_kept(restored)) == set(_kept(office.here.store))
    finally:
        restored.close()


def test_each_import_is_a_record_of_its_commune(office: Office) -> None:
    summary = office.take({"A": row(4, 3), "B": "1.001612,77,2026-10-02,,"}, "some.csv")
    assert summary.counts["rejected"] == 1
    [record] = office.runs.of_unit("15607")
    assert (record.file_name, record.counts, record.undone_at) == (
        "some.csv",
        {"created": 1, "rejected": 1},
        None,
    )
    assert record.sender == "commune_officer@15607:import"
    assert record.finished_at == office.here.now
    [line] = office.runs.rejected(record.id)
    assert (line.line, line.field) == (3, "TrangThai")
    assert office.runs.latest_of(["15607", "15610"]).keys() == {"15607"}
    office.take_back(record.id)
    undone = office.runs.get(record.id)
    assert undone is not None
    assert undone.undone_by == "commune_officer@15607:import"
    assert office.runs.latest_of(["15607"]) == {}


def test_an_import_that_was_taken_back_half_way_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = office.take({f"H{n}": row(4, 3) for n in range(9)}, "nine.csv").run_id
    monkeypatch.setattr("services.connectors.undoing.CASES_AT_ONCE", 4)
    calls = []

    def cut_off(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return type(office.here.intake).undo_cases(office.here.intake, *args, **kwargs)

    monkeypatch.setattr(office.here.intake, "undo_cases", cut_off)
    with pytest.raises(KeyboardInterrupt):
        office.take_back(run)
    assert office.take_back(run).undone.retracted_count == 5
    with office.here.store.read() as conn:
        assert conn.scalar(select(func.count()).select_from(CASES)) == 0
