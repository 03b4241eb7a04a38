"""Measure Kafka → validated → queryable in ClickHouse beside other ways of doing it: one broker, one run, one sink.

The floor polls with aiokafka and lets the engine read the bytes as they are: nothing is checked, no position is kept.
`landing` is the product's lane without the recount of roll-ups, `worker` the whole Faust worker with roll-ups. The
others poll in their own way and hand the same batches to the same step as `landing`: a plain Faust agent, and kafka-python.
`landing, 1 % broken` is the lane on the same events with one broken record behind every ninety-nine: of the eleven kinds
that are about as long as an event; `also long ones` has the twelfth among them, of 900 KB, which doubles the bytes.

Run: .venv/bin/python bench/kafka_landing.py [--events 200000] [--runs 3]
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import itertools
import logging
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.embedded_path import histories  # noqa: E402 -- the path is set above
from bench.landing import Uncounted, floor, fresh  # noqa: E402 -- as above
from events.log import Message  # noqa: E402 -- as above
from events.runs import Run, Runs, values_of  # noqa: E402 -- as above
from events.topics import CASES, topic_named  # noqa: E402 -- as above
from services.boot.garbage_collection import spare_collector  # noqa: E402 -- as above
from services.consuming.agents import AgentRunner, build_app  # noqa: E402 -- as above
from services.consuming.delivery import Backoff  # noqa: E402 -- as above
from services.consuming.in_faust import WorkerRuntime  # noqa: E402 -- as above
from services.consuming.runner import RunnerOptions, ThreadRunner  # noqa: E402 -- as above
from services.log.kafka import KafkaLog  # noqa: E402 -- as above
from services.log.kafka_cluster import KafkaCluster  # noqa: E402 -- as above
from services.log.kafka_reader import record_of  # noqa: E402 -- as above
from services.log.kafka_topics import create_topics  # noqa: E402 -- as above
from services.streams.land import LandCases  # noqa: E402 -- as above
from services.streams.read_cases import read_cases  # noqa: E402 -- as above
from services.streams.tally import Tally  # noqa: E402 -- as above
from services.warehouse.client import Warehouse  # noqa: E402 -- as above
from services.warehouse.migrations import migrate  # noqa: E402 -- as above
from tests.chaos.poison import KINDS  # noqa: E402 -- as above
from tests.kafka_broker import Broker, missing  # noqa: E402 -- as above

BATCH = 20_000
LONG = "a text near the limit"
PATIENCE = 600.0
_GROUPS = itertools.count(1)

Way = Callable[[Warehouse, KafkaCluster, int], None]


def now() -> dt.datetime:
    """Read the clock."""
    return dt.datetime.now(dt.UTC)


def step_of(warehouse: Warehouse, tally: Tally) -> LandCases:
    """Return the product's step under a group that nobody used before."""
    step = LandCases(warehouse, tally=tally)
    step.group = f"bench-{next(_GROUPS)}"
    return step


def finished(log: KafkaLog, group: str, events: int) -> bool:
    """Tell whether a group has committed everything."""
    return sum(log.committed(group, CASES.name).values()) >= events


def await_end(log: KafkaLog, group: str, events: int) -> None:
    """Wait until a group has committed everything."""
    deadline = time.monotonic() + PATIENCE
    while not finished(log, group, events):
        if time.monotonic() > deadline:
            raise SystemExit(f"{group} did not finish")
        time.sleep(0.1)


def run_of(topic: str, partition: int, found: Sequence[Any]) -> Run:
    """Turn polled records of a client into a run."""
    return Run(
        topic,
        partition,
        [each.offset for each in found],
        [each.value for each in found],
        lambda place: record_of(topic, found[place]),
    )


def run_floor(warehouse: Warehouse, cluster: KafkaCluster, events: int) -> None:
    """Aiokafka → JSONEachRow → engine, unchecked; the next poll overlaps the insert."""
    from aiokafka import AIOKafkaConsumer  # noqa: PLC0415 -- one of the ways

    async def consume() -> None:
        client = AIOKafkaConsumer(
            cluster.topic(CASES.name),
            **cluster.async_options(),
            group_id=f"floor-{next(_GROUPS)}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await client.start()
        done, inserting = 0, None
        while done < events:
            found = await client.getmany(timeout_ms=1_000, max_records=BATCH)
            runs = Runs(run_of(CASES.name, lane.partition, some) for lane, some in found.items())
            if inserting is not None:
                await inserting
                await client.commit()
            if len(runs):
                inserting = asyncio.get_running_loop().run_in_executor(None, floor, warehouse, [runs])
            done += len(runs)
        if inserting is not None:
            await inserting
        await client.commit()
        await client.stop()

    asyncio.run(consume())


def options() -> RunnerOptions:
    """Let a lane work as in a worker, without gauges."""
    return RunnerOptions(now, Backoff(), gauges=None, refused_in_a_row=1_000, progressed=lambda: None)


def run_lane(warehouse: Warehouse, cluster: KafkaCluster, events: int) -> None:
    """Run the product's lane without the recount."""
    with closing(KafkaLog(cluster)) as log:
        step = step_of(warehouse, Uncounted(warehouse))
        lane = ThreadRunner(log, step, CASES.name, options())
        lane.start()
        await_end(log, step.group, events)
        lane.stop()
        lane.join(30)


def run_worker(warehouse: Warehouse, cluster: KafkaCluster, events: int) -> None:
    """Run the Faust worker with its bulk lane, roll-ups included."""
    with closing(KafkaLog(cluster)) as log:
        step = step_of(warehouse, Tally(warehouse))
        runtime = WorkerRuntime(cluster, log, [step], clock=now)
        runtime.start()
        await_end(log, step.group, events)
        runtime.stop()


def run_agent(warehouse: Warehouse, cluster: KafkaCluster, events: int) -> None:
    """Hand every event through a Faust agent to the same step."""
    loop = asyncio.new_event_loop()
    with closing(KafkaLog(cluster)) as log:
        step = step_of(warehouse, Uncounted(warehouse))
        app = build_app(cluster, step.group)
        AgentRunner(app, cluster, log, step, CASES.name, options())

        async def consume() -> None:
            app.loop = loop
            app.finalize()
            await app.maybe_start()
            while not await asyncio.to_thread(finished, log, step.group, events):  # noqa: ASYNC110 -- the broker is asked
                await asyncio.sleep(0.1)
            await app.stop()

        asyncio.set_event_loop(loop)
        loop.run_until_complete(consume())


def run_kafka_python(warehouse: Warehouse, cluster: KafkaCluster, events: int) -> None:
    """Poll with kafka-python and hand the batches to the same step."""
    from kafka import KafkaConsumer  # noqa: PLC0415 -- one of the ways

    step = step_of(warehouse, Uncounted(warehouse))
    client = KafkaConsumer(
        cluster.topic(CASES.name),
        **cluster.sync_options(),
        group_id=step.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    done = 0
    while done < events:
        found = client.poll(timeout_ms=1_000, max_records=BATCH)
        runs = Runs(run_of(CASES.name, lane.partition, some) for lane, some in found.items())
        if len(runs):
            step.handle(read_cases(values_of(runs)).delivered(runs))
            client.commit()
        done += len(runs)
    client.close()


def with_broken(messages: Sequence[Message], without: str = "") -> Iterator[Message]:
    """Yield the messages, and behind every ninety-nine of them one that is broken; the kinds take turns."""
    kinds = itertools.cycle([breaks for kind, breaks in KINDS.items() if kind != without])
    for number, message in enumerate(messages, start=1):
        yield message
        if number % 99 == 0:
            yield Message(message.key, next(kinds)(message.value))


@dataclass(frozen=True, slots=True)
class Load:
    """A topic that was filled once, for every way to read; the broken ones are among the records."""

    cluster: KafkaCluster
    records: int
    broken: int = 0


def filled(cluster: KafkaCluster, messages: Sequence[Message], *, broken: int = 0) -> Load:
    """Publish messages to topics of their own, and print how long that took."""
    create_topics(cluster)
    began = time.perf_counter()
    with closing(KafkaLog(cluster)) as log:
        for start in range(0, len(messages), 10_000):
            log.append(CASES.name, messages[start : start + 10_000])
    seconds = time.perf_counter() - began
    print(
        f"  published {len(messages):,} in {seconds:.1f} s, {len(messages) / seconds:,.0f} records/s (idempotent, acks=all)"
    )
    return Load(cluster, len(messages), broken)


def rate_of(way: Way, load: Load, warehouse: Warehouse, table: str) -> float:
    """Return how many good events a second came to a table; all of them came, and all that is broken lies apart."""
    before = dead_letters(load.cluster)
    began = time.perf_counter()
    way(warehouse, load.cluster, load.records)
    seconds = time.perf_counter() - began
    good = load.records - load.broken
    key = "id" if table == "floor" else "event_id"
    there = warehouse.rows(f"SELECT uniqExact({key}) AS n FROM {table}")[0]["n"]  # noqa: S608 -- names of ours
    apart = dead_letters(load.cluster) - before
    if (there, apart) != (good, load.broken):
        raise SystemExit(f"{there:,} of {good:,} events are there, {apart:,} of {load.broken:,} lie apart")
    return good / seconds


def dead_letters(cluster: KafkaCluster) -> int:
    """Return how many records of the topic were set aside."""
    with closing(KafkaLog(cluster)) as log:
        return sum(log.end_positions(topic_named(CASES.name).dead_letters).values())


def loads(broker: Broker, events: int, slow_events: int) -> dict[str, Load]:
    """Fill the topics."""
    messages = list(histories(events - events % 4, seed=1))
    slow = messages[: slow_events - slow_events % 4]
    mixed, longer = list(with_broken(messages, without=LONG)), list(with_broken(messages))
    size = sum(len(each.value) for each in messages) / len(messages)
    print(f"  {len(messages):,} events of {size:.0f} bytes in {CASES.partitions} partitions")
    broken = len(mixed) - len(messages)
    several = {
        "all": (messages, 0),
        "some": (slow, 0),
        "mixed": (mixed, broken),
        "longer": (longer, broken),
    }
    return {
        name: filled(KafkaCluster(broker.servers, prefix=f"{name}-", replication=1), some, broken=apart)
        for name, (some, apart) in several.items()
    }


WAYS: dict[str, tuple[Way, str]] = {
    "floor, unvalidated": (run_floor, "all"),
    "landing": (run_lane, "all"),
    "landing, 1 % broken": (run_lane, "mixed"),
    "also long ones": (run_lane, "longer"),
    "worker, with roll-ups": (run_worker, "all"),
    "kafka-python": (run_kafka_python, "all"),
    "Faust agent": (run_agent, "some"),
}


def measured(engine: Warehouse, given: dict[str, Load], runs: int) -> dict[str, list[float]]:
    """Run every way several times, each into an empty database."""
    found: dict[str, list[float]] = {name: [] for name in WAYS}
    for number in range(runs):
        for name, (way, load) in WAYS.items():
            table = "floor" if way is run_floor else "case_events"
            with fresh(engine.dsn, number) as warehouse:
                found[name].append(rate_of(way, given[load], warehouse, table))
            print(f"    run {number + 1}: {name:<22} {found[name][-1]:>9,.0f} events/s", flush=True)
    return found


def main() -> None:
    """Print the medians of every way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--slow-events", type=int, default=60_000, help="how many of them the slower ways take"
    )
    asked = parser.parse_args()
    if reason := missing():
        raise SystemExit(reason)
    logging.disable(logging.WARNING)
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}, load {os.getloadavg()[0]:.1f};"
        " one broker on the same machine"
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        (Path(folder) / "log").open("w", encoding="utf-8") as lines,
        closing(Warehouse(f"chdb://{folder}/engine", memory_bytes=2_000_000_000)) as engine,
    ):
        structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=lines))
        broker = Broker(Path(folder) / "kafka", heap_mb=1_024).start()
        try:
            migrate(engine)
            spare_collector()
            found = measured(engine, loads(broker, asked.events, asked.slow_events), asked.runs)
        finally:
            broker.stop()
    best = statistics.median(found["floor, unvalidated"])
    for name, rates in found.items():
        rate = statistics.median(rates)
        print(f"  {name:<22} {rate:>9,.0f} events/s, {rate / best:.0%} of the floor")
    print(
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB, load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
