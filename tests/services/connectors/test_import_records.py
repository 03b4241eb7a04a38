"""The record of an import: every row that was not taken, without the content of a cell, and what was converted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from services.connectors.summary import Rejection
from services.connectors.target import ImportTarget
from services.store.import_runs import ImportRuns, RejectedRow
from tests.services.connectors.installation import Installation
from tests.services.connectors.tables import mapping_file, xlsx

COMMUNE = ImportTarget(unit_code="15607")
MAPPING = """
kind = "cases"
[columns]
MaHoSo = "Mã hồ sơ"
NgayTiepNhan = "Ngày tiếp nhận"
TrangThai = "Trạng thái"
[constants]
MaTTHC = "1.004873"
[values.TrangThai]
"Mới" = 2
"""
HEAD = ["Mã hồ sơ", "Ngày tiếp nhận", "Trạng thái"]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, chunk_rows=1) as installation:
        yield installation


def rejected(here: Installation) -> list[RejectedRow]:
    runs = ImportRuns(here.store)
    [record] = runs.of_unit("15607")
    return runs.rejected(record.id)


def test_rows_of_one_line_number_on_two_sheets_are_both_in_the_record(
    here: Installation, tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("Tháng 10", "Tháng 11"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEAD)
            sheet.write_row(1, 0, [f"HS-{name[-2:]}", "17/11/2026", "77"])
            sheet.write_row(2, 0, [f"HT-{name[-2:]}", "17/11/2026", "Mới"])
    here.cases.run(path, mapping_file(tmp_path, MAPPING), COMMUNE, accept=["rejected"])
    found = rejected(here)
    assert [(one.line, one.reason.partition(":")[0]) for one in found] == [
        (2, "sheet “Tháng 10”"),
        (2, "sheet “Tháng 11”"),
    ]


PERSON = "Nguyễn Văn A ” ' 038204001234"


@pytest.mark.parametrize(
    ("column", "row"),
    [
        ("TrangThai", ["HS-1", "17/11/2026", PERSON, "", ""]),
        ("TrangThai", ["HS-1", PERSON, "Mới", "", ""]),
        ("MaTTHC", ["HS-1", "17/11/2026", "Mới", PERSON, ""]),
        ("MaTTHC", ["HS-1", "17/11/2026", "Mới", PERSON.replace("'", ""), ""]),
        ("LoaiDoiTuong", ["HS-1", "17/11/2026", "Mới", "1.004873", PERSON]),
        ("MaHoSo", [PERSON * 9, "17/11/2026", "Mới", "1.004873", ""]),
    ],
)
def test_the_record_holds_no_content_of_a_cell_and_the_file_of_errors_may(
    here: Installation, tmp_path: Path, column: str, row: list[str]
) -> None:
    mapping = MAPPING.replace('[constants]\nMaTTHC = "1.004873"', 'MaTTHC = "Thủ tục"\nLoaiDoiTuong = "Ai"')
    path, errors = tmp_path / "a.xlsx", tmp_path / "errors.csv"
    xlsx(path, [[*HEAD, "Thủ tục", "Ai"], row])
    here.cases.run(path, mapping_file(tmp_path, mapping), COMMUNE, accept=["rejected"], errors=errors)
    [line] = rejected(here)
    assert line.line == 2
    assert line.reason
    for part in ("Nguyễn", "038204001234"):
        assert part not in line.reason, column


def test_the_record_of_a_reason_keeps_its_sentence() -> None:
    reason = "sheet “Tháng 10”: “Ông ” A” is not in values.TrangThai of the mapping"
    assert Rejection(2, "15607", "TrangThai", reason).kept.reason == (
        "sheet “Tháng 10”: … is not in values.TrangThai of the mapping"
    )
    lines = "the dossier code stands in several lines with different content (2, 9); none of them was taken"
    assert Rejection(2, "15607", "MaHoSo", lines).kept.reason == lines


def test_a_code_with_the_apostrophe_of_a_spreadsheet_has_not_vanished(
    here: Installation, tmp_path: Path
) -> None:
    mapping = MAPPING.replace('"cases"', '"snapshot"').replace(
        "[columns]", 'key_prefix = "{unit}-"\n[columns]', 1
    )
    path = xlsx(tmp_path / "a.xlsx", [HEAD, ["'0001", "17/11/2026", "Mới"]])
    summary = here.cases.run(path, mapping_file(tmp_path, mapping), COMMUNE)
    assert (summary.counts, summary.vanished) == ({"created": 1}, [])
    again = here.cases.run(path, mapping_file(tmp_path, mapping), COMMUNE)
    assert (again.counts, again.vanished) == ({"unchanged": 1}, [])


def test_texts_that_were_converted_are_counted_in_the_record(here: Installation, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [HEAD, ["HS-1", "17/11/2026", "Mới".encode().decode("latin-1")]])
    summary = here.cases.run(path, mapping_file(tmp_path, MAPPING), COMMUNE)
    assert summary.counts == {"created": 1}
    [record] = ImportRuns(here.store).of_unit("15607")
    assert record.totals.converted == 1
