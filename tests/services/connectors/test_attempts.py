"""A file at which a real process is killed twice is put aside by the third, which goes on with the next one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from services.connectors.attempts import NOTE, Attempts
from services.errors import NotReady
from tests.processes import Process, start
from tests.services.connectors.tables import mapping_file

ROWS = 60_000


def _file(path: Path, row_count: int, age: int) -> None:
    lines = [f"{path.stem}-{number:05d};02/11/2026" for number in range(row_count)]
    path.write_text("\n".join(["Mã hồ sơ;Ngày tiếp nhận", *lines]) + "\n", encoding="utf-8")
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))


@contextmanager
def _watching(folder: Path, drop: Path) -> Iterator[tuple[Process, TextIO]]:
    words: list[object] = [
        "import",
        "cases",
        "--watch",
        drop,
        "--every",
        "0.2",
        "--unit",
        "15607",
        "--data",
        folder / "data",
    ]
    read, written = os.pipe()
    with os.fdopen(read, encoding="utf-8") as output:
        words += ["--mapping", folder / "mapping.toml"]
        process = start([str(word) for word in words], os.environ, written, written)
        os.close(written)
        try:
            yield process, output
        finally:
            process.kill()
            process.wait()


def _until(output: TextIO, words: str) -> list[str]:
    said: list[str] = []
    for line in output:
        said.append(line.strip())
        if words in line:
            return said
    raise AssertionError("\n".join(said))


@pytest.mark.process
@pytest.mark.slow
def test_a_file_that_ended_the_process_twice_is_put_aside_and_the_next_one_is_taken(tmp_path: Path) -> None:
    mapping_file(tmp_path)
    drop = tmp_path / "drop"
    drop.mkdir()
    _file(drop / "bad.csv", ROWS, age=9)
    _file(drop / "good.csv", 3, age=1)
    for _ in range(2):
        with _watching(tmp_path, drop) as (process, output):
            _until(output, "rows/s")
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
        assert sorted(path.name for path in drop.glob("*.csv")) == ["bad.csv", "good.csv"]
    with _watching(tmp_path, drop) as (_, output):
        said = _until(output, "done: good.csv")
    assert "failed: bad.csv" in said
    assert [path.name for path in drop.glob("*.csv")] == []
    assert (drop / "failed" / "bad.csv").exists()
    report = (drop / "failed" / "bad.csv.report.txt").read_text(encoding="utf-8")
    assert (
        "the process ended or met an unforeseen fault 2 times in the middle of this file, so it was not opened again"
        in report
    )
    assert (drop / "done" / "good.csv").exists()


def test_an_attempt_is_on_the_disk_before_it_begins_and_gone_when_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x", encoding="utf-8")
    with Attempts(tmp_path).begun(path):
        assert Attempts(tmp_path).cut_off(path) == 1
    assert Attempts(tmp_path).cut_off(path) == 0
    with pytest.raises(NotReady), Attempts(tmp_path).begun(path):
        raise NotReady("the store is not there")
    assert Attempts(tmp_path).cut_off(path) == 0, "the process lived on: it says itself what was wrong"


def test_an_attempt_that_ended_in_no_foreseen_way_counts_and_one_that_a_person_stopped_does_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x", encoding="utf-8")
    for fault, counted in ((OSError(28, "full"), 0), (KeyboardInterrupt(), 0), (KeyError("x"), 1)):
        with pytest.raises(type(fault)), Attempts(tmp_path).begun(path):
            raise fault
        assert Attempts(tmp_path).cut_off(path) == counted, fault


def test_another_file_of_the_same_name_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x", encoding="utf-8")
    with Attempts(tmp_path).begun(path):
        path.write_text("another", encoding="utf-8")
        assert Attempts(tmp_path).cut_off(path) == 0


def test_a_note_that_cannot_be_written_leaves_the_file_unopened(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x", encoding="utf-8")
    (tmp_path / f"{NOTE}.new").mkdir()
    opened = []
    with pytest.raises(NotReady, match="no file is opened without a note"), Attempts(tmp_path).begun(path):
        opened.append(path)
    assert opened == []


def test_a_note_follows_no_link(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "a.csv", tmp_path / "elsewhere"
    path.write_text("x", encoding="utf-8")
    elsewhere.write_text("untouched", encoding="utf-8")
    (tmp_path / NOTE).symlink_to(elsewhere)
    (tmp_path / f"{NOTE}.new").symlink_to(elsewhere)
    with Attempts(tmp_path).begun(path):
        assert Attempts(tmp_path).cut_off(path) == 1
    assert elsewhere.read_text(encoding="utf-8") == "untouched"
