from __future__ import annotations

import datetime as dt
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.connectors.case_importer import ImportStep
from services.connectors.daily_export import DailyExport
from services.connectors.errors import UnusableMapping
from services.connectors.stopped_files import release
from services.connectors.summary import Summary
from services.connectors.target import ImportTarget
from services.connectors.watched_folder import WatchedFolder, watch_once
from services.errors import BadInput, NotFound, NotReady, SetupError
from services.store.exclusive import FileLock
from tests.services.connectors.broken_archives import broken_archives
from tests.services.connectors.installation import Installation
from tests.services.connectors.tables import mapping_file, xlsx

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
SETTLE = dt.timedelta(seconds=10)


class Here:
    """A folder, a clock and an importer that writes down what it was given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = dt.datetime(2026, 11, 23, 3, tzinfo=dt.UTC)
        self.given: list[str] = []
        self.fault: Exception | None = None
        self.meanwhile: Callable[[Path], None] = lambda _path: None
        self.watched = self.another()

    def another(self) -> WatchedFolder:
        return WatchedFolder(self.folder, self._take, lambda: self.now, settle_seconds=SETTLE.total_seconds())

    def _take(self, path: Path, _errors: Path) -> Summary:
        self.given.append(path.name)
        if self.fault is not None:
            raise self.fault
        self.meanwhile(path)
        return Summary(path.name)

    def look_twice(self) -> None:
        self.watched.look_once()
        self.now += SETTLE
        self.watched.look_once()


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path)


def _drop(folder: Path, name: str, content: str = "x", age: int = 0) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    return path


def test_a_file_is_taken_once_it_kept_its_size(here: Here) -> None:
    path = _drop(here.folder, "today.xlsx")
    assert here.watched.look_once() == []
    path.write_text("still being copied", encoding="utf-8")
    here.now += SETTLE
    assert here.watched.look_once() == []
    here.now += SETTLE / 2
    assert here.watched.look_once() == []
    here.now += SETTLE / 2
    (taken,) = here.watched.look_once()
    assert (taken.path, taken.ending) == (here.folder / "done" / "today.xlsx", "done")
    assert not path.exists()
    report = (here.folder / "done" / "today.xlsx.report.txt").read_text(encoding="utf-8")
    assert report.startswith("today.xlsx: 0 rows")
    here.look_twice()
    assert here.given == ["today.xlsx"]


def test_files_are_taken_oldest_first(here: Here) -> None:
    for name, age in (("c.csv", 5), ("a.csv", 1), ("b.csv", 9)):
        _drop(here.folder, name, age=age)
    here.look_twice()
    assert here.given == ["b.csv", "c.csv", "a.csv"]


def test_what_is_no_export_is_left_alone(here: Here) -> None:
    for name in (".hidden", "~$open.xlsx", "half.xlsx.part", "half.tmp"):
        _drop(here.folder, name)
    (here.folder / "folder.xlsx").mkdir()
    here.look_twice()
    assert here.given == []


def test_the_same_name_on_the_next_day_overwrites_nothing(here: Here) -> None:
    for content in ("first", "second"):
        _drop(here.folder, "export.xls", content)
        here.look_twice()
    kept = sorted(path for path in (here.folder / "done").iterdir() if path.suffix == ".xls")
    assert sorted(path.read_text(encoding="utf-8") for path in kept) == ["first", "second"]
    assert all(path.with_name(path.name + ".report.txt").exists() for path in kept)


@pytest.mark.parametrize(
    "fault", [NotReady("the store is not there"), UnusableMapping("m.toml: kind: wrong")]
)
def test_a_fault_that_is_not_the_files_leaves_it_for_the_next_look(here: Here, fault: Exception) -> None:
    path = _drop(here.folder, "today.xlsx")
    here.fault = fault
    here.watched.look_once()
    here.now += SETTLE
    said: list[str] = []
    assert watch_once(here.watched, said.append) == 0
    assert str(fault) in said[0]
    assert path.exists()
    here.fault = None
    assert watch_once(here.watched, said.append) == 1


@pytest.mark.parametrize(
    "name",
    ["Báo cáo tổng hợp " + "ệ" * 70 + ".xlsx", "a" * 251 + ".csv", "b." + "ệ" * 80, "c\udcff.csv"],
    ids=["of Vietnamese words", "of letters", "without an end", "not in UTF-8"],
)
def test_a_file_is_taken_whatever_its_name(here: Here, name: str) -> None:
    _drop(here.folder, name, age=1)
    _drop(here.folder, "next.csv")
    here.watched.look_once()
    here.now += SETTLE
    said: list[str] = []
    assert watch_once(here.watched, said.append) == 2
    "".join(said).encode()
    assert here.given == [name, "next.csv"]
    kept = sorted((here.folder / "done").iterdir())
    assert len([path for path in kept if not path.name.endswith(".report.txt")]) == 2
    assert all(path.name.endswith(".report.txt") or Path(f"{path}.report.txt") in kept for path in kept)


def test_a_file_that_is_taken_away_while_others_are_read_is_no_fault(here: Here) -> None:
    _drop(here.folder, "a.csv", age=1)
    other = _drop(here.folder, "b.csv")
    _drop(here.folder, "c.csv")
    here.meanwhile = lambda path: other.unlink() if path.name == "a.csv" else path.unlink()
    here.look_twice()
    assert here.given == ["a.csv", "c.csv"]
    report = (here.folder / "done" / "c.csv.report.txt").read_text(encoding="utf-8")
    assert "the file was taken away or replaced meanwhile" in report


def test_what_takes_the_place_of_a_file_while_it_is_read_is_taken_by_itself(here: Here) -> None:
    path = _drop(here.folder, "today.csv", "first")

    def replace(_path: Path) -> None:
        here.meanwhile = lambda _path: None
        _drop(here.folder, "new.tmp", "second").replace(path)

    here.meanwhile = replace
    here.look_twice()
    assert path.read_text(encoding="utf-8") == "second"
    here.look_twice()
    assert here.given == ["today.csv", "today.csv"]
    assert (here.folder / "done" / "today.csv").read_text(encoding="utf-8") == "second"


def test_a_file_that_cannot_be_put_away_holds_up_no_other(here: Here) -> None:
    _drop(here.folder, "a.csv", age=1)
    _drop(here.folder, "b.csv")
    (here.folder / "done" / "a.csv.report.txt").mkdir()
    here.watched.look_once()
    here.now += SETTLE
    said: list[str] = []
    assert watch_once(here.watched, said.append) == 1
    assert said[:2] == ["left: a.csv", "  a.csv: Is a directory; it is tried again"]
    assert (here.folder / "done" / "b.csv").exists()


def test_a_file_with_an_unforeseen_fault_holds_up_no_other_and_is_put_aside_at_the_third_look(
    here: Here,
) -> None:
    def break_on(path: Path) -> None:
        if path.name == "a.csv":
            raise KeyError("Nguyễn Văn A")

    here.meanwhile = break_on
    _drop(here.folder, "a.csv", age=1)
    _drop(here.folder, "b.csv")
    said: list[str] = []
    for _ in range(4):
        watch_once(here.watched, said.append)
        here.now += SETTLE
    assert here.given == ["a.csv", "b.csv", "a.csv"]
    assert (here.folder / "done" / "b.csv").exists()
    report = (here.folder / "failed" / "a.csv.report.txt").read_text(encoding="utf-8")
    assert "an unforeseen fault 2 times in the middle of this file" in report
    assert "KeyError in test_watched_folder.py" in "".join(said)
    assert "Nguyễn" not in "".join(said)


def test_archives_that_cannot_be_read_are_put_aside_with_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    broken = broken_archives(folder)
    _drop(folder, "z.csv", "Mã hồ sơ;Ngày tiếp nhận\nHS-1;17/11/2026\n")
    with Installation(tmp_path) as installation:
        watched = WatchedFolder(
            folder,
            lambda path, errors: installation.cases.run(
                path, mapping_file(tmp_path), ImportTarget(unit_code="15607"), errors=errors
            ),
            installation.clock,
            settle_seconds=0,
        )
        watch_once(watched, print)
        assert watch_once(watched, print) == len(broken) + 1
    for path in broken:
        report = (folder / "failed" / f"{path.name}.report.txt").read_text(encoding="utf-8")
        assert report.startswith(f"{path.name}: the archive cannot be unpacked ("), report
    assert (folder / "done" / "z.csv").exists()


def test_a_process_that_died_in_the_middle_is_followed_by_one_that_takes_the_file(here: Here) -> None:
    _drop(here.folder, "today.xlsx")
    here.fault = KeyboardInterrupt()  # type: ignore[assignment]  # stands for the death of the process
    here.watched.look_once()
    here.now += SETTLE
    with pytest.raises(KeyboardInterrupt):
        here.watched.look_once()
    here.fault = None
    here.watched = here.another()
    here.look_twice()
    assert here.given == ["today.xlsx", "today.xlsx"]
    assert (here.folder / "done" / "today.xlsx").exists()


def test_only_one_process_watches_a_folder(here: Here) -> None:
    _drop(here.folder, "today.xlsx")
    lock = FileLock(here.folder / ".lock")
    assert lock.try_acquire()
    here.look_twice()
    assert here.given == []
    lock.release()
    here.look_twice()
    assert here.given == ["today.xlsx"]


def test_days_dropped_together_are_imported_with_reports_beside_them(tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    for age, name in enumerate(("one_stop_2026-11-20.xls", "one_stop_2026-11-19.xlsx")):
        path = folder / name
        path.write_bytes((EXAMPLES / name).read_bytes())
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    _drop(folder, "letter.xlsx", "Kính gửi", age=9)
    xlsx(folder / "mixed.xlsx", [["Mã hồ sơ", "Đơn vị"], ["HS-1", "Xã Bát Mọt"]])
    with Installation(tmp_path) as installation:
        watched = WatchedFolder(
            folder,
            lambda path, errors: installation.cases.run(
                path, EXAMPLES / "one_stop_snapshot.toml", ImportTarget(province_code="38"), errors=errors
            ),
            installation.clock,
            settle_seconds=0,
        )
        said: list[str] = []
        watch_once(watched, said.append)
        assert watch_once(watched, said.append) == 4
    assert sorted(path.name for path in (folder / "failed").iterdir()) == [
        "letter.xlsx",
        "letter.xlsx.report.txt",
        "mixed.xlsx",
        "mixed.xlsx.report.txt",
    ]
    report = (folder / "done" / "one_stop_2026-11-20.xls.report.txt").read_text(encoding="utf-8")
    assert "3 created, 21 advanced, 14 unchanged, 0 rejected" in report
    assert "no header found" in (folder / "failed" / "letter.xlsx.report.txt").read_text(encoding="utf-8")


def _export(
    folder: Path, installation: Installation, said: list[str], on_step: Callable[[ImportStep], None]
) -> DailyExport:
    export = DailyExport(
        folder,
        EXAMPLES / "one_stop_snapshot.toml",
        ImportTarget(province_code="38"),
        intake=installation.intake,
        tables=installation.tables,
        store=installation.store,
        clock=lambda: dt.datetime.now(dt.UTC),
        echo=said.append,
        every_seconds=0.05,
        on_step=on_step,
    )
    export.start()
    return export


def test_a_stop_in_the_middle_of_a_file_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    name = "one_stop_2026-11-19.xlsx"
    (folder / name).write_bytes((EXAMPLES / name).read_bytes())
    said: list[str] = []
    stepped, stopping = threading.Event(), threading.Event()

    def hold(_step: ImportStep) -> None:
        stepped.set()
        stopping.wait(10)

    with Installation(tmp_path) as installation:
        export = _export(folder, installation, said, hold)
        assert stepped.wait(10)
        threading.Timer(0.2, stopping.set).start()
        assert export.stop()
        assert (folder / name).exists()
        assert "stopped after row 36" in said[0]
        export = _export(folder, installation, said, lambda _step: None)
        deadline = time.monotonic() + 10
        while not (folder / "done" / name).exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert export.stop()
    report = (folder / "done" / f"{name}.report.txt").read_text(encoding="utf-8")
    assert "36 rows: 36 created" in report
    assert "went on after row 36" in report


def _implausible(folder: Path, name: str = "a.csv") -> Path:
    rows = "".join(f"HS-{n},02/11/2026,Xã Bát Mọt\n" for n in range(12))
    return _drop(folder, name, "Mã hồ sơ,Ngày tiếp nhận,Đơn vị\n" + rows)


def test_a_stopped_file_is_set_aside_with_its_reason_and_taken_once_it_is_released(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    with Installation(tmp_path) as parts:
        export = DailyExport(
            folder,
            mapping_file(tmp_path),
            ImportTarget(province_code="38", unit_column="Đơn vị"),
            intake=parts.intake,
            tables=parts.tables,
            store=parts.store,
            clock=parts.clock,
            echo=lambda _line: None,
        )
        watched = export.watched
        _implausible(folder)

        def look() -> list[str]:
            watched.look_once()
            parts.now += SETTLE
            return [one.ending for one in watched.look_once()]

        assert look() == ["stopped"]
        report = (folder / "stopped" / "a.csv.report.txt").read_text(encoding="utf-8")
        assert "--accept one_unit" in report
        with pytest.raises(BadInput):
            release(folder, "../a.csv", ["one_unit"])
        with pytest.raises(NotFound):
            release(folder, "b.csv", ["one_unit"])
        release(folder, "a.csv", ["one_unit"])
        assert look() == ["done"]
        _implausible(folder, "b.csv").write_text(
            "Mã hồ sơ,Ngày tiếp nhận,Đơn vị\n" + "x,02/11/2026,Xã Bát Mọt\n" * 12
        )
        assert look() == ["stopped"], "what was accepted is the content of one file, not its name"


def test_a_link_is_neither_read_nor_written_through(
    here: Here, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other") / "secret.csv"
    other.write_text("secret", encoding="utf-8")
    (here.folder / "a.csv").symlink_to(other)
    here.look_twice()
    assert here.given == []
    for name in ("b.csv.report.txt", "b.csv.errors.csv"):
        (here.folder / "done" / name).symlink_to(other)
    (here.folder / ".b.csv.errors.csv").symlink_to(other)
    _drop(here.folder, "b.csv")
    here.look_twice()
    assert here.given == ["b.csv"]
    assert other.read_text(encoding="utf-8") == "secret"
    assert "b.csv" in (here.folder / "done" / "b.csv.report.txt").read_text(encoding="utf-8")


def test_a_folder_that_became_a_link_takes_nothing(
    here: Here, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (here.folder / "done").rmdir()
    (here.folder / "done").symlink_to(elsewhere)
    _drop(here.folder, "a.csv")
    with pytest.raises(SetupError, match="not a link"):
        here.look_twice()
    assert list(elsewhere.iterdir()) == []
