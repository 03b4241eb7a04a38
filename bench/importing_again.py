"""Import a file, import it again unchanged, read an event log beside the bare parser: CPU seconds of one run.

Run: .venv/bin/python bench/importing_again.py [ROWS]
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from defusedxml.ElementTree import iterparse

from services.connectors.case_importer import CaseImporter
from services.connectors.mapping import load_mapping
from services.connectors.opening import OpenedFile
from services.connectors.target import ImportTarget
from services.dated_tables import load_tables
from services.intake.intake import Intake
from services.intake.keys import ProvinceKeys
from services.store.store import Store

ROWS = 20_000
NOW = dt.datetime(2026, 11, 23, 3, tzinfo=dt.UTC)
CASES = """
kind = "cases"
[columns]
MaHoSo = "Mã hồ sơ"
MaTTHC = "Mã TTHC"
NgayTiepNhan = "Ngày tiếp nhận"
NgayHenTra = "Ngày hẹn trả"
KenhThucHien = "Kênh"
TrangThai = "Trạng thái"
[values.TrangThai]
"Đang xử lý" = 4
[values.KenhThucHien]
"Trực tiếp" = 1
"""
EVENTS = """
kind = "events"
[columns]
MaHoSo = "case:concept:name"
activity = "concept:name"
timestamp = "time:timestamp"
[status.by_activity]
"Tiếp nhận" = 2
"""
EVENTS_OF_A_CASE = 5


def main() -> None:
    """Print seconds and ratios."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, again = _imports(folder, rows)
        print(f"import of {rows:,} rows: {first:.2f} s, {rows / first:,.0f} rows/s")
        print(f"the same file again: {again:.2f} s, {again / first:.2f} of the import")
        bare, read = _event_log(folder, rows)
        print(
            f"event log of {rows * EVENTS_OF_A_CASE:,} events: bare {bare:.2f} s, records {read:.2f} s, {read / bare:.2f} of it"
        )


def _imports(folder: Path, rows: int) -> tuple[float, float]:
    mapping, path = folder / "cases.toml", folder / "cases.csv"
    mapping.write_text(CASES, encoding="utf-8")
    lines = [
        f"H56.15607-261117-{n:06d};1.001193;17/11/2026 08:30;20/11/2026;Trực tiếp;Đang xử lý"
        for n in range(rows)
    ]
    header = "Mã hồ sơ;Mã TTHC;Ngày tiếp nhận;Ngày hẹn trả;Kênh;Trạng thái"
    path.write_text("\n".join([header, *lines]), encoding="utf-8")
    store, tables = Store(f"sqlite:///{folder / 'store.db'}"), load_tables()

    importer = CaseImporter(Intake(store, tables, ProvinceKeys(folder / "keys")), tables, store, lambda: NOW)
    target = ImportTarget(unit_code="15607")
    times = [_timed(lambda: importer.run(path, mapping, target)) for _ in range(2)]
    store.close()
    return times[0], times[1]


def _event_log(folder: Path, rows: int) -> tuple[float, float]:
    mapping, path = folder / "events.toml", folder / "log.xes"
    mapping.write_text(EVENTS, encoding="utf-8")
    event = (
        '<event><string key="concept:name" value="Tiếp nhận"/>'
        '<date key="time:timestamp" value="2026-11-17T08:30:00+07:00"/></event>'
    )
    with path.open("w", encoding="utf-8") as file:
        file.write("<?xml version='1.0' encoding='UTF-8'?><log>")
        for number in range(rows):
            name = f'<string key="concept:name" value="HS-{number}"/>'
            file.write(f"<trace>{name}{event * EVENTS_OF_A_CASE}</trace>")
        file.write("</log>")
    opened = OpenedFile(path, load_mapping(mapping))
    return _timed(lambda: _bare(path)), _timed(lambda: sum(1 for _ in opened.records()))


def _bare(path: Path) -> None:
    for _, element in iterparse(path, events=("end",), forbid_dtd=True):
        if element.tag == "trace":
            element.clear()


def _timed(what: Callable[[], object]) -> float:
    began = time.process_time()  # other work on the machine does not count
    what()
    return time.process_time() - began


if __name__ == "__main__":
    main()
