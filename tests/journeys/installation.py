"""A real installation for journeys, spoken to over HTTP: `liencap serve` as one process, or each service apart."""

from __future__ import annotations

import abc
import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import httpx2

from tests.processes import Process, run, start, start_cold
from tests.stack import Stack

START_SECONDS = 240


def liencap(data: Path, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run the command line on a data folder."""
    return run(list(arguments), {**os.environ, "LIENCAP_DATA": str(data)}, timeout)


class Running(abc.ABC):
    """A running installation, and the tokens of those who speak to it."""

    def __init__(self) -> None:
        self._clients: dict[tuple[str, ...], httpx2.Client] = {}

    def as_(self, role: str, unit: str, body: str | None = None) -> httpx2.Client:
        """Return a client with a token that the command line made."""
        key = (role, unit, body or "")
        if key not in self._clients:
            wanted = ["token", "create", "--role", role, "--unit", unit, *(["--body", body] if body else [])]
            made = self.run(*wanted)
            assert made.returncode == 0, made.stderr
            headers = {"authorization": f"Bearer {made.stdout.strip()}"}
            self._clients[key] = httpx2.Client(base_url=self.address_for(role), headers=headers, timeout=30)
        return self._clients[key]

    @abc.abstractmethod
    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on this installation."""

    @abc.abstractmethod
    def address_for(self, role: str) -> str:
        """Tell where people of a role go."""

    @abc.abstractmethod
    def kill(self) -> None:
        """End it as a power cut would."""

    @abc.abstractmethod
    def stop(self) -> int:
        """End it as an operator would, and return the exit code."""

    def close(self) -> None:
        """Let go of the clients."""
        for client in self._clients.values():
            client.close()


class Installation(Running):
    """A running server: everything in one process."""

    def __init__(self, data: Path, process: Process, address: str) -> None:
        super().__init__()
        self.data = data
        self.process = process
        self.address = address

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on this installation."""
        return liencap(self.data, *arguments)

    def address_for(self, role: str) -> str:  # noqa: ARG002 -- one process answers every role
        """Tell where people of a role go."""
        return self.address

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> int:
        """End the process as an operator would, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def close(self) -> None:
        """Let go of everything."""
        super().close()
        if self.process.poll() is None:
            self.kill()


class Apart(Running):
    """The three services and a worker as processes of their own."""

    def __init__(self, stack: Stack) -> None:
        super().__init__()
        self.stack = stack

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on this installation."""
        return self.stack.run(*arguments)

    def address_for(self, role: str) -> str:
        """Tell where people of a role go."""
        level = role.split("_", 1)[0]
        service = level if level in {"commune", "ministry"} else "province"
        address = self.stack.parts[service].address
        assert address is not None
        return address

    def kill(self) -> None:
        """End every process as a power cut would."""
        for part in self.stack.parts.values():
            part.kill()

    def stop(self) -> int:
        """End every process as an operator would, and return the worst exit code."""
        return max(part.stop() for part in self.stack.parts.values())

    def close(self) -> None:
        """Let go of everything."""
        super().close()
        self.stack.close()


@contextlib.contextmanager
def serving(
    data: Path, *arguments: str, patience: float = START_SECONDS, is_cold: bool = False
) -> Iterator[Installation]:
    """Start a server on a free port and wait until it says where it is."""
    read, written = os.pipe()
    begin = start_cold if is_cold else start
    with os.fdopen(read, encoding="utf-8", errors="replace") as output:
        environment = {**os.environ, "LIENCAP_DATA": str(data)}
        process = begin([*(arguments or ("serve",)), "--port", "0"], environment, written, written)
        os.close(written)
        running = Installation(data, process, _address(process, output, patience))
        try:
            yield running
        finally:
            running.close()


def _address(process: Process, output: TextIO, patience: float) -> str:
    lines: list[str] = []
    watchdog = threading.Timer(patience, process.kill)
    watchdog.start()
    try:
        for line in output:
            lines.append(line)
            if found := re.search(r"ready on (http://\S+)/", line):
                # The rest is read and dropped, so that the pipe never fills.
                threading.Thread(target=_drain, args=(output,), daemon=True).start()
                return found[1]
    finally:
        watchdog.cancel()
    raise AssertionError("the server did not start:\n" + "".join(lines))


def _drain(stream: Any) -> None:
    with contextlib.suppress(ValueError, OSError):
        for _ in stream:
            pass


def eventually(ask: Any, seconds: float = 60, otherwise: str = "it did not come true in time") -> Any:
    """Ask until the answer is true, and return it; fail with `otherwise` when that takes too long."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.1)
    return answer
