"""What is taken back of imports that were interrupted, repeated, or followed by others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.event import listens_for, remove

from services.access.actors import Actor
from services.connectors import undoing
from services.connectors.case_importer import CaseImporter, ImportStep
from services.connectors.errors import UnusableFile
from services.connectors.summary import Summary
from services.connectors.target import ImportTarget
from services.connectors.undoing import ImportUndo
from services.errors import Conflict
from services.store.import_runs import ImportRuns
from services.store.store import CASES
from tests.services.connectors.installation import Installation
from tests.services.connectors.tables import mapping_file

COMMUNE, PROVINCE = ImportTarget(unit_code="15607"), ImportTarget(province_code="38", unit_column="xa")
MAPPING = """
kind = "snapshot"
[columns]
MaHoSo = "ma"
MaTTHC = "tthc"
TrangThai = "tt"
NgayTiepNhan = "nhan"
NgayHenTra = "hen"
unit = "xa"
"""


class KilledError(Exception):
    """The process ends here."""


class Office:
    """Imports lists of a commune, minute by minute."""

    def __init__(self, here: Installation, folder: Path) -> None:
        self.here, self.folder = here, folder
        self.mapping = mapping_file(folder, MAPPING)
        self.undo = ImportUndo(here.intake, here.store, here.clock)
        self.today = here.now.date()

    def importer(self, chunk_rows: int = 5_000) -> CaseImporter:
        return CaseImporter(
            self.here.intake, self.here.tables, self.here.store, self.here.clock, chunk_rows=chunk_rows
        )

    def write(self, name: str, cases: dict[str, int]) -> Path:
        received, due = self.today - dt.timedelta(days=9), self.today + dt.timedelta(days=9)
        rows = [f"{code},1.001612,{status},{received},{due},15607" for code, status in cases.items()]
        path = self.folder / name
        path.write_text("ma,tthc,tt,nhan,hen,xa\n" + "\n".join(rows) + "\n", encoding="utf-8")
        return path

    def take(
        self,
        path: Path,
        days_ago: int,
        *,
        chunk_rows: int = 5_000,
        replay: bool = False,
        target: ImportTarget = COMMUNE,
    ) -> Summary:
        self.pass_a_minute()
        day = self.today - dt.timedelta(days=days_ago)
        return self.importer(chunk_rows).run(
            path, self.mapping, target, snapshot_on=day, replay_from=day if replay else None
        )

    def interrupt(self, path: Path, days_ago: int, chunk_rows: int, *, replay: bool = False) -> None:
        def ends(_step: ImportStep) -> None:
            raise KilledError

        day = self.today - dt.timedelta(days=days_ago)
        with pytest.raises(KilledError):
            self.importer(chunk_rows).run(
                path,
                self.mapping,
                COMMUNE,
                snapshot_on=day,
                replay_from=day if replay else None,
                on_step=ends,
            )

    def state_again(self) -> None:
        """An officer sends case A as it stands."""
        self.pass_a_minute()
        received, due = self.today - dt.timedelta(days=9), self.today + dt.timedelta(days=9)
        act = {
            "MaHoSo": "A",
            "MaTTHC": "1.001612",
            "TrangThai": 2,
            "NgayTiepNhan": str(received),
            "NgayHenTra": str(due),
        }
        officer = Actor("commune_officer", "15607", "15607.ubnd", "officer")
        [result] = self.here.intake.sync_cases("15607", [act], actor=officer, now=self.here.clock())
        assert result.outcome == "unchanged", result

    def take_back(self, run_id: UUID | None) -> None:
        assert run_id is not None
        self.pass_a_minute()
        self.undo.run(run_id)

    def pass_a_minute(self) -> None:
        self.here.now += dt.timedelta(minutes=1)

    def cases(self) -> dict[str, int]:
        with self.here.store.read() as conn:
            rows = conn.execute(select(CASES.c.dossier_code, CASES.c.status_code))
            return {row.dossier_code: row.status_code for row in rows}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Installation(tmp_path) as here:
        yield Office(here, tmp_path)


def test_a_replay_that_was_interrupted_keeps_its_first_rows(office: Office) -> None:
    wanted = {f"K{number}": 2 for number in range(6)}
    path = office.write("s.csv", wanted)
    office.interrupt(path, 5, 2, replay=True)
    office.take(path, 5, replay=True)
    assert office.cases() == wanted


def test_an_import_after_an_undo_that_was_cut_off_begins_at_its_first_row(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {f"K{number}": 2 for number in range(8)}
    path = office.write("s.csv", wanted)
    office.interrupt(path, 5, 4)
    monkeypatch.setattr(undoing, "CASES_AT_ONCE", 2)
    take_back, parts = office.here.intake.undo_cases, []

    def ends(changed: object, **options: object) -> object:
        parts.append(changed)
        if len(parts) > 1:
            raise KilledError
        return take_back(changed, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(office.here.intake, "undo_cases", ends)
    [run] = ImportRuns(office.here.store).of_unit("15607")
    with pytest.raises(KilledError):
        office.take_back(run.id)
    monkeypatch.setattr(office.here.intake, "undo_cases", take_back)
    assert len(office.cases()) == 2
    office.take(path, 5)
    assert office.cases() == wanted


def test_imports_are_taken_back_one_after_the_other_the_newest_first(office: Office) -> None:
    first = office.take(office.write("d1.csv", {"A": 2}), 5).run_id
    second = office.take(office.write("d2.csv", {"A": 4}), 4).run_id
    office.take_back(second)
    assert office.cases() == {"A": 2}
    office.take_back(first)
    assert office.cases() == {}


def test_a_day_that_comes_late_is_replayed_before_several(office: Office) -> None:
    office.take(office.write("d4.csv", {"A": 4}), 4)
    office.take(office.write("d3.csv", {"A": 5}), 3)
    done = office.take(office.write("d5.csv", {"A": 2}), 5, replay=True)
    assert office.cases() == {"A": 2}
    assert done.counts == {"created": 1}


def test_an_act_between_two_halves_of_an_import_is_not_taken_back_with_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = office.write("s.csv", {"A": 2, "B": 2})
    importer = office.importer(1)
    noted, calls = importer._note, []

    def ends(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) > 1:
            raise KilledError
        noted(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(importer, "_note", ends)
    day = office.today - dt.timedelta(days=5)
    with pytest.raises(KilledError):
        importer.run(path, office.mapping, COMMUNE, snapshot_on=day)
    office.pass_a_minute()
    officer = Actor("commune_officer", "15607", "15607.ubnd", "officer")
    act = {"MaHoSo": "B", "TrangThai": 4, "NgayTrangThai": str(office.today)}
    [result] = office.here.intake.sync_cases("15607", [act], actor=officer, now=office.here.clock())
    assert result.outcome == "advanced"
    run_id = office.take(path, 5).run_id
    office.take_back(run_id)
    assert office.cases().keys() == {"B"}


def test_an_import_that_ended_before_its_first_note_is_one_record(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = office.write("s.csv", {f"K{number}": 2 for number in range(6)})
    importer = office.importer(4)

    def ends(*_arguments: object) -> None:
        raise KilledError

    monkeypatch.setattr(importer, "_note", ends)
    with pytest.raises(KilledError):
        importer.run(path, office.mapping, COMMUNE, snapshot_on=office.today - dt.timedelta(days=5))
    office.take_back(office.take(path, 5).run_id)
    assert office.cases() == {}


def test_a_late_day_is_refused_whatever_the_target_of_the_later_one_was(office: Office) -> None:
    office.take(office.write("d3.csv", {"A": 2}), 3, target=PROVINCE)
    with pytest.raises(UnusableFile, match="comes late"):
        office.take(office.write("d5.csv", {"A": 2}), 5)


def test_what_a_later_import_stated_too_stays(office: Office) -> None:
    wrong = office.take(office.write("wrong.csv", {"A": 2, "B": 2}), 5).run_id
    right = office.take(office.write("right.csv", {"A": 2, "C": 2}), 4).run_id
    office.take_back(wrong)
    assert office.cases() == {"A": 2, "C": 2}
    office.take_back(right)
    assert office.cases() == {"A": 2}
    office.take_back(wrong)
    assert office.cases() == {}, "nobody states it any more"


def test_what_an_act_stated_stays_also_when_an_import_that_stated_it_too_is_taken_back(
    office: Office,
) -> None:
    first = office.take(office.write("first.csv", {"A": 2, "B": 2}), 5).run_id
    office.state_again()
    second = office.take(office.write("second.csv", {"A": 2, "B": 2, "C": 2}), 4).run_id
    office.take_back(second)
    office.take_back(first)
    assert office.cases() == {"A": 2}


def test_an_act_that_states_again_what_stands_writes_nothing(office: Office) -> None:
    office.take(office.write("s.csv", {"A": 2}), 5)
    written: list[int] = []

    @listens_for(Engine, "after_cursor_execute")
    def note(_conn: object, cursor: Any, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE import_cases"):
            written.append(cursor.rowcount)

    try:
        office.state_again()
        office.state_again()
    finally:
        remove(Engine, "after_cursor_execute", note)
    assert written == [1, 0]


def test_an_undo_that_goes_on_leaves_what_the_file_stated_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {f"K{number}": 2 for number in range(4)}
    path = office.write("s.csv", wanted)
    run_id = office.take(path, 5).run_id
    monkeypatch.setattr(undoing, "CASES_AT_ONCE", 2)
    take_back, parts = office.here.intake.undo_cases, []

    def ends(changed: object, **options: object) -> object:
        parts.append(changed)
        if len(parts) > 1:
            raise KilledError
        return take_back(changed, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(office.here.intake, "undo_cases", ends)
    with pytest.raises(KilledError):
        office.take_back(run_id)
    monkeypatch.setattr(office.here.intake, "undo_cases", take_back)
    assert office.take(path, 5).counts == {"created": 2, "unchanged": 2}
    office.take_back(run_id)
    assert office.cases() == wanted


def test_a_snapshot_whose_undo_was_cut_off_still_has_its_day(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = office.take(office.write("d3.csv", {"A": 4, "B": 4}), 3).run_id

    def ends(*_arguments: object, **_options: object) -> object:
        raise KilledError

    monkeypatch.setattr(office.here.intake, "undo_cases", ends)
    with pytest.raises(KilledError):
        office.take_back(run_id)
    with pytest.raises(UnusableFile, match="comes late"):
        office.take(office.write("d5.csv", {"A": 2}), 5)


def test_an_import_that_was_interrupted_goes_on_with_its_day_alone(office: Office) -> None:
    path = office.write("s.csv", {"A": 2, "B": 2})
    office.interrupt(path, 5, 1)
    with pytest.raises(Conflict, match="was interrupted while"):
        office.take(path, 4)
    office.take(path, 5)
    assert office.cases() == {"A": 2, "B": 2}
