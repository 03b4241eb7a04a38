"""What docs/importing.md says about encodings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from reporting.dated.units import UnitTable
from services.connectors.errors import UnusableFile
from services.connectors.opening import OpenedFile
from services.connectors.target import ImportTarget
from services.language.legacy_text import converted, is_syllable, lost_letters, translated
from services.store.store import TEXTS
from tests.services.connectors.installation import Installation, tables
from tests.services.connectors.tables import mapping_file, mapping_of, xlsx

PROVINCE = ImportTarget(province_code="38")
ISSUES = """
kind = "issues"
[columns]
unit = "Đơn vị"
kind = "Khó khăn"
severity = "Mức độ"
place = "Địa điểm"
[values.severity]
"Thấp" = "low"
"""
PLACE = "Bản Vịn, nhà văn hóa xã, đường huyện"
TCVN3 = "B¶n VÞn, nhµ v¨n hãa x·, ®­êng huyÖn"
VNI = "Baûn Vòn, nhaø vaên hoùa xaõ, ñöôøng huyeän"
TWICE = PLACE.encode().decode("latin-1")
# The header and a row, as an office's program for each encoding writes them.
LINES = {
    "TCVN3": ("§¬n vÞ;Khã kh¨n;Møc ®é;§Þa ®iÓm", f"15607;mobile_dead_spot;ThÊp;{TCVN3}"),
    "VNI": ("Ñôn vò;Khoù khaên;Möùc ñoä;Ñòa ñieåm", f"15607;mobile_dead_spot;Thaáp;{VNI}"),
}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as installation:
        yield installation


def places(here: Installation) -> list[str | None]:
    with here.store.read() as conn:
        return list(conn.scalars(select(TEXTS.c.body).where(TEXTS.c.purpose == "place")))


@pytest.mark.parametrize("encoding", LINES)
def test_a_file_in_a_legacy_encoding_is_converted_header_and_all(
    here: Installation, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("\n".join(LINES[encoding]).encode("latin-1"))
    summary = here.issues.run(path, mapping_file(tmp_path, ISSUES), PROVINCE)
    assert summary.counts == {"created": 1}
    assert places(here) == [PLACE]
    assert f"the file is in {encoding} and was converted" in summary.lines()


@pytest.mark.parametrize("encoding", LINES)
def test_a_workbook_with_legacy_fonts_is_converted_cell_by_cell(
    here: Installation, tmp_path: Path, encoding: str
) -> None:
    header, row = (line.split(";") for line in LINES[encoding])
    summary = here.issues.run(
        xlsx(tmp_path / "a.xlsx", [header, row]), mapping_file(tmp_path, ISSUES), PROVINCE
    )
    assert summary.counts == {"created": 1}
    assert places(here) == [PLACE]
    assert any(
        f"texts were in {encoding} and were converted; the first is in line 2" in one
        for one in summary.lines()
    )


def test_text_that_was_encoded_twice_is_converted(here: Installation, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    plain = f"Đơn vị;Khó khăn;Mức độ;Địa điểm\n15607;mobile_dead_spot;Thấp;{PLACE}\n"
    path.write_text(plain.encode().decode("latin-1"), encoding="utf-8")
    summary = here.issues.run(path, mapping_file(tmp_path, ISSUES), PROVINCE)
    assert summary.counts == {"created": 1}
    assert places(here) == [PLACE]
    assert any("UTF-8 encoded twice" in line for line in summary.lines())


@pytest.mark.parametrize("place", ["B?n V?n", "?? tr?n", "nh\N{REPLACEMENT CHARACTER} v¨n", "B¶n §?c"])
def test_a_row_whose_letters_were_lost_is_refused_by_name(
    here: Installation, tmp_path: Path, place: str
) -> None:
    rows = [["Đơn vị", "Khó khăn", "Mức độ", "Địa điểm"], ["15607", "mobile_dead_spot", "Thấp", place]]
    path = xlsx(tmp_path / "a.xlsx", rows)
    summary = here.issues.run(path, mapping_file(tmp_path, ISSUES), PROVINCE, accept=["unreadable_text"])
    assert summary.counts == {"rejected": 1}
    assert (summary.examples[0].line, summary.examples[0].field) == (2, "place")
    assert "letters were lost" in summary.examples[0].reason


def test_a_header_whose_letters_were_lost_is_the_reason_that_is_given(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("??n v?;Kh? kh?n;M?c ??;??a ?i?m\n15607;x;y;z\n", encoding="utf-8")
    with pytest.raises(UnusableFile, match=r"no header found.*letters were lost"):
        list(OpenedFile(path, mapping_of(tmp_path, ISSUES)).records())


@pytest.mark.parametrize(
    "text",
    [PLACE, PLACE.upper(), "Krông Pắc", "Đắk Lắk", "Brâu", "Ea H'leo", "Rơ Măm", "Pù Nhi", "Café Hà", "Viettel®", "5 m²",
     "Có sóng không?Chưa có", "https://a.vn/x?y=z", "Được chưa?", "hoà bình, thuỷ lợi, quỹ", "Nguyễn Thị Quýt"],
)  # fmt: skip
def test_sound_text_stays_as_it_is(text: str) -> None:
    assert converted(text) is None
    assert lost_letters(text) is None


def units() -> UnitTable:
    return tables().units


def test_no_name_of_a_unit_is_taken_for_garbled_text() -> None:
    names = [one.full_name for province in units().provinces() for one in units().communes_of(province.code)]
    assert len(names) > 3_000
    assert [name for name in names if converted(name) is not None or lost_letters(name) is not None] == []


def test_names_of_units_survive_each_encoding() -> None:
    """What a TCVN3 program wrote of a name, read byte by byte, is recognised or was the same text."""
    back = {
        letter: sign for sign in map(chr, range(0xA1, 0x100)) if (letter := translated(sign, "TCVN3")) != sign
    }
    wrong: list[tuple[str, object]] = []
    for one in units().communes_of("38"):
        garbled = "".join(back.get(letter, letter) for letter in one.full_name)
        found = converted(garbled)
        if found is not None and found[0] != one.full_name:
            wrong.append((one.full_name, found))
        twice = converted(one.full_name.encode().decode("latin-1"))
        if not one.full_name.isascii() and (twice is None or twice[0] != one.full_name):
            wrong.append((one.full_name, twice))
    assert wrong == []


@pytest.mark.parametrize("word", ["nghiêng", "quỳnh", "gì", "ước", "khuỷu", "Đoàn", "xã", "tuyết", "a"])
def test_syllables_are_known(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["hãa", "v¨n", "nc", "hàc", "Baûn", "zàng", "đèd", "Thêp", "Ñôn"])
def test_other_words_are_no_syllables(word: str) -> None:
    assert not is_syllable(word)
