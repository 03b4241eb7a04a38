"""Serve HTTP until a signal arrives, then stop in order: no new requests, streams drained, stores closed."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from services.boot.door import LOOPBACK, open_door
from services.boot.engine_watch import die_of_fatal_signals, watching
from services.boot.steps import warm_up
from services.boot.system import Echo, Service, System, Worker
from services.consuming.progress import settle
from services.errors import SetupError
from services.web.operations.app import build_operations

if TYPE_CHECKING:
    from fastapi import FastAPI

GRACE_SECONDS = 8
BACKLOG = 1_024
LONGEST_WORK_SECONDS = 24 * 3600


def serve_until_stopped(
    system: System | Service,
    listener: socket.socket,
    *,
    echo: Echo,
    when_ready: Callable[[], None] = lambda: None,
    trusted_proxies: str = LOOPBACK,
) -> None:
    """Serve one service or all three on a reserved address until SIGTERM or SIGINT.

    Args:
        when_ready: called once the pages are built, so that what it starts does not slow their building down.
        trusted_proxies: addresses of proxies, with commas; from others `X-Forwarded-*` is ignored.

    Raises:
        EngineDead: the engine in this process died.
    """
    from services.boot.pages import build_app  # noqa: PLC0415 -- loads every page

    die_of_fatal_signals()
    app = build_app(system)
    server = uvicorn.Server(_config(app, trusted_proxies))
    # Streams of changes end at once, or stopping would wait for whoever has a page open.
    app.state.stopping = lambda: server.should_exit

    def stop(*_: object) -> None:
        server.should_exit = True

    # A signal may come before uvicorn listens to signals, and uvicorn raises it again once it has stopped: both times
    # streams and stores close after it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    listener.listen(BACKLOG)
    host, port = listener.getsockname()[:2]
    echo(f"liencap: ready on http://{host}:{port}/ (Ctrl-C stops)")
    for line in system.where_to_look(f"http://{host}:{port}"):
        echo(line)
    # Beside the first pages; whoever acts within this second waits for it, as without it.
    threading.Thread(target=warm_up, name="warm up", daemon=True).start()
    when_ready()
    with watching(system.parts.warehouse, stop):
        server.run(sockets=[listener])
        echo("liencap: stopping")


def work_until_stopped(system: System | Worker, *, once: bool, echo: Echo) -> None:
    """Run the streams until a signal arrives or, with `once`, until every record is finished.

    Raises:
        EngineDead: the engine in this process died.
    """
    stopped = threading.Event()
    die_of_fatal_signals()
    with watching(system.warehouse, stopped.set):
        _work(system, stopped, once=once, echo=echo)


def _work(system: System | Worker, stopped: threading.Event, *, once: bool, echo: Echo) -> None:
    if once:
        done = settle(system.runtime, LONGEST_WORK_SECONDS)
        echo(
            "liencap: nothing left to do"
            if done
            else "liencap: more is left than a day's work; start it again"
        )
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    echo("liencap: streams are running (Ctrl-C stops)")
    stopped.wait()
    echo("liencap: stopping")


@contextmanager
def answering_operators(worker: Worker, listener: socket.socket | None) -> Iterator[None]:
    """Serve /healthz, /readyz and /metrics beside the streams, if an address is reserved."""
    if listener is None:
        yield
        return
    listener.listen(BACKLOG)
    server = uvicorn.Server(_config(build_operations(worker), LOOPBACK))
    # In a thread of its own the server leaves the signals to the worker.
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="operations", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(GRACE_SECONDS)


def _config(app: FastAPI, trusted_proxies: str) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=open_door(trusted_proxies).protocol(),
        # Another protocol on the connection would not be counted.
        ws="none",
        forwarded_allow_ips=trusted_proxies,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
        date_header=True,
    )


def reserve(host: str, port: int) -> socket.socket:
    """Bind an address before any slow start-up; nobody can connect until it is served.

    Raises:
        SetupError: the address is in use, or is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SetupError(
            f"cannot listen on {host}:{port} ({error.strerror}); choose another port with --port"
        ) from None
    return listener
