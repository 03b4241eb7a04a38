"""Whose cases, reports and notices a store keeps."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.dated.territory import Territory, parse_territory
from reporting.dated.units import Unit, UnitTable
from reporting.errors import UnknownUnit
from tests.reporting.stories import tables

UNITS = tables().units
PROVINCES = [province.code for province in UNITS.provinces()]
COMMUNES = [commune.code for code in PROVINCES for commune in UNITS.communes_of(code)]
CODES = st.sets(st.sampled_from([*PROVINCES, "vn"]), min_size=1)


def test_nothing_written_stands_for_everything() -> None:
    everything = parse_territory("", UNITS)
    assert everything == parse_territory("  ", UNITS) == Territory(UNITS)
    assert all(everything.keeps(code) for code in (*PROVINCES, *COMMUNES, "vn"))
    assert everything.word == ""


@given(CODES, st.sampled_from([*COMMUNES, *PROVINCES, "vn"]))
def test_a_unit_is_kept_by_whoever_keeps_its_province(codes: set[str], unit_code: str) -> None:
    territory = parse_territory(" , ".join(codes), UNITS)
    whose = "vn" if unit_code == "vn" else UNITS.province_of(unit_code)
    assert territory.keeps(unit_code) == (whose in codes)
    assert territory.keeps_of_body(f"{unit_code}.ubnd" if unit_code != "vn" else "bo_khcn") == (
        whose in codes
    )


@given(CODES, CODES)
def test_one_covers_another_that_keeps_nothing_more(some: set[str], others: set[str]) -> None:
    one, other = (parse_territory(",".join(codes), UNITS) for codes in (some, others))
    assert one.covers(other) == (others <= some)
    assert Territory(UNITS).covers(one)
    assert not one.covers(Territory(UNITS))
    assert parse_territory(one.word, UNITS) == one


def test_a_unit_that_was_abolished_stays_with_its_province() -> None:
    def unit(code: str, level: str, kind: str, parent: str | None, valid_to: dt.date | None = None) -> Unit:
        since = dt.date(2025, 7, 1)
        words = (code, f"unit {code}", f"unit {code}", kind, level, parent)
        return Unit(*words, None, None, point_checked=False, area_km2=None, valid_from=since,
                    valid_to=valid_to, source="a test", confidence="high", note=None)  # fmt: skip

    units = UnitTable(
        [
            unit("vn", "nation", "quoc_gia", None),
            unit("38", "province", "tinh", "vn"),
            unit("15607", "commune", "xa", "38", dt.date(2027, 1, 1)),
        ],
        [],
        "a test",
    )
    assert parse_territory("38", units).keeps("15607")


def test_a_unit_before_2025_07_01_is_kept_with_what_became_of_it() -> None:
    old = next(code for code in UNITS._successors if code not in UNITS._latest)
    heir = UNITS.successors(old)[0].new_code
    assert parse_territory(UNITS.province_of(heir), UNITS).keeps(old)


def test_a_unit_that_nobody_knows_is_kept_by_whoever_keeps_everything() -> None:
    assert Territory(UNITS).keeps("99999")
    assert not parse_territory("38,vn", UNITS).keeps("99999")


@pytest.mark.parametrize(
    ("written", "because"),
    [
        ("39", "'39' is no province"),
        ("38,", "'' is no province"),
        (",", "'' is no province"),
        ("38;40", "'38;40' is no province"),
        ("15607", "15607 is a commune, in province 38"),
        ("Thanh Hóa", "'Thanh Hóa' is no province"),
    ],
)
def test_what_is_no_province_is_named(written: str, because: str) -> None:
    with pytest.raises(UnknownUnit, match=because):
        parse_territory(written, UNITS)
