from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from services.connectors.errors import UnusableFile
from tests.services.connectors.tables import PLAIN, mapping_of, records_of

HEADER = "Mã hồ sơ{0}Ngày tiếp nhận{0}Ghi chú\n"
ROWS = "HS-1{0}01/10/2026{0}Đã nhận đủ giấy tờ\nHS-2{0}02/10/2026{0}\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_are_found_out(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes((HEADER + ROWS * 30).format(delimiter).encode(encoding))
    found = records_of(path, mapping_of(tmp_path))
    assert len(found) == 60
    assert dict(found[1].values) == {"MaHoSo": "HS-2", "NgayTiepNhan": "02/10/2026"}
    assert found[1].number == 3


def _as_older_windows(text: str) -> bytes:
    """Write the tone as a mark of its own after the vowel, as code page 1258 does."""
    apart = []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323")
        vowel = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
        apart.append(vowel + tones)
    return "".join(apart).encode("cp1258")


def test_vietnamese_text_of_older_windows_is_read(tmp_path: Path) -> None:
    text = "Mã hồ sơ;Ngày tiếp nhận\nHS-Đ1;01/10/2026\n"
    path = tmp_path / "old.csv"
    path.write_bytes(_as_older_windows(text))
    (found,) = records_of(path, mapping_of(tmp_path))
    assert found.values["MaHoSo"] == "HS-Đ1"


def test_one_line_in_another_encoding_harms_no_other(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    good = (HEADER + ROWS).format(";").encode()
    path.write_bytes(good + _as_older_windows("HS-3;03/10/2026;Đủ\n") + b"HS-4;04/10/2026;\n")
    found = records_of(path, mapping_of(tmp_path))
    assert [record.error is None for record in found] == [True, True, False, True]
    assert found[2].number == 4
    assert "encoding" in str(found[2].error)


def test_a_line_of_ten_megabytes_harms_no_other(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text((HEADER + ROWS).format(",") + "x" * 10_000_000 + "\nHS-9,09/10/2026,\n", encoding="utf-8")
    found = records_of(path, mapping_of(tmp_path))
    assert [record.number for record in found if record.error] == [4]
    assert "longer than" in next(str(record.error) for record in found if record.error)
    assert found[-1].values["MaHoSo"] == "HS-9"
    assert found[-1].number == 5


def test_a_zero_byte_spoils_its_own_line_only(tmp_path: Path) -> None:
    path = tmp_path / "zero.csv"
    path.write_bytes((HEADER + ROWS).format(",").encode() + b"HS\x00-3,03/10/2026,\nHS-4,04/10/2026,\n")
    found = records_of(path, mapping_of(tmp_path))
    assert [record.error is None for record in found] == [True, True, False, True]


def test_a_quotation_that_never_ends_names_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "quote.csv"
    path.write_text((HEADER + ROWS).format(",") + 'HS-3,"03/10/2026,\nHS-4,04/10/2026,\n', encoding="utf-8")
    found = records_of(path, mapping_of(tmp_path))
    assert [record.error is None for record in found] == [True, True, False]
    assert "lines 4 to 5" in str(found[2].error)


def test_a_shifted_line_is_refused_and_a_short_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "ragged.csv"
    path.write_text(HEADER.format(",") + "HS-1,01/10/2026,a,b,c\nHS-2,02/10/2026\n", encoding="utf-8")
    first, second = records_of(path, mapping_of(tmp_path))
    assert "more cells" in str(first.error)
    assert second.values["MaHoSo"] == "HS-2"


def test_a_text_over_several_lines_counts_lines_rightly(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(HEADER.format(",") + 'HS-1,01/10/2026,"a\nb"\nHS-2,02/10/2026,\n', encoding="utf-8")
    assert [record.number for record in records_of(path, mapping_of(tmp_path))] == [2, 4]


def test_an_encoding_that_does_not_exist_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text((HEADER + ROWS).format(","), encoding="utf-8")
    with pytest.raises(UnusableFile, match=r"cases\.csv: cannot be read as klingon"):
        records_of(path, mapping_of(tmp_path, PLAIN + '[file]\nencoding = "klingon"\n'))
