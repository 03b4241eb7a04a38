"""The record of an import: every row that was not taken, without the content of a cell, and what was converted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from services.connectors.target import ImportTarget
from services.store.import_runs import ImportRuns, RejectedRow
from tests.services.connectors.installation import Installation
from tests.services.connectors.tables import mapping_file

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
