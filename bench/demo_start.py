"""How long the demo's first and second start take, and how much memory its process needs at most.

    .venv/bin/python bench/demo_start.py [--days 90] [--data DIR]

With a data folder that is already filled, only the second start is timed.
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

PAGES = (
    "/api/v1/units/38/overview",
    "/api/v1/issues?unit=38",
    "/api/v1/escalations?unit=38",
    "/api/v1/units/38/rollups?by=field",
)


def main() -> None:
    """Run the bench and print its figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", default="90")
    parser.add_argument("--data", type=Path, default=None)
    options = parser.parse_args()
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, {options.days} days"
    )
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or Path(folder)
        if options.data is None:
            _start("first start", data, options.days)
        _start("second start", data, options.days)


def _start(name: str, data: Path, days: str) -> None:
    began = time.monotonic()
    with serving(data, "demo", "--days", days, patience=3_600) as server:
        ready = time.monotonic() - began
        reviewer = server.as_("province_reviewer", "38")
        for _ in range(5):
            for page in PAGES:
                reviewer.get(page).raise_for_status()
        print(f"{name}: ready after {ready:.1f} s, peak memory {peak_mib(server.process.pid):.0f} MiB")
        server.stop()


def peak_mib(pid: int) -> float:
    """Return the most memory that a running process has had, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


if __name__ == "__main__":
    main()
