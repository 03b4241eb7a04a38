"""What docs/importing.md says about rows that are the same difficulty, and rows that only look alike."""

from __future__ import annotations

import csv
import datetime as dt
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.access.actors import Actor
from services.connectors.issue_identity import former_id_of
from services.connectors.summary import Summary
from services.connectors.target import ImportTarget
from services.intake.issue_input import read_issue
from services.store.store import CASES, OUTBOX, TEXTS
from tests.services.connectors.installation import NOW, Installation
from tests.services.connectors.tables import PLAIN, mapping_file, xlsx

PROVINCE = ImportTarget(province_code="38")
UNIT = ImportTarget(unit_code="15607")
OFFICER = Actor("commune_officer", "15607", "15607.ubnd", "import")
MAPPING = """
kind = "issues"
[columns]
unit = "Đơn vị"
kind = "Khó khăn"
severity = "Mức độ"
place = "Địa điểm"
tried = "Đã làm"
people_affected = "Số người"
occurred_at = "Ngày"
[rows]
optional = ["occurred_at", "people_affected"]
[values.severity]
"Cao" = "high"
"Thấp" = "low"
[values.kind]
"Điểm lõm sóng di động" = "mobile_dead_spot"
"""
HEADER = ["Đơn vị", "Khó khăn", "Mức độ", "Địa điểm", "Đã làm", "Số người", "Ngày"]
ROW = ["Xã Bát Mọt", "Điểm lõm sóng di động", "Cao", "Bản Vịn", "Đã đo sóng", "120", "03/11/2026"]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as installation:
        yield installation


def changed(**cells: str) -> list[str]:
    return [cells.get(name.replace(" ", "_"), cell) for name, cell in zip(HEADER, ROW, strict=True)]


def run(here: Installation, folder: Path, rows: Sequence[Sequence[str]]) -> Summary:
    path = folder / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return here.issues.run(path, mapping_file(folder, MAPPING), PROVINCE)


SAME = {
    "in capitals": changed(Đơn_vị="XÃ BÁT MỌT", Địa_điểm="BẢN VỊN", Đã_làm="ĐÃ ĐO SÓNG"),
    "with blanks": changed(Địa_điểm="  Bản   Vịn ", Đã_làm="Đã  đo sóng "),
    "with another form of the day": changed(Ngày="2026-11-03"),
    "with an hour": changed(Ngày="03/11/2026 08:30"),
    "by its code": changed(Đơn_vị="15607", Khó_khăn="mobile_dead_spot"),
    "decomposed": [unicodedata.normalize("NFD", cell) for cell in ROW],
    "with a full stop": changed(Địa_điểm="Bản Vịn."),
}


@pytest.mark.parametrize("way", [one for one in SAME if one != "with an hour"])
def test_a_row_that_is_written_otherwise_is_the_same_report(
    here: Installation, tmp_path: Path, way: str
) -> None:
    assert run(here, tmp_path, [ROW]).counts == {"created": 1}
    summary = run(here, tmp_path, [SAME[way]])
    assert summary.counts == {"unchanged": 1}
    assert not summary.notes


def test_a_day_in_a_cell_of_a_workbook_is_the_day_in_a_text(here: Installation, tmp_path: Path) -> None:
    run(here, tmp_path, [ROW])
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["STT", *HEADER])
        sheet.write_row(1, 0, [1, *ROW[:5]])
        sheet.write_number(1, 6, 120)
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_datetime(1, 7, dt.datetime(2026, 11, 3), day)  # noqa: DTZ001 -- a wall clock
    assert here.issues.run(path, mapping_file(tmp_path, MAPPING), PROVINCE).counts == {"unchanged": 1}


def test_an_added_remark_is_no_second_report_and_is_named_by_line(here: Installation, tmp_path: Path) -> None:
    run(here, tmp_path, [ROW])
    summary = run(here, tmp_path, [changed(Đã_làm="Đã đo sóng, đã gọi nhà mạng")])
    assert summary.counts == {"unchanged": 1}
    [note] = summary.notes
    assert note.startswith("line 2 is a report that was taken before, with other words in tried")
    with here.store.read() as conn:
        assert set(conn.scalars(select(TEXTS.c.body).where(TEXTS.c.purpose == "tried"))) == {"Đã đo sóng"}


@pytest.mark.parametrize("other", [changed(Mức_độ="Thấp"), changed(Số_người="121"), SAME["with an hour"]])
def test_the_same_difficulty_with_other_facts_is_refused_by_line(
    here: Installation, tmp_path: Path, other: list[str]
) -> None:
    run(here, tmp_path, [ROW])
    summary = run(here, tmp_path, [other])
    assert summary.counts == {"rejected": 1}
    assert (summary.examples[0].line, summary.examples[0].field) == (2, "id")


def test_what_looks_alike_is_taken_and_suggested_to_a_person(here: Installation, tmp_path: Path) -> None:
    summary = run(here, tmp_path, [ROW, changed(Ngày="09/11/2026"), changed(Địa_điểm="Bản Đục")])
    assert summary.counts == {"created": 3}
    assert summary.notes == ["line 3 looks like line 2: the same commune, kind and place; compare them"]
    later = run(here, tmp_path, [changed(Ngày="16/11/2026", Địa_điểm="bản vịn")])
    assert later.counts == {"created": 1}
    assert later.notes == ["line 2 names a place about which its commune has reported before; compare them"]


def test_a_list_that_an_earlier_release_imported_is_still_the_same(
    here: Installation, tmp_path: Path
) -> None:
    cells = dict(
        zip(
            ("unit", "kind", "severity", "place", "tried", "people_affected", "occurred_at"), ROW, strict=True
        )
    )
    body = {
        "id": former_id_of("15607", cells),
        "kind": "mobile_dead_spot",
        "severity": "high",
        "place": "Bản Vịn",
        "tried": "Đã đo sóng",
        "people_affected": 120,
        "occurred_at": "2026-11-03T00:00:00+07:00",
        "intake_channel": "import",
    }
    here.intake.report_issue("15607", read_issue(body), actor=OFFICER, now=NOW)
    assert run(here, tmp_path, [ROW]).counts == {"unchanged": 1}


STATES = ("17/11/2026", "18/11/2026", "2026-11-19")
WRITTEN = (str, str.lower, lambda code: code.replace("-", " – "), lambda code: f"'{code}")


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[tuple[str, str]], list[list[tuple[str, str]]]]:
    """Return the rows of a day, and files that hold them: permuted, split, repeated, written otherwise."""
    days = draw(st.lists(st.sampled_from(STATES), min_size=1, max_size=6))
    rows = [(f"H56.15607-261117-{number:04d}", day) for number, day in enumerate(days)]
    repeated = draw(st.permutations([*rows, *draw(st.lists(st.sampled_from(rows), max_size=4))]))
    written = [(draw(st.sampled_from(WRITTEN))(code), day) for code, day in repeated]
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(written) - 1)), max_size=3)))
    files = [written[a:b] for a, b in zip([0, *cuts], [*cuts, len(written)], strict=True)]
    return rows, [one for one in files if one]


def _cases_of(folder: Path, files: Sequence[Sequence[tuple[str, str]]]) -> tuple[list[tuple[str, ...]], int]:
    with Installation(folder, chunk_rows=2) as here:
        for number, rows in enumerate(files):
            here.cases.run(
                xlsx(folder / f"{number}.xlsx", [["Mã hồ sơ", "Ngày tiếp nhận"], *rows]) if number == 0
                else _text(folder / f"{number}.csv", rows),
                mapping_file(folder, PLAIN),
                UNIT,
            )  # fmt: skip
        with here.store.read() as conn:
            cases = conn.execute(
                select(CASES.c.case_key, CASES.c.dossier_code, CASES.c.due_on, CASES.c.unit_code)
            )
            named: list[tuple[str, ...]] = sorted(
                (str(row.dossier_code).upper(), str(row.due_on), str(row.unit_code)) for row in cases
            )
            return named, len(conn.execute(select(OUTBOX.c.id)).all())


def _text(path: Path, rows: Sequence[tuple[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("Mã hồ sơ", "Ngày tiếp nhận"), *rows])
    return path


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=deliveries())
def test_any_permutation_split_and_repetition_of_a_day_gives_the_same_store(
    tmp_path_factory: pytest.TempPathFactory, day: tuple[list[tuple[str, str]], list[list[tuple[str, str]]]]
) -> None:
    rows, files = day
    once, again = tmp_path_factory.mktemp("once"), tmp_path_factory.mktemp("again")
    assert _cases_of(again, [*files, files[0]]) == _cases_of(once, [rows])
