"""A process that has the product's modules loaded and forks a copy of itself for each start: `python -m tests.fork_server`.

A start of `liencap` costs two seconds of processor time, nearly all of it imports, and the long tests start hundreds.
What is forked is a process like any other: it has its own memory, descriptors, environment and exit code, runs
`services` as the module of the command line, and can be killed, stopped and paused. Only its imports happened before.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import struct
import sys
import time
from dataclasses import dataclass

PROGRAM = "services"
LOADED = (
    "services.boot.engine_watch",
    "services.boot.open",
    "services.boot.pages",
    "services.boot.prepare",
    "services.boot.serving",
    "services.cli",
    "services.connectors.case_importer",
    "services.consuming.in_faust",
    "services.maintenance.doctor",
    "services.maintenance.replay",
    "services.maintenance.session",
    "services.simulate.demo",
    "services.simulate.run",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
)
"""What the commands import; not the engine, which must not be loaded before a fork."""
MOST_BYTES = 1 << 18
CODE = struct.Struct("!i")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a start was asked with."""

    arguments: list[str]
    environment: dict[str, str]
    folder: str
    report: socket.socket
    stdout: int
    stderr: int


def serve(control: socket.socket) -> Asked | None:
    """Fork at each request and report pids and exit codes; return in each fork with its request, at the end with nothing."""
    reports: dict[int, socket.socket] = {}
    woken, wake = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if woken in ready:
                woken.recv(4_096)
                _report_ended(reports)
            if control not in ready:
                continue
            asked = _read(control)
            if asked is None:
                # The tests are over, or were killed: what they left running ends with them.
                for pid in reports:
                    os.kill(pid, signal.SIGKILL)
                return None
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for one in (*reports.values(), control, woken, wake):
                    one.close()
                return asked
            os.close(asked.stdout)
            os.close(asked.stderr)
            _tell(asked.report, pid)
            reports[pid] = asked.report


def _read(control: socket.socket) -> Asked | None:
    message, descriptors, _flags, _address = socket.recv_fds(control, MOST_BYTES, 3)
    if not message:
        return None
    report, stdout, stderr = descriptors
    return Asked(**json.loads(message), report=socket.socket(fileno=report), stdout=stdout, stderr=stderr)


def _tell(report: socket.socket, number: int) -> None:
    """Report a pid or an exit code; nobody reads it any more where the test dropped its process."""
    with contextlib.suppress(OSError):
        report.send(CODE.pack(number))


def _report_ended(reports: dict[int, socket.socket]) -> None:
    while reports:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with reports.pop(pid) as report:
            _tell(report, os.waitstatus_to_exitcode(status))


def become(asked: Asked) -> None:
    """Take over descriptors, folder, environment and arguments of the start."""
    asked.report.close()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, number in ((nothing, 0), (asked.stdout, 1), (asked.stderr, 2)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(asked.folder)
    os.environ.clear()
    os.environ.update(asked.environment)
    time.tzset()
    sys.argv = [PROGRAM, *asked.arguments]


def main() -> None:
    """Load the modules, serve, and in each fork run the command."""
    control = socket.socket(fileno=os.dup(0))
    for name in LOADED:
        importlib.import_module(name)
    # Else the collections of each fork, at its end at the latest, copy everything that is loaded.
    gc.collect()
    gc.freeze()
    asked = serve(control)
    if asked is not None:
        become(asked)
        runpy.run_module(PROGRAM, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
