"""Measure a sync call of 10,000 rows: first sight, a second call with the same rows, one with every case advanced.

Run: .venv/bin/python bench/intake.py [ROWS]
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from pathlib import Path

from services.access.actors import SYSTEM
from services.dated_tables import load_tables
from services.intake.intake import Intake
from services.intake.keys import ProvinceKeys
from services.log.sqlite import SqliteLog
from services.store.outbox import Relay
from services.store.store import Store

NOW = dt.datetime(2026, 7, 15, 2, 0, tzinfo=dt.UTC)


def rows(count: int, *, status: int) -> list[dict[str, object]]:
    """Make the rows of one call: received over the last two weeks, a few procedures."""
    made: list[dict[str, object]] = []
    for number in range(count):
        day = dt.date(2026, 7, 1) + dt.timedelta(days=number % 14)
        row: dict[str, object] = {
            "MaHoSo": f"H56.20-{day:%y%m%d}-{number:06d}",
            "MaTTHC": ("2.000815", "1.001193", "1.004873")[number % 3],
            "NgayNop": f"{day}T07:40:00",
            "NgayTiepNhan": f"{day:%d/%m/%Y} 08:{number % 60:02d}",
            "KenhThucHien": str(1 + number % 3),
            "LoaiDoiTuong": 0,
            "TrangThai": status,
        }
        if status == 9:
            row["NgayKetThucXuLy"] = f"{day}T10:15:00"
        made.append(row)
    return made


def main() -> None:
    """Print the seconds of each step."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    tables = load_tables()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder}/store.db")
        print(f"the store is in {store.version}")
        intake = Intake(store, tables, ProvinceKeys(Path(folder) / "keys"))
        intake.sync_cases("15607", rows(3, status=2), actor=SYSTEM, now=NOW)
        for name, batch, later in (
            ("created", rows(count, status=4), 1),
            ("unchanged", rows(count, status=4), 2),
            ("advanced", rows(count, status=9), 3),
        ):
            began = time.perf_counter()
            results = intake.sync_cases("15607", batch, actor=SYSTEM, now=NOW + dt.timedelta(seconds=later))
            took = time.perf_counter() - began
            outcomes = {each.outcome for each in results[3:]}
            print(f"{name:>10}: {count} rows in {took:.2f} s ({count / took:,.0f}/s) {outcomes}")
        log = SqliteLog(Path(folder) / "log.db")
        began = time.perf_counter()
        sent = Relay(store, log).publish_all()
        took = time.perf_counter() - began
        print(f"{'published':>10}: {sent} events in {took:.2f} s ({sent / took:,.0f}/s)")
        log.close()
        store.close()


if __name__ == "__main__":
    main()
