from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from typer.testing import CliRunner

from services.cli.importing import build_commands
from services.connectors.errors import UnusableFile
from services.connectors.inspecting import inspect, labels_of
from services.connectors.mapping import Mapping
from services.connectors.target import ImportTarget
from tests.services.connectors.installation import NOW, Installation, tables
from tests.services.connectors.tables import xlsx

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
HEADER = ["Đơn vị", "Mã hồ sơ", "Lĩnh vực", "Ngày tiếp nhận", "Ngày hẹn trả", "Trạng thái", "Ghi"]
ROWS = [
    ["Xã Bát Mọt", "H-1", "Hộ tịch", "17/11/2026", "20/11/2026", "Đang xử lý", "a"],
    ["Xã Bát Mọt", "H-2", "Hộ tịch", "17/11/2026", "#REF!", "Đang xử lý", "B?n V?n"],
    ["Xã Bát Mọt", "H-3", "Đồ cổ", "2026-11-05", "", "Chờ duyệt", "c"],
    ["Xã Bát Mọt", "H-1", "Hộ tịch", "17/11/2026", "23/11/2026", "Đang xử lý", "a"],
]


def _labels() -> dict[str, str]:
    return labels_of(tables(), NOW.date())


def test_each_column_is_told_with_what_it_holds(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [["DANH SÁCH HỒ SƠ"], HEADER, *ROWS, ["Tổng cộng", "", "", "", "4"]])
    seen = inspect(path, labels=_labels())
    assert (seen.header_line, seen.row_count, seen.passed_over) == (2, 4, (7,))
    assert (seen.key_column, seen.repeated_lines) == ("Mã hồ sơ", (6,))
    column = {one.name: one for one in seen.columns}
    assert column["Ngày hẹn trả"].error_lines == [4]
    assert column["Ngày hẹn trả"].empty == 1
    assert column["Ghi"].foreign_lines == [4]
    assert column["Trạng thái"].values == {"Đang xử lý": 3, "Chờ duyệt": 1}
    assert column["Ngày tiếp nhận"].forms == ("dd/mm/yyyy", "yyyy-mm-dd")
    assert column["Ngày tiếp nhận"].days_may_be_swapped
    assert any("line" in said and "7" in said for said in seen.lines())


def test_a_drafted_mapping_is_a_mapping_and_leaves_open_what_nobody_knows(tmp_path: Path) -> None:
    draft = inspect(xlsx(tmp_path / "a.xlsx", [HEADER, *ROWS]), labels=_labels()).mapping
    mapping = Mapping.model_validate(tomllib.loads(draft))
    assert mapping.columns["MaHoSo"] == ("Mã hồ sơ",)
    assert mapping.values["LinhVuc"] == {"ho tich": "ho_tich"}
    assert mapping.values["TrangThai"] == {"dang xu ly": 4}
    assert '# "Chờ duyệt" = ? (1 rows)' in draft
    assert '# "Đồ cổ" = ? (1 rows)' in draft
    assert '# ? = "Ghi"' in draft


def test_a_file_is_imported_with_its_drafted_mapping(tmp_path: Path) -> None:
    mapping = tmp_path / "drafted.toml"
    mapping.write_text(inspect(EXAMPLES / "permits.xes", labels=_labels()).mapping, encoding="utf-8")
    with Installation(tmp_path) as here:
        done = here.cases.run(
            EXAMPLES / "permits.xes", mapping, ImportTarget(unit_code="15607"), accept=["no_due_day"]
        )
    assert done.counts == {"created": 3}


def test_every_sheet_is_named_and_the_one_with_a_known_header_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Hướng dẫn").write_row(0, 0, ["Điền vào trang sau"])
        data = book.add_worksheet("Dữ liệu")
        for number, row in enumerate([HEADER, *ROWS]):
            data.write_row(number, 0, row)
        hidden = book.add_worksheet("Ẩn")
        hidden.write_row(0, 0, HEADER)
        hidden.hide()
    seen = inspect(path)
    assert [(one.name, one.is_visible, one.rows) for one in seen.sheets] == [
        ("Hướng dẫn", True, 1),
        ("Dữ liệu", True, 5),
        ("Ẩn", False, 1),
    ]
    assert seen.sheet_read == "Dữ liệu"
    assert 'sheet = "Dữ liệu"' in seen.mapping
    assert inspect(path, sheet="Ẩn").row_count == 0


def test_a_column_that_may_hold_names_shows_none_of_them(tmp_path: Path) -> None:
    rows = [["Mã hồ sơ", "Người nộp"], *[[f"H-{n}", f"Nguyễn Văn {n}"] for n in range(5)]]
    said = "\n".join(inspect(xlsx(tmp_path / "a.xlsx", rows)).lines())
    assert "Nguyễn" not in said
    assert "5 distinct values" in said


def test_a_file_without_a_table_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("", encoding="utf-8")
    with pytest.raises(UnusableFile, match="empty"):
        inspect(tmp_path / "a.csv")


def test_the_command_says_it_and_saves_the_draft_once(tmp_path: Path) -> None:
    path, draft = xlsx(tmp_path / "a.xlsx", [HEADER, *ROWS]), tmp_path / "m.toml"
    words = ["inspect", str(path), "--save", str(draft)]
    done = CliRunner().invoke(build_commands(), words)
    assert done.exit_code == 0, done.output
    assert "4 rows" in done.stdout
    assert Mapping.model_validate(tomllib.loads(draft.read_text(encoding="utf-8"))).kind == "cases"
    assert CliRunner().invoke(build_commands(), words).exit_code == 2, (
        "what a person corrected is not written over"
    )


def test_a_dry_run_in_a_fresh_folder_leaves_nothing_behind(tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = CliRunner().invoke(
        build_commands(),
        [
            "cases",
            str(EXAMPLES / "permits.xes"),
            "--unit",
            "15607",
            "--mapping",
            str(EXAMPLES / "permits.toml"),
            "--dry-run",
            "--data",
            str(data),
        ],
    )
    assert "3 would be created" in done.output, done.output
    assert not data.exists() or not list(data.iterdir())


def test_a_list_of_one_row_shows_no_value_either(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("Mã hồ sơ;Chủ hồ sơ\nH56.15607-261117-0001;Nguyễn Văn An\n", encoding="utf-8")
    said = [line.strip() for line in inspect(path).lines()]
    assert said.count("1 distinct values") == 2
    assert not any("Nguyễn Văn An" in line for line in said)
