"""Start `liencap` in processes of its own, by the fork server of this session: see tests/fork_server.py."""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from tests.fork_server import CODE

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ("services",)
_STARTING = threading.Lock()


class Process(Protocol):
    """What the tests do to a process, however it was started."""

    @property
    def pid(self) -> int:
        """Give the number of the process."""
        ...

    def poll(self) -> int | None:
        """Return the exit code, or nothing while it runs."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code."""
        ...

    def send_signal(self, number: int, /) -> None:
        """Send a signal, unless it has ended."""
        ...

    def kill(self) -> None:
        """End it as a power cut would."""
        ...


class Forked:
    """A process that the fork server started; it speaks as `subprocess.Popen` does."""

    def __init__(self, report: socket.socket) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._code: int | None = None
        self.pid = self._read(0)

    def poll(self) -> int | None:
        """Return the exit code, or nothing while it runs."""
        with self._lock:
            if self._code is None:
                try:
                    self._code = self._read(socket.MSG_DONTWAIT)
                except BlockingIOError:
                    return None
                self._report.close()
            return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        if self.poll() is None:
            select.select([self._report], [], [], timeout)
        code = self.poll()
        if code is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
        return code

    def send_signal(self, number: int, /) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send_signal(signal.SIGKILL)

    def _read(self, flags: int) -> int:
        said = self._report.recv(CODE.size, flags)
        assert said, "the fork server has ended"
        code: int = CODE.unpack(said)[0]
        return code


@functools.cache
def _fork_server() -> socket.socket:
    """Start the fork server of this process; it ends with it."""
    control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        # Whatever it forks prints at once, and no pool of threads has to outlive a fork.
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "OPENBLAS_NUM_THREADS": "1"}
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.fork_server"], cwd=ROOT, env=environment, stdin=theirs.fileno()
        )

    def end() -> None:
        control.close()
        server.wait()

    atexit.register(end)
    return control


def start(arguments: list[str], environment: Mapping[str, str], stdout: int, stderr: int) -> Forked:
    """Start `liencap` with these arguments and nothing but this environment; its output goes to the descriptors."""
    with _STARTING:
        control = _fork_server()
    report, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    asked = {"arguments": arguments, "environment": dict(environment), "folder": str(ROOT)}
    with theirs:
        socket.send_fds(control, [json.dumps(asked).encode()], [theirs.fileno(), stdout, stderr])
    return Forked(report)


def start_cold(
    arguments: list[str],
    environment: Mapping[str, str],
    stdout: int,
    stderr: int,
    *,
    program: tuple[str, ...] = PROGRAM,
) -> subprocess.Popen[bytes]:
    """Start `liencap`, or a module that stands for it, in a new interpreter: everything is imported anew."""
    return subprocess.Popen(
        [sys.executable, "-m", *program, *arguments], cwd=ROOT, env=environment, stdout=stdout, stderr=stderr
    )


def run(
    arguments: list[str], environment: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end and return what it printed.

    Raises:
        subprocess.TimeoutExpired: it did not end in time; it is killed.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = start(arguments, environment, out.fileno(), err.fileno())
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
            process.wait()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read().decode(), err.read().decode())
