"""A snapshot shows one day: its undated changes happened on it, and days are taken in their order."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.connectors.daily_export import DailyExport
from services.connectors.errors import UnusableFile, UnusableMapping
from services.connectors.target import ImportTarget
from services.connectors.watched_folder import watch_once
from tests.services.connectors.installation import Installation
from tests.services.connectors.tables import mapping_file, mapping_of
from tests.services.connectors.test_event_meaning import states

COMMUNE = ImportTarget(unit_code="15607")
MAPPING = """
kind = "snapshot"
[columns]
MaHoSo = "Mã hồ sơ"
MaTTHC = "Mã TTHC"
NgayTiepNhan = "Ngày tiếp nhận"
NgayHenTra = "Ngày hẹn trả"
TrangThai = "Trạng thái"
[values.TrangThai]
"Đang xử lý" = 4
"Yêu cầu bổ sung giấy tờ" = 5
"Đã xử lý xong" = 9
[snapshot]
name = "yyyy-mm-dd"
"""
HEAD = "Mã hồ sơ;Mã TTHC;Ngày tiếp nhận;Ngày hẹn trả;Trạng thái"
BY_DAY = {
    "2026-11-03": ("Đang xử lý", "Đang xử lý", "Yêu cầu bổ sung giấy tờ"),
    "2026-11-04": ("Đã xử lý xong", "Yêu cầu bổ sung giấy tờ", "Đã xử lý xong"),
    "2026-11-05": ("Đã xử lý xong", "Đang xử lý", "Đã xử lý xong"),
}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as installation:
        yield installation


def snapshot(folder: Path, day: str, *, name: str = "daily_{}.csv", titles: tuple[str, ...] = ()) -> Path:
    path = folder / name.format(day)
    rows = [
        f"S{n};1.001612;02/11/2026 08:00;05/11/2026 17:00;{said}"
        for n, said in enumerate(BY_DAY[day], start=1)
    ]
    path.write_text("\n".join([*titles, HEAD, *rows]) + "\n", encoding="utf-8")
    return path


def days(here: Installation) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    return {
        code: (str(case.closed_on), [(str(one.from_on), str(one.to_on)) for one in case.pauses])
        for code, case in states(here).items()
    }


RIGHT = {
    "S1": ("2026-11-04", []),
    "S2": ("None", [("2026-11-04", "None")]),
    "S3": ("2026-11-04", [("2026-11-03", "2026-11-04")]),
}


def test_changes_are_dated_by_the_day_of_the_snapshot_not_of_its_import(
    here: Installation, tmp_path: Path
) -> None:
    mapping = mapping_file(tmp_path, MAPPING)
    here.cases.run(snapshot(tmp_path, "2026-11-03"), mapping, COMMUNE)
    here.now += dt.timedelta(days=5)
    here.cases.run(snapshot(tmp_path, "2026-11-04"), mapping, COMMUNE)
    assert days(here) == RIGHT


@pytest.mark.parametrize("where", ["option", "title"])
def test_the_day_may_stand_in_an_option_or_in_a_cell_above_the_rows(
    here: Installation, tmp_path: Path, where: str
) -> None:
    rule = 'title = "dd/mm/yyyy"' if where == "title" else ""
    mapping = mapping_file(tmp_path, MAPPING.replace('name = "yyyy-mm-dd"', rule))
    for day in ("2026-11-03", "2026-11-04"):
        stated = dt.date.fromisoformat(day)
        titles = ("BÁO CÁO", f"Tính đến ngày {stated:%d/%m/%Y} lúc 17 giờ")
        path = snapshot(tmp_path, day, name="list_{}.csv", titles=titles)
        here.cases.run(path, mapping, COMMUNE, snapshot_on=stated if where == "option" else None)
    assert days(here) == RIGHT


def test_a_day_that_comes_late_is_refused_with_both_days_and_can_be_replayed(
    here: Installation, tmp_path: Path
) -> None:
    mapping = mapping_file(tmp_path, MAPPING)
    files = {day: snapshot(tmp_path, day) for day in BY_DAY}
    for day in ("2026-11-03", "2026-11-05"):
        here.cases.run(files[day], mapping, COMMUNE)
    skipped = days(here)
    with pytest.raises(UnusableFile) as refused:
        here.cases.run(files["2026-11-04"], mapping, COMMUNE)
    assert "2026-11-04" in refused.value.message
    assert "2026-11-05" in refused.value.message
    assert "--replay-from 2026-11-04" in refused.value.message
    assert days(here) == skipped
    late = here.cases.run(files["2026-11-04"], mapping, COMMUNE, replay_from=dt.date(2026, 11, 4))
    assert days(here) == RIGHT
    assert any("daily_2026-11-05.csv" in line for line in late.lines())
    here.cases.run(files["2026-11-05"], mapping, COMMUNE)
    assert days(here)["S2"] == ("None", [("2026-11-04", "2026-11-05")])


def test_the_same_day_again_changes_nothing(here: Installation, tmp_path: Path) -> None:
    mapping = mapping_file(tmp_path, MAPPING)
    for _ in range(2):
        summary = here.cases.run(snapshot(tmp_path, "2026-11-03"), mapping, COMMUNE)
    assert summary.counts == {"unchanged": 3}


@pytest.mark.parametrize(
    ("name", "titles", "reason"),
    [
        ("daily.csv", (), "names no day of the form yyyy-mm-dd"),
        ("daily_2026-12-24.csv", (), "is still to come"),
        ("daily_2026-11-04.csv", ("Ngày 03/11/2026",), "its name says 2026-11-04, its title says 2026-11-03"),
    ],
)
def test_a_snapshot_without_a_sure_day_is_refused(
    here: Installation, tmp_path: Path, name: str, titles: tuple[str, ...], reason: str
) -> None:
    text = MAPPING + ('title = "dd/mm/yyyy"\n' if titles else "")
    with pytest.raises(UnusableFile, match=reason):
        here.cases.run(
            snapshot(tmp_path, "2026-11-03", name=name, titles=titles), mapping_file(tmp_path, text), COMMUNE
        )


def test_a_form_of_a_day_that_cannot_be_read_refuses_the_mapping(tmp_path: Path) -> None:
    with pytest.raises(UnusableMapping):
        mapping_of(tmp_path, MAPPING.replace("yyyy-mm-dd", "yyyy-mm"))


def test_files_that_waited_in_a_folder_are_taken_day_by_day(here: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "daily"
    mapping = mapping_file(tmp_path, MAPPING)
    lines: list[str] = []
    export = DailyExport(
        folder,
        mapping,
        COMMUNE,
        intake=here.intake,
        tables=here.tables,
        store=here.store,
        clock=here.clock,
        echo=lines.append,
        every_seconds=1,
    )
    for at, day in enumerate(("2026-11-04", "2026-11-05", "2026-11-03")):  # copied in another order
        os.utime(snapshot(folder, day), (1_000_000 + at, 1_000_000 + at))
    for _ in range(2):
        watch_once(export.watched, lines.append)
        here.now += dt.timedelta(minutes=1)
    assert [line for line in lines if line.startswith(("done", "failed"))] == [
        f"done: daily_{day}.csv" for day in BY_DAY
    ]
    assert days(here)["S2"] == ("None", [("2026-11-04", "2026-11-05")])
    snapshot(folder, "2026-11-04", name="later_{}.csv")
    for _ in range(2):
        watch_once(export.watched, lines.append)
        here.now += dt.timedelta(minutes=1)
    assert "failed: later_2026-11-04.csv" in lines, "a day that comes too late stops no other file"
