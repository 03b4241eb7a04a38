from __future__ import annotations

from pathlib import Path

import pytest

from services.connectors.errors import UnusableMapping
from services.connectors.mapping import load_mapping, mapping_for
from services.connectors.promise_importer import DEFAULT_MAPPING
from tests.services.connectors.tables import PLAIN, mapping_file, mapping_of

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.name)
def test_every_example_can_be_loaded(path: Path) -> None:
    assert load_mapping(path).columns


def test_one_name_or_several_may_stand_for_a_column(tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, PLAIN.replace('"Mã hồ sơ"', '["Mã hồ sơ", "Số hồ sơ"]'))
    assert mapping.columns["MaHoSo"] == ("Mã hồ sơ", "Số hồ sơ")
    assert mapping.columns["NgayTiepNhan"] == ("Ngày tiếp nhận",)


@pytest.mark.parametrize(
    ("text", "key", "part"),
    [
        (PLAIN.replace('"cases"', '"case"'), "kind", "'cases'"),
        (PLAIN + "\n[colums]\n", "colums", "not permitted"),
        (PLAIN.replace("NgayTiepNhan", "NgayNhan"), None, "columns.NgayNhan: no such field"),
        (PLAIN.replace('MaHoSo = "Mã hồ sơ"', ""), None, "columns.MaHoSo: is needed"),
        (PLAIN + '[dates]\nzone = "Asia/Hanoi"\n', "dates.zone", "no time zone"),
        (PLAIN + '[dates]\nforms = ["dd/mm"]\n', "dates.forms", "date form"),
        (PLAIN.replace("otherwise = 2", "otherwise = 11"), "status.otherwise", "less than or equal to 10"),
        (
            PLAIN.replace("[constants]\n", '[constants]\nMaHoSo = "1"\n'),
            None,
            "constants.MaHoSo: the field has a column already",
        ),
        (PLAIN + '[values.Kenh]\n"a" = 1\n', None, "values.Kenh: no such field"),
        (PLAIN.replace('"cases"', '"events"'), None, "columns.activity: is needed"),
        ("kind = ", None, "not TOML"),
    ],
)
def test_a_wrong_mapping_is_one_sentence_with_file_and_key(
    tmp_path: Path, text: str, key: str | None, part: str
) -> None:
    with pytest.raises(UnusableMapping) as caught:
        mapping_of(tmp_path, text)
    assert caught.value.message.startswith("mapping.toml: ")
    assert part in caught.value.message
    assert key is None or key in caught.value.message
    assert "\n" not in caught.value.message


def test_a_mapping_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnusableMapping, match=r"none\.toml: cannot be opened"):
        load_mapping(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("path", "command", "its_own"),
    [
        (EXAMPLES / "difficulties.toml", "cases", "issues"),
        (DEFAULT_MAPPING, "cases", "promises"),
        (DEFAULT_MAPPING, "issues", "promises"),
        (EXAMPLES / "permits.toml", "issues", "cases"),
        (EXAMPLES / "permits.toml", "promises", "cases"),
    ],
)
def test_a_mapping_of_another_kind_names_the_command_that_it_belongs_to(
    path: Path, command: str, its_own: str
) -> None:
    with pytest.raises(UnusableMapping, match=f"`import {its_own}`") as caught:
        mapping_for(path, command)
    assert caught.value.field == "kind"
    assert mapping_for(path, its_own) == load_mapping(path)


def test_texts_of_values_are_compared_without_marks(tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, PLAIN + '[values.TrangThai]\n"Đang xử lý" = 4\n"*" = 2\n')
    assert mapping.values["TrangThai"] == {"dang xu ly": 4, "*": 2}


def test_mapping_files_with_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = mapping_file(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_mapping(path).kind == "cases"
