"""A day without Kafka: fill the outbox of a real commune service, bring the broker back, and see it drain.

    .venv/bin/python bench/outbox_day.py [--events 50000]

Sends calls of 10,000 rows over HTTP while the broker is down, then starts the broker, and lets 55 events per second come
in beside, which is what the whole country sends on an average second. Prints the rates, the peak memory of the service,
and whether the log holds every event of the outbox, those of each key in their order.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx2
from sqlalchemy import Engine, create_engine, text

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.demo_start import peak_mib  # noqa: E402 -- the path is set above
from events.topics import TRUTH_TOPICS  # noqa: E402 -- likewise
from tests.chaos.load import COMMUNES, row_of  # noqa: E402 -- likewise
from tests.chaos.verdict import records_of  # noqa: E402 -- likewise
from tests.clickhouse_front.process import FrontProcess  # noqa: E402 -- likewise
from tests.kafka_broker import Broker  # noqa: E402 -- likewise
from tests.stack import Part, Stack  # noqa: E402 -- likewise

ROWS_PER_CALL = 10_000
LIVE_RATE = 55
LIVE_ROWS = 11
MOST_MIB = 300


def main() -> int:
    """Run the bench and print its figures; end with 0 only when nothing is lost and the memory stays in its bounds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=50_000)
    asked = parser.parse_args()
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()}"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = Broker(folder / "kafka").start()
        # No engine is needed to take cases in; the address is one where nobody listens.
        stack = Stack(
            folder / "data", broker.servers, FrontProcess(folder / "engine"), f"sqlite:///{folder}/store.db"
        )
        try:
            stack.must("topics", "create")
            broker.kill()
            return _run(stack, broker, asked.events)
        finally:
            stack.close()
            broker.stop()


def _run(stack: Stack, broker: Broker, events: int) -> int:
    service = stack.service("commune")
    service.start()
    token = stack.must("token", "create", "--role", "commune_officer", "--unit", COMMUNES[0]).strip()
    store = create_engine(stack.store_url)
    headers = {"authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=str(service.address), headers=headers, timeout=300) as client:
        began = time.monotonic()
        slowest = _fill(client, events)
        seconds = time.monotonic() - began
        waiting = _waiting(store)
        print(
            f"taken in without Kafka: {waiting:,} events in {seconds:.0f} s ({waiting / seconds:,.0f}/s), slowest call of"
        )
        print(
            f"    {ROWS_PER_CALL:,} rows {slowest:.1f} s; peak memory of the service {_peak_mib(service):.0f} MiB"
        )
        stop = threading.Event()
        live = threading.Thread(target=_live, args=(client, stop))
        live.start()
        broker.start()
        began = time.monotonic()
        while (left := _waiting(store)) > LIVE_RATE:
            time.sleep(0.5)
        seconds = time.monotonic() - began
        stop.set()
        live.join()
    while left:
        time.sleep(0.2)
        left = _waiting(store)
    rate = waiting / seconds
    print(
        f"drained in {seconds:.0f} s ({rate:,.0f}/s, {rate / LIVE_RATE:.0f} times the country's average second,"
    )
    print(
        f"    {rate / 500:.1f} times 500/s), with {LIVE_RATE} events/s coming in; peak memory {_peak_mib(service):.0f} MiB"
    )
    errors = _compared(stack, store)
    if _peak_mib(service) > MOST_MIB:
        errors.append(f"the service took more than {MOST_MIB} MiB")
    print("\n".join(errors) or "nothing is lost, and each key is in its order")
    return 1 if errors else 0


def _fill(client: httpx2.Client, events: int) -> float:
    """Send calls until the outbox holds this many events; return the seconds of the slowest."""
    slowest = 0.0
    for start in range(0, events, ROWS_PER_CALL):
        count = min(ROWS_PER_CALL, events - start)
        slowest = max(slowest, _send(client, [f"H56.DAY-{start + n:09d}" for n in range(count)]))
    return slowest


def _live(client: httpx2.Client, stop: threading.Event) -> None:
    number = 0
    while not stop.wait(LIVE_ROWS / LIVE_RATE):
        _send(client, [f"H56.LIVE-{number + n:09d}" for n in range(LIVE_ROWS)])
        number += LIVE_ROWS


def _send(client: httpx2.Client, dossiers: list[str]) -> float:
    began = time.monotonic()
    rows = [row_of(dossier, 2) for dossier in dossiers]
    answer = client.post(f"/api/v1/communes/{COMMUNES[0]}/cases/sync", json=rows).raise_for_status()
    if any(result["outcome"] != "created" for result in answer.json()["results"]):
        raise RuntimeError(f"rows that were not taken: {answer.text[:500]}")
    return time.monotonic() - began


def _waiting(store: Engine) -> int:
    with store.connect() as connection:
        return int(
            connection.execute(text("SELECT count(*) FROM outbox WHERE published_at IS NULL")).scalar_one()
        )


def _compared(stack: Stack, store: Engine) -> list[str]:
    """Compare outbox and log: the same events, and those of each key in the same order at their first delivery."""
    errors = []
    for topic in TRUTH_TOPICS:
        asked = text("SELECT key, value FROM outbox WHERE topic = :topic ORDER BY id")
        recorded: dict[str, dict[bytes, None]] = {}
        with store.connect() as connection:
            for key, value in connection.execute(asked, {"topic": topic.name}):
                recorded.setdefault(key, {})[_digest(value)] = None
        published: dict[str, dict[bytes, None]] = {}
        with closing(stack.open_log()) as log:
            for record in records_of(log, topic.name):
                published.setdefault(record.key, {})[_digest(record.value)] = None
        for key in recorded.keys() | published.keys():
            mine, theirs = recorded.get(key, {}), published.get(key, {})
            if mine.keys() != theirs.keys():
                errors.append(f"{topic.name} {key}: {len(mine)} recorded, {len(theirs)} in the log")
            elif list(mine) != list(theirs):
                errors.append(f"{topic.name} {key}: the log has another order")
    return errors


def _digest(value: bytes) -> bytes:
    """Stand for an event: a million of them would fill the memory."""
    return hashlib.blake2b(value, digest_size=16).digest()


def _peak_mib(part: Part) -> float:
    return peak_mib(part.process.pid) if part.process is not None else 0.0


if __name__ == "__main__":
    sys.exit(main())
