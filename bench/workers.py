"""The gain of a second worker: how fast one worker, and two, land a backlog of cases with its roll-ups.

    .venv/bin/python bench/workers.py [--events 300000] [--runs 3]

Each run has an installation of its own: topics that are filled first, the engine behind HTTP in a process of its own, and
workers as processes. The rate goes from the first batch that landed to the last, by the engine's clock. Broker, engine
and workers share the cores of one machine: two workers cannot do more than these leave.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.embedded_path import histories  # noqa: E402 -- the path is set above
from events.log import Message  # noqa: E402 -- likewise
from events.topics import CASES  # noqa: E402 -- likewise
from services.streams.land import LandCases  # noqa: E402 -- likewise
from services.warehouse.client import Warehouse  # noqa: E402 -- likewise
from tests.clickhouse_front.process import FrontProcess, running_front  # noqa: E402 -- likewise
from tests.journeys.installation import eventually  # noqa: E402 -- likewise
from tests.kafka_broker import Broker  # noqa: E402 -- likewise
from tests.stack import Stack  # noqa: E402 -- likewise

PATIENCE = 600.0
AT_ONCE = 10_000


def main() -> None:
    """Run the bench and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    messages = list(histories(asked.events - asked.events % 4, seed=1))
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}, load {os.getloadavg()[0]:.1f};"
        f" {len(messages):,} events, broker and engine on the same machine"
    )
    found: dict[int, list[float]] = {1: [], 2: []}
    numbers = itertools.count(1)
    with tempfile.TemporaryDirectory() as name, running_front(Path(name) / "engine") as front:
        broker = Broker(Path(name) / "kafka").start()
        try:
            for _ in range(asked.runs):
                for workers, rates in found.items():
                    folder = Path(name) / f"data-{next(numbers)}"
                    rates.append(rate(folder, broker, front, messages, workers))
                    print(f"  {workers} at work: {rates[-1]:>9,.0f} events/s", flush=True)
        finally:
            broker.stop()
    one, two = (statistics.median(rates) for rates in found.values())
    print(
        f"medians: one {one:,.0f}/s, two {two:,.0f}/s, {two / one:.2f} times one; load {os.getloadavg()[0]:.1f}"
    )


def rate(
    folder: Path, broker: Broker, front: FrontProcess, messages: Sequence[Message], workers: int
) -> float:
    """Return how many events per second some new workers land from a topic that is filled already."""
    database = folder.name.replace("-", "_")
    stack = Stack(folder, broker.servers, front, f"sqlite:///{folder}/store.db", database=database)
    stack.must("migrate")
    try:
        with closing(stack.open_log()) as log:
            for start in range(0, len(messages), AT_ONCE):
                log.append(CASES.name, messages[start : start + AT_ONCE])
            for number in range(workers):
                stack.worker(number + 1).launch()
            eventually(
                lambda: sum(log.committed(LandCases.group, CASES.name).values()) == len(messages),
                PATIENCE,
                "the workers did not finish",
            )
        return _landed_per_second(front, database)
    finally:
        stack.close()


def _landed_per_second(front: FrontProcess, database: str) -> float:
    """Count what landed after the first batch."""
    with closing(Warehouse(front.dsn, database=database)) as warehouse:
        found = warehouse.rows(
            "SELECT countIf(landed_at > first) AS landed, dateDiff('millisecond', first, max(landed_at)) AS took"
            " FROM case_events, (SELECT min(landed_at) AS first FROM case_events) AS begin GROUP BY first"
        )
    return 1_000 * int(found[0]["landed"]) / int(found[0]["took"])


if __name__ == "__main__":
    main()
