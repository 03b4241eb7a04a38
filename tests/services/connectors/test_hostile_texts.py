"""No CSV and no event log can take the memory of the process: what would is refused in words."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.connectors import csv_rows, xes
from services.connectors.errors import UnusableFile
from services.connectors.inspecting import inspect

MEGABYTE = 1024 * 1024
TRACE = '<trace><string key="concept:name" value="1"/><event><string key="a" value="b"/></event></trace>'


def _written(path: Path, parts: Iterator[str]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(parts)
    return path


def _one_long_text(count: int) -> Iterator[str]:
    yield "<log><trace><x>"
    yield from ("y" * MEGABYTE for _ in range(count))


def _one_long_value(count: int) -> Iterator[str]:
    yield '<log><trace><string key="concept:name" value="'
    yield from ("y" * MEGABYTE for _ in range(count))


def _texts_between_elements(count: int) -> Iterator[str]:
    yield "<log><trace>"
    yield from ("<x/>" + "y" * MEGABYTE for _ in range(count))


@pytest.mark.parametrize("content", [_one_long_text, _one_long_value, _texts_between_elements])
def test_an_event_log_holds_no_more_than_one_case_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Callable[[int], Iterator[str]]
) -> None:
    monkeypatch.setattr(xes, "MAX_HELD_BYTES", 2 * MEGABYTE)
    path = _written(tmp_path / "a.xes", content(40))
    tracemalloc.start()
    with pytest.raises(UnusableFile, match="one case takes over 2 MB"):
        list(xes.read_xes(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * MEGABYTE


def test_many_cases_may_be_larger_than_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xes, "MAX_HELD_BYTES", 256 * 1024)
    path = _written(tmp_path / "a.xes", iter(["<log>", *[TRACE] * 10_000, "</log>"]))
    assert path.stat().st_size > 3 * 256 * 1024
    assert sum(1 for _ in xes.read_xes(path)) == 10_000


def test_an_event_log_is_not_deep(tmp_path: Path) -> None:
    path = _written(tmp_path / "a.xes", iter(["<log>", "<x>" * 100_000]))
    with pytest.raises(UnusableFile, match="100 deep"):
        list(xes.read_xes(path))


def test_a_line_of_separators_alone_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Mã hồ sơ,Ngày tiếp nhận\nHS-1,02/11/2026\n" + "," * 500_000 + "\nHS-2,02/11/2026\n", "utf-8"
    )
    lines = list(csv_rows.read_csv(path, encoding=None, delimiter=",", score=len))
    assert [line.number for line in lines if line.error] == [3]
    assert inspect(path).row_count == 2


@pytest.mark.parametrize(("module", "name"), [(xes, "a.xes"), (csv_rows, "a.csv")])
def test_a_file_over_the_limit_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 10)
    path = _written(tmp_path / name, iter(["<log></log>" if name.endswith("xes") else "Mã hồ sơ,b\n1,2\n"]))
    with pytest.raises(UnusableFile, match="split it by days"):
        inspect(path)
