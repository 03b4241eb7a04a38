"""Fixtures that several folders of tests share."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest
import structlog

from services.warehouse.client import Warehouse
from tests.clickhouse_front.process import FrontProcess, running_front
from tests.databases import Databases
from tests.kafka_broker import Broker, missing
from tests.postgres import PostgresCluster, why_missing
from tests.stores import empty_store

STORES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.slow))
"""The engines of a store; the quick tests use the first, the slow ones the second."""


def pytest_configure(config: pytest.Config) -> None:
    """No example of a property is timed; with `--seed` the same examples are drawn each time.

    Log lines are plain: a drawn traceback with all variables, the default on a terminal, costs more than many a test.
    """
    plain = structlog.processors.KeyValueRenderer(key_order=["event"])
    structlog.configure(processors=[structlog.processors.format_exc_info, plain])
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
    hypothesis.settings.load_profile("untimed" if config.getoption("--seed") is None else "repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the long runs be asked for: `pytest tests/chaos --rounds 100 --seed 7`."""
    parser.addoption("--rounds", type=int, default=None, help="rounds of each chaos run")
    parser.addoption("--seed", type=int, default=None, help="what a failed test printed: draw the same again")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Draw the number that decides what a test draws, and print it; `--seed` repeats it."""
    asked = request.config.getoption("--seed")
    number = random.SystemRandom().randrange(10**9) if asked is None else int(asked)
    sys.stdout.write(f"--seed {number}\n")
    return number


@pytest.fixture(scope="session")
def warehouse_dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Keep one engine open for the whole session: a process can have one folder open, and opening costs seconds."""
    dsn = f"chdb://{tmp_path_factory.mktemp('warehouse')}"
    engine = Warehouse(dsn, database="default")
    engine.clock()
    yield dsn
    engine.close()


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontProcess]:
    """Keep one front of the engine running for the whole session, as a server would; who kills one has their own."""
    with running_front(tmp_path_factory.mktemp("front") / "engine") as front:
        yield front


@pytest.fixture(scope="session")
def front_dsn(front: FrontProcess) -> str:
    """Give the address of the session's front."""
    return front.dsn


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a test marked `over_http` run twice: on the engine in this process, and, with the slow ones, on a server."""
    if "warehouse" in metafunc.fixturenames and metafunc.definition.get_closest_marker("over_http"):
        engines = [
            pytest.param("databases", id="in process"),
            pytest.param("front_databases", id="over HTTP", marks=pytest.mark.slow),
        ]
        metafunc.parametrize("warehouse", engines, indirect=True)


@pytest.fixture(scope="session")
def databases(warehouse_dsn: str) -> Databases:
    """Give the databases of the session's engine."""
    return Databases(warehouse_dsn)


@pytest.fixture(scope="session")
def front_databases(front_dsn: str) -> Databases:
    """Give the databases of the session's front."""
    return Databases(front_dsn)


@pytest.fixture
def warehouse(request: pytest.FixtureRequest) -> Iterator[Warehouse]:
    """An empty database of the session's engine, or of the front."""
    with _lent(request.getfixturevalue(getattr(request, "param", "databases"))) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def warehouse_module(databases: Databases) -> Iterator[Warehouse]:
    """One database for a module whose tests empty it themselves."""
    with _lent(databases) as shared:
        yield shared


@contextmanager
def _lent(databases: Databases) -> Iterator[Warehouse]:
    fresh = databases.fresh()
    yield fresh
    databases.give_back(fresh)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Run one real broker for the whole session; starting one costs seconds."""
    if reason := missing():
        pytest.skip(reason)
    broker = Broker(tmp_path_factory.mktemp("kafka"), short_lived=True).start()
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """Keep one private PostgreSQL for the whole session; a test that kills it starts it again."""
    if (reason := why_missing()) is not None:
        pytest.skip(reason)
    cluster = PostgresCluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture
def postgres_url(postgres: PostgresCluster) -> str:
    """Give the address of an empty store in PostgreSQL."""
    return postgres.new_store()


@pytest.fixture(params=STORES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty store, once on each engine: whatever stands on a store holds on both."""
    if request.param == "sqlite":
        return empty_store(tmp_path / "store.db")
    return str(request.getfixturevalue("postgres_url"))
