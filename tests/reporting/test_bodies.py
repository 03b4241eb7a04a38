"""The table of bodies: exact rows, patterns, names by unit and day."""

from __future__ import annotations

import datetime as dt

import pytest

from reporting.dated.bodies import parse_bodies, territory_of
from reporting.errors import TableError, UnknownBody
from tests.reporting.stories import tables
from tests.reporting.tables import altered, lines, shipped

BODIES = tables().bodies


@pytest.mark.parametrize(
    ("body_id", "name", "unit", "level"),
    [
        ("15607.ubnd", "UBND xã Bát Mọt", "15607", "commune"),
        ("38.so_khcn", "Sở Khoa học và Công nghệ tỉnh Thanh Hóa", "38", "province"),
        ("01.so_khcn", "Sở Khoa học và Công nghệ thành phố Hà Nội", "01", "province"),
        ("79.ubnd", "UBND Thành phố Hồ Chí Minh", "79", "province"),
        ("01.bch_quan_su", "Bộ Tư lệnh Thủ đô Hà Nội", "01", "province"),
        ("38.tinh_doan", "Tỉnh đoàn Thanh Hóa", "38", "province"),
        ("48.tinh_doan", "Thành đoàn Đà Nẵng", "48", "province"),
        ("31078.ubnd", "UBND đặc khu Phú Quốc", "31078", "commune"),
        ("00004.phong_kinh_te", "Phòng Kinh tế, Hạ tầng và Đô thị phường Ba Đình", "00004", "commune"),
        ("bo_khcn", "Bộ Khoa học và Công nghệ", "vn", "ministry"),
        ("evn", "Tập đoàn Điện lực Việt Nam (EVN)", "vn", "ministry"),
    ],
)
def test_a_body_is_named_after_its_unit(body_id: str, name: str, unit: str, level: str) -> None:
    assert BODIES.get(body_id).name_vi == name
    assert (BODIES.unit_of(body_id), BODIES.level_of(body_id), territory_of(body_id)) == (unit, level, unit)


def test_a_body_is_named_as_its_unit_was_on_that_day() -> None:
    assert BODIES.get("75.ubnd", dt.date(2026, 4, 29)).name_vi == "UBND tỉnh Đồng Nai"
    assert BODIES.get("75.ubnd", dt.date(2026, 4, 30)).name_vi == "UBND thành phố Đồng Nai"


@pytest.mark.parametrize(
    "body_id", ["38.so_ma_thuat", "99.ubnd", "99999.ubnd", "bo_ma_thuat", "15607.so_khcn", ""]
)
def test_a_body_that_no_row_names_is_unknown(body_id: str) -> None:
    with pytest.raises(UnknownBody):
        BODIES.get(body_id)
    assert not BODIES.knows(body_id)


def test_every_unit_has_its_committee_and_every_province_its_office() -> None:
    units = tables().units
    for province in units.provinces():
        assert {body.id for body in BODIES.of_unit(province.code)} >= {
            f"{province.code}.{key}" for key in ("ubnd", "vp_ubnd", "so_khcn", "so_noi_vu", "cong_an")
        }
        for commune in units.communes_of(province.code):
            assert BODIES.get(f"{commune.code}.ubnd").unit_code == commune.code


def test_thanh_hoa_has_every_department_after_the_reorganisation_by_its_own_row() -> None:
    departments = {body.id: body.name_vi for body in BODIES.of_unit("38") if body.kind == "department"}
    assert set(departments.values()) == {
        "Sở Nội vụ tỉnh Thanh Hóa",
        "Sở Tư pháp tỉnh Thanh Hóa",
        "Sở Tài chính tỉnh Thanh Hóa",
        "Sở Công Thương tỉnh Thanh Hóa",
        "Sở Nông nghiệp và Môi trường tỉnh Thanh Hóa",
        "Sở Xây dựng tỉnh Thanh Hóa",
        "Sở Khoa học và Công nghệ tỉnh Thanh Hóa",
        "Sở Văn hóa, Thể thao và Du lịch tỉnh Thanh Hóa",
        "Sở Giáo dục và Đào tạo tỉnh Thanh Hóa",
        "Sở Y tế tỉnh Thanh Hóa",
        "Sở Dân tộc và Tôn giáo tỉnh Thanh Hóa",
        "Sở Ngoại vụ tỉnh Thanh Hóa",
        "Thanh tra tỉnh Thanh Hóa",
        "Ban Quản lý Khu kinh tế Nghi Sơn và các khu công nghiệp",
    }
    own = {line["id"] for line in lines("bodies.csv")}
    assert set(departments) <= own


def test_enterprises_promise_and_nobody_else_does() -> None:
    promising = {body.id for body in (*BODIES.of_unit("38"), *BODIES.of_unit("vn")) if body.promises_only}
    assert promising >= {"38.buu_dien", "38.dien_luc", "38.viettel", "evn", "viettel"}
    assert promising & {"38.so_khcn", "38.ubnd", "38.vp_ubnd", "bo_khcn"} == set()


def test_the_bodies_of_the_nation_are_the_central_ones() -> None:
    central = BODIES.of_unit("vn")
    assert len([body for body in central if body.kind == "ministry"]) == 17
    assert {territory_of(body.id) for body in central} == {"vn"}


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("id", "Bo Khcn"),
        ("id", "{district}.ubnd"),
        ("id", "99.ubnd"),
        ("unit_kinds", "tinh"),
        ("name_vi", ""),
        ("name_vi", "UBND {district}"),
        ("confidence", "certain"),
        ("valid_from", "01/07/2025"),
    ],
)
def test_a_wrong_cell_is_refused_by_its_place(column: str, cell: str) -> None:
    with pytest.raises(TableError, match=rf"bodies.csv line 2, column {column}"):
        parse_bodies(altered("bodies.csv", 2, column, cell), tables().units)


def test_two_rows_of_one_body_on_the_same_day_are_refused() -> None:
    twice = shipped("bodies.csv") + shipped("bodies.csv").splitlines()[1] + "\n"
    with pytest.raises(TableError, match="already holds"):
        parse_bodies(twice, tables().units)
