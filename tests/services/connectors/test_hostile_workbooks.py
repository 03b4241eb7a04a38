"""A workbook is opened by a process of its own: whatever it holds, the one that asked gets a sentence and goes on."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from services.connectors import spreadsheets
from services.connectors.errors import UnusableFile
from services.connectors.spreadsheets import read_sheet
from services.errors import NotReady, SetupError
from tests.services.connectors.hostile_workbooks import (
    WRITINGS,
    Writing,
    many_rows,
    repeated_cells,
    two_cells,
    workbook,
)
from tests.services.connectors.tables import xls, xlsx

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
MOST_GROWTH_KB = 200 * 1024


def _children() -> list[int]:
    """Return the readers of workbooks among the processes that this one started."""
    found: list[int] = []
    # The file of one thread names the processes that this thread started; a thread may end meanwhile.
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += [
                int(number)
                for number in (task / "children").read_text(encoding="ascii").split()
                if b"workbook_reader" in Path(f"/proc/{number}/cmdline").read_bytes()
            ]
    return found


@pytest.mark.parametrize("far", ["XFD1048576", "ZZ200000"])
@pytest.mark.parametrize("writing", WRITINGS.values(), ids=WRITINGS.keys())
def test_a_cell_at_the_far_corner_is_refused_however_it_is_written(
    tmp_path: Path, writing: Writing, far: str
) -> None:
    path = two_cells(tmp_path / "far.xlsx", far, writing)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnusableFile, match=r"far\.xlsx: .*delete stray cells far away"):
        list(read_sheet(path, None))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_GROWTH_KB
    assert _children() == []


@pytest.mark.parametrize("writing", WRITINGS.values(), ids=WRITINGS.keys())
def test_a_near_cell_is_read_however_it_is_written(tmp_path: Path, writing: Writing) -> None:
    lines = list(read_sheet(two_cells(tmp_path / "near.xlsx", "B3", writing), None))
    assert [line.cells for line in lines] == [("x", ""), ("", ""), ("", "x")]


def test_a_lone_cell_in_the_last_corner_is_refused_too(tmp_path: Path) -> None:
    cell = "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"
    with pytest.raises(UnusableFile, match="span 1,048,576 rows and 16,384 columns"):
        list(read_sheet(workbook(tmp_path / "corner.xlsx", cell), None))


def test_a_cell_repeated_millions_of_times_in_an_open_document_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"takes over \d+ MB of memory to open|span"):
        list(read_sheet(repeated_cells(tmp_path / "repeated.ods"), None))


def test_a_bomb_that_unpacks_beyond_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheets, "MAX_MEMORY_BYTES", 160 * 2**20)
    path = workbook(
        tmp_path / "bomb.xlsx",
        "<row><c t='s'><v>0</v></c></row>",
        texts=f"<si><t>{'x' * 100_000_000}</t></si>",
    )
    assert path.stat().st_size < 1_000_000
    with pytest.raises(UnusableFile, match=r"bomb\.xlsx: takes over 160 MB of memory"):
        list(read_sheet(path, None))


def test_a_long_text_that_many_rows_name_costs_those_rows_alone(tmp_path: Path) -> None:
    rows = "<row><c t='s'><v>1</v></c></row>" + "<row><c t='s'><v>0</v></c></row>" * 3
    path = workbook(tmp_path / "text.xlsx", rows, texts=f"<si><t>{'x' * 40_000}</t></si><si><t>y</t></si>")
    lines = list(read_sheet(path, None))
    assert lines[0].cells == ("y",)
    assert [line.number for line in lines if line.error and "over 32,767 characters" in line.error] == [
        2,
        3,
        4,
    ]


def test_a_row_of_more_cells_than_a_program_writes_is_not_taken(tmp_path: Path) -> None:
    cells = "<row><c r='A1'><v>1</v></c><c r='AAAAA1'><v>1</v></c></row>"
    (line,) = read_sheet(workbook(tmp_path / "wide.xlsx", cells), None)
    assert line.cells == ()
    assert line.error is not None
    assert "over 32,767 characters or cells" in line.error


@pytest.mark.parametrize("length", [5_000_000, 17_000_000])
def test_what_a_refusal_quotes_is_cut(tmp_path: Path, length: int) -> None:
    path = workbook(tmp_path / "state.xlsx", "<row><c><v>7</v></c></row>", state="y" * length)
    with pytest.raises(UnusableFile, match=r"state\.xlsx: not a workbook that can be read") as caught:
        list(read_sheet(path, None))
    assert len(caught.value.message) < 400


def test_a_reader_that_says_more_at_once_than_is_heard_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheets, "MAX_FRAME_BYTES", 1_000)
    with pytest.raises(UnusableFile, match="takes over 0 MB"):
        list(read_sheet(many_rows(tmp_path / "rows.xlsx", 60_000), None))
    assert _children() == []


def test_cells_that_are_never_closed_are_looked_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheets, "MAX_CPU_SECONDS", 10)
    with pytest.raises(UnusableFile, match=r"not a workbook that can be read|no sheet holds anything"):
        list(read_sheet(workbook(tmp_path / "open.xlsx", "<c " * 1_300_000), None))


@pytest.mark.parametrize("name", ["one_stop_2026-11-19.xlsx", "one_stop_2026-11-20.xls"])
@pytest.mark.parametrize("share", [0.5, 0.99])
def test_a_truncated_workbook_is_refused(tmp_path: Path, name: str, share: float) -> None:
    whole = (EXAMPLES / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(whole[: int(len(whole) * share)])
    try:
        lines = list(read_sheet(path, None))
    except UnusableFile as error:
        assert name in error.message  # noqa: PT017 -- an old format may survive the loss of its last bytes
    else:
        assert (name.endswith(".xls"), share, len(lines) > 1) == (True, 0.99, True)


def test_a_workbook_locked_by_a_password_says_so(tmp_path: Path) -> None:
    path = tmp_path / "locked.xlsx"
    path.write_bytes(_compound("EncryptedPackage"))
    with pytest.raises(UnusableFile, match=r"locked\.xlsx: the workbook is locked by a password"):
        list(read_sheet(path, None))


def test_what_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MAX_CPU_SECONDS", 1)
    with pytest.raises(UnusableFile, match=r"long\.xlsx: takes over 1 seconds to work out"):
        list(read_sheet(many_rows(tmp_path / "long.xlsx", 400_000, columns=12), None))


def test_what_says_nothing_for_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MAX_SILENCE_SECONDS", 0.001)
    with pytest.raises(UnusableFile, match="no row came for"):
        list(read_sheet(xlsx(tmp_path / "a.xlsx", [["x"]]), None))
    assert _children() == []


@pytest.mark.parametrize(
    ("number", "said"),
    [(signal.SIGKILL, "of memory to open"), (signal.SIGSEGV, "failed on it"), (signal.SIGABRT, "of memory")],
)
def test_a_reader_that_dies_in_the_middle_is_a_fault_of_the_file(
    tmp_path: Path, number: signal.Signals, said: str
) -> None:
    rows = read_sheet(many_rows(tmp_path / "rows.xlsx", 60_000), None)
    assert next(rows).cells == ("7", "7", "7")
    (reader,) = _children()
    os.kill(reader, number)
    with pytest.raises(UnusableFile, match=said):
        list(rows)
    assert _children() == []


def test_a_signal_to_stop_everything_is_not_taken_for_a_fault_of_the_file(tmp_path: Path) -> None:
    rows = read_sheet(many_rows(tmp_path / "rows.xlsx", 60_000), None)
    next(rows)
    (reader,) = _children()
    os.kill(reader, signal.SIGTERM)
    os.kill(reader, signal.SIGINT)
    assert sum(1 for _ in rows) == 59_999


def test_a_reader_whose_rows_nobody_wants_any_more_is_ended(tmp_path: Path) -> None:
    rows = read_sheet(many_rows(tmp_path / "rows.xlsx", 60_000), None)
    next(rows)
    assert len(_children()) == 1
    rows.close()  # type: ignore[attr-defined]
    assert _children() == []


def test_an_installation_without_the_reader_blames_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheets, "_READER", "services.connectors.not_there")
    with pytest.raises(SetupError, match="No module named"):
        list(read_sheet(xlsx(tmp_path / "a.xlsx", [["x"]]), None))


def test_no_more_workbooks_are_open_at_a_time_than_memory_was_counted_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheets, "PLACE_SECONDS", 0.0)
    monkeypatch.setattr(spreadsheets, "_places", threading.BoundedSemaphore(1))
    path = xlsx(tmp_path / "a.xlsx", [["x"]])
    rows = read_sheet(path, None)
    next(rows)
    with pytest.raises(NotReady, match="workbooks are being read already"):
        next(read_sheet(path, None))
    rows.close()  # type: ignore[attr-defined]
    assert len(list(read_sheet(path, None))) == 1


def test_the_reader_loads_nothing_that_is_slow_to_load(tmp_path: Path) -> None:
    code = "import sys, services.connectors.workbook_reader; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    slow = {
        "alembic",
        "chdb",
        "clickhouse_connect",
        "fastapi",
        "numpy",
        "pyarrow",
        "pydantic",
        "sqlalchemy",
        "typer",
    }
    assert "python_calamine" in loaded.split()
    assert slow.isdisjoint(loaded.split())
    assert len(list(read_sheet(xls(tmp_path / "a.xls", [["x"]]), None))) == 1


def _compound(stream: str) -> bytes:
    """Write a compound file (OLE) of 512-byte sectors with one small stream of this name."""
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    header = struct.pack(
        "<8s16xHHHHH6x9I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0,
    )  # fmt: skip
    header += struct.pack("<109I", 0, *[free] * 108)
    table = struct.pack("<128I", 0xFFFFFFFD, end, *range(3, 10), end, *[free] * 118)
    entries = [("Root Entry", 5, free, free, 1, end, 0), (stream, 2, free, free, free, 2, 4096)]
    directory = b""
    for name, kind, left, right, child, start, size in entries:
        coded = name.encode("utf-16-le") + b"\0\0"
        directory += struct.pack(
            "<64sHBBIII16xI16xIQ", coded, len(coded), kind, 1, left, right, child, 0, start, size
        )
    directory = directory.ljust(512, b"\0")
    return header + table + directory + b"\0" * 4096
