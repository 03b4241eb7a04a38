"""Installations of the chaos runs: their broker, engine and workers are killed, so no other tests use them.

Most runs share one, which lives through all of them: starting one costs more than what a run does to it. Whatever a
run left dead comes back before the next; after a run that failed the next one gets a new installation.
"""

from __future__ import annotations

import random
import sys
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
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
        seed: decides what the communes send; another one for each run, so that no two send the same cases.
    """

    stack: Stack
    broker: Broker
    front: FrontProcess
    chance: random.Random
    seed: int
    say: Callable[[str], None]
    tokens: dict[str, str] = field(default_factory=dict)

    def officer(self, code: str) -> httpx2.Client:
        """Return a client with the token of a commune's officer."""
        if code not in self.tokens:
            made = self.stack.must("token", "create", "--role", "commune_officer", "--unit", code)
            self.tokens[code] = made.strip()
        address = self.stack.parts["commune"].address
        assert address is not None
        headers = {"authorization": f"Bearer {self.tokens[code]}"}
        return httpx2.Client(base_url=address, headers=headers, timeout=30)

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
    load_seed: int
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
            yield Ruin(stack, broker, front, random.Random(self.seed), self.load_seed, self.say)
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
    load_seed = seed + zlib.crc32(request.node.nodeid.encode())
    return Ground(tmp_path, broker, postgres.new_database(), postgres.new_database, seed, load_seed, say)


class Shared:
    """The installation that most runs share; it starts with the first of them."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._ruin: Ruin | None = None

    def lend(self, ground: Ground) -> Ruin:
        """Return the installation with everything at work, for the run of this ground."""
        if self._ruin is None:
            self._ruin = self._open.enter_context(ground.installation())
        ruin = self._ruin
        if ruin.broker.pid is None:
            ruin.broker.start()
        if not ruin.front.runs:
            ruin.front.start()
        ruin.stack.bring_back()
        return replace(ruin, chance=random.Random(ground.seed), seed=ground.load_seed, say=ground.say)

    def take_back(self) -> None:
        """End the processes that a run added."""
        assert self._ruin is not None
        parts = self._ruin.stack.parts
        for name in set(parts) - {"commune", "worker-1", "worker-2"}:
            assert parts.pop(name).stop() == 0

    def close(self) -> None:
        """End the installation."""
        self._ruin = None
        self._open.close()


@pytest.fixture(scope="package")
def shared() -> Iterator[Shared]:
    """Keep the installation that most runs share."""
    shared = Shared()
    yield shared
    shared.close()


FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let sockets of refused connections go: the clients of a broker that is away leave them to the collector, which runs at any time."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note which runs failed: they leave no installation to others."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
def ruin(ground: Ground, shared: Shared, request: pytest.FixtureRequest) -> Iterator[Ruin]:
    """Lend the shared installation, with two workers."""
    yield shared.lend(ground)
    if request.node.stash.get(FAILED, False):
        shared.close()
    else:
        shared.take_back()
