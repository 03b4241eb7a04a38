"""Read the sheets of a workbook row by row, cells as texts that know their type; a limited process opens the file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import msgspec

from services.connectors.cells import DayCell, NumberCell
from services.connectors.errors import UnusableFile
from services.connectors.records import Line
from services.connectors.workbook_frames import (
    FAILED,
    MAX_FRAME_BYTES,
    OUT_OF_MEMORY,
    Asked,
    Cell,
    End,
    Frame,
    Refused,
    Sheet,
)
from services.errors import NotReady, SetupError

MAX_FILE_BYTES = 128 * 1024 * 1024
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
# The reader keeps the rectangle around all filled cells in memory, about 32 bytes a cell, and twice while
# opening.
MAX_CELLS = 10_000_000
MAX_MEMORY_BYTES = 1536 * 1024 * 1024
MAX_CPU_SECONDS = 300
MAX_SILENCE_SECONDS = 600.0
# The limit of a spreadsheet program for one cell: a longer row is no row of a table.
MAX_ROW_CHARS = 32_767
READERS = 2
"""Workbooks open at a time: all of them together take at most this number times the memory above."""
PLACE_SECONDS = 30.0

_READER = "services.connectors.workbook_reader"
_places = threading.BoundedSemaphore(READERS)
_frames = msgspec.json.Decoder(Frame)
_STOPPED = {-getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}


def read_sheet(path: Path, sheet: str | int | None, hidden: list[str] | None = None) -> Iterator[Line]:
    """Yield the rows of sheets, numbered on each as the spreadsheet program numbers them.

    Args:
        path: the workbook.
        sheet: its name, or its place counted from 1; None for all visible sheets that are not empty.
        hidden: takes the names of hidden sheets, which are not read where no sheet is asked for.

    Raises:
        UnusableFile: the workbook is broken, locked by a password, too large, or lacks that sheet.
        NotReady: the reader cannot be started now, or was stopped from outside.
        SetupError: the reader cannot be started in this installation.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise UnusableFile(f"{path.name}: over {MAX_FILE_BYTES // 2**20} MB; save it as CSV")
    asked = Asked(sheet, MAX_MEMORY_BYTES, MAX_CPU_SECONDS, MAX_UNPACKED_BYTES, MAX_CELLS, MAX_ROW_CHARS)
    number, name = 0, ""
    with _reader(path, asked) as reader:
        while frame := reader.next_frame():
            if isinstance(frame, End):
                return
            if isinstance(frame, Refused):
                raise UnusableFile(f"{path.name}: {frame.sentence}")
            if isinstance(frame, Sheet):
                number, name = 0, frame.name
                if hidden is not None:
                    hidden[:] = frame.hidden
                continue
            for row in frame.rows:
                number += 1
                if isinstance(row, str):
                    yield Line(number, (), row, name)
                else:
                    yield Line(number, tuple(map(_cell, row)), None, name)
        raise reader.error(path)


def _cell(sent: Cell) -> str:
    if isinstance(sent, str):
        return sent
    return NumberCell(sent) if isinstance(sent, float) else DayCell(sent[0])


@contextmanager
def _reader(path: Path, asked: Asked) -> Iterator[_Reader]:
    """Start the process that opens the file; it is killed and reaped on every exit."""
    if not _places.acquire(timeout=PLACE_SECONDS):
        raise NotReady(f"{READERS} workbooks are being read already; try {path.name} again later")
    try:
        with tempfile.TemporaryFile() as last_words:
            process = _start(path, asked, last_words)
            try:
                with cast("IO[bytes]", process.stdout) as said:
                    yield _Reader(process, said, last_words)
            finally:
                process.kill()
                process.wait()
    finally:
        _places.release()


def _start(path: Path, asked: Asked, last_words: IO[bytes]) -> subprocess.Popen[bytes]:
    # The process finds modules where this process found them, and none in its current folder.
    where = os.pathsep.join(place for place in sys.path if place)
    try:
        return subprocess.Popen(  # noqa: S603 -- our own module
            [sys.executable, "-P", "-m", _READER, os.fspath(path), msgspec.json.encode(asked).decode()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=last_words,
            env={**os.environ, "PYTHONPATH": where},
        )
    except OSError as error:
        raise NotReady(
            f"the reader of workbooks cannot be started now ({error.strerror}); try again"
        ) from error


class _Reader:
    """The process that has the file open, as seen from this process."""

    def __init__(self, process: subprocess.Popen[bytes], said: IO[bytes], last_words: IO[bytes]) -> None:
        self._process = process
        self._said = said
        self._last_words = last_words
        self._ended_for: str | None = None

    def next_frame(self) -> Frame | None:
        """Wait for the reader's next frame; None if the reader ended without one."""
        alarm = threading.Timer(MAX_SILENCE_SECONDS, self._end_silence)
        alarm.daemon = True
        alarm.start()
        try:
            line = self._said.readline(MAX_FRAME_BYTES)
        finally:
            alarm.cancel()
        if not line.endswith(b"\n"):
            if len(line) >= MAX_FRAME_BYTES:
                # It waits for somebody to read the rest, and would wait for ever.
                self._ended_for = f"a row of it takes over {MAX_FRAME_BYTES // 2**20} MB"
                self._process.kill()
            return None
        frame: Frame = _frames.decode(line)
        return frame

    def _end_silence(self) -> None:
        self._ended_for = f"no row came for {MAX_SILENCE_SECONDS / 60:.0f} minutes"
        self._process.kill()

    def error(self, path: Path) -> Exception:
        """Return the error of a reader that ended before the end of the file."""
        code = self._process.wait()
        if self._ended_for is not None:
            return UnusableFile(f"{path.name}: {self._ended_for}; save it as CSV")
        if code in _STOPPED:
            return NotReady(f"the reader of {path.name} was stopped from outside; the file is read again")
        if code == -getattr(signal, "SIGXCPU", 0):
            return UnusableFile(
                f"{path.name}: takes over {MAX_CPU_SECONDS} seconds to work out; save it as CSV"
            )
        if code in {OUT_OF_MEMORY, -signal.SIGABRT, -getattr(signal, "SIGKILL", 0)}:
            return UnusableFile(
                f"{path.name}: takes over {MAX_MEMORY_BYTES // 2**20} MB of memory to open; delete stray cells far away "
                "from the table, or save it as CSV"
            )
        if code < 0 or code == FAILED:
            return UnusableFile(
                f"{path.name}: what reads workbooks failed on it ({self._last_word() or f'signal {-code}'}); "
                "open it in a spreadsheet program and save it anew, or as CSV"
            )
        return SetupError(
            f"what reads workbooks cannot run here ({self._last_word() or f'code {code}'}); install LiênCấp anew"
        )

    def _last_word(self) -> str:
        self._last_words.seek(0, os.SEEK_END)
        self._last_words.seek(max(0, self._last_words.tell() - 2_000))
        lines = self._last_words.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else ""
