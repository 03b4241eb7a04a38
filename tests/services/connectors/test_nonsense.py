from __future__ import annotations

from pathlib import Path

import pytest

from services.connectors.errors import UnusableFile
from services.connectors.opening import OpenedFile
from tests.services.connectors.tables import mapping_of, xlsx

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
NOISE = bytes((n * 7919 + n // 3) % 256 for n in range(20_000))
FILES: dict[str, tuple[bytes, str]] = {
    "picture.xlsx": (PNG, "a PNG picture"),
    "empty.csv": (b"", "the file is empty"),
    "blank.csv": (b"\r\n  \r\n", "the file is empty"),
    "page.xls": (b"<html><table><tr><td>M\xc3\xa3</td></tr></table></html>", "a web page"),
    "old.xls": (
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        "of 2003",
    ),
    "letter.csv": (b"%PDF-1.7 ...", "a PDF document"),
    "packed.csv": (b"\x1f\x8b\x08\x00rest", "the archive cannot be unpacked"),
    "broken.xlsx": (b"PK\x03\x04" + NOISE, "not a workbook"),
    "broken.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + NOISE, "not a workbook"),
    "noise.csv": (NOISE, ""),
    "zeros.csv": (b"\x00" * 10_000, ""),
    "words.csv": ("Kính gửi các đơn vị\nđề nghị báo cáo\n".encode(), "no header found"),
    "other.csv": ("Tên,Tuổi\nA,1\n".encode(), "no header found"),
    "empty.xes": (b"<?xml version='1.0'?><log></log>", "holds no event"),
}


@pytest.mark.parametrize("name", FILES)
def test_nonsense_is_answered_with_one_sentence(tmp_path: Path, name: str) -> None:
    content, part = FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnusableFile) as caught:
        list(OpenedFile(path, mapping_of(tmp_path)).records())
    assert caught.value.message.startswith(f"{name}: ")
    assert part in caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 300


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"none\.csv: cannot be opened"):
        OpenedFile(tmp_path / "none.csv", mapping_of(tmp_path))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="cannot be opened"):
        OpenedFile(tmp_path, mapping_of(tmp_path))


def test_a_header_alone_holds_no_row_and_is_no_fault(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [["Mã hồ sơ", "Ngày tiếp nhận"]])
    assert list(OpenedFile(path, mapping_of(tmp_path)).records()) == []


def test_a_workbook_under_the_name_of_a_text_is_read_by_its_content(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.csv", [["Mã hồ sơ", "Ngày tiếp nhận"], ["HS-1", "01/10/2026"]])
    assert len(list(OpenedFile(path, mapping_of(tmp_path)).records())) == 1
