"""How long the demo takes until its pages open and until all of it stands, how pages answer meanwhile, and its memory.

    .venv/bin/python bench/demo_start.py [--days 90] [--data DIR] [--alone]

With a data folder that is already filled, only the second start is timed. Processor time is of the whole process.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.journeys.installation import serving  # noqa: E402 -- the path is set above

PAGES = ("/tinh", "/tinh/tong-quan", "/api/v1/units/38/rollups?by=field")
NATION_PAGES = ("/tw", "/bang/ca-nuoc")
AS_PAGE = {"accept": "text/html"}
FILLING = "hx-get"
"""What the answer holds while something is left to fill."""
LEAST_ROUNDS = 5
PAUSE_SECONDS = 2.0


def main() -> None:
    """Run the bench and print its figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", default="90")
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--alone", action="store_true")
    options = parser.parse_args()
    words = ["--days", options.days, *(["--alone"] if options.alone else [])]
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, {' '.join(words)}"
    )
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or Path(folder)
        if options.data is None:
            _start("first start", data, words)
        _start("second start", data, words)


def _start(name: str, data: Path, words: list[str]) -> None:
    began, load = time.monotonic(), os.getloadavg()[0]
    with serving(data, "demo", *words, patience=7_200) as server:
        pid = server.process.pid
        print(
            f"{name}: ready after {time.monotonic() - began:.1f} s at load {load:.0f},"
            f" {processor_seconds(pid):.0f} s of processor time"
        )
        clients = {
            **dict.fromkeys(PAGES, server.as_("province_reviewer", "38")),
            **dict.fromkeys(NATION_PAGES, server.as_("ministry_officer", "vn", "bo_khcn")),
        }
        asker = clients[PAGES[0]]
        waits: list[float] = []
        rounds = 0
        while rounds < LEAST_ROUNDS or FILLING in asker.get("/dung-so-lieu", headers=AS_PAGE).text:
            rounds += 1
            for page, client in clients.items():
                asked = time.monotonic()
                client.get(page, headers=AS_PAGE).raise_for_status()
                waits.append(time.monotonic() - asked)
            time.sleep(PAUSE_SECONDS)
        waits.sort()
        print(
            f"{name}: in full after {time.monotonic() - began:.1f} s, {processor_seconds(pid):.0f} s of processor time;"
            f" pages meanwhile p50 {waits[len(waits) // 2] * 1_000:.0f} ms,"
            f" p95 {waits[int(len(waits) * 0.95)] * 1_000:.0f} ms ({len(waits)} asked);"
            f" peak memory {peak_mib(pid):.0f} MiB"
        )
        server.stop()


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process has used, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mib(pid: int) -> float:
    """Return the most memory that a running process has had, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


if __name__ == "__main__":
    main()
