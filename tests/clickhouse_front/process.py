"""Start, kill and restart the front from a test."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.kafka_broker import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 20.0


class FrontProcess:
    """The front as a process of its own, on one folder and one port for its whole life.

    For tests only. The address stays the same across kills and restarts, so that clients can be given it once:

        with running_front(tmp_path / "engine") as front:
            warehouse = Warehouse(front.dsn, database="liencap")
            migrate(warehouse)
            front.kill()              # SIGKILL: no goodbye; what was acknowledged is on the disk
            front.start()             # same folder, same port; returns when it answers
            front.pause()             # SIGSTOP: it is there and does not answer
            front.resume()            # SIGCONT
            front.stop()              # SIGTERM: finishes what runs

    `front.dsn_of("reader")` is the address with one of the made-up users of `protocol.USERS`. A client that asks while
    the front is down gets a refused or a reset connection, as from a server. `start` takes about two seconds, most of
    it to load the engine. The front must not be started with `fork` from a process that has loaded the engine;
    this class starts a fresh interpreter. A log of what it printed to stderr is in `front.log`.
    """

    def __init__(
        self,
        path: Path,
        *,
        port: int = 0,
        memory_mb: int = 1_000,
        lanes: int = 8,
        cluster: str | None = None,
    ) -> None:
        self.path = path
        self.port = port or free_port()
        self.log = path.parent / f"{path.name}.front.log"
        self._arguments = ["--memory-mb", str(memory_mb), "--lanes", str(lanes)]
        if cluster:
            self._arguments += ["--cluster", cluster]
        self._scheme = "http"
        self._process: subprocess.Popen[str] | None = None

    @property
    def dsn(self) -> str:
        """Give the address for a `Warehouse`."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Give the number of the running process."""
        assert self._process is not None, "the front does not run"
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Say whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def dsn_of(self, user: str) -> str:
        """Give the address with a made-up user and its password."""
        from urllib.parse import quote  # noqa: PLC0415 -- only here

        from tests.clickhouse_front.protocol import USERS  # noqa: PLC0415 -- only here

        secret = quote(USERS[user].password, safe="")
        return f"{self._scheme}://{user}:{secret}@127.0.0.1:{self.port}"

    def speak_tls(self, certificate: Path) -> None:
        """Speak HTTPS from the next start on, with a PEM file that holds certificate and key."""
        self._arguments += ["--certificate", str(certificate)]
        self._scheme = "https"

    def start(self) -> None:
        """Start it and wait until it answers."""
        assert not self.runs, "the front runs already"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "tests.clickhouse_front", "--path", str(self.path)]
        with self.log.open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                [*command, "--port", str(self.port), *self._arguments],
                cwd=ROOT,
                env={**os.environ, "TZ": "UTC"},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._process = process
        assert process.stdout is not None
        watchdog = threading.Timer(START_SECONDS, process.kill)
        watchdog.start()
        try:
            line = process.stdout.readline()
        finally:
            watchdog.cancel()
        process.stdout.close()
        assert line.startswith("ready: "), f"the front did not start: {self.log.read_text(encoding='utf-8')}"

    def kill(self) -> None:
        """End it as a power cut would, in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End it as an operator would, and return its exit code."""
        return self._end(signal.SIGTERM)

    def restart(self, *, away: float = 0.0) -> None:
        """Kill it, stay away for some seconds, and start it again."""
        self.kill()
        time.sleep(away)
        self.start()

    def pause(self) -> None:
        """Let it hang: connections are taken by the kernel, and nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """End it, whatever state it is in."""
        if self.runs:
            self.kill()

    def _end(self, number: signal.Signals) -> int:
        process = self._process
        assert process is not None, "the front does not run"
        process.send_signal(number)
        code = process.wait(STOP_SECONDS)
        self._process = None
        return code


@contextlib.contextmanager
def running_front(
    path: Path, *, memory_mb: int = 1_000, lanes: int = 8, cluster: str | None = None
) -> Iterator[FrontProcess]:
    """Keep a front running on a folder, and end it afterwards."""
    front = FrontProcess(path, memory_mb=memory_mb, lanes=lanes, cluster=cluster)
    front.start()
    try:
        yield front
    finally:
        front.close()
