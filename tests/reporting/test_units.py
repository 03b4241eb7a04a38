from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter

import pytest

from reporting.dated.units import UnitTable, parse_units
from reporting.errors import TableError, UnknownUnit
from tests.reporting.tables import altered, lines, shipped

START = dt.date(2025, 7, 1)
EVE = dt.date(2026, 4, 29)
DAY = dt.date(2026, 4, 30)
DONG_NAI_WARDS = "25270 25357 25363 26116 26170 26248 26326 26368 26425 26485".split()  # noqa: SIM905 -- reads as a list of codes


@pytest.fixture(scope="module")
def units() -> UnitTable:
    return parse_units(shipped("units.csv"), shipped("succession.csv"))


def communes(units: UnitTable, on: dt.date) -> list[str]:
    return [unit.kind for province in units.provinces(on) for unit in units.communes_of(province.code, on)]


def test_the_country_has_34_provinces_and_3321_communes(units: UnitTable) -> None:
    assert len(units.provinces()) == 34
    assert Counter(communes(units, START)) == {"xa": 2621, "phuong": 687, "dac_khu": 13}
    assert Counter(communes(units, DAY)) == {"xa": 2611, "phuong": 697, "dac_khu": 13}


def test_thanh_hoa_has_147_rural_communes_and_19_wards(units: UnitTable) -> None:
    of_38 = units.communes_of("38")
    assert Counter(unit.kind for unit in of_38) == {"xa": 147, "phuong": 19}
    assert [unit.code for unit in of_38] == sorted(unit.code for unit in of_38)
    assert sum(unit.area_km2 or 0 for unit in of_38) == pytest.approx(11_114.8, rel=0.001)
    assert units.get("38").area_km2 == pytest.approx(11_114.8, rel=0.001)


def test_communes_per_province_are_those_of_the_resolutions(units: UnitTable) -> None:
    expected = {"01": 126, "04": 56, "22": 54, "38": 166, "46": 40, "75": 95, "79": 168, "96": 64}
    assert {code: len(units.communes_of(code)) for code in expected} == expected


def test_bat_mot_is_what_it_is(units: UnitTable) -> None:
    unit = units.get("15607")
    assert (unit.name, unit.full_name, unit.kind, unit.level) == ("Bát Mọt", "Xã Bát Mọt", "xa", "commune")
    assert unit.parent_code == units.province_of("15607") == "38"
    assert unit.lat == pytest.approx(20.014, abs=0.01)
    assert unit.lon == pytest.approx(105.005, abs=0.02)
    assert unit.area_km2 == pytest.approx(205.7, abs=0.1)
    (succession,) = units.successors("15607")
    assert (succession.new_code, succession.kind) == ("15607", "kept")


def test_the_thirteen_special_zones_are_the_islands(units: UnitTable) -> None:
    zones = {
        unit.code for p in units.provinces() for unit in units.communes_of(p.code) if unit.kind == "dac_khu"
    }
    assert zones == set(
        "06994 07192 11914 11948 19742 20333 21548 22736 23272 26732 31078 31105 31108".split()  # noqa: SIM905 -- as above
    )


def test_every_name_is_composed_and_starts_with_its_kind() -> None:
    labels = {"xa": "Xã", "phuong": "Phường", "dac_khu": "Đặc khu", "tinh": "Tỉnh", "thanh_pho": "Thành phố"}
    for row in lines("units.csv"):
        assert unicodedata.is_normalized("NFC", row["full_name"])
        assert row["full_name"] == " ".join(row["full_name"].split())
        if row["kind"] != "quoc_gia":
            assert row["full_name"] == f"{labels[row['kind']]} {row['name']}"


def test_ten_communes_of_dong_nai_are_wards_from_30_april_2026(units: UnitTable) -> None:
    for code in DONG_NAI_WARDS:
        assert units.get(code, EVE).kind == "xa"
        assert units.get(code, DAY).kind == units.get(code).kind == "phuong"
        assert units.get(code, DAY).full_name.startswith("Phường ")
    changed = [
        unit.code for unit in units.communes_of("75", EVE) if units.get(unit.code, DAY).kind != unit.kind
    ]
    assert changed == DONG_NAI_WARDS


def test_cities_grow_from_six_to_nine(units: UnitTable) -> None:
    def cities(on: dt.date) -> set[str]:
        return {unit.code for unit in units.provinces(on) if unit.kind == "thanh_pho"}

    assert cities(START) == {"01", "31", "46", "48", "79", "92"}
    assert cities(DAY) - cities(START) == {"75"}
    assert cities(dt.date(2026, 9, 20)) - cities(DAY) == {"22", "24"}
    assert {units.get(code).confidence for code in ("22", "24")} == {"low"}


def test_points_lie_in_or_near_viet_nam_and_are_near_their_neighbours(units: UnitTable) -> None:
    for province in units.provinces():
        for unit in units.communes_of(province.code):
            assert unit.point_checked
            assert unit.lat is not None
            assert unit.lon is not None
            assert 7 < unit.lat < 23.5, unit.code
            assert 102 < unit.lon < 118, unit.code


@pytest.mark.parametrize(
    ("code", "lat", "lon"), [("06757", 21.37, 107.92), ("29983", 10.80, 105.30), ("04714", 21.77, 104.95)]
)
def test_points_of_namesakes_were_corrected(units: UnitTable, code: str, lat: float, lon: float) -> None:
    unit = units.get(code)
    assert unit.lat == pytest.approx(lat, abs=0.05)
    assert unit.lon == pytest.approx(lon, abs=0.05)
    assert "corrected" in unit.source


def test_every_old_commune_reaches_an_existing_unit_and_has_one_main_successor(units: UnitTable) -> None:
    old_codes = {row["old_code"] for row in lines("succession.csv")}
    assert sum(len(code) != 2 for code in old_codes) == 10_040
    assert sum(len(code) == 2 for code in old_codes) == 63
    for code in old_codes:
        successors = units.successors(code)
        assert [found.main for found in successors] == [True] + [False] * (len(successors) - 1)
        for found in successors:
            assert units.get(found.new_code, found.effective_on).level == (
                "province" if len(code) == 2 else "commune"
            )
        assert (len(successors) > 1) == (successors[0].kind == "split")


def test_every_unit_has_a_predecessor(units: UnitTable) -> None:
    for province in units.provinces():
        assert units.predecessors(province.code), province.code
        for unit in units.communes_of(province.code):
            assert units.predecessors(unit.code), unit.code


def test_an_old_commune_stays_in_what_its_province_became(units: UnitTable) -> None:
    became = {
        row["old_code"]: row["new_code"] for row in lines("succession.csv") if len(row["old_code"]) == 2
    }
    for row in lines("succession.csv"):
        if len(row["old_code"]) != 2:
            assert units.province_of(row["new_code"]) == became[row["old_province_code"]], row


def test_wards_called_by_number_do_not_follow_their_namesakes(units: UnitTable) -> None:
    became = {
        "29872": "29869",
        "28252": "28249",
        "25462": "25459",
        "27691": "27694",
        "31379": "31378",
        "31582": "31582",
    }
    assert {code: [found.new_code for found in units.successors(code)] for code in became} == {
        code: [new_code] for code, new_code in became.items()
    }
    assert {one.old_province_code for one in units.predecessors("29869")} == {"87"}
    assert {one.old_province_code for one in units.predecessors("25459")} == {"72"}


def test_islands_without_communes_are_found_by_their_district_code(units: UnitTable) -> None:
    assert [found.new_code for found in units.successors("498")] == ["20333"]
    assert units.successors("00000") == ()


def test_within_goes_up_the_levels(units: UnitTable) -> None:
    assert units.is_within("15607", "15607")
    assert units.is_within("15607", "38")
    assert units.is_within("15607", "vn")
    assert not units.is_within("15607", "01")
    assert not units.is_within("38", "15607")
    assert not units.is_within("vn", "38")
    for pair in (("99999", "vn"), ("15607", "99")):
        with pytest.raises(UnknownUnit):
            units.is_within(*pair)


def test_unknown_codes_and_days_are_refused(units: UnitTable) -> None:
    for code in ("99999", "1", "", "VN", "06978"):
        with pytest.raises(UnknownUnit, match="no unit has the code"):
            units.get(code)
    with pytest.raises(UnknownUnit, match="on 2025-06-30"):
        units.get("15607", dt.date(2025, 6, 30))
    with pytest.raises(UnknownUnit, match="lies in no province"):
        units.province_of("vn")
    with pytest.raises(UnknownUnit, match="is no province"):
        units.communes_of("15607")


def test_a_unit_that_ended_is_known_but_no_longer_listed() -> None:
    line = next(n for n, row in enumerate(lines("units.csv"), 2) if row["code"] == "15607")
    units = parse_units(altered("units.csv", line, "valid_to", "2027-01-01"), shipped("succession.csv"))
    assert units.get("15607").valid_to == dt.date(2027, 1, 1)
    assert len(units.communes_of("38")) == 165
    assert len(units.communes_of("38", dt.date(2026, 12, 31))) == 166
    assert len(units.communes_of("38", dt.date(2027, 1, 1))) == 165


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("code", "1"),
        ("code", "02"),
        ("kind", "xa"),
        ("kind", "quan"),
        ("level", "district"),
        ("parent_code", "38"),
        ("parent_code", ""),
        ("lat", ""),
        ("lon", "181"),
        ("point_checked", "yes"),
        ("area_km2", "wide"),
        ("valid_from", "July"),
        ("valid_to", "2025-07-01"),
        ("confidence", "sure"),
        ("name", ""),
    ],
)
def test_a_broken_unit_row_is_named(column: str, cell: str) -> None:
    with pytest.raises(TableError, match=r"^units\.csv line \d+, column "):
        parse_units(altered("units.csv", 3, column, cell), shipped("succession.csv"))


@pytest.mark.parametrize(
    ("line", "column", "cell"),
    [
        (2, "old_code", "1"),
        (2, "new_code", "03"),
        (2, "new_code", "15607"),
        (9000, "new_code", "38"),
        (2, "kind", "sold"),
        (2, "main", "false"),
        (2, "effective_on", ""),
        (2, "confidence", ""),
    ],
)
def test_a_broken_succession_row_is_named(line: int, column: str, cell: str) -> None:
    with pytest.raises(TableError, match=rf"^succession\.csv line {line}, column {column}: "):
        parse_units(shipped("units.csv"), altered("succession.csv", line, column, cell))


def test_two_rows_of_one_unit_on_the_same_day_are_refused() -> None:
    line = next(n for n, row in enumerate(lines("units.csv"), 2) if row["code"] == "75")
    with pytest.raises(TableError, match=rf"units\.csv line {line + 1}, column valid_from: 75 already holds"):
        parse_units(altered("units.csv", line, "valid_to", ""), shipped("succession.csv"))


def test_a_unit_does_not_move_under_the_same_code() -> None:
    line = next(n for n, row in enumerate(lines("units.csv"), 2) if row["code"] == "25270")
    with pytest.raises(TableError, match="lies in two units"):
        parse_units(altered("units.csv", line + 1, "parent_code", "38"), shipped("succession.csv"))


def test_the_version_follows_the_content(units: UnitTable) -> None:
    again = parse_units(shipped("units.csv"), shipped("succession.csv"))
    other = parse_units(altered("units.csv", 3, "note", "seen"), shipped("succession.csv"))
    assert again.version == units.version
    assert other.version != units.version
