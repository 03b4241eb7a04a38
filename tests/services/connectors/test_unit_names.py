from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import pytest

from services.connectors.errors import BrokenRow, UnusableMapping
from services.connectors.target import ImportTarget
from services.connectors.unit_names import UnitNames
from tests.services.connectors.installation import Installation, tables
from tests.services.connectors.tables import PLAIN, mapping_file, mapping_of

TODAY = dt.date(2026, 11, 30)
BEFORE = dt.date(2025, 6, 30)
MERGED = dt.date(2025, 7, 1)


@cache
def _names(province_code: str = "38") -> UnitNames:
    return UnitNames(tables().units, province_code, TODAY)


def _answer(province_code: str, text: str, on: dt.date | None = None) -> tuple[str, str]:
    try:
        return _names(province_code).code_of(text, on), ""
    except BrokenRow as error:
        return "", error.message


def _refusal(text: str, on: dt.date | None = None, province_code: str = "38") -> str:
    with pytest.raises(BrokenRow) as refused:
        _names(province_code).code_of(text, on)
    assert refused.value.field == "unit"
    return refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "Xã Bát Mọt",
        "X. Bát Mọt",
        "x.Bát Mọt",
        "UBND xã Bát Mọt",
        "UBND X. Bát Mọt",
        "Ủy ban nhân dân xã Bát Mọt",
        "Uỷ ban nhân dân xã Bát Mọt",
        "15607",
        "15607 - Xã Bát Mọt",
        "Xã Bát Mọt (15607)",
        "H56.15607 Bát Mọt",
        "TT PVHCC xã Bát Mọt",
        "Trung tâm Phục vụ hành chính công xã Bát Mọt",
        "Bộ phận Tiếp nhận và Trả kết quả xã Bát Mọt",
        "Bộ phận TN&TKQ UBND xã Bát Mọt",
        "Bộ phận một cửa xã Bát Mọt",
        "Xã Bát Mọt, tỉnh Thanh Hóa",
        "Ba\u0301t Mo\u0323t",
        "BÁT MỌT",
        "bat mot",
    ],
)
def test_a_commune_is_found_however_an_office_writes_it(text: str) -> None:
    assert _names().code_of(text) == "15607"


@pytest.mark.parametrize(
    ("province_code", "text", "code"),
    [
        ("38", "P. Hạc Thành", "14797"),
        ("38", "phường Hạc Thành", "14797"),
        ("31", "ĐK. Cát Hải", "11914"),
        ("79", "ĐK Côn Đảo", "26732"),
    ],
)
def test_short_words_of_a_kind_are_read(province_code: str, text: str, code: str) -> None:
    assert _names(province_code).code_of(text) == code


def test_a_word_joined_or_parted_is_one_name() -> None:
    for code, name in ((u.code, u.name) for u in tables().units.communes_of("66", TODAY) if " " in u.name):
        assert _names("66").code_of(name.replace(" ", ""), TODAY) == code


def test_every_commune_is_found_by_its_full_name() -> None:
    for province in tables().units.provinces(TODAY):
        for unit in tables().units.communes_of(province.code, TODAY):
            assert _names(province.code).code_of(unit.full_name, MERGED) == unit.code


@pytest.mark.parametrize(
    ("text", "successor", "alike"),
    [
        ("Xã Hoằng Thành", "15961", "16000"),
        ("Xã Thiệu Hòa", "15820", "15772"),
        ("Xã Hoàng Sơn", "16297", "15910"),
    ],
)
def test_a_former_name_is_not_taken_for_one_that_is_like_it(text: str, successor: str, alike: str) -> None:
    for on in (TODAY, BEFORE, None):
        sentence = _refusal(text, on)
        assert successor in sentence
        assert alike not in sentence


def test_no_former_name_is_taken_for_a_unit_that_is_not_its_successor() -> None:
    """Of all 10,000 names before the merger, undated: each is its successor, or is asked and names it."""
    kinds = {"xa": "Xã", "phuong": "Phường", "thi_tran": "Thị trấn"}
    units = tables().units
    taken = asked = 0
    for province in units.provinces(TODAY):
        for unit in units.communes_of(province.code, TODAY):
            for former in units.predecessors(unit.code):
                text = f"{kinds.get(former.old_kind, '')} {former.old_name}"
                found, sentence = _answer(province.code, text)
                assert found == unit.code or unit.code in sentence
                taken, asked = taken + (found != ""), asked + (found == "")
    assert taken > 1_000
    assert asked > 8_000


def test_a_namesake_means_the_unit_of_today_from_the_merger_on_and_is_asked_before() -> None:
    """266 former names are exact namesakes of a unit of today that is not, or not alone, their successor."""
    units, namesakes = tables().units, 0
    for province in units.provinces(TODAY):
        for unit in units.communes_of(province.code, TODAY):
            names = _names(province.code)
            assert names.code_of(unit.full_name, MERGED) == unit.code
            found, sentence = _answer(province.code, unit.full_name, BEFORE)
            assert found == unit.code or unit.code in sentence
            assert _answer(province.code, unit.full_name) == (found, sentence)
            namesakes += found == ""
    assert namesakes > 100


def test_a_text_with_marks_must_match_with_them_and_what_is_like_it_is_named() -> None:
    sentence = _refusal("Xã Bát Mot", TODAY)
    assert "15607" in sentence
    assert "values.unit" in sentence
    assert _names().code_of("xa bat mot", TODAY) == "15607"


def test_a_code_that_went_away_names_where_it_went_and_one_beside_another_name_is_refused() -> None:
    assert "15820 Xã Thiệu Toán" in _refusal("15823")
    assert "14797" in _refusal("15607 Phường Hạc Thành")
    assert "15607 and 15820" in _refusal("15607, 15820")


def test_what_the_mapping_names_comes_before_everything() -> None:
    names = UnitNames(tables().units, "38", TODAY, {"xa thieu hoa": "15820"})
    assert names.code_of("Xã Thiệu Hòa") == "15820"


LOCAL_NUMBERS = 'key_prefix = "{unit}/"' + PLAIN.replace("[columns]", '[columns]\nunit = "Xã"')


def test_lists_with_local_numbers_are_told_apart_by_their_commune(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Mã hồ sơ,Ngày tiếp nhận,Xã\n1,02/11/2026,Bát Mọt\n1,03/11/2026,Hạc Thành\n", encoding="utf-8"
    )
    with Installation(tmp_path) as here:
        done = here.cases.run(path, mapping_file(tmp_path, LOCAL_NUMBERS), ImportTarget(province_code="38"))
        assert done.counts == {"created": 2}
        again = here.cases.run(path, mapping_file(tmp_path, LOCAL_NUMBERS), ImportTarget(province_code="38"))
        assert again.counts == {"unchanged": 2}


@pytest.mark.parametrize("prefix", ["{commune}-", "{", "{unit}{}"])
def test_a_prefix_holds_nothing_else_in_braces(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(UnusableMapping, match="key_prefix"):
        mapping_of(tmp_path, f'key_prefix = "{prefix}"' + PLAIN)
