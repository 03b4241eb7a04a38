"""Compare inspecting, judging and importing a file of cases with taking its rows alone, and the memory of both sizes.

Run: .venv/bin/python bench/importing.py [ROWS]
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from services.access.actors import Actor
from services.connectors.case_importer import CHUNK_ROWS, CaseImporter
from services.connectors.case_rows import row_of
from services.connectors.inspecting import inspect
from services.connectors.mapping import load_mapping
from services.connectors.opening import OpenedFile
from services.connectors.target import ImportTarget
from services.dated_tables import DatedTables, load_tables
from services.intake.intake import Intake
from services.intake.keys import ProvinceKeys
from services.store.store import Store

NOW = dt.datetime(2026, 11, 23, 3, tzinfo=dt.UTC)
UNIT = "15607"
MAPPING = """
kind = "cases"
[columns]
MaHoSo = "Mã hồ sơ"
MaTTHC = "Mã TTHC"
LinhVuc = "Lĩnh vực"
NgayTiepNhan = "Ngày tiếp nhận"
NgayHenTra = "Ngày hẹn trả"
TrangThai = "Trạng thái"
[values.LinhVuc]
"Hộ tịch" = "ho_tich"
[values.TrangThai]
"Đang xử lý" = 4
"Được tiếp nhận" = 2
"""


def lines(count: int) -> Iterator[str]:
    """Yield the lines of a list of cases."""
    yield "Mã hồ sơ,Mã TTHC,Lĩnh vực,Ngày tiếp nhận,Ngày hẹn trả,Trạng thái\n"
    for number in range(count):
        day = dt.date(2026, 11, 2) + dt.timedelta(days=number % 14)
        due = day + dt.timedelta(days=7)
        state = ("Đang xử lý", "Được tiếp nhận")[number % 2]
        yield (
            f"000.17.22.H56-{number:06d},1.004873,Hộ tịch,{day:%d/%m/%Y} 08:{number % 60:02d},"
            f"{due:%d/%m/%Y},{state}\n"
        )


def take_alone(path: Path, mapping_path: Path, intake: Intake) -> None:
    """Read and take the rows in chunks, without looking at the file as a whole."""
    mapping = load_mapping(mapping_path)
    records = OpenedFile(path, mapping).records()
    actor = Actor("commune_officer", UNIT, f"{UNIT}.ubnd", "import")
    while chunk := list(islice(records, CHUNK_ROWS)):
        rows = [row_of(record, mapping, str) for record in chunk]
        intake.sync_cases(UNIT, rows, actor=actor, now=NOW, source="snapshot")


def main() -> None:
    """Print the seconds of each step, the ratio, and the growth of memory with five times the rows."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    tables = load_tables()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, mapping = folder / "cases.csv", folder / "mapping.toml"
        mapping.write_text(MAPPING, encoding="utf-8")
        with path.open("w", encoding="utf-8") as file:
            file.writelines(lines(count))
        alone: list[float] = []
        whole: list[float] = []
        for turn in range(2):
            store, intake = _opened(folder / f"alone-{turn}", tables)
            began = time.process_time()
            take_alone(path, mapping, intake)
            alone.append(time.process_time() - began)
            store.close()
            store, intake = _opened(folder / f"whole-{turn}", tables)
            began = time.process_time()
            inspect(path)
            seen = time.process_time() - began
            importer = CaseImporter(intake, tables, store, lambda: NOW)
            done = importer.run(path, mapping, ImportTarget(unit_code=UNIT))
            whole.append(time.process_time() - began)
            store.close()
            print(
                f"{count:,} rows: alone {alone[-1]:.2f} s, inspected, judged and taken {whole[-1]:.2f} s "
                f"(inspecting {seen:.2f} s; {done.counts['created']:,} created), CPU"
            )
        print(f"ratio of the best: {min(whole) / min(alone):.2f}")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with path.open("w", encoding="utf-8") as file:
            file.writelines(lines(count * 5))
        inspect(path)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(f"inspecting {count * 5:,} rows: {grown / 1024:.1f} MB over the highest memory before")


def _opened(folder: Path, tables: DatedTables) -> tuple[Store, Intake]:
    folder.mkdir()
    store = Store(f"sqlite:///{folder}/store.db")
    return store, Intake(store, tables, ProvinceKeys(folder / "keys"))


if __name__ == "__main__":
    main()
