"""Measure Kafka → validated → queryable in ClickHouse beside other ways of doing it: one broker, one run, one sink.

The floor polls with aiokafka and lets the engine read the bytes as they are: nothing is checked, no position is kept.
`landing` is the product's lane without the recount of roll-ups, `worker` the whole Faust worker with roll-ups. The
peers poll in their own way and hand their batches to the same step as `landing`: a plain Faust agent, kafka-python,
Quix Streams with a sink of its kind. All check each record by the contract, set aside what breaks it, and commit a
position only after the insert is durable; a run in which a record is missing or lies at the wrong place ends the bench.
`landing, 1 % broken` is the lane on the same events with one broken record behind every ninety-nine: of the eleven kinds
that are about as long as an event; `also long ones` has the twelfth among them, of 900 KB, which doubles the bytes.

Processor time is that of this process, engine and client included; the broker's is counted apart.

Run: .venv/bin/python bench/kafka_landing.py [--events 200000] [--runs 3] [--only WAY]
Quix Streams wants older versions of what the product uses, so it lies beside it, in a folder that git ignores:
     .venv/bin/uv pip install --group bench --target .peers
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import importlib.util
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
sys.path.append(str(ROOT / ".peers"))  # last: what the product has comes first

from bench.embedded_path import histories  # noqa: E402 -- the path is set above
from bench.landing import Uncounted, floor, fresh  # noqa: E402 -- as above
from events.log import Message, Position, Record  # noqa: E402 -- as above
from events.runs import Run, Runs  # noqa: E402 -- as above
from events.topics import CASES, topic_named  # noqa: E402 -- as above
from services.boot.garbage_collection import spare_collector  # noqa: E402 -- as above
from services.consuming.agents import AgentRunner, build_app  # noqa: E402 -- as above
from services.consuming.delivery import Backoff, Delivery, RunnerStatus  # noqa: E402 -- as above
from services.consuming.in_faust import WorkerRuntime  # noqa: E402 -- as above
from services.consuming.runner import RunnerOptions, ThreadRunner  # noqa: E402 -- as above
from services.log.kafka import KafkaLog  # noqa: E402 -- as above
from services.log.kafka_cluster import KafkaCluster  # noqa: E402 -- as above
from services.log.kafka_reader import record_of  # noqa: E402 -- as above
from services.log.kafka_topics import create_topics  # noqa: E402 -- as above
from services.streams.land import LandCases  # noqa: E402 -- as above
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


def handed_to(log: KafkaLog, step: LandCases) -> Delivery:
    """Return what a lane does with a batch: read it, set aside what is no event, land the rest."""

    def give_up(_seconds: float) -> bool:
        return True

    return Delivery(log, step, CASES.name, status=RunnerStatus(), clock=now, pause=give_up, backoff=Backoff())


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
    with closing(KafkaLog(cluster)) as log:
        delivery, done = handed_to(log, step), 0
        while done < events:
            found = client.poll(timeout_ms=1_000, max_records=BATCH)
            runs = Runs(run_of(CASES.name, lane.partition, some) for lane, some in found.items())
            if len(runs):
                delivery.carry(delivery.read(runs))
                client.commit()
            done += len(runs)
    client.close()


def run_quix(warehouse: Warehouse, cluster: KafkaCluster, events: int) -> None:
    """Let Quix Streams poll, gather and commit; its checkpoint empties the sink first."""
    from quixstreams import Application  # noqa: PLC0415 -- one of the ways, and not always there
    from quixstreams.sinks import BaseSink  # noqa: PLC0415 -- as above

    class Landing(BaseSink):
        """Gather records by partition and hand all to the step at once."""

        def __init__(self, delivery: Delivery) -> None:
            super().__init__()
            self._delivery = delivery
            self._found: dict[int, tuple[list[int], list[bytes]]] = {}

        def add(
            self,
            value: bytes | None,
            key: Any,  # noqa: ARG002 -- as the library calls it
            timestamp: int,  # noqa: ARG002 -- as above
            headers: Any,  # noqa: ARG002 -- as above
            topic: str,  # noqa: ARG002 -- as above
            partition: int,
            offset: int,
        ) -> None:
            offsets, values = self._found.setdefault(partition, ([], []))
            offsets.append(offset)
            values.append(value or b"")

        def flush(self) -> None:
            found, self._found = self._found, {}
            runs = Runs(gathered(partition, *run) for partition, run in found.items())
            if len(runs):
                self._delivery.carry(self._delivery.read(runs))

    with closing(KafkaLog(cluster)) as log, tempfile.TemporaryDirectory() as folder:
        step = step_of(warehouse, Uncounted(warehouse))
        app = Application(
            cluster.servers,
            consumer_group=cluster.group(step.group),
            auto_offset_reset="earliest",
            auto_create_topics=False,
            use_changelog_topics=False,
            commit_every=BATCH,
            max_partition_buffer_size=BATCH,
            state_dir=folder,
            loglevel=None,
        )
        topic = app.topic(cluster.topic(CASES.name), key_deserializer="bytes", value_deserializer="bytes")
        app.dataframe(topic).sink(Landing(handed_to(log, step)))
        app.run(count=events, timeout=PATIENCE, collect=False)
        await_end(log, step.group, events)


def gathered(partition: int, offsets: list[int], values: list[bytes]) -> Run:
    """Make a run of what a sink gathered."""

    def record(place: int) -> Record:
        position = Position(CASES.name, partition, offsets[place])
        return Record(position, "", values[place], {}, now())

    return Run(CASES.name, partition, offsets, values, record)


def missing_peer() -> str | None:
    """Return why Quix Streams cannot take part, if it cannot."""
    if importlib.util.find_spec("quixstreams") is None:
        return (
            "Quix Streams is not here and is left out; .venv/bin/uv pip install --group bench --target .peers"
        )
    return None


@dataclass(frozen=True, slots=True)
class Figure:
    """What one run of a way took.

    Attributes:
        good: events that came to the table; `size` is the bytes of all records.
        own: seconds of processor time of this process, engine included; `broker` those of the broker.
    """

    good: int
    size: int
    seconds: float
    own: float
    broker: float

    @property
    def rate(self) -> float:
        """Return good events a second."""
        return self.good / self.seconds

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"{self.rate:>9,.0f} events/s, {self.own / self.good * 1e6:5.1f} us of processor time each,"
            f" {self.size / self.own / 1e6:5.1f} MB/s a core, with the broker"
            f" {self.size / (self.own + self.broker) / 1e6:5.1f}"
        )


def processor_seconds(pid: int | None) -> float:
    """Return the processor time of another process so far."""
    if pid is None:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
    size: int
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
    return Load(cluster, len(messages), sum(len(each.value) for each in messages), broken)


def figure_of(way: Way, load: Load, warehouse: Warehouse, table: str, broker: Broker) -> Figure:
    """Measure a way; all good events came to the table, and all that is broken lies apart."""
    before, brokers = dead_letters(load.cluster), processor_seconds(broker.pid)
    began, worked = time.perf_counter(), time.process_time()
    way(warehouse, load.cluster, load.records)
    seconds, own = time.perf_counter() - began, time.process_time() - worked
    brokers = processor_seconds(broker.pid) - brokers
    good = load.records - load.broken
    key = "id" if table == "floor" else "event_id"
    there = warehouse.rows(f"SELECT uniqExact({key}) AS n FROM {table}")[0]["n"]  # noqa: S608 -- names of ours
    apart = dead_letters(load.cluster) - before
    if (there, apart) != (good, load.broken):
        raise SystemExit(f"{there:,} of {good:,} events are there, {apart:,} of {load.broken:,} lie apart")
    return Figure(good, load.size, seconds, own, brokers)


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
    "Quix Streams": (run_quix, "all"),
    "Quix Streams, 1 % broken": (run_quix, "mixed"),
    "Faust agent": (run_agent, "some"),
}


def measured(
    engine: Warehouse, broker: Broker, given: dict[str, Load], ways: Sequence[str], runs: int
) -> dict[str, list[Figure]]:
    """Run every way several times, each into an empty database."""
    found: dict[str, list[Figure]] = {name: [] for name in ways}
    for number in range(runs):
        for name in ways:
            way, load = WAYS[name]
            table = "floor" if way is run_floor else "case_events"
            with fresh(engine.dsn, number) as warehouse:
                found[name].append(figure_of(way, given[load], warehouse, table, broker))
            print(f"    run {number + 1}: {name:<24} {found[name][-1].line()}", flush=True)
    return found


def main() -> None:
    """Print the medians of every way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--slow-events", type=int, default=60_000, help="how many of them the slower ways take"
    )
    parser.add_argument("--only", action="append", choices=list(WAYS), help="a way to run; may be repeated")
    asked = parser.parse_args()
    if reason := missing():
        raise SystemExit(reason)
    ways = [name for name in WAYS if asked.only is None or name in asked.only]
    if reason := missing_peer():
        print(reason)
        ways = [name for name in ways if WAYS[name][0] is not run_quix]
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
            given = loads(broker, asked.events, asked.slow_events)
            found = measured(engine, broker, given, ways, asked.runs)
        finally:
            broker.stop()
    for name, figures in found.items():
        middle = sorted(figures, key=lambda one: one.own / one.good)[len(figures) // 2]
        rate = statistics.median(one.rate for one in figures)
        print(f"  {name:<24} median {rate:>9,.0f} events/s; {middle.line()}")
    print(
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB, load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
