from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from reporting.errors import UnknownUnit
from services.connectors.case_importer import ImportStep
from services.connectors.errors import UnusableFile, UnusableMapping
from services.connectors.promise_importer import DEFAULT_MAPPING
from services.connectors.summary import Rejection, Summary
from services.connectors.target import ImportTarget
from services.errors import BadInput, Conflict
from services.store.store import CASES, OUTBOX
from tests.services.connectors.installation import Installation
from tests.services.connectors.tables import PLAIN, mapping_file, xlsx

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
SNAPSHOT = EXAMPLES / "one_stop_snapshot.toml"
FIRST = EXAMPLES / "one_stop_2026-11-19.xlsx"
SECOND = EXAMPLES / "one_stop_2026-11-20.xls"
PROVINCE = ImportTarget(province_code="38")
COMMUNE = ImportTarget(unit_code="15607")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, chunk_rows=10) as installation:
        yield installation


def _counts(installation: Installation) -> tuple[int, int]:
    with installation.store.read() as conn:
        cases = conn.scalar(select(func.count()).select_from(CASES)) or 0
        events = conn.scalar(select(func.count()).select_from(OUTBOX)) or 0
    return cases, events


def _cases_file(folder: Path, count: int, broken: tuple[int, ...] = ()) -> Path:
    rows = [
        ["Mã hồ sơ", "Ngày tiếp nhận"],
        *[[f"HS-{n}", "31/02/2026" if n in broken else "02/11/2026"] for n in range(count)],
    ]
    return xlsx(folder / "cases.xlsx", rows)


def test_two_days_of_a_snapshot_become_the_events_between_them(here: Installation) -> None:
    first = here.cases.run(FIRST, SNAPSHOT, PROVINCE)
    assert (first.counts, first.exit_code) == ({"created": 36}, 0)
    second = here.cases.run(SECOND, SNAPSHOT, PROVINCE)
    assert second.counts == {"created": 3, "advanced": 21, "unchanged": 14}
    assert _counts(here) == (39, 36 + 24)
    with here.store.read() as conn:
        states = [json.loads(state) for state in conn.scalars(select(CASES.c.state))]
    assert not any(state["pause_known"] for state in states)
    assert {state["source_overdue"] for state in states} == {True, False}
    assert {state["unit_code"] for state in states} == {"14797", "14845", "15607"}


def test_an_import_is_the_same_on_either_engine(tmp_path: Path, store_url: str) -> None:
    """Notes of progress, the lock, the comparison with the day before; and a column with a very long name."""
    column = "Đơn vị có thẩm quyền giải quyết " * 8
    day = "02/11/2026"
    first = [["Mã hồ sơ", "Ngày tiếp nhận", column], *[[f"HS-{n}", day, "Xã Bát Mọt"] for n in range(25)]]
    target = ImportTarget(province_code="38", unit_column=column.strip())
    with Installation(tmp_path, chunk_rows=10, store_url=store_url) as here:
        path, mapping = (
            xlsx(tmp_path / "a.xlsx", first),
            mapping_file(tmp_path, PLAIN.replace("cases", "snapshot")),
        )

        def stop(step: ImportStep) -> None:
            if step.row_count == 20:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            here.cases.run(path, mapping, target, accept=["one_unit"], on_step=stop)
        summary = here.cases.run(path, mapping, target, accept=["one_unit"])
        assert (summary.resumed_after, summary.counts) == (20, {"created": 25})
        xlsx(path, first[:-1])
        summary = here.cases.run(path, mapping, target, accept=["one_unit"])
        assert (summary.counts, summary.vanished) == ({"unchanged": 24}, [("15607", "HS-24")])


def test_a_case_that_vanished_is_said_and_left_open(here: Installation) -> None:
    here.cases.run(FIRST, SNAPSHOT, PROVINCE)
    second = here.cases.run(SECOND, SNAPSHOT, PROVINCE)
    assert second.vanished == [("14845", "000.17.22.H56-261106-0001")]
    assert any("000.17.22.H56-261106-0001" in line for line in second.lines())
    with here.store.read() as conn:
        closed_on = conn.scalar(
            select(CASES.c.closed_on).where(CASES.c.dossier_code == second.vanished[0][1])
        )
    assert closed_on is None


def test_communes_without_a_row_are_said(here: Installation) -> None:
    summary = here.cases.run(FIRST, SNAPSHOT, PROVINCE)
    assert len(summary.missing_units) == 163
    assert "15607" not in summary.missing_units


def test_the_same_file_again_changes_nothing(here: Installation) -> None:
    here.cases.run(FIRST, SNAPSHOT, PROVINCE)
    before = _counts(here)
    assert here.cases.run(FIRST, SNAPSHOT, PROVINCE).counts == {"unchanged": 36}
    assert _counts(here) == before


def test_a_dry_run_says_the_same_and_writes_nothing(here: Installation, tmp_path: Path) -> None:
    said = here.cases.run(FIRST, SNAPSHOT, PROVINCE, dry_run=True)
    assert said.counts == {"created": 36}
    assert said.lines()[0].endswith(
        "36 would be created, 0 would be advanced, 0 would be unchanged, 0 would be rejected"
    )
    assert _counts(here) == (0, 0)
    path = _cases_file(tmp_path, 20, broken=(3,))
    assert here.cases.run(path, mapping_file(tmp_path), COMMUNE, dry_run=True).exit_code == 1
    assert _counts(here) == (0, 0)


def test_broken_rows_are_listed_with_line_and_reason_and_harm_no_other(
    here: Installation, tmp_path: Path
) -> None:
    errors = tmp_path / "errors.csv"
    path = _cases_file(tmp_path, 25, broken=(3, 17))
    summary = here.cases.run(path, mapping_file(tmp_path), COMMUNE, accept=["rejected"], errors=errors)
    assert summary.counts == {"created": 23, "rejected": 2}
    assert summary.exit_code == 1
    with errors.open(encoding="utf-8") as file:
        listed = list(csv.DictReader(file))
    assert [(row["line"], row["unit_code"], row["field"]) for row in listed] == [
        ("5", "15607", "NgayTiepNhan"),
        ("19", "15607", "NgayTiepNhan"),
    ]
    assert "HS-3" not in errors.read_text(encoding="utf-8"), (
        "the line finds the row; its content stays in the source"
    )
    assert errors.stat().st_mode & 0o077 == 0
    assert any("2 × NgayTiepNhan" in line for line in summary.lines())


def test_what_intake_refuses_is_listed_too(here: Installation, tmp_path: Path) -> None:
    rows = [["Mã hồ sơ", "Ngày tiếp nhận"], ["HS-1", "02/11/2026"], ["HS-2", "02/11/2030"]]
    summary = here.cases.run(xlsx(tmp_path / "a.xlsx", rows), mapping_file(tmp_path), COMMUNE)
    assert summary.counts == {"created": 1, "rejected": 1}
    assert (summary.examples[0].line, summary.examples[0].field) == (3, "NgayTiepNhan")


class _Stopped(Exception):
    pass


def _run_until(here: Installation, path: Path, mapping: Path, chunks: int, errors: Path) -> None:
    steps: list[ImportStep] = []

    def on_step(step: ImportStep) -> None:
        steps.append(step)
        if len(steps) == chunks:
            raise _Stopped

    with pytest.raises(_Stopped):
        here.cases.run(path, mapping, COMMUNE, accept=["rejected"], errors=errors, on_step=on_step)


def test_an_import_that_stopped_goes_on_where_it_was(here: Installation, tmp_path: Path) -> None:
    path, mapping, errors = (
        _cases_file(tmp_path, 55, broken=(2, 33, 52)),
        mapping_file(tmp_path),
        tmp_path / "e.csv",
    )
    _run_until(here, path, mapping, 2, errors)
    done_before = _counts(here)[0]
    assert done_before == 19
    summary = here.cases.run(path, mapping, COMMUNE, accept=["rejected"], errors=errors)
    assert summary.resumed_after == 20
    assert summary.counts == {"created": 52, "rejected": 3}, "both runs together"
    assert _counts(here) == (52, 52)
    with errors.open(encoding="utf-8") as file:
        assert [row["line"] for row in csv.DictReader(file)] == ["4", "35", "54"]


def test_lines_written_after_the_last_note_are_not_listed_twice(here: Installation, tmp_path: Path) -> None:
    path, mapping, errors = (
        _cases_file(tmp_path, 55, broken=(2, 33)),
        mapping_file(tmp_path),
        tmp_path / "e.csv",
    )
    _run_until(here, path, mapping, 2, errors)
    with errors.open("a", encoding="utf-8") as file:
        file.write("99,15607,X,written by a chunk whose note was lost\n")
    here.cases.run(path, mapping, COMMUNE, accept=["rejected"], errors=errors)
    with errors.open(encoding="utf-8") as file:
        assert [row["line"] for row in csv.DictReader(file)] == ["4", "35"]


def test_a_restart_begins_at_the_first_row(here: Installation, tmp_path: Path) -> None:
    path, mapping, errors = _cases_file(tmp_path, 55), mapping_file(tmp_path), tmp_path / "e.csv"
    _run_until(here, path, mapping, 2, errors)
    done_before = _counts(here)[0]
    summary = here.cases.run(path, mapping, COMMUNE, restart=True)
    assert summary.resumed_after == 0
    assert summary.counts == {"unchanged": done_before, "created": 55 - done_before}


def test_another_mapping_is_another_import(here: Installation, tmp_path: Path) -> None:
    path, mapping, errors = _cases_file(tmp_path, 55), mapping_file(tmp_path), tmp_path / "e.csv"
    _run_until(here, path, mapping, 2, errors)
    mapping.write_text(mapping.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert here.cases.run(path, mapping, COMMUNE).resumed_after == 0


def test_steps_tell_how_far_it_is(here: Installation, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Mã hồ sơ,Ngày tiếp nhận\n" + "".join(f"HS-{n},02/11/2026\n" for n in range(30)), encoding="utf-8"
    )
    steps: list[ImportStep] = []
    here.cases.run(path, mapping_file(tmp_path), COMMUNE, on_step=steps.append)
    assert [step.row_count for step in steps] == [10, 20, 30]
    assert [round(step.share or 0, 2) for step in steps] == [0.35, 0.68, 1.0]


def test_units_are_found_by_code_and_by_name_and_nothing_is_guessed(
    here: Installation, tmp_path: Path
) -> None:
    rows: list[list[object]] = [
        ["Mã hồ sơ", "Ngày tiếp nhận", "Đơn vị"],
        ["HS-1", "02/11/2026", 15607],
        ["HS-2", "02/11/2026", "UBND xã Bát Mọt"],
        ["HS-3", "02/11/2026", "BÁT MỌT"],
        ["HS-4", "02/11/2026", "Trung tâm Phục vụ hành chính công xã Bat Mot"],
        ["HS-5", "02/11/2026", "00004"],
        ["HS-6", "02/11/2026", "Xã Không Có"],
        ["HS-7", "02/11/2026", ""],
    ]
    target = ImportTarget(province_code="38", unit_column="Đơn vị")
    summary = here.cases.run(
        xlsx(tmp_path / "a.xlsx", rows), mapping_file(tmp_path), target, accept=["rejected"]
    )
    assert summary.counts == {"created": 4, "rejected": 3}
    assert [(one.line, one.field) for one in summary.examples] == [(6, "unit"), (7, "unit"), (8, "unit")]


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        ({}, BadInput),
        ({"unit_code": "15607", "province_code": "38"}, BadInput),
        ({"unit_code": "15607", "unit_column": "x"}, BadInput),
        ({"unit_code": "99999"}, UnknownUnit),
        ({"unit_code": "38"}, BadInput),
        ({"province_code": "15607", "unit_column": "Mã hồ sơ"}, UnknownUnit),
        ({"province_code": "38"}, BadInput),
    ],
)
def test_a_target_that_cannot_be_is_refused(
    here: Installation, tmp_path: Path, target: dict[str, Any], fault: type[Exception]
) -> None:
    path = _cases_file(tmp_path, 1)
    with pytest.raises(fault):
        here.cases.run(path, mapping_file(tmp_path), ImportTarget(**target))
    assert _counts(here) == (0, 0)


def test_a_list_of_difficulties_is_refused_as_cases(here: Installation) -> None:
    with pytest.raises(UnusableMapping, match="import issues"):
        here.cases.run(FIRST, EXAMPLES / "difficulties.toml", PROVINCE)


def test_a_list_of_villages_is_refused_as_cases_before_any_row_is_read(here: Installation) -> None:
    with pytest.raises(UnusableMapping, match="import promises"):
        here.cases.run(FIRST, DEFAULT_MAPPING, PROVINCE)


def test_an_unusable_file_writes_nothing(here: Installation, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(UnusableFile, match="PNG"):
        here.cases.run(path, SNAPSHOT, PROVINCE)
    assert _counts(here) == (0, 0)


def test_one_import_at_a_time_runs_on_a_store(here: Installation, tmp_path: Path) -> None:
    path, mapping = _cases_file(tmp_path, 15), mapping_file(tmp_path)

    def second(_step: ImportStep) -> None:
        with Installation(tmp_path) as other, pytest.raises(Conflict, match="another import"):
            other.cases.run(path, mapping, COMMUNE)

    assert here.cases.run(path, mapping, COMMUNE, on_step=second).counts == {"created": 15}


def test_an_event_log_in_xes_becomes_cases_with_their_status(here: Installation) -> None:
    summary = here.cases.run(EXAMPLES / "permits.xes", EXAMPLES / "permits.toml", COMMUNE)
    assert summary.counts == {"created": 3}
    with here.store.read() as conn:
        found = sorted(conn.scalars(select(CASES.c.status_code)))
    assert found == [4, 4, 10]


def test_reasons_that_differ_only_in_what_they_quote_are_counted_together() -> None:
    summary = Summary("a.csv")
    summary.add_rejections(
        [Rejection(n, "15607", "TrangThai", f"“số {n}” is not in values") for n in range(3)]
    )
    assert summary.reasons == {("TrangThai", "… is not in values"): 3}
