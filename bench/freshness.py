"""Time from a POST at a commune to its roll-up being visible, while events flow; and to the issue in the queue.

    .venv/bin/python bench/freshness.py [--rate 200] [--seconds 30] [--apart]

Starts a real server in a scratch folder (with `--apart`: the three services and a worker as processes of their own, on
Kafka, PostgreSQL and the tests' front of the engine, all on this machine), lets several communes synchronise at the given rate of events per second,
and probes: one more case, then asks for that day's roll-up of its unit until the case is counted.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import platform
import random
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.demo_start import peak_mib  # noqa: E402 -- the path is set above
from tests.chaos.load import COMMUNES, row_of  # noqa: E402 -- as above
from tests.clickhouse_front.process import FrontProcess  # noqa: E402 -- as above
from tests.journeys.conftest import ServicesApart  # noqa: E402 -- as above
from tests.journeys.installation import Installation, Running, serving  # noqa: E402 -- as above
from tests.kafka_broker import Broker  # noqa: E402 -- as above
from tests.postgres import PostgresCluster  # noqa: E402 -- as above
from tests.stack import Stack  # noqa: E402 -- as above

PROBE = "15610"


def main() -> None:
    """Run the bench and print its figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=200, help="events per second that flow beside the probes")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument(
        "--apart", action="store_true", help="services apart, on Kafka, PostgreSQL and an engine over HTTP"
    )
    options = parser.parse_args()
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, {options.rate} events/s"
    )
    with tempfile.TemporaryDirectory() as folder, _started(Path(folder), apart=options.apart) as server:
        stop = threading.Event()
        flow = threading.Thread(target=_flow, args=(server, options.rate, stop))
        flow.start()
        time.sleep(3)
        rollups, issues = _probe(server, options.seconds)
        stop.set()
        flow.join()
        if isinstance(server, Installation):
            print(f"peak memory of the server: {peak_mib(server.process.pid):.0f} MiB")
    _print("POST case -> its roll-up visible", rollups)
    _print("POST issue -> in the province's list", issues)


@contextlib.contextmanager
def _started(folder: Path, *, apart: bool) -> Iterator[Running]:
    if not apart:
        with serving(folder) as server:
            yield server
        return
    postgres, broker = PostgresCluster(), Broker(folder / "kafka")
    front = FrontProcess(folder / "engine")
    try:
        postgres.start()
        broker.start()
        front.start()
        stack = Stack(folder / "data", broker.servers, front, postgres.new_database())
        with ServicesApart(stack).serving() as running:
            yield running
    finally:
        front.close()
        broker.stop()
        postgres.remove()


def _flow(server: Running, rate: int, stop: threading.Event) -> None:
    clients = {code: server.as_("commune_officer", code) for code in COMMUNES}
    number, began = 0, time.monotonic()
    per_call = max(1, rate // 20)
    while not stop.is_set():
        code = COMMUNES[number % len(COMMUNES)]
        answer = clients[code].post(
            f"/api/v1/communes/{code}/cases/sync", json=[_case(code) for _ in range(per_call)]
        )
        answer.raise_for_status()
        number += 1
        time.sleep(max(0.0, began + number * per_call / rate - time.monotonic()))


def _case(code: str) -> dict[str, Any]:
    return row_of(f"H56.{code}-{dt.datetime.now(dt.UTC):%y%m%d}-{random.randrange(10**7):07d}", 2)


def _probe(server: Running, seconds: int) -> tuple[list[float], list[float]]:
    officer, reviewer = server.as_("commune_officer", PROBE), server.as_("province_reviewer", "38")
    rollups: list[float] = []
    issues: list[float] = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        began = time.monotonic()
        officer.post(f"/api/v1/communes/{PROBE}/cases/sync", json=[_case(PROBE)]).raise_for_status()
        while _received(officer) < len(rollups) + 1:
            time.sleep(0.01)
        rollups.append(time.monotonic() - began)
        began, issue_id = time.monotonic(), str(uuid.uuid4())
        body = {
            "id": issue_id,
            "kind": "mobile_dead_spot",
            "severity": "high",
            "place": "Toàn xã",
            "content": "Mất sóng di động",
            "request": "Đề nghị khắc phục",
        }
        officer.post(f"/api/v1/communes/{PROBE}/issues", json=body).raise_for_status()
        while not any(each["id"] == issue_id for each in _issues(reviewer)):
            time.sleep(0.01)
        issues.append(time.monotonic() - began)
        time.sleep(0.05)
    return rollups, issues


def _received(client: httpx2.Client) -> int:
    answer = client.get(f"/api/v1/units/{PROBE}/overview").json()
    return int(answer["day"]["received"] or 0)


def _issues(client: httpx2.Client) -> list[dict[str, Any]]:
    return list(client.get(f"/api/v1/issues?unit={PROBE}&limit=5").json()["items"])


def _print(what: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    at = lambda share: ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000  # noqa: E731 -- a shorthand
    print(
        f"{what}: {len(ordered)} probes, p50 {statistics.median(ordered) * 1000:.0f} ms, p95 {at(0.95):.0f} ms, p99 {at(0.99):.0f} ms, "
        f"worst {ordered[-1] * 1000:.0f} ms at probe {seconds.index(ordered[-1]) + 1}"
    )


if __name__ == "__main__":
    main()
