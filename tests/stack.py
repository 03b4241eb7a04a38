"""A distributed installation for tests: real broker, PostgreSQL, the ClickHouse front, and each service a process."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from services.log.kafka import KafkaLog
from services.log.kafka_cluster import KafkaCluster
from tests.clickhouse_front.process import FrontProcess
from tests.kafka_broker import free_port
from tests.processes import PROGRAM, ROOT, Process, run, start, start_cold

START_SECONDS = 240.0
MOST_STARTS = 5
_NUMBERS = itertools.count(1)
_READY = re.compile(r"ready on (http://\S+)/|streams are running")


@dataclass(slots=True)
class Part:
    """One process of the installation; it keeps its name, port and folder over kills and restarts.

    Attributes:
        is_cold: it starts in a new interpreter, which imports everything anew, instead of as a fork that has it.
    """

    name: str
    arguments: list[str]
    environment: dict[str, str]
    output: Path
    program: tuple[str, ...] = PROGRAM
    is_cold: bool = False
    process: Process | None = None
    address: str | None = None
    said_before: int = 0

    @property
    def runs(self) -> bool:
        """Tell whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def launch(self) -> None:
        """Start the process without waiting."""
        self.output.touch()
        self.said_before = self.output.stat().st_size
        with self.output.open("ab") as file:
            printed = file.fileno()
            if self.program == PROGRAM and not self.is_cold:
                self.process = start(self.arguments, self.environment, printed, printed)
            else:
                self.process = start_cold(
                    self.arguments, self.environment, printed, printed, program=self.program
                )

    def start(self) -> None:
        """Start the process and wait until it says that it is ready."""
        self.launch()
        self.wait_until_ready()

    def wait_until_ready(self, patience: float = START_SECONDS) -> None:
        """Wait until the process that was launched says that it is ready."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            said = self.output.read_bytes()[self.said_before :].decode(errors="replace")
            if found := _READY.search(said):
                self.address = found[1]
                return
            if not self.runs:
                raise AssertionError(f"{self.name} ended at its start:\n{said[-4_000:]}")
            time.sleep(0.05)
        raise AssertionError(
            f"{self.name} did not start:\n{self.output.read_text(errors='replace')[-4_000:]}"
        )

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.end(signal.SIGKILL)

    def stop(self, patience: float = 120.0) -> int:
        """End the process as an operator would, and return its exit code."""
        return self.end(signal.SIGTERM, patience)

    def end(self, number: signal.Signals, patience: float = 120.0) -> int:
        """Send a signal and wait for the end."""
        if self.process is None:
            return 0
        if self.runs:
            self.process.send_signal(number)
        return self.process.wait(patience)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal: SIGSTOP and SIGCONT let the process stand still and go on."""
        if self.process is not None and self.runs:
            self.process.send_signal(number)


@dataclass(slots=True)
class Stack:
    """The settings that all processes of one installation share, and its processes.

    Args:
        folder: keys, secret and what the processes print.
        kafka_servers: a running broker.
        front: a running front of the engine.
        store_url: address of the store.
        program: the module, with arguments of its own, that stands for the command `liencap`.
        provinces: what the store keeps; by default everything.
    """

    folder: Path
    kafka_servers: str
    front: FrontProcess
    store_url: str
    database: str = "liencap"
    program: tuple[str, ...] = PROGRAM
    provinces: str = ""
    prefix: str = field(default_factory=lambda: f"s{os.getpid()}-{next(_NUMBERS)}-")
    parts: dict[str, Part] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Give the variables of every process."""
        return {
            **os.environ,
            "LIENCAP_DATA": str(self.folder),
            "LIENCAP_KAFKA_SERVERS": self.kafka_servers,
            "LIENCAP_KAFKA_PREFIX": self.prefix,
            "LIENCAP_KAFKA_REPLICATION": "1",
            "LIENCAP_STORE_URL": self.store_url,
            "LIENCAP_PROVINCES": self.provinces,
            "LIENCAP_WAREHOUSE_DSN": self.front.dsn,
            "LIENCAP_WAREHOUSE_DATABASE": self.database,
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def cluster(self) -> KafkaCluster:
        """Name the cluster as the processes do."""
        return KafkaCluster(self.kafka_servers, prefix=self.prefix, replication=1)

    def open_log(self) -> KafkaLog:
        """Open the log from the test's own process."""
        return KafkaLog(self.cluster)

    def run(self, *arguments: str, timeout: float = 180) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        if self.program == PROGRAM:
            return run(list(arguments), self.environment, timeout)
        return subprocess.run(
            [sys.executable, "-m", *self.program, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def must(self, *arguments: str, timeout: float = 180) -> str:
        """Run one command that has to succeed and return what it prints."""
        done = self.run(*arguments, timeout=timeout)
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def service(self, role: str) -> Part:
        """Return the process of one service, not started."""
        port = str(free_port())
        return self._part(role, ["serve", "--role", role, "--port", port])

    def worker(self, number: int = 1) -> Part:
        """Return the process of one worker, not started."""
        return self._part(f"worker-{number}", ["worker"])

    def start_all(self) -> None:
        """Bring everything in line and start the three services and a worker side by side."""
        self.must("migrate")
        started = [*(self.service(role) for role in ("commune", "province", "ministry")), self.worker()]
        for part in started:
            part.launch()
        for part in started:
            part.wait_until_ready()

    def bring_back(self) -> None:
        """Wait until every part is ready; what fell, also at its start, is started again, as its supervisor would let it.

        Raises:
            AssertionError: a part runs and does not get ready, or ends at each of its starts.
        """
        for part in self.parts.values():
            for _ in range(MOST_STARTS):
                if not part.runs:
                    part.launch()
                try:
                    part.wait_until_ready()
                except AssertionError:
                    if part.runs:
                        raise
                else:
                    break
            else:
                said = part.output.read_text(errors="replace")[-4_000:]
                raise AssertionError(f"{part.name} does not come back:\n{said}")

    def close(self) -> None:
        """End every process."""
        for part in self.parts.values():
            if part.runs:
                part.signal(signal.SIGCONT)
                part.kill()

    def _part(self, name: str, arguments: list[str]) -> Part:
        if name not in self.parts:
            self.folder.mkdir(parents=True, exist_ok=True)
            output = self.folder / f"{name}.out"
            self.parts[name] = Part(name, arguments, self.environment, output, self.program)
        return self.parts[name]
