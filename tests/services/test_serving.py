"""A service that is told to stop right after the line that says it is ready."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

import httpx2
import pytest

from services.boot.serving import reserve, serve_until_stopped
from services.boot.system import Service
from tests.services.world import World

PATIENCE = 60.0
STOPS = (signal.SIGTERM, signal.SIGINT)
GOES_ON = 5
"""Answers one after another of a service that has not stopped."""


@pytest.fixture
def unheard() -> Iterator[list[int]]:
    """Collect the signals that the service does not listen to; the handlers of the tests come back at the end."""
    heard: list[int] = []
    before = {number: signal.signal(number, lambda got, _: heard.append(got)) for number in STOPS}
    yield heard
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("stop", STOPS)
def test_a_signal_right_after_ready_stops_the_service(
    stop: signal.Signals, shared_world: World, unheard: list[int]
) -> None:
    listener = reserve("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/healthz"
    answers: list[int] = []

    def ask() -> None:
        with contextlib.suppress(httpx2.HTTPError), httpx2.Client(timeout=PATIENCE) as client:
            while len(answers) < GOES_ON:
                answers.append(client.get(address).status_code)
            signal.raise_signal(stop)  # it goes on: stop it, so that the test ends

    asker = threading.Thread(target=ask)

    def say(line: str) -> None:
        if "readyz" in line:
            signal.raise_signal(stop)
            asker.start()

    serve_until_stopped(Service(shared_world.parts, "commune"), listener, echo=say)
    listener.close()
    asker.join(PATIENCE)
    assert len(answers) < GOES_ON
    assert unheard == []
