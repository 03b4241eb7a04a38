"""Installations of the chaos runs: their broker, engine and workers are killed, so no other tests use them."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.chaos.load import Load
from tests.chaos.verdict import judge, settle
from tests.clickhouse_front.process import FrontProcess
from tests.kafka_broker import Broker, missing
from tests.postgres import PostgresCluster
from tests.stack import Stack


@dataclass(slots=True)
class Ruin:
    """A running installation and what may be done to it.

    Attributes:
        chance: drawn from the seed that the run prints.
    """

    stack: Stack
    broker: Broker
    front: FrontProcess
    chance: random.Random
    seed: int
    say: Callable[[str], None]

    def officer(self, code: str) -> httpx2.Client:
        """Return a client with the token of a commune's officer."""
        token = self.stack.must("token", "create", "--role", "commune_officer", "--unit", code).strip()
        address = self.stack.parts["commune"].address
        assert address is not None
        return httpx2.Client(base_url=address, headers={"authorization": f"Bearer {token}"}, timeout=30)

    def load(self, rate: int) -> Load:
        """Let the communes work at this many events per second."""
        return Load(self.officer, rate=rate, seed=self.seed)

    def judge(self, load: Load) -> None:
        """Wait until everything has settled, and pass the verdict."""
        seconds = settle(self.stack)
        self.say(f"settled after {seconds:.1f} s; {judge(self.stack, load.ledger)}")


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int | None:
    """Return how many rounds were asked for on the command line."""
    asked = request.config.getoption("--rounds")
    return int(asked) if asked is not None else None


@dataclass(slots=True)
class Ground:
    """What an installation of a chaos run stands on."""

    folder: Path
    broker: Broker
    store_url: str
    another_store: Callable[[], str]
    seed: int
    say: Callable[[str], None]

    @contextmanager
    def installation(
        self, *, engine: Path | None = None, store_url: str | None = None, workers: int = 2
    ) -> Iterator[Ruin]:
        """Start an engine, the commune service, and workers; the broker too, where a run left it dead."""
        broker = self.broker
        if broker.pid is None:
            broker.start()
        front = FrontProcess(engine or self.folder / "engine")
        front.start()
        stack = Stack(self.folder / "data", broker.servers, front, store_url or self.store_url)
        try:
            stack.must("migrate")
            parts = [stack.service("commune"), *(stack.worker(number + 1) for number in range(workers))]
            for part in parts:
                part.launch()
            for part in parts:
                part.wait_until_ready()
            yield Ruin(stack, broker, front, random.Random(self.seed), self.seed, self.say)
        finally:
            stack.close()
            front.close()
            broker.go_on()


@pytest.fixture(scope="package")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Keep one broker for all chaos runs, for starting one costs seconds; each installation has topics of its own."""
    if reason := missing():
        pytest.skip(reason)
    broker = Broker(tmp_path_factory.mktemp("kafka"), short_lived=True)
    yield broker
    broker.stop()


@pytest.fixture
def ground(
    request: pytest.FixtureRequest,
    broker: Broker,
    postgres: PostgresCluster,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    seed: int,
) -> Ground:
    """A folder, a store and a seed, which is printed."""

    def say(sentence: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n  {request.node.name}: {sentence}")
            sys.stdout.flush()

    say(f"--seed {seed}")
    return Ground(tmp_path, broker, postgres.new_database(), postgres.new_database, seed, say)


@pytest.fixture
def ruin(ground: Ground) -> Iterator[Ruin]:
    """Start an installation with two workers."""
    with ground.installation() as ruin:
        yield ruin
