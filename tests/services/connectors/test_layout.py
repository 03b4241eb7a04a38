from __future__ import annotations

from pathlib import Path

import pytest

from services.connectors.errors import UnusableFile
from services.connectors.opening import OpenedFile
from tests.services.connectors.tables import PLAIN, mapping_of, records_of, xls, xlsx

DATED = """
kind = "cases"
[columns]
MaHoSo = "Mã hồ sơ"
NgayTiepNhan = "Ngày / Tiếp nhận"
NgayHenTra = "Ngày / Hẹn trả"
MaDonViTiepNhan = "Đơn vị / Tiếp nhận"
[rows]
fill_down = ["MaDonViTiepNhan"]
"""
TITLES = [["UBND TỈNH"], [], ["DANH SÁCH HỒ SƠ"], ["Từ ngày 01/10/2026 đến ngày 31/10/2026"]]


@pytest.mark.parametrize("write", [xlsx, xls])
def test_titles_joined_headers_totals_and_signatures_are_told_from_rows(
    tmp_path: Path, write: object
) -> None:
    rows = [
        *TITLES,
        ["STT", "MÃ HỒ SƠ", "Ngày", "", "Đơn vị", ""],
        ["", "", "Tiếp nhận", "Hẹn  trả", "Tiếp nhận", "Thẩm quyền"],
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)=(5)"],
        ["I. Lĩnh vực hộ tịch"],
        ["1", "HS-1", "01/10/2026", "05/10/2026", "15607", ""],
        [],
        ["2", "HS-2", "02/10/2026", "06/10/2026", "", ""],
        ["Tổng cộng", "", "2", "2", "", "2"],
        ["", "", "", "Ngày 31 tháng 10 năm 2026"],
        ["Người lập biểu", "", "Kế toán", "Thủ trưởng đơn vị"],
    ]
    assert callable(write)
    path = write(tmp_path / "export.bin", rows)
    mapping = mapping_of(tmp_path, DATED)
    opened = OpenedFile(path, mapping)
    found = list(opened.records())
    assert [record.number for record in found] == [9, 11]
    assert dict(found[0].values) == {
        "MaHoSo": "HS-1",
        "NgayTiepNhan": "01/10/2026",
        "NgayHenTra": "05/10/2026",
        "MaDonViTiepNhan": "15607",
    }
    assert found[1].values["MaDonViTiepNhan"] == "15607", "a merged cell goes down"
    assert opened.passed_over == [7, 8, 12, 13, 14]


def test_no_row_is_lost_where_the_search_for_the_header_ends(tmp_path: Path) -> None:
    rows = [["Mã hồ sơ", "Ngày tiếp nhận"], *[[f"HS-{n}", "01/10/2026"] for n in range(200)]]
    found = records_of(xlsx(tmp_path / "a.xlsx", rows), mapping_of(tmp_path))
    assert [record.values["MaHoSo"] for record in found] == [f"HS-{n}" for n in range(200)]


def test_a_row_without_its_key_is_not_silently_dropped(tmp_path: Path) -> None:
    rows = [["STT", "Mã hồ sơ", "Ngày tiếp nhận", "Trạng thái"], ["1", "", "01/10/2026", "Đang xử lý"]]
    (found,) = records_of(xlsx(tmp_path / "a.xlsx", rows), mapping_of(tmp_path))
    assert "MaHoSo" not in found.values


def test_a_name_that_fits_two_columns_is_refused(tmp_path: Path) -> None:
    text = DATED.replace("Ngày / Tiếp nhận", "Tiếp nhận")
    path = xlsx(
        tmp_path / "a.xlsx",
        [
            ["Mã hồ sơ", "Ngày", "", "Đơn vị"],
            ["", "Tiếp nhận", "Hẹn trả", "Tiếp nhận"],
            ["HS-1", "x", "y", "z"],
        ],
    )
    with pytest.raises(UnusableFile, match="fits columns 2 and 4"):
        records_of(path, mapping_of(tmp_path, text))


def test_a_missing_column_is_named_unless_it_may_be_missing(tmp_path: Path) -> None:
    text = PLAIN.replace("[columns]\n", '[columns]\nNgayHenTra = "Hẹn trả"\n')
    path = xlsx(tmp_path / "a.xlsx", [["Mã hồ sơ", "Ngày tiếp nhận"], ["HS-1", "01/10/2026"]])
    with pytest.raises(UnusableFile, match=r"no column “Hẹn trả” for NgayHenTra"):
        records_of(path, mapping_of(tmp_path, text))
    (found,) = records_of(path, mapping_of(tmp_path, text + '[rows]\noptional = ["NgayHenTra"]\n'))
    assert found.values["MaHoSo"] == "HS-1"


def test_a_header_that_is_repeated_on_each_page_is_no_row(tmp_path: Path) -> None:
    header = ["Mã hồ sơ", "Ngày tiếp nhận"]
    rows = [header, ["HS-1", "01/10/2026"], header, ["HS-2", "02/10/2026"]]
    assert len(records_of(xlsx(tmp_path / "a.xlsx", rows), mapping_of(tmp_path))) == 2


def test_two_hundred_columns_are_read_by_name(tmp_path: Path) -> None:
    header = [f"Cột {n}" for n in range(198)] + ["Mã hồ sơ", "Ngày tiếp nhận"]
    rows = [header, [f"{n}" for n in range(198)] + ["HS-1", "01/10/2026"]]
    (found,) = records_of(xlsx(tmp_path / "a.xlsx", rows), mapping_of(tmp_path))
    assert dict(found.values) == {"MaHoSo": "HS-1", "NgayTiepNhan": "01/10/2026"}
