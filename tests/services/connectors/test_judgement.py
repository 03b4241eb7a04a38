"""A file is judged as a whole before its rows are taken: each limit at its edge, at each door."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from services.connectors.errors import ImplausibleFile
from services.connectors.foreign_text import is_foreign
from services.connectors.target import ImportTarget
from services.errors import BadInput
from services.store.store import CASES
from tests.services.connectors.installation import Installation
from tests.services.connectors.tables import mapping_file

COMMUNE = ImportTarget(unit_code="15607")
PROVINCE = ImportTarget(province_code="38")
MAPPING = """
kind = "cases"
[columns]
MaHoSo = "Mã hồ sơ"
NgayTiepNhan = "Ngày tiếp nhận"
NgayHenTra = "Ngày hẹn trả"
LinhVuc = "Lĩnh vực"
LyDo = "Lý do"
unit = "Xã"
[rows]
optional = ["LyDo"]
[status]
otherwise = 2
"""
HEADER = "Mã hồ sơ,Ngày tiếp nhận,Ngày hẹn trả,Lĩnh vực,Xã,Lý do\n"
GOOD = ("02/11/2026", "05/11/2026", "ho_tich", "Bát Mọt", "")


def _row(number: int, *, at: int | None = None, text: str = "") -> str:
    cells = list(GOOD)
    if at is not None:
        cells[at] = text
    return ",".join([f"HS-{number}", *cells])


def _file(folder: Path, count: int, bad: int, bad_row: Callable[[int], str]) -> Path:
    path = folder / "a.csv"
    rows = [bad_row(n) if n < bad else _row(n) for n in range(count)]
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return path


EDGES = {
    "rejected": (100, 2, lambda n: _row(n, at=0, text="31/02/2026"), COMMUNE),
    "no_due_day": (100, 20, lambda n: _row(n, at=1, text=""), COMMUNE),
    "one_unit": (100, 50, lambda n: _row(n, at=3, text="Hạc Thành"), PROVINCE),
    "repeated_keys": (100, 0, lambda _: _row(99, at=1, text="09/11/2026"), COMMUNE),
    "unknown_fields": (100, 5, lambda n: _row(n, at=2, text="ho_tjch"), COMMUNE),
    "unreadable_text": (100, 0, lambda n: _row(n, at=4, text="B?n V?n"), COMMUNE),
}


@pytest.mark.parametrize("name", EDGES)
def test_a_file_is_taken_at_the_limit_and_stops_above_it_until_it_is_accepted(
    tmp_path: Path, name: str
) -> None:
    count, most, bad_row, target = EDGES[name]
    mapping = mapping_file(tmp_path, MAPPING)
    with Installation(tmp_path) as here:
        at_limit = here.cases.run(_file(tmp_path, count, most, bad_row), mapping, target, dry_run=True)
        assert not at_limit.findings
        path = _file(tmp_path, count, most + 1, bad_row)
        said = here.cases.run(path, mapping, target, dry_run=True)
        assert [(one.name, one.count) for one in said.findings] == [(name, most + 1)]
        assert said.exit_code == 1
        with pytest.raises(ImplausibleFile, match=f"--accept {name}") as stopped:
            here.cases.run(path, mapping, target)
        assert stopped.value.names == (name,)
        with here.store.read() as conn:
            assert conn.scalar(select(func.count()).select_from(CASES)) == 0, "nothing of it was taken"
        refused = 2 if name == "repeated_keys" else most + 1  # both rows of a pair are refused
        assert here.cases.run(path, mapping, target, accept=[name]).counts["created"] >= count - refused


def test_one_broken_row_alone_stops_no_file(tmp_path: Path) -> None:
    path = _file(tmp_path, 3, 1, lambda n: _row(n, at=0, text="hôm qua"))
    with Installation(tmp_path) as here:
        assert here.cases.run(path, mapping_file(tmp_path, MAPPING), COMMUNE).counts == {
            "created": 2,
            "rejected": 1,
        }


def test_a_dry_run_names_what_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Mã hồ sơ,Ngày tiếp nhận,Lĩnh vực,Mã TTHC,Nơi\n"
        "1,02/11/2026,ho_tjch,1.999999,Hạc Thành\n2,02/11/2026,ho_tjch,1.999999,Bát Mọt\n",
        encoding="utf-8",
    )
    mapping = mapping_file(
        tmp_path,
        'kind = "cases"\n[columns]\nMaHoSo = "Mã hồ sơ"\nNgayTiepNhan = "Ngày tiếp nhận"\nLinhVuc = "Lĩnh vực"\n'
        'MaTTHC = "Mã TTHC"\nMaDonViTiepNhan = "Nơi"\n[status]\notherwise = 2\n',
    )
    with Installation(tmp_path) as here:
        done = here.cases.run(path, mapping, COMMUNE, dry_run=True)
    said = "\n".join(done.lines())
    assert "2 of 2 cases get no due day" in said
    assert "ho_tjch × 2" in said
    assert "1.999999 × 2" in said
    assert "14797 × 1" in said
    assert [one.name for one in done.findings] == ["no_due_day", "unknown_fields"]


def test_a_name_that_nothing_has_cannot_be_accepted(tmp_path: Path) -> None:
    path = _file(tmp_path, 3, 0, _row)
    with Installation(tmp_path) as here, pytest.raises(BadInput, match="there are rejected"):
        here.cases.run(path, mapping_file(tmp_path, MAPPING), COMMUNE, accept=["all"])


def test_a_list_of_difficulties_is_judged_too(tmp_path: Path) -> None:
    path = tmp_path / "i.csv"
    rows = [
        "Điểm lõm sóng di động,Cao,B?n V?n,Đã đo",
        "Thiếu ghế,Cao,Bản Một,Đã báo",
        "Thiếu bàn,Cao,Bản Hai,Đã báo",
    ]
    path.write_text("Loại,Mức,Nơi,Đã làm\n" + "\n".join(rows) + "\n", encoding="utf-8")
    mapping = mapping_file(
        tmp_path,
        'kind = "issues"\n[columns]\nkind = "Loại"\nseverity = "Mức"\nplace = "Nơi"\ntried = "Đã làm"\n'
        '[values.severity]\n"Cao" = "high"\n[values.kind]\n"Điểm lõm sóng di động" = "mobile_dead_spot"\n',
    )
    with Installation(tmp_path) as here:
        with pytest.raises(ImplausibleFile) as stopped:
            here.issues.run(path, mapping, COMMUNE)
        assert stopped.value.names == ("rejected", "unreadable_text")
        accepted = here.issues.run(path, mapping, COMMUNE, accept=stopped.value.names)
        assert accepted.counts == {"rejected": 3}, "what is accepted is the file; lost letters stay refused"


@pytest.mark.parametrize(
    "text",
    [
        "B¶n VÞn, nhµ v¨n hãa",
        "Báº£n Vá»‹n",
        "B?n V?n",
        "nhaø vaên hoùa baûn",
        "§Æng ký khai sinh",
        "B\ufffdn",
    ],
)
def test_text_in_no_known_encoding_is_seen(text: str) -> None:
    assert is_foreign(text)


@pytest.mark.parametrize(
    "text",
    [
        "Bản Vịn, nhà văn hóa",
        "ĐĂNG KÝ KHAI SINH",
        "Xã Kông Bơ La; Đăk Pơ; Ngŏk Réo; Buôn Čư Suê",
        "Vì sao? Chưa rõ",
        "Công ty Citroën",
        "NGÃ BA, ÂU CƠ, Ầm ĩ",
        "https://a.vn/?b=1",
        "25 m², 30°C, ±2 – “trích”…",
        "Bản Ê Đê – Ủy ban",
    ],
)
def test_vietnamese_and_names_of_its_peoples_are_text(text: str) -> None:
    assert not is_foreign(text)


def test_no_name_and_no_text_of_the_tables_is_foreign() -> None:
    folder = Path(__file__).resolve().parents[3] / "reporting" / "data"
    for table in ("units.csv", "succession.csv", "procedures.csv", "kind_words.csv", "competence.csv"):
        for cell in (folder / table).read_text(encoding="utf-8").replace("\n", ",").split(","):
            assert not is_foreign(cell), (table, cell)
