"""What docs/importing.md says about keys."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy import select

from reporting.privacy import case_key
from services.access.actors import Actor
from services.connectors.target import ImportTarget
from services.errors import BadInput
from services.intake.dossier_codes import folded_code
from services.intake.national_rows import dossier_code_of
from services.store.store import CASES
from tests.services.connectors.installation import NOW, Installation
from tests.services.connectors.tables import PLAIN, mapping_file, xlsx

UNIT = ImportTarget(unit_code="15607")
OFFICER = Actor("commune_officer", "15607", "15607.ubnd", "import")
HEADER = ["Mã hồ sơ", "Ngày tiếp nhận"]
CODE = "H56.15607-261117-0001"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, chunk_rows=2) as installation:
        yield installation


def stored(here: Installation) -> list[str]:
    with here.store.read() as conn:
        return sorted(conn.scalars(select(CASES.c.dossier_code)))


@pytest.mark.parametrize(
    "written",
    [
        CODE,
        CODE.lower(),
        CODE.replace("-", "–"),
        CODE.replace("-", "—"),
        CODE.replace("-", "\u2011"),
        CODE.replace("-", "\u2212"),
        CODE.replace("-", " - "),
        CODE.replace("-", " -\N{NO-BREAK SPACE}"),
        CODE.replace(".", " . "),
        f"'{CODE}",
        f"’{CODE}",
        f'="{CODE}"',
        f"  {CODE}\t",
    ],
)
def test_ways_of_writing_one_code_are_one_case(here: Installation, tmp_path: Path, written: str) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, [CODE, "17/11/2026"], [written, "17/11/2026"]])
    assert here.cases.run(path, mapping_file(tmp_path), UNIT).counts == {
        "created": 1,
        "unchanged": 1,
    }
    [result] = here.intake.sync_cases(
        "15607",
        [{"MaHoSo": written, "NgayTiepNhan": "2026-11-17", "TrangThai": 2}],
        actor=OFFICER,
        now=NOW,
    )
    assert result.outcome == "unchanged", "the API reads codes as files do"
    assert stored(here) == [CODE]


DAMAGED = {
    "2.61117E+14": "scientific notation",
    "2,61117E+14": "scientific notation",
    "2.61117e16": "scientific notation",
    "3E+11": "scientific notation",
    "26111700000000000": "digits after the first 15 are zeros",
    "Н56.15607-261117-0001": "cyrillic capital letter en",
    "H56.15607-٢٦١١١٧": "arabic-indic digit two",
    "Ｈ56.15607": "fullwidth latin capital letter h",
    f"{CODE}\u200b": "visible signs",
    "#REF!": "error of the spreadsheet",
}


@pytest.mark.parametrize("written", DAMAGED)
def test_a_damaged_code_is_refused_by_line_and_by_the_api(
    here: Installation, tmp_path: Path, written: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"Mã hồ sơ;Ngày tiếp nhận\n{written};17/11/2026\n", encoding="utf-8")
    summary = here.cases.run(path, mapping_file(tmp_path), UNIT)
    assert summary.counts == {"rejected": 1}
    assert (summary.examples[0].line, summary.examples[0].field) == (2, "MaHoSo")
    assert DAMAGED[written] in summary.examples[0].reason
    if written != "#REF!":  # an error of a spreadsheet comes from none but a spreadsheet
        with pytest.raises(BadInput, match="MaHoSo"):
            dossier_code_of({"MaHoSo": written})


@pytest.mark.parametrize("code", ["26111700000000012", "12E-34", "H56E+17", "Đ-1", "123456789012345", "1-2"])
def test_an_unusual_code_that_nothing_damaged_is_a_code(code: str) -> None:
    assert dossier_code_of({"MaHoSo": code}) == code


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (26111700000000012, "over 15 digits"),
        (2.61117e16, "over 15 digits"),
        (1.5, "fraction"),
        (dt.date(2026, 2, 1), "is a day"),
    ],
)
def test_a_number_or_a_day_in_a_cell_is_no_code(
    here: Installation, tmp_path: Path, value: float | dt.date, part: str
) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        if isinstance(value, dt.date):
            sheet.write_datetime(1, 0, value, book.add_format({"num_format": "dd/mm/yyyy"}))
        else:
            sheet.write_number(1, 0, value)
        sheet.write_string(1, 1, "17/11/2026")
    summary = here.cases.run(path, mapping_file(tmp_path), UNIT)
    assert summary.counts == {"rejected": 1}
    assert part in summary.examples[0].reason


def test_a_whole_number_of_fifteen_digits_is_a_code(here: Installation, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [HEADER, [261117000000001, "17/11/2026"]])
    assert here.cases.run(path, mapping_file(tmp_path), UNIT).counts == {"created": 1}
    assert stored(here) == ["261117000000001"]


@pytest.mark.parametrize("number", [10**15, 26111700000000012])
def test_a_number_over_fifteen_digits_is_refused_from_the_api_too(number: int) -> None:
    with pytest.raises(BadInput, match=r"MaHoSo is a number .*digits"):
        dossier_code_of({"MaHoSo": number})


def test_one_code_with_different_content_is_two_rejected_rows(here: Installation, tmp_path: Path) -> None:
    rows = [
        HEADER,
        ["HS-1", "17/11/2026"],
        ["HS-2", "17/11/2026"],
        ["HS-3", "17/11/2026"],
        ["hs – 1", "18/11/2026"],
        ["HS-2", "2026-11-17"],
    ]
    path = xlsx(tmp_path / "a.xlsx", rows)
    dry = here.cases.run(path, mapping_file(tmp_path), UNIT, dry_run=True)
    summary = here.cases.run(path, mapping_file(tmp_path), UNIT, accept=["repeated_keys", "rejected"])
    assert summary.counts == {"created": 2, "unchanged": 1, "rejected": 2}, (
        "the same content twice is no pair"
    )
    assert dry.counts["rejected"] == 2
    assert [one.line for one in summary.examples] == [2, 5], "also where they lie in different chunks"
    assert all("different content (2, 5)" in one.reason for one in summary.examples)
    assert stored(here) == ["HS-2", "HS-3"]


def test_a_case_keyed_before_codes_were_folded_keeps_its_key(here: Installation) -> None:
    row = {"MaHoSo": "HS – 7", "NgayTiepNhan": "2026-11-17", "TrangThai": 2}
    here.intake.sync_cases("15607", [{**row, "MaHoSo": "HS-8"}], actor=OFFICER, now=NOW)
    secret = here.intake._keys.of("38").secret
    old = case_key(secret, "HS – 7")
    with here.store.begin() as conn:  # as a release before the folding left it
        conn.execute(CASES.update().values(case_key=old, dossier_code="HS – 7"))
    [result] = here.intake.sync_cases("15607", [row], actor=OFFICER, now=NOW)
    [moved] = here.intake.sync_cases("15607", [{**row, "TrangThai": 4}], actor=OFFICER, now=NOW)
    assert (result.outcome, moved.outcome) == ("unchanged", "advanced")
    with here.store.read() as conn:
        assert list(conn.scalars(select(CASES.c.case_key))) == [old]


def test_folding_a_code_twice_is_folding_it_once() -> None:
    for written in ("'H56 – 1", '="\'H - 1"', " H  1 ", "‘’H-1"):
        assert folded_code(folded_code(written)) == folded_code(written)


def test_a_case_spelled_otherwise_in_a_snapshot_has_not_vanished(here: Installation, tmp_path: Path) -> None:
    mapping = mapping_file(tmp_path, PLAIN.replace('"cases"', '"snapshot"'))
    here.cases.run(xlsx(tmp_path / "a.xlsx", [HEADER, ["HS-1", "17/11/2026"]]), mapping, UNIT)
    summary = here.cases.run(xlsx(tmp_path / "b.xlsx", [HEADER, ["hs – 1", "17/11/2026"]]), mapping, UNIT)
    assert summary.vanished == []
