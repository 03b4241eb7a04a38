"""Homes of journeys: the same story on one process, and on services apart with Kafka, PostgreSQL and a ClickHouse server."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.clickhouse_front.process import FrontProcess
from tests.journeys.installation import Apart, Installation, Running, liencap, serving
from tests.kafka_broker import Broker
from tests.postgres import PostgresCluster
from tests.stack import Stack

_NUMBERS = itertools.count(1)


class Home(Protocol):
    """Where an installation lives: it can be started, ended and started again."""

    def serving(self) -> contextlib.AbstractContextManager[Running]:
        """Start the installation and wait until it answers."""
        ...

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on it."""
        ...


class OneProcess:
    """Everything in one process on a folder."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def serving(self) -> contextlib.AbstractContextManager[Installation]:
        """Start the process."""
        return serving(self._data)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on the folder."""
        return liencap(self._data, *arguments)


class ServicesApart:
    """Each service and a worker a process of its own."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    @contextlib.contextmanager
    def serving(self) -> Iterator[Apart]:
        """Start the processes."""
        self.stack.start_all()
        running = Apart(self.stack)
        try:
            yield running
        finally:
            running.close()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line with the installation's settings."""
        return self.stack.run(*arguments)


@pytest.fixture
def stack(kafka: Broker, postgres: PostgresCluster, front: FrontProcess, tmp_path: Path) -> Iterator[Stack]:
    """Name an empty distributed installation with a database of its own; nothing runs yet."""
    made = Stack(
        tmp_path / "data", kafka.servers, front, postgres.new_database(), database=f"journey_{next(_NUMBERS)}"
    )
    yield made
    made.close()


@pytest.fixture(params=["one process", "services apart"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """Name an empty installation, once in each mode: whatever its users do there comes out the same."""
    if request.param == "one process":
        return OneProcess(tmp_path)
    return ServicesApart(request.getfixturevalue("stack"))
