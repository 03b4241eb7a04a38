"""Small files for the tests of the connectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
import xlwt

from services.connectors.mapping import Mapping, load_mapping
from services.connectors.opening import OpenedFile
from services.connectors.records import Record

PLAIN = """
kind = "cases"
[columns]
MaHoSo = "Mã hồ sơ"
NgayTiepNhan = "Ngày tiếp nhận"
[constants]
MaTTHC = "1.004873"
[status]
otherwise = 2
"""


def mapping_file(folder: Path, text: str = PLAIN) -> Path:
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mapping_of(folder: Path, text: str = PLAIN) -> Mapping:
    return load_mapping(mapping_file(folder, text))


def xlsx(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def xls(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Danh sách")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    book.save(str(path))
    return path


def records_of(path: Path, mapping: Mapping) -> list[Record]:
    return list(OpenedFile(path, mapping).records())
