"""What one broken record in a hundred costs: the rate at which a worker lands cases without them, and with them.

    .venv/bin/python bench/poison.py [--events 40000] [--runs 3]

Each run appends the events to a topic of its own installation, starts one worker, and measures from its first committed
position to its last. Prints the medians and what is left of the rate.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.intake import NOW, rows  # noqa: E402 -- the path is set above
from events.log import Message  # noqa: E402 -- likewise
from events.topics import CASES  # noqa: E402 -- likewise
from services.actors import SYSTEM  # noqa: E402 -- likewise
from services.adapters.store import OUTBOX, Store  # noqa: E402 -- likewise
from services.commune.intake import Intake  # noqa: E402 -- likewise
from services.keys import ProvinceKeys  # noqa: E402 -- likewise
from services.streams.land import LandCases  # noqa: E402 -- likewise
from services.tables import load_tables  # noqa: E402 -- likewise
from services.texts import TextStore  # noqa: E402 -- likewise
from tests.chaos.poison import KINDS  # noqa: E402 -- likewise
from tests.clickhouse_front.process import FrontProcess, running_front  # noqa: E402 -- likewise
from tests.kafka_broker import Broker  # noqa: E402 -- likewise
from tests.stack import Stack  # noqa: E402 -- likewise

COMMUNES = ("15607", "15622", "15628", "15643", "15646", "15658", "15661", "15664")
PATIENCE = 600.0


def main() -> int:
    """Run the bench and print its figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=40_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()}"
    )
    with tempfile.TemporaryDirectory() as name, running_front(Path(name) / "engine") as front:
        folder = Path(name)
        broker = Broker(folder / "kafka").start()
        numbers = itertools.count(1)
        try:
            good = _good(folder, asked.events)
            rates: dict[str, list[float]] = {"good alone": [], "one in a hundred broken": []}
            for _ in range(asked.runs):
                for (case, measured), messages in zip(
                    rates.items(), (good, list(_with_broken(good))), strict=True
                ):
                    measured.append(_rate(folder / f"data-{next(numbers)}", broker, front, messages))
                    print(f"{case:<24} {measured[-1]:>9,.0f} events/s", flush=True)
        finally:
            broker.stop()
    medians = {case: statistics.median(measured) for case, measured in rates.items()}
    clean, broken = medians.values()
    print("medians: " + ", ".join(f"{case} {rate:,.0f}/s" for case, rate in medians.items()))
    print(f"with broken records {100 * broken / clean:.0f} % of the rate is left (at least 90 % is wanted)")
    return 0 if broken >= 0.9 * clean else 1


def _good(folder: Path, count: int) -> list[Message]:
    """Let the intake make events of several communes."""
    with closing(Store(f"sqlite:///{folder}/source.db")) as store:
        intake = Intake(store, TextStore(store), load_tables(), ProvinceKeys(folder / "keys"))
        for commune in COMMUNES:
            intake.sync_cases(commune, rows(count // len(COMMUNES), status=4), actor=SYSTEM, now=NOW)
        with store.read() as connection:
            found = connection.execute(
                select(OUTBOX.c.key, OUTBOX.c.value).where(OUTBOX.c.topic == CASES.name)
            )
            return [Message(key, value) for key, value in found]


def _with_broken(good: list[Message]) -> Iterator[Message]:
    kinds = itertools.cycle(KINDS.values())
    for number, message in enumerate(good):
        yield message
        if number % 100 == 99:
            yield Message(message.key, next(kinds)(message.value))


def _rate(data: Path, broker: Broker, front: FrontProcess, messages: list[Message]) -> float:
    """Return how many records per second a new worker takes from the topic."""
    stack = Stack(
        data, broker.servers, front, f"sqlite:///{data}/store.db", database=data.name.replace("-", "_")
    )
    stack.must("migrate")
    with closing(stack.open_log()) as log:
        log.append(CASES.name, messages)
        worker = stack.worker()
        worker.launch()
        try:
            first: tuple[float, int] | None = None
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline:
                done = sum(log.committed(LandCases.group, CASES.name).values())
                if done and first is None:
                    first = (time.monotonic(), done)
                if first is not None and done == len(messages):
                    return (done - first[1]) / (time.monotonic() - first[0])
                time.sleep(0.02)
            raise RuntimeError("the worker did not finish")
        finally:
            stack.close()


if __name__ == "__main__":
    sys.exit(main())
