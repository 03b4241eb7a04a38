"""Hold stalled sockets at a real server, and time how it answers everybody else meanwhile.

    .venv/bin/python bench/door.py [--sockets 1000] [--seconds 20]

A third of the sockets never send a head, a third stop inside it, a third declare a body of 20 MB, send the largest part
that is read of strangers, and stop. What loses its place is opened again at once. Printed are the answers of /healthz
from another connection, and the memory of the server before, at most, and after.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import resource
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx2

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from services.web.shell.limits import STRANGERS_BYTES  # noqa: E402 -- the path is set above
from tests.journeys.installation import serving  # noqa: E402 -- likewise

BEGINNINGS = (
    b"",
    b"GET /healthz HTTP/1.1\r\nhost: here\r\nx-more: ",
    b"POST /api/v1/communes/15607/cases/sync HTTP/1.1\r\nhost: here\r\ncontent-length: 20000000\r\n\r\n",
)
ASKED_EVERY = 0.05


def main() -> None:
    """Run the bench and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, asked.sockets + 512), hard))
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()},"
        f" load {os.getloadavg()[0]:.1f}; {asked.sockets:,} stalled sockets for {asked.seconds:g} s"
    )
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "data") as server:
        address = httpx2.URL(server.address)
        health = f"{server.address}/healthz"
        print("without them: ", _line(_answers(health, min(asked.seconds, 5.0))))
        before, stop = _megabytes(server.process.pid), threading.Event()
        place = (str(address.host), int(address.port or 80))
        reopened: list[int] = []
        holder = threading.Thread(target=_hold, args=(place, asked.sockets, stop, reopened))
        holder.start()
        time.sleep(2.0)
        most: list[float] = []
        times = _answers(health, asked.seconds, lambda: most.append(_megabytes(server.process.pid)))
        print("beside them:  ", _line(times))
        stop.set()
        holder.join()
        time.sleep(2.0)
        after = _megabytes(server.process.pid)
        print(
            f"memory: {before:,.0f} MB before, {max(most):,.0f} at most (+{max(most) - before:,.0f}), {after:,.0f} after;"
            f" {sum(reopened):,} sockets lost their place and were opened again"
        )


def _hold(place: tuple[str, int], count: int, stop: threading.Event, reopened: list[int]) -> None:
    held = [_opened(place, number) for number in range(count)]
    while not stop.wait(0.5):
        lost = [number for number, one in enumerate(held) if one is None or _is_over(one)]
        for number in lost:
            one = held[number]
            if one is not None:
                one.close()
            held[number] = _opened(place, number)
        reopened.append(len(lost))
    for one in held:
        if one is not None:
            one.close()


def _opened(place: tuple[str, int], number: int) -> socket.socket | None:
    try:
        one = socket.create_connection(place, 5.0)
        one.settimeout(0)
        beginning = BEGINNINGS[number % len(BEGINNINGS)]
        with contextlib.suppress(BlockingIOError):
            one.send(beginning + (b"x" * STRANGERS_BYTES if beginning.endswith(b"\r\n\r\n") else b""))
    except OSError:
        return None
    return one


def _is_over(one: socket.socket) -> bool:
    try:
        return one.recv(65_536) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _answers(url: str, seconds: float, beside: object = None) -> list[float]:
    """Ask from a connection of its own each time, and return milliseconds; an answer that fails counts as ten seconds."""
    times, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        try:
            httpx2.get(url, timeout=10.0).raise_for_status()
            times.append((time.perf_counter() - began) * 1e3)
        except httpx2.HTTPError:
            times.append(10_000.0)
        if callable(beside):
            beside()
        time.sleep(ASKED_EVERY)
    return times


def _line(times: list[float]) -> str:
    ordered = sorted(times)
    return (
        f"/healthz median {statistics.median(ordered):,.0f} ms, p95 {ordered[int(len(ordered) * 0.95) - 1]:,.0f},"
        f" worst {ordered[-1]:,.0f} ({len(ordered):,} answers)"
    )


def _megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1_000
    return 0.0


if __name__ == "__main__":
    main()
