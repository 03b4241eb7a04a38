"""What docs/importing.md says about cells, lines and sheets that are not understood."""

from __future__ import annotations

import datetime as dt
import gzip
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy import select

from services.connectors import unpacking
from services.connectors.errors import UnusableFile
from services.connectors.opening import OpenedFile
from services.connectors.target import ImportTarget
from services.connectors.values import moment
from services.intake.national_rows import parse_moment
from services.store.store import CASES
from tests.services.connectors.installation import Installation
from tests.services.connectors.tables import PLAIN, mapping_file, mapping_of, xlsx

UNIT = ImportTarget(unit_code="15607")
PROVINCE = ImportTarget(province_code="38")
HEADER = ["Mã hồ sơ", "Ngày tiếp nhận"]
DATED = PLAIN.replace("[columns]\n", '[columns]\nNgayHenTra = "Hẹn trả"\n')
ISSUES = """
kind = "issues"
[columns]
unit = "Đơn vị"
kind = "Khó khăn"
severity = "Mức độ"
place = "Địa điểm"
tried = "Đã làm"
people_affected = "Số người"
amount_dong = "Kinh phí"
[rows]
optional = ["amount_dong"]
[values.severity]
"Cao" = "high"
"""
LIST = ["Đơn vị", "Khó khăn", "Mức độ", "Địa điểm", "Đã làm", "Số người", "Kinh phí"]
SPOT = ["Xã Bát Mọt", "mobile_dead_spot", "Cao", "Bản Vịn", "Đã báo", 12, ""]
FORMS = ("dd/mm/yyyy hh:mm:ss", "dd/mm/yyyy hh:mm", "dd/mm/yyyy")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as installation:
        yield installation


def sheets(path: Path, **of_sheets: Sequence[Sequence[Any]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in of_sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


@pytest.mark.parametrize("error", ["#REF!", "#VALUE!", "#N/A", "#DIV/0!", "#NAME?"])
def test_an_error_cell_is_a_broken_row_and_no_empty_cell(
    here: Installation, tmp_path: Path, error: str
) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Bìa").write_string(0, 0, "Hướng dẫn")
        sheet = book.add_worksheet("Số liệu")
        sheet.write_row(0, 0, [*HEADER, "Hẹn trả", "Ghi chú"])
        sheet.write_row(1, 0, ["HS-1", "17/11/2026"])
        sheet.write_formula(1, 2, "=B2+3", value=error)
        sheet.write_row(2, 0, ["HS-2", "17/11/2026", "20/11/2026"])
        sheet.write_formula(2, 3, "=B2+3", value=error)  # no column of the mapping
    summary = here.cases.run(path, mapping_file(tmp_path, DATED), UNIT)
    assert summary.counts == {"created": 1, "rejected": 1}
    assert (summary.examples[0].line, summary.examples[0].field) == (2, "NgayHenTra")
    assert f"an error of the spreadsheet ({error})" in summary.examples[0].reason


def test_an_error_cell_of_a_text_file_is_a_broken_row(here: Installation, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Mã hồ sơ;Ngày tiếp nhận;Hẹn trả\nHS-1;17/11/2026;#VALUE!\nHS-2;17/11/2026;########\nHS-3;17/11/2026;=B2+3\n",
        encoding="utf-8",
    )
    summary = here.cases.run(path, mapping_file(tmp_path, DATED), UNIT, accept=["rejected"])
    assert summary.counts == {"rejected": 3}
    assert [one.field for one in summary.examples] == ["NgayHenTra"] * 3


def test_a_formula_that_was_never_calculated_is_a_broken_row(here: Installation, tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "a.xlsx", [[*HEADER, "Hẹn trả"], ["HS-1", "17/11/2026", 7], ["HS-2", "17/11/2026", 8]]
    )
    new = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(new, "w") as book:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                changed = content.replace(b'<c r="C2"><v>7</v></c>', b'<c r="C2"><f>B2+3</f><v></v></c>')
                changed = changed.replace(
                    b'<c r="C3"><v>8</v></c>', b'<c r="C3" t="str"><f>A1&amp;""</f><v></v></c>'
                )
                assert changed != content
                content = changed
            book.writestr(part, content)
    summary = here.cases.run(new, mapping_file(tmp_path, DATED), UNIT, accept=["rejected"])
    assert summary.counts == {"created": 1, "rejected": 1}, "a formula may give an empty text"
    assert (summary.examples[0].line, summary.examples[0].field) == (2, "NgayHenTra")
    assert "never calculated" in summary.examples[0].reason


@pytest.mark.parametrize(
    ("people", "amount", "field"),
    [
        (1.234, "", "people_affected"),
        (12, 2.125, "amount_dong"),
        (12, 1500.5, "amount_dong"),
        (-3, "", "people_affected"),
    ],
)
def test_a_fraction_in_a_numeric_cell_is_no_number_with_thousands(
    here: Installation, tmp_path: Path, people: float, amount: object, field: str
) -> None:
    path = xlsx(tmp_path / "a.xlsx", [LIST, [*SPOT[:5], people, amount]])
    summary = here.issues.run(path, mapping_file(tmp_path, ISSUES), PROVINCE)
    assert summary.counts == {"rejected": 1}
    assert summary.examples[0].field == field


def test_a_text_with_separators_is_a_number_with_thousands(here: Installation, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [LIST, [*SPOT[:5], "1.234", 1_500_000]])
    assert here.issues.run(path, mapping_file(tmp_path, ISSUES), PROVINCE).counts == {"created": 1}


def test_every_sheet_with_the_header_is_read_and_the_others_are_named(
    here: Installation, tmp_path: Path
) -> None:
    path = sheets(
        tmp_path / "a.xlsx",
        **{
            "Hướng dẫn": [["Cách điền"], ["Mỗi hồ sơ một dòng"]],
            "Tháng 10": [HEADER, ["HS-1", "01/10/2026"]],
            "Trống": [],
            "Tháng 11": [
                ["Danh sách"],
                HEADER,
                ["HS-2", "02/11/2026"],
                ["", "02/11/2026", "x", "y"],
                ["Tổng", "2"],
            ],
        },
    )
    summary = here.cases.run(path, mapping_file(tmp_path), UNIT)
    assert summary.counts == {"created": 2, "rejected": 1}
    assert "sheet “Hướng dẫn” was not read: it has no such header" in summary.lines()
    assert any("sheet “Tháng 11”: " in line and "line 4" in line for line in summary.lines())
    assert any("sheet “Tháng 11”: lines 5" in line for line in summary.lines())


def test_a_sheet_that_lacks_a_column_is_named_and_the_import_does_not_end_well(
    here: Installation, tmp_path: Path
) -> None:
    rows = [*HEADER, "Hẹn trả"]
    path = sheets(
        tmp_path / "a.xlsx",
        Một=[rows, ["HS-1", "01/10/2026", "05/10/2026"]],
        Hai=[HEADER, ["HS-2", "01/10/2026"]],
    )
    summary = here.cases.run(path, mapping_file(tmp_path, DATED), UNIT)
    assert summary.counts == {"created": 1}
    assert summary.exit_code == 1
    assert any("sheet “Hai” was not read: " in line and "Hẹn trả" in line for line in summary.lines())


def test_hidden_sheets_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Hồ sơ")
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["HS-1", "01/10/2026"])
        book.add_worksheet("Cũ").hide()
    opened = OpenedFile(path, mapping_of(tmp_path))
    assert [record.sheet for record in opened.records()] == [""], "the only sheet that is shown needs no name"
    assert opened.observed.notes == ["hidden sheets were not read: Cũ"]


def test_no_sheet_with_the_header_is_one_sentence_that_names_the_sheet(tmp_path: Path) -> None:
    path = sheets(tmp_path / "a.xlsx", Bìa=[["Kính gửi"]], Khác=[["Tên", "Tuổi"]])
    with pytest.raises(UnusableFile, match="sheet “Bìa”: no header found"):
        list(OpenedFile(path, mapping_of(tmp_path)).records())


@pytest.mark.parametrize(
    ("row", "is_row"),
    [
        (["Xã Bát Mọt", "", "Cao", "Bản Đục", "Xác nhận cư trú chậm", 30], True),
        (["Tổng hợp xã Bát Mọt", "", "Cao", "Bản Đục", "Đã báo", 30], True),
        (["Xã Bát Mọt", "", "Cao", "", "", ""], True),
        (["Xác nhận chậm", "", "", "Bản Đục", "Đã báo", 30], True),
        (["Xã Bát Mọt", "Tổng cộng", "Cao", "Bản Đục", "", 30], True),
        (["Tổng cộng", "", "", "", "", 42], False),
        (["Cộng:", "", "", "", "", "1.042"], False),
        (["", "Tổng", "", "", "", 42], False),
        (["Người lập biểu", "", "", "Kế toán", "Thủ trưởng đơn vị", ""], False),
        (["", "", "", "", "Ngày 30 tháng 11 năm 2026", ""], False),
        (["I. Khu vực biên giới", "", "", "", "", ""], False),
    ],
)
def test_only_lines_without_data_are_passed_over_and_they_are_named(
    here: Installation, tmp_path: Path, row: list[object], is_row: bool
) -> None:
    path = xlsx(tmp_path / "a.xlsx", [LIST, SPOT, row])
    summary = here.issues.run(path, mapping_file(tmp_path, ISSUES), PROVINCE)
    if is_row:
        assert (summary.counts, summary.exit_code) == ({"created": 1, "rejected": 1}, 1)
        assert summary.examples[0].line == 3
    else:
        assert summary.counts == {"created": 1}
        assert any("lines are no rows" in line and line.endswith(": lines 3") for line in summary.lines())


def test_a_total_in_the_column_of_codes_is_no_case(here: Installation, tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        [*HEADER, "Số"],
        ["HS-1", "17/11/2026", 1],
        ["Tổng cộng", "", 1],
        ["Tổng cộng", "17/11/2026 xong", "x"],
    ]
    summary = here.cases.run(xlsx(tmp_path / "a.xlsx", rows), mapping_file(tmp_path), UNIT)
    assert summary.counts == {"created": 1, "rejected": 1}
    assert "looks like a total" in summary.examples[0].reason


def test_a_column_that_mixes_day_cells_up_to_12_with_texts_after_12_is_warned_about(
    here: Installation, tmp_path: Path
) -> None:
    def taken(name: str, days: Sequence[dt.date | str]) -> list[str]:
        path = tmp_path / name
        with xlsxwriter.Workbook(path) as book:
            form = book.add_format({"num_format": "dd/mm/yyyy"})
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, HEADER)
            for number, day in enumerate(days, 1):
                sheet.write_string(number, 0, f"{name}-{number}")
                if isinstance(day, str):
                    sheet.write_string(number, 1, day)
                else:
                    sheet.write_datetime(number, 1, day, form)
        return [
            line for line in here.cases.run(path, mapping_file(tmp_path), UNIT).lines() if "swapped" in line
        ]

    swapped: list[dt.date | str] = [dt.date(2026, 3, 11), dt.date(2026, 5, 10), "17/11/2026", "13/10/2026"]
    [warning] = taken("all.xlsx", swapped)
    assert warning.startswith("NgayTiepNhan: 2 cells are days up to 12 and 2 are texts of days after 12")
    assert not taken("real.xlsx", [*swapped, dt.date(2026, 10, 13)]), "a day cell after 12 was not swapped"
    assert not taken("texts.xlsx", [*swapped, "05/10/2026"]), "a text that could be swapped was not"


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("03/11/2026 2:05:00 CH", 14), ("03/11/2026 2:05 SA", 2), ("03/11/2026 12:05 SA", 0), ("03/11/2026 12:05 ch", 12),
        ("03/11/2026 2:05:07 PM", 14), ("03/11/2026 11:59 am", 11),
    ],
)  # fmt: skip
def test_halves_of_the_day_are_read_from_files_and_from_the_api(text: str, hour: int) -> None:
    found, posted = moment(text, FORMS, "Asia/Ho_Chi_Minh"), parse_moment(text)
    assert isinstance(found, dt.datetime)
    assert (found.day, found.hour) == (3, hour)
    assert posted is not None
    assert posted.at == found


@pytest.mark.parametrize("text", ["03/11/2026 14:05 CH", "03/11/2026 0:05 SA", "03/11/2026 CH"])
def test_no_hour_of_half_a_day_is_no_instant(text: str) -> None:
    assert moment(text, FORMS, "Asia/Ho_Chi_Minh") is None
    with pytest.raises(ValueError, match="write"):
        parse_moment(text)


def test_a_form_may_name_the_half_of_the_day() -> None:
    found = moment("11/26/2026 10:58:54 PM", ("mm/dd/yyyy hh:mm:ss AM/PM",), "Asia/Ho_Chi_Minh")
    assert isinstance(found, dt.datetime)
    assert (found.month, found.hour) == (11, 22)


TABLE = "Mã hồ sơ;Ngày tiếp nhận\nHS-1;17/11/2026\n".encode()


def zipped(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return path


def test_one_file_in_an_archive_is_read(here: Installation, tmp_path: Path) -> None:
    plain = tmp_path / "a.csv"
    plain.write_bytes(TABLE)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(TABLE))
    zipped(tmp_path / "a.zip", **{"__MACOSX/._a.csv": b"x", "../../a.csv": TABLE})
    book = xlsx(tmp_path / "b.xlsx", [HEADER, ["HS-1", "17/11/2026"]])
    zipped(tmp_path / "b.zip", **{"b.xlsx": book.read_bytes()})
    counts = [
        here.cases.run(tmp_path / name, mapping_file(tmp_path), UNIT).counts
        for name in ("a.csv", "a.csv.gz", "a.zip", "b.zip")
    ]
    assert counts == [{"created": 1}, *[{"unchanged": 1}] * 3]
    assert not (tmp_path.parent / "a.csv").exists(), "nothing is written where an archive says"


@pytest.mark.parametrize(
    ("files", "part"),
    [
        ({}, "holds 0 files"),
        ({"a.csv": TABLE, "b.csv": TABLE}, "holds 2 files"),
        ({"a.csv.gz": gzip.compress(TABLE)}, "holds another archive"),
    ],
)
def test_an_archive_of_anything_else_is_refused(tmp_path: Path, files: dict[str, bytes], part: str) -> None:
    path = zipped(tmp_path / "a.zip", **files)
    if not files:
        path.write_bytes(b"PK\x03\x04" + path.read_bytes())
    with pytest.raises(UnusableFile, match=part):
        OpenedFile(path, mapping_of(tmp_path))


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MAX_UNPACKED_BYTES", 1_000)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(TABLE + b" " * 10_000_000))
    with pytest.raises(UnusableFile, match="unpacks to over"):
        OpenedFile(tmp_path / "a.csv.gz", mapping_of(tmp_path))


def test_a_channel_that_a_list_does_not_name_is_unknown(here: Installation, tmp_path: Path) -> None:
    mapping = (
        PLAIN.replace("[constants]", 'KenhThucHien = "Kênh"\n[constants]')
        + '[values.KenhThucHien]\n"Trực tiếp" = 1\n'
    )
    rows = [
        [*HEADER, "Kênh"],
        ["HS-1", "17/11/2026", ""],
        ["HS-2", "17/11/2026", "Trực tiếp"],
        ["HS-3", "17/11/2026", "Qua Zalo"],
    ]
    path = xlsx(tmp_path / "a.xlsx", rows)
    summary = here.cases.run(path, mapping_file(tmp_path, mapping), UNIT, accept=["rejected"])
    assert summary.counts == {"created": 2, "rejected": 1}, (
        "a channel that the mapping does not know is named"
    )
    with here.store.read() as conn:
        states = conn.execute(
            select(CASES.c.dossier_code, CASES.c.state).order_by(CASES.c.dossier_code)
        ).all()
    assert [b'"channel":"unknown"' in row.state for row in states] == [True, False]
