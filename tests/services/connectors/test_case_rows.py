from __future__ import annotations

from pathlib import Path

import pytest

from services.connectors.case_rows import Row, row_of
from services.connectors.errors import BrokenRow
from services.connectors.records import Record
from tests.services.connectors.tables import mapping_of

TEXT = """
kind = "cases"
[columns]
MaHoSo = "Mã"
NgayTiepNhan = "Nhận"
TrangThai = "Trạng thái"
KenhThucHien = "Kênh"
QuaHanNguon = "Quá hạn"
MaDonViThamQuyen = "Đơn vị"
LinhVuc = "Lĩnh vực"
NgayTraKetQua = "Trả"
[constants]
LoaiDoiTuong = 0
[values.TrangThai]
"Đang xử lý" = 4
[values.LinhVuc]
"Hộ tịch" = "ho_tich"
"*" = ""
[status.by_field]
NgayTiepNhan = 2
NgayTraKetQua = 10
"""


def _row(folder: Path, **values: str) -> Row:
    record = Record(1, {"MaHoSo": "HS-1", "NgayTiepNhan": "01/10/2026", **values})
    return row_of(record, mapping_of(folder, TEXT), lambda text: text.zfill(5))


def test_texts_become_what_intake_takes(tmp_path: Path) -> None:
    row = _row(
        tmp_path,
        TrangThai="ĐANG XỬ LÝ",
        KenhThucHien="2",
        QuaHanNguon="Quá hạn",
        MaDonViThamQuyen="4567",
        LinhVuc="hộ tịch",
        NgayTraKetQua="02/10/2026 16:30",
    )
    assert row == {
        "MaHoSo": "HS-1",
        "NgayTiepNhan": "2026-10-01",
        "TrangThai": 4,
        "KenhThucHien": 2,
        "QuaHanNguon": True,
        "MaDonViThamQuyen": "04567",
        "LinhVuc": "ho_tich",
        "NgayTraKetQua": "2026-10-02T09:30:00+00:00",
        "LoaiDoiTuong": 0,
    }


def test_a_status_is_told_by_the_fields_that_are_filled(tmp_path: Path) -> None:
    assert _row(tmp_path)["TrangThai"] == 2
    assert _row(tmp_path, NgayTraKetQua="03/10/2026")["TrangThai"] == 10


def test_a_star_takes_every_other_text_and_an_empty_value_leaves_the_field_out(tmp_path: Path) -> None:
    assert "LinhVuc" not in _row(tmp_path, LinhVuc="Thủy lợi")


@pytest.mark.parametrize(
    ("field", "text", "part"),
    [
        ("TrangThai", "Đang chờ", "“Đang chờ” is not in values.TrangThai"),
        ("KenhThucHien", "bưu điện", "not a number"),
        ("QuaHanNguon", "sắp", "neither yes nor no"),
        ("NgayTiepNhan", "31/02/2026", "no day in any of the forms"),
        ("MaHoSo", "x" * 300, "longer than 200 characters"),
    ],
)
def test_a_broken_cell_names_its_field(tmp_path: Path, field: str, text: str, part: str) -> None:
    with pytest.raises(BrokenRow) as caught:
        _row(tmp_path, **{field: text})
    assert caught.value.field == field
    assert part in caught.value.message


def test_a_date_that_is_a_name_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(BrokenRow) as caught:
        _row(tmp_path, NgayTiepNhan="Nguyễn Văn A")
    assert "Nguyễn" not in caught.value.message


STEPS = """
kind = "cases"
[columns]
MaHoSo = "Mã"
NgayCapDinhDanh = "Cấp"
"""


def test_only_a_file_without_a_status_gives_update_rows(tmp_path: Path) -> None:
    record = Record(1, {"MaHoSo": "HS-1", "NgayCapDinhDanh": "05/10/2026"})
    update = row_of(record, mapping_of(tmp_path, STEPS), str)
    assert update == {"MaHoSo": "HS-1", "NgayCapDinhDanh": "2026-10-05"}
    with_column = mapping_of(tmp_path, STEPS + 'TrangThai = "Trạng thái"\n')
    with pytest.raises(BrokenRow) as empty_cell:
        row_of(record, with_column, str)
    assert empty_cell.value.field == "TrangThai"
