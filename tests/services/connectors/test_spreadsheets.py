from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from services.connectors import spreadsheets
from services.connectors.errors import UnusableFile
from services.connectors.spreadsheets import read_sheet
from tests.services.connectors.tables import mapping_of, records_of, xlsx


def test_every_kind_of_cell_becomes_text(tmp_path: Path) -> None:
    path = tmp_path / "cells.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_number(0, 0, 123456789012)
        sheet.write_number(0, 1, 1.5)
        sheet.write_boolean(0, 2, True)  # noqa: FBT003 -- the library's way to write a truth value
        sheet.write_datetime(0, 3, dt.datetime(2026, 11, 22), day)  # noqa: DTZ001 -- a wall clock
        sheet.write_datetime(0, 4, dt.datetime(2026, 11, 22, 8, 30), day)  # noqa: DTZ001 -- a wall clock
        sheet.write_string(0, 5, " Xa\u0303 ")
        sheet.write_formula(0, 6, "=1+1", value=2)
        sheet.write_formula(0, 7, '="HS-"&"1"', value="HS-1")
    (line,) = read_sheet(path, None)
    assert line.cells == (
        "123456789012",
        "1.5",
        "true",
        "2026-11-22",
        "2026-11-22T08:30:00",
        "Xã",
        "2",
        "HS-1",
    )


def test_rows_are_numbered_as_the_spreadsheet_program_numbers_them(tmp_path: Path) -> None:
    path = tmp_path / "low.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_string(4, 2, "x")
    assert [line.number for line in read_sheet(path, None) if any(line.cells)] == [5]


def test_serial_days_and_day_cells_and_texts_are_one_day(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [["Mã hồ sơ", "Ngày tiếp nhận"], ["HS-1", 46348], [15607, "22/11/2026"]])
    found = records_of(path, mapping_of(tmp_path))
    assert [record.values["NgayTiepNhan"] for record in found] == ["46348", "22/11/2026"]
    assert found[1].values["MaHoSo"] == "15607"


def test_a_sheet_is_found_by_name_and_by_place(tmp_path: Path) -> None:
    path = tmp_path / "two.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Trống")
        book.add_worksheet("Hồ sơ").write_string(0, 0, "x")
    assert len(list(read_sheet(path, "Hồ sơ"))) == len(list(read_sheet(path, 2))) == 1
    assert [line.cells for line in read_sheet(path, None)] == [("x",)], "the first that holds anything"
    with pytest.raises(UnusableFile, match="has no sheet “Khác”; it has Trống, Hồ sơ"):
        list(read_sheet(path, "Khác"))
    with pytest.raises(UnusableFile, match="has 2 sheets, not 3"):
        list(read_sheet(path, 3))


def test_a_lone_cell_far_away_is_refused_before_it_takes_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "x")
        sheet.write_string(999_999, 16_000, "y")
    with pytest.raises(
        UnusableFile, match=r"far\.xlsx: the filled cells span 1,000,000 rows and 16,001 columns"
    ):
        list(read_sheet(path, None))


def test_cells_that_are_only_formatted_far_away_are_no_reason(tmp_path: Path) -> None:
    path = tmp_path / "format.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "x")
        sheet.write_blank(999_999, 16_000, None, book.add_format({"bold": True}))
    assert next(iter(read_sheet(path, None))).cells[0] == "x"


def test_a_packed_bomb_is_refused_unopened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MAX_UNPACKED_BYTES", 100_000)
    path = xlsx(tmp_path / "a.xlsx", [["x"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/bomb.bin", b"0" * 1_000_000)
    with pytest.raises(UnusableFile, match="unpacks to over"):
        list(read_sheet(path, None))
